"""Countries: which of the names found in a paragraph mean a country where they stand.

Most aliases of the table always do. An ambiguous one names its rule, a function of this module that reads the words
around it (Jordan the person, Georgia the state, Turkey the bird). Beside the rules three things hold for all:

- a name inside a person's name is no country ("Paris Hilton");
- in "Lebanon, Pa." or "Paris, Texas" the first is a town of the second;
- where two countries have a place of that name, the one named elsewhere in the text is meant.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.gazetteer import DATA
from searchkit.model import Label, Mention, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Protocol

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


DIMENSION: Final = "countries"
#: The rule that a mention shows when its alias needs none.
LISTED: Final = "listed"

_WORDS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in tomllib.loads((DATA / DIMENSION / "context.toml").read_text(encoding="utf-8")).items()
}
# Rules of the names of federal states.
_STATES: Final = ("state", "postal")


class Reading(NamedTuple):
    """A candidate, and the values that it means where it stands."""

    candidate: Candidate
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A candidate where it stands: what its rule may look at.

    `starts` has the candidates at each token where some begin; `behind` the readings accepted so far, which are those
    of the candidates further right, by first token; `named` the ids of the countries that the text names beyond doubt.
    """

    paragraph: Tokens
    candidate: Candidate
    starts: Mapping[int, Sequence[Candidate]]
    behind: Mapping[int, Sequence[Reading]]
    named: frozenset[str]

    @property
    def values(self) -> tuple[Value, ...]:
        """What the alias can mean."""
        return tuple(value for _, value in self.candidate.alias.values)

    def word(self, offset: int) -> str:
        """The word as written, -1 the last before the candidate, 0 the first after it; empty where there is none."""
        place = self.candidate.last + offset if offset >= 0 else self.candidate.first + offset
        return self.paragraph.words[place] if 0 <= place < len(self.paragraph.words) else ""

    def lower(self, offset: int) -> str:
        """The word in lower case."""
        return self.word(offset).lower()

    def follows(self, words: str) -> bool:
        """Whether the next word is one of those that `context.toml` lists under that name."""
        return self.lower(0) in _WORDS[words]

    def after_comma(self) -> Sequence[Reading]:
        """The readings accepted of the name behind the comma in "Athens, Georgia"."""
        return self.behind.get(self.candidate.last + 1, ()) if self.word(0) == "," else ()

    def begins_sentence(self) -> bool:
        """Whether a capital here says nothing."""
        return self.word(-1) in {"", ".", "!", "?", ":", "“", '"', "—"}


def decide(
    paragraph: Tokens, candidates: Sequence[Candidate], people: Sequence[Span], named: frozenset[str] = frozenset()
) -> list[Label]:
    """The countries that a paragraph names, by first mention; `named` are ids that the rest of the document names."""
    free = [one for one in candidates if one.alias.values and not _in_person(one, people)]
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


def _in_person(one: Candidate, people: Sequence[Span]) -> bool:
    return any(span.first < one.last and one.first < span.last for span in people)


def _accepted(site: Site) -> tuple[Value, ...]:
    state = next((reading for reading in site.after_comma() if _is_state(reading)), None)
    if state is not None and not _listing(site, state):
        return _choose(site, *(value.id for value in state.values))
    if site.candidate.alias.kind == "demonym" and (_language(site) or _epithet(site)):
        return ()
    rule = site.candidate.alias.rule
    return RULES[rule](site) if rule else site.values


def _likeliest(readings: Sequence[Reading], named: frozenset[str]) -> Reading:
    """Of several readings of the same words the one whose country is named elsewhere, else the first of the table."""
    return next((one for one in readings if any(value.id in named for value in one.values)), readings[0])


def _is_state(reading: Reading) -> bool:
    """Whether a name behind a comma is one that towns are told apart by."""
    alias = reading.candidate.alias
    return alias.rule in _STATES or (alias.rule == "georgia" and alias.kind == "place")


def _listing(site: Site, state: Reading) -> bool:
    """Whether "Mexico, Texas and" lists equals: a country's own name before a state, and more to come."""
    words = site.paragraph.words
    following = words[state.candidate.last].lower() if state.candidate.last < len(words) else ""
    return site.candidate.alias.kind in {"name", "demonym"} and following in {"and", "or", "&"}


def _language(site: Site) -> bool:
    """Whether an adjective stands for a language: "spoke in Russian.", "speaks French"."""
    if site.lower(-1) in _WORDS["speaking"]:
        return True
    return site.lower(-1) == "in" and site.word(0) in {"", ".", ",", ";", ")"} and not site.word(-1).isupper()


def _epithet(site: Site) -> bool:
    """Whether an adjective ends an Arabic name: "Abu Omar al-Iraqi"."""
    return site.word(-1) == "-" and site.lower(-2) in {"al", "el", "at", "as", "ar", "an", "ad", "ash"}


def _choose(site: Site, *ids: str) -> tuple[Value, ...]:
    return tuple(value for value in site.values if value.id in ids)


def _place(site: Site) -> tuple[Value, ...]:
    """A lesser place: its country is named, or it is spoken of as a place."""
    within = _within(site) or tuple(value for value in site.values if value.id in site.named)
    if within:
        return within[:1]
    spoken_of = site.lower(-1) in _WORDS["strict_locative"] or site.follows("geographic")
    return site.values[:1] if spoken_of else ()


def _weak(site: Site) -> tuple[Value, ...]:
    """A place whose name is more often a word or a surname: only with a reason to read it as a place."""
    within = _within(site)
    if within:
        return within[:1]
    if site.follows("geographic"):
        return site.values[:1]
    if site.lower(-1) in _WORDS["strict_locative"] and not _capitalised(site.word(0)):
        return tuple(value for value in site.values if value.id in site.named)[:1]
    return ()


def _within(site: Site) -> tuple[Value, ...]:
    """The values in whose country a name behind a comma says the place is: "Sousse, Tunisia"."""
    return _choose(site, *(value.id for reading in site.after_comma() for value in reading.values))


def _given(site: Site) -> tuple[Value, ...]:
    """A name that people bear too: not before a surname, nor behind a title or an initial."""
    before = site.lower(-2) if site.word(-1) == "." else site.lower(-1)
    if before in _WORDS["title"] or (site.word(-1) == "." and len(before) == 1 and before.isalpha()):
        return ()
    follows = site.word(0)
    surname = _capitalised(follows) and follows.lower() not in _WORDS["after_country"] and not follows.isupper()
    if surname and site.candidate.last not in site.starts and site.lower(-1) not in _WORDS["locative"]:
        return ()
    return site.values


def _capitalised(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and word.isalpha()


def _georgia(site: Site) -> tuple[Value, ...]:
    """The country, unless American places or politics stand around it and nothing of its own neighbourhood does."""
    if not _given(site):
        return ()
    words = {word.lower() for word in site.paragraph.words}
    american = (
        not words.isdisjoint(_WORDS["georgia_state"])
        or any(one.alias.rule in _STATES for ones in site.starts.values() for one in ones)
        or ("US" in site.named and site.follows("georgia_politics"))
        or site.lower(-1) in {"south", "north"}
    )
    country = not _WORDS["georgia_neighbour"].isdisjoint(site.named) or "tbilisi" in words or "caucasus" in words
    return _choose(site, "US" if american and not country else "GE")


def _georgian(site: Site) -> tuple[Value, ...]:
    return () if site.follows("georgian_style") else site.values


def _jordan(site: Site) -> tuple[Value, ...]:
    return () if site.follows("jordan_goods") else _given(site)


def _turkey(site: Site) -> tuple[Value, ...]:
    return () if site.follows("turkey_food") else site.values


def _korea(site: Site) -> tuple[Value, ...]:
    """Korea alone is the one that the text names; the South where it names both or none."""
    north = "KP" in site.named and "KR" not in site.named
    return _choose(site, "KP" if north else "KR")


def _congo(site: Site) -> tuple[Value, ...]:
    """Congo alone is the one that the text names; the larger where it names both or none."""
    smaller = "CG" in site.named and "CD" not in site.named
    return _choose(site, "CG" if smaller else "CD")


def _dominican(site: Site) -> tuple[Value, ...]:
    return () if site.follows("dominican_order") else site.values


def _american(site: Site) -> tuple[Value, ...]:
    """Not the half of a continent: "Latin-American"."""
    half = site.word(-1) == "-" and site.lower(-2) in _WORDS["latin"]
    return () if half else site.values


def _indian(site: Site) -> tuple[Value, ...]:
    native = site.lower(-1) in {"american", "native", "red"} or site.follows("native_american")
    return () if native else site.values


def _english(site: Site) -> tuple[Value, ...]:
    """The people and what is theirs, not the language."""
    hyphened = site.word(0) == "-" and site.lower(1) in {"language", "speaking"}
    spoken = site.lower(-1) in _WORDS["before_language"] and site.word(-1) != "In"
    return () if hyphened or spoken or site.follows("english_language") else site.values


def _polish(site: Site) -> tuple[Value, ...]:
    verb = site.begins_sentence() and site.follows("polish_object")
    return () if verb else site.values


def _pole(site: Site) -> tuple[Value, ...]:
    point = site.lower(-1) in {"north", "south", "magnetic"} or site.lower(0) in {
        "position",
        "vault",
        "star",
        "dancing",
    }
    return () if point else site.values


def _region(site: Site) -> tuple[Value, ...]:
    return () if site.follows("region") else site.values


def _turkmen(site: Site) -> tuple[Value, ...]:
    """The people of Turkmenistan, not the Turkmen of Iraq and Syria."""
    return () if {"IQ", "SY", "TR"} & site.named and "TM" not in site.named else site.values


def _emirates(site: Site) -> tuple[Value, ...]:
    firm = site.follows("emirates_firm")
    return site.values if site.lower(-1) == "the" and not firm else ()


def _wales(site: Site) -> tuple[Value, ...]:
    title = site.lower(-1) == "of" and site.lower(-2) in {"prince", "princess"}
    return () if title else _given(site)


def _kurdistan(site: Site) -> tuple[Value, ...]:
    """Iraq's region, not the parties named for the land and not its Iranian, Syrian or Turkish part."""
    party = site.follows("kurdish_party")
    other = site.lower(-1) in _WORDS["kurdistan_elsewhere"]
    return () if party or other else site.values


def _us(site: Site) -> tuple[Value, ...]:
    """US the country; in a text all in capitals not where a pronoun would stand."""
    if not site.paragraph.text.isupper():
        return site.values
    return (
        ()
        if site.lower(-1) in _WORDS["before_pronoun"] or site.word(0) in {"", ".", ",", "!", "?", "ALL"}
        else site.values
    )


def _capitals(site: Site) -> tuple[Value, ...]:
    """An abbreviation that is a word in lower case: not in a text all in capitals."""
    return () if site.paragraph.text.isupper() else site.values


def _postal(site: Site) -> tuple[Value, ...]:
    """The short form of a state, behind a town: "Lebanon, Pa."."""
    return site.values if site.word(-1) == "," and site.word(-2)[:1].isupper() else ()


def _prefix(site: Site) -> tuple[Value, ...]:
    """The first half of an adjective: "Sino-Soviet"."""
    return site.values if site.word(0) == "-" else ()


def _accented(site: Site) -> tuple[Value, ...]:
    """A name that without its accent is a word: Malé."""
    words = site.paragraph.words[site.candidate.first : site.candidate.last]
    return () if all(word.isascii() for word in words) else site.values


def _always(site: Site) -> tuple[Value, ...]:
    return site.values


def _elsewhere(site: Site) -> tuple[Value, ...]:
    """The lesser of two places of one name: only where its country is named."""
    return _within(site) or tuple(value for value in site.values if value.id in site.named)


#: The rules by the name that `aliases.csv` gives them: each returns the values that the alias means where it stands.
RULES: Final[Mapping[str, Callable[[Site], tuple[Value, ...]]]] = {
    "accented": _accented,
    "american": _american,
    "capitals": _capitals,
    "congo": _congo,
    "dominican": _dominican,
    "elsewhere": _elsewhere,
    "emirates": _emirates,
    "english": _english,
    "georgia": _georgia,
    "georgian": _georgian,
    "given": _given,
    "indian": _indian,
    "jordan": _jordan,
    "korea": _korea,
    "kurdistan": _kurdistan,
    "place": _place,
    "pole": _pole,
    "polish": _polish,
    "postal": _postal,
    "prefix": _prefix,
    "region": _region,
    "state": _always,
    "turkey": _turkey,
    "turkmen": _turkmen,
    "us": _us,
    "wales": _wales,
    "washington": _given,
    "weak": _weak,
}
