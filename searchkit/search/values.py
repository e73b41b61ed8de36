"""Which values of the index a name means: by id, then label, then alias, whatever its case and accents.

A person's surname is an alias of all who bear it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from searchkit.entities.gazetteer import Gazetteer
from searchkit.index import analysis
from searchkit.index.snapshot import Snapshot
from searchkit.model import METADATA_DIMENSIONS, Suggestion

#: How alike (per cent) a value's label must be to be offered in place of a name that is not known.
_ALIKE = 75
#: How many of the values that a name means a note names.
_NAMED = 10


class Resolved(NamedTuple):
    """Global ordinals of the values that a name means, what to tell the user, and what may have been meant instead."""

    ordinals: frozenset[int]
    notes: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The tables of aliases, read when a name is first looked up that no value of the index bears."""
    return Gazetteer.load()


def resolve(snapshot: Snapshot, dimension: str, name: str) -> Resolved:
    """The values that `name` means in a dimension. An ambiguous alias means all that bear it, and a note says so."""
    found = snapshot.ordinals_named(dimension, name)
    if not found and dimension not in METADATA_DIMENSIONS:
        found = [
            ordinal
            for value in gazetteer().resolve(dimension, name)
            for ordinal in snapshot.ordinals_named(dimension, value.id)
        ]
    if not found and dimension == "people" and name and " " not in name:
        found = sorted(_bearers(snapshot, dimension, analysis.fold(name)))
    if not found:
        suggestions = tuple(alike(snapshot, dimension, name))
        offer = f"; did you mean {' or '.join(repr(s.text) for s in suggestions)}?" if suggestions else ""
        return Resolved(frozenset(), (f"no paragraph has the {dimension} value {name!r}{offer}",), suggestions)
    if len(found) > 1:
        labels = [snapshot.value(dimension, ordinal).label for ordinal in found]
        more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
        return Resolved(frozenset(found), (f"{name!r} means any of: {', '.join(labels[:_NAMED])}{more}",))
    return Resolved(frozenset(found))


def bearers(snapshot: Snapshot, dimension: str, name: str) -> set[int]:
    """All values that have the name as id, label or alias; of people also those that have it as surname."""
    found = set(snapshot.ordinals_named(dimension, name))
    return found | (_bearers(snapshot, dimension, analysis.fold(name)) if dimension == "people" else set())


def _bearers(snapshot: Snapshot, dimension: str, word: str) -> set[int]:
    """The values whose label ends with that word: a surname is an alias of all who bear it."""
    names, ordinals = snapshot.names(dimension)
    return {ordinal for name, ordinal in zip(names, ordinals, strict=True) if name.endswith(f" {word}")}


def alike(snapshot: Snapshot, dimension: str, name: str, limit: int = 3) -> Iterator[Suggestion]:
    """Values whose labels, or a word of theirs, look like `name`, the most alike first."""
    names, ordinals = snapshot.names(dimension)
    # A value may be found by several of its words.
    best = process.extract(analysis.fold(name), names, scorer=fuzz.ratio, limit=limit * 4, score_cutoff=_ALIKE)
    for ordinal in list(dict.fromkeys(ordinals[place] for _, _, place in best))[:limit]:
        value = snapshot.value(dimension, ordinal)
        yield Suggestion("value", value.label, dimension, value.id)
