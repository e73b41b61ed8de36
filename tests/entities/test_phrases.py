"""Compiled aliases: what is written is what is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities.phrases import Phrases, Row

ROWS = [
    Row("countries", "North Korea", "name", "caps", "", ("KP",)),
    Row("countries", "the Hague", "capital", "caps", "", ("NL",)),
    Row("weapons", "north star", "class", "any", "rule", ()),
]


def test_the_beginnings_of_phrases_are_known():
    phrases = Phrases.compile(ROWS, lambda row: [row.text])
    assert phrases.begins("North") == "north"
    assert phrases.begins("the") == "the"
    assert phrases.begins("Korea") == ""
    assert phrases.table["north"] == ""


def test_a_small_letter_begins_only_what_may_be_written_so():
    phrases = Phrases.compile(ROWS[:1], lambda row: [row.text])
    assert phrases.begins("NORTH") == "north"
    assert phrases.begins("north") == ""


@given(st.lists(st.lists(st.text("abÄ'.-", min_size=1).filter(str.strip), min_size=1, max_size=4), min_size=1))
def test_reading_what_was_written_gives_the_same(names):
    rows = [Row("d", " ".join(name), "name", "any", "", ("x",)) for name in names]
    made = Phrases.compile(rows, lambda row: [row.text])
    read = Phrases.parse(made.dump())
    assert read.table == made.table
    for number, row in enumerate(rows):
        assert read.row(number) == row
    for phrase in made.table:
        assert read.spellings(phrase) == made.spellings(phrase)


@pytest.mark.parametrize("text", ["", "a\n\f\n", "a\nb\f\nx\f\n\f\n"])
def test_text_of_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"unpack|shorter|zip"):
        Phrases.parse(text)
