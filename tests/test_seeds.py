"""The sample articles are the first thing that anyone searches: their form is checked here, their facts by readers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SEEDS = REPOSITORY / "seeds"
USERS_ARTICLE = REPOSITORY.parent / "shared" / "seeds" / "atacms.txt"

ARTICLES = sorted([*SEEDS.glob("*.md"), *SEEDS.glob("*.txt")])
FILE_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-[a-z0-9]+(?:-[a-z0-9]+)*\.(?:md|txt)")
SHARED_RUN = 8  # words in a row that two texts have in common only when one copies the other


@dataclass(frozen=True)
class Article:
    front_matter: dict[str, str]
    paragraphs: list[str]


def read(path: Path) -> Article:
    """An article as its author wrote it; independent of searchkit's own reader, which is tested elsewhere."""
    opening, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", f"{path.name} does not open with its front matter"
    pairs = (line.split(": ", 1) for line in head.splitlines())
    front_matter = {key: value.strip('"') for key, value in pairs}
    paragraphs = [" ".join(block.split()) for block in body.strip().split("\n\n")]
    return Article(front_matter, paragraphs)


def word_runs(text: str) -> set[tuple[str, ...]]:
    """Every run of `SHARED_RUN` words of the text, whatever their case and punctuation."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + SHARED_RUN]) for start in range(len(words) - SHARED_RUN + 1)}


each_article = pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)


def test_there_are_at_least_twenty_articles():
    assert len(ARTICLES) >= 20


def test_both_plain_text_and_markdown_are_shown():
    assert {path.suffix for path in ARTICLES} == {".md", ".txt"}


def test_titles_are_distinct():
    titles = [read(path).front_matter["title"] for path in ARTICLES]
    assert len(set(titles)) == len(titles)


@each_article
def test_front_matter_is_complete(path):
    front_matter = read(path).front_matter
    assert list(front_matter) == ["title", "date", "source"]
    assert front_matter["source"] == "searchkit samples"
    assert 0 < len(front_matter["title"]) <= 120


@each_article
def test_title_needs_no_quotes_in_yaml(path):
    title = read(path).front_matter["title"]
    assert ": " not in title
    assert " #" not in title


@each_article
def test_date_is_valid_within_range_and_that_of_the_file_name(path):
    date = dt.date.fromisoformat(read(path).front_matter["date"])
    assert 2022 <= date.year <= 2024
    name = FILE_NAME.fullmatch(path.name)
    assert name is not None
    assert name[1] == date.isoformat()


@each_article
def test_six_to_fifteen_paragraphs_of_prose(path):
    paragraphs = read(path).paragraphs
    assert 6 <= len(paragraphs) <= 15
    for paragraph in paragraphs:
        assert 80 <= len(paragraph) <= 2_000
        assert paragraph.endswith(".")
        assert not paragraph.startswith("#")


@each_article
def test_no_paragraph_is_there_twice(path):
    paragraphs = read(path).paragraphs
    assert len(set(paragraphs)) == len(paragraphs)


@each_article
def test_nothing_is_copied_from_the_users_article(path):
    if not USERS_ARTICLE.is_file():
        pytest.skip(f"NOT CHECKED for copied sentences: {USERS_ARTICLE} is not there")
    theirs = word_runs(USERS_ARTICLE.read_text(encoding="utf-8"))
    shared = {run for paragraph in read(path).paragraphs for run in word_runs(paragraph) & theirs}
    assert not shared
