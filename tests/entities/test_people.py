"""Which words name people: the reading of words, the witnesses, and what is taken off a name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.entities.extract import extractor
from searchkit.entities.names import FREE, PLACE, WEAPON, Names
from searchkit.entities.people import recogniser


@pytest.fixture(scope="module")
def names():
    return Names.load()


def spans(*texts):
    batch = extractor()._matcher.read(texts)
    return recogniser().recognise(batch.paragraphs, recogniser().read(batch), batch.candidates)


def found(*texts):
    return [[span.text for span in here] for here in spans(*texts)]


def test_the_tables_hold_what_is_promised(names):
    people = extractor().gazetteer.columns["people"]
    assert len(people) >= 4000
    assert all(row["source"] for row in people.values())
    assert all(row["from"] <= row["to"] for row in people.values() if row["from"] and row["to"])
    assert all(name.isascii() and name == name.casefold() for name in names.forenames)
    assert set(names.surnames.values()) == {1, 2, 3}


@pytest.mark.parametrize(
    ("word", "plain"),
    [("WARNS", "warns"), ("PUTIN", "Putin"), ("O'BRIEN", "O'Brien"), ("SMITH-JONES", "Smith-Jones"), ("Over", "over")],
)
def test_capitals_that_say_nothing_are_undone(names, word, plain):
    assert names.plain(word) == plain


@pytest.mark.parametrize(
    ("word", "claim", "kind"),
    [
        ("said", FREE, "say"),
        ("J", FREE, "initial"),
        ("J.R.", FREE, "initial"),
        ("Gen", FREE, "C:rank"),
        ("1990", FREE, "number"),
        ("”", FREE, '"'),
        ("\u2013", FREE, "-"),
        ("Paris", PLACE, "claim:place"),
        ("Patriot", WEAPON, "claim:weapon"),
        ("NATO", FREE, "acronym"),
        ("table", FREE, "word"),
    ],
)
def test_classes_of_words(names, word, claim, kind):
    assert names.word_class(word, claim) == kind


def test_a_headline_is_read_in_lower_case():
    texts = ["PUTIN WARNS WEST OVER LONG-RANGE MISSILES", "He said that NATO had warned the West."]
    batch = extractor()._matcher.read(texts)
    headline, sentence = recogniser().read(batch)
    assert headline.words[:2] == ["Putin", "warns"]
    assert sentence.words == batch.paragraphs[1].words


def test_titles_and_possessives_are_no_part_of_a_name():
    assert found("Lt. Col. Darrell Oakes\u2019s report was read by Prime Minister Keir Starmer.") == [
        ["Darrell Oakes", "Keir Starmer"]
    ]


def test_spans_say_where_they_stand():
    text = "Ursula von der Leyen met Gen. Christopher Cavoli."
    [here] = spans(text)
    assert [text[span.start : span.end] for span in here] == [span.text for span in here]
    assert [span.text for span in here] == ["Ursula von der Leyen", "Christopher Cavoli"]


def test_a_surname_counts_before_and_after_its_full_name():
    assert found("Ostrander was hit twice.", "Col. Frank Ostrander flew home.", "The nurse saw Ostrander.") == [
        ["Ostrander"],
        ["Frank Ostrander"],
        ["Ostrander"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The aircraft carrier Charles de Gaulle left Toulon.",
        "The USS Abraham Lincoln entered the Gulf.",
        "The plane landed at John F. Kennedy International Airport.",
        "Follow us on @ABlinken for more.",
    ],
)
def test_what_bears_a_name_is_no_person(text):
    assert found(text) == [[]]


def test_nothing_comes_of_nothing():
    assert recogniser().recognise([], [], []) == []
    assert spans() == []
    assert found("") == [[]]
    assert found("...") == [[]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("Ab .'-\u2019JPutin\n“”élÅ1@", max_size=40), max_size=3))
def test_spans_are_ordered_disjoint_and_inside(texts):
    for text, here in zip(texts, spans(*texts), strict=True):
        end = 0
        for span in here:
            assert end <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == span.text
            end = span.end
