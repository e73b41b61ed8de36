"""Clauses over words, values and dates: whose paragraphs they are, as an array and as Whoosh's searcher runs them."""

from __future__ import annotations

import pytest
from corpora import ATACMS, DRONES, MISSILES, document, labels, write
from whoosh.searching import Searcher

from searchkit.index.reader import SegmentReader
from searchkit.index.schema import TITLE_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter
from searchkit.search.clauses import Clause, Dated, Valued, Words

FIRST_OF_2024, LAST_OF_2024 = 738886, 739251


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory):
    directory = tmp_path_factory.mktemp("index")
    kept = document("kept", "missile missiles near missile", "drones", title="Missiles", date="2024-05")
    gone = document("gone", "missiles")
    write(directory, (kept, [labels(weapons=[ATACMS]), labels(weapons=[DRONES])]), gone)
    with IndexWriter(directory) as writer:
        writer.remove("gone")
        writer.commit()
    with_deleted = Snapshot.open(directory)
    assert [segment.paragraph_count for segment in with_deleted.segments] == [3]
    yield with_deleted
    with_deleted.close()


def words(*some: str, **more: float) -> Words:
    return Words("shown", frozenset(word.encode() for word in some), **more)


def named(snapshot: Snapshot, value_id: str) -> Valued:
    return Valued("weapon:x", snapshot, "weapons", frozenset(snapshot.ordinals_named("weapons", value_id)))


def test_paragraphs_are_those_of_the_segment_deleted_ones_included(snapshot: Snapshot):
    (segment,) = snapshot.segments
    assert words("missile", "missiles").paragraphs(segment).tolist() == [0, 2]
    assert words("drones", "zebra").paragraphs(segment).tolist() == [1]
    assert words("zebra").paragraphs(segment).tolist() == []
    assert Dated("date:2024", FIRST_OF_2024, LAST_OF_2024).paragraphs(segment).tolist() == [0, 1]
    assert Dated("date:2023", 1, FIRST_OF_2024 - 1).paragraphs(segment).tolist() == []
    assert named(snapshot, ATACMS.id).paragraphs(segment).tolist() == [0]
    assert named(snapshot, MISSILES.id).paragraphs(segment).tolist() == [0], "a value bears those above it"


def test_words_know_their_places(snapshot: Snapshot):
    (segment,) = snapshot.segments
    docs, counts, positions = words("missile", "near").matched(segment)
    assert (docs.tolist(), counts.tolist(), positions.tolist()) == ([0], [3], [0, 2, 3])


@pytest.mark.parametrize("score", [1.0, 2.5])
def test_whoosh_runs_a_clause_on_what_is_live(snapshot: Snapshot, score: float):
    (segment,) = snapshot.segments
    searcher = Searcher(SegmentReader(segment))
    for clause, expected in (
        (words("missile", "missiles", boost=score), [(0, score)]),
        (words("drones", boost=score), [(1, score)]),
        (named(snapshot, ATACMS.id), [(0, 0.0)]),
    ):
        matcher = clause.matcher(searcher)
        found = []
        while matcher.is_active():
            found.append((matcher.id(), matcher.score()))
            matcher.next()
        assert found == expected


def test_clauses_are_equal_where_they_mean_the_same(snapshot: Snapshot):
    assert words("a") == words("a")
    assert hash(words("a")) == hash(words("a"))
    others: list[Clause] = [words("b"), words("a", boost=2.0), Words("shown", frozenset({b"a"}), field=TITLE_FIELD)]
    assert all(words("a") != other for other in [*others, named(snapshot, ATACMS.id)])
    assert str(others[-1]) == "title:shown"
