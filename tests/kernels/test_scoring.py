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
    docs = np.arange(0, 2 * len(hits), 2, dtype=np.uint32)
    ties = np.array([tie for _, tie in hits for _ in range(2)], np.uint32)
    best = both(scoring.top_k, scores, docs, ties, k)
    assert best.tolist() == sorted(range(len(hits)), key=lambda i: (-hits[i][0], hits[i][1], i))[: max(k, 0)]
    first = both(scoring.first_k, docs, ties, k)
    assert first.tolist() == sorted(range(len(hits)), key=lambda i: (hits[i][1], i))[: max(k, 0)]


@given(HITS, st.integers(-1, 70))
def test_the_least_by_several_keys_asks_a_key_only_for_what_is_open(hits, k):
    asked = []

    def key(part):
        def values(places):
            asked.append((part, len(places)))
            return np.array([hits[place][part] for place in places.tolist()], np.float64)

        return values

    found = scoring.least([key(0), key(1)], len(hits), k)
    assert found.tolist() == sorted(range(len(hits)), key=lambda i: (*hits[i], i))[: max(k, 0)]
    equals = max((sum(hit[0] == score for hit in hits) for score in {hit[0] for hit in hits}), default=0)
    assert all(many <= max(equals, k) for part, many in asked if part == 1)


def test_the_first_of_many_equals(both):
    ties = np.array([1, 1, 0, 0], np.uint32)
    assert both(scoring.first_k, np.arange(4, dtype=np.uint32), ties, 1).tolist() == [2]
    assert both(scoring.first_k, np.arange(4, dtype=np.uint32), ties, 3).tolist() == [2, 3, 0]


def norms(average, k1, b):
    return k1 * ((1 - b) + b * np.arange(10_001) / average)


def test_bm25_by_hand(both):
    freqs, docs, lengths = np.array([2, 1], np.uint32), np.array([2, 0], np.uint32), np.array([0, 7, 10], np.uint16)
    scores = both(scoring.bm25, freqs, docs, lengths, norms(5.0, 1.5, 0.75), 3.0)
    # 2 x 2.5 over 2 + 1.5 (.25 + .75 x 10 / 5), and 2.5 over 1 + 1.5 x .25; both times 3
    assert scores.tolist() == pytest.approx([3 * 5 / 4.625, 3 * 2.5 / 1.375], rel=1e-15)


@given(
    st.lists(st.tuples(st.integers(1, 2**32 - 1), st.integers(0, 10_000)), max_size=30),
    st.floats(0.01, 20),
    st.sampled_from([np.uint16, np.uint32]),
)
def test_bm25_is_the_same_in_both(both, drawn, idf, dtype):
    freqs, lengths = np.array([f for f, _ in drawn], np.uint32), np.array([n for _, n in drawn], dtype)
    both(scoring.bm25, freqs, np.arange(len(freqs), dtype=np.uint32), lengths, norms(63.7, 1.5, 0.75), idf)
