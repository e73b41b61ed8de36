"""Facet counts with drill-sideways, against sets in Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import counts
from searchkit.kernels.counts import Column, Selection

DOCUMENTS, VALUES = 12, 5
DIMENSION = st.lists(st.sets(st.integers(0, VALUES - 1), max_size=3), min_size=DOCUMENTS, max_size=DOCUMENTS)
SELECTION = st.builds(
    Selection,
    st.lists(st.lists(st.integers(0, VALUES - 1), max_size=2), max_size=3),
    st.lists(st.integers(0, VALUES - 1), max_size=2),
    st.booleans(),
)


def column(dimension):
    sizes = np.cumsum([0, *map(len, dimension)])
    return Column(sizes.astype(np.uint32), np.array([v for some in dimension for v in sorted(some)], np.uint32), VALUES)


def drilled(both, rows, table, selections):
    """The places of the rows that pass everything, and each dimension's counts with those that fail it alone."""
    judged = both(counts.judge, table, selections)
    values, outcomes = table.values, 1 + len(judged.forgiving)
    kept, flat = both(counts.count_judged, rows, judged.verdicts, *table[:3], values, outcomes)
    by_outcome = flat.reshape(outcomes, values + counts.PADS)
    assert not by_outcome[:, values:].any()
    passing = both(counts.count, rows[kept], *table[:3], values)
    assert by_outcome[0, :values].tolist() == passing.tolist()
    for outcome, dimension in enumerate(judged.forgiving, 1):
        own = slice(table.bases[dimension], table.bases[dimension + 1])
        by_outcome[0, own] += by_outcome[outcome, own]
    return kept.tolist(), [by_outcome[0, a:b].tolist() for a, b in pairwise(table.bases)]


def passes(values, selection):
    if not selection.selected:
        return True
    quantifier = all if selection.all_of else any
    return quantifier(any(ordinal in values for ordinal in group) for group in selection.selected)


@given(
    st.lists(st.tuples(DIMENSION, SELECTION), min_size=1, max_size=3),
    st.sets(st.integers(0, DOCUMENTS - 1)).map(sorted),
)
def test_counts_ignore_the_selection_of_their_own_dimension(both, drawn, hits):
    dimensions, selections = [d for d, _ in drawn], [s for _, s in drawn]
    table = both(counts.combine, [column(dimension) for dimension in dimensions], DOCUMENTS)
    kept, given_counts = drilled(both, np.array(hits, np.uint32), table, selections)

    def survives(document, ignored=None):
        return all(
            not set(selection.excluded) & dimension[document]
            and (number == ignored or passes(dimension[document], selection))
            for number, (dimension, selection) in enumerate(drawn)
        )

    assert [hits[i] for i in kept] == [document for document in hits if survives(document)]
    for number, (dimension, selection) in enumerate(drawn):
        ignored = None if selection.all_of else number
        counted = [dimension[document] for document in hits if survives(document, ignored)]
        assert given_counts[number] == [sum(v in some for some in counted) for v in range(VALUES)]


@given(
    st.lists(st.tuples(DIMENSION, SELECTION), max_size=3),
    st.sets(st.integers(0, DOCUMENTS - 1)).map(sorted),
)
def test_columns_come_to_what_their_table_comes_to(drawn, hits):
    columns, selections, rows = [column(d) for d, _ in drawn], [s for _, s in drawn], np.array(hits, np.uint32)
    table, loose = counts.combine(columns, DOCUMENTS), counts.loose(columns)
    assert counts.tally(loose, rows).tolist() == counts.tally(table, rows).tolist()
    if columns:
        judged, same = counts.judge(table, selections), counts.judge(loose, selections)
        assert same.forgiving == judged.forgiving
        assert same.verdicts.tolist() == judged.verdicts.tolist()
        asked = rows, judged.verdicts, 1 + len(judged.forgiving)
        for here, there in zip(counts.tally_judged(loose, *asked), counts.tally_judged(table, *asked), strict=True):
            assert here.tolist() == there.tolist()


def test_more_values_selected_than_one_mask_has_bits_for(both):
    values = 200
    table = counts.combine(
        [Column(np.array([0, 200, 350], np.uint32), np.array([*range(200), *range(150)], np.uint32), values)], 2
    )
    docs = np.array([0, 1], np.uint32)
    every = Selection([[value] for value in range(values)], [], all_of=True)
    assert drilled(both, docs, table, [every])[0] == [0]
    some = Selection([[value] for value in range(150)], [], all_of=True)
    kept, counted = drilled(both, docs, table, [some])
    assert kept == [0, 1]
    assert counted[0] == [2] * 150 + [1] * 50


def rows_of(table):
    """The ordinals of each row of a table."""
    rows = []
    for slot in table.near.astype(int).reshape(-1, table.width).tolist():
        if slot[0] == table.values + counts.PADS:
            at = slot[2] | slot[3] << 16
            ordinals = table.far[counts.GROUP * at : counts.GROUP * (at + slot[1])].tolist()
        else:
            ordinals = slot
        rows.append([ordinal for ordinal in ordinals if ordinal < table.values])
        assert all(ordinal < table.values + counts.PADS for ordinal in ordinals)
    return rows


def test_a_table_keeps_the_dimensions_apart(both):
    columns = [column([{0, 1}, set(), {4}]), column([{2}, {3}, set()])]
    table = both(counts.combine, columns, 3)
    assert rows_of(table) == [[0, 1, VALUES + 2], [VALUES + 3], [4]]
    assert table.bases.tolist() == [0, VALUES, 2 * VALUES]


def wide(sizes, values):
    offsets = np.cumsum([0, *sizes]).astype(np.uint32)
    return Column(offsets, np.concatenate([np.zeros(0), *map(np.arange, sizes)]).astype(np.uint32), values)


@given(st.lists(st.integers(0, 30), max_size=40), st.sampled_from([30, 65_471, 65_472, 100_000]))
def test_a_row_may_bear_any_number_of_values(both, sizes, values):
    table = both(counts.combine, [wide(sizes, values)], len(sizes))
    assert rows_of(table) == [list(range(size)) for size in sizes]
    assert table.near.dtype == (np.uint16 if values + counts.PADS < 0xFFFF else np.uint32)
    rows = np.arange(len(sizes), dtype=np.uint32)
    counted = both(counts.count, rows, *table[:3], values)[:30]
    assert counted.tolist() == [sum(size > value for size in sizes) for value in range(30)]


def test_the_slots_of_most_rows_hold_all_of_their_values(both):
    assert both(counts.combine, [wide([3] * 7 + [30], 30)], 8).width == 4
    assert both(counts.combine, [wide([3] * 6 + [7] * 2, 30)], 8).width == 8


def test_a_table_without_dimensions_counts_nothing(both):
    table = both(counts.combine, [], 3)
    assert rows_of(table) == [[], [], []]
    assert not len(both(counts.count, np.arange(3, dtype=np.uint32), *table[:3], 0))


@pytest.mark.parametrize(
    ("offsets", "ordinals"),
    [([0, 1], [0]), ([0, 2, 1], [0]), ([1, 1, 1], [0]), ([0, 1, 2], [0, 5]), ([0, 1, 3], [0, 1])],
)
def test_a_column_that_leaves_its_bounds_is_not_sound(offsets, ordinals):
    assert not counts.sound(Column(np.array(offsets, np.uint32), np.array(ordinals, np.uint32), 5), 2)


def test_a_column_within_its_bounds_is_sound():
    assert counts.sound(Column(np.array([0, 1, 2], np.uint32), np.array([0, 4], np.uint32), 5), 2)
