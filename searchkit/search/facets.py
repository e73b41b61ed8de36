"""Facets: which hits pass the selections, and how many hits bear each value.

Counting is a kernel (`searchkit.kernels.counts`) over one table of all dimensions asked for; here names become
ordinals, and counts become the listed values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from searchkit.errors import UsageError
from searchkit.index.format import Array
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import kept
from searchkit.kernels import counts
from searchkit.kernels.scoring import most
from searchkit.kernels.sets import distinct
from searchkit.model import Facet, FacetOrder, FacetValue, Request, Suggestion
from searchkit.search.values import gazetteer, resolve

#: Dimensions whose values above the named ones are listed only when they are selected: UN regions.
GROUPS_ONLY_WHEN_SELECTED: Final = frozenset({"countries"})


@dataclass(frozen=True)
class Choice:
    """What a request selects and excludes in one dimension, as global ordinals."""

    selected: tuple[frozenset[int], ...] = ()
    excluded: frozenset[int] = frozenset()
    all_of: bool = False
    #: Selected or excluded names that the index has no value for.
    unknown: tuple[tuple[str, bool], ...] = ()

    @cached_property
    def chosen(self) -> frozenset[int]:
        """All selected ordinals."""
        return frozenset().union(*self.selected)

    @cached_property
    def pinned(self) -> frozenset[int]:
        """The ordinals that are listed whatever their count: what is selected or excluded."""
        return self.chosen | self.excluded


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a request, for each dimension that it counts or selects in."""

    by_dimension: dict[str, Choice]
    notes: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]

    @property
    def key(self) -> tuple[tuple[str, Choice], ...]:
        """The choices as what they can be looked up by."""
        return tuple(self.by_dimension.items())


def choices(snapshot: Snapshot, request: Request) -> Choices:
    """Find the values that a request names. `UsageError` for a dimension that the index does not have."""
    named = dict.fromkeys([*request.dimensions, *request.filters, *request.exclude, *request.all_of])
    for dimension in named:
        known_dimension(snapshot, dimension)
    notes: list[str] = []
    suggestions: list[Suggestion] = []
    by_dimension = {}
    for dimension in named:
        unknown: list[tuple[str, bool]] = []
        groups: list[frozenset[int]] = []
        excluded: set[int] = set()
        for names, is_selected in ((request.filters, True), (request.exclude, False)):
            for name in names.get(dimension, ()):
                found = resolve(snapshot, dimension, name)
                notes += found.notes
                suggestions += found.suggestions
                if not found.ordinals:
                    unknown.append((name, is_selected))
                if is_selected:
                    groups.append(found.ordinals)
                else:
                    excluded |= found.ordinals
        by_dimension[dimension] = Choice(
            tuple(groups), frozenset(excluded), dimension in request.all_of, tuple(unknown)
        )
    return Choices(by_dimension, tuple(notes), tuple(suggestions))


def known_dimension(snapshot: Snapshot, dimension: str) -> None:
    """`UsageError` for a dimension that the index does not have."""
    if dimension not in snapshot.dimensions:
        raise UsageError(f"there is no dimension {dimension!r}; there are {', '.join(snapshot.dimensions)}")


class FacetTables:
    """The columns of a snapshot as the kernels take them, made when first needed and kept.

    With `by_document` a row is a document and bears what any of its live paragraphs bears, else a row is a paragraph.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.table: Callable[[tuple[str, ...], bool], counts.Table] = kept(self._table, 8)
        self.column: Callable[[str, bool], counts.Column] = kept(self._column, 32)
        self.totals: Callable[[str, bool], Array] = kept(self._totals, 32)
        self._documents: Array | None = None

    @property
    def documents(self) -> Array:
        """The global number of each paragraph's document (int64[paragraphs])."""
        if self._documents is None:
            base, parts = 0, [np.zeros(0, np.int64)]
            for segment in self._snapshot.segments:
                parts.append(segment.array("paragraph.document").all.astype(np.int64) + base)
                base += segment.document_count
            self._documents = np.concatenate(parts)
        return self._documents

    @property
    def document_count(self) -> int:
        """Documents, deleted ones included."""
        return sum(segment.document_count for segment in self._snapshot.segments)

    def _table(self, dimensions: tuple[str, ...], by_document: bool) -> counts.Table:
        rows = self.document_count if by_document else self._snapshot.paragraph_count
        return counts.combine([self.column(dimension, by_document) for dimension in dimensions], rows)

    def loose(self, dimensions: tuple[str, ...], by_document: bool) -> counts.Loose:
        """What `table` is made of."""
        return counts.loose([self.column(dimension, by_document) for dimension in dimensions])

    def _column(self, dimension: str, by_document: bool) -> counts.Column:
        snapshot = self._snapshot
        mapping = snapshot.table(dimension)
        offset_parts, ordinal_parts, base = [np.zeros(1, np.int64)], [np.zeros(0, np.uint32)], 0
        for segment, ordinals in zip(snapshot.segments, mapping.ordinals, strict=True):
            offsets, column = segment.column(dimension)
            offset_parts.append(offsets[1:].astype(np.int64) + base)
            base += int(offsets[-1])
            if len(column):
                ordinal_parts.append(ordinals[column].astype(np.uint32))
        offsets, column = np.concatenate(offset_parts), np.concatenate(ordinal_parts)
        values = len(mapping.homes)
        if by_document:
            rows = np.repeat(self.documents, offsets[1:] - offsets[:-1])
            live = np.repeat(alive(snapshot), offsets[1:] - offsets[:-1])
            pairs = distinct(rows[live] * max(values, 1) + column[live])
            rows, column = pairs // max(values, 1), (pairs % max(values, 1)).astype(np.uint32)
            offsets = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=self.document_count))])
        return counts.Column(offsets.astype(np.uint32), np.ascontiguousarray(column), values)

    def _totals(self, dimension: str, by_document: bool) -> Array:
        """How many live rows bear each value."""
        table = self.table((dimension,), by_document)
        if by_document:
            rows = np.arange(self.document_count, dtype=np.uint32)
        else:
            rows = np.flatnonzero(alive(self._snapshot)).astype(np.uint32)
        return counts.tally(table, rows)


def alive(snapshot: Snapshot) -> Array:
    """Which paragraphs of a snapshot are live, by global number."""
    parts = [np.ones(s.paragraph_count, bool) if s.deleted is None else ~s.deleted for s in snapshot.segments]
    return np.concatenate([np.zeros(0, bool), *parts])


def listed(
    snapshot: Snapshot,
    dimension: str,
    count: Array,
    choice: Choice,
    *,
    limit: int,
    order: FacetOrder = "count",
    totals: Array | None = None,
    groups: bool = False,
) -> Facet:
    """The values to be shown of one dimension. Selected and excluded ones always are, whatever the limit.

    With `groups`, so is what stands above the others. Ordered by count, then label, then id; or by label; or by
    distinctiveness, for which `totals` are the counts over everything: how much more often a value occurs here than
    there, as its part of the Kullback-Leibler divergence.
    """
    table, pinned = snapshot.table(dimension), choice.pinned
    hidden = table.groups.copy() if dimension in GROUPS_ONLY_WHEN_SELECTED else np.zeros(len(count), np.bool_)
    if pinned:
        hidden[list(pinned)] = False

    def ordered(ordinals: Array) -> Array:
        return ordinals[np.lexsort((table.rank[ordinals], _key(count, ordinals, order, totals)))]

    if order == "count":
        shown, distinct = most(count, hidden, table.rank, limit)
    else:
        known = np.flatnonzero((count > 0) & ~hidden)
        shown, distinct = ordered(known)[:limit], len(known)
    more = distinct - len(shown)
    if groups or (pinned and not pinned.issubset(shown.tolist())):
        shown = np.union1d(shown, np.array(sorted(pinned), np.int64))
        shown = ordered(np.union1d(shown, _above(table.parents, shown)) if groups else shown)
        more = distinct - int(np.count_nonzero((count[shown] > 0) & ~hidden[shown]))
    ordinals, selected, excluded = shown.tolist(), choice.chosen, choice.excluded
    values = [
        FacetValue(value_id, label, number, ordinal in selected, ordinal in excluded, path)
        for ordinal, number, (value_id, label, path) in zip(
            ordinals, count[shown].tolist(), snapshot.known_as(dimension, ordinals), strict=True
        )
    ]
    unknown = _unknown(dimension, choice) if choice.unknown else ()
    return Facet((*values, *unknown), distinct, more)


def _key(count: Array, ordinals: Array, order: FacetOrder, totals: Array | None) -> Array:
    """What the values are sorted by, ascending."""
    if order == "name":
        return np.zeros(len(ordinals))
    here = count[ordinals].astype(np.float64)
    if order == "distinctiveness" and totals is not None:
        there = totals[ordinals].astype(np.float64)
        share = (here / max(here.sum(), 1)) / np.maximum(there / max(float(totals.sum()), 1), 1e-12)
        here = here * np.log(np.maximum(share, 1e-12))
    key: Array = -here
    return key


def _above(parents: Array, ordinals: Array) -> Array:
    """The ordinals of everything above these values in the tree."""
    above: set[int] = set()
    while len(ordinals := np.unique(parents[ordinals])) and ordinals[-1] >= 0:
        ordinals = ordinals[ordinals >= 0]
        above |= set(ordinals.tolist())
    return np.array(sorted(above), np.int64)


def _unknown(dimension: str, choice: Choice) -> Sequence[FacetValue]:
    """Selected names that the index has no value for are listed too, so that they can be unselected."""
    rows = []
    for name, is_selected in choice.unknown:
        value = next(iter(gazetteer().resolve(dimension, name)), None)
        path = value.path if value else (name,)
        rows.append(FacetValue(value.id if value else name, path[-1], 0, is_selected, not is_selected, path))
    return rows
