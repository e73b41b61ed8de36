"""Sets of documents, against Python's own sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import sets

DOCS = st.one_of(
    st.sets(st.integers(0, 40), max_size=30),
    st.sets(st.integers(0, 200_000), max_size=60),
    st.just(set(range(0, 5000, 3))),
).map(sorted)


def u32(values):
    return np.array(values, np.uint32)


@given(DOCS, DOCS)
def test_common_and_difference(both, one, other):
    here, there = both(sets.common, u32(one), u32(other))
    shared = sorted(set(one) & set(other))
    assert [one[i] for i in here] == shared
    assert [other[i] for i in there] == shared
    left = both(sets.difference, u32(one), u32(other))
    assert [one[i] for i in left] == sorted(set(one) - set(other))


@given(DOCS, DOCS)
def test_documents_whose_bit_is_set(both, docs, marked):
    marks = np.zeros(max([*docs, *marked], default=0) + 1, np.bool_)
    marks[marked] = True
    assert both(sets.having, u32(docs), np.packbits(marks)).tolist() == sorted(set(docs) & set(marked))


@given(st.lists(DOCS, max_size=5), st.randoms(use_true_random=False))
def test_union_of_many(both, lists, random):
    scored = [{doc: random.random() for doc in some} for some in lists]
    docs = u32([doc for some in lists for doc in some])
    scores = np.array([score for some in scored for score in some.values()], np.float64)
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    found, sums = both(sets.union, docs, scores, offsets, tolerance=1e-12)
    assert found.tolist() == sorted(set().union(*lists))
    for doc, total in zip(found.tolist(), sums.tolist(), strict=True):
        assert abs(total - sum(some.get(doc, 0.0) for some in scored)) < 1e-12


TEXTS = st.lists(st.text(alphabet="abc", max_size=12), max_size=12)


@given(TEXTS, st.text(alphabet="abc", min_size=1, max_size=4), st.integers(1, 4))
def test_phrases_are_those_of_the_naive_way(both, texts, words, slop):
    def near(text, ends, rest):
        if not rest or not ends:
            return bool(ends)
        places = [i for i, word in enumerate(text) if word == rest[0]]
        return near(text, {p for p in places if any(0 < p - end <= slop for end in ends)}, rest[1:])

    expected = [
        number
        for number, text in enumerate(texts)
        if near(text, {i for i, word in enumerate(text) if word == words[0]}, words[1:])
    ]
    occurrences = [
        np.array([n << 32 | i for n, text in enumerate(texts) for i, w in enumerate(text) if w == word], np.int64)
        for word in words
    ]
    ends = occurrences[0]
    for some in occurrences[1:]:
        ends = both(sets.near, ends, some, slop)
    assert sets.documents(ends).tolist() == expected


@given(st.lists(st.integers(-5, 5)))
def test_the_distinct_numbers_ascend(numbers):
    assert sets.distinct(np.array(numbers, np.int64)).tolist() == sorted(set(numbers))
