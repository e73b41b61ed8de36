"""Scores of postings, and the best of them."""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import F64, I32, I64, U32, F64Array, I32Array, I64Array, U32Array, kernel


@kernel(U32, I32, float, float, float, float)
def bm25(freqs: U32Array, lengths: I32Array, idf: float, average_length: float, k1: float, b: float) -> F64Array:
    """BM25 of a term in documents, given how often each has it and how long each is.

    The formula, and the order of its operations, are those of Whoosh's BM25F of one field (Robertson and Zaragoza,
    The Probabilistic Relevance Framework, 2009).
    """
    weight = freqs.astype(np.float64)
    return idf * ((weight * (k1 + 1)) / (weight + k1 * ((1 - b) + b * lengths / average_length)))


@kernel(F64, I64, int)
def top_k(scores: F64Array, ties: I64Array, k: int) -> I64Array:
    """Where the k best scores stand, best first; equal scores in ascending order of `ties`, then as they stand."""
    if k <= 0:
        return np.zeros(0, np.int64)
    candidates = contenders(scores, k)
    order = np.lexsort((candidates, ties[candidates], -scores[candidates]))
    return candidates[order[:k]]


@kernel(F64, int)
def contenders(scores: F64Array, k: int) -> I64Array:
    """Where the scores stand that are not below the k best: those of which `top_k` has to know the ties."""
    if k >= len(scores):
        return np.arange(len(scores))
    if k <= 0:
        return np.zeros(0, np.int64)
    return np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
