from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.ingest.dates import from_name, parse


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-11-17", "2024-11-17"),
        ("2024-11-17T10:30:00Z", "2024-11-17"),
        ("2024-11-17 10:30", "2024-11-17"),
        ("2024-11", "2024-11"),
        ("2024", "2024"),
        ("2024-1-7", "2024-01-07"),
        ("20241117", "2024-11-17"),
        ("2024/11/17", "2024-11-17"),
        (" 17 November 2024 ", "2024-11-17"),
        ("Sunday, 17 Nov. 2024", "2024-11-17"),
        ("Sun, 17 Nov 2024 10:00:00 +0000", "2024-11-17"),
        ("November 17, 2024", "2024-11-17"),
        ("Sept. 3rd, 2024", "2024-09-03"),
        ("May 2024", "2024-05"),
        (2024, "2024"),
        (20241117, "2024-11-17"),
        (dt.date(2024, 11, 17), "2024-11-17"),
        (dt.datetime(2024, 11, 17, 10, tzinfo=dt.UTC), "2024-11-17"),
        ("2024-13", None),
        ("2024-02-30", None),
        ("0000-01-01", None),
        ("3/4/2024", None),
        ("yesterday", None),
        ("", None),
        ("17 Brumaire 2024", None),
        (None, None),
        (True, None),
        (1.5, None),
        (10**400, None),
        (["2024"], None),
        (dt.time(10), None),
        ("2024-11-17" + " " * 10_000, None),
    ],
)
def test_stated_dates(value: object, date: str | None):
    assert parse(value) == date


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2024-11-17-kyiv.txt", "2024-11-17"),
        ("kyiv_20241117.txt", "2024-11-17"),
        ("kyiv 2024_11_17.txt", "2024-11-17"),
        ("2024-11.md", "2024-11"),
        ("report-2024-11-final.txt", "2024-11"),
        ("2024-13-45.txt", None),
        ("2024-11-31.txt", None),
        ("1200-10-20.txt", None),
        ("F-16.txt", None),
        ("120241117.txt", None),
        ("2024.txt", None),
        ("atacms.txt", None),
        ("12345678-2024-11-17.txt", "2024-11-17"),
    ],
)
def test_dates_in_names(name: str, date: str | None):
    assert from_name(name) == date


@given(st.one_of(st.text(), st.integers(), st.from_regex(r"\d{4}-\d\d-\d\d", fullmatch=True)))
def test_what_comes_out_is_iso(value: object):
    for date in (parse(value), from_name(str(value))):
        assert date is None or dt.date.fromisoformat((date + "-01-01")[:10])
