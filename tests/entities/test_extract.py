"""The whole extractor: its shape, and that dimensions do not share characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities import match
from searchkit.entities.extract import TableExtractor, extractor
from searchkit.entities.gazetteer import Gazetteer
from searchkit.model import ENTITY_DIMENSIONS

TEXT = "Biden let Ukraine fire ATACMS at Russia, Volodymyr Zelensky said in Kyiv."


def test_every_paragraph_gets_every_dimension():
    labelled = extractor().extract([["", TEXT], [], ["x"]])
    assert [len(document) for document in labelled] == [2, 0, 1]
    assert all(set(labels) == set(ENTITY_DIMENSIONS) for document in labelled for labels in document)


def test_the_default_extractor_is_made_once_and_has_a_fingerprint():
    assert extractor() is extractor()
    assert extractor().fingerprint


def test_a_country_named_in_the_document_explains_a_place_in_another_paragraph():
    [[first, _]] = extractor().extract([["Fighting reached Puli Khumri.", "Afghanistan is at war."]])
    assert [label.value.id for label in first["countries"]] == ["AF"]
    [[alone], _] = extractor().extract([["Fighting reached Puli Khumri."], ["Afghanistan is at war."]])
    assert alone["countries"] == ()


PIECES = st.sampled_from(
    [*TEXT.split(" "), "HMS Belfast", "Paris Hilton", "U.S.", "S-300s", "\u0301", "\u2019s", "\n", "Jordan"]
)


@given(st.lists(PIECES, max_size=20).map(" ".join) | st.text(max_size=60))
def test_mentions_say_what_stands_there_and_do_not_overlap(text):
    [[labels]] = extractor().extract([[text]])
    taken = {}
    for dimension, found in labels.items():
        for label in found:
            assert label.mentions
            for one in label.mentions:
                assert text[one.start : one.end] == one.text
                for place in range(one.start, one.end):
                    assert taken.setdefault(place, dimension) == dimension


@pytest.mark.parametrize("text", ["A " * 5000, "U." * 3000, "North " * 3000, "'s" * 3000, "\u0301" * 3000])
def test_long_odd_texts_are_read(text):
    assert extractor().extract([[text]])


def test_what_a_document_names_does_not_depend_on_where_in_a_paragraph_it_stands():
    texts = ["North Korea fired.", "Kuwait agreed.", "He met Korean officers."]
    [labels] = extractor().extract([texts])
    assert [label.value.id for label in labels[2]["countries"]] == ["KP"]


def test_a_full_vocabulary_is_begun_anew(monkeypatch):
    monkeypatch.setattr(match, "_LIMIT", 3)
    small = TableExtractor(Gazetteer.load())
    for text in (TEXT, "PUTIN WARNS WEST OVER LONG-RANGE MISSILES", "Gen. Mark Milley met Rishi Sunak.", TEXT):
        assert small.extract([[text]]) == extractor().extract([[text]])
