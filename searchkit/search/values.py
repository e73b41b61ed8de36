"""Which values of the index a name means: by id, then label, then alias, whatever its case and accents."""

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
    if not found:
        suggestions = tuple(alike(snapshot, dimension, name))
        offer = f"; did you mean {' or '.join(repr(s.text) for s in suggestions)}?" if suggestions else ""
        return Resolved(frozenset(), (f"no paragraph has the {dimension} value {name!r}{offer}",), suggestions)
    if len(found) > 1:
        labels = ", ".join(snapshot.value(dimension, ordinal).label for ordinal in found)
        return Resolved(frozenset(found), (f"{name!r} means any of: {labels}",))
    return Resolved(frozenset(found))


def alike(snapshot: Snapshot, dimension: str, name: str, limit: int = 3) -> Iterator[Suggestion]:
    """Values whose labels, or a word of theirs, look like `name`, the most alike first."""
    names, ordinals = snapshot.names(dimension)
    # A value may be found by several of its words.
    best = process.extract(analysis.fold(name), names, scorer=fuzz.ratio, limit=limit * 4, score_cutoff=_ALIKE)
    for ordinal in list(dict.fromkeys(ordinals[place] for _, _, place in best))[:limit]:
        value = snapshot.value(dimension, ordinal)
        yield Suggestion("value", value.label, dimension, value.id)
