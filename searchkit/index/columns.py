"""From the mentions of a dimension, as arrays, to the arrays that a segment keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from searchkit.index.facets import value_arrays
from searchkit.index.format import Array, cuts, damaged, shrink, strings_arrays
from searchkit.index.segment import Segment
from searchkit.kernels.coding import offsets_of
from searchkit.kernels.sets import distinct
from searchkit.model import Value


@dataclass(slots=True)
class Mentions:
    """The mentions of one dimension in a segment, in the order of paragraphs, as parallel arrays of int64.

    `value` is a place in `values`, or -1 where the mention is to go; `rule` one in `rules` (kind and rule, joined by
    NUL). A mention of no characters stands for a value that the record brought. `stamps` has how new the label of each
    value is, by id.
    """

    paragraph: Array
    value: Array
    start: Array
    length: Array
    rule: Array
    values: list[Value]
    rules: list[str]
    stamps: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, segment: Segment, dimension: str) -> Mentions:
        """What a segment holds of a dimension; nothing where it does not have it."""
        if dimension not in segment.dimensions:
            nothing = np.zeros(0, np.int64)
            return cls(nothing, nothing, nothing, nothing, nothing, [], [])
        name = f"facet.{dimension}.mentions"
        offsets = segment.array(f"{name}.offsets").all.astype(np.int64)
        if not cuts(offsets, len(segment.array(f"{name}.ordinal"))):
            raise damaged(segment.array(f"{name}.offsets").path)
        paragraph = np.repeat(np.arange(segment.paragraph_count), np.diff(offsets))
        value, start, length, rule = (
            segment.array(f"{name}.{part}").all.astype(np.int64) for part in ("ordinal", "start", "length", "rule")
        )
        rules = [text.decode() for text in segment.strings(f"facet.{dimension}.rules")]
        values = values_of(segment, dimension)
        own = segment.array(f"facet.{dimension}.stamps").all.tolist()
        stamps = {one.id: stamp for one, stamp in zip(values, own, strict=True)}
        return cls(paragraph, value, start, length, rule, values, rules, stamps)

    def place(self, value: Value) -> int:
        """The place of a value in `values`, put there if it is not."""
        self.values.append(value)
        return len(self.values) - 1

    def rule_number(self, rule: str) -> int:
        """The number of a rule (kind and rule) that the segment has not had."""
        if rule not in self._numbers:
            self._numbers[rule] = len(self.rules)
            self.rules.append(rule)
        return self._numbers[rule]

    def rule_after(self, before: int, how: str) -> int:
        """The number of a rule that says how a mention, found by another, came to name what it names."""
        kind, _, rule = self.rules[before].partition("\0")
        return self.rule_number(f"{kind}\0{how} ({rule})")

    def append(self, rows: Sequence[tuple[int, int, int, int, int]]) -> None:
        """Add mentions: paragraph, value, start, length, rule of each; `arrays` puts them in order."""
        added = np.array(rows, np.int64).reshape(-1, 5).T
        columns = (self.paragraph, self.value, self.start, self.length, self.rule)
        self.paragraph, self.value, self.start, self.length, self.rule = (
            np.concatenate(pair) for pair in zip(columns, added, strict=True)
        )


def values_of(segment: Segment, dimension: str) -> list[Value]:
    """All values of a dimension by ordinal."""
    name = f"facet.{dimension}"
    ids = [text.decode() for text in segment.strings(f"{name}.ids")]
    labels = [text.decode() for text in segment.strings(f"{name}.labels")]
    parents = segment.array(f"{name}.parents").all.tolist()
    made: list[Value | None] = [None] * len(ids)

    def make(ordinal: int) -> Value:
        found = made[ordinal]
        if found is None:
            above = parents[ordinal]
            found = made[ordinal] = Value(ids[ordinal], labels[ordinal], make(above) if above >= 0 else None)
        return found

    return [make(ordinal) for ordinal in range(len(ids))]


def facet_arrays(
    dimension: str, mentions: Mentions, paragraphs: int, names: Sequence[tuple[str, str]] = ()
) -> dict[str, Array]:
    """The arrays of a dimension of a segment with so many paragraphs, of the values that have mentions.

    Mentions come in the order of the text. Values may share an id: they are one, as the first of them is. `names` are
    further names (folded) with the ids of the values that they name; they are kept as `facet.D.aliases`.
    """
    used = np.unique(mentions.value[mentions.value >= 0])
    table: dict[str, Value] = {}
    for place in used.tolist():
        for value in (mentions.values[place], *reversed(mentions.values[place].ancestors)):
            table.setdefault(value.id, value)
    ids = sorted(table, key=str.encode)
    ordinal = {value_id: i for i, value_id in enumerate(ids)}
    of_place = np.full(len(mentions.values) + 1, -1, np.int64)
    of_place[used] = [ordinal[mentions.values[place].id] for place in used.tolist()]
    rows = _ordered(mentions, of_place[mentions.value])
    paragraph, value = rows[0], rows[1]
    above = [sorted(ordinal[one.id] for one in (table[i], *table[i].ancestors)) for i in ids]
    column_paragraph, column = _column(paragraph, value, above)
    used_rules, rule = np.unique(rows[4], return_inverse=True)
    in_order = sorted(range(len(used_rules)), key=lambda i: mentions.rules[int(used_rules[i])])
    rank = np.empty(len(used_rules), np.int64)
    rank[in_order] = np.arange(len(used_rules))
    further = sorted((name.encode(), ordinal[owner]) for name, owner in names if owner in ordinal)
    name = f"facet.{dimension}"
    return {
        **value_arrays(dimension, [table[one] for one in ids], [mentions.stamps.get(one, 0) for one in ids]),
        f"{name}.offsets": shrink(offsets_of(np.bincount(column_paragraph, minlength=paragraphs))),
        f"{name}.ordinals": shrink(column),
        f"{name}.mentions.offsets": shrink(offsets_of(np.bincount(paragraph, minlength=paragraphs))),
        f"{name}.mentions.ordinal": shrink(value),
        f"{name}.mentions.start": shrink(rows[2]),
        f"{name}.mentions.length": shrink(rows[3]),
        f"{name}.mentions.rule": shrink(rank[rule]),
        **strings_arrays(f"{name}.rules", [mentions.rules[int(used_rules[i])] for i in in_order]),
        **strings_arrays(f"{name}.aliases", [text for text, _ in further]),
        f"{name}.aliased": shrink(np.array([owner for _, owner in further], np.int64)),
    }


def _ordered(mentions: Mentions, value: Array) -> Array:
    """Paragraph, value, start, length, rule of the mentions that stay, by place; each value once at a place."""
    rows = np.stack([mentions.paragraph, value, mentions.start, mentions.length, mentions.rule])[:, value >= 0]
    came = np.arange(rows.shape[1])
    alike = np.lexsort((came, rows[1], rows[3], rows[2], rows[0]))
    same = rows[:4, alike]
    first = np.ones(len(alike), bool)
    first[1:] = (same[:, 1:] != same[:, :-1]).any(axis=0)
    kept = np.sort(alike[first])
    given_first = np.where(rows[3, kept] > 0, rows[2, kept], -1)
    ordered: Array = rows[:, kept[np.lexsort((kept, given_first, rows[0, kept]))]]
    return ordered


def _column(paragraph: Array, value: Array, above: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Paragraph and ordinal of everything that the mentions' values are or are below, ascending, each once."""
    widths = np.array([len(some) for some in above], np.int64)
    starts = np.cumsum(widths) - widths
    flat = np.array([one for some in above for one in some], np.int64)
    chosen = widths[value]
    ends = np.cumsum(chosen)
    shift = np.repeat(starts[value] - (ends - chosen), chosen)
    everything = flat[np.arange(int(ends[-1]) if len(ends) else 0) + shift]
    many = max(len(above), 1)
    pairs = distinct(np.repeat(paragraph, chosen) * many + everything)
    return pairs // many, pairs % many
