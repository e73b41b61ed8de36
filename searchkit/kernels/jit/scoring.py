"""Compiled twin of `searchkit.kernels.scoring`."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import BoolArray, F64Array, I64Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner


@inner
def _better(scores: F64Array, docs: U32Array, ties: U32Array, one: int, other: int) -> bool:
    if scores[one] != scores[other]:
        return bool(scores[one] > scores[other])
    a, b = ties[docs[one]], ties[docs[other]]
    return bool(a < b) if a != b else one < other


@inner
def _sink(heap: I64Array, size: int, at: int, scores: F64Array, docs: U32Array, ties: U32Array) -> None:
    """Move an entry down a heap whose top is the worst."""
    while True:
        worst, left = at, 2 * at + 1
        if left < size and _better(scores, docs, ties, heap[worst], heap[left]):
            worst = left
        if left + 1 < size and _better(scores, docs, ties, heap[worst], heap[left + 1]):
            worst = left + 1
        if worst == at:
            return
        heap[at], heap[worst] = heap[worst], heap[at]
        at = worst


@compile_kernel
def top_k(scores: F64Array, docs: U32Array, ties: U32Array, k: int) -> I64Array:
    size = max(0, min(k, len(scores)))
    heap = np.arange(size)
    if size == 0:
        return heap
    for at in range(size // 2 - 1, -1, -1):
        _sink(heap, size, at, scores, docs, ties)
    bar = scores[heap[0]]
    for i in range(size, len(scores)):
        if scores[i] >= bar and _better(scores, docs, ties, i, heap[0]):
            heap[0] = i
            _sink(heap, size, 0, scores, docs, ties)
            bar = scores[heap[0]]
    for last in range(size - 1, 0, -1):  # the worst goes to the end, time after time
        heap[0], heap[last] = heap[last], heap[0]
        _sink(heap, last, 0, scores, docs, ties)
    return heap


@compile_kernel
def most(counts: U32Array, hidden: BoolArray, ties: U32Array, k: int) -> tuple[I64Array, int]:
    known, scores, size = np.empty(len(counts), np.uint32), np.empty(len(counts), np.float64), 0
    for value in range(len(counts)):
        if counts[value] and not hidden[value]:
            known[size], scores[size] = value, counts[value]
            size += 1
    best = top_k(scores[:size], known[:size], ties, k)
    return known[best].astype(np.int64), size


@inner
def _rise(heap: I64Array, size: int, at: int, docs: U32Array, ties: U32Array) -> None:
    """Move an entry down a heap whose top has the largest tie, or of equals is the last."""
    while True:
        worst = at
        for child in range(2 * at + 1, min(2 * at + 3, size)):
            a, b = ties[docs[heap[child]]], ties[docs[heap[worst]]]
            if a > b or (a == b and heap[child] > heap[worst]):
                worst = child
        if worst == at:
            return
        heap[at], heap[worst] = heap[worst], heap[at]
        at = worst


@compile_kernel
def first_k(docs: U32Array, ties: U32Array, k: int) -> I64Array:
    size = max(0, min(k, len(docs)))
    heap = np.arange(size)
    if size == 0:
        return heap
    for at in range(size // 2 - 1, -1, -1):
        _rise(heap, size, at, docs, ties)
    bar = ties[docs[heap[0]]]
    for i in range(size, len(docs)):
        if ties[docs[i]] < bar:
            heap[0] = i
            _rise(heap, size, 0, docs, ties)
            bar = ties[docs[heap[0]]]
    for last in range(size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        _rise(heap, last, 0, docs, ties)
    return heap
