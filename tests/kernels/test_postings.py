"""Inverting tokens into postings, against a dictionary of lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import postings

TERMS = 6
MEANINGS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(0, TERMS - 1), st.integers(0, 3), st.integers(0, 2)), max_size=3),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=8,
)


@st.composite
def corpora(draw):
    meanings = draw(MEANINGS)
    documents = draw(st.lists(st.lists(st.integers(0, len(meanings) - 1), max_size=12), max_size=10))
    return meanings, documents


def arrays(meanings, documents):
    entries = [entry for terms, _ in meanings for entry in terms]
    return (
        np.array([token for document in documents for token in document], np.int32),
        np.array([len(document) for document in documents], np.int32),
        np.cumsum([0, *(len(terms) for terms, _ in meanings)], dtype=np.int64),
        np.array([term for term, _, _ in entries], np.int32),
        np.array([position for _, position, _ in entries], np.int32),
        np.array([variant for _, _, variant in entries], np.int32),
        np.full(TERMS, 3, np.int32),
        np.array([width for _, width in meanings], np.int32),
    )


@given(corpora())
def test_postings_are_those_of_the_naive_way(both, corpus):
    meanings, documents = corpus
    inverted = both(postings.invert, *arrays(meanings, documents))
    expected = {}
    lengths = []
    for number, document in enumerate(documents):
        base = 0
        for token in document:
            terms, width = meanings[token]
            for term, position, variant in terms:
                expected.setdefault(term, {}).setdefault(number, []).append(3 * (base + position) + variant)
            base += width
        lengths.append(base)
    assert inverted.lengths.tolist() == lengths
    found = {}
    for term in range(TERMS):
        for posting in range(inverted.offsets[term], inverted.offsets[term + 1]):
            places = inverted.positions[inverted.position_offsets[posting] : inverted.position_offsets[posting + 1]]
            assert inverted.freqs[posting] == len(places)
            found.setdefault(term, {})[int(inverted.docs[posting])] = places.tolist()
    assert found == {
        term: {number: sorted(places) for number, places in some.items()} for term, some in expected.items()
    }
    for term in range(TERMS):
        docs = inverted.docs[inverted.offsets[term] : inverted.offsets[term + 1]].astype(np.int64)
        assert (np.diff(docs) > 0).all()


def test_tokens_and_terms_have_to_fit_together():
    ids, counts, *meaning = arrays([([(0, 0, 0)], 1)], [[0, 0]])
    with pytest.raises(ValueError, match="fit"):
        postings.invert(ids + np.int32(1), counts, *meaning)
    with pytest.raises(ValueError, match="fit"):
        postings.invert(ids, counts, *meaning[:-2], np.zeros(0, np.int32), meaning[-1])
    with pytest.raises(ValueError, match="fit"):
        postings.invert(ids, counts[:0], *meaning)
