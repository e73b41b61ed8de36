"""Compiled twin of `searchkit.kernels.scoring`."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import F64Array, I32Array, I64Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner


@compile_kernel
def bm25(freqs: U32Array, lengths: I32Array, idf: float, average_length: float, k1: float, b: float) -> F64Array:
    scores = np.empty(len(freqs), np.float64)
    for i in range(len(freqs)):
        weight = np.float64(freqs[i])
        scores[i] = idf * (
            (weight * (k1 + 1)) / (weight + k1 * ((1 - b) + b * np.float64(lengths[i]) / average_length))
        )
    return scores


@inner
def _better(scores: F64Array, ties: I64Array, one: int, other: int) -> bool:
    if scores[one] != scores[other]:
        return bool(scores[one] > scores[other])
    if ties[one] != ties[other]:
        return bool(ties[one] < ties[other])
    return one < other


@inner
def _sink(heap: I64Array, size: int, at: int, scores: F64Array, ties: I64Array) -> None:
    """Move an entry down a heap whose top is the worst."""
    while True:
        worst, left = at, 2 * at + 1
        if left < size and _better(scores, ties, heap[worst], heap[left]):
            worst = left
        if left + 1 < size and _better(scores, ties, heap[worst], heap[left + 1]):
            worst = left + 1
        if worst == at:
            return
        heap[at], heap[worst] = heap[worst], heap[at]
        at = worst


@compile_kernel
def top_k(scores: F64Array, ties: I64Array, k: int) -> I64Array:
    size = max(0, min(k, len(scores)))
    heap = np.arange(size)
    if size == 0:
        return heap
    for at in range(size // 2 - 1, -1, -1):
        _sink(heap, size, at, scores, ties)
    bar = scores[heap[0]]
    for i in range(size, len(scores)):
        if scores[i] >= bar and _better(scores, ties, i, heap[0]):
            heap[0] = i
            _sink(heap, size, 0, scores, ties)
            bar = scores[heap[0]]
    for last in range(size - 1, 0, -1):  # the worst goes to the end, time after time
        heap[0], heap[last] = heap[last], heap[0]
        _sink(heap, last, 0, scores, ties)
    return heap


@inner
def _bar(scores: F64Array, k: int) -> float:
    """The k-th best score: the top of a heap of the k best."""
    best = scores[:k].copy()
    best.sort()  # a sorted array is a heap
    for i in range(k, len(scores)):
        if scores[i] <= best[0]:
            continue
        at, score = 0, scores[i]
        while True:
            child = 2 * at + 1
            if child + 1 < k and best[child + 1] < best[child]:
                child += 1
            if child >= k or best[child] >= score:
                break
            best[at] = best[child]
            at = child
        best[at] = score
    return float(best[0])


@compile_kernel
def contenders(scores: F64Array, k: int) -> I64Array:
    if k >= len(scores):
        return np.arange(len(scores))
    if k <= 0:
        return np.empty(0, np.int64)
    bar = _bar(scores, k)
    places = np.empty(len(scores), np.int64)
    found = 0
    for i in range(len(scores)):
        if scores[i] >= bar:
            places[found] = i
            found += 1
    return places[:found]
