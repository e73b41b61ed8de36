"""From texts to labels: the order in which tokens, tables and context rules are asked.

Per document: tokens; candidates of all dimensions; the spans that name people, who come first (so that Jordan is a
person in "Michael Jordan"); then each other dimension accepts or rejects its candidates; last, the spans of people
become values, over the whole document. A character belongs to one mention at most.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from searchkit.entities import countries, people, resolve, weapons
from searchkit.entities.finders import finder
from searchkit.entities.gazetteer import Gazetteer
from searchkit.entities.match import Matcher
from searchkit.model import Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchkit.entities.finders import Finder
    from searchkit.entities.match import Candidate
    from searchkit.entities.people import PersonSpan, Reading
    from searchkit.entities.tokens import Tokens
    from searchkit.model import Labels, Mention


#: What is read at once: the documents that reach this many paragraphs or characters.
_PARAGRAPHS: Final = 2_000
_CHARACTERS: Final = 1_000_000
#: Words are numbered as they are met, and the model has its rows by these numbers: one thread at a time.
_LOCK: Final = Lock()


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
    """The default extractor: tables of names, and rules that read their context.

    A `finder` of people's names takes the place of the sequence model.
    """

    def __init__(self, gazetteer: Gazetteer, finder: Finder | None = None) -> None:
        self.gazetteer = gazetteer
        self._finder = finder
        self._matcher = Matcher(gazetteer)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the tables and rules, and of the finder."""
        return (
            f"{self.gazetteer.fingerprint} {self._finder.fingerprint}" if self._finder else self.gazetteer.fingerprint
        )

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph of each document."""
        labels: list[list[Labels]] = []
        for batch in _batches(documents):
            with _LOCK, _uncollected():
                labels += self._batch(batch)
        return labels

    def _batch(self, documents: Sequence[Sequence[str]]) -> Iterator[list[Labels]]:
        batch = self._matcher.read([text for texts in documents for text in texts])
        readings = people.recogniser().read(batch)
        if self._finder:
            found = self._finder.find([paragraph.text for paragraph in batch.paragraphs])
            readings = [
                reading._replace(runs=people.runs(paragraph, spans))
                for reading, paragraph, spans in zip(readings, batch.paragraphs, found, strict=True)
            ]
        first = 0
        for texts in documents:
            here = slice(first, first + len(texts))
            first = here.stop
            yield self._document(batch.paragraphs[here], readings[here], batch.candidates[here])

    def _document(
        self, paragraphs: Sequence[Tokens], readings: Sequence[Reading], candidates: Sequence[Sequence[Candidate]]
    ) -> list[Labels]:
        spans: Sequence[Sequence[PersonSpan]] = people.recogniser().recognise(paragraphs, readings, candidates)
        for dimension in (countries, weapons):
            spans = dimension.people_left(paragraphs, candidates, spans)
        figures = resolve.resolve(paragraphs, spans, candidates)
        arms = [
            weapons.decide(paragraph, found, persons) if found else []
            for paragraph, found, persons in zip(paragraphs, _of(weapons.DIMENSION, candidates), spans, strict=True)
        ]
        arms = weapons.carry_ships(paragraphs, arms, spans)
        places = _of(countries.DIMENSION, candidates)
        named = frozenset().union(*map(countries.certain, places))
        labels: list[Labels] = []
        for paragraph, found, persons, who, what in zip(paragraphs, places, spans, figures, arms, strict=True):
            where = countries.decide(paragraph, found, persons, named) if found else []
            # A weapon was accepted in sight of the people: it yields to a longer name only.
            armed = _clear_of(who, what)
            labels.append(
                {
                    "people": _clear_of(armed, who, longer=False),
                    "countries": _clear_of(armed, where, longer=False),
                    "weapons": armed,
                }
            )
        return labels


def _batches(documents: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """The documents in groups, so that the memory needed does not grow with their number."""
    first = paragraphs = characters = 0
    for last, texts in enumerate(documents, 1):
        paragraphs += len(texts)
        characters += sum(map(len, texts))
        if paragraphs >= _PARAGRAPHS or characters >= _CHARACTERS or last == len(documents):
            yield documents[first:last]
            first, paragraphs, characters = last, 0, 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: a batch makes no cycles, and most of the time would go into looking."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _of(dimension: str, candidates: Sequence[Sequence[Candidate]]) -> list[list[Candidate]]:
    """The candidates of one dimension in each paragraph."""
    return [[one for one in found if one.alias.dimension == dimension] for found in candidates]


def _clear_of(taken: Sequence[Label], labels: Sequence[Label], *, longer: bool = True) -> tuple[Label, ...]:
    """The labels without mentions that share characters with a mention taken by another dimension (HMS Belfast).

    With `longer` only a longer mention takes them.
    """
    if not taken or not labels:
        return tuple(labels)
    spans = [(one.start, one.end) for label in taken for one in label.mentions]
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
def extractor(people: str = "") -> Extractor:
    """The default extractor, made once; `people` names a finder (`finders.py`) to use in place of the model."""
    return TableExtractor(Gazetteer.load(), finder(people) if people else None)
