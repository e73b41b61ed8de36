"""From spans that name people to values: who is who in one document, and across documents.

Full names come first. One that the table of figures knows is that figure, whatever its spelling; others that differ
only in initials are one person, named by the fullest form. A short name then goes to the one full name of the document
that ends (or begins) with it; where two would do, to the one that its title or its own paragraph speaks for, else to
none. Where no full name will do, it goes to a well-known figure if the text supports that (`figures.py`), and
otherwise stays as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from searchkit.entities.figures import Context, Figure, Figures, figures, parts, roles, skeleton
from searchkit.entities.people import DIMENSION, recogniser
from searchkit.entities.tokens import folded
from searchkit.model import Label, Mention, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchkit.entities.match import Candidate
    from searchkit.entities.people import PersonSpan
    from searchkit.entities.tokens import Tokens

_TITLE_LENGTH: Final = 4


@dataclass(slots=True)
class _Person:
    """Someone whom the document names in full: every form's parts, and where the first one stood."""

    value: Value
    forms: list[tuple[str, ...]]
    figure: Figure | None = None
    paragraphs: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Name:
    """A span with what its words and those before it say."""

    paragraph: int
    span: PersonSpan
    parts: tuple[str, ...]
    roles: frozenset[str]
    known: tuple[Value, ...] = ()


class _Document:
    """The people of one document."""

    def __init__(
        self,
        table: Figures,
        paragraphs: Sequence[Tokens],
        spans: Sequence[Sequence[PersonSpan]],
        candidates: Sequence[Sequence[Candidate]],
    ) -> None:
        self._table = table
        self._near = [frozenset(_countries(found)) for found in candidates]
        self._countries = frozenset().union(*self._near)
        self._people: list[_Person] = []
        self._names = [
            _Name(number, span, parts(span.text), _roles(tokens, span), _known(span, found))
            for number, (tokens, here, found) in enumerate(zip(paragraphs, spans, candidates, strict=True))
            for span in here
        ]

    def labels(self) -> Iterator[tuple[int, Value, Mention]]:
        """Each span's paragraph, value and mention."""
        resolved: dict[int, tuple[_Person, str]] = {}
        for number, name in sorted(enumerate(self._names), key=lambda pair: -len(pair[1].parts)):
            if len(name.parts) > 1 or name.known:
                person, rule = self._full(name)
                person.paragraphs.add(name.paragraph)
                resolved[number] = person, rule
        for number, name in enumerate(self._names):
            if number in resolved:
                person, rule = resolved[number]
                value, kind = person.value, "full"
            else:
                value, kind, rule = self._short(name)
            span = name.span
            yield name.paragraph, value, Mention(span.start, span.end, span.text, kind, rule)

    def _context(self, name: _Name) -> Context:
        ids = frozenset(person.value.id for person in self._people if person.figure)
        return Context(self._countries, self._near[name.paragraph], name.roles, ids)

    def _full(self, name: _Name) -> tuple[_Person, str]:
        """The person of a full name, made if the document has not named it yet; longer names come first."""
        bearers = [self._table.figures[value.id] for value in name.known if value.id in self._table.figures]
        bearers = bearers or self._table.named(name.parts)
        figure = bearers[0] if len(bearers) == 1 else None
        if len(bearers) > 1:
            figure = self._table.best(bearers, self._context(name), enough=-1.0)
        for person in self._people:
            if person.figure is figure if figure else any(_same(form, name.parts) for form in person.forms):
                if name.parts not in person.forms:
                    person.forms.append(name.parts)
                return person, f"{name.span.rule}:full" if not figure else f"{name.span.rule}:known-figure"
        value = figure.value if figure else _value(name.span.text)
        person = _Person(value, [name.parts], figure)
        self._people.append(person)
        return person, f"{name.span.rule}:full" if not figure else f"{name.span.rule}:known-figure"

    def _short(self, name: _Name) -> tuple[Value, str, str]:
        """The value, kind and rule of a name of one word."""
        witness = name.span.rule
        for fits, rule in ((_ends, "surname"), (_ends_alike, "spelling"), (_begins, "forename")):
            bearers = [person for person in self._people if any(fits(form, name.parts) for form in person.forms)]
            if len(bearers) > 1:
                bearers = self._nearest(bearers, name)
            if len(bearers) == 1:
                return bearers[0].value, "short", f"{witness}:{rule}-in-document"
            if bearers:
                return _value(name.span.text), "short", f"{witness}:two-bearers"
        figure = self._table.meant(name.parts, self._context(name))
        if figure is not None:
            return figure.value, "known", f"{witness}:" + ("dominant" if figure.dominant else "supported")
        return _value(name.span.text), "short", f"{witness}:as-written"

    def _nearest(self, bearers: list[_Person], name: _Name) -> list[_Person]:
        """Of several bearers of a surname the one that the title before it or its own paragraph speaks for."""
        if name.roles:
            holders = [person for person in bearers if person.figure and person.figure.role in name.roles]
            if len(holders) == 1:
                return holders
        here = [person for person in bearers if name.paragraph in person.paragraphs]
        return here if len(here) == 1 else bearers


def _same(form: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two full names can be one person's: the same first and last part, and no middle that contradicts."""
    if form == other:
        return True
    short, long = sorted((form, other), key=len)
    if skeleton(short[-1]) != skeleton(long[-1]) or len(short) < 2:
        return len(short) > 1 and long[: len(short)] == short
    rest = iter(long)
    return all(any(part == step or skeleton(part) == skeleton(step) for step in rest) for part in short)


def _ends(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return form[-len(name) :] == name and len(form) > len(name)


def _ends_alike(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return len(name) == 1 < len(form) and skeleton(form[-1]) == skeleton(name[0])


def _begins(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return form[: len(name)] == name and len(form) > len(name)


def _countries(candidates: Sequence[Candidate]) -> Iterator[str]:
    for one in candidates:
        if one.alias.dimension == "countries" and one.alias.kind != "place":
            for _, value in one.alias.values:
                yield value.id


def _known(span: PersonSpan, candidates: Sequence[Candidate]) -> tuple[Value, ...]:
    """The figures whose listed name ends with this span; listed names may begin with a title (Pope Francis)."""
    for one in candidates:
        if one.alias.dimension == DIMENSION and one.last == span.last and one.first <= span.first:
            return tuple(value for _, value in one.alias.values)
    return ()


def _roles(tokens: Tokens, span: PersonSpan) -> frozenset[str]:
    """The roles that the longest title right before the span speaks of."""
    table = roles()
    before = [word for word in tokens.words[max(0, span.first - 2 * _TITLE_LENGTH) : span.first] if word != "."]
    for length in range(min(_TITLE_LENGTH, len(before)), 0, -1):
        title = re.sub(r" - ", "-", " ".join(map(folded, before[-length:])))
        if title in table:
            return table[title]
    return frozenset()


def _value(text: str) -> Value:
    """The value of someone whom no table knows."""
    label = " ".join(text.split())
    if label.isupper():
        label = " ".join(map(recogniser().names.plain, label.split()))
        label = label[0].upper() + label[1:]
    return Value(re.sub(r"[^a-z0-9]+", "-", folded(label).replace("'", "")).strip("-") or folded(label), label)


def resolve(
    paragraphs: Sequence[Tokens], spans: Sequence[Sequence[PersonSpan]], candidates: Sequence[Sequence[Candidate]]
) -> list[list[Label]]:
    """The people of each paragraph of a document, given the spans that name them and all dimensions' candidates."""
    found: list[dict[str, tuple[Value, list[Mention]]]] = [{} for _ in paragraphs]
    if any(spans):
        for number, value, mention in _Document(figures(), paragraphs, spans, candidates).labels():
            found[number].setdefault(value.id, (value, []))[1].append(mention)
    return [
        sorted(
            (Label(value, tuple(mentions)) for value, mentions in here.values()), key=lambda one: one.mentions[0].start
        )
        for here in found
    ]
