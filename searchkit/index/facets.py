"""The facet columns of a segment: a dimension's values, which paragraph bears which, and the mentions that show it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from typing import Final, NamedTuple

import numpy as np

from searchkit.index import analysis
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.kernels.coding import offsets_of
from searchkit.kernels.sets import distinct
from searchkit.model import Label, LabelColumn, Mention, Value

#: The rule of a label that the record brought itself: a mention of no characters.
GIVEN: Final = Mention(0, 0, "", "given", "given")


class _Batch(NamedTuple):
    """Paragraphs from `first` on: how many labels without mentions each has, and the values of these."""

    first: int
    stamp: int
    counts: Array
    values: Array


class FacetBuilder:
    """One dimension under construction: the labels of paragraphs come in, batch by batch.

    Labels with mentions become rows. Labels without, which records bring, are the same few objects again and again: of
    these only the number of the value is noted.
    """

    def __init__(self) -> None:
        # Values are told apart by their labels, too: which of an id is shown is known at the end.
        self._numbers: dict[Value, int] = {}
        self._rules: dict[tuple[str, str], int] = {(GIVEN.kind, GIVEN.rule): 0}
        # Of each mention its paragraph, value, start, length and rule.
        self._rows = array("i")
        # The value of a label without mentions, by the label's id(); held, so that no other label gets that.
        self._bare: dict[int, int] = {}
        self._held: list[Label] = []
        self._batches: list[_Batch] = []
        self._noted = 0  # bytes

    @property
    def nbytes(self) -> int:
        """The memory that the columns take, in bytes, about."""
        return 4 * len(self._rows) + 2 * self._noted + 100 * len(self._held) + 300 * len(self._numbers)

    def add(self, first: int, column: LabelColumn, stamp: int = 0) -> None:
        """Add the labels of the paragraphs from `first` on; paragraphs come in order."""
        counts, labels = column
        bare = list(map(self._bare.get, map(id, labels)))
        if None in bare:
            self._hold(label for label, known in zip(labels, bare, strict=True) if known is None)
            bare = list(map(self._bare.get, map(id, labels)))
        if None in bare:
            spans = zip(accumulate(counts, initial=0), accumulate(counts), strict=False)
            each = [self._without_mentions(first + i, labels[low:high]) for i, (low, high) in enumerate(spans)]
            counts, bare = list(map(len, each)), [self._bare[id(label)] for label in chain.from_iterable(each)]
        batch = _Batch(first, stamp, np.array(counts, np.int32), np.array(bare, np.int32))
        self._batches.append(batch)
        self._noted += batch.counts.nbytes + batch.values.nbytes

    def _hold(self, labels: Iterable[Label]) -> None:
        """Number the values of the labels that have no mentions."""
        for label in labels:
            if not label.mentions and id(label) not in self._bare:
                self._bare[id(label)] = self._numbers.setdefault(label.value, len(self._numbers))
                self._held.append(label)

    def _without_mentions(self, paragraph: int, labels: Sequence[Label]) -> Sequence[Label]:
        """The labels of a paragraph if none has mentions; if any has, all of them become rows, and nothing is left."""
        if all(id(label) in self._bare for label in labels):
            return labels
        for label in labels:
            value = self._numbers.setdefault(label.value, len(self._numbers))
            for mention in label.mentions or (GIVEN,):
                rule = self._rules.setdefault((mention.kind, mention.rule), len(self._rules))
                self._rows.extend((paragraph, value, mention.start, mention.end - mention.start, rule))
        return ()

    def arrays(self, dimension: str, paragraphs: int) -> dict[str, Array]:
        """Value table, column and mentions over all paragraphs.

        The column holds, for each paragraph, the ordinals of its values and of all their ancestors, ascending, each
        once.
        """
        rows = self._all_rows()
        newest = self._newest(rows)
        values, stamps = _table(newest.values())
        ordinal = {value.id: i for i, value in enumerate(values)}
        shown = [newest[value.id][1] for value in self._numbers]
        above = [[ordinal[value.id], *(ordinal[one.id] for one in value.ancestors)] for value in shown]
        mine = np.array([some[0] for some in above], np.int64)
        rules = sorted(f"{kind}\0{rule}" for kind, rule in self._rules)
        rule_number = np.array([rules.index(f"{kind}\0{rule}") for kind, rule in self._rules], np.int64)
        used = np.bincount(rows[:, 4], minlength=len(rules)).astype(bool)
        kept = np.zeros(len(rules), bool)
        kept[rule_number[used]] = True
        name = f"facet.{dimension}"
        return {
            **value_arrays(dimension, values, stamps),
            **_column(name, rows, above, len(values), paragraphs),
            f"{name}.mentions.offsets": shrink(offsets_of(np.bincount(rows[:, 0], minlength=paragraphs))),
            f"{name}.mentions.ordinal": shrink(mine[rows[:, 1]]),
            f"{name}.mentions.start": shrink(rows[:, 2]),
            f"{name}.mentions.length": shrink(rows[:, 3]),
            f"{name}.mentions.rule": shrink((np.cumsum(kept) - 1)[rule_number[rows[:, 4]]]),
            **strings_arrays(f"{name}.rules", [rule for rule, is_kept in zip(rules, kept, strict=True) if is_kept]),
        }

    def _all_rows(self) -> Array:
        """The rows of the labels with mentions and of those without, by paragraph."""
        ordinals = [np.arange(one.first, one.first + len(one.counts)) for one in self._batches]
        bare = np.zeros((sum(len(one.values) for one in self._batches), 5), np.int32)
        if len(bare):
            bare[:, 0] = np.repeat(np.concatenate(ordinals), np.concatenate([one.counts for one in self._batches]))
            bare[:, 1] = np.concatenate([one.values for one in self._batches])
        rows = np.frombuffer(self._rows, np.int32).reshape(-1, 5)
        if not len(bare) or not len(rows):
            return bare if len(bare) else rows
        both = np.concatenate([rows, bare])
        return both[np.argsort(both[:, 0], kind="stable")]

    def _newest(self, rows: Array) -> dict[str, tuple[int, Value]]:
        """By id the value as it was labelled last, and the stamp of that."""
        last = np.zeros(len(self._numbers), np.int64)
        last[rows[:, 1]] = np.arange(len(rows))
        batches = np.searchsorted([batch.first for batch in self._batches], rows[last, 0], side="right") - 1
        found: dict[str, tuple[int, int, Value]] = {}
        for value, at, batch in zip(self._numbers, last.tolist(), batches.tolist(), strict=True):
            if value.id not in found or found[value.id][0] < at:
                found[value.id] = at, self._batches[batch].stamp, value
        return {one: (stamp, value) for one, (_, stamp, value) in found.items()}


def _table(newest: Iterable[tuple[int, Value]]) -> tuple[list[Value], list[int]]:
    """All values with their ancestors, ascending by id, and the stamp of each."""
    labelled = list(newest)
    found: dict[str, tuple[int, Value]] = {}
    for stamp, value in labelled:
        for one in (value, *value.ancestors):
            if one.id not in found or found[one.id][0] < stamp:
                found[one.id] = stamp, one
    for stamp, value in labelled:  # its own label goes before an ancestor's
        if found[value.id][0] <= stamp:
            found[value.id] = stamp, value
    order = sorted(found, key=str.encode)
    return [found[one][1] for one in order], [found[one][0] for one in order]


def _column(name: str, rows: Array, above: list[list[int]], values: int, paragraphs: int) -> dict[str, Array]:
    """Offsets and ordinals of what each paragraph bears, given the rows and the ordinals that each value implies."""
    paragraph, number = rows[:, 0].astype(np.int64), rows[:, 1]
    widths = np.fromiter(map(len, above), np.int64, len(above))
    flat = np.array([one for some in above for one in some], np.int64)
    firsts = np.cumsum(widths) - widths
    chosen = widths[number]
    at = np.arange(int(chosen.sum())) + np.repeat(firsts[number] - (np.cumsum(chosen) - chosen), chosen)
    pairs = distinct(np.repeat(paragraph, chosen) * max(values, 1) + flat[at])
    return {
        f"{name}.offsets": shrink(offsets_of(np.bincount(pairs // max(values, 1), minlength=paragraphs))),
        f"{name}.ordinals": shrink(pairs % max(values, 1)),
    }


def value_arrays(dimension: str, values: Sequence[Value], stamps: Sequence[int]) -> dict[str, Array]:
    """The value table of a dimension, as `table_arrays`; values ascend by id."""
    ordinal = {value.id: i for i, value in enumerate(values)}
    parents = np.array([ordinal[value.parent.id] if value.parent else -1 for value in values], np.int32)
    return table_arrays(
        dimension, [value.id for value in values], [value.label for value in values], parents, np.array(stamps)
    )


def table_arrays(
    dimension: str, ids: Sequence[str], labels: Sequence[str], parents: Array, stamps: Array
) -> dict[str, Array]:
    """The value table of a dimension, its values ascending by id.

    Ids, labels, parents (-1: none), the ordinals in the order of labels, the labels folded and sorted for look-ups, and
    how new each label is.
    """
    folded = sorted((analysis.fold(label).encode(), i) for i, label in enumerate(labels))
    by_label = np.array(sorted(range(len(ids)), key=lambda i: (labels[i], ids[i])), np.int64)
    name = f"facet.{dimension}"
    return {
        **strings_arrays(f"{name}.ids", ids),
        **strings_arrays(f"{name}.labels", labels),
        f"{name}.by_label": shrink(by_label),
        f"{name}.parents": parents.astype(np.int32),
        f"{name}.stamps": stamps.astype(np.uint64),
        **strings_arrays(f"{name}.names", [label for label, _ in folded]),
        f"{name}.named": shrink(np.array([i for _, i in folded], np.int64)),
    }
