"""Matching: leftmost-longest per dimension, by the case rule of each alias."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities.gazetteer import spellings
from searchkit.entities.match import Matcher
from searchkit.entities.tokens import Tokens, folded, unaccented
from searchkit.kernels.words import TOKEN


@pytest.fixture
def matcher(gazetteer):
    return Matcher(gazetteer)


def found(matcher, text):
    return [(one.first, one.last, one.alias.text) for one in matcher.match(Tokens(text))]


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("France and the Elysee Palace", ["France", "Élysée Palace"]),
        ("FRANCE", ["France"]),
        ("france", []),
        ("the US told us", ["US"]),
        ("Us", []),
        ("Americans", ["American"]),
        ("S-300s, S300 and S 300", ["S-300", "S-300", "S-300"]),
        ("s-300", []),
        ("MISSILES, missile", ["missile", "missile"]),
        ("", []),
    ],
)
def test_these_aliases_are_found(matcher, text, aliases):
    assert [alias for _, _, alias in found(matcher, text)] == aliases


def test_the_longest_of_a_dimension_wins(matcher):
    assert found(matcher, "missile battery") == [(0, 2, "missile battery")]
    assert found(matcher, "French toast") == [(0, 2, "French toast")]
    assert found(matcher, "French TOASTER") == [(0, 1, "French")]


def test_dimensions_do_not_hide_each_other(matcher):
    assert sorted(found(matcher, "American missile")) == [(0, 1, "American"), (0, 2, "American missile")]


def test_a_phrase_that_names_nothing_has_no_values(matcher):
    [one] = matcher.match(Tokens("French toast"))
    assert one.alias.values == ()


def test_many_paragraphs_are_read_as_each_alone(matcher):
    texts = ["France", "", "the US missile battery", "French", "toast", "America\n"]
    batch = matcher.read(texts)
    for number, text in enumerate(texts):
        tokens = Tokens(text)
        here = batch.paragraphs[number]
        for part in ("text", "words", "folded", "starts", "ends"):
            assert getattr(here, part) == getattr(tokens, part)
        assert batch.candidates[number] == matcher.match(tokens)
        ids = batch.ids[batch.starts[number] : batch.ends[number]].tolist()
        assert [batch.vocabulary.words[word] for word in ids] == tokens.words


WORDS = [
    *("France", "FRANCE", "french", "French", "toast", "S", "-", "300", "300s", "US", "us"),
    *("missile", "battery", "American", "Élysée", "Elysee", "Palace", "x"),
]


@given(words=st.lists(st.sampled_from(WORDS), max_size=12))
def test_matching_agrees_with_trying_every_span(words):
    matcher, gazetteer = _made()
    paragraph = Tokens(" ".join(words))
    written = [
        (number, row, TOKEN.findall(spelling))
        for number, row in enumerate(map(gazetteer.phrases.row, range(len(gazetteer.phrases))))
        for spelling in spellings(row)
    ]
    expected = []
    free = {}
    for first in range(len(paragraph)):
        for dimension in ("countries", "weapons"):
            for last in range(len(paragraph), first, -1):
                taken = paragraph.words[first:last]
                key = list(map(folded, taken))
                spelled = [
                    gazetteer.alias(number)
                    for number, row, model in written
                    if row.dimension == dimension
                    and list(map(folded, model)) == key
                    and _fits(row.case, list(map(unaccented, model)), taken)
                ]
                if spelled:
                    if free.get(dimension, 0) <= first:
                        expected += [(first, last, alias) for alias in spelled]
                        free[dimension] = last
                    break
    assert sorted(map(repr, matcher.match(paragraph))) == sorted(
        f"Candidate(first={first}, last={last}, alias={alias!r})" for first, last, alias in expected
    )


def _fits(case, model, words):
    if case == "exact":
        return [word.replace("É", "E").replace("é", "e") for word in words] == list(model)
    if case == "any":
        return True
    return all(word[0].isupper() or not letters[0].isupper() for word, letters in zip(words, model, strict=True))


_MADE = []


def _made():
    return _MADE[0]


@pytest.fixture(autouse=True)
def _share(gazetteer):
    _MADE[:] = [(Matcher(gazetteer), gazetteer)]
