"""Why a value has the count that it has: the ways in which the hits write it, with examples, ambiguous ones marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from searchkit.index.snapshot import Snapshot
from searchkit.model import METADATA_DIMENSIONS, Evidence, Label, SurfaceForm, Value
from searchkit.search.matching import Budget
from searchkit.search.values import bearers, gazetteer

#: How many of the other values that a form may name are told.
_OTHERS = 5


@dataclass(slots=True)
class _Form:
    """What was met of one spelling with its kind and rule."""

    count: int = 0
    examples: dict[str, None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def gather(
    snapshot: Snapshot, dimension: str, ordinal: int, paragraphs: Iterable[int], budget: Budget, *, examples: int
) -> Evidence:
    """The evidence for a value (a global ordinal of the dimension) in these paragraphs (global numbers)."""
    wanted = snapshot.value(dimension, ordinal)
    forms: dict[tuple[str, str, str], _Form] = {}
    count = 0
    for text, labels in _bearing(snapshot, dimension, ordinal, paragraphs, budget):
        named = [label for label in labels if _is_or_below(label.value, wanted.id)]
        count += bool(named)
        for label in named:
            for mention in label.mentions:
                form = forms.setdefault((mention.text, mention.kind, mention.rule), _Form())
                form.count += 1
                form.names.add(label.value.id)
                if len(form.examples) < examples:
                    form.examples[text] = None
    ordered = sorted(forms.items(), key=lambda item: (-item[1].count, item[0]))
    shown = [SurfaceForm(*key, form.count, tuple(form.examples)) for key, form in ordered]
    told: dict[str, tuple[tuple[str, ...], bool]] = dict.fromkeys((form.text for form in shown), ((), False))
    if dimension not in METADATA_DIMENSIONS:
        meant = {text: frozenset().union(*(f.names for key, f in ordered if key[0] == text)) for text in told}
        told = {text: _doubts(snapshot, dimension, text, meant[text]) for text in told}
    return Evidence(
        dimension,
        wanted.id,
        wanted.label,
        count,
        tuple(
            SurfaceForm(form.text, form.kind, form.rule, form.count, form.examples, *told[form.text]) for form in shown
        ),
    )


def _bearing(
    snapshot: Snapshot, dimension: str, ordinal: int, paragraphs: Iterable[int], budget: Budget
) -> Iterator[tuple[str, tuple[Label, ...]]]:
    """Text and labels of the paragraphs that bear the value or one below it."""
    own = [np.flatnonzero(ordinals == ordinal) for ordinals in snapshot.table(dimension).ordinals]
    for paragraph in paragraphs:
        place, local = snapshot.place(paragraph)
        segment = snapshot.segments[place]
        offsets, column = segment.column(dimension)
        if np.isin(column[offsets[local] : offsets[local + 1]], own[place]).any():
            budget.spend()
            text = segment.text(local)
            yield text, segment.labels(dimension, local, text)


def _is_or_below(value: Value, wanted: str) -> bool:
    return wanted == value.id or any(wanted == above.id for above in value.ancestors)


def _doubts(snapshot: Snapshot, dimension: str, text: str, meant: frozenset[str]) -> tuple[tuple[str, ...], bool]:
    """Labels of other values that a form may name, and whether it is ambiguous: context had to decide on it."""
    aliases = gazetteer().meanings(text)
    values = [snapshot.value(dimension, one) for one in sorted(bearers(snapshot, dimension, text))]
    values += [value for alias in aliases for value in alias.means]
    others = dict.fromkeys(value.label for value in values if value.id not in meant)
    return tuple(others)[:_OTHERS], bool(others) or any(alias.rule for alias in aliases)
