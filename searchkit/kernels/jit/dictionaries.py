"""Compiled twin of `searchkit.kernels.dictionaries`: the dictionaries are walked through side by side."""

# ruff: noqa: D103 - what a kernel does is said at its public twin

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I64Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner


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
    """The first seven bytes of a string, filled up with zeros, as a number that ascends with them."""
    number = 0
    for k in range(7):
        number = number << 8 | (int(np.int64(data[low + k])) if low + k < high else 0)
    return number


@compile_kernel
def order(data: U8Array, low: I64Array, high: I64Array) -> I64Array:
    # A merge sort whose runs double; most strings are told apart by their first bytes.
    count = len(low)
    first = np.empty(count, np.int64)
    for i in range(count):
        first[i] = _first_bytes(data, low[i], high[i])
    given, sorted_ = np.arange(count), np.empty(count, np.int64)
    width = 1
    while width < count:
        for begin in range(0, count, 2 * width):
            one, other = begin, min(begin + width, count)
            one_end, other_end = other, min(begin + 2 * width, count)
            for at in range(begin, other_end):
                takes_other = one == one_end
                if one < one_end and other < other_end:
                    i, j = given[one], given[other]
                    takes_other = first[j] < first[i] or (
                        first[j] == first[i] and _compared(data, low[j], high[j], low[i], high[i]) < 0
                    )
                if takes_other:
                    sorted_[at] = given[other]
                    other += 1
                else:
                    sorted_[at] = given[one]
                    one += 1
        given, sorted_ = sorted_, given
        width *= 2
    return given


@compile_kernel
def _union(data: U8Array, low: I64Array, high: I64Array, bounds: I64Array) -> tuple[I64Array, I64Array]:
    numbers, chosen = np.empty(len(low), np.int64), np.empty(len(low), np.int64)
    at = bounds[:-1].copy()  # the next string of each dictionary
    alike = np.empty(len(at), np.int64)  # the dictionaries whose next strings are the least of all
    count = 0
    while True:
        found = 0
        for i in range(len(at)):
            if at[i] == bounds[i + 1]:
                continue
            least = at[alike[0]] if found else at[i]
            order = _compared(data, low[at[i]], high[at[i]], low[least], high[least])
            if order < 0:
                found = 0
            if order <= 0:
                alike[found] = i
                found += 1
        if not found:
            return numbers, chosen[:count].copy()
        chosen[count] = at[alike[0]]
        for k in range(found):
            numbers[at[alike[k]]] = count
            at[alike[k]] += 1
        count += 1


@compile_kernel
def _cut(data: U8Array, low: I64Array, offsets: I64Array) -> U8Array:
    cut = np.empty(offsets[-1], np.uint8)
    for i in range(len(low)):
        for k in range(offsets[i + 1] - offsets[i]):
            cut[offsets[i] + k] = data[low[i] + k]
    return cut
