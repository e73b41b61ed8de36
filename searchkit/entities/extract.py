"""From texts to labels: the order in which tokens, tables and context rules are asked.

Per document: tokens; candidates of all dimensions; the spans that name people, who come first (so that Jordan is a
person in "Michael Jordan"); then each other dimension accepts or rejects its candidates; last, the spans of people
become values, over the whole document. A character belongs to one mention at most.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Protocol

from searchkit.entities import countries
from searchkit.entities.gazetteer import Gazetteer
from searchkit.entities.match import Matcher
from searchkit.entities.tokens import Tokens
from searchkit.model import Label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

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


def _module(name: str) -> ModuleType | None:
    """A dimension's module, or none while it is not there yet."""
    path = f"searchkit.entities.{name}"
    return importlib.import_module(path) if importlib.util.find_spec(path) else None


class TableExtractor:
    """The default extractor: tables of names, and rules that read their context."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._matcher = Matcher(gazetteer)
        self._people, self._resolve, self._weapons = map(_module, ("people", "resolve", "weapons"))

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the tables and rules."""
        return self.gazetteer.fingerprint

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph of each document."""
        return [self._document([Tokens(text) for text in texts]) for texts in documents]

    def _document(self, paragraphs: Sequence[Tokens]) -> list[Labels]:
        candidates = [self._matcher.match(paragraph) for paragraph in paragraphs]
        spans = self._people.recognise(paragraphs, candidates) if self._people else [() for _ in paragraphs]
        spans = countries.people_left(paragraphs, candidates, spans)
        people = self._resolve.resolve(paragraphs, spans, candidates) if self._resolve else [() for _ in paragraphs]
        named = countries.certain(one for found in candidates for one in _of(countries.DIMENSION, found))
        labels: list[Labels] = []
        for paragraph, found, persons, who in zip(paragraphs, candidates, spans, people, strict=True):
            what = self._weapons.decide(paragraph, _of("weapons", found), persons) if self._weapons else ()
            where = countries.decide(paragraph, _of(countries.DIMENSION, found), persons, named) if found else []
            labels.append({"people": tuple(who), "countries": _clear_of(what, where), "weapons": tuple(what)})
        return labels


def _of(dimension: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    return [one for one in candidates if one.alias.dimension == dimension]


def _clear_of(taken: Sequence[Label], labels: Sequence[Label]) -> tuple[Label, ...]:
    """The labels without mentions that lie inside a longer mention of another dimension (HMS Belfast)."""
    spans = [(one.start, one.end) for label in taken for one in label.mentions]
    if not spans:
        return tuple(labels)
    kept = (Label(label.value, tuple(one for one in label.mentions if not _inside(one, spans))) for label in labels)
    return tuple(label for label in kept if label.mentions)


def _inside(one: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < one.end and one.start < end and end - start > one.end - one.start for start, end in spans)


@cache
def extractor() -> Extractor:
    """The default extractor, made once."""
    return TableExtractor(Gazetteer.load())
