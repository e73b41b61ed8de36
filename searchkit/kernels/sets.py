"""Sets of documents as sorted lists: what is common, union, difference, and words that stand near each other.

A list of documents is uint32, strictly ascending; its scores, where it has any, are float64 of the same length. Many
lists at once lie one after another, list i at [offsets[i], offsets[i + 1]). Scores of a document are added in the order
of the lists.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from searchkit.kernels.dispatch import F64, I64, U8, U32, F64Array, I64Array, U8Array, U32Array, kernel

T = TypeVar("T", bound=np.generic)


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
    """The documents of any of many lists, and the sums of their scores, which are finite."""
    every, place = np.unique(docs[offsets[0] : offsets[-1]], return_inverse=True)
    return every, np.bincount(place, scores[offsets[0] : offsets[-1]], len(every)).astype(np.float64)


@kernel(U32, U8)
def having(docs: U32Array, bits: U8Array) -> U32Array:
    """The documents whose bit is set, in the order of `np.packbits`."""
    marks = np.unpackbits(bits).view(np.bool_)
    return docs[marks[docs]]


@kernel(I64, I64, int)
def near(ends: I64Array, occurrences: I64Array, slop: int) -> I64Array:
    """The occurrences of a word that come at most `slop` after an end of what goes before it.

    Both are as `coding.occurrences` gives them, of the same documents. A distance of 1 is the next word; the word
    before, or the same place, is never near. Word after word, this is Whoosh's SpanNear2 in order.
    """
    nearest = np.searchsorted(ends, occurrences) - 1
    found = nearest >= 0
    found[found] = occurrences[found] - ends[nearest[found]] <= slop
    return occurrences[found]


def documents(occurrences: I64Array) -> I64Array:
    """The numbers of the documents that have any of these occurrences, ascending."""
    return _without_repetition(occurrences >> 32)


def distinct(numbers: npt.NDArray[T]) -> npt.NDArray[T]:
    """The different numbers, ascending. `numpy.unique` hashes them, which is slow where they nearly lie in order."""
    return _without_repetition(np.sort(numbers, kind="stable"))


def _without_repetition(ordered: npt.NDArray[T]) -> npt.NDArray[T]:
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
