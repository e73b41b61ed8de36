"""Compiled twin of `searchkit.kernels.dictionaries`: the dictionaries are walked through side by side."""

# ruff: noqa: D103 - what a kernel does is said at its public twin

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I64Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner

# Bytes by which most strings are told apart.
_FIRST = 7
# More than those of any string.
_NONE = 1 << 56


@inner
def _compared(data: U8Array, one: int, one_end: int, other: int, other_end: int) -> int:
    """Less than, equal to or greater than 0, as one string is to the other."""
    while one < one_end and other < other_end and data[one] == data[other]:
        one, other = one + 1, other + 1
    if one == one_end or other == other_end:
        return (one_end - one) - (other_end - other)
    return -1 if data[one] < data[other] else 1


@inner
def _first_bytes(data: U8Array, low: int, high: int) -> int:
    """The first bytes of a string, as many as leave a number its sign, filled up with zeros, the first one on top."""
    number, size = 0, min(high - low, _FIRST)
    if low + _FIRST > len(data):
        for k in range(size):
            number = number << 8 | int(np.int64(data[low + k]))
    else:  # LLVM makes one load of these
        for k in range(_FIRST):
            number = number << 8 | int(np.int64(data[low + k]))
        number >>= 8 * (_FIRST - size)
    return number << 8 * (_FIRST - size)


@inner
def _compared_further(data: U8Array, one: int, one_end: int, other: int, other_end: int) -> int:
    """`_compared`, of strings whose first bytes are the same: of a shorter one these are all there is."""
    if min(one_end - one, other_end - other) <= _FIRST:
        return (one_end - one) - (other_end - other)
    return _compared(data, one + _FIRST, one_end, other + _FIRST, other_end)


@inner
def _by_first_bytes(first: I64Array) -> I64Array:
    """The order of numbers, by their bytes from the last to the first; sorts `first` itself, too."""
    given, sorted_ = np.arange(len(first)), np.empty(len(first), np.int64)
    moved = np.empty(len(first), np.int64)
    for shift in range(0, 8 * _FIRST, 8):
        following = np.zeros(257, np.int64)
        for i in range(len(first)):
            following[((first[i] >> shift) & 255) + 1] += 1
        if following.max() == len(first):
            continue
        for digit in range(256):
            following[digit + 1] += following[digit]
        for i in range(len(first)):
            digit = (first[i] >> shift) & 255
            at = following[digit]
            following[digit] = at + 1
            moved[at], sorted_[at] = first[i], given[i]
        given, sorted_ = sorted_, given
        first[:] = moved
    return given


@inner
def _merge_sort(data: U8Array, low: I64Array, high: I64Array, given: I64Array, other: I64Array) -> None:
    """Put strings in order, equal ones as they came; `other` is as long, and written to."""
    count, width = len(given), 1
    while width < count:
        for begin in range(0, count, 2 * width):
            one, two = begin, min(begin + width, count)
            one_end, two_end = two, min(begin + 2 * width, count)
            for at in range(begin, two_end):
                takes_two = one == one_end
                if one < one_end and two < two_end:
                    i, j = given[one], given[two]
                    takes_two = _compared(data, low[j], high[j], low[i], high[i]) < 0
                if takes_two:
                    other[at] = given[two]
                    two += 1
                else:
                    other[at] = given[one]
                    one += 1
        given[:] = other
        width *= 2


@compile_kernel
def order(data: U8Array, low: I64Array, high: I64Array) -> I64Array:
    # Most strings are told apart by their first bytes; the runs of those that are not are sorted each by itself.
    count = len(low)
    first = np.empty(count, np.int64)
    for i in range(count):
        first[i] = _first_bytes(data, low[i], high[i])
    given = _by_first_bytes(first)
    other = np.empty(count, np.int64)
    begin = 0
    for end in range(1, count + 1):
        if end == count or first[end] != first[begin]:
            if end - begin > 1:
                _merge_sort(data, low, high, given[begin:end], other[begin:end])
            begin = end
    return given


@inner
def _first_of(data: U8Array, low: I64Array, high: I64Array, at: int, end: int) -> int:
    """The first bytes of a dictionary's next string, `_NONE` where that is its end."""
    return _first_bytes(data, low[at], high[at]) if at < end else _NONE


@compile_kernel
def _union(data: U8Array, low: I64Array, high: I64Array, bounds: I64Array) -> tuple[I64Array, I64Array]:
    numbers, chosen = np.empty(len(low), np.int64), np.empty(len(low), np.int64)
    at = bounds[:-1].copy()  # the next string of each dictionary
    first = np.empty(len(at), np.int64)
    for i in range(len(at)):
        first[i] = _first_of(data, low, high, at[i], bounds[i + 1])
    alike = np.empty(len(at), np.int64)  # the dictionaries whose next strings are the least of all
    count = 0
    while True:
        least, found = _NONE, 0
        for i in range(len(at)):
            if first[i] > least or first[i] == _NONE:
                continue
            order = -1
            if first[i] == least:
                one = at[alike[0]]
                order = _compared_further(data, low[at[i]], high[at[i]], low[one], high[one])
            if order < 0:
                least, found = first[i], 0
            if order <= 0:
                alike[found] = i
                found += 1
        if not found:
            return numbers, chosen[:count].copy()
        chosen[count] = at[alike[0]]
        for k in range(found):
            i = alike[k]
            numbers[at[i]] = count
            at[i] += 1
            first[i] = _first_of(data, low, high, at[i], bounds[i + 1])
        count += 1


@compile_kernel
def _cut(data: U8Array, low: I64Array, offsets: I64Array) -> U8Array:
    cut = np.empty(offsets[-1], np.uint8)
    for i in range(len(low)):
        for k in range(offsets[i + 1] - offsets[i]):
            cut[offsets[i] + k] = data[low[i] + k]
    return cut
