"""Requests: every argument is checked where it comes in."""

from __future__ import annotations

import pytest

from searchkit.errors import QueryLimitError, UsageError
from searchkit.model import ENTITY_DIMENSIONS, Request
from searchkit.search.request import make_request


def test_defaults():
    assert make_request() == Request()
    assert make_request().dimensions == ENTITY_DIMENSIONS


def test_one_name_or_several():
    request = make_request(
        "x",
        filters={"people": "Ann", "weapons": []},
        exclude={"people": ("Bob", "Cy")},
        sources="BBC",
        all_of=["people"],
    )
    assert request.filters == {"people": ("Ann",), "source": ("BBC",)}
    assert request.exclude == {"people": ("Bob", "Cy")}
    assert request.all_of == ("people",)
    assert make_request(filters={"source": "A"}, sources=["B"]).filters == {"source": ("A", "B")}


def test_one_dimension_need_be_no_list():
    request = make_request(all_of="people", dimensions="year")
    assert (request.all_of, request.dimensions) == (("people",), ("year",))


def test_dates_are_trimmed_and_empty_ones_are_none():
    request = make_request(date_from=" 2024-11 ", date_to=" ")
    assert (request.date_from, request.date_to) == ("2024-11", None)


def test_dimensions_are_counted_once():
    assert make_request(dimensions=("people", "year", "people")).dimensions == ("people", "year")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scope": "page"}, "scope has to be one of paragraph, document, not 'page'"),
        ({"sort": "size"}, "sort has to be"),
        ({"facet_order": "x"}, "facet_order has to be"),
        ({"limit": -1}, "limit has to be between 0 and 1,000,000, not -1"),
        ({"offset": -1}, "offset has"),
        ({"facet_limit": 10_000_000}, "facet_limit has"),
        ({"date_from": "2024-13"}, "--from '2024-13' is no date"),
        ({"date_to": "soon"}, "--to 'soon' is no date"),
        ({"query": b"x"}, "text, not bytes"),
        ({"limit": None}, "limit has to be between 0 and 1,000,000, not None"),
        ({"offset": "5"}, "offset has"),
        ({"filters": {"people": [None]}}, "named by text, not by None"),
        ({"exclude": {"people": None}}, "named by text, not by None"),
        ({"sources": 5}, "named by text, not by 5"),
        ({"date_from": 2024}, "--from has to be text"),
    ],
)
def test_what_is_wrong_is_named(options: dict, message: str):
    with pytest.raises(UsageError, match=message):
        make_request(**options)


def test_a_thousand_values_are_enough():
    names = [f"person {number}" for number in range(1025)]
    assert len(make_request(filters={"people": names[:1000]}, exclude={"people": names[1000:-1]}).filters["people"])
    with pytest.raises(QueryLimitError, match="1,025 values"):
        make_request(filters={"people": names[:1000]}, exclude={"people": names[1000:]})
