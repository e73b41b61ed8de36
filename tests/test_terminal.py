# ruff: noqa: RUF001 - the samples are in the scripts that they are about
"""The sanitiser: nothing that steers a terminal comes through, and nothing that people write is harmed."""

from __future__ import annotations

import re
import unicodedata

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.terminal import isolated, safe, safe_spans

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NASTY = st.sampled_from(
    "\x00\x07\x1b\x7f\x80\x85\x9b\x9d\r\n\t\xad\u200b\u200c\u200d\u2060\ufeff\u202e\u2066\u2069\u3164\ud800\udcff\ufdd0"
    "\ufffe\U0010ffff\U000e0041\U000e007f\ufe0f"
)
SCRIPTS = st.sampled_from("aZ9 .<>می한国ब्❤👨👩🏽שלום")
HOSTILE = st.text(st.one_of(NASTY, SCRIPTS, st.characters(codec=None)), max_size=40)
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5)

ORDINARY = [
    "Ukraine fired U.S.-made ATACMS at a depot in Bryansk — “a first”, said Kyiv.",
    "Володимир Зеленський і Сергій Лавров",
    "قال الرئيس إن الصواريخ أصابت المدينة",
    "می‌خواهم کتاب‌ها را بخوانم",  # Persian: ZWNJ within words
    "ראש הממשלה אמר כי הטילים פגעו",
    "क्‍ष और क्‌ष",  # Hindi: ZWJ and ZWNJ after a virama
    "ශ්‍රී ලංකාව",  # Sinhala: ZWJ in the country's own name
    "金正恩委員長は平壌で 葛󠄀城市 と",  # an ideographic variation selector
    "👨‍👩‍👧 👩🏽‍🚀 ❤️ 1️⃣ 🏳️‍🌈 🇺🇦 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "é ñ Á",  # combining accents
    "100\xa0000\u202fkm² ½ €",
]


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("multiline", [False, True])
def test_what_people_write_stays_as_it_is(text, multiline):
    assert safe(text, multiline=multiline) == text


@given(
    st.text(
        st.characters(
            codec="utf-8", categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u3164\uffa0\u115f\u1160"
        )
    )
)
def test_identity_on_letters_numbers_punctuation_and_symbols(text):
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "<U+001B>[2J"),
        ("\x1b]52;c;ZWNobw==\x07", "<U+001B>]52;c;ZWNobw==<U+0007>"),
        ("\x9b6n", "<U+009B>6n"),
        ("a\x7fb\x00", "a<U+007F>b<U+0000>"),
        ("good\rbad", "good<U+000D>bad"),
        ("access\u202e\u2066// admin\u2069", "access<U+202E><U+2066>// admin<U+2069>"),
        ("pay\u200bpal", "pay<U+200B>pal"),
        ("a\u200db", "a<U+200D>b"),  # a joiner that joins nothing
        ("👨\u200d\u200d👩", "👨<U+200D><U+200D>👩"),
        ("hi\U000e0068\U000e0069", "hi<U+E0068><U+E0069>"),  # tags: text that nobody sees
        ("a\ufe0f\ufe0e", "a<U+FE0F><U+FE0E>"),
        ("\ud83d \udcff", "<U+D83D> <U+DCFF>"),
        ("\ufffe\U0001ffff\ufdd0", "<U+FFFE><U+1FFFF><U+FDD0>"),
        ("Mis\xadsile \xad", "Missile <U+00AD>"),
        ("a\tb\nc\r\nd", "a b c d"),
    ],
)
def test_what_steers_or_hides_is_shown(text, shown):
    assert safe(text) == shown


def test_multiline_keeps_tab_and_newline_and_shows_a_lone_carriage_return():
    assert safe("a\tb\nc\r\nd\re", multiline=True) == "a\tb\nc\nd<U+000D>e"


@given(HOSTILE, st.booleans())
def test_no_control_character_comes_through(text, multiline):
    shown = safe(text, multiline=multiline)
    kept = {"\t", "\n"} if multiline else set()
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs"} and c not in kept]
    assert not BIDI & set(shown)
    shown.encode()  # can be written


@given(HOSTILE, st.booleans())
def test_sanitising_twice_is_sanitising_once(text, multiline):
    shown = safe(text, multiline=multiline)
    assert safe(shown, multiline=multiline) == shown


@given(HOSTILE, SPANS, st.booleans())
def test_spans_move_with_their_text(text, raw, multiline):
    spans = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in raw]
    shown, moved = safe_spans(text, spans, multiline=multiline)
    assert shown == safe(text, multiline=multiline)
    assert len(moved) == len(spans)
    for (start, end), (new_start, new_end) in zip(spans, moved, strict=True):
        assert 0 <= new_start <= new_end <= len(shown)
        outside = [c for c in text[start:end] if c.isalnum()]
        assert [c for c in re.sub(r"<U\+[0-9A-F]{4,6}>", "", shown[new_start:new_end]) if c.isalnum()] == outside


def test_spans_around_replacements():
    text = "ab\x1bcd\r\nef"
    spans = [(0, 2), (2, 3), (3, 5), (5, 6), (6, 7), (7, 9)]
    shown, moved = safe_spans(text, spans)
    assert [shown[a:b] for a, b in moved] == ["ab", "<U+001B>", "cd", " ", " ", "ef"]


def test_a_field_is_isolated_only_where_it_runs_from_right_to_left():
    assert isolated("Kyiv\x1b") == "Kyiv<U+001B>"
    assert isolated("القدس") == "\u2068القدس\u2069"
    assert isolated("\u2069القدس\u202e") == "\u2068<U+2069>القدس<U+202E>\u2069"


@given(HOSTILE)
def test_a_terminal_stays_where_it_was(text):
    """Whatever the text, the terminal's own state (title, modes, margins, tab stops) is untouched."""
    screen = pyte.Screen(400, 3)
    stream = pyte.Stream(screen)
    before = (set(screen.mode), screen.margins, screen.title, set(screen.tabstops), screen.charset)
    stream.feed(safe(text))
    assert (set(screen.mode), screen.margins, screen.title, set(screen.tabstops), screen.charset) == before
    assert screen.cursor.y == 0
