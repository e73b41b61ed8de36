from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.ingest.frontmatter import split


def test_yaml():
    text = (
        "---\r\n"
        "# about the article\r\n"
        'Title: "Missiles: what now?" # a title\r\n'
        "date: 2024-11-17  # a Sunday\r\n"
        "source: 'The Analyst''s Post'\r\n"
        "people: [Joe Biden, \"Putin, Vladimir\", 'x']\r\n"
        "countries:\r\n"
        "  - Ukraine\r\n"
        "- 'Congo, Republic of the'\r\n"
        "weapons: []\r\n"
        "summary: >\r\n"
        "  Two\r\n"
        "  lines.\r\n"
        "editor: ~\r\n"
        "url: http://example.org/#top\r\n"
        "nested:\r\n"
        "  a: b\r\n"
        "---\r\n"
        "Text."
    )
    metadata, start = split(text)
    assert text[start:] == "Text."
    assert metadata == {
        "title": "Missiles: what now?",
        "date": "2024-11-17",
        "source": "The Analyst's Post",
        "people": ["Joe Biden", "Putin, Vladimir", "x"],
        "countries": ["Ukraine", "Congo, Republic of the"],
        "weapons": [],
        "summary": "Two lines.",
        "url": "http://example.org/#top",
    }


def test_a_list_may_go_on_over_lines():
    assert split('---\npeople: [A,\n  "B]",\n  C]\nsource: x\n---\n')[0] == {"people": ["A", "B]", "C"], "source": "x"}


def test_toml():
    text = '+++\ntitle = "A"\nDate = 2024-11-17\nweapons = []\n[extra]\nx = 1\n+++\nText.'
    metadata, start = split(text)
    assert text[start:] == "Text."
    assert metadata == {"title": "A", "date": dt.date(2024, 11, 17), "weapons": [], "extra": {"x": 1}}


@pytest.mark.parametrize("body", ["title = ", "x = [", 'a = "', "n = " + "9" * 5000, "n = " + "[" * 5000])
def test_wrong_toml_costs_the_metadata_only(body: str):
    text = f"+++\n{body}\n+++\nText."
    metadata, start = split(text)
    assert (metadata, text[start:]) == ({}, "Text.")


@pytest.mark.parametrize("line", ["what is this", ": x", "{a: b}", "&anchor", "\tx", "title: [A", 'title: "A'])
def test_wrong_lines_are_skipped(line: str):
    text = f"---\nsource: s\n{line}\ndate: 2024\n---\nText."
    metadata, start = split(text)
    assert (metadata["source"], metadata["date"], text[start:]) == ("s", "2024", "Text.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Text.",
        "---\nText between rules.\n---\nMore.",
        "---\ntitle: never closed\nText.",
        "--- \n\n",
        "----\na: b\n---\n",
        " ---\na: b\n---\n",
        "+++\nText.\n+++\nMore.",
        "---\na: b\n" + "x\n" * 40_000 + "---\nText.",
    ],
)
def test_what_is_no_front_matter_is_text(text: str):
    assert split(text) == ({}, 0)


def test_it_may_be_all_there_is():
    assert split("---\ntitle: A\n---") == ({"title": "A"}, 16)
    assert split("---\n---\nText.") == ({}, 8)
    assert split("---\ntitle: A\n...\nText.")[1] == 17


@given(st.text(alphabet="-+:[]\"'#,>|a \n\r\t\\=~", max_size=200))
def test_nothing_breaks_it(text: str):
    for fence in ("---", "+++"):
        whole = f"{fence}\n{text}\n{fence}\nText."
        assert 0 <= split(whole)[1] <= len(whole)
        assert whole[split(whole)[1] :].endswith("Text.")
