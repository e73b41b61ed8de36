"""Finders of people's names that a user plugs in in place of the sequence model: `--people spacy:NAME`.

A finder says where in a text people are named; what the tables know, titles, and who is who stay searchkit's work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from searchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: What spaCy's models call people, in the labels of OntoNotes and of WikiNER.
_LABELS: Final = frozenset({"PERSON", "PER"})


class Finder(Protocol):
    """Finds the names of people in texts; `fingerprint` changes whenever what it finds may have."""

    @property
    def fingerprint(self) -> str:
        """What the finder is, in one line."""
        ...

    def find(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The characters [start, end) of each name in each text, in order, none inside another."""
        ...


class _Entity(Protocol):
    label_: str
    start_char: int
    end_char: int


class _Parsed(Protocol):
    ents: Sequence[_Entity]


class _Pipeline(Protocol):
    meta: dict[str, object]

    def pipe(self, texts: Iterable[str]) -> Iterator[_Parsed]: ...


class SpacyFinder:
    """The people that a spaCy pipeline names; UsageError where spaCy or the pipeline is not installed."""

    def __init__(self, name: str) -> None:
        try:
            spacy = import_module("spacy")
        except ImportError as error:
            raise UsageError("--people spacy: spaCy is not installed; run: pip install spacy") from error
        try:
            self._pipeline = cast("_Pipeline", spacy.load(name))
        except OSError as error:
            raise UsageError(
                f"--people spacy:{name}: there is no such model; run: python -m spacy download {name}"
            ) from error
        self.fingerprint = f"spacy {name} {self._pipeline.meta.get('version', '')}"

    def find(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The characters of each name in each text."""
        return [
            [(one.start_char, one.end_char) for one in parsed.ents if one.label_ in _LABELS]
            for parsed in self._pipeline.pipe(texts)
        ]


def finder(spec: str) -> Finder:
    """The finder that a user names by `KIND:NAME`; UsageError where there is none."""
    kind, _, name = spec.partition(":")
    if kind != "spacy" or not name:
        raise UsageError(f"--people {spec}: write spacy:NAME, as in spacy:en_core_web_sm")
    return SpacyFinder(name)
