"""Highlights: the words that matched, where they matched."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import QUICK, corpora, document, examples, write
from expressions import expressions
from hypothesis import given
from hypothesis import strategies as st

from searchkit.model import Request
from searchkit.search.local import LocalEngine
from searchkit.search.snippets import passage

TEXT = (
    "Long-range missiles, long ranges; the missile\u2019s S-300 in the U.S. (US) and us. Peace talks: talks of peace."
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    with LocalEngine.open(write(tmp_path_factory.mktemp("index"), document("a", TEXT, title="Missiles"))) as engine:
        yield engine


@pytest.mark.parametrize(
    ("query", "live", "marked"),
    [
        ("missiles", False, ["missiles", "missile"]),
        ("long-range", False, ["Long", "range", "long", "ranges"]),
        ('"long range missiles"', False, ["Long", "range", "missiles"]),
        ("long range", False, ["Long", "range", "long", "ranges"]),
        ("S300", False, ["S", "300"]),
        ("US", False, ["U.S", "US"]),
        ("us", False, ["us"]),
        ('"peace talks"', False, ["Peace", "talks"]),
        ('"talks peace"~2', False, ["talks", "peace"]),
        ("missiles -zebra", False, ["missiles", "missile"]),
        ("zebra OR peace", False, ["Peace", "peace"]),
        ("peac*", False, ["Peace", "peace"]),
        ("pe?ce", False, ["Peace", "peace"]),
        ("pease~1", False, ["Peace", "peace"]),
        ("mis", True, ["missiles", "missile"]),
        ("long-ra", True, ["Long", "range", "long", "ranges"]),
        ("title:missiles", False, []),
        ("", False, []),
        ("peace ANDMAYBE missiles", False, ["missiles", "missile", "Peace", "peace"]),
    ],
)
def test_words_are_marked(engine: LocalEngine, query: str, live: bool, marked: list[str]):
    (hit,) = engine.search(Request(query, live=live)).hits
    assert [hit.text[start:end] for start, end in hit.highlights] == marked


@examples(25)
@given(corpora(commits=2), st.lists(expressions(), min_size=4, max_size=4))
def test_highlights_are_ascending_disjoint_and_within_the_text(corpus, some):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder, LocalEngine.open(corpus.write(Path(folder))) as engine:
        for expr in some:
            request = Request(expr.written(), limit=1000)
            for hit in (*engine.search(request).hits, *engine.search(replace(request, scope="document")).hits):
                at = 0
                for start, end in hit.highlights:
                    assert at <= start < end <= len(hit.text)
                    at = end


@pytest.mark.parametrize("width", [10, 40, 100, 1000])
def test_a_passage_holds_highlights_and_is_cut_between_words(width: int):
    text = " ".join(f"word{i}" for i in range(100))
    at = text.index("word50")
    start, end = passage(text, [(at, at + 6)], width)
    assert 0 <= start <= at
    assert end <= len(text)
    assert end - start <= width or (start, end) == (0, len(text))
    assert start == 0 or text[start - 1] == " "
    assert end == len(text) or text[end] == " " or width == 10
    if width > 10:
        assert "word50" in text[start:end]
