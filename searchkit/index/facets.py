"""The facet columns of a segment: a dimension's values, which paragraph bears which, and the mentions that show it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np

from searchkit.index import analysis
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.kernels.sets import distinct
from searchkit.model import Label, Mention, Value

#: The rule of a label that the record brought itself: a mention of no characters.
GIVEN: Final = Mention(0, 0, "", "given", "given")


class FacetBuilder:
    """One dimension under construction: labels come in, paragraph by paragraph."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._values: list[Value] = []
        self._stamps: list[int] = []
        self._rules: dict[tuple[str, str], int] = {(GIVEN.kind, GIVEN.rule): 0}
        # Of each mention its paragraph, value, start, length and rule.
        self._rows = array("i")

    @property
    def nbytes(self) -> int:
        """The memory that the columns take, in bytes, about."""
        return 4 * len(self._rows) + 300 * len(self._values)

    def add(self, paragraph: int, labels: Sequence[Label], stamp: int = 0) -> None:
        """Add the labels of a paragraph; paragraphs come in order."""
        numbers, values = self._numbers, self._values
        for label in labels:
            value = label.value
            number = numbers.get(value.id)
            if number is None or values[number] is not value:
                number = self._number(value, stamp)
            if not label.mentions:
                self._rows.extend((paragraph, number, 0, 0, 0))
            for mention in label.mentions:
                rule = self._rules.setdefault((mention.kind, mention.rule), len(self._rules))
                self._rows.extend((paragraph, number, mention.start, mention.end - mention.start, rule))

    def add_all(self, first: int, last: int, label: Label, stamp: int = 0) -> None:
        """Add a label without mentions to the paragraphs [first, last)."""
        number = self._number(label.value, stamp)
        for paragraph in range(first, last):
            self._rows.extend((paragraph, number, 0, 0, 0))

    def _number(self, value: Value, stamp: int) -> int:
        number = self._numbers.get(value.id)
        if number is None:
            number = self._numbers[value.id] = len(self._values)
            self._values.append(value)
            self._stamps.append(stamp)
        elif self._values[number] is not value:  # the newest label is the one that is shown
            self._values[number] = value
            self._stamps[number] = stamp
        return number

    def arrays(self, dimension: str, paragraphs: int) -> dict[str, Array]:
        """Value table, column and mentions over all paragraphs.

        The column holds, for each paragraph, the ordinals of its values and of all their ancestors, ascending, each
        once.
        """
        values, stamps = self._table()
        ordinal = {value.id: i for i, value in enumerate(values)}
        above = [[ordinal[value.id], *(ordinal[one.id] for one in value.ancestors)] for value in self._values]
        rows = np.frombuffer(self._rows, np.int32).reshape(-1, 5)
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
            f"{name}.mentions.offsets": offsets_of(np.bincount(rows[:, 0], minlength=paragraphs)),
            f"{name}.mentions.ordinal": shrink(mine[rows[:, 1]]),
            f"{name}.mentions.start": shrink(rows[:, 2]),
            f"{name}.mentions.length": shrink(rows[:, 3]),
            f"{name}.mentions.rule": shrink((np.cumsum(kept) - 1)[rule_number[rows[:, 4]]]),
            **strings_arrays(f"{name}.rules", [rule for rule, is_kept in zip(rules, kept, strict=True) if is_kept]),
        }

    def _table(self) -> tuple[list[Value], list[int]]:
        """All values with their ancestors, ascending by id, and the stamp of each."""
        found: dict[str, tuple[int, Value]] = {}
        for value, stamp in zip(self._values, self._stamps, strict=True):
            for one in (value, *value.ancestors):
                if one.id not in found or found[one.id][0] < stamp:
                    found[one.id] = stamp, one
        for value, stamp in zip(self._values, self._stamps, strict=True):  # its own label goes before an ancestor's
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
        f"{name}.offsets": offsets_of(np.bincount(pairs // max(values, 1), minlength=paragraphs)),
        f"{name}.ordinals": shrink(pairs % max(values, 1)),
    }


def value_arrays(dimension: str, values: Sequence[Value], stamps: Sequence[int]) -> dict[str, Array]:
    """The value table of a dimension, its values ascending by id.

    Ids, labels, parents (-1: none), the ordinals in the order of labels, the labels folded and sorted for look-ups, and
    how new each label is.
    """
    ordinal = {value.id: i for i, value in enumerate(values)}
    folded = sorted((analysis.fold(value.label).encode(), i) for i, value in enumerate(values))
    by_label = np.array(sorted(range(len(values)), key=lambda i: (values[i].label, values[i].id)), np.int64)
    name = f"facet.{dimension}"
    return {
        **strings_arrays(f"{name}.ids", [value.id for value in values]),
        **strings_arrays(f"{name}.labels", [value.label for value in values]),
        f"{name}.by_label": shrink(by_label),
        f"{name}.parents": np.array([ordinal[v.parent.id] if v.parent else -1 for v in values], np.int32),
        f"{name}.stamps": np.array(stamps, np.uint64),
        **strings_arrays(f"{name}.names", [label for label, _ in folded]),
        f"{name}.named": shrink(np.array([i for _, i in folded], np.int64)),
    }


def offsets_of(counts: Array) -> Array:
    """Where runs of these sizes begin, and the end of the last."""
    return shrink(np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]))
