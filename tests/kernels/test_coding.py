"""Coding of posting lists: there and back, and nothing is believed that damaged bytes say."""

from __future__ import annotations

from itertools import pairwise
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.kernels import coding

GAPS = st.one_of(st.integers(1, 3), st.integers(1, 1 << 20))
LISTS = st.lists(st.lists(st.tuples(GAPS, st.integers(1, 5)), max_size=300), max_size=6)


def lists_of(drawn):
    docs = [np.cumsum([gap for gap, _ in some], dtype=np.int64) - 1 for some in drawn]
    offsets = np.cumsum([0, *map(len, docs)], dtype=np.int64)
    freqs = np.array([freq for some in drawn for _, freq in some], np.uint32)
    return np.concatenate([np.zeros(0), *docs]).astype(np.uint32), freqs, offsets


@given(LISTS)
def test_postings_come_back(both, drawn):
    docs, freqs, offsets = lists_of(drawn)
    coded = both(coding.encode, docs, freqs, offsets)
    assert coded.starts[-1] == len(coded.data)
    documents = int(docs.max(initial=0)) + 1
    back = both(coding.decode, coded.data, coded.starts[:-1], offsets, documents)
    assert np.array_equal(back[0], docs)
    assert np.array_equal(back[1], freqs)
    for i in range(len(offsets) - 1):  # one list by itself, where it lies
        alone = both(coding.decode, coded.data, coded.starts[i : i + 1], offsets[i : i + 2] - offsets[i], documents)
        assert np.array_equal(alone[0], docs[offsets[i] : offsets[i + 1]])


@given(LISTS, st.integers(1, 40), st.randoms(use_true_random=False))
def test_positions_come_back(both, drawn, spread, random):
    _, freqs, offsets = lists_of(drawn)
    places = [sorted(random.randrange(spread) for _ in range(freq)) for freq in freqs]
    positions = np.array([place for some in places for place in some], np.uint32)
    position_offsets = np.cumsum([0, *freqs], dtype=np.int64)
    coded = both(coding.encode_positions, positions, position_offsets, offsets)
    back = both(coding.decode_positions, coded.data, coded.starts[:-1], freqs, offsets)
    assert np.array_equal(back[0], positions)
    assert np.array_equal(back[1], position_offsets)


@settings(max_examples=30)
@given(LISTS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_list_is_read_a_part_at_a_time(both, drawn, spread, random):
    docs, freqs, offsets = lists_of(drawn)
    positions = np.array([p for freq in freqs for p in sorted(random.sample(range(40), int(freq)))], np.uint32)
    places = np.cumsum([0, *freqs], dtype=np.int64)
    coded, placed = coding.encode(docs, freqs, offsets), coding.encode_positions(positions, places, offsets)
    limit = int(docs.max(initial=0)) + 1
    verdicts = np.resize(np.array([random.randrange(3) for _ in range(97)], np.uint8), limit)
    for i, (low, high) in enumerate(pairwise(offsets.tolist())):
        data = coded.data[coded.starts[i] : coded.starts[i + 1]]
        found, blocks = both(coding.documents, data, high - low, limit)
        assert np.array_equal(found, docs[low:high])
        rows = np.flatnonzero(verdicts[found])
        for admitted in (coding.Admitted(limit, verdicts=verdicts), coding.Admitted(limit, docs=found[rows])):
            for sparse in (-1, 1 << 40):
                with patch.object(coding, "_SPARSE", sparse):
                    some, at, same = both(coding.documents_admitted, data, high - low, admitted)
                assert np.array_equal(at, rows)
                assert np.array_equal(some, found[rows])
                assert np.array_equal(same, blocks)
        where = placed.data[placed.starts[i] : placed.starts[i + 1]]
        for some in (rows, rows[::9].copy(), np.repeat(rows, 2)):
            read = both(coding.occurrences, where, data, blocks, high - low, some, spread)
            expected = [
                number << 32 | position // spread
                for number, row in enumerate(some.tolist())
                for position in positions[places[low + row] : places[low + row + 1]].tolist()
            ]
            assert np.array_equal(read, np.array(expected, np.int64))
    marks = both(coding.marked, coded.data, coded.starts[:-1], np.diff(offsets), limit)
    assert np.array_equal(np.flatnonzero(marks), np.unique(docs))


def norms(average, b=0.75):
    return coding.K1 * ((1 - b) + b * np.arange(10_001) / average)


def test_bm25_by_hand(both):
    docs, lengths = np.array([0, 2], np.uint32), np.array([10, 7, 0], np.uint16)
    data = coding.encode(docs, np.array([2, 1], np.uint32), np.array([0, 2])).data
    blocks = coding.documents(data, 2, 3)[1]
    # 2 x 2.5 over 2 + 1.5 (.25 + .75 x 10 / 5), and 2.5 over 1 + 1.5 x .25; both times 3
    expected = [3 * 5 / 4.625, 3 * 2.5 / 1.375]
    assert both(coding.bm25, data, blocks, docs, lengths, norms(5.0), 3.0) == pytest.approx(expected, rel=1e-15)
    second = np.array([1]), docs[1:]
    assert both(coding.bm25_at, data, blocks, *second, lengths, norms(5.0), 3.0) == pytest.approx(expected[1:])


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2**32 - 1), st.integers(0, 10_000)), max_size=300),
    st.floats(0.01, 20),
    st.sampled_from([np.uint16, np.uint32]),
)
def test_bm25_of_some_is_that_of_all(both, drawn, idf, dtype):
    docs = (np.cumsum([gap for gap, _, _ in drawn], dtype=np.int64) - 1).astype(np.uint32)
    freqs, lengths = np.array([freq for _, freq, _ in drawn], np.uint32), np.zeros(1000, dtype)
    lengths[docs] = [length for _, _, length in drawn]
    data = coding.encode(docs, freqs, np.array([0, len(docs)])).data
    _, blocks = coding.documents(data, len(docs), 1000)
    scores = both(coding.bm25, data, blocks, docs, lengths, norms(63.7), idf)
    norm = norms(63.7)[lengths[docs]]
    assert scores == pytest.approx(idf * (freqs * (coding.K1 + 1.0) / (freqs + norm)), rel=1e-14)
    some = np.arange(0, len(docs), 3)
    assert (
        both(coding.bm25_at, data, blocks, some, docs[some], lengths, norms(63.7), idf).tolist()
        == scores[some].tolist()
    )


@settings(max_examples=40)
@given(LISTS, st.randoms(use_true_random=False), st.sampled_from([0, 1, 2, 3, 63, 64, 100]))
def test_the_words_of_many_lists_occur_where_they_are_wanted(both, drawn, random, slop):
    docs, freqs, offsets = lists_of(drawn)
    variants = np.array([random.randint(1, 3) for _ in drawn], np.int64)
    owner = np.repeat(np.arange(len(drawn)), np.diff(offsets))
    where = [
        [(p, random.randrange(variants[i])) for p in sorted(random.sample(range(150), int(f)))]
        for i, f in zip(owner, freqs, strict=True)
    ]
    places = np.array([p * variants[i] + v for i, some in zip(owner, where, strict=True) for p, v in some], np.uint32)
    coded = coding.encode(docs, freqs, offsets)
    placed = coding.encode_positions(places, np.cumsum([0, *freqs], dtype=np.int64), offsets)
    words = np.cumsum(variants) - variants
    wanted = np.array([random.randrange(2) for _ in range(variants.sum())], np.uint8)
    admitted = sorted(random.sample(range(20), 10))
    rows = np.full(int(docs.max(initial=20)) + 1, -1, np.int32)
    rows[admitted] = np.arange(10)
    ends = sorted({random.randrange(10) << 32 | random.randrange(150) for _ in range(60)})
    chosen = [i for i in range(len(drawn)) if random.randrange(4)]
    starts, places_of = coded.starts[:-1][chosen], placed.starts
    lists = coding.PlacedLists(
        coded.data, starts, np.diff(offsets)[chosen], placed.data, places_of[:-1][chosen], places_of[1:][chosen],
        variants[chosen], words[chosen], wanted,
    )  # fmt: skip
    found = both(coding.occurrences_of_many, lists, rows, coding.after(np.array(ends, np.int64), 10, slop))
    all_of_them = sorted(
        int(rows[doc]) << 32 | p
        for i, doc, some in zip(owner, docs, where, strict=True)
        for p, v in some
        if i in chosen and rows[doc] >= 0 and wanted[words[i] + v]
    )
    near = [one for one in all_of_them if not slop or any(0 < one - end <= slop for end in ends)]
    assert found.tolist() == near


def test_the_largest_numbers_come_back(both):
    docs, freqs = np.array([0, 2**32 - 2], np.uint32), np.array([2**32 - 1, 1], np.uint32)
    coded = both(coding.encode, docs, freqs, np.array([0, 2]))
    back = both(coding.decode, coded.data, coded.starts[:-1], np.array([0, 2]), 2**32)
    assert np.array_equal(back[0], docs)
    assert np.array_equal(back[1], freqs)


def test_a_block_takes_the_bits_of_its_largest_value(both):
    docs, freqs = np.arange(0, 256 * 8, 8, dtype=np.uint32), np.ones(256, np.uint32)
    coded = both(coding.encode, docs, freqs, np.array([0, 256]))
    assert len(coded.data) == 2 * (1 + 128 * 3 // 8) + 2  # gaps of 7 take three bits, frequencies of one take none


@given(LISTS.filter(any), st.data())
def test_damaged_bytes_raise_or_give_documents_within_bounds(both, drawn, data):
    docs, freqs, offsets = lists_of(drawn)
    coded = both(coding.encode, docs, freqs, offsets)
    damaged = coded.data.copy()
    for _ in range(3):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    documents = int(docs.max()) + 1
    try:
        back = both(coding.decode, damaged, coded.starts[:-1], offsets, documents)
    except ValueError:
        return
    assert (back[0].astype(np.int64) < documents).all()


@given(LISTS.filter(any), st.data())
def test_damaged_bytes_of_one_list_raise_or_stay_within_bounds(both, drawn, data):
    docs, freqs, _ = lists_of([max(drawn, key=len)])
    whole = np.array([0, len(docs)])
    positions, ends = np.arange(freqs.sum(), dtype=np.uint32), np.cumsum([0, *freqs], dtype=np.int64)
    postings = coding.encode(docs, freqs, whole).data.copy()
    places = coding.encode_positions(positions, ends, whole).data.copy()
    for part in (postings, places):
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    postings, places = (part[: data.draw(st.integers(0, len(part)))] for part in (postings, places))
    documents = int(docs.max()) + 1
    try:
        found, blocks = both(coding.documents, postings, len(docs), documents)
        both(coding.occurrences, places, postings, blocks, len(docs), np.arange(len(docs)), 1)
    except ValueError:
        return
    assert (found < documents).all()


@pytest.mark.parametrize("width", [33, 255])
def test_an_impossible_width_is_refused(both, width):
    with pytest.raises(ValueError, match="coded list"):
        both(coding.decode, np.array([width, 0, 0, 0, 0, 0], np.uint8), np.array([0]), np.array([0, 1]), 10)


def test_a_promise_of_more_positions_than_the_bytes_can_hold_is_refused():
    with pytest.raises(ValueError, match="coded list"):
        coding.decode_positions(
            np.zeros(10, np.uint8), np.array([0]), np.array([2**32 - 1], np.uint32), np.array([0, 1])
        )
