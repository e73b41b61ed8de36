"""From spans that name people to values: who is who in one document, and across documents.

Full names come first. One that the table of figures knows is that figure, whatever its spelling; others that differ
only in initials are one person, named by the fullest form. A short name then goes to the one full name of the document
that ends (or begins) with it; where two would do, to the one that its title or its own paragraph speaks for, else to
none. Where no full name will do, it goes to a well-known figure if the text supports that (`figures.py`), and
otherwise stays as written. Two names that the text itself equates ("X, born Y", "X, better known as Y") are one
person's. A forename behind a word of kinship ("his sons Carlos and Eduardo") is nobody's surname.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from searchkit.entities.figures import (
    Context,
    Figure,
    Figures,
    alike,
    figures,
    marks,
    may_be,
    parts,
    roles,
    skeleton,
    suffixes,
)
from searchkit.entities.people import DIMENSION, recogniser
from searchkit.entities.tokens import folded
from searchkit.model import Label, Mention, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchkit.entities.match import Candidate
    from searchkit.entities.people import PersonSpan
    from searchkit.entities.tokens import Tokens

_TITLE_LENGTH: Final = 4
#: How many words at most equate two names that stand on their two sides.
_LINK_LENGTH: Final = 8
#: What stands between two names of one person.
_LINK: Final = re.compile(
    r"[,(]? ?(?:who |he |she )?(?:is |was )?"
    r"(?:also |better |best |once |formerly |originally |commonly |previously |popularly |then )?"
    r"(?:known (?:as|by the name(?: of)?)|born|née|né|alias|a\.?k\.?a\.?"
    r"|(?:whose )?(?:real|birth|original|full) name (?:is|was)|(?:whose )?nom de guerre (?:is|was))( [,:“\"'])?"
)
#: Words of kinship beside those of the lexicon that stand before forenames.
_KIN: Final = frozenset(
    [
        "son",
        "sons",
        "daughter",
        "daughters",
        "brother",
        "brothers",
        "sister",
        "sisters",
        "wife",
        "husband",
        "widow",
        "child",
        "children",
        "twins",
        "grandson",
        "grandsons",
        "granddaughter",
        "father",
        "mother",
        "parents",
        "nephew",
        "nephews",
        "niece",
        "nieces",
        "fiancee",
        "boyfriend",
        "girlfriend",
    ]
)
#: Titles that only men, or only women, bear.
_GENDERS: Final = {
    **dict.fromkeys(
        ("mr", "sir", "lord", "king", "herr", "monsieur", "senor", "prince", "baron", "tsar", "father"), "m"
    ),
    **dict.fromkeys(
        ("mrs", "ms", "miss", "madame", "mme", "lady", "queen", "frau", "senora", "princess", "begum"), "f"
    ),
}
_KIN_LIST: Final = frozenset({",", "and", "(", "-"})


@dataclass(slots=True)
class _Person:
    """Someone whom the document names in full: every form's parts, what else tells him apart, where he is named."""

    value: Value
    forms: list[tuple[str, ...]]
    marks: frozenset[str] = frozenset()
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
    kin: bool = False
    gender: str = ""


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
            _name(number, tokens, span, found)
            for number, (tokens, here, found) in enumerate(zip(paragraphs, spans, candidates, strict=True))
            for span in here
        ]
        self._links = [
            number
            for number, (one, other) in enumerate(pairwise(self._names))
            if one.paragraph == other.paragraph and _equated(paragraphs[one.paragraph], one.span, other.span)
        ]

    def labels(self) -> Iterator[tuple[int, Value, Mention]]:
        """Each span's paragraph, value and mention."""
        resolved: dict[int, tuple[_Person, str]] = {}
        for number, name in sorted(enumerate(self._names), key=_fullest):
            if name.kin:
                relative = self._relative(number)
                if relative:
                    resolved[number] = self._person(name, relative), f"{name.span.rule}:relative"
            elif len(name.parts) > 1 or name.known:
                resolved[number] = self._full(name)
            if number in resolved:
                resolved[number][0].paragraphs.add(name.paragraph)
        for number in self._links:
            self._equate(resolved, number, number + 1)
        for number, name in enumerate(self._names):
            if number in resolved:
                person, rule = resolved[number]
                value, kind = person.value, "full"
            else:
                value, kind, rule = self._short(name)
            span = name.span
            yield name.paragraph, value, Mention(span.start, span.end, span.text, kind, rule)

    def _relative(self, number: int) -> Figure | None:
        """The figure whom a forename behind a word of kinship means: it bears the surname of someone named before."""
        name = self._names[number]
        for other in reversed(self._names[:number]):
            if other.paragraph != name.paragraph:
                break
            figures = self._table.named((*name.parts, other.parts[-1]))
            if len(figures) == 1:
                return figures[0]
        return None

    def _equate(self, resolved: dict[int, tuple[_Person, str]], one: int, other: int) -> None:
        """Make one person of two names that the text equates, unless they are two well-known people."""
        if one not in resolved:
            return
        person = resolved[one][0]
        name = self._names[other]
        if other not in resolved:
            figure = self._table.meant(name.parts, self._context(name))
            if figure and figure.dominant and not person.figure:
                person.figure, person.value = figure, figure.value
            if figure is None or figure is person.figure:
                person.forms.append(name.parts)
                resolved[other] = person, f"{name.span.rule}:equated"
            return
        twin = resolved[other][0]
        if twin is person or (person.figure and twin.figure):
            return
        kept, gone = (twin, person) if twin.figure else (person, twin)
        kept.forms += gone.forms
        kept.paragraphs |= gone.paragraphs
        self._people.remove(gone)
        for number, (owner, rule) in resolved.items():
            if owner is gone:
                resolved[number] = kept, rule

    def _context(self, name: _Name) -> Context:
        ids = frozenset(person.value.id for person in self._people if person.figure)
        return Context(self._countries, self._near[name.paragraph], name.roles, name.gender, ids)

    def _full(self, name: _Name) -> tuple[_Person, str]:
        """The person of a full name; longer names come first."""
        figure = self._figure(name)
        person = self._person(name, figure)
        return person, f"{name.span.rule}:known-figure" if figure else f"{name.span.rule}:full"

    def _figure(self, name: _Name) -> Figure | None:
        """The well-known figure of a full name."""
        bearers = [self._table.figures[value.id] for value in name.known if value.id in self._table.figures]
        bearers = bearers or self._table.named(name.parts)
        if not bearers:
            bearers = [one for one in self._table.nicknamed(name.parts) if one.country in self._countries]
        suffix = suffixes(name.span.text)
        bearers = [one for one in bearers if self._table.bears(one, suffix)]
        if len(bearers) > 1:
            return self._table.best(bearers, self._context(name), enough=-1.0)
        return bearers[0] if bearers else None

    def _person(self, name: _Name, figure: Figure | None) -> _Person:
        """The person of a name, made if the document has not named it yet."""
        own = marks(name.span.text)
        for person in self._people:
            if figure and person.figure:
                same = person.figure is figure
            else:
                same = _agree(person.marks, own) and any(_same(form, name.parts) for form in person.forms)
            bearer, suffix = figure or person.figure, person.marks | own
            if same and (bearer is None or self._table.bears(bearer, suffix)):
                if name.parts not in person.forms:
                    person.forms.append(name.parts)
                person.marks |= own
                if figure and not person.figure:
                    person.figure, person.value = figure, figure.value
                return person
        person = _Person(figure.value if figure else _value(name.span.text), [name.parts], own, figure)
        self._people.append(person)
        return person

    def _short(self, name: _Name) -> tuple[Value, str, str]:
        """The value, kind and rule of a name of one word."""
        witness = name.span.rule
        people = [person for person in self._people if may_be(name.gender, parts(person.value.label))]
        for fits, rule in _FORENAME if name.kin else _SHORT:
            bearers = [person for person in people if any(fits(form, name.parts) for form in person.forms)]
            if len(bearers) > 1:
                bearers = self._nearest(bearers, name)
            if len(bearers) == 1:
                return bearers[0].value, "short", f"{witness}:{rule}-in-document"
            if bearers:
                return _value(name.span.text), "short", f"{witness}:two-bearers"
        figure = None if name.kin else self._table.meant(name.parts, self._context(name))
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
    """Whether two full names can be one person's: the same first and last part, and no middle that contradicts.

    A name may lack the last parts of the other ("Augusto Pinochet Ugarte"), never the first: "Uday Saddam Hussein" is
    not "Saddam Hussein".
    """
    if form == other:
        return True
    short, long = sorted((form, other), key=len)
    if len(short) < 2 or not alike(short[0], long[0]):
        return False
    if skeleton(short[-1]) != skeleton(long[-1]):
        return len(long) > len(short) and long[1 : len(short)] == short[1:]
    rest = iter(long[1:])
    return all(any(skeleton(part) == skeleton(step) for step in rest) for part in short[1:])


def _agree(marks: frozenset[str], others: frozenset[str]) -> bool:
    """Whether middle initials and suffixes do not tell two people apart: "John A. Smith", "John B. Smith Jr."."""
    if marks <= others or others <= marks:
        return True
    pairs = ((_initials(marks), _initials(others)), (marks - _initials(marks), others - _initials(others)))
    return all(not one or not other or one & other for one, other in pairs)


def _initials(marks: frozenset[str]) -> frozenset[str]:
    return frozenset(mark for mark in marks if len(mark) == 1)


def _is(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return form == name


def _ends(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return form[-len(name) :] == name and len(form) > len(name)


def _ends_alike(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return len(name) == 1 < len(form) and skeleton(form[-1]) == skeleton(name[0])


def _begins(form: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return form[: len(name)] == name and len(form) > len(name)


def _fullest(numbered: tuple[int, _Name]) -> tuple[int, int]:
    """A key that sorts the longest names first."""
    return -len(numbered[1].parts), -len(numbered[1].span.text)


#: How a short name may stand for a full one; behind a word of kinship it is a forename.
_SHORT: Final = ((_is, "name"), (_ends, "surname"), (_ends_alike, "spelling"), (_begins, "forename"))
_FORENAME: Final = ((_begins, "forename"),)


def _name(number: int, tokens: Tokens, span: PersonSpan, candidates: Sequence[Candidate]) -> _Name:
    """A span of the paragraph of that number with what its words and those before it say."""
    named = parts(span.text)
    kin = len(named) == 1 and _behind_kin(tokens, span)
    known = () if kin else _known(span, candidates)
    return _Name(number, span, named, _roles(tokens, span), known, kin, _gender(tokens, span))


def _gender(tokens: Tokens, span: PersonSpan) -> str:
    """What the title right before the span says of its bearer's sex: "m", "f", or nothing."""
    place = span.first - 1
    if place > 0 and tokens.words[place] == ".":
        place -= 1
    return _GENDERS.get(folded(tokens.words[place]), "") if place >= 0 else ""


def _behind_kin(tokens: Tokens, span: PersonSpan) -> bool:
    """Whether the name stands behind a word of kinship, or in a list of names behind one."""
    place = span.first - 1
    while place >= 0 and (tokens.words[place] in _KIN_LIST or tokens.words[place][0].isupper()):
        place -= 1
    return place >= 0 and span.first - place <= _LINK_LENGTH and tokens.words[place] in _KIN


def _equated(tokens: Tokens, one: PersonSpan, other: PersonSpan) -> bool:
    """Whether the text says that two names, one behind the other, are one person's."""
    if not 0 < other.first - one.last <= _LINK_LENGTH:
        return False
    if tokens.words[other.last : other.last + 1] in (["'s"], ["\u2019s"]):
        return False
    return _LINK.fullmatch(" ".join(tokens.words[one.last : other.first]).lower()) is not None


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
