"""Trees run by stock Whoosh's searcher over our reader; where it errs is known, and shown here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import whoosh
from corpora import document, write
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.searching import Searcher

from searchkit.errors import CancelledError, DeadlineError
from searchkit.index.reader import reader
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter
from searchkit.search.clauses import Dated, Words
from searchkit.search.matching import Budget, whoosh_matches
from searchkit.search.ranking import Ranking


@pytest.fixture
def snapshot(tmp_path: Path):
    write(tmp_path, *(document(f"{n}", word, date="2024") for n, word in enumerate(("war", "war", "peace", "war"))))
    with IndexWriter(tmp_path) as writer:
        writer.remove("3")
        writer.commit()
    opened = Snapshot.open(tmp_path)
    yield opened
    opened.close()


def found(snapshot: Snapshot, query: Query) -> list[int]:
    return whoosh_matches(snapshot, query, Budget()).docs.tolist()


def raw(snapshot: Snapshot, query: Query, **context: bool) -> list[int]:
    """What the searcher gives when nobody looks after it."""
    searcher = Searcher(reader(snapshot), weighting=Ranking())
    return list(query.matcher(searcher, searcher.context(**context)).all_ids())


#: Classic Whoosh, whose `Require` gives what its first part gives.
CLASSIC = whoosh.__version__ < (3,)
WAR, PEACE = q.Term("text", "war"), q.Term("text", "peac")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (WAR, [0, 1]),
        (q.Term("text", "zebra"), []),
        (q.And([WAR, PEACE]), []),
        (q.Or([WAR, PEACE]), [0, 1, 2]),
        (q.Not(WAR), [2]),
        (q.Every(), [0, 1, 2]),
        (q.NullQuery, []),
        (q.AndMaybe(WAR, PEACE), [0, 1]),
        pytest.param(
            q.Require(WAR, PEACE), [], marks=pytest.mark.skipif(CLASSIC, reason="SKIPPED: errs in Whoosh 2.7.4")
        ),
        (q.ConstantScoreQuery(WAR, 3.0), [0, 1]),
        (q.DisjunctionMax([WAR, PEACE]), [0, 1, 2]),
        (q.Phrase("text", ["war"]), [0, 1]),
        (Words("w*", frozenset([b"war"])), [0, 1]),
        (Dated("date", 1, 1 << 30), [0, 1, 2]),
    ],
)
def test_nodes(snapshot: Snapshot, query: Query, expected: list[int]):
    assert found(snapshot, query) == expected


def test_scores_are_those_of_the_model(snapshot: Snapshot):
    matches = whoosh_matches(snapshot, q.Or([WAR, PEACE]), Budget())
    # BM25 with 4 paragraphs (a deleted one counts until it is merged away), each of one word: tf is 1 everywhere.
    assert matches.scores == pytest.approx(
        [np.log(1 + (4 - 3 + 0.5) / (3 + 0.5))] * 2 + [np.log(1 + (4 - 1 + 0.5) / (1 + 0.5))]
    )


def test_a_deleted_paragraph_is_not_what_a_negation_finds(snapshot: Snapshot):
    """An error of stock Whoosh: its `InverseMatcher` gives a deleted paragraph where what it negates ends before it."""
    negation = q.Not(q.Or([WAR, PEACE]))
    assert raw(snapshot, negation) == [3]
    assert found(snapshot, negation) == []


def test_the_place_after_the_last_is_not_deleted(snapshot: Snapshot):
    """Stock Whoosh's `InverseMatcher` asks for it."""
    assert not reader(snapshot).is_deleted(4)
    assert found(snapshot, q.Not(q.NullQuery)) == [0, 1, 2]


def test_what_scores_nothing_is_found_among_three(snapshot: Snapshot):
    """An error of stock Whoosh: an OR of three and more keeps only what scores, on a small index."""
    some = q.Or([PEACE, q.Term("text", "zebra"), Dated("date", 1, 1 << 30)])
    assert raw(snapshot, some) == [2]
    assert found(snapshot, some) == [0, 1, 2]


def test_the_budget(snapshot: Snapshot):
    with pytest.raises(CancelledError):
        whoosh_matches(snapshot, WAR, Budget(cancelled=lambda: True))
    with pytest.raises(DeadlineError, match="narrow it"):
        whoosh_matches(snapshot, WAR, Budget(seconds=-1.0))


def test_the_budget_by_the_clock(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr("searchkit.search.matching.time", SimpleNamespace(monotonic=lambda: now))
    budget = Budget(seconds=2.0, started=now)
    for now in (100.0, 101.5, 102.0):  # noqa: B007 - the clock reads it
        budget.spend()
    now = 102.25
    with pytest.raises(DeadlineError, match="more than 2 s"):
        budget.spend()


def test_what_is_made_for_all_searches_is_not_the_time_of_one(monkeypatch: pytest.MonkeyPatch):
    clock = [100.0]
    monkeypatch.setattr("searchkit.search.matching.time", SimpleNamespace(monotonic=lambda: clock[0]))
    budget = Budget(2.0, started=clock[0])
    with budget.apart():
        clock[0] += 60
    clock[0] += 1.5
    budget.spend()
    clock[0] += 1
    with pytest.raises(DeadlineError):
        budget.spend()


def test_an_index_of_nothing(tmp_path: Path):
    with IndexWriter(tmp_path) as writer:
        writer.extraction = "changed"
        writer.commit()
    snapshot = Snapshot.open(tmp_path)
    assert found(snapshot, q.Every()) == []
    snapshot.close()


@pytest.mark.usefixtures("snapshot")
def test_numbers_are_global(tmp_path: Path):
    with IndexWriter(tmp_path) as writer:
        writer.add(document("new", "peace"), [{}])
        writer.commit()
    newer = Snapshot.open(tmp_path)
    assert len(newer.segments) == 2
    assert found(newer, PEACE) == [2, 4]
    newer.close()
