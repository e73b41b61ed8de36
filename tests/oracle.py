"""A naive evaluator: what a query means, over plain texts and labels, one paragraph after the other.

Written apart from the engine: it knows `searchkit.index.analysis` (what the words of a text are) and the classes of the
query nodes, and nothing of dictionaries, postings, plans or columns.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpora import Row

from searchkit.index import analysis
from searchkit.model import METADATA_DIMENSIONS, Facet, FacetValue, Request, Value

# Expressions: the query language as data. Each can be written as a query and judged on a paragraph.


@dataclass(frozen=True)
class Expr:
    """Part of a query."""

    def written(self) -> str:
        """The part in the query language."""
        raise NotImplementedError

    def meets(self, row: Row) -> bool:
        """Whether a paragraph meets it."""
        raise NotImplementedError

    def leaves(self) -> Iterable[Expr]:
        """The leaves that a hit may match; what is negated is none."""
        yield self


def pieces(text: str | None) -> list[analysis.Piece]:
    """The words of a text in order."""
    return [piece for piece, _ in analysis.words(text or "")]


def follows(tests: Sequence[Callable[[analysis.Piece], bool]], text: str | None, slop: int = 1) -> bool:
    """Whether words that pass the tests follow each other, each within `slop` places of the one before."""
    some = pieces(text)
    ends = {at for at, piece in enumerate(some) if tests and tests[0](piece)}
    for test in tests[1:]:
        ends = {at for at, piece in enumerate(some) if test(piece) and any(0 < at - end <= slop for end in ends)}
    return bool(ends)


def same_terms(words: str) -> list[Callable[[analysis.Piece], bool]]:
    """A test for each word."""
    return [lambda piece, term=one.term: piece.term == term for one in pieces(words)]


@dataclass(frozen=True)
class Word(Expr):
    """A word, perhaps a compound, in the text or the title."""

    word: str
    title: bool = False

    def written(self) -> str:
        return f"title:{self.word}" if self.title else self.word

    def meets(self, row: Row) -> bool:
        return follows(same_terms(self.word), row.document.title if self.title else row.text)


@dataclass(frozen=True)
class Phrase(Expr):
    """Words in quotes."""

    words: str
    slop: int = 1
    title: bool = False

    def written(self) -> str:
        field = "title:" if self.title else ""
        return f'{field}"{self.words}"' + (f"~{self.slop}" if self.slop > 1 else "")

    def meets(self, row: Row) -> bool:
        return follows(same_terms(self.words), row.document.title if self.title else row.text, self.slop)


@dataclass(frozen=True)
class Pattern(Expr):
    """A pattern of `*` and `?` over whole folded words."""

    pattern: str

    def written(self) -> str:
        return self.pattern

    def meets(self, row: Row) -> bool:
        folded = "".join(part if part in "*?" else analysis.fold(part) for part in self.pattern)
        return any(glob(folded, piece.word) for piece in pieces(row.text))


def glob(pattern: str, word: str) -> bool:
    """Whether the pattern matches the whole word, by the definition."""
    if not pattern:
        return not word
    if pattern[0] == "*":
        return glob(pattern[1:], word) or (bool(word) and glob(pattern, word[1:]))
    return bool(word) and pattern[0] in ("?", word[0]) and glob(pattern[1:], word[1:])


@dataclass(frozen=True)
class Fuzzy(Expr):
    """Words within some edits of one."""

    word: str
    distance: int

    def written(self) -> str:
        return f"{self.word}~{self.distance}"

    def meets(self, row: Row) -> bool:
        (wanted,) = pieces(self.word)
        return any(edits(wanted.word, piece.word) <= self.distance for piece in pieces(row.text))


def edits(a: str, b: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours (optimal string alignment)."""
    table = [[i + j if not i * j else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@dataclass(frozen=True)
class Typed(Expr):
    """The last word of a live query: any word that begins so, or the word itself, stemmed."""

    word: str

    def written(self) -> str:
        return self.word

    def meets(self, row: Row) -> bool:
        *head, last = pieces(self.word)
        begins = [*same_terms(" ".join(p.word for p in head)), lambda p: p.word.startswith(analysis.fold(last.word))]
        return follows(same_terms(self.word), row.text) or follows(begins, row.text)


@dataclass(frozen=True)
class Bears(Expr):
    """A value of a dimension, by id."""

    field: Literal["person", "country", "weapon", "source", "year", "topic"]
    value: str

    def written(self) -> str:
        return f'{self.field}:"{self.value}"'

    def meets(self, row: Row) -> bool:
        names = {"person": "people", "country": "countries", "weapon": "weapons"}
        return self.value in ids(row, names.get(self.field, self.field))


@dataclass(frozen=True)
class Dated(Expr):
    """A date, or a range of dates; empty for open."""

    low: str
    high: str

    def written(self) -> str:
        return f"date:{self.low}" if self.low == self.high else f"date:[{self.low} TO {self.high}]"

    def meets(self, row: Row) -> bool:
        return within(row, self.low or None, self.high or None)


@dataclass(frozen=True)
class Everything(Expr):
    """Every paragraph."""

    def written(self) -> str:
        return "*:*"

    def meets(self, row: Row) -> bool:  # noqa: ARG002 - every one
        return True

    def leaves(self) -> Iterable[Expr]:
        return ()


@dataclass(frozen=True)
class Group(Expr):
    """Parts joined by an operator; `combine` judges the group by its parts."""

    operator: Literal["AND", " ", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"]
    parts: tuple[Expr, ...]

    def written(self) -> str:
        joint = " " if self.operator == " " else f" {self.operator} "
        return f"({joint.join(part.written() for part in self.parts)})"

    def meets(self, row: Row) -> bool:
        return self.combine([part.meets(row) for part in self.parts])

    def combine(self, met: Sequence[bool]) -> bool:
        match self.operator:
            case "OR":
                return any(met)
            case "ANDNOT":
                return met[0] and not met[1]
            case "ANDMAYBE":
                return met[0]
            case _:
                return all(met)

    def leaves(self) -> Iterable[Expr]:
        for part in self.parts[:1] if self.operator == "ANDNOT" else self.parts:
            yield from part.leaves()


@dataclass(frozen=True)
class Not(Expr):
    """What does not meet a part."""

    part: Expr
    sign: Literal["NOT ", "-"] = "NOT "

    def written(self) -> str:
        return f"{self.sign}{self.part.written()}"

    def meets(self, row: Row) -> bool:
        return not self.part.meets(row)

    def leaves(self) -> Iterable[Expr]:
        return ()


@dataclass(frozen=True)
class Boosted(Expr):
    """A part that counts for more; it selects the same."""

    part: Expr
    boost: float

    def written(self) -> str:
        return f"{self.part.written()}^{self.boost:g}"

    def meets(self, row: Row) -> bool:
        return self.part.meets(row)

    def leaves(self) -> Iterable[Expr]:
        return self.part.leaves()


def meets_document(expr: Expr, rows: Sequence[Row]) -> bool:
    """Whether a document, given by its paragraphs, meets an expression: each leaf in any of them."""
    if isinstance(expr, Group):
        return expr.combine([meets_document(part, rows) for part in expr.parts])
    if isinstance(expr, Not):
        return not meets_document(expr.part, rows)
    if isinstance(expr, Boosted):
        return meets_document(expr.part, rows)
    return any(expr.meets(row) for row in rows)


# Dates, selections, facets


def days(date: str | None) -> tuple[dt.date, dt.date] | None:
    """First and last day of a date that may be partial."""
    if date is None:
        return None
    parts = [int(part) for part in date.split("-")]
    first = dt.date(*[*parts, 1, 1][:3])
    last = first
    while last < dt.date.max and (last + dt.timedelta(1)).timetuple()[: len(parts)] == first.timetuple()[: len(parts)]:
        last += dt.timedelta(1)
    return first, last


def within(row: Row, low: str | None, high: str | None) -> bool:
    """Whether a paragraph's date meets a range; without bounds everything does, with one nothing undated."""
    if low is None and high is None:
        return True
    own, first, last = days(row.document.date), days(low), days(high)
    return own is not None and (first is None or own[1] >= first[0]) and (last is None or own[0] <= last[1])


def known(values: Iterable[Value]) -> dict[str, Value]:
    """Values with those above them, by id."""
    return {one.id: one for value in values for one in (value, *value.ancestors)}


def ids(row: Row, dimension: str) -> set[str]:
    """The ids that a paragraph bears, ancestors included."""
    return set(known(row.values.get(dimension, ())))


@dataclass(frozen=True)
class Unit:
    """What is counted: a paragraph, or a document with all its paragraphs. `bears` are its ids, by dimension."""

    rows: tuple[Row, ...]

    def bears(self, dimension: str) -> set[str]:
        return set().union(*(ids(row, dimension) for row in self.rows))

    def passes(self, request: Request, but: str = "") -> bool:
        """Whether it passes the selections of all dimensions (values named by id), those of `but` aside."""
        for dimension, names in request.exclude.items():
            if self.bears(dimension) & set(names):
                return False
        for dimension, names in request.filters.items():
            if dimension != but and names:
                some = [name in self.bears(dimension) for name in names]
                if not (all(some) if dimension in request.all_of else any(some)):
                    return False
        return True


@dataclass(frozen=True)
class Answer:
    """What a request should give: units that are hits, the paragraphs that are shown, the facets."""

    hits: list[Unit]
    shown: list[Row]
    facets: dict[str, Facet]


def answer(rows: Sequence[Row], expr: Expr, request: Request) -> Answer:
    """Judge every paragraph, or document, by itself."""
    dated = [row for row in rows if within(row, request.date_from, request.date_to)]
    if request.scope == "paragraph":
        units = [Unit((row,)) for row in dated]
        met = [unit for unit in units if expr.meets(unit.rows[0])]
    else:
        documents: dict[str, list[Row]] = {}
        for row in dated:
            documents.setdefault(row.document.identity, []).append(row)
        met = [Unit(tuple(some)) for some in documents.values() if meets_document(expr, some)]
    hits = [unit for unit in met if unit.passes(request)]
    shown = [row for unit in hits for row in _shown(unit, expr, request)]
    facets = {}
    for dimension in request.dimensions:
        aside = "" if dimension in request.all_of else dimension  # all selected values are needed: no way sideways
        facets[dimension] = facet(rows, [unit for unit in met if unit.passes(request, aside)], dimension, request)
    return Answer(hits, shown, facets)


def _shown(unit: Unit, expr: Expr, request: Request) -> Sequence[Row]:
    """Of a document those paragraphs that meet any part of the query or bear a selected value; all where none does."""
    if request.scope == "paragraph":
        return unit.rows
    leaves = list(expr.leaves())
    chosen = {(name, one) for name, some in request.filters.items() if name not in METADATA_DIMENSIONS for one in some}

    def shows(row: Row) -> bool:
        return any(leaf.meets(row) for leaf in leaves) or any(one in ids(row, dimension) for dimension, one in chosen)

    return [row for row in unit.rows if shows(row)] or unit.rows


def facet(rows: Sequence[Row], units: Sequence[Unit], dimension: str, request: Request) -> Facet:
    """The listed values of a dimension, counted over the units that pass the selections of the others."""
    counts = Counter(one for unit in units for one in unit.bears(dimension))
    values = known(value for row in rows for value in row.values.get(dimension, ()))
    selected, excluded = set(request.filters.get(dimension, ())), set(request.exclude.get(dimension, ()))
    pinned = selected | excluded
    groups = {value.parent.id for value in values.values() if value.parent} if dimension == "countries" else set()
    listable = [values[one] for one in counts if one not in groups or one in pinned]
    order = sorted(listable, key=lambda value: (-counts[value.id], value.label, value.id))
    chosen = [*order[: request.facet_limit], *(values[one] for one in pinned if one in values)]
    listed = sorted({value.id: value for value in chosen}.values(), key=lambda v: (-counts[v.id], v.label, v.id))
    shown = tuple(FacetValue(v.id, v.label, counts[v.id], v.id in selected, v.id in excluded, v.path) for v in listed)
    return Facet(shown, len(order), len(order) - sum(1 for value in shown if value.count))
