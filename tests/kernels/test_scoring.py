"""Scores and ranks."""

from __future__ import annotations

import numpy as np
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


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 5)), max_size=60), st.integers(-1, 70))
def test_the_largest_counts_come_first(both, values, k):
    counts = np.array([count for count, _, _ in values], np.uint32)
    hidden = np.array([is_hidden for _, is_hidden, _ in values], np.bool_)
    ties = np.array([tie * 100 + place for place, (_, _, tie) in enumerate(values)], np.uint32)
    known = [i for i in range(len(values)) if counts[i] and not hidden[i]]
    largest, distinct = both(scoring.most, counts, hidden, ties, k)
    assert largest.tolist() == sorted(known, key=lambda i: (-values[i][0], ties[i]))[: max(k, 0)]
    assert distinct == len(known)
