"""Facet counts over hits: which pass the selections, and how many bear each value.

A dimension is a column: the ordinals of document d's values are ordinals[offsets[d]:offsets[d + 1]], each once. They
include the values above it in the tree where those are to be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import U32, U64, I64Array, U8Array, U32Array, U64Array, kernel

#: What `judge` says of a document.
PASSES: Final = 0
FAILS: Final = 1
EXCLUDED: Final = 2
#: The bit of an excluded ordinal; those below it are for selected ones.
EXCLUDED_BIT: Final = 62


class Column(NamedTuple):
    """One dimension of n documents: `offsets` uint32[n + 1], `ordinals` uint32, all below `values`."""

    offsets: U32Array
    ordinals: U32Array
    values: int


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


def drill_sideways(docs: U32Array, columns: Sequence[Column], selections: Sequence[Selection]) -> Drilled:
    """Which hits pass every selection, and the counts of each dimension.

    A dimension's counts are over the hits that pass all *other* dimensions' selections, so that they say what choosing
    another value would add; in a dimension that needs all of its selected values, another value narrows, so its counts
    are over the hits that pass everything. Excluded values keep their documents out of everything.
    """
    verdicts: list[U8Array | None] = []
    failed = np.zeros(len(docs), np.uint8)
    for column, selection in zip(columns, selections, strict=True):
        verdict = None
        for masks, need in _masks(selection, column.values):
            part = judge(docs, column.offsets, column.ordinals, masks, need)
            verdict = part if verdict is None else np.maximum(verdict, part)
        if verdict is not None:
            if selection.all_of:
                verdict[verdict == FAILS] = EXCLUDED
            # One failure is forgiven in the dimension's own counts, two never are.
            failed = np.minimum(failed + verdict, 2).astype(np.uint8)
        verdicts.append(verdict)
    kept = np.flatnonzero(failed == 0) if any(verdict is not None for verdict in verdicts) else np.arange(len(docs))
    survivors = docs if len(kept) == len(docs) else docs[kept]
    counts = []
    for column, verdict in zip(columns, verdicts, strict=True):
        counted = survivors
        if verdict is not None and not (verdict != FAILS).all():
            counted = docs[(failed == 0) | ((failed == 1) & (verdict == FAILS))]
        counts.append(count(counted, column.offsets, column.ordinals, column.values))
    return Drilled(kept, counts)


def _masks(selection: Selection, values: int) -> list[tuple[U64Array, int]]:
    """The bits of each ordinal and the bits that a document needs, as often as it takes for all selected groups."""
    groups = list(selection.selected)
    if groups and not selection.all_of:
        groups = [[ordinal for group in groups for ordinal in group]]
    masks: list[tuple[U64Array, int]] = []
    for low in range(0, max(len(groups), 1 if selection.excluded else 0), EXCLUDED_BIT):
        mask = np.zeros(values, np.uint64)
        some = groups[low : low + EXCLUDED_BIT]
        for bit, group in enumerate(some):
            mask[list(group)] |= np.uint64(1 << bit)
        mask[list(selection.excluded)] |= np.uint64(1 << EXCLUDED_BIT)
        masks.append((mask, (1 << len(some)) - 1))
    return masks


@kernel(U32, U32, U32, U64, int)
def judge(docs: U32Array, offsets: U32Array, ordinals: U32Array, masks: U64Array, need: int) -> U8Array:
    """What a dimension says of each document: `PASSES`, `FAILS` or `EXCLUDED`.

    `masks` has the bits of each ordinal; a document passes when its ordinals together have all bits of `need`, and is
    excluded when one has the bit `EXCLUDED_BIT`.
    """
    sizes = offsets[docs + 1] - offsets[docs]
    row, entries = _entries(docs, offsets, sizes)
    bits = np.zeros(len(docs), np.uint64)
    np.bitwise_or.at(bits, row, masks[ordinals[entries]])
    wanted = np.uint64(need)
    excluded = (bits >> np.uint64(EXCLUDED_BIT)) & np.uint64(1) > 0
    return np.where(excluded, EXCLUDED, np.where((bits & wanted) == wanted, PASSES, FAILS)).astype(np.uint8)


@kernel(U32, U32, U32, int)
def count(docs: U32Array, offsets: U32Array, ordinals: U32Array, values: int) -> I64Array:
    """How many of the documents bear each ordinal."""
    _, entries = _entries(docs, offsets, offsets[docs + 1] - offsets[docs])
    return np.bincount(ordinals[entries], minlength=values).astype(np.int64)


def _entries(docs: U32Array, offsets: U32Array, sizes: U32Array) -> tuple[I64Array, I64Array]:
    """For each ordinal of each document: the document's place among the documents, and the ordinal's in the column."""
    row = np.repeat(np.arange(len(docs)), sizes)
    ends = np.cumsum(sizes, dtype=np.int64)
    return row, np.arange(len(row)) - (ends - sizes.astype(np.int64))[row] + offsets[docs][row]
