"""The library's face, as the contract shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

import searchkit
from searchkit.errors import NoIndexError, SearchkitError, UsageError

ARTICLE = """Missiles over Kyiv

Joe Biden let Ukraine fire long-range missiles at Russia, officials in the United States said.

North Korea sent troops.
"""


@pytest.fixture
def index(tmp_path: Path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(ARTICLE)
    (tmp_path / "seeds" / "b.jsonl").write_text(
        '{"id": "1", "text": "Drones flew.", "date": "2024-11-17", "source": "BBC", "people": ["Ann Lee"]}\n'
    )
    report = searchkit.build([tmp_path / "seeds"], into=tmp_path / "index")
    assert (report.added, report.documents, report.failed) == (2, 2, ())
    with searchkit.open(tmp_path / "index") as opened:
        yield opened


def test_a_search(index: searchkit.Index):
    results = index.search("long-range missiles", filters={"countries": ["Ukraine"]}, all_of=("countries",))
    assert results.total == 1
    assert "long-range missiles" in results.hits[0].text
    assert ("Joe Biden", 1) in [(value.value, value.count) for value in results.facets["people"].values]
    assert index.document(results.hits[0].id).title == "Missiles over Kyiv"


@pytest.mark.parametrize(
    ("options", "total"),
    [
        ({}, 3),
        ({"exclude": {"people": "Joe Biden"}}, 2),
        ({"filters": {"people": "Ann Lee"}}, 1),
        ({"sources": "BBC"}, 1),
        ({"date_from": "2024", "date_to": "2024-11"}, 1),
        ({"filters": {"countries": ["UA", "KP"]}}, 2),
        ({"filters": {"countries": ["UA", "KP"]}, "all_of": ["countries"]}, 0),
        ({"scope": "document", "filters": {"countries": ["UA", "KP"]}, "all_of": ["countries"]}, 2),
    ],
)
def test_options(index: searchkit.Index, options: dict, total: int):
    assert index.search(**options).total == total


def test_live(index: searchkit.Index):
    assert index.search("missi", live=True).total == 1
    assert index.search("missi").total == 0


def test_dimensions_are_chosen(index: searchkit.Index):
    assert set(index.search().facets) == {"people", "countries", "weapons"}
    assert [value.id for value in index.search(dimensions=["year"]).facets["year"].values] == ["2024"]


def test_dimensions_that_the_curation_file_adds_are_counted_too(tmp_path: Path):
    (tmp_path / "a.txt").write_text("Lockheed builds missiles.")
    (tmp_path / "companies.csv").write_text("id,label,parent,aliases\nlm,Lockheed Martin,,Lockheed\n")
    (tmp_path / "facets.toml").write_text('[dimensions.companies]\ngazetteer = "companies.csv"\n')
    searchkit.build(tmp_path / "a.txt", into=tmp_path / "index")
    with searchkit.open(tmp_path / "index") as opened:
        facets = opened.search("missiles").facets
        assert [*facets] == ["people", "countries", "weapons", "companies"]
        assert [(value.value, value.count) for value in facets["companies"].values] == [("Lockheed Martin", 1)]


def test_what_is_wrong_is_said(index: searchkit.Index, tmp_path: Path):
    for options in ({"limit": -1}, {"scope": "page"}, {"filters": {"colour": "red"}}, {"date_from": "soon"}):
        with pytest.raises(UsageError):
            index.search(**options)
    with pytest.raises(NoIndexError):
        searchkit.open(tmp_path / "nothing")
    assert issubclass(UsageError, SearchkitError)


def test_refreshing(index: searchkit.Index, tmp_path: Path):
    (tmp_path / "seeds" / "c.txt").write_text("Missiles again.")
    searchkit.build(tmp_path / "seeds", into=tmp_path / "index")
    assert index.status().paragraphs == 3
    assert index.refresh()
    assert index.status().paragraphs == 4


def test_names():
    assert {"open", "build", "Index"} <= set(dir(searchkit))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        searchkit.nothing  # noqa: B018 - asking is the test
