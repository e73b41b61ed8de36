"""What may have been meant: spellings that occur, facet values that the words name, the clause that made it zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from whoosh import query as q
from whoosh.query.qcore import Query

from searchkit.index import analysis
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.model import ENTITY_DIMENSIONS, Request, Suggestion
from searchkit.search import patterns
from searchkit.search.plan import as_typed, positive, show, words_typed
from searchkit.search.values import alike

_LIMIT: Final = 3
#: Of the labels that begin with what was typed, in the order of the alphabet, so many are looked at.
_LOOKED_AT: Final = 20


def suggestions(snapshot: Snapshot, query: str, tree: Query) -> Iterator[Suggestion]:
    """For a query without hits: for each word that does not occur, the words within two edits; values named alike."""
    typed = words_typed(query)
    leaves = (leaf for leaf in positive(tree) if getattr(leaf, "fieldname", None) == TEXT_FIELD)
    words = (
        word
        for leaf in leaves
        for word in (leaf.words if isinstance(leaf, q.Phrase) else [leaf.text] if isinstance(leaf, q.Term) else ())
    )
    for word in islice((word for word in words if not frequency(snapshot, word)), _LIMIT):
        yield from spellings(snapshot, typed.get(word, word))
    name = query.strip().strip('"')
    if 3 <= len(name) <= 60:
        for dimension in ENTITY_DIMENSIONS:
            yield from alike(snapshot, dimension, name, limit=1)


def named(snapshot: Snapshot, query: str) -> Iterator[Suggestion]:
    """Values whose label begins with the words typed so far ("joe b": Joe Biden), by dimension, shorter ones first."""
    typed = analysis.fold(" ".join(query.split())).encode("utf-8", "replace")
    if len(typed) < 3:
        return
    for dimension in ENTITY_DIMENSIONS:
        found: set[int] = set()
        for segment, ordinals in zip(snapshot.segments, snapshot.table(dimension).ordinals, strict=True):
            if dimension in segment.dimensions:
                labels = segment.strings(f"facet.{dimension}.names")
                places = segment.array(f"facet.{dimension}.named")
                found |= {int(ordinals[places.at(i)]) for i in labels.prefixed(typed)[:_LOOKED_AT]}
        values = (snapshot.value(dimension, ordinal) for ordinal in sorted(found))
        for value in sorted(values, key=lambda value: len(value.label))[:_LIMIT]:
            yield Suggestion("value", value.label, dimension, value.id)


def spellings(snapshot: Snapshot, word: str) -> Iterator[Suggestion]:
    """Words of the dictionary that are near `word` and share its first letter, the most frequent first."""
    for distance in (1, 2):
        near = (
            patterns.fuzzy(snapshot, WORD_FIELD, word, distance, prefix=1) if len(word) > 2 * distance else frozenset()
        )
        if near:
            ranked = sorted(near, key=lambda term: (-frequency(snapshot, term.decode(), WORD_FIELD), term))
            yield from (Suggestion("spelling", term.decode()) for term in ranked[:_LIMIT])
            return


def frequency(snapshot: Snapshot, term: str, field: str = TEXT_FIELD) -> int:
    """In how many paragraphs a term occurs."""
    total = 0
    for segment in snapshot.segments:
        number = segment.terms(field).index(term.encode())
        total += segment.doc_frequency(field, number) if number >= 0 else 0
    return total


def narrowings(request: Request, plain: Request) -> Iterator[tuple[str, Request]]:
    """Each thing that a request selects by: what is said of hits that lack it, and `plain` with it alone."""
    if request.date_from or request.date_to:
        text = f"is dated from {request.date_from or 'the beginning'} to {request.date_to or 'the end'}"
        yield text, replace(plain, date_from=request.date_from, date_to=request.date_to)
    for dimension, names in request.filters.items():
        joint = " and " if dimension in request.all_of else " or "
        text = f"has the {dimension} value {joint.join(map(repr, names))}"
        yield text, replace(plain, filters={dimension: names}, all_of=request.all_of)
    for dimension, names in request.exclude.items():
        yield f"is without {' or '.join(map(repr, names))}", replace(plain, exclude={dimension: names})


def blame(query: str, tree: Query, count: Callable[[Query], int], unit: str = "paragraph") -> str | None:
    """Which clause of a conjunction leaves nothing, for a query without hits; None where all of them occur together."""
    typed = words_typed(query)

    def told(part: Query) -> str:
        return show(as_typed(part, typed))

    parts = list(tree.children()) if isinstance(tree, q.And) else [tree]
    for part in parts:
        if not isinstance(part, q.Not) and not count(part):
            return f"no {unit} has {told(part)}"
    if len(parts) < 2:
        return None
    for end in range(2, len(parts) + 1):
        if not count(q.And(parts[:end])):
            return f"no {unit} has {' '.join(map(told, parts[: end - 1]))} together with {told(parts[end - 1])}"
    return None
