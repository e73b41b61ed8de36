"""Compiled twin of `searchkit.kernels.counts`: one pass over the hits, each hit's ordinals in one place."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import BoolArray, I64Array, U32Array, U64Array
from searchkit.kernels.jit import compile_kernel

_EXCLUDED = 1 << 62


@compile_kernel
def having(docs: U32Array, offsets: U32Array, ordinals: U32Array, masks: U64Array, need: int) -> BoolArray:
    have = np.empty(len(docs), np.bool_)
    for i in range(len(docs)):
        document, bits = int(docs[i]), 0
        for entry in range(int(offsets[document]), int(offsets[document + 1])):
            bits |= int(masks[ordinals[entry]])
        have[i] = bits & need == need
    return have


@compile_kernel
def count(docs: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    counts = np.zeros(values, np.int64)
    for i in range(len(docs)):
        document = int(docs[i])
        for entry in range(int(offsets[document]), int(offsets[document + 1])):
            counts[ordinals[entry]] += 1
    return counts


@compile_kernel
def _combine(offsets: U32Array, ordinals: U32Array, bases: I64Array) -> tuple[U32Array, U32Array]:
    columns = len(bases) - 1
    documents = len(offsets) // columns - 1
    merged, moved = np.zeros(documents + 1, np.uint32), np.empty(len(ordinals), np.uint32)
    starts = np.zeros(columns, np.int64)  # where each column's ordinals begin
    for column in range(1, columns):
        starts[column] = starts[column - 1] + int(offsets[column * (documents + 1) - 1])
    filled = 0
    for document in range(documents):
        for column in range(columns):
            at = column * (documents + 1) + document
            for entry in range(int(offsets[at]), int(offsets[at + 1])):
                moved[filled] = int(ordinals[starts[column] + entry]) + bases[column]
                filled += 1
        merged[document + 1] = filled
    return merged, moved


@compile_kernel
def _drill(
    docs: U32Array,
    offsets: U32Array,
    ordinals: U32Array,
    bases: I64Array,
    masks: U64Array,
    soft: int,
    hard: int,
) -> tuple[I64Array, I64Array]:
    counts = np.zeros(bases[-1], np.int64)
    kept = np.empty(len(docs), np.int64)
    found = 0
    for i in range(len(docs)):
        document, bits = int(docs[i]), 0
        low, high = int(offsets[document]), int(offsets[document + 1])
        for entry in range(low, high):
            bits |= int(masks[ordinals[entry]])
        missing = soft & ~bits
        # Two selections failed, or one that is never forgiven.
        if missing & (missing - 1) or bits & _EXCLUDED or bits & hard != hard:
            continue
        if missing == 0:
            kept[found] = i
            found += 1
            for entry in range(low, high):
                counts[ordinals[entry]] += 1
        else:
            dimension = 0
            while missing >> dimension != 1:
                dimension += 1
            for entry in range(low, high):
                if bases[dimension] <= int(ordinals[entry]) < bases[dimension + 1]:
                    counts[ordinals[entry]] += 1
    return kept[:found], counts
