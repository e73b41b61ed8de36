"""Countries: which of the names found in a paragraph mean a country where they stand.

Most aliases of the table always do. An ambiguous one names its rule, which reads the words around it (Jordan the
person, Georgia the state, Turkey the bird: `country_rules.py`). Beside the rules three things hold for all:

- a name inside a person's name is no country ("Paris Hilton");
- in "Lebanon, Pa." or "Paris, Texas" the first is a town of the second;
- where two countries have a place of that name, the one named elsewhere in the text is meant.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from searchkit.entities.country_rules import (
    RULES,
    STATES,
    Reading,
    Site,
    capitalised,
    choose,
    is_epithet,
    is_language,
    is_titled,
)
from searchkit.model import Label, Mention, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Protocol, TypeVar

    from searchkit.entities.match import Candidate
    from searchkit.entities.tokens import Tokens

    class Span(Protocol):
        """Tokens [first, last) of a paragraph that name a person."""

        @property
        def first(self) -> int:
            """The first token."""
            ...

        @property
        def last(self) -> int:
            """The token after the last."""
            ...

    S = TypeVar("S", bound=Span)

DIMENSION: Final = "countries"
#: The rule that a mention shows when its alias needs none.
LISTED: Final = "listed"


def decide(
    paragraph: Tokens, candidates: Sequence[Candidate], people: Sequence[Span], named: frozenset[str] = frozenset()
) -> list[Label]:
    """The countries that a paragraph names, by first mention; `named` are ids that the rest of the document names."""
    free = [one for one in candidates if one.alias.values and not (people and _in_person(one, people))]
    starts: defaultdict[int, list[Candidate]] = defaultdict(list)
    for one in free:
        starts[one.first].append(one)
    context = named | certain(free) if any(one.alias.rule for one in free) else named
    accepted: dict[int, list[Reading]] = {}
    # From the right, since in "Athens, Georgia" the second says what the first is.
    for first in sorted(starts, reverse=True):
        readings = [
            Reading(one, values)
            for one in starts[first]
            if (values := _accepted(Site(paragraph, one, starts, accepted, context)))
        ]
        if readings:
            accepted[first] = readings
    return _labels(paragraph, [_likeliest(accepted[first], context) for first in sorted(accepted)])


def certain(candidates: Iterable[Candidate]) -> frozenset[str]:
    """The ids of the countries that the candidates name whatever stands around them."""
    sole: dict[int, Candidate | None] = {}
    for one in candidates:
        sole[one.first] = None if one.first in sole or one.alias.rule or len(one.alias.values) != 1 else one
    return frozenset(one.alias.values[0][1].id for one in sole.values() if one is not None)


def _labels(paragraph: Tokens, readings: Sequence[Reading]) -> list[Label]:
    found: defaultdict[Value, list[Mention]] = defaultdict(list)
    for one, values in readings:
        start, end = paragraph.starts[one.first], paragraph.ends[one.last - 1]
        mention = Mention(start, end, paragraph.text[start:end], one.alias.kind, one.alias.rule or LISTED)
        for value in values:
            found[value].append(mention)
    return [Label(value, tuple(mentions)) for value, mentions in found.items()]


def people_left(
    paragraphs: Sequence[Tokens], candidates: Sequence[Sequence[Candidate]], people: Sequence[Sequence[S]]
) -> list[list[S]]:
    """The spans of people in a document without those whose words are a country's.

    A country's name alone is a person only behind a title, or where the document names that person more fully.
    """
    fuller = {
        paragraph.words[place]
        for paragraph, spans in zip(paragraphs, people, strict=True)
        for span in spans
        if span.last - span.first > 1
        for place in (span.first, span.last - 1)
    }
    return [
        [span for span in spans if not any(_outweighs(one, span, paragraph, fuller) for one in found)]
        for paragraph, found, spans in zip(paragraphs, candidates, people, strict=True)
    ]


def _outweighs(one: Candidate, span: Span, paragraph: Tokens, fuller: Collection[str]) -> bool:
    """Whether a candidate that covers words taken for a person has the better claim to them."""
    if one.alias.dimension != DIMENSION or one.first > span.first or span.last > one.last:
        return False
    sure = one.alias.rule in {"", "state"}
    if one.last - one.first > 1:
        # A phrase that names no country may well be the person: "Paris Hilton".
        return sure and (bool(one.alias.values) or one.last - one.first > span.last - span.first)
    nameless = not one.alias.values and one.alias.kind != "demonym"
    if nameless or is_titled(paragraph, span.first) or (one.alias.kind == "place" and not sure):
        return False
    own_name = sure and one.alias.kind in {"name", "abbrev", "demonym"}
    return own_name or paragraph.words[span.first] not in fuller


def _in_person(one: Candidate, people: Sequence[Span]) -> bool:
    return any(span.first < one.last and one.first < span.last for span in people)


def _accepted(site: Site) -> tuple[Value, ...]:
    state = next((reading for reading in site.after_comma() if _is_state(reading)), None)
    if state is not None and not _listing(site, state):
        return choose(site, *(value.id for value in state.values))
    if site.candidate.alias.kind == "demonym" and (is_language(site) or is_epithet(site)):
        return ()
    rule = site.candidate.alias.rule
    return RULES[rule](site) if rule else site.values


def _likeliest(readings: Sequence[Reading], named: frozenset[str]) -> Reading:
    """Of several readings of the same words the one whose country is named elsewhere, else the first of the table."""
    if len(readings) == 1:
        return readings[0]
    return next((one for one in readings if any(value.id in named for value in one.values)), readings[0])


def _is_state(reading: Reading) -> bool:
    """Whether a name behind a comma is one that towns are told apart by."""
    alias = reading.candidate.alias
    return alias.rule in STATES or (alias.rule == "georgia" and alias.kind == "place")


def _listing(site: Site, state: Reading) -> bool:
    """Whether "Mexico, Texas and" or "China, California, the" lists equals: a country's own name, and more to come."""
    if site.candidate.alias.kind not in {"name", "demonym"} or state.candidate.alias.rule == "postal":
        return False
    one, two = (*site.paragraph.words[state.candidate.last :][:2], "", "")[:2]
    return one in {"and", "or", "&"} or (one == "," and (two == "the" or capitalised(two)))
