"""Compiled twin of `searchkit.kernels.sets`: merges and galloping; unions through a window of documents."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import F64Array, I64Array, U8Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner

# Documents that a union looks at together: their sums and marks stay in the second-level cache.
_WINDOW = 1 << 14
# One list has to be so many times longer than another for galloping to be quicker than a merge.
_GALLOP = 16
# Beyond every document.
_NONE = 1 << 40


@inner
def _reach(docs: U32Array, low: int, high: int, wanted: int) -> int:
    """The first place in [low, high) whose document is not below the wanted one: doubling steps, then a bisection."""
    step, at = 1, low
    while at < high and int(docs[at]) < wanted:
        low = at + 1
        at += step
        step *= 2
    high = min(at, high)
    while low < high:
        middle = (low + high) >> 1
        if int(docs[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _gallop(short: U32Array, long: U32Array, here: I64Array, there: I64Array) -> int:
    """`_common` where one list is much the longer."""
    found = j = 0
    for i in range(len(short)):
        wanted = int(short[i])
        j = _reach(long, j, len(long), wanted)
        if j == len(long):
            break
        if int(long[j]) == wanted:
            here[found], there[found] = i, j
            found += 1
    return found


@inner
def _merged(
    short: U32Array, i: int, end: int, long: U32Array, j: int, stop: int, here: I64Array, there: I64Array, found: int
) -> int:
    """`_common` of the rest of a half, [i, end) and [j, stop), written from `found` on; says where it ends."""
    while i < end and j < stop:
        a, b = short[i], long[j]
        here[found], there[found] = i, j
        found += int(a == b)
        i += int(a <= b)
        j += int(b <= a)
    return found


@inner
def _common(short: U32Array, long: U32Array, here: I64Array, there: I64Array) -> int:
    """Write where shared documents stand in the shorter list and in the longer; say how many there are."""
    if len(short) * _GALLOP < len(long):
        return _gallop(short, long, here, there)
    # Two merges at the same time, of the halves below and above a document: each step of one waits for the step before
    # it, and meanwhile the other's is done. No branch on the data: which list goes on is as good as random.
    i, j, k = 0, 0, len(short) >> 1
    m = _reach(long, 0, len(long), int(short[k])) if k < len(short) else 0
    middle, half = k, m
    found, later = 0, k
    while i < middle and j < half and k < len(short) and m < len(long):
        a, b, c, d = short[i], long[j], short[k], long[m]
        here[found], there[found], here[later], there[later] = i, j, k, m
        found += int(a == b)
        i += int(a <= b)
        j += int(b <= a)
        later += int(c == d)
        k += int(c <= d)
        m += int(d <= c)
    found = _merged(short, i, middle, long, j, half, here, there, found)
    later = _merged(short, k, len(short), long, m, len(long), here, there, later)
    for place in range(middle, later):
        here[found], there[found] = here[place], there[place]
        found += 1
    return found


@compile_kernel
def common(one: U32Array, other: U32Array) -> tuple[I64Array, I64Array]:
    size = min(len(one), len(other)) + 1  # the merge writes ahead of what it has found
    here, there = np.empty(size, np.int64), np.empty(size, np.int64)
    if len(one) <= len(other):
        found = _common(one, other, here, there)
        return here[:found], there[:found]
    found = _common(other, one, here, there)
    return there[:found], here[:found]


@inner
def _left(one: U32Array, i: int, end: int, other: U32Array, j: int, stop: int, left: I64Array, kept: int) -> int:
    """`difference` of the rest of a half, [i, end) and [j, stop), written from `kept` on; says where it ends."""
    while i < end:
        a, b = int(one[i]), int(other[j]) if j < stop else _NONE
        left[kept] = i
        kept += int(a < b)
        i += int(a <= b)
        j += int(b <= a)
    return kept


@compile_kernel
def difference(one: U32Array, other: U32Array) -> I64Array:
    left = np.empty(len(one) + 1, np.int64)  # the merge writes ahead of what it has kept
    kept = i = j = 0
    if len(one) * _GALLOP < len(other):
        while i < len(one):
            j = _reach(other, j, len(other), int(one[i]))
            left[kept] = i
            kept += int(j == len(other) or one[i] != other[j])
            i += 1
        return left[:kept]
    # Two merges at the same time, as in `_common`.
    k = len(one) >> 1
    m = _reach(other, 0, len(other), int(one[k])) if k < len(one) else 0
    middle, half, later = k, m, k
    while i < middle and j < half and k < len(one) and m < len(other):
        a, b, c, d = one[i], other[j], one[k], other[m]
        left[kept], left[later] = i, k
        kept += int(a < b)
        i += int(a <= b)
        j += int(b <= a)
        later += int(c < d)
        k += int(c <= d)
        m += int(d <= c)
    kept = _left(one, i, middle, other, j, half, left, kept)
    later = _left(one, k, len(one), other, m, len(other), left, later)
    for place in range(middle, later):
        left[kept] = left[place]
        kept += 1
    return left[:kept]


@inner
def _merge(
    docs: U32Array, scores: F64Array, low: int, middle: int, high: int, every: U32Array, sums: F64Array, start: int
) -> int:
    """Write the union of the lists [low, middle) and [middle, high) to `every` and `sums` from `start` on.

    Says where it ends.
    """
    i, j, at, one = np.uint64(low), np.uint64(middle), np.uint64(start), np.uint64(1)
    while i < np.uint64(middle) and j < np.uint64(high):
        a, b = docs[i], docs[j]
        # No branch on the data, as in `_common`; scores are finite.
        mine, other = int(a <= b), int(b <= a)
        every[at] = min(a, b)
        sums[at] = scores[i] * mine + scores[j] * other
        at += one
        i += np.uint64(mine)
        j += np.uint64(other)
    for p in range(i, np.uint64(middle)):
        every[at], sums[at] = docs[p], scores[p]
        at += one
    for p in range(j, np.uint64(high)):
        every[at], sums[at] = docs[p], scores[p]
        at += one
    return int(np.int64(at))


@inner
def _merge_all(docs: U32Array, scores: F64Array, offsets: I64Array) -> tuple[U32Array, F64Array]:
    """Unite neighbours, then neighbours of those, until one list is left."""
    ends = offsets.copy()
    lists = len(ends) - 1
    while lists > 1:
        every, sums = np.empty(ends[lists] - ends[0], np.uint32), np.empty(ends[lists] - ends[0], np.float64)
        at = united = 0
        low = ends[0]
        ends[0] = 0
        for pair in range(0, lists, 2):
            middle, high = ends[pair + 1], ends[min(pair + 2, lists)]
            at = _merge(docs, scores, low, middle, high, every, sums, at)
            low = high
            united += 1
            ends[united] = at
        docs, scores, lists = every[:at], sums[:at], united
    return docs[ends[0] : ends[lists]], scores[ends[0] : ends[lists]]


@inner
def _through_window(docs: U32Array, scores: F64Array, offsets: I64Array) -> tuple[U32Array, F64Array]:
    """Add the lists up in a window of documents that moves along them."""
    total = offsets[-1] - offsets[0]
    every, sums = np.empty(total + 1, np.uint32), np.empty(total + 1, np.float64)
    cursor = offsets[:-1].copy()
    window, marked = np.zeros(_WINDOW, np.float64), np.zeros(_WINDOW, np.uint8)
    found = 0
    while True:
        low, last = _NONE, 0
        for i in range(len(cursor)):
            if cursor[i] < offsets[i + 1]:
                low = min(low, int(docs[cursor[i]]))
        if low == _NONE:
            return every[:found], sums[:found]
        for i in range(len(cursor)):
            at = cursor[i]
            while at < offsets[i + 1] and int(docs[at]) < low + _WINDOW:
                place = int(docs[at]) - low
                window[place] += scores[at]
                marked[place] = 1
                last = max(last, place)
                at += 1
            cursor[i] = at
        for place in range(last + 1):
            every[found], sums[found] = low + place, window[place]
            found += int(marked[place])
            marked[place], window[place] = 0, 0.0


@compile_kernel
def union(docs: U32Array, scores: F64Array, offsets: I64Array) -> tuple[U32Array, F64Array]:
    span, total, rounds = 0, offsets[-1] - offsets[0], 0
    for i in range(len(offsets) - 1):
        rounds += int(1 << rounds < len(offsets) - 1)
        if offsets[i] < offsets[i + 1]:
            span = max(span, int(docs[offsets[i + 1] - 1]))
    # A window goes through all documents, and once; merging goes through the lists alone, but round after round.
    # Measured: a round takes as long as two documents of the window, and so does adding to it.
    if 2 * (rounds - 1) * total > span:
        return _through_window(docs, scores, offsets)
    return _merge_all(docs, scores, offsets)


@compile_kernel
def having(docs: U32Array, bits: U8Array) -> U32Array:
    kept = np.empty(len(docs) + 1, np.uint32)
    found = 0
    for i in range(len(docs)):
        doc = int(docs[i])
        kept[found] = doc
        found += (int(bits[doc >> 3]) >> (7 - (doc & 7))) & 1
    return kept[:found]


@inner
def _lower(numbers: I64Array, wanted: int) -> int:
    """The first place of a number that is not below the wanted one."""
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) >> 1
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _near(
    ends: I64Array, i: np.uint64, end: np.uint64, occurrences: I64Array, j: np.uint64, stop: np.uint64,
    nearest: np.int64, slop: int, kept: I64Array, found: np.uint64,
) -> np.uint64:  # fmt: skip
    """Write those of the occurrences [j, stop) that are near to `kept` from `found` on; say where they end."""
    while i < end and j < stop:
        at, here = ends[i], occurrences[j]
        before = int(at < here)  # no branch on the data, as in `_common`
        kept[found] = here
        found += np.uint64((1 - before) & int(here - nearest <= slop))
        nearest += (at - nearest) * before
        i += np.uint64(before)
        j += np.uint64(1 - before)
    while j < stop and occurrences[j] - nearest <= slop:
        kept[found] = occurrences[j]
        found += np.uint64(1)
        j += np.uint64(1)
    return found


# Places are unsigned here, or each would be asked whether it counts from the end.


@compile_kernel
def near(ends: I64Array, occurrences: I64Array, slop: int) -> I64Array:
    kept = np.empty(len(occurrences) + 1, np.int64)  # the merge writes ahead of what it has kept
    # Two merges at the same time, as in `_common`, of the occurrences in either half.
    count, size, none = np.uint64(len(ends)), np.uint64(len(occurrences)), np.int64(-_NONE)
    i, j, found = np.uint64(0), np.uint64(0), np.uint64(0)
    half = m = later = np.uint64(len(occurrences) >> 1)
    k = middle = np.uint64(_lower(ends, occurrences[half]) if half < size else 0)
    nearest, last = none, ends[k - np.uint64(1)] if k else none
    while i < middle and j < half and k < count and m < size:
        at, here, beyond, there = ends[i], occurrences[j], ends[k], occurrences[m]
        before, past = int(at < here), int(beyond < there)
        kept[found], kept[later] = here, there
        found += np.uint64((1 - before) & int(here - nearest <= slop))
        later += np.uint64((1 - past) & int(there - last <= slop))
        nearest += (at - nearest) * before
        last += (beyond - last) * past
        i += np.uint64(before)
        j += np.uint64(1 - before)
        k += np.uint64(past)
        m += np.uint64(1 - past)
    found = _near(ends, i, middle, occurrences, j, half, nearest, slop, kept, found)
    later = _near(ends, k, count, occurrences, m, size, last, slop, kept, later)
    for place in range(half, later):
        kept[found] = kept[place]
        found += np.uint64(1)
    return kept[: int(found)]
