"""Compiled aliases: what is compiled is what the tables say, and is found by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities import compiled
from searchkit.entities.phrases import Phrases, Row
from searchkit.entities.tokens import folded
from searchkit.kernels.words import TOKEN

ROWS = [
    Row("countries", "North Korea", "name", "caps", "", ("KP",)),
    Row("countries", "the Hague", "capital", "caps", "", ("NL",)),
    Row("weapons", "north star", "class", "any", "rule", ()),
]
NAMES = st.lists(st.lists(st.text("abÄ'.-", min_size=1).filter(str.strip), min_size=1, max_size=4))


def compile_(rows):
    return Phrases.compile(rows, lambda row: [row.text])


@pytest.mark.parametrize(
    ("words", "rows"), [("North Korea", [0]), ("NORTH STAR", [2]), ("north", []), ("Korea", []), ("the", []), ("", [])]
)
def test_aliases_are_found_by_their_words_whatever_their_case(words, rows):
    assert compile_(ROWS).named(words.split()) == rows


def test_words_that_begin_a_phrase_come_first():
    phrases = compile_(ROWS)
    assert {word for word, symbol in phrases.symbols.items() if symbol < phrases.beginnings} == {"north", "the"}


@given(NAMES)
def test_every_alias_is_found_and_read_back(names):
    rows = [Row("d", " ".join(name), "name", "any", "", ("x", "y")) for name in names]
    phrases = Phrases(compiled.unpack(compiled.pack(compile_(rows).arrays())))
    assert [phrases.row(number) for number in range(len(rows))] == rows
    keys = [tuple(map(folded, TOKEN.findall(row.text))) for row in rows]
    for key in keys:
        assert phrases.named(key) == [number for number, other in enumerate(keys) if other == key]
