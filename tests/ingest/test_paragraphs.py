from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.ingest import paragraphs
from searchkit.ingest.paragraphs import MAX_CHARACTERS, split

PROSE = (
    "The minister said on Monday that the country would send more tanks to the front in the coming weeks. Officials in "
    "Kyiv welcomed the decision, which follows months of talks between the allies about what can be spared. A "
    "spokesman for the Ministry of Defence would not say how many vehicles were meant, or when they would arrive."
)
ARTICLE = Path("/work/shared/seeds/atacms.txt")


def texts(text: str) -> list[str]:
    return [paragraph.text for paragraph in split(text)]


def visible(text: str) -> str:
    return "".join(text.split())


def test_blank_lines_separate():
    assert texts("One sentence.\n\nAnother.\n \t\nThird.") == ["One sentence.", "Another.", "Third."]


def test_without_blank_lines_each_line_is_a_paragraph():
    assert texts("He came.\nShe left.\nIt rained.\n") == ["He came.", "She left.", "It rained."]


@pytest.mark.parametrize("width", [50, 72, 99])
def test_hard_wrapped_lines_are_joined(width: int):
    wrapped = textwrap.fill(PROSE, width)
    assert texts(f"{wrapped}\n\n{wrapped}") == [PROSE, PROSE]
    assert texts(wrapped) == [PROSE]


def test_lines_longer_than_a_wrapped_one_are_not_joined():
    line = "word " * 25 + "and no end"
    assert texts(f"{line}\n{line}\n{line}") == [line] * 3


def test_a_line_that_goes_on_in_lower_case_is_joined_however_ragged():
    assert texts("President Biden authorized\nthe use of missiles deep\nin Russia.") == [
        "President Biden authorized the use of missiles deep in Russia."
    ]


def test_a_list_of_headlines_stays_a_list():
    headlines = [
        "Kyiv asks allies for more air defence after strikes",
        "Seoul warns Moscow",
        "Tehran denies shipment of drones to the front",
        "Oslo pledges aid",
        "Warsaw closes two crossings on its eastern border again",
    ]
    assert texts("\n".join(headlines)) == headlines


def test_names_in_a_list_stay_apart():
    assert texts("Joe Biden\nVladimir Putin\nOlaf Scholz") == ["Joe Biden", "Vladimir Putin", "Olaf Scholz"]


def test_an_item_of_a_list_begins_a_paragraph_and_keeps_its_wrapped_lines():
    assert texts("- tanks that were promised\n  in spring\n- drones that were promised\n  in autumn") == [
        "- tanks that were promised in spring",
        "- drones that were promised in autumn",
    ]


def test_a_hyphen_at_the_end_of_a_line_joins_without_a_space():
    assert texts("They asked again for more of the long-\nrange missiles.") == [
        "They asked again for more of the long-range missiles."
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\u2028", "\f"])
def test_every_kind_of_line_end(end: str):
    assert texts(end.join(["One ends.", "Two ends.", "", "Three ends."])) == ["One ends.", "Two ends.", "Three ends."]


def test_offsets_are_code_points_of_the_text():
    text = "\ufeff Žižek 𝄞 spoke.\r\n\r\n\tThen he\r\nleft.  "
    for paragraph in split(text):
        assert visible(text[paragraph.start : paragraph.end]) == visible(paragraph.text)
    assert [paragraph.number for paragraph in split(text)] == [0, 1]


def test_long_paragraphs_are_cut_at_the_end_of_a_sentence():
    sentence = "The U.S. sent Gen. Smith and Mr. Jones to Kyiv with a list of what was left there."
    found = texts(" ".join([sentence] * 60))
    assert len(found) > 1
    assert all(len(text) <= MAX_CHARACTERS for text in found)
    assert all(text.endswith("left there.") for text in found)
    assert " ".join(found) == " ".join([sentence] * 60)


def test_an_abbreviation_is_none_the_less_at_the_beginning():
    assert [len(text) for text in texts("Mr. " * 1000)] == [1999, 1999]


def test_exactly_the_limit_is_not_cut():
    text = "a" * (MAX_CHARACTERS - 1) + "."
    assert texts(text) == [text]
    assert [len(part) for part in texts("a" * (MAX_CHARACTERS + 1))] == [MAX_CHARACTERS, 1]


def test_without_sentences_it_is_cut_between_words():
    found = texts("word " * 1000)
    assert all(set(text.split()) == {"word"} for text in found)


def test_ideographic_sentences_need_no_space():
    found = texts("会談が行われた。" * 500)
    assert all(text.endswith("。") for text in found)


def test_white_space_alone_is_nothing():
    assert split("") == []
    assert split(" \n\t\n\u00a0\r\n") == []


def test_only_the_part_asked_for_is_split():
    text = "Before.\n\nInside.\n\nAfter."
    start = text.index("Inside")
    assert [(p.text, p.start) for p in split(text, start, start + 7)] == [("Inside.", start)]


WORDS = st.sampled_from(
    ["word", "Kyiv", "U.S.", "end.", "what?", "“so,”", "long-", "-", "- item", "# h", "。", "𝄞", "x" * 300, "x" * 2500]
)
SPACES = st.sampled_from([" ", "  ", "\n", "\r\n", "\n\n", "\n \n", "\r", "\t", "\u00a0", "\x1c", "\f", "\u2029"])
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, SPACES), max_size=150).map(lambda pairs: "".join(word + space for word, space in pairs)),
    st.text(max_size=300),
)


@given(TEXTS)
def test_nothing_is_lost_but_white_space(text: str):
    assert visible("".join(texts(text))) == visible(text)


@given(TEXTS)
def test_paragraphs_are_ordered_bounded_trimmed_and_where_they_say(text: str):
    found = split(text)
    end = 0
    for number, paragraph in enumerate(found):
        assert paragraph.number == number
        assert end <= paragraph.start < paragraph.end <= len(text)
        assert visible(text[paragraph.start : paragraph.end]) == visible(paragraph.text)
        assert 0 < len(paragraph.text) <= MAX_CHARACTERS
        assert paragraph.text == paragraph.text.strip()
        end = paragraph.end


@given(TEXTS)
def test_every_visible_character_is_in_one_line(text: str):
    assert visible("".join(line.text for line in paragraphs.lines(text))) == visible(text)


@pytest.mark.skipif(not ARTICLE.exists(), reason=f"SKIPPED: {ARTICLE} is not on this machine")
def test_the_article_has_28_paragraphs():
    text = ARTICLE.read_text("utf-8")
    assert texts(text) == text.splitlines()
    assert len(texts(text)) == 28
