"""Compiled twin of `searchkit.kernels.counts`: one pass over the rows, four ordinals at a step."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I64Array, U8Array, U32Array, U64Array
from searchkit.kernels.jit import compile_kernel, inner

_EXCLUDED = 1 << 62
_GROUP = 4
_PADS = 64


@compile_kernel
def _judge(offsets: U32Array, ordinals: U32Array, masks: U64Array, soft: int, hard: int) -> U8Array:
    verdicts = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(verdicts)):
        bits = 0
        for entry in range(int(offsets[row]) * _GROUP, int(offsets[row + 1]) * _GROUP):
            bits |= int(masks[ordinals[entry]])
        missing = soft & ~bits
        # Two selections failed, or one that is never forgiven.
        if missing & (missing - 1) or bits & _EXCLUDED or bits & hard != hard:
            continue
        verdict = 1
        while missing:
            verdict += 1
            missing >>= 1
        verdicts[row] = verdict
    return verdicts


@inner
def _add(counts: U32Array, shift: int, ordinals: U32Array, low: int, high: int) -> None:
    """Count the ordinals of the groups [low, high), each `shift` counters further up."""
    one = np.uint32(1)
    for group in range(low, high):
        at = group * _GROUP
        counts[shift + int(ordinals[at])] += one
        counts[shift + int(ordinals[at + 1])] += one
        counts[shift + int(ordinals[at + 2])] += one
        counts[shift + int(ordinals[at + 3])] += one


@compile_kernel
def count(rows: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    counts = np.zeros(values + _PADS, np.uint32)
    for i in range(len(rows)):
        row = int(rows[i])
        _add(counts, 0, ordinals, int(offsets[row]), int(offsets[row + 1]))
    return counts[:values].astype(np.int64)


@compile_kernel
def count_judged(
    rows: U32Array, verdicts: U8Array, offsets: U32Array, ordinals: U32Array, values: int, outcomes: int
) -> tuple[I64Array, I64Array]:
    stride = values + _PADS
    counts = np.zeros(outcomes * stride, np.uint32)
    kept = np.empty(len(rows) + 1, np.int64)  # it is written ahead of what has been kept
    found = 0
    for i in range(len(rows)):
        row = int(rows[i])
        verdict = int(verdicts[row])
        kept[found] = i
        found += int(verdict == 1)
        if verdict:
            _add(counts, (verdict - 1) * stride, ordinals, int(offsets[row]), int(offsets[row + 1]))
    result = np.empty(outcomes * values, np.int64)
    for outcome in range(outcomes):
        result[outcome * values : (outcome + 1) * values] = counts[outcome * stride : outcome * stride + values]
    return kept[:found], result


@compile_kernel
def _combine(offsets: U32Array, ordinals: U32Array, bases: I64Array) -> tuple[U32Array, U32Array]:
    columns = len(bases) - 1
    rows = len(offsets) // columns - 1
    groups = np.zeros(rows + 1, np.uint32)
    starts = np.zeros(columns, np.int64)  # where each column's ordinals begin
    for column in range(1, columns):
        starts[column] = starts[column - 1] + int(offsets[column * (rows + 1) - 1])
    total = 0
    for row in range(rows):
        taken = 0
        for column in range(columns):
            at = column * (rows + 1) + row
            taken += int(offsets[at + 1]) - int(offsets[at])
        total += (taken + _GROUP - 1) // _GROUP
        groups[row + 1] = total
    filled = np.empty(total * _GROUP, np.uint32)
    for row in range(rows):
        to = int(groups[row]) * _GROUP
        for column in range(columns):
            at = column * (rows + 1) + row
            for entry in range(int(offsets[at]), int(offsets[at + 1])):
                filled[to] = int(ordinals[starts[column] + entry]) + bases[column]
                to += 1
        for pad in range(to, int(groups[row + 1]) * _GROUP):
            filled[pad] = bases[-1] + pad % _PADS
    return groups, filled
