from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.entities.curation import Alias, Curation, Define, Merge, Reject, Rename, Split
from searchkit.entities.curation_file import load
from searchkit.entities.curator import Curator
from searchkit.errors import UsageError
from searchkit.index.build import segment_arrays
from searchkit.index.check import check
from searchkit.index.columns import Mentions, facet_arrays
from searchkit.index.curated import bind, curate, digest_of
from searchkit.index.current import Current
from searchkit.index.manifest import writer_lock
from searchkit.index.segment import Segment, write_segment
from searchkit.index.writer import IndexWriter
from searchkit.model import Document, Label, Mention, Paragraph, Value

FILE = Path("facets.toml")
WORDS = ("Ann", "Bob", "Cid", "S-300", "tank", "the")
ROOT = Value("root", "Root")
TREE = Value("mid", "Middle", ROOT)
VALUES = {
    "people": (Value("ann", "Ann"), Value("bob", "Bob B"), Value("cid", "Cid")),
    "weapons": (ROOT, TREE, Value("s-300", "S-300", TREE), Value("tank", "Tanks", ROOT)),
}
NAMES = {
    "people": ("ann", "Ann", "BOB B", "cid", "Dee", "nobody"),
    "weapons": ("root", "Middle", "s-300", "Tanks", "New one"),
    "firms": ("Ann Ltd", "tank"),
}


@st.composite
def labelled(draw, number: int):
    """A document of a few words a paragraph, some of them named values by no rule at all."""
    paragraphs, labels = [], []
    given_dimension = draw(st.sampled_from([None, None, "people", "weapons"]))
    for place in range(draw(st.integers(1, 3))):
        words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
        text = " ".join(words)
        starts = np.cumsum([0, *(len(word) + 1 for word in words)]).tolist()
        here = {}
        for dimension, values in VALUES.items():
            found = {}
            for i in draw(st.lists(st.integers(0, len(words) - 1), max_size=3, unique=True)):
                end = starts[i] + len(words[i])
                mention = Mention(starts[i], end, text[starts[i] : end], "full", draw(st.sampled_from(["r", "s"])))
                found.setdefault(draw(st.sampled_from(values)), []).append(mention)
            if dimension == given_dimension:
                found = {value: [] for value in found}
            here[dimension] = tuple(
                Label(value, tuple(sorted(mentions, key=lambda one: one.start))) for value, mentions in found.items()
            )
        paragraphs.append(Paragraph(place, text, 0, len(text)))
        labels.append(here)
    brought = {given_dimension: ("x",)} if given_dimension else {}
    source = draw(st.sampled_from([None, "Wire", "Desk"]))
    return Document(f"d/{number}.txt", tuple(paragraphs), b"8 bytes.", source=source, given=brought), labels


@st.composite
def curations(draw):
    entries = []
    for line in range(draw(st.integers(1, 6))):
        dimension = draw(st.sampled_from(["people", "weapons", "weapons", "firms"]))
        name, other = (draw(st.sampled_from(NAMES[dimension])) for _ in range(2))
        at = (dimension, name, FILE, line)
        entries.append(
            draw(
                st.sampled_from(
                    [
                        Merge(*at, into=other),
                        Rename(*at, label=f"New {name}"),
                        Reject(*at),
                        Split(*at, draw(st.sampled_from([None, other])), forms=(draw(st.sampled_from(WORDS)),)),
                        Split(*at, other, documents=("*/1.*",)),
                        Split(*at, other, sources=("wire",)),
                        Define(*at, label=name, parent=draw(st.sampled_from([None, "Middle"]))),
                        Alias(*at, alias=" ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2)))),
                    ]
                )
            )
        )
    return Curation(tuple(entries), ("firms",), "digest")


def plain(labels):
    """Labels as they can be compared: mentions in the order of the text, values whatever theirs."""
    return {
        dimension: sorted((label.value.id, label.value.path, label.mentions) for label in some)
        for dimension, some in labels.items()
    }


@settings(max_examples=40)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(*(labelled(i) for i in range(n)))), curations())
def test_curated_columns_say_what_each_paragraph_says_by_itself(tmp_path_factory, documents, curation):
    folder = tmp_path_factory.mktemp("curated")
    write_segment(folder / "raw", segment_arrays(documents))
    raw = Segment(folder / "raw")
    curator = bind(curation, [raw])
    curated = curate(raw, curator)
    assert len(curated.matched) == len(curation.entries)
    write_segment(folder / "columns", curated.arrays)
    for shown in (Segment(folder / "raw", None, curated.arrays), Segment(folder / "raw", None, folder / "columns")):
        number = 0
        for document, labels in documents:
            for paragraph, before in zip(document.paragraphs, labels, strict=True):
                wanted = curator.apply(
                    before,
                    paragraph.text,
                    document=document.identity,
                    source=document.source,
                    given=document.given,
                )
                found = {
                    d: shown.labels(d, number, paragraph.text) for d in ("people", "countries", "weapons", "firms")
                }
                assert plain(found) == plain({"countries": (), **wanted})
                for dimension, some in found.items():
                    offsets, ordinals = shown.column(dimension)
                    counted = {
                        shown.value(dimension, o).id for o in ordinals[offsets[number] : offsets[number + 1]].tolist()
                    }
                    assert counted == {v.id for one in some for v in (one.value, *one.value.ancestors)}
                number += 1


@settings(max_examples=20)
@given(labelled(0), labelled(1))
def test_columns_made_of_mentions_are_those_that_labels_make(tmp_path_factory, one, two):
    folder = tmp_path_factory.mktemp("columns") / "raw"
    arrays = segment_arrays([one, two])
    write_segment(folder, arrays)
    segment = Segment(folder)
    for dimension in ("people", "weapons"):
        again = facet_arrays(dimension, Mentions.of(segment, dimension), segment.paragraph_count)
        for name in ("ids", "labels", "offsets", "ordinals", "parents", "named", "mentions.offsets", "mentions.start"):
            key = f"facet.{dimension}.{name}"
            if name == "mentions.start":
                assert sorted(again[key].tolist()) == sorted(arrays[key].tolist())
            else:
                assert again[key].tolist() == arrays[key].tolist(), name


def document(identity: str, *texts: str, **more) -> Document:
    paragraphs = tuple(Paragraph(n, text, 0, len(text)) for n, text in enumerate(texts))
    return Document(identity, paragraphs, b"8 bytes.", **more)


def person(text: str, name: str, value: str | None = None):
    start = text.index(name)
    mention = Mention(start, start + len(name), name, "full", "rule")
    return {"people": (Label(Value(value or name.lower(), name), (mention,)),)}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    directory = tmp_path / "index"
    with IndexWriter(directory) as writer:
        for number, name in enumerate(["Ann", "Bob", "Ann"]):
            text = f"Here is {name} in a tank of Acme Corp."
            writer.add(document(f"{number}.txt", text), [person(text, name)])
        writer.commit()
    return directory


def counts(current: Current, dimension: str = "people") -> dict[str, int]:
    found: dict[str, int] = {}
    for segment in current.snapshot.segments:
        offsets, ordinals = segment.column(dimension)
        for paragraph in range(segment.paragraph_count):
            if segment.alive(paragraph):
                for ordinal in ordinals[offsets[paragraph] : offsets[paragraph + 1]].tolist():
                    label = segment.value(dimension, ordinal).label
                    found[label] = found.get(label, 0) + 1
    return found


def test_a_changed_file_is_a_generation_at_the_next_opening_and_stays(index: Path):
    file = index.parent / "facets.toml"
    file.write_text("[people.merge]\nAnn = 'Bob'\n")
    current = Current.open(index)
    assert counts(current) == {"Ann": 3}
    assert current.snapshot.generation == 2
    assert current.snapshot.matched == (1,)
    assert Current.open(index).snapshot.generation == 2
    assert current.is_current()
    file.unlink()
    assert not current.is_current()
    assert counts(Current.open(index)) == {"Ann": 2, "Bob": 1}
    assert check(index) == []


def test_where_nothing_can_be_written_the_columns_are_in_memory(index: Path, monkeypatch: pytest.MonkeyPatch):
    (index.parent / "facets.toml").write_text(
        "[people.merge]\nAnn = 'Bob'\n[dimensions.firms.values]\nAcme = 'Acme Corp'\n"
    )
    with writer_lock(index):
        held = Current.open(index)
    monkeypatch.setattr(os, "access", lambda *_: False)
    read_only = Current.open(index)
    for current in (held, read_only):
        assert counts(current) == {"Ann": 3}
        assert counts(current, "firms") == {"Acme": 3}
        assert current.snapshot.dimensions[-1] == "firms"
        assert current.snapshot.generation == 1
        assert current.snapshot.matched == (3, 3, 1)


def test_what_is_added_merged_and_compacted_later_is_curated_too(index: Path):
    (index.parent / "facets.toml").write_text("[people.merge]\nAnn = 'Bob'\n[people.reject]\nEve = true\n")
    Current.open(index)
    for number in range(3, 12):
        with IndexWriter(index) as writer:
            text = f"Here is {'Bob' if number % 2 else 'Eve'}."
            writer.add(document(f"{number}.txt", text), [person(text, text[8:11])])
            writer.commit()
    assert counts(Current.open(index)) == {"Ann": 8}
    with IndexWriter(index) as writer:
        writer.remove("1.txt")
        writer.commit(compact=True)
    current = Current.open(index)
    assert len(current.snapshot.segments) == 1
    assert counts(current) == {"Ann": 7}
    assert check(index) == []


def test_a_generation_remembers_where_its_file_is(index: Path):
    elsewhere = index.parent / "mine.toml"
    elsewhere.write_text("[people.merge]\nAnn = 'Bob'\n")
    assert counts(Current.open(index, elsewhere)) == {"Ann": 3}
    assert counts(Current.open(index)) == {"Ann": 3}
    assert Current.open(index).file == elsewhere


def test_a_name_that_a_value_had_still_finds_it(index: Path):
    (index.parent / "facets.toml").write_text(
        "[people.merge]\nAnn = ['Bob', 'Robert']\n[people.rename]\nAnn = 'Anna'\n[people.aliases]\nAnn = 'Annie Corp'\n"
    )
    snapshot = Current.open(index).snapshot
    for name in ("ann", "Anna", "Bob", "bob", "robert", "ANNIE corp", "Ann"):
        assert [snapshot.value("people", o).label for o in snapshot.ordinals_named("people", name)] == ["Anna"], name
    assert snapshot.ordinals_named("people", "Eve") == []


def test_a_wrong_file_is_told_at_once_and_nothing_is_written(index: Path):
    (index.parent / "facets.toml").write_text("[people.merge]\nAnn = 3\n")
    with pytest.raises(UsageError, match=r"facets\.toml:2: people\.merge\.Ann"):
        Current.open(index)
    with pytest.raises(UsageError), IndexWriter(index):
        pass


def test_an_alias_is_not_looked_for_where_the_record_brought_its_values(tmp_path: Path):
    directory = tmp_path / "index"
    (tmp_path / "facets.toml").write_text("[people.aliases]\nAnn = 'Acme'\n")
    for merged in (False, True):
        with IndexWriter(directory) as writer:
            writer.add(document("a.txt", "Acme here."), [{}])
            writer.add(document("b.txt", "Acme there.", given={"people": ()}), [{}])
            writer.add(document("c.txt", "gone"), [{}])
            writer.commit()
            writer.remove("c.txt")
            writer.commit(compact=merged)
        current = Current.open(directory)
        assert counts(current) == {"Ann": 1}


def test_the_digest_changes_with_what_names_mean(index: Path):
    (index.parent / "facets.toml").write_text("[people.merge]\n'Bobby' = 'Ann'\n")
    curation = load(index.parent / "facets.toml")
    segments = [Segment(path) for path in (index / "segments").iterdir()]
    before = digest_of(bind(curation, segments))
    text = "Bobby!"
    with IndexWriter(index) as writer:
        writer.add(document("9.txt", text), [person(text, "Bobby", "bobby-9")])
        writer.commit()
    current = Current.open(index)
    after = digest_of(bind(curation, [Segment(segment.folder) for segment in current.snapshot.segments]))
    assert before != after
    assert counts(current) == {"Bobby": 3, "Bob": 1}


def test_a_circle_that_only_the_values_show_is_a_problem_and_no_error():
    curation = Curation(
        (
            Merge("weapons", "root", FILE, 1, into="s-300"),
            Merge("weapons", "a", FILE, 2, into="b"),
            Merge("people", "Ann", FILE, 3, into="Twin"),
        ),
        (),
        "x",
    )
    known = {
        ("weapons", "s-300"): [VALUES["weapons"][2]],
        ("weapons", "b"): [Value("a", "b")],
        ("people", "Twin"): [Value("t1", "Twin"), Value("t2", "Twin")],
    }
    curator = Curator(curation, lambda dimension, name: known.get((dimension, name), []))
    assert curator.decisions["weapons"].fate(ROOT).value == ROOT
    assert curator.decisions["weapons"].fate(Value("a", "a")).value == Value("a", "a")
    assert curator.decisions["people"].fate(Value("ann", "Ann")).value.id == "t1"
    problems = {**curator.decisions["weapons"].problems, **curator.decisions["people"].problems}
    assert {entry.line: said for entry, said in problems.items()} == {
        1: "S-300 is below Root",
        3: "'Twin' is the label of t1, t2; name one by its id",
    }
