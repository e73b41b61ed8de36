"""Names of values: by id, then label, then alias, whatever their case and accents."""

from __future__ import annotations

import pytest
from corpora import EAST, document, labels, write

from searchkit.index.snapshot import Snapshot
from searchkit.model import Value
from searchkit.search.values import alike, resolve

UKRAINE = Value("UA", "Ukraine", EAST)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory):
    people = [Value("p1", "Čeněk Novák"), Value("p2", "Same Name"), Value("p3", "Same Name"), Value("p4", "p1")]
    directory = tmp_path_factory.mktemp("index")
    write(directory, (document("a", "x", source="The Times"), [labels(people=people, countries=[UKRAINE])]))
    write(
        directory,
        (document("b", "x"), [labels(people=[Value("p5", "Same Name"), people[0]], topic=[Value("T-1", "War")])]),
    )
    opened = Snapshot.open(directory)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("dimension", "name", "ids"),
    [
        ("people", "p1", ["p1"]),
        ("people", "P1", ["p1"]),
        ("people", "Čeněk Novák", ["p1"]),
        ("people", "cenek novak", ["p1"]),
        ("people", "CENEK NOVÁK", ["p1"]),
        ("people", "same name", ["p2", "p3", "p5"]),
        ("people", "NOVÁK", ["p1"]),
        ("people", "name", ["p2", "p3", "p5"]),
        ("people", "nov", []),
        ("countries", "UA", ["UA"]),
        ("countries", "ua", ["UA"]),
        ("countries", "Ukraine", ["UA"]),
        ("countries", "UKRAINE", ["UA"]),
        ("countries", "Kyiv", ["UA"]),
        ("countries", "151", ["151"]),
        ("countries", "eastern europe", ["151"]),
        ("countries", "FR", []),
        ("countries", "", []),
        ("source", "the times", ["The Times"]),
        ("topic", "t-1", ["T-1"]),
        ("topic", "war", ["T-1"]),
        ("topic", "Kyiv", []),
    ],
)
def test_names(snapshot: Snapshot, dimension: str, name: str, ids: list[str]):
    found = resolve(snapshot, dimension, name)
    assert sorted(snapshot.value(dimension, ordinal).id for ordinal in found.ordinals) == ids
    if not ids:
        assert f"no paragraph has the {dimension} value {name!r}" in found.notes[0]
    elif len(ids) > 1:
        assert "means any of" in found.notes[0]
    else:
        assert found.notes == ()


def test_what_looks_like_a_name_is_offered(snapshot: Snapshot):
    assert [one.id for one in alike(snapshot, "people", "Cenek Novac")] == ["p1"]
    found = resolve(snapshot, "countries", "Ukrane")
    assert [(one.kind, one.text, one.dimension, one.id) for one in found.suggestions] == [
        ("value", "Ukraine", "countries", "UA")
    ]
    assert "did you mean 'Ukraine'?" in found.notes[0]
    assert list(alike(snapshot, "people", "zzz")) == []


def test_a_word_of_a_name_is_enough(snapshot: Snapshot):
    assert [one.id for one in alike(snapshot, "people", "Novk")] == ["p1"]
    assert list(alike(snapshot, "people", "o")) == []
