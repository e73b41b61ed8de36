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
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U8, U32, U64, I64Array, U8Array, U32Array, U64Array, kernel

#: The bit of an excluded ordinal; those below it are for dimensions and for selected groups.
EXCLUDED_BIT: Final = 62
#: Rows of a table are filled up to whole groups of so many ordinals, so that counting has next to no branches.
GROUP: Final = 4
#: What they are filled up with: ordinals beyond all values, several, since one counter would wait for itself.
PADS: Final = 64
#: Verdicts.
OUT, PASSES, SIDEWAYS = range(3)


class Column(NamedTuple):
    """One dimension of n rows: `offsets` uint32[n + 1], `ordinals` uint32, all below `values`."""

    offsets: U32Array
    ordinals: U32Array
    values: int


class Table(NamedTuple):
    """Several dimensions of n rows; the ordinals of dimension i are moved up by bases[i].

    Row r has ordinals[GROUP * offsets[r]:GROUP * offsets[r + 1]], of which those from bases[-1] on mean nothing.
    """

    offsets: U32Array
    ordinals: U32Array
    bases: I64Array


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


def combine(columns: Sequence[Column]) -> Table:
    """The table of several sound columns of the same rows; worth keeping, since it copies them."""
    bases = np.cumsum([0, *(column.values for column in columns)], dtype=np.int64)
    if sum(len(column.ordinals) for column in columns) >= 1 << 32 or bases[-1] + PADS >= 1 << 32:
        raise ValueError("combine: more values than 32 bits can count")
    offsets = np.concatenate([column.offsets for column in columns])
    ordinals = np.concatenate([column.ordinals for column in columns])
    return Table(*_combine(offsets, ordinals, bases), bases)


def judge(table: Table, selections: Sequence[Selection]) -> Judged:
    """The verdict on every row, given one selection for each dimension of the table.

    A dimension's counts are over the hits that pass all *other* dimensions' selections, so that they say what choosing
    another value would add: it is forgiving. A dimension that needs all of its selected values is not, for there
    another value narrows. Excluded values keep their rows out of everything.
    """
    values = int(table.bases[-1])
    masks = np.zeros(values + PADS, np.uint64)
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
    verdicts = _judge(table.offsets, table.ordinals, masks, soft, hard)
    while later:  # more groups than bits: a pass for each maskful of them
        now, later = later[:EXCLUDED_BIT], later[EXCLUDED_BIT:]
        masks = np.zeros(values + PADS, np.uint64)
        for bit, group in enumerate(now):
            masks[group] |= np.uint64(1 << bit)
        verdicts = verdicts * (_judge(table.offsets, table.ordinals, masks, 0, (1 << len(now)) - 1) == PASSES)
    return Judged(verdicts, tuple(forgiving))


@kernel(U32, U32, U64, int, int)
def _judge(offsets: U32Array, ordinals: U32Array, masks: U64Array, soft: int, hard: int) -> U8Array:
    """Verdicts: bit i of `soft` stands for the i-th forgiving selection, the bits of `hard` are needed always."""
    rows = np.arange(len(offsets) - 1)
    bits = np.zeros(len(rows), np.uint64)
    row, entries = _entries(rows, offsets)
    np.bitwise_or.at(bits, row, masks[ordinals[entries]])
    allowed = (bits >> np.uint64(EXCLUDED_BIT)) & np.uint64(1) == 0
    allowed &= bits & np.uint64(hard) == np.uint64(hard)
    missing = ~bits & np.uint64(soft)
    verdicts = np.where(allowed & (missing == 0), PASSES, OUT).astype(np.uint8)
    for bit in range(soft.bit_length()):
        verdicts[allowed & (missing == np.uint64(1 << bit))] = SIDEWAYS + bit
    return verdicts


@kernel(U32, U32, U32, int)
def count(rows: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    """How many of the rows bear each of the values of a table."""
    _, entries = _entries(rows.astype(np.int64), offsets)
    return np.bincount(ordinals[entries], minlength=values)[:values].astype(np.int64)


@kernel(U32, U8, U32, U32, int, int)
def count_judged(
    rows: U32Array, verdicts: U8Array, offsets: U32Array, ordinals: U32Array, values: int, outcomes: int
) -> tuple[I64Array, I64Array]:
    """The places in `rows` of those that pass, and the counts (flat) of values over the rows of each verdict.

    The counts of verdict v (1 to `outcomes`) are those from (v - 1) * values on.
    """
    verdict = verdicts[rows]
    counts = [count(rows[verdict == wanted], offsets, ordinals, values) for wanted in range(1, outcomes + 1)]
    return np.flatnonzero(verdict == PASSES), np.concatenate(counts)


@kernel(U32, U32, I64)
def _combine(offsets: U32Array, ordinals: U32Array, bases: I64Array) -> tuple[U32Array, U32Array]:
    """The columns' offsets, one after another, and their ordinals, likewise, as those of one table."""
    columns = offsets.astype(np.int64).reshape(len(bases) - 1, -1)
    rows = columns.shape[1] - 1
    sizes = np.diff(columns, axis=1)
    row = np.repeat(np.tile(np.arange(rows), len(columns)), sizes.ravel())
    moved = ordinals + np.repeat(bases[:-1], columns[:, -1])
    order = np.argsort(row, kind="stable")
    taken = sizes.sum(axis=0)
    groups = np.cumsum([0, *(-(-taken // GROUP))])
    filled = bases[-1] + np.arange(groups[-1] * GROUP) % PADS
    within = np.arange(len(row)) - np.repeat(np.cumsum(taken) - taken, taken)
    filled[groups[:-1][row[order]] * GROUP + within] = moved[order]
    return groups.astype(np.uint32), filled.astype(np.uint32)


def _entries(rows: I64Array, offsets: U32Array) -> tuple[I64Array, I64Array]:
    """For each ordinal of each row: the row's place among the rows, and the ordinal's in the table."""
    starts = offsets[rows].astype(np.int64) * GROUP
    sizes = offsets[rows + 1].astype(np.int64) * GROUP - starts
    row = np.repeat(np.arange(len(rows)), sizes)
    return row, np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row] + starts[row]
