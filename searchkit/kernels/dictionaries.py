"""Sorted dictionaries of byte strings: put together, and cut out of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U8, I64Array, U8Array, kernel


class Union(NamedTuple):
    """The U distinct strings of several dictionaries, ascending.

    String i is the bytes [offsets[i], offsets[i + 1]) of `data`. `numbers` int64 has for each dictionary the number in
    the union of each of its strings.
    """

    data: U8Array
    offsets: I64Array
    numbers: list[I64Array]


def union(dictionaries: Sequence[tuple[U8Array, I64Array]]) -> Union:
    """The union of dictionaries, each ascending and without repeats: the bytes of its strings, and where they begin."""
    ends = np.cumsum([0, *(len(data) for data, _ in dictionaries)])
    sizes = [len(offsets) - 1 for _, offsets in dictionaries]
    bounds = np.cumsum([0, *sizes]).astype(np.int64)
    data = np.concatenate([np.zeros(0, np.uint8), *(data for data, _ in dictionaries)])
    begins = [offsets.astype(np.int64) + end for (_, offsets), end in zip(dictionaries, ends.tolist(), strict=False)]
    low = np.concatenate([np.zeros(0, np.int64), *(some[:-1] for some in begins)])
    high = np.concatenate([np.zeros(0, np.int64), *(some[1:] for some in begins)])
    numbers, chosen = _union(data, low, high, bounds)
    return Union(*cut(data, low, high, chosen), [numbers[a:b] for a, b in pairwise(bounds.tolist())])


def cut(data: U8Array, low: I64Array, high: I64Array, chosen: I64Array) -> tuple[U8Array, I64Array]:
    """The bytes of the chosen ones of the strings data[low[i]:high[i]], one after another, and where each begins."""
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(high[chosen] - low[chosen])])
    return _cut(data, low[chosen], offsets), offsets


@kernel(U8, I64, I64)
def order(data: U8Array, low: I64Array, high: I64Array) -> I64Array:
    """The order of the strings data[low[i]:high[i]], ascending by bytes; equal ones in the order given."""
    raw = data.tobytes()
    strings = [raw[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    return np.array(sorted(range(len(strings)), key=strings.__getitem__), np.int64)


@kernel(U8, I64, I64, I64)
def _union(data: U8Array, low: I64Array, high: I64Array, _bounds: I64Array) -> tuple[I64Array, I64Array]:
    """The number of each string in the union; and of each string of the union, the first that it was."""
    raw = data.tobytes()
    found: dict[bytes, int] = {}
    strings = [raw[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    for i, string in enumerate(strings):
        found.setdefault(string, i)
    order = sorted(found)
    place = {string: i for i, string in enumerate(order)}
    return (
        np.array([place[string] for string in strings], np.int64),
        np.array([found[string] for string in order], np.int64),
    )


@kernel(U8, I64, I64)
def _cut(data: U8Array, low: I64Array, offsets: I64Array) -> U8Array:
    sizes = np.diff(offsets)
    cut: U8Array = data[np.arange(offsets[-1]) + np.repeat(low - offsets[:-1], sizes)]
    return cut
