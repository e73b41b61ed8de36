"""Compiled twin of `searchkit.kernels.counts`: one pass over the rows, four ordinals at a step."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.counts import Ordinals
from searchkit.kernels.dispatch import I64Array, U8Array, U32Array, U64Array
from searchkit.kernels.jit import AHEAD, compile_kernel, inner, prefetch

_EXCLUDED = 1 << 62
_GROUP = 4
_PADS = 64


@compile_kernel
def _judge(near: Ordinals, far: Ordinals, width: int, masks: U64Array, soft: int, hard: int) -> U8Array:
    verdicts = np.zeros(len(near) // width, np.uint8)
    more = len(masks)
    for row in range(len(verdicts)):
        at, bits = row * width, 0
        if int(near[at]) == more:
            low = int(near[at + 2]) | int(near[at + 3]) << 16
            for entry in range(low * _GROUP, (low + int(near[at + 1])) * _GROUP):
                bits |= int(masks[int(far[entry])])
        else:
            for entry in range(at, at + width):
                bits |= int(masks[int(near[entry])])
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
def _add(counts: U32Array, shift: int, ordinals: Ordinals, at: int) -> None:
    """Count a group of ordinals, each `shift` counters further up."""
    one = np.uint32(1)
    counts[shift + int(ordinals[at])] += one
    counts[shift + int(ordinals[at + 1])] += one
    counts[shift + int(ordinals[at + 2])] += one
    counts[shift + int(ordinals[at + 3])] += one


# Both loops below are written out, and know the two usual widths: anything else is several times slower.


@compile_kernel
def count(rows: U32Array, near: Ordinals, far: Ordinals, width: int, values: int) -> U32Array:
    more = values + _PADS
    counts = np.zeros(more, np.uint32)
    last = len(rows) - 1
    for i in range(len(rows)):
        prefetch(near, int(rows[min(i + AHEAD, last)]) * width)
        at = int(rows[i]) * width
        if int(near[at]) == more:
            low = int(near[at + 2]) | int(near[at + 3]) << 16
            for group in range(low, low + int(near[at + 1])):
                _add(counts, 0, far, group * _GROUP)
            continue
        _add(counts, 0, near, at)
        if width == 2 * _GROUP:
            _add(counts, 0, near, at + _GROUP)
        elif width > 2 * _GROUP:
            for group in range(_GROUP, width, _GROUP):
                _add(counts, 0, near, at + group)
    return counts[:values]


@compile_kernel
def count_judged(
    rows: U32Array, verdicts: U8Array, near: Ordinals, far: Ordinals, width: int, values: int, outcomes: int
) -> tuple[I64Array, U32Array]:
    more = values + _PADS
    counts = np.zeros(outcomes * more, np.uint32)
    kept = np.empty(len(rows) + 1, np.int64)  # it is written ahead of what has been kept
    found, last = 0, len(rows) - 1
    for i in range(len(rows)):
        prefetch(near, int(rows[min(i + AHEAD, last)]) * width)
        verdict = int(verdicts[rows[i]])
        kept[found] = i
        found += int(verdict == 1)
        if not verdict:
            continue
        at, shift = int(rows[i]) * width, (verdict - 1) * more
        if int(near[at]) == more:
            low = int(near[at + 2]) | int(near[at + 3]) << 16
            for group in range(low, low + int(near[at + 1])):
                _add(counts, shift, far, group * _GROUP)
            continue
        _add(counts, shift, near, at)
        if width == 2 * _GROUP:
            _add(counts, shift, near, at + _GROUP)
        elif width > 2 * _GROUP:
            for group in range(_GROUP, width, _GROUP):
                _add(counts, shift, near, at + group)
    for outcome in range(outcomes):
        counts[outcome * more + values : (outcome + 1) * more] = 0
    return kept[:found], counts


@inner
def _taken(offsets: U32Array, columns: int, rows: int) -> I64Array:
    """How many ordinals each row has."""
    taken = np.zeros(rows, np.int64)
    for column in range(columns):
        first = column * (rows + 1)
        for row in range(rows):
            taken[row] += int(offsets[first + row + 1]) - int(offsets[first + row])
    return taken


@compile_kernel
def _combine(
    offsets: U32Array, ordinals: U32Array, bases: I64Array, rows: int, width: int
) -> tuple[U32Array, U32Array]:
    columns, taken = len(bases) - 1, _taken(offsets, len(bases) - 1, rows)
    more = bases[-1] + _PADS
    outside = np.where(taken > width, (taken + _GROUP - 1) // _GROUP, 0)
    begins = np.cumsum(outside) - outside
    near, far = np.empty(rows * width, np.uint32), np.empty(outside.sum() * _GROUP, np.uint32)
    for place in range(len(near)):
        near[place] = bases[-1] + place % _PADS
    for place in range(len(far)):
        far[place] = bases[-1] + place % _PADS
    starts = np.zeros(columns, np.int64)  # where each column's ordinals begin
    for column in range(1, columns):
        starts[column] = starts[column - 1] + int(offsets[column * (rows + 1) - 1])
    for row in range(rows):
        at, slot = begins[row] * _GROUP, row * width
        if outside[row]:
            near[slot], near[slot + 1] = more, outside[row]
            near[slot + 2], near[slot + 3] = begins[row] & 0xFFFF, begins[row] >> 16
        for column in range(columns):
            place = column * (rows + 1) + row
            for entry in range(starts[column] + int(offsets[place]), starts[column] + int(offsets[place + 1])):
                if outside[row]:
                    far[at] = int(ordinals[entry]) + bases[column]
                    at += 1
                else:
                    near[slot] = int(ordinals[entry]) + bases[column]
                    slot += 1
    return near, far
