"""Words: which raw tokens there are, which words they hold, and which spellings meet."""

from __future__ import annotations

import pytest
from corpora import examples
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index import analysis
from searchkit.kernels import tokens

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
#: Text that is mostly what the rules are about.
ODD = st.lists(
    st.sampled_from(
        [
            *"aAbsSoO019-'.,\u2019\u2010\u00ad éøßЇй中ー",
            "US",
            "U.S",
            "n't",
            "F-16",
            "\u2019s",
            "1,000",
            "\u0301",
            "\u200d",
            "ﬁ",
        ]
    ),
    max_size=12,
).map("".join)


def terms(text: str) -> list[str]:
    return [piece.term for piece, _ in analysis.words(text)]


def words(text: str) -> list[str]:
    return [piece.word for piece, _ in analysis.words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("long-range missiles", ["long", "range", "missiles"]),
        ("S-300 S300 s-300", ["s", "300"] * 3),
        ("F-16 F16 F-16s F16s F16S", ["f", "16"] * 5),
        ("Kh-47M2", ["kh", "47", "m", "2"]),
        ("1990s 1990's", ["1990", "1990"]),
        ("21st 2nd", ["21st", "2nd"]),
        ("U.S. US u.s. U.S.-led US-led", ["US", "US", "US", "US", "led", "US", "led"]),
        ("us Us", ["us", "us"]),
        ("U.S.A. USA u.k.", ["usa", "usa", "uk"]),
        ("Ukraine's Ukraine\u2019s UKRAINE'S James' boys'", ["ukraine"] * 3 + ["james", "boys"]),
        ("don't don\u2019t we'll", ["don't", "don't", "we'll"]),
        ("O'Brien O\u2019Brien o'brien", ["obrien"] * 3),
        ("d'Ivoire", ["d", "ivoire"]),
        ("12,000 12000 1,234,567.89", ["12000", "12000", "1234567.89"]),
        ("3.5 1.2.3", ["3.5", "1.2.3"]),
        ("1,2 12,34", ["1", "2", "12", "34"]),
        ("end.Next word,word", ["end", "next", "word", "word"]),
        ("élan ELAN \u0065\u0301lan", ["elan"] * 3),
        ("Łódź Ørsted straße Æsir þing", ["lodz", "orsted", "strasse", "aesir", "thing"]),
        ("İstanbul ISTANBUL \u0131stanbul", ["istanbul"] * 3),
        ("ﬁre \uff46\uff49\uff52\uff45", ["fire", "fire"]),
        ("co\u00adoperate co\u00adop", ["cooperate", "coop"]),
        ("a\u200bb\u2060c", ["abc"]),
        ("long\u2010range long\u2011range", ["long", "range"] * 2),
        ("Kyiv\u2014Moscow \u201cquoted\u201d \u00abword\u00bb", ["kyiv", "moscow", "quoted", "word"]),
        ("Київ ЙОД йод", ["киів", "иод", "иод"]),
        ("كِتَاب كتاب", ["كتاب", "كتاب"]),
        ("שָׁלוֹם", ["שלום"]),
        ("हिन्दी", ["हिन्दी"]),
        ("導彈 ミサイル", ["導", "彈", "ミ", "サ", "イ", "ル"]),
        ("中a中", ["中", "a", "中"]),
        ("미사일", ["미사일"]),
        ("🚀 rocket🚀launch", ["rocket", "launch"]),
        ("- ' . , -- ''' \u2019 \u0301", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]):
    assert words(text) == expected


@pytest.mark.parametrize(
    "spellings",
    [
        ("missile", "missiles", "Missile's"),
        ("attack", "attacks", "attacked", "attacking"),
        ("S-300", "S300", "S 300", "s-300"),
        ("U.S.", "US", "U.S", "US's"),
        ("Zelensky's", "zelensky", "ZELENSKY\u2019S"),
    ],
)
def test_spellings_that_meet(spellings: tuple[str, ...]):
    assert len({tuple(terms(text)) for text in spellings}) == 1


def test_spellings_that_do_not_meet():
    assert terms("US") != terms("us")
    assert terms("long range")[1] != terms("long arrange")[1]


@examples(200)
@given(ANY_TEXT | ODD)
def test_pieces_lie_in_their_token_and_in_order(text: str):
    for match in analysis.RAW_TOKEN.finditer(text):
        raw, at = match.group(), 0
        for piece in analysis.pieces(raw):
            assert at <= piece.start < piece.end <= len(raw)
            assert piece.term
            assert piece.word
            at = piece.end


@examples(200)
@given(ANY_TEXT | ODD)
def test_many_at_once_are_as_one_by_one(text: str):
    raws = [match.group() for match in analysis.RAW_TOKEN.finditer(text)]
    pieces = [analysis.pieces(raw) for raw in raws]
    flat = [piece for some in pieces for piece in some]
    expected = [len(some) for some in pieces], [piece.term for piece in flat], [piece.word for piece in flat]
    assert analysis.pieces_of(raws) == expected


@examples(300)
@given(ANY_TEXT | ODD)
def test_folding_twice_changes_nothing(text: str):
    assert analysis.fold(analysis.fold(text)) == analysis.fold(text)


@examples(300)
@given(ODD)
def test_a_word_taken_from_a_text_is_found_by_itself(text: str):
    """What a user copies out of a text has the same terms there and in the query, as far as it is a word there."""
    for piece, offset in analysis.words(text):
        copied = text[offset + piece.start : offset + piece.end]
        if copied.isalpha() and copied.isascii():
            assert terms(copied) == [piece.term]


@examples(100)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_bytes_are_cut_as_text_is(text: str):
    assert [m.group().decode() for m in tokens.RAW_TOKEN.finditer(text.encode())] == analysis.RAW_TOKEN.findall(text)
