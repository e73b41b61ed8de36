"""Snapshots: several segments under common numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import ATACMS, DRONES, VALUES, document, labels, write

from searchkit.errors import NotFoundError
from searchkit.index.segment import Segment
from searchkit.index.snapshot import Snapshot, paragraph_id
from searchkit.index.writer import IndexWriter
from searchkit.model import Value


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory):
    directory: Path = tmp_path_factory.mktemp("index")
    renamed = Value(ATACMS.id, "MGM-140 ATACMS", ATACMS.parent)
    many = [(document(f"a{n}", f"text {n}"), [labels(weapons=[ATACMS])]) for n in range(40)]
    write(directory, *many)
    write(
        directory,
        (document("b", "last", "lasts", date="2024-11"), [labels(weapons=[DRONES]), labels(weapons=[renamed])]),
    )
    with IndexWriter(directory) as writer:
        writer.remove("a7")
        writer.commit()
    opened = Snapshot.open(directory)
    yield opened
    opened.close()


def test_paragraphs_have_numbers_across_segments(snapshot: Snapshot):
    assert snapshot.paragraph_count == sum(segment.paragraph_count for segment in snapshot.segments)
    for number in range(snapshot.paragraph_count):
        segment, local = snapshot.locate(number)
        place, again = snapshot.place(number)
        assert (snapshot.segments[place], again) == (segment, local)
        if segment.alive(local):
            assert snapshot.find(paragraph_id(segment, local)) == number


def test_the_newest_label_of_a_value_wins(snapshot: Snapshot):
    (ordinal,) = snapshot.ordinals_named("weapons", ATACMS.id)
    assert snapshot.value("weapons", ordinal).label == "MGM-140 ATACMS"
    place, local = snapshot.place(0)
    own = snapshot.segments[place].array("facet.weapons.mentions.ordinal").at(local)
    assert snapshot.label("weapons", place, own) == "MGM-140 ATACMS"


@pytest.mark.parametrize("name", ["", "x", "0" * 16, "g" * 16, "-" + "1" * 15, "1" * 40])
def test_no_paragraph_of_that_id(snapshot: Snapshot, name: str):
    with pytest.raises(NotFoundError):
        snapshot.find(name)


def test_deleted_paragraphs_are_not_found_but_counted(snapshot: Snapshot):
    status = snapshot.status()
    assert (status.documents, status.paragraphs) == (40, 41)


def test_a_segment_reads_one_paragraph(snapshot: Snapshot):
    segment: Segment
    segment, local = snapshot.locate(snapshot.paragraph_count - 1)
    document_number = segment.document_of(local)
    assert segment.text(local) == "lasts"
    assert list(segment.paragraphs_of(document_number)) == [local - 1, local]
    assert segment.identities.text(document_number) == "b"
    assert segment.strings("document.title").optional(document_number) is None
    assert segment.labels("people", local, "lasts") == ()
    assert segment.labels("nothing", local, "lasts") == ()
    assert segment.column("nothing")[0].tolist() == [0] * (segment.paragraph_count + 1)
    assert segment.between(1, 2).tolist() == [False] * segment.paragraph_count


def test_values_of_every_dimension_have_their_table(snapshot: Snapshot):
    assert {"people", "countries", "weapons", "source", "year"} <= set(snapshot.dimensions)
    assert len(VALUES["weapons"]) >= len(snapshot.table("weapons").homes) - 1
    assert snapshot.ordinals_named("no such dimension", "x") == []
