"""Making a `Request` out of what a face was given, with every argument checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args

from searchkit.errors import QueryLimitError, UsageError
from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS, FacetOrder, Request, Scope, Sort

#: The most hits that one request may ask for, offset included; more is for `batch` and exports, page by page.
LARGEST_PAGE: Final = 1_000_000
#: The most values that one request may select and exclude.
VALUE_LIMIT: Final = 1_024
_ALLOWED: Final = (("scope", get_args(Scope)), ("sort", get_args(Sort)), ("facet_order", get_args(FacetOrder)))

Named = Mapping[str, str | Iterable[str]]


def make_request(
    query: str = "",
    *,
    filters: Named | None = None,
    exclude: Named | None = None,
    all_of: Sequence[str] = (),
    date_from: str | None = None,
    date_to: str | None = None,
    sources: str | Iterable[str] | None = None,
    scope: Scope = "paragraph",
    sort: Sort = "relevance",
    live: bool = False,
    limit: int = 20,
    offset: int = 0,
    facet_limit: int = 20,
    facet_order: FacetOrder = "count",
    dimensions: Sequence[str] = ENTITY_DIMENSIONS,
) -> Request:
    """A request from options as users give them: one name or several, None for nothing.

    `sources` is a selection in the dimension `source`. Dates are checked here, dimensions by the engine, which knows
    them. `UsageError` for a bad argument, `QueryLimitError` where too many values are named.
    """
    if not isinstance(query, str):
        raise UsageError(f"the query has to be text, not {type(query).__name__}")
    for (name, allowed), value in zip(_ALLOWED, (scope, sort, facet_order), strict=True):
        if value not in allowed:
            raise UsageError(f"{name} has to be one of {', '.join(allowed)}, not {value!r}")
    for name, number in (("limit", limit), ("offset", offset), ("facet_limit", facet_limit)):
        if not isinstance(number, int) or not 0 <= number <= LARGEST_PAGE:
            raise UsageError(f"{name} has to be between 0 and {LARGEST_PAGE:,}, not {number!r}")
    selected, excluded = _selection(filters), _selection(exclude)
    if sources is not None:
        selected["source"] = (*selected.get("source", ()), *_names(sources))
    values = sum(map(len, (*selected.values(), *excluded.values())))
    if values > VALUE_LIMIT:
        raise QueryLimitError(f"{values:,} values are selected or excluded, the limit is {VALUE_LIMIT:,}")
    return Request(
        query=query,
        filters=selected,
        exclude=excluded,
        all_of=_names(all_of),
        date_from=_date(date_from, "from"),
        date_to=_date(date_to, "to"),
        scope=scope,
        sort=sort,
        live=live,
        limit=limit,
        offset=offset,
        facet_limit=facet_limit,
        facet_order=facet_order,
        dimensions=tuple(dict.fromkeys(_names(dimensions))),
    )


def with_added(request: Request, dimensions: Sequence[str]) -> Request:
    """The request that counts those of an index's dimensions too which a curation file added."""
    built_in = (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)
    added = (name for name in dimensions if name not in built_in)
    return replace(request, dimensions=tuple(dict.fromkeys((*request.dimensions, *added))))


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several, as a tuple. `UsageError` for what is no name."""
    found = (names,) if isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)
    for name in found:
        if not isinstance(name, str):
            raise UsageError(f"values and dimensions are named by text, not by {name!r}")
    return found


def _selection(named: Named | None) -> dict[str, tuple[str, ...]]:
    selection = {dimension: _names(names) for dimension, names in (named or {}).items()}
    return {dimension: names for dimension, names in selection.items() if names}


def _date(text: str | None, end: str) -> str | None:
    if text is not None and not isinstance(text, str):
        raise UsageError(f"--{end} has to be text (YYYY, YYYY-MM or YYYY-MM-DD), not {text!r}")
    if text is None or not text.strip():
        return None
    from searchkit.search.plan import parse_date  # noqa: PLC0415 - requests are made before Whoosh need be there

    if parse_date(text.strip()) is None:
        raise UsageError(f"--{end} {text!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    return text.strip()
