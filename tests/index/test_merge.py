"""Merging segments gives what building from the documents that are left gives."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from corpora import QUICK, Corpus, corpora, document, examples, labels, write
from hypothesis import given
from hypothesis import strategies as st
from segments import inverted

from searchkit.index.check import check
from searchkit.index.merge import merge
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter
from searchkit.model import StoredDocument, StoredParagraph, Value


def contents(snapshot: Snapshot) -> dict[str, StoredDocument]:
    """Every live document, whole; a dimension that only deleted ones had may still be known, and is empty."""
    found = {}
    for segment, base in zip(snapshot.segments, snapshot.bases, strict=False):
        for one in segment.alive_documents.tolist():
            stored = snapshot.document(base + segment.paragraphs_of(one).start)
            assert stored.identity not in found
            found[stored.identity] = replace(stored, paragraphs=tuple(map(_bare, stored.paragraphs)))
    return found


def _bare(paragraph: StoredParagraph) -> StoredParagraph:
    return replace(paragraph, labels={name: some for name, some in paragraph.labels.items() if some})


@examples(25)
@given(corpora())
def test_a_merge_is_a_build_of_what_is_left(corpus: Corpus):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        some = replace(corpus, compact=True).write(Path(folder) / "some")
        assert check(some) == []
        merged = Snapshot.open(some)
        left = corpus.articles.values()
        assert len(merged.segments) <= 1
        assert sorted(contents(merged)) == sorted(article.document.identity for article in left)
        if not left:
            return
        (segment,) = merged.segments
        order = [segment.identities.text(one) for one in range(segment.document_count)]
        articles = [corpus.articles[identity] for identity in order]
        built = Snapshot.open(write(Path(folder) / "whole", *((one.document, one.labels) for one in articles)))
        (whole,) = built.segments
        for field in ("text", "word", "title"):
            assert inverted(segment, field) == inverted(whole, field)
            assert segment.lengths(field).tolist() == whole.lengths(field).tolist()
        assert contents(merged) == contents(built)
        for dimension in built.dimensions:
            # A value that nothing bears any more may still be known.
            columns = [
                [{one.value(dimension, o).id for o in ordinals[a:b].tolist()} for a, b in pairwise(offsets.tolist())]
                for one in (segment, whole)
                for offsets, ordinals in [one.column(dimension)]
            ]
            assert columns[0] == columns[1]
        for name in ("paragraph.id", "paragraph.start", "paragraph.end", "document.first_day", "document.last_day"):
            assert segment.array(name).all.tolist() == whole.array(name).all.tolist()
        merged.close()
        built.close()


@examples(25)
@given(corpora())
def test_what_is_left_is_what_was_written_last(corpus: Corpus):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        directory = corpus.write(Path(folder))
        snapshot = Snapshot.open(directory)
        found = contents(snapshot)
        assert sorted(found) == sorted(corpus.articles)
        for identity, stored in found.items():
            article = corpus.articles[identity]
            assert [paragraph.text for paragraph in stored.paragraphs] == [p.text for p in article.document.paragraphs]
            assert stored.date == article.document.date
            for paragraph, some in zip(stored.paragraphs, article.labels, strict=True):
                named = {name: {label.value for label in these} for name, these in paragraph.labels.items() if these}
                assert named == {name: {label.value for label in these} for name, these in some.items() if these}
        status = snapshot.status()
        assert status.documents == len(corpus.articles)
        assert status.paragraphs == sum(len(article.document.paragraphs) for article in corpus.articles.values())
        snapshot.close()
        with IndexWriter(directory) as writer:
            assert dict(writer.documents) == {
                i: int.from_bytes(a.document.content_hash) for i, a in corpus.articles.items()
            }
        assert check(directory) == []


def test_the_newest_label_of_a_value_is_kept(tmp_path: Path):
    for label in ("Old", "New"):
        write(tmp_path, (document(label, "x"), [labels(people=[Value("v", label)])]))
    for compact in (False, True):
        with IndexWriter(tmp_path) as writer:
            writer.commit(compact=compact)
        snapshot = Snapshot.open(tmp_path)
        assert snapshot.value("people", 0).label == "New"
        snapshot.close()


def test_the_newest_label_is_kept_when_older_segments_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two large segments become one while a small and newer one stands beside them."""
    monkeypatch.setattr("searchkit.index.writer.MERGE_FACTOR", 2)
    write(tmp_path, (document("old", *["x"] * 8), [labels(people=[Value("v", "Old")])] * 8))
    with IndexWriter(tmp_path, memory=1) as writer:  # each document is a segment
        writer.add(document("older", *["x"] * 8), [labels(people=[Value("v", "Older")])] * 8)
        writer.add(document("new", "x"), [labels(people=[Value("v", "New")])])
        writer.commit()
    snapshot = Snapshot.open(tmp_path)
    assert sorted(segment.paragraph_count for segment in snapshot.segments) == [1, 16]
    assert snapshot.value("people", 0).label == "New"
    snapshot.close()


@examples(25)
@given(corpora(), st.integers(0, 4))
def test_a_merge_does_not_depend_on_what_is_held_at_once(corpus: Corpus, range_: int):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        snapshot = Snapshot.open(corpus.write(Path(folder)))
        made = []
        for held in (1 << 20, 1) if snapshot.segments else ():
            into = Path(folder) / str(held)
            with pytest.MonkeyPatch.context() as patch:
                for name in ("merge.PIECE", "merge_terms.PIECE", "parts.PIECE"):
                    patch.setattr(f"searchkit.index.{name}", 8 * held)
                patch.setattr("searchkit.index.merge._COPIED", held)
                patch.setattr("searchkit.index.merge_terms._RANGE", range_ + held)
                merge(snapshot.segments, into)
            made.append({path.name: path.read_bytes() for path in into.iterdir()})
        assert made[:1] == made[1:]
        snapshot.close()
