"""Our segments as stock Whoosh reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from corpora import document, write
from whoosh.matching.mcore import ReadTooFar
from whoosh.reading import TermNotFound

from searchkit.index.reader import ArrayMatcher, SegmentReader, reader
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter


@pytest.fixture
def one(tmp_path: Path):
    write(tmp_path, document("a", "war war peace", "peace", title="war"), document("b", "war", title="Peace war"))
    snapshot = Snapshot.open(tmp_path)
    yield reader(snapshot)
    snapshot.close()


def test_terms(one: SegmentReader):
    assert ("text", "war") in one
    assert ("text", b"war") in one
    assert ("text", "zebra") not in one
    assert ("colour", "war") not in one
    assert list(one.terms_from("text", b"q")) == [("text", b"war")]
    assert list(one.all_terms())[:2] == [("text", b"peac"), ("text", b"war")]
    assert sorted(one.indexed_field_names()) == ["text", "title", "word"]


def test_statistics(one: SegmentReader):
    assert (one.doc_count(), one.doc_count_all(), one.has_deletions()) == (3, 3, False)
    assert (one.doc_frequency("text", "war"), one.frequency("text", "war")) == (2, 3)
    assert (one.doc_frequency("title", "war"), one.doc_frequency("title", "peac")) == (3, 1)  # for each paragraph
    assert (one.doc_frequency("text", "zebra"), one.frequency("text", "zebra")) == (0, 0)
    assert [one.field_length(field) for field in ("text", "title")] == [5, 4]
    assert [one.doc_field_length(number, "text") for number in range(3)] == [3, 1, 1]
    assert [one.doc_field_length(number, "title") for number in range(3)] == [1, 1, 2]
    assert (one.min_field_length("text"), one.max_field_length("text")) == (1, 3)
    info = one.term_info("text", "war")
    assert (info.weight(), info.doc_frequency(), info.max_weight(), info.min_id(), info.max_id()) == (3.0, 2, 2.0, 0, 2)
    with pytest.raises(TermNotFound):
        one.term_info("text", "zebra")
    assert one.stored_fields(1) == {"text": "peace"}


def test_postings(one: SegmentReader):
    matcher = one.postings("text", "war")
    assert list(matcher.all_ids()) == [0, 2]
    assert (matcher.id(), matcher.weight(), matcher.positions()) == (0, 2.0, [0, 1])
    assert [span.start for span in matcher.spans()] == [0, 1]
    assert matcher.term() == ("text", b"war")
    again = matcher.copy()
    matcher.next()
    assert (matcher.id(), matcher.positions(), again.id()) == (2, [0], 0)
    titles = one.postings("title", "war")
    assert [(titles.id(), titles.positions())] == [(0, [0])]
    titles.skip_to(2)
    assert (titles.id(), titles.positions()) == (2, [1])


def test_what_is_deleted_is_left_out(tmp_path: Path):
    write(tmp_path, document("a", "war"), document("b", "war peace war", title="war"), document("c", "war"))
    with IndexWriter(tmp_path) as writer:
        writer.remove("a")
        writer.commit()
    snapshot = Snapshot.open(tmp_path)
    one = reader(snapshot)
    matcher = one.postings("text", "war")
    assert (one.doc_count(), one.doc_count_all(), one.has_deletions()) == (2, 3, True)
    assert [one.is_deleted(number) for number in range(3)] == [True, False, False]
    assert (list(matcher.all_ids()), matcher.positions()) == ([1, 2], [0, 2])
    assert list(one.postings("title", "war").all_ids()) == [1]
    snapshot.close()


def test_several_segments_are_one_collection(tmp_path: Path):
    for name in "abc":
        write(tmp_path, document(name, "war", name))
    snapshot = Snapshot.open(tmp_path)
    whole = reader(snapshot)
    assert (whole.doc_count_all(), whole.doc_frequency("text", "war"), whole.field_length("text")) == (6, 3, 6)
    snapshot.close()


def test_a_matcher_moves_and_ends():
    matcher = ArrayMatcher(np.array([2, 5, 9]), constant=4.0)
    assert (matcher.score(), matcher.weight(), matcher.supports("positions")) == (4.0, 1.0, False)
    matcher.skip_to(1)
    assert matcher.id() == 2
    matcher.skip_to(6)
    assert matcher.id() == 9
    assert matcher.replace() is matcher
    matcher.next()
    assert not matcher.is_active()
    assert matcher.replace() is not matcher
    for move in (matcher.next, lambda: matcher.skip_to(10)):
        with pytest.raises(ReadTooFar):
            move()
    matcher.reset()
    assert matcher.id() == 2
