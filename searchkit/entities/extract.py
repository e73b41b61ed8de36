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

from searchkit.entities.gazetteer import Gazetteer
from searchkit.entities.match import Candidate, Matcher
from searchkit.entities.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from searchkit.model import Label, Labels


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
        self._people, self._resolve = _module("people"), _module("resolve")
        self._deciders = {name: module for name in ("countries", "weapons") if (module := _module(name))}

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the tables and rules."""
        return self.gazetteer.fingerprint

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph of each document."""
        return [self._document([Tokens(text) for text in texts]) for texts in documents]

    def _document(self, paragraphs: Sequence[Tokens]) -> list[Labels]:
        candidates = [self._matcher.match(paragraph) for paragraph in paragraphs]
        spans = (
            self._people.recognise(paragraphs, candidates)
            if self._people and self._resolve
            else [() for _ in paragraphs]
        )
        people = self._resolve.resolve(paragraphs, spans, candidates) if self._resolve and self._people else spans
        labels: list[Labels] = []
        for paragraph, found, persons, named in zip(paragraphs, candidates, spans, people, strict=True):
            decided: dict[str, tuple[Label, ...]] = {"people": tuple(named)}
            for dimension, module in self._deciders.items():
                own: list[Candidate] = [one for one in found if one.alias.dimension == dimension]
                decided[dimension] = tuple(module.decide(paragraph, own, persons)) if own else ()
            labels.append(decided)
        return labels


@cache
def extractor() -> Extractor:
    """The default extractor, made once."""
    return TableExtractor(Gazetteer.load())
