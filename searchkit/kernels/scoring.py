"""Scores of postings, and the best of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from searchkit.kernels.dispatch import F64, NARROW, U32, F64Array, I64Array, U16Array, U32Array, kernel

#: How soon more occurrences of a word stop to count.
K1: Final = 1.5


@kernel(U32, U32, NARROW, F64, float)
def bm25(freqs: U32Array, docs: U32Array, lengths: U16Array | U32Array, norms: F64Array, weight: float) -> F64Array:
    """BM25 of a term in documents, given how often each has it; `weight` is what it comes to at its most.

    `lengths` are those of all documents, `norms[length]` is k1 * ((1 - b) + b * length / average length). The formula,
    and the order of its operations, are those of Whoosh's BM25F of one field (Robertson and Zaragoza, The Probabilistic
    Relevance Framework, 2009): idf * (freq * (k1 + 1) / (freq + norm)).
    """
    many = freqs.astype(np.float64)
    return weight * ((many * (K1 + 1)) / (many + norms[lengths[docs]]))


@kernel(F64, U32, U32, int)
def top_k(scores: F64Array, docs: U32Array, ties: U32Array, k: int) -> I64Array:
    """Where the k best scores stand, best first; equal scores in ascending order of ties[document]."""
    if k <= 0:
        return np.zeros(0, np.int64)
    places = np.arange(len(scores))
    if k < len(scores):
        places = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    order = np.lexsort((places, ties[docs[places]], -scores[places]))
    return places[order[:k]]


@kernel(U32, U32, int)
def first_k(docs: U32Array, ties: U32Array, k: int) -> I64Array:
    """Where the documents stand that come first among equals: the k of the least `ties[document]`, in that order."""
    if k <= 0:
        return np.zeros(0, np.int64)
    places = np.arange(len(docs))
    keys = ties[docs].astype(np.int64) * len(docs) + places  # all different: a partition takes any of its equals
    if k < len(docs):
        places = np.argpartition(keys, k)[:k]
    return places[np.argsort(keys[places])]


def least(keys: Sequence[Callable[[I64Array], npt.NDArray[Any]]], count: int, k: int) -> I64Array:
    """Where the k least of `count` things stand, in order, by several keys, the weightiest first.

    A key is a function of places, and asked of those places only where all keys before it leave the matter open.
    """
    places, left = np.arange(count), max(min(k, count), 0)
    chosen = [places[:0]]
    for key in keys:
        if not 0 < left < len(places):
            break
        values = key(places)
        last = np.partition(values, left - 1)[left - 1]
        before = places[values < last]
        chosen.append(before)
        left -= len(before)
        places = places[values == last]
    found = np.concatenate([*chosen, places[:left]])
    return found[np.lexsort([key(found) for key in reversed(keys)])]
