from __future__ import annotations

import textwrap

import pytest

from searchkit.ingest.titles import heading, take

BODY = "The minister said on Monday that the country would send more tanks to the front in the coming weeks."


def title(text: str) -> str | None:
    return take(text)[0]


@pytest.mark.parametrize("separator", ["\n", "\n\n", "\r\n", "\r\n\r\n"])
def test_a_first_line_that_ends_no_sentence_is_the_title(separator: str):
    text = f"Tanks for the front{separator}{BODY}{separator}He left."
    found, after = take(text)
    assert found == "Tanks for the front"
    assert text[after:].strip() == f"{BODY}{separator}He left."


@pytest.mark.parametrize(
    "first", [BODY, "Is it war?", "“We go.”", "x" * 121, "He said:", "Dear all,", "- tanks", "***"]
)
def test_a_first_line_that_is_a_sentence_or_goes_on_is_no_title(first: str):
    assert take(f"{first}\n\n{BODY}") == (None, 0)


def test_a_title_may_have_120_characters():
    assert title("x" * 120 + f"\n\n{BODY}") == "x" * 120


def test_the_first_line_of_wrapped_text_is_no_title():
    assert title(textwrap.fill(f"{BODY} {BODY}", 60)) is None
    assert title("President Biden authorized\nthe use of missiles.") is None


def test_a_title_right_above_wrapped_text_is_one():
    assert title("Tanks for the front\n" + textwrap.fill(f"{BODY} {BODY}", 60)) == "Tanks for the front"


def test_a_title_longer_than_the_line_below_it_is_one():
    assert title("Biden allows Ukraine to use American long-range missiles\nPutin was warned of it.") is not None


def test_a_line_alone_is_no_title():
    assert take("Zelensky met Biden in Kyiv") == (None, 0)
    assert take("# Zelensky met Biden in Kyiv\n") == (None, 0)
    assert take("") == (None, 0)


def test_a_heading_may_end_a_sentence():
    assert title(f"# What now? #\n{BODY}") == "What now?"


def test_it_begins_where_it_is_told_to():
    text = f"---\nSecond part\n\n{BODY}"
    assert take(text, 4) == ("Second part", 15)


@pytest.mark.parametrize(("line", "text"), [("## A b", "A b"), ("#tag", None), ("####### a", None), ("# #", None)])
def test_headings(line: str, text: str | None):
    assert heading(line) == text


def test_a_long_line_of_number_signs_is_no_heading():
    assert heading("# " + " #" * 100_000) is None
