"""The filters that every command with a query takes: options, batch columns and the engine's request, in one table."""

# ruff: noqa: PLC0415 - `searchkit --help` must not load the engine

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from searchkit.cli import complete
from searchkit.cli.dimensions import SINGULAR, dimension_name
from searchkit.errors import UsageError
from searchkit.model import ENTITY_DIMENSIONS, Request, Scope, Sort

Names = list[str] | None


def _values(dimension: str, flag: str, help_text: str) -> object:
    return typer.Option(
        flag, metavar="NAME", help=help_text, show_default=False, autocompletion=complete.values_of(dimension)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """Which paragraphs count: the filters, with the names that the command line, CSV columns and JSONL keys share."""

    person: Annotated[Names, _values("people", "--person", "Only with this person; repeat for any of several.")] = None
    country: Annotated[Names, _values("countries", "--country", "Only with this country.")] = None
    weapon: Annotated[Names, _values("weapons", "--weapon", "Only with this weapon or class.")] = None
    not_person: Annotated[Names, _values("people", "--not-person", "Without this person.")] = None
    not_country: Annotated[Names, _values("countries", "--not-country", "Without this country.")] = None
    not_weapon: Annotated[Names, _values("weapons", "--not-weapon", "Without this weapon or class.")] = None
    filter: Annotated[
        Names,
        typer.Option(
            "--filter",
            metavar="DIM=VALUE",
            help="Only with this value of any dimension (year, source...).",
            show_default=False,
            autocompletion=complete.pairs,
        ),
    ] = None
    not_: Annotated[
        Names,
        typer.Option(
            "--not", metavar="DIM=VALUE", help="Without this value.", show_default=False, autocompletion=complete.pairs
        ),
    ] = None
    all_of: Annotated[
        Names,
        typer.Option(
            "--all-of",
            metavar="DIM",
            help="Chosen values of this dimension must all be there, not any.",
            show_default=False,
            autocompletion=complete.dimensions,
        ),
    ] = None
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="Dated then or later: 2024, 2024-11, 2024-11-19.", show_default=False
        ),
    ] = None
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help="Dated then or earlier, the whole period.", show_default=False),
    ] = None
    source: Annotated[
        Names,
        typer.Option(
            "--source",
            metavar="NAME",
            help="Only of this source.",
            show_default=False,
            autocompletion=complete.values_of("source"),
        ),
    ] = None
    scope: Annotated[
        Scope | None,
        typer.Option("--scope", help="Where words and filters must meet.  [default: paragraph]", show_default=False),
    ] = None

    def merged(self, other: Filters) -> Filters:
        """These filters with `other`'s given after them: lists add up, a single value replaces."""
        merged: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            merged[field.name] = (
                [*mine, *theirs] if isinstance(mine, list) and isinstance(theirs, list) else theirs or mine
            )
        return Filters(**merged)

    def included(self) -> dict[str, list[str]]:
        """The chosen values by dimension. `UsageError` for a `--filter` that is not DIM=VALUE."""
        return self._by_dimension("", "--filter", self.filter)

    def excluded(self) -> dict[str, list[str]]:
        """The values that must not be there, by dimension. `UsageError` as above."""
        return self._by_dimension("not_", "--not", self.not_)

    def all_required(self) -> list[str]:
        """The dimensions whose chosen values must all be there."""
        return [dimension_name(name) for name in self.all_of or ()]

    def dimensions(self) -> set[str]:
        """Every dimension that is named."""
        return {*self.included(), *self.excluded(), *self.all_required()}

    def _by_dimension(self, prefix: str, option: str, pairs: Names) -> dict[str, list[str]]:
        chosen = {
            dimension: list(named)
            for dimension, singular in SINGULAR.items()
            if (named := getattr(self, prefix + singular))
        }
        for pair in pairs or ():
            dimension, given, value = pair.partition("=")
            if not given or not dimension.strip():
                raise UsageError(f"{option} needs DIMENSION=VALUE, not '{pair}'")
            chosen.setdefault(dimension_name(dimension), []).append(value.strip())
        return chosen


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Which of the hits, in which order, with how many facet values of which dimensions."""

    limit: int = 20
    offset: int = 0
    facet_limit: int = 20
    sort: Sort = "relevance"
    live: bool = False
    dimensions: tuple[str, ...] = ENTITY_DIMENSIONS


def request_of(query: str, filters: Filters, page: Page) -> Request:
    """The engine's request; `UsageError` for a date or a number that is none."""
    from searchkit.search.request import make_request

    return make_request(
        query,
        filters=filters.included(),
        exclude=filters.excluded(),
        all_of=filters.all_required(),
        date_from=filters.from_,
        date_to=filters.to,
        sources=filters.source,
        scope=filters.scope or "paragraph",
        sort=page.sort,
        live=page.live,
        limit=page.limit,
        offset=page.offset,
        facet_limit=page.facet_limit,
        dimensions=page.dimensions,
    )
