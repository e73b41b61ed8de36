"""What may have been meant, and why there is nothing: for words, phrases, values, dates and whole documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from corpora import ATACMS, VALUES, document, labels, write

from searchkit.index.snapshot import Snapshot
from searchkit.model import Request, Value
from searchkit.search import suggest
from searchkit.search.local import LocalEngine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    ann = VALUES["people"][:1]
    first = (document("a", "long range missiles", "tanks", date="2024"), [labels(people=ann), labels(weapons=[ATACMS])])
    directory = write(tmp_path_factory.mktemp("index"), first, document("b", "missiles of war", date="2023"))
    with LocalEngine.open(directory) as engine:
        yield engine


@pytest.mark.parametrize(
    ("query", "more", "note"),
    [
        ("zebra", {}, "no paragraph has zebra"),
        ("missiles zebra", {}, "no paragraph has zebra"),
        ("missiles tanks", {}, "no paragraph has missiles together with tanks"),
        ('"missiles range"', {}, 'no paragraph has "missiles range"'),
        ("zeb*", {}, "no paragraph has zeb*"),
        ("missiles date:2022", {}, "no paragraph has date:2022"),
        ("war date:2024", {}, "no paragraph has war together with date:2024"),
        ('war person:"Ann Lee"', {}, 'no paragraph has war together with person:"Ann Lee"'),
        ("tanks war", {"scope": "document"}, "no document has tanks together with war"),
        ("missiles", {"date_from": "2025"}, "the query matches 2 paragraphs, but none is dated from 2025 to the end"),
        ("war", {"filters": {"people": ("Ann Lee",)}}, "but none has the people value 'Ann Lee'"),
        ("range", {"exclude": {"people": ("p0",)}}, "the query matches 1 paragraph, but none is without 'p0'"),
        (
            "missiles",
            {"date_to": "2023", "filters": {"people": ("Ann Lee",)}},
            "the query matches 2 paragraphs, but none that passes all that is selected",
        ),
        ("tanks missiles", {"scope": "document", "date_to": "2023"}, "matches 1 document, but none is dated"),
    ],
)
def test_a_query_without_hits_says_why(engine: LocalEngine, query: str, more: dict[str, Any], note: str):
    results = engine.search(Request(query, **more))
    assert results.total == 0
    assert any(note in one for one in results.notes), results.notes
    assert len(results.notes) == 1


def test_what_is_found_needs_no_reason(engine: LocalEngine):
    assert engine.search(Request("tanks missiles", scope="document")).notes == ()


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("misiles", [("spelling", "missiles"), ("value", "Missiles")]),
        ("ann l", [("value", "Ann Lee")]),
        ("atac", [("value", "ATACMS")]),
        ("missiles", [("value", "Missiles")]),
        ("tanks", []),
        ("x" * 100, []),
    ],
)
def test_what_may_have_been_meant(engine: LocalEngine, query: str, offered: list[tuple[str, str]]):
    found = engine.search(Request(query)).suggestions
    assert [(one.kind, one.text) for one in found] == offered


def test_how_many_paragraphs_have_a_term(engine: LocalEngine):
    snapshot: Snapshot = engine._generation.snapshot
    assert [suggest.frequency(snapshot, term) for term in ("missil", "tank", "zebra")] == [2, 1, 0]


def test_the_label_that_is_nearest_to_what_was_typed_comes_first(tmp_path: Path):
    names = ["Missile boats", "Missile cruisers", "Missile defence", "Missiles", "Missing"]
    one = (document("a", "x"), [labels(weapons=[Value(name, name) for name in names])])
    with LocalEngine.open(write(tmp_path, one)) as engine:
        assert [each.text for each in engine.search(Request("missile")).suggestions][:2] == [
            "Missiles",
            "Missile boats",
        ]
