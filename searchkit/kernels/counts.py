"""Facet counts over hits: which rows pass the selections, and how many hits bear each value.

A dimension is a column: the ordinals of row r's values are ordinals[offsets[r]:offsets[r + 1]], each once. They
include the values above it in the tree where those are to be counted. The columns of the dimensions that are asked
for together are combined into one table, so that a hit is looked up in one place whatever the number of dimensions.

What a selection makes of a row does not depend on the query: it is judged once (`judge`) and kept as a *verdict*, so
that a hit of any query is known by one byte. 0: the row fails two selections or one that is never forgiven; 1: it
passes; 2 + i: it fails the i-th forgiving dimension only, so it counts there and nowhere else (drill-sideways).
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchkit.kernels.dispatch import (
    I64,
    NARROW,
    U8,
    U32,
    U64,
    I64Array,
    U8Array,
    U16Array,
    U32Array,
    U64Array,
    kernel,
)

#: The bit of an excluded ordinal; those below it are for dimensions and for selected groups.
EXCLUDED_BIT: Final = 62
#: Rows of a table are filled up to whole groups of so many ordinals, so that counting has next to no branches.
GROUP: Final = 4
#: What they are filled up with: ordinals beyond all values, several, since one counter would wait for itself.
PADS: Final = 64
#: The share of the rows that a table's slots have to hold.
_HELD: Final = 7 / 8
#: What two bytes can say, and what is taken of the place of a row's ordinals at once.
_HALF: Final = 16
_MOST: Final = (1 << _HALF) - 1
Ordinals = U16Array | U32Array
#: Verdicts.
OUT, PASSES, SIDEWAYS = range(3)


class Column(NamedTuple):
    """One dimension of n rows: `offsets` uint32[n + 1], `ordinals` uint32, all below `values`."""

    offsets: U32Array
    ordinals: U32Array
    values: int


class Table(NamedTuple):
    """Several dimensions of n rows; the ordinals of dimension i are moved up by bases[i].

    Row r has the slot near[width * r:width * (r + 1)], so that a hit is one look into memory; ordinals from bases[-1]
    on mean nothing. Where a row has more ordinals than a slot holds, its slot begins with bases[-1] + PADS, a number of
    groups, and at which group of `far` they begin: the lower sixteen bits, then the higher ones.
    """

    near: Ordinals
    far: Ordinals
    width: int
    bases: I64Array

    @property
    def values(self) -> int:
        """The values of all dimensions together."""
        return int(self.bases[-1])


class Loose(NamedTuple):
    """Several dimensions of n rows as their columns have them: what answers a single question before a table is made.

    Counting and judging are numpy's alone here, and come to what they come to over the `Table`.
    """

    columns: Sequence[Column]
    bases: I64Array

    @property
    def values(self) -> int:
        """The values of all dimensions together."""
        return int(self.bases[-1])


class Selection(NamedTuple):
    """What is asked of a dimension: ordinals selected, ordinals excluded, and whether all the selected are needed.

    Each selected thing is a group of ordinals that mean the same (an ambiguous name selects all that bear it): any of a
    group will do. Without `all_of`, any of all the groups will do.
    """

    selected: Sequence[Sequence[int]] = ()
    excluded: Sequence[int] = ()
    all_of: bool = False


class Judged(NamedTuple):
    """The verdict on each row (uint8), and the dimensions whose selections are forgiven in their own counts."""

    verdicts: U8Array
    forgiving: tuple[int, ...]


def sound(column: Column, rows: int) -> bool:
    """Whether a column stays within its bounds, which the compiled loops rely on; asked once, when it is opened."""
    offsets, ordinals, values = column
    return bool(
        len(offsets) == rows + 1
        and offsets[0] == 0
        and offsets[-1] == len(ordinals)
        and (offsets[1:] >= offsets[:-1]).all()
        and (not len(ordinals) or int(ordinals.max()) < values)
    )


def bearing(
    offsets: npt.NDArray[Any], ordinals: npt.NDArray[Any], wanted: npt.NDArray[Any]
) -> tuple[I64Array, I64Array]:
    """Which entries of a column have a wanted ordinal (`wanted` has one element for each), and the row of each."""
    entries = np.flatnonzero(wanted[ordinals])
    return entries, np.searchsorted(offsets, entries, side="right") - 1


def combine(columns: Sequence[Column], rows: int) -> Table:
    """The table of several sound columns of so many rows; worth keeping, since it copies them."""
    bases = loose(columns).bases
    if sum(len(column.ordinals) for column in columns) >= 1 << 32 or bases[-1] + PADS >= _MOST << _HALF:
        raise ValueError("combine: more values than 32 bits can count")
    offsets = np.concatenate([np.zeros(0, np.uint32), *(column.offsets for column in columns)])
    ordinals = np.concatenate([np.zeros(0, np.uint32), *(column.ordinals for column in columns)])
    taken = np.zeros(rows, np.uint32)
    for column in columns:
        taken += column.offsets[1:] - column.offsets[:-1]
    fitting = np.bincount(taken, minlength=1).cumsum()  # rows that have at most so many
    width = max(GROUP, -(-int(np.searchsorted(fitting, _HELD * rows)) // GROUP) * GROUP)
    small = bases[-1] + PADS < _MOST and len(fitting) <= GROUP * _MOST
    near, far = _combine(offsets, ordinals, bases, rows, width)
    if small:
        return Table(near.astype(np.uint16), far.astype(np.uint16), width, bases)
    return Table(near, far, width, bases)


def loose(columns: Sequence[Column]) -> Loose:
    """Several columns of as many rows as they are."""
    return Loose(columns, np.cumsum([0, *(column.values for column in columns)], dtype=np.int64))


def judge(table: Table | Loose, selections: Sequence[Selection]) -> Judged:
    """The verdict on every row, given one selection for each dimension of the table.

    A dimension's counts are over the hits that pass all *other* dimensions' selections, so that they say what choosing
    another value would add: it is forgiving. A dimension that needs all of its selected values is not, for there
    another value narrows. Excluded values keep their rows out of everything.
    """
    masks = np.zeros(table.values + PADS, np.uint64)
    forgiving: list[int] = []
    needed: list[list[int]] = []
    for dimension, (base, selection) in enumerate(zip(table.bases.tolist(), selections, strict=False)):
        masks[[base + ordinal for ordinal in selection.excluded]] |= np.uint64(1 << EXCLUDED_BIT)
        groups = [[base + ordinal for ordinal in group] for group in selection.selected]
        if selection.all_of:
            needed += groups
        elif groups:
            masks[[ordinal for group in groups for ordinal in group]] |= np.uint64(1 << len(forgiving))
            forgiving.append(dimension)
    room = EXCLUDED_BIT - len(forgiving)
    now, later = needed[:room], needed[room:]
    for bit, group in enumerate(now, len(forgiving)):
        masks[group] |= np.uint64(1 << bit)
    soft, hard = (1 << len(forgiving)) - 1, (1 << len(forgiving) + len(now)) - (1 << len(forgiving))
    verdicts = _verdicts(table, masks, soft, hard)
    while later:  # more groups than bits: a pass for each maskful of them
        now, later = later[:EXCLUDED_BIT], later[EXCLUDED_BIT:]
        masks = np.zeros(table.values + PADS, np.uint64)
        for bit, group in enumerate(now):
            masks[group] |= np.uint64(1 << bit)
        verdicts = verdicts * (_verdicts(table, masks, 0, (1 << len(now)) - 1) == PASSES)
    return Judged(verdicts, tuple(forgiving))


def tally(table: Table | Loose, rows: U32Array) -> U32Array:
    """How many of the rows bear each of the values of a table."""
    if isinstance(table, Table):
        return count(rows, table.near, table.far, table.width, table.values)
    counted = [np.zeros(0, np.uint32)]
    for offsets, ordinals, values in table.columns:
        starts = offsets[rows].astype(np.int64)
        sizes = offsets[1:][rows] - starts
        at = np.arange(sizes.sum()) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        counted.append(np.bincount(ordinals[at], minlength=values).astype(np.uint32))
    return np.concatenate(counted)


def tally_judged(table: Table | Loose, rows: U32Array, verdicts: U8Array, outcomes: int) -> tuple[I64Array, U32Array]:
    """The places in `rows` of those that pass, and the counts over the rows of each verdict: `count_judged`."""
    if isinstance(table, Table):
        return count_judged(rows, verdicts, table.near, table.far, table.width, table.values, outcomes)
    verdict = verdicts[rows]
    return np.flatnonzero(verdict == PASSES), _padded([tally(table, rows[verdict == v + 1]) for v in range(outcomes)])


def _padded(counted: Sequence[U32Array]) -> U32Array:
    """Counts one after another, zeros after each."""
    return np.concatenate([part for some in counted for part in (some, np.zeros(PADS, np.uint32))])


def _verdicts(table: Table | Loose, masks: U64Array, soft: int, hard: int) -> U8Array:
    """The verdicts on all rows; see `_judge`."""
    if isinstance(table, Table):
        return _judge(table.near, table.far, table.width, masks, soft, hard)
    bits = np.zeros(len(table.columns[0].offsets) - 1 if table.columns else 0, np.uint64)
    for (offsets, ordinals, values), base in zip(table.columns, table.bases.tolist(), strict=False):
        mask = masks[base : base + values]
        if mask.any():
            entries, rows = bearing(offsets, ordinals, mask)
            np.bitwise_or.at(bits, rows, mask[ordinals[entries]])
    return _told(bits, soft, hard)


@kernel(NARROW, NARROW, int, U64, int, int)
def _judge(near: Ordinals, far: Ordinals, width: int, masks: U64Array, soft: int, hard: int) -> U8Array:
    """Verdicts: bit i of `soft` stands for the i-th forgiving selection, the bits of `hard` are needed always."""
    bits = np.zeros(len(near) // width, np.uint64)
    row, ordinals = _entries(np.arange(len(bits)), near, far, width, len(masks))
    np.bitwise_or.at(bits, row, masks[ordinals])
    return _told(bits, soft, hard)


def _told(bits: U64Array, soft: int, hard: int) -> U8Array:
    """The verdict that the bits of each row come to."""
    allowed = (bits >> np.uint64(EXCLUDED_BIT)) & np.uint64(1) == 0
    allowed &= bits & np.uint64(hard) == np.uint64(hard)
    missing = ~bits & np.uint64(soft)
    verdicts = np.where(allowed & (missing == 0), PASSES, OUT).astype(np.uint8)
    for bit in range(soft.bit_length()):
        verdicts[allowed & (missing == np.uint64(1 << bit))] = SIDEWAYS + bit
    return verdicts


@kernel(U32, NARROW, NARROW, int, int)
def count(rows: U32Array, near: Ordinals, far: Ordinals, width: int, values: int) -> U32Array:
    """How many of the rows bear each of the values of a table."""
    _, ordinals = _entries(rows.astype(np.int64), near, far, width, values + PADS)
    return np.bincount(ordinals, minlength=values)[:values].astype(np.uint32)


@kernel(U32, U8, NARROW, NARROW, int, int, int)
def count_judged(
    rows: U32Array, verdicts: U8Array, near: Ordinals, far: Ordinals, width: int, values: int, outcomes: int
) -> tuple[I64Array, U32Array]:
    """The places in `rows` of those that pass, and the counts of values over the rows of each verdict.

    The counts of verdict v (1 to `outcomes`) are those from (v - 1) * (values + PADS) on; after them come zeros.
    """
    verdict = verdicts[rows]
    counts = [count(rows[verdict == v + 1], near, far, width, values) for v in range(outcomes)]
    return np.flatnonzero(verdict == PASSES), _padded(counts)


@kernel(U32, U32, I64, int, int)
def _combine(
    offsets: U32Array, ordinals: U32Array, bases: I64Array, rows: int, width: int
) -> tuple[U32Array, U32Array]:
    """The columns' offsets, one after another, and their ordinals, likewise, as `near` and `far` of one table."""
    columns = offsets.astype(np.int64).reshape(len(bases) - 1, rows + 1)
    sizes = np.diff(columns, axis=1)
    row = np.repeat(np.tile(np.arange(rows), len(columns)), sizes.ravel())
    moved = ordinals + np.repeat(bases[:-1], columns[:, -1])
    order = np.argsort(row, kind="stable")
    row, moved = row[order], moved[order]
    taken = sizes.sum(axis=0)
    within = np.arange(len(row)) - np.repeat(np.cumsum(taken) - taken, taken)
    more = taken > width
    groups = np.where(more, -(-taken // GROUP), 0)
    starts = np.cumsum(groups) - groups
    near = bases[-1] + np.arange(rows * width) % PADS
    far = bases[-1] + np.arange(groups.sum() * GROUP) % PADS
    outside = more[row]
    near[row[~outside] * width + within[~outside]] = moved[~outside]
    far[starts[row[outside]] * GROUP + within[outside]] = moved[outside]
    slots = np.flatnonzero(more)
    for place, said in enumerate((bases[-1] + PADS, groups[slots], starts[slots] & _MOST, starts[slots] >> _HALF)):
        near[slots * width + place] = said
    return near.astype(np.uint32), far.astype(np.uint32)


def _entries(rows: I64Array, near: Ordinals, far: Ordinals, width: int, more: int) -> tuple[I64Array, I64Array]:
    """The ordinals of each row, and for each of them its row's place among the rows."""
    slots = near.reshape(-1, width)[rows].astype(np.int64)
    outside = slots[:, 0] == more
    places = np.flatnonzero(outside)
    sizes = slots[places, 1] * GROUP
    starts = (slots[places, 2] | slots[places, 3] << _HALF) * GROUP
    at = np.arange(sizes.sum()) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    inside = np.flatnonzero(~outside)
    row = np.concatenate([np.repeat(inside, width), np.repeat(places, sizes)])
    return row, np.concatenate([slots[inside].ravel(), far[at].astype(np.int64)])
