"""Facet counts over hits: which hits pass the selections, and how many bear each value.

A dimension is a column: the ordinals of document d's values are ordinals[offsets[d]:offsets[d + 1]], each once. They
include the values above it in the tree where those are to be counted. The columns of the dimensions that are asked
for together are combined into one table, so that a hit is looked up in one place whatever the number of dimensions.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U32, U64, BoolArray, I64Array, U32Array, U64Array, kernel

#: The bit of an excluded ordinal; those below it are for dimensions and for selected groups.
EXCLUDED_BIT: Final = 62


class Column(NamedTuple):
    """One dimension of n documents: `offsets` uint32[n + 1], `ordinals` uint32, all below `values`."""

    offsets: U32Array
    ordinals: U32Array
    values: int


class Table(NamedTuple):
    """Several dimensions of n documents as one column; the ordinals of dimension i are moved up by bases[i]."""

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


class Drilled(NamedTuple):
    """The hits that pass everything, as places in the list of hits, and for each dimension a count per ordinal."""

    kept: I64Array
    counts: list[I64Array]


def sound(column: Column, documents: int) -> bool:
    """Whether a column stays within its bounds, which the compiled loops rely on; asked once, when it is opened."""
    offsets, ordinals, values = column
    return bool(
        len(offsets) == documents + 1
        and offsets[0] == 0
        and offsets[-1] == len(ordinals)
        and (offsets[1:] >= offsets[:-1]).all()
        and (not len(ordinals) or int(ordinals.max()) < values)
    )


def combine(columns: Sequence[Column]) -> Table:
    """The table of several sound columns of the same documents; worth keeping, since it copies them."""
    bases = np.cumsum([0, *(column.values for column in columns)], dtype=np.int64)
    sizes = np.array([len(column.ordinals) for column in columns], np.int64)
    if sizes.sum() >= 1 << 32 or bases[-1] >= 1 << 32:
        raise ValueError("combine: more values than 32 bits can count")
    offsets = np.concatenate([column.offsets for column in columns])
    ordinals = np.concatenate([column.ordinals for column in columns])
    return Table(*_combine(offsets, ordinals, bases), bases)


def drill_sideways(docs: U32Array, table: Table, selections: Sequence[Selection]) -> Drilled:
    """Which hits pass every selection, and the counts of each dimension; one selection per dimension of the table.

    A dimension's counts are over the hits that pass all *other* dimensions' selections, so that they say what choosing
    another value would add; in a dimension that needs all of its selected values, another value narrows, so its counts
    are over the hits that pass everything. Excluded values keep their documents out of everything.
    """
    values = int(table.bases[-1])
    masks = np.zeros(values, np.uint64)
    soft, hard = 0, 0
    needed: list[list[int]] = []
    for dimension, (base, selection) in enumerate(zip(table.bases.tolist(), selections, strict=False)):
        masks[[base + ordinal for ordinal in selection.excluded]] |= np.uint64(1 << EXCLUDED_BIT)
        groups = [[base + ordinal for ordinal in group] for group in selection.selected]
        if selection.all_of:
            needed += groups
        elif groups:
            soft |= 1 << dimension
            masks[[ordinal for group in groups for ordinal in group]] |= np.uint64(1 << dimension)
    kept = None
    while len(needed) > EXCLUDED_BIT - len(selections):  # more groups than bits: a pass for each maskful of them
        some, needed = needed[:EXCLUDED_BIT], needed[EXCLUDED_BIT:]
        bits = np.zeros(values, np.uint64)
        for bit, group in enumerate(some):
            bits[group] |= np.uint64(1 << bit)
        here = np.flatnonzero(having(docs, table.offsets, table.ordinals, bits, (1 << len(some)) - 1))
        docs, kept = docs[here], here if kept is None else kept[here]
    for bit, group in enumerate(needed, len(selections)):
        hard |= 1 << bit
        masks[group] |= np.uint64(1 << bit)
    if soft or hard or any(selection.excluded for selection in selections):
        here, counts = _drill(docs, table.offsets, table.ordinals, table.bases, masks, soft, hard)
        kept = here if kept is None else kept[here]
    else:
        counts = count(docs, table.offsets, table.ordinals, values)
        kept = np.arange(len(docs)) if kept is None else kept
    return Drilled(kept, [counts[low:high] for low, high in zip(table.bases, table.bases[1:], strict=False)])


@kernel(U32, U32, U32, U64, int)
def having(docs: U32Array, offsets: U32Array, ordinals: U32Array, masks: U64Array, need: int) -> BoolArray:
    """Which documents' ordinals together have all the bits of `need`; `masks` has the bits of each ordinal."""
    wanted = np.uint64(need)
    have: BoolArray = (_bits(docs, offsets, ordinals, masks) & wanted) == wanted
    return have


@kernel(U32, U32, U32, int)
def count(docs: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    """How many of the documents bear each ordinal."""
    _, entries = _entries(docs, offsets)
    return np.bincount(ordinals[entries], minlength=values).astype(np.int64)


@kernel(U32, U32, I64)
def _combine(offsets: U32Array, ordinals: U32Array, bases: I64Array) -> tuple[U32Array, U32Array]:
    """The columns' offsets, one after another, and their ordinals, likewise, as those of one table."""
    columns = offsets.astype(np.int64).reshape(len(bases) - 1, -1)
    documents = columns.shape[1] - 1
    sizes = np.diff(columns, axis=1)
    row = np.repeat(np.tile(np.arange(documents), len(columns)), sizes.ravel())
    moved = ordinals + np.repeat(bases[:-1], columns[:, -1])
    order = np.argsort(row, kind="stable")
    return columns.sum(axis=0).astype(np.uint32), moved[order].astype(np.uint32)


@kernel(U32, U32, U32, I64, U64, int, int)
def _drill(
    docs: U32Array,
    offsets: U32Array,
    ordinals: U32Array,
    bases: I64Array,
    masks: U64Array,
    soft: int,
    hard: int,
) -> tuple[I64Array, I64Array]:
    """Drill sideways; bit i of `soft` stands for the selection of dimension i, the bits of `hard` are needed always."""
    bits = _bits(docs, offsets, ordinals, masks)
    allowed = (bits >> np.uint64(EXCLUDED_BIT)) & np.uint64(1) == 0
    allowed &= bits & np.uint64(hard) == np.uint64(hard)
    missing = ~bits & np.uint64(soft)
    kept = np.flatnonzero(allowed & (missing == 0))
    counts = count(docs[kept], offsets, ordinals, int(bases[-1]))
    for dimension in range(len(bases) - 1):
        if soft >> dimension & 1:
            sideways = docs[allowed & (missing == np.uint64(1 << dimension))]
            own = slice(bases[dimension], bases[dimension + 1])
            counts[own] += count(sideways, offsets, ordinals, int(bases[-1]))[own]
    return kept, counts


def _bits(docs: U32Array, offsets: U32Array, ordinals: U32Array, masks: U64Array) -> U64Array:
    """The bits that the ordinals of each document have together."""
    row, entries = _entries(docs, offsets)
    bits = np.zeros(len(docs), np.uint64)
    np.bitwise_or.at(bits, row, masks[ordinals[entries]])
    return bits


def _entries(docs: U32Array, offsets: U32Array) -> tuple[I64Array, I64Array]:
    """For each ordinal of each document: the document's place among the documents, and the ordinal's in the column."""
    starts = offsets[docs].astype(np.int64)
    sizes = offsets[docs + np.uint32(1)] - starts
    row = np.repeat(np.arange(len(docs)), sizes)
    return row, np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row] + starts[row]
