"""Scores and ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import scoring

HITS = st.lists(st.tuples(st.sampled_from([0.5, 1.0, 2.5, -1.0]), st.integers(0, 5)), max_size=60)


@given(HITS, st.integers(-1, 70))
def test_the_best_come_first_and_ties_in_order(both, hits, k):
    scores = np.array([score for score, _ in hits], np.float64)
    ties = np.array([tie for _, tie in hits], np.int64)
    best = both(scoring.top_k, scores, ties, k)
    order = sorted(range(len(hits)), key=lambda i: (-hits[i][0], hits[i][1], i))
    assert best.tolist() == order[: max(k, 0)]
    bar = sorted((score for score, _ in hits), reverse=True)[: max(k, 0)][-1:]
    contenders = both(scoring.contenders, scores, k)
    assert contenders.tolist() == [i for i, (score, _) in enumerate(hits) if bar and score >= bar[0]]


def test_bm25_by_hand(both):
    scores = both(scoring.bm25, np.array([2, 1], np.uint32), np.array([10, 0], np.int32), 3.0, 5.0, 1.2, 0.75)
    # 2 x 2.2 over 2 + 1.2 (.25 + .75 x 10 / 5), and 2.2 over 1 + 1.2 x .25; both times 3
    assert scores.tolist() == pytest.approx([3 * 4.4 / 4.1, 3 * 2.2 / 1.3], rel=1e-15)


@given(st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(0, 10_000)), max_size=30), st.floats(0.01, 20))
def test_bm25_is_the_same_in_both(both, drawn, idf):
    freqs, lengths = np.array([f for f, _ in drawn], np.uint32), np.array([n for _, n in drawn], np.int32)
    both(scoring.bm25, freqs, lengths, idf, 63.7, 1.2, 0.75)
