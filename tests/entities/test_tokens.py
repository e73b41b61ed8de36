# ruff: noqa: RUF001 - characters that look like others are what some cases are about
"""Tokens: what is one, and that every character is in one or white."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities.tokens import Tokens, folded, unaccented


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ukraine's allies", ["Ukraine", "'s", "allies"]),
        ("UKRAINE’S ALLIES", ["UKRAINE", "’S", "ALLIES"]),
        ("O'Brien and Côte d’Ivoire", ["O'Brien", "and", "Côte", "d’Ivoire"]),
        ("the U.S.-led force", ["the", "U.S.", "-", "led", "force"]),
        ("in the U.S. It", ["in", "the", "U.S.", "It"]),
        ("a U.S official", ["a", "U.S", "official"]),
        ("S-300s, S300", ["S", "-", "300s", ",", "S300"]),
        ("Gen. A. B. Cd", ["Gen", ".", "A", ".", "B", ".", "Cd"]),
        ("$56.2 billion", ["$", "56", ".", "2", "billion"]),
        ("Russians' plan", ["Russians", "'", "plan"]),
        ("snake_case", ["snake", "_", "case"]),
        ("cafe\u0301s", ["cafe\u0301s"]),
        ("Ukr\u00adaine", ["Ukr\u00adaine"]),
        ("हिन्दी", ["हिन्दी"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_these_tokens(text, words):
    assert Tokens(text).words == words


@given(st.text())
def test_tokens_stand_where_they_say_and_leave_only_white_space(text):
    tokens = Tokens(text)
    assert [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words
    covered = {place for start, end in zip(tokens.starts, tokens.ends, strict=True) for place in range(start, end)}
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Élysée", "Elysee"),
        ("Łódź", "Lodz"),
        ("İstanbul", "Istanbul"),
        ("d’Ivoire", "d'Ivoire"),
        ("Ukr\u00adaine", "Ukraine"),
    ],
)
def test_accents_come_off_and_case_stays(word, plain):
    assert unaccented(word) == plain
    assert folded(word) == plain.lower()


@given(st.text())
def test_folding_twice_is_folding_once(word):
    assert folded(unaccented(word)) == folded(word)
