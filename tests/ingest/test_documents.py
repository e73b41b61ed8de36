from __future__ import annotations

from collections.abc import Mapping

import pytest

from searchkit.ingest import paragraphs
from searchkit.ingest.documents import Article, document, given_values, text_of
from searchkit.model import EMPTY

TEXT = "One.\n\nTwo."


def made(text: str = TEXT, title: str | None = None, **metadata: object):
    return document("a.txt", Article(text, tuple(paragraphs.split(text)), title, metadata), title="a.txt", date="2024")


def test_what_the_article_states_comes_before_what_its_name_tells():
    assert (made().title, made().date, made().source) == ("a.txt", "2024", None)
    stated = made(title="T", date="2023-01-02", source=" The\n Post ")
    assert (stated.title, stated.date, stated.source) == ("T", "2023-01-02", "The Post")
    assert made(date="some day").date == "2024"


def test_the_content_hash_covers_text_and_metadata():
    variants = [
        made(),
        made("One.\n\nTwo. "),
        made(title="T"),
        made(source="T"),
        made(date="2023"),
        made(people=[]),
        made(people=["A"]),
        made(countries=["A"]),
        made(people=["A", "B"]),
    ]
    assert len({variant.content_hash for variant in variants}) == len(variants)
    assert made(other="x").content_hash == made().content_hash


@pytest.mark.parametrize(
    ("metadata", "given"),
    [
        ({}, {}),
        ({"people": []}, {"people": ()}),
        ({"people": ["Joe Biden", " Joe  Biden", "", "X"]}, {"people": ("Joe Biden", "X")}),
        ({"people": "Joe Biden; Olaf Scholz"}, {"people": ("Joe Biden", "Olaf Scholz")}),
        ({"weapons": [{"id": "atacms", "value": "ATACMS", "mentions": []}]}, {"weapons": ("ATACMS",)}),
        ({"country": ["Ukraine"], "year": 2024}, {}),
        ({"countries": None}, {}),
        ({"countries": 5}, {}),
        ({"countries": [5]}, {}),
        ({"countries": [{"iso": "UA"}]}, {}),
    ],
)
def test_given_values(metadata: Mapping[str, object], given: Mapping[str, object]):
    assert given_values(metadata) == given


def test_no_given_values_is_the_empty_selection():
    assert given_values({}) is EMPTY


@pytest.mark.parametrize(("value", "text"), [("a\ud800", "a\ufffd"), (" ", None), (5, "5"), (True, None), ([], None)])
def test_text_of(value: object, text: str | None):
    assert text_of(value) == text


def test_a_number_with_too_many_digits_is_no_text():
    assert text_of(10**5000) is None
