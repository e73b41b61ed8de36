from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.ingest.readers.markdown import parse


def parsed(text: str) -> tuple[str | None, list[str]]:
    article = parse(text)
    for number, paragraph in enumerate(article.paragraphs):
        assert paragraph.number == number
        assert text[paragraph.start : paragraph.end].split() == paragraph.text.split()
    return article.title, [paragraph.text for paragraph in article.paragraphs]


def test_headings():
    text = "# The title #\nOne.\n\n## Part one\nTwo goes\non.\n### Part 1.1\n\n## Part two"
    assert parsed(text) == ("The title", ["One.", "Part one", "Two goes on.", "Part 1.1", "Part two"])


def test_underlined_headings():
    assert parsed("The title.\n===\nOne.\n\nPart\n----\nTwo.") == ("The title.", ["One.", "Part", "Two."])


def test_front_matter_and_heading():
    head = "---\ntitle: T\n---\n"
    assert parsed(f"{head}# T\n\nOne.") == ("T", ["One."])
    assert parsed(f"{head}# Other\n\nOne.") == ("T", ["Other", "One."])
    assert parsed(f"{head}One.") == ("T", ["One."])


def test_a_first_line_that_is_a_title():
    assert parsed("The title\n\nOne.\n\n## Part\n\nTwo.") == ("The title", ["One.", "Part", "Two."])
    assert parsed("One.\n\n# Not the title\n\nTwo.") == (None, ["One.", "Not the title", "Two."])


def test_rules_and_fences_are_no_text_and_what_is_fenced_is():
    assert parsed("One.\n\n---\n\n* * *\nTwo.\n```sh\n# no heading\n---\n```\nThree.") == (
        None,
        ["One.", "Two.", "# no heading", "---", "Three."],
    )


def test_an_open_fence_loses_nothing():
    assert parsed("One.\n\n```\n# code")[1] == ["One.", "# code"]


def test_a_heading_alone_is_a_paragraph():
    assert parsed("# Zelensky met Biden") == (None, ["Zelensky met Biden"])


@pytest.mark.parametrize("text", ["", "---", "***\n\n===", "```\n```"])
def test_nothing_to_read(text: str):
    assert parsed(text) == (None, [])


LINES = st.sampled_from(
    ["Words here.", "Words", "# A", "## B #", "---", "===", "```", "~~~", "", "  ", "* * *", "- item", "#", "# #"]
)


@given(st.lists(LINES, max_size=20).map("\n".join))
def test_words_are_in_one_paragraph_or_the_title(text: str):
    title, paragraphs = parsed(text)
    for word in ("Words", "A", "B", "item"):
        assert text.split().count(word) == f"{title or ''} {' '.join(paragraphs)}".split().count(word)
