"""Inverting tokens into postings, against a dictionary of lists."""

from __future__ import annotations

from itertools import pairwise

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


def pieces(meanings):
    entries = [entry for terms, _ in meanings for entry in terms]
    return postings.Pieces(
        np.cumsum([0, *(len(terms) for terms, _ in meanings)], dtype=np.int64),
        np.array([term for term, _, _ in entries], np.int32),
        np.full(len(entries), 3, np.int32),
        np.array([3 * position + variant for _, position, variant in entries], np.int32),
        np.array([width for _, width in meanings], np.int32),
    )


def numbered(documents):
    return (
        np.array([token for document in documents for token in document], np.int32),
        np.array([len(document) for document in documents], np.int32),
    )


@pytest.mark.parametrize("bucket", [1, 5, postings.BUCKET])
@given(corpora(), st.integers(0, 10))
def test_postings_are_those_of_the_naive_way(both, bucket, corpus, middle):
    meanings, documents = corpus

    def inverted():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postings, "BUCKET", bucket)
            batches = [numbered(documents[:middle]), numbered(documents[middle:])]
            occurrences = postings.Occurrences(pieces(meanings), TERMS, batches)
        assert not batches
        return occurrences.lengths, list(occurrences.inverted())

    got_lengths, buckets = both(inverted)
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
    assert got_lengths.tolist() == lengths
    found = {}
    term = 0
    for docs, freqs, offsets, positions, position_offsets in buckets:
        for low, high in pairwise(offsets.tolist()):
            for posting in range(low, high):
                places = positions[position_offsets[posting] : position_offsets[posting + 1]]
                assert freqs[posting] == len(places)
                found.setdefault(term, {})[int(docs[posting])] = places.tolist()
            assert (np.diff(docs[low:high].astype(np.int64)) > 0).all()
            term += 1
    assert term == TERMS
    assert found == {
        term: {number: sorted(places) for number, places in some.items()} for term, some in expected.items()
    }


def test_tokens_and_terms_have_to_fit_together():
    meaning = pieces([([(0, 0, 0)], 1)])
    ids, counts = numbered([[0, 0]])
    none = np.zeros(0, np.int32)
    for wrong in (
        (meaning, 1, [(ids + np.int32(1), counts)]),
        (meaning, 1, [(ids, counts[:0])]),
        (meaning, 0, [(ids, counts)]),
        (meaning._replace(scale=none), 1, [(ids, counts)]),
        (meaning._replace(widths=none), 1, [(ids, counts)]),
    ):
        with pytest.raises(ValueError, match="fit"):
            postings.Occurrences(*wrong)


@given(st.lists(st.lists(st.integers(0, 4))))
def test_a_tally_counts_each_token(both, batches):
    every = [token for batch in batches for token in batch]
    found = both(postings.tally, [np.array(batch, np.int32) for batch in batches], 5)
    assert found.tolist() == [every.count(token) for token in range(5)]


@st.composite
def segments(draw):
    """Segments of a field: of each its documents' fates, and by term its number of variants, their words, postings.

    A posting is a document and the (position, variant) pairs that occur there, ascending.
    """
    made = []
    fates = draw(st.sampled_from([st.booleans(), st.just(value=True)]))
    for _ in range(draw(st.integers(1, 3))):
        alive = draw(st.lists(fates, min_size=1, max_size=6))
        terms = {}
        for term in draw(st.sets(st.integers(0, TERMS - 1))):
            words = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True).map(sorted))
            occurrence = st.tuples(st.integers(0, 9), st.integers(0, len(words) - 1))
            occurrences = st.sets(occurrence, min_size=1, max_size=4).map(sorted)
            terms[term] = words, sorted(draw(st.dictionaries(st.integers(0, len(alive) - 1), occurrences)).items())
        made.append((alive, terms))
    return made


@given(segments(), st.sets(st.integers(0, TERMS * 5)))
def test_merged_postings_are_those_of_the_naive_way(both, some, used_anyway):
    kept = iter(range(100))
    renumber = [next(kept) if one else -1 for alive, _ in some for one in alive]
    bases = np.cumsum([0, *(len(alive) for alive, _ in some)]).tolist()
    known = [sorted({word for _, terms in some for word in terms.get(t, ((), ()))[0]}) for t in range(TERMS)]
    word_offsets = np.cumsum([0, *map(len, known)], dtype=np.int64)

    docs, freqs, places, words, runs = [], [], [], [], []
    expected = [{} for _ in range(TERMS)]  # of each term: document -> (position, word) pairs
    for (_, terms), base in zip(some, bases, strict=False):
        for term, (own, found) in terms.items():
            run = (term, len(docs), len(docs) + len(found), len(places), base, len(own), len(words))
            words += [word_offsets[term] + known[term].index(word) for word in own]
            for document, pairs in found:
                docs.append(document)
                freqs.append(len(pairs))
                places += [position * len(own) + variant for position, variant in pairs]
                if (new := renumber[base + document]) >= 0:
                    expected[term][new] = [(position, own[variant]) for position, variant in pairs]
            runs.append(run)
    runs.sort(key=lambda run: run[0])
    columns = zip(*runs, strict=True) if runs else [()] * len(postings.Runs._fields)
    merged = both(
        postings.merge,
        *(np.array(column, np.uint32) for column in (docs, freqs, places)),
        postings.Runs(*(np.array(column, np.int64) for column in columns)),
        np.array(words, np.int64),
        word_offsets,
        np.isin(np.arange(word_offsets[-1]), list(used_anyway)).astype(np.uint8),
        np.array(renumber if -1 in renumber else [], np.int64),
    )

    assert len(merged.offsets) == TERMS + 1
    assert merged.offsets[-1] == len(merged.docs) == len(merged.freqs)
    for term in range(TERMS):
        used = merged.used[word_offsets[term] : word_offsets[term + 1]].astype(bool).tolist()
        left = [word for word, one in zip(known[term], used, strict=True) if one]
        anyway = {word for i, word in enumerate(known[term]) if word_offsets[term] + i in used_anyway}
        assert left == sorted(anyway | {word for pairs in expected[term].values() for _, word in pairs})
        many = int(merged.variants[term])
        assert many == max(len(left), 1)
        got = {}
        for posting in range(merged.offsets[term], merged.offsets[term + 1]):
            at = merged.positions[merged.position_offsets[posting] : merged.position_offsets[posting + 1]].tolist()
            assert merged.freqs[posting] == len(at)
            assert at == sorted(at)
            got[int(merged.docs[posting])] = [(place // many, left[place % many]) for place in at]
        assert got == expected[term]
        assert list(got) == sorted(got)
