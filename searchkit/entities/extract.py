"""From texts to labels: the order in which tokens, tables and context rules are asked.

Per document: tokens; candidates of all dimensions; the spans that name people, who come first (so that Jordan is a
person in "Michael Jordan"); then each other dimension accepts or rejects its candidates; last, the spans of people
become values, over the whole document. A character belongs to one mention at most.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from searchkit.entities import countries, people, resolve, weapons
from searchkit.entities.gazetteer import Gazetteer
from searchkit.entities.match import Matcher
from searchkit.entities.tokens import Tokens
from searchkit.model import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchkit.entities.match import Candidate
    from searchkit.model import Labels, Mention


class Extractor(Protocol):
    """What finds the people, countries and weapons in texts.

    `fingerprint` changes whenever the labels of a text may have.
    """

    @property
    def fingerprint(self) -> str:
        """Changes whenever the labels of a text may have."""
        ...

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph; a document is its paragraphs' texts in order."""
        ...


class TableExtractor:
    """The default extractor: tables of names, and rules that read their context."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._matcher = Matcher(gazetteer)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the tables and rules."""
        return self.gazetteer.fingerprint

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph of each document."""
        return [self._document([Tokens(text) for text in texts]) for texts in documents]

    def _document(self, paragraphs: Sequence[Tokens]) -> list[Labels]:
        candidates = [self._matcher.match(paragraph) for paragraph in paragraphs]
        spans = people.recognise(paragraphs, candidates)
        for dimension in (countries, weapons):
            spans = dimension.people_left(paragraphs, candidates, spans)
        figures = resolve.resolve(paragraphs, spans, candidates)
        arms = [
            weapons.decide(paragraph, _of(weapons.DIMENSION, found), persons)
            for paragraph, found, persons in zip(paragraphs, candidates, spans, strict=True)
        ]
        arms = weapons.carry_ships(paragraphs, arms, spans)
        named = countries.certain(one for found in candidates for one in _of(countries.DIMENSION, found))
        labels: list[Labels] = []
        for paragraph, found, persons, who, what in zip(paragraphs, candidates, spans, figures, arms, strict=True):
            where = countries.decide(paragraph, _of(countries.DIMENSION, found), persons, named) if found else []
            # A weapon was accepted in sight of the people: it yields to a longer name only.
            armed = _clear_of(who, what)
            labels.append(
                {
                    "people": _clear_of(armed, who, longer=False),
                    "countries": _clear_of(armed, where),
                    "weapons": armed,
                }
            )
        return labels


def _of(dimension: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    return [one for one in candidates if one.alias.dimension == dimension]


def _clear_of(taken: Sequence[Label], labels: Sequence[Label], *, longer: bool = True) -> tuple[Label, ...]:
    """The labels without mentions that share characters with a mention taken by another dimension (HMS Belfast).

    With `longer` only a longer mention takes them.
    """
    spans = [(one.start, one.end) for label in taken for one in label.mentions]
    if not spans:
        return tuple(labels)
    kept = (
        Label(label.value, tuple(one for one in label.mentions if not _taken(one, spans, longer=longer)))
        for label in labels
    )
    return tuple(label for label in kept if label.mentions)


def _taken(one: Mention, spans: Sequence[tuple[int, int]], *, longer: bool) -> bool:
    return any(
        start < one.end and one.start < end and (not longer or end - start > one.end - one.start)
        for start, end in spans
    )


@cache
def extractor() -> Extractor:
    """The default extractor, made once."""
    return TableExtractor(Gazetteer.load())
