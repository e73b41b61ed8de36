"""Sets of documents as sorted lists: union, intersection, difference, and words that stand near each other.

A list of documents is uint32, strictly ascending; its scores, where it has any, are float64 of the same length. Many
lists at once lie one after another, list i at [offsets[i], offsets[i + 1]). Scores of a document are added in the order
of the lists.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from searchkit.kernels.dispatch import F64, I64, U32, F64Array, I64Array, U32Array, kernel


@kernel(U32, U32)
def common(one: U32Array, other: U32Array) -> tuple[I64Array, I64Array]:
    """Where the documents that two lists share stand in the one and in the other."""
    if len(one) > len(other):
        there, here = common(other, one)
        return here, there
    place = np.searchsorted(other, one)
    place[place == len(other)] = 0
    here = np.flatnonzero(other[place] == one) if len(other) else np.zeros(0, np.int64)
    return here, place[here]


@kernel(U32, U32)
def difference(one: U32Array, other: U32Array) -> I64Array:
    """Where the documents of the one list that the other does not have stand in the one."""
    return np.flatnonzero(~np.isin(one, other, assume_unique=True))


@kernel(U32, F64, I64)
def union(docs: U32Array, scores: F64Array, offsets: I64Array) -> tuple[U32Array, F64Array]:
    """The documents of any of many lists, and the sums of their scores."""
    every, place = np.unique(docs[offsets[0] : offsets[-1]], return_inverse=True)
    return every, np.bincount(place, scores[offsets[0] : offsets[-1]], len(every)).astype(np.float64)


@kernel(U32, F64, I64)
def intersection(docs: U32Array, scores: F64Array, offsets: I64Array) -> tuple[U32Array, F64Array]:
    """The documents that all of many lists have, and the sums of their scores; none where there is no list."""
    every, place, lists = np.unique(docs[offsets[0] : offsets[-1]], return_inverse=True, return_counts=True)
    sums = np.bincount(place, scores[offsets[0] : offsets[-1]], len(every))
    shared = lists == len(offsets) - 1
    return every[shared], sums[shared].astype(np.float64)


@kernel(U32, I64, I64, U32, I64, I64, int)
def near(
    ends: U32Array,
    end_offsets: I64Array,
    end_rows: I64Array,
    positions: U32Array,
    position_offsets: I64Array,
    position_rows: I64Array,
    slop: int,
) -> tuple[U32Array, I64Array]:
    """The positions of a word that come at most `slop` after the end of what goes before it.

    Pair i sets the ends [end_offsets[r], end_offsets[r + 1]) of row r = end_rows[i] against the positions of the row
    position_rows[i]; both ascend. The positions kept of pair i are [offsets[i], offsets[i + 1]) of the result. A
    distance of 1 is the next word; the word before, or the same place, is never near.
    """

    def pairs(values: U32Array, offsets: I64Array, rows: I64Array) -> tuple[I64Array, I64Array]:
        sizes = offsets[rows + 1] - offsets[rows]
        pair = np.repeat(np.arange(len(rows)), sizes)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return pair, values[offsets[rows[pair]] + within].astype(np.int64)

    (before, end), (pair, position) = (
        pairs(ends, end_offsets, end_rows),
        pairs(positions, position_offsets, position_rows),
    )
    nearest = np.searchsorted((before << 32) + end, (pair << 32) + position) - 1
    found = nearest >= 0
    found[found] = before[nearest[found]] == pair[found]
    found[found] = position[found] - end[nearest[found]] <= slop
    offsets = np.searchsorted(pair[found], np.arange(len(end_rows) + 1))
    return position[found].astype(np.uint32), offsets.astype(np.int64)


def phrase(positions: Sequence[U32Array], offsets: Sequence[I64Array], slop: int) -> I64Array:
    """The documents where words stand one after another, each at most `slop` after the one before it (1: no gap).

    Word i stands in document d at positions[i][offsets[i][d]:offsets[i][d + 1]]. The distance is meant pair by pair, in
    order, as in Whoosh's SpanNear2.
    """
    ends, end_offsets = positions[0], offsets[0]
    rows = np.arange(len(end_offsets) - 1)
    for word in range(1, len(positions)):
        if not len(ends):
            break
        ends, end_offsets = near(ends, end_offsets, rows, positions[word], offsets[word], rows, slop)
    return np.flatnonzero(np.diff(end_offsets))
