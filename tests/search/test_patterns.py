"""Patterns over the dictionary, each against its definition."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import VOCABULARY, document, examples, write
from hypothesis import given
from hypothesis import strategies as st
from oracle import edits, glob, pieces

from searchkit.errors import QueryLimitError
from searchkit.index.snapshot import Snapshot
from searchkit.search import patterns

WORDS = sorted({piece.word for word in VOCABULARY for piece in pieces(word)})
SOME = st.text("misle*?aé", max_size=6)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory):
    directory = tmp_path_factory.mktemp("index")
    write(directory, document("a", " ".join(VOCABULARY[:12])))
    write(directory, document("b", " ".join(VOCABULARY[8:])))
    opened = Snapshot.open(directory)
    yield opened
    opened.close()


def decoded(found: frozenset[bytes]) -> list[str]:
    return sorted(word.decode() for word in found)


@examples(100)
@given(st.sampled_from(WORDS), st.integers(0, 4))
def test_prefixes(snapshot: Snapshot, word: str, size: int):
    expected = [known for known in WORDS if known.startswith(word[:size])]
    assert decoded(patterns.prefixed(snapshot, "word", word[:size])) == expected


@examples(200)
@given(SOME, st.text("misle", max_size=8))
def test_wild_cards(pattern: str, word: str):
    assert patterns.matches(pattern, word) == glob(pattern, word)


@examples(100)
@given(SOME.filter(lambda pattern: set(pattern) & set("*?")))
def test_wild_cards_in_the_dictionary(snapshot: Snapshot, pattern: str):
    assert decoded(patterns.wildcard(snapshot, "word", pattern)) == [word for word in WORDS if glob(pattern, word)]


@examples(100)
@given(st.sampled_from(WORDS) | SOME, st.integers(0, 2), st.integers(0, 2))
def test_fuzzy_words(snapshot: Snapshot, word: str, distance: int, prefix: int):
    found = decoded(patterns.fuzzy(snapshot, "word", word, distance, prefix))
    near = [known for known in WORDS if edits(word, known) <= distance]
    assert found == [known for known in near if known.startswith(word[:prefix])]


@examples(100)
@given(st.none() | st.sampled_from(WORDS) | SOME, st.none() | st.sampled_from(WORDS) | SOME)
def test_ranges(snapshot: Snapshot, low: str | None, high: str | None):
    expected = [
        word
        for word in WORDS
        if (not low or word.encode() >= low.encode()) and (not high or word.encode() <= high.encode())
    ]
    assert decoded(patterns.between(snapshot, "word", low, high)) == expected


def test_a_pattern_that_means_too_much(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patterns, "EXPANSION_LIMIT", 3)
    with pytest.raises(QueryLimitError, match="more than 3 words"):
        patterns.wildcard(snapshot, "word", "*a*")
    with pytest.raises(QueryLimitError, match="more than 3 words"):
        patterns.prefixed(snapshot, "word", "", limit=3)
    assert len(set(patterns.prefixed(snapshot, "word", "", limit=None))) == len(WORDS)


def test_repeated_words_of_many_segments_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in "abcdef":
        write(tmp_path, document(name, "war warm wars"))
    monkeypatch.setattr(patterns, "EXPANSION_LIMIT", 3)
    opened = Snapshot.open(tmp_path)
    assert decoded(patterns.wildcard(opened, "word", "wa*")) == ["war", "warm", "wars"]
    opened.close()
