"""Naive scores: BM25F as it is defined, over plain texts, one paragraph after the other.

Written apart from the engine and from Whoosh, from Robertson and Zaragoza (2009), "The Probabilistic Relevance
Framework: BM25 and Beyond": each word of a query gives a paragraph `idf * tf (k + 1) / (tf + k (1 - b + b len / avg))`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Final, Literal

from corpora import Row
from oracle import Boosted, Everything, Expr, Fuzzy, Group, Pattern, Phrase, Word, pieces

K: Final = 1.5
#: How much a field's length counts against it; and how much a title's words count beside the text's.
B: Final = {"text": 0.75, "title": 0.0}
TITLE: Final = 0.25

Field = Literal["text", "title"]


@dataclass
class Model:
    """The collection that the statistics are over: every paragraph of an index, all of them live."""

    rows: Sequence[Row]
    _terms: dict[tuple[Field, str | None], list[str]] = field(default_factory=dict)

    def terms(self, name: Field, row: Row) -> list[str]:
        """The terms of one field of a paragraph; a title is a field of each paragraph below it."""
        text = row.text if name == "text" else row.document.title
        if (name, text) not in self._terms:
            self._terms[name, text] = [piece.term for piece in pieces(text)]
        return self._terms[name, text]

    @cached_property
    def average(self) -> float:
        """The mean length of a text."""
        return sum(len(self.terms("text", row)) for row in self.rows) / len(self.rows) or 1.0

    def bm25(self, term: str, row: Row, name: Field = "text") -> float:
        """What one term gives a paragraph."""
        own = self.terms(name, row)
        frequency = own.count(term)
        having = sum(term in self.terms(name, other) for other in self.rows)
        idf = log(1 + (len(self.rows) - having + 0.5) / (having + 0.5))
        length = max(len(own), 1) / self.average if name == "text" else 1.0
        return idf * frequency * (K + 1) / (frequency + K * (1 - B[name] + B[name] * length))

    def score(self, expr: Expr, row: Row) -> float:
        """What a hit gets for a query: for what it has of it in the text, and the share of the title."""
        return self._text(expr, row) + TITLE * self._title(expr, row)

    def _text(self, expr: Expr, row: Row) -> float:  # noqa: PLR0911 - one line for each kind of expression
        if not expr.meets(row):
            return 0.0
        match expr:
            case Word(words, title) | Phrase(words, _, title):
                return sum(self.bm25(one.term, row, "title" if title else "text") for one in pieces(words))
            case Pattern() | Fuzzy() | Everything():
                return 1.0
            case Boosted(part, boost):
                return boost * self._text(part, row)
            case Group("REQUIRE", (first, _)):
                return self._text(first, row)
            case Group(_, parts):
                return sum(self._text(part, row) for part in parts)
            case _:  # values and dates select, and no more
                return 0.0

    def _title(self, expr: Expr, row: Row) -> float:
        match expr:
            case Word(words, False) | Phrase(words, _, False):
                return sum(self.bm25(one.term, row, "title") for one in pieces(words))
            case Boosted(part, boost):
                return boost * self._title(part, row)
            case Group(_, parts):
                return sum(self._title(part, row) for part in parts)
            case _:
                return 0.0
