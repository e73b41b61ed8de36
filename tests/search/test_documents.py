"""Document scope: what may be met anywhere in a document, and what of a document is shown."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from corpora import document, write

from searchkit.model import Label, Mention, Request, Value
from searchkit.search.local import LocalEngine


@pytest.fixture
def engine(tmp_path: Path):
    write(
        tmp_path,
        document("a", "missiles fell", "nothing", "the war goes on", title="Kyiv"),
        document("b", "missiles and war", "peace"),
        document("c", "peace", "quiet"),
    )
    with LocalEngine.open(tmp_path) as engine:
        yield engine


@pytest.mark.parametrize(
    ("query", "documents", "shown"),
    [
        ("missiles war", "ab", [("a", 0), ("a", 2), ("b", 0)]),
        ("missiles -peace", "a", [("a", 0)]),
        ("missiles OR quiet", "abc", [("a", 0), ("b", 0), ("c", 1)]),
        ("-missiles", "c", [("c", 0), ("c", 1)]),
        ("war OR -missiles", "abc", [("a", 2), ("b", 0), ("c", 0), ("c", 1)]),
        ("quiet OR *:*", "abc", [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1), ("c", 1)]),
        ("title:kyiv", "a", [("a", 0), ("a", 1), ("a", 2)]),
        ("missiles ANDMAYBE peace", "ab", [("a", 0), ("b", 0), ("b", 1)]),
        ("missiles REQUIRE peace", "b", [("b", 0), ("b", 1)]),
        ('"missiles war"', "", []),
        ("", "abc", [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1), ("c", 0), ("c", 1)]),
    ],
)
def test_documents_and_what_is_shown_of_them(
    engine: LocalEngine, query: str, documents: str, shown: list[tuple[str, int]]
):
    results = engine.search(Request(query, scope="document", limit=100))
    assert sorted((hit.document, hit.paragraph) for hit in results.hits) == shown
    assert results.total == len(shown)
    assert results.total_documents == len(documents)
    counts = {hit.document: hit.document_hits for hit in results.hits}
    assert counts == {name: sum(document == name for document, _ in shown) for name in documents}


def test_what_bears_a_selected_value_is_shown_too(tmp_path: Path):
    bears = {"people": (Label(Value("p", "Ann Lee"), (Mention(0, 3, "Ann", "full", "test"),)),)}
    write(
        tmp_path,
        (document("a", "missiles fell", "nothing", "Ann spoke", date="2024"), [{}, {}, bears]),
        document("b", "missiles again"),
    )
    with LocalEngine.open(tmp_path) as engine:
        for query, shown in (("", [2]), ("missiles", [0, 2])):
            results = engine.search(Request(query, scope="document", filters={"people": ("p",)}))
            assert [hit.paragraph for hit in results.hits] == shown
        assert engine.search(Request("", scope="document", filters={"year": ("2024",)})).total == 3


@pytest.mark.parametrize("sort", ["relevance", "date", "source"])
def test_hits_of_a_document_stand_together(engine: LocalEngine, sort: str):
    hits = engine.search(Request("missiles OR war OR peace", scope="document", sort=sort)).hits
    assert len(hits) == 5
    assert len(list(groupby(hit.document for hit in hits))) == 3
