"""Compiled twin of `searchkit.kernels.counts`."""

# ruff: noqa: D103 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I64Array, U8Array, U32Array, U64Array
from searchkit.kernels.jit import compile_kernel

_PASSES, _FAILS, _EXCLUDED = np.uint8(0), np.uint8(1), np.uint8(2)
_EXCLUDED_BIT = 1 << 62


@compile_kernel
def judge(docs: U32Array, offsets: U32Array, ordinals: U32Array, masks: U64Array, need: int) -> U8Array:
    verdicts = np.empty(len(docs), np.uint8)
    for i in range(len(docs)):
        document = int(docs[i])
        bits = 0
        for entry in range(int(offsets[document]), int(offsets[document + 1])):
            bits |= int(masks[ordinals[entry]])
        if bits & _EXCLUDED_BIT:
            verdicts[i] = _EXCLUDED
        elif bits & need == need:
            verdicts[i] = _PASSES
        else:
            verdicts[i] = _FAILS
    return verdicts


@compile_kernel
def count(docs: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    counts = np.zeros(values, np.int64)
    for i in range(len(docs)):
        document = int(docs[i])
        for entry in range(int(offsets[document]), int(offsets[document + 1])):
            counts[ordinals[entry]] += 1
    return counts
