"""The context rules of countries: what an ambiguous name means where it stands.

`aliases.csv` names the rule of an alias. A rule that only looks at the words beside the name is a table of
`data/countries/context.toml`, which says what each of its lines tests; the others are functions of this module.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.gazetteer import DATA
from searchkit.model import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from searchkit.entities.match import Candidate
    from searchkit.entities.tokens import Tokens

_CONTEXT: Final = tomllib.loads((DATA / "countries" / "context.toml").read_text(encoding="utf-8"))
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split()) for name, words in _CONTEXT["words"].items()
}
#: Rules of the names of federal states, by which towns are told apart.
STATES: Final = ("state", "postal")


class Reading(NamedTuple):
    """A candidate, and the values that it means where it stands."""

    candidate: Candidate
    values: tuple[Value, ...]


@dataclass(slots=True)  # not frozen, which would double the time of making one
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
        return self.candidate.alias.means

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


def is_language(site: Site) -> bool:
    """Whether an adjective stands for a language: "spoke in Russian.", "speaks French"."""
    if site.lower(-1) in _WORDS["speaking"]:
        return True
    return site.lower(-1) == "in" and site.word(0) in {"", ".", ",", ";", ")"} and not site.word(-1).isupper()


def is_epithet(site: Site) -> bool:
    """Whether an adjective ends an Arabic name: "Abu Omar al-Iraqi"."""
    return site.word(-1) == "-" and site.lower(-2) in {"al", "el", "at", "as", "ar", "an", "ad", "ash"}


def choose(site: Site, *ids: str) -> tuple[Value, ...]:
    """Those of the alias's values that have one of the ids."""
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
    if site.follows("geographic") and not capitalised(site.word(-1)):
        return site.values[:1]
    if site.lower(-1) in _WORDS["strict_locative"] and not capitalised(site.word(0)):
        return tuple(value for value in site.values if value.id in site.named)[:1]
    return ()


def _within(site: Site) -> tuple[Value, ...]:
    """The values in whose country a name behind a comma says the place is: "Sousse, Tunisia"."""
    return choose(site, *(value.id for reading in site.after_comma() for value in reading.values))


def _given(site: Site) -> tuple[Value, ...]:
    """A name that people bear too: not behind a title or an initial; inside a longer name it is no candidate."""
    return () if is_titled(site.paragraph, site.candidate.first) else site.values


def is_titled(paragraph: Tokens, first: int) -> bool:
    """Whether a title ("Mr.", "Senator") or an initial stands before the token."""
    dotted = first > 0 and paragraph.words[first - 1] == "."
    place = first - 2 if dotted else first - 1
    before = paragraph.words[place].lower() if place >= 0 else ""
    return before in _WORDS["title"] or (dotted and len(before) == 1 and before.isalpha())


def capitalised(word: str) -> bool:
    """Whether a word is written like a name."""
    return len(word) > 1 and word[0].isupper() and word.isalpha()


def _georgia(site: Site) -> tuple[Value, ...]:
    """The country, unless American places or politics stand around it and nothing of its own neighbourhood does."""
    if not _given(site):
        return ()
    words = {word.lower() for word in site.paragraph.words}
    american = (
        not words.isdisjoint(_WORDS["georgia_state"])
        or any(one.alias.rule in STATES for ones in site.starts.values() for one in ones)
        or ("US" in site.named and site.follows("georgia_politics"))
        or site.lower(-1) in {"south", "north"}
    )
    country = not _WORDS["georgia_neighbour"].isdisjoint(site.named) or "tbilisi" in words or "caucasus" in words
    return choose(site, "US" if american and not country else "GE")


def _korea(site: Site) -> tuple[Value, ...]:
    """Korea alone is the one that the text names; the South where it names both or none."""
    north = "KP" in site.named and "KR" not in site.named
    return choose(site, "KP" if north else "KR")


def _congo(site: Site) -> tuple[Value, ...]:
    """Congo alone is the one that the text names; the larger where it names both or none."""
    smaller = "CG" in site.named and "CD" not in site.named
    return choose(site, "CG" if smaller else "CD")


def _turkmen(site: Site) -> tuple[Value, ...]:
    """The people of Turkmenistan, not the Turkmen of Iraq and Syria."""
    return () if {"IQ", "SY", "TR"} & site.named and "TM" not in site.named else site.values


def _us(site: Site) -> tuple[Value, ...]:
    """US the country; in a text all in capitals not where a pronoun would stand."""
    if not site.paragraph.text.isupper():
        return site.values
    return (
        ()
        if site.lower(-1) in _WORDS["before_pronoun"] or site.word(0) in {"", ".", ",", "!", "?", "ALL"}
        else site.values
    )


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


class _Words:
    """A rule that looks at the words beside a name: one table of `context.toml`."""

    def __init__(self, table: Mapping[str, str | bool | list[str]]) -> None:
        self._tests = {test: _phrases(words) for test, words in table.items() if isinstance(words, str | list)}
        self._sentence_start = bool(table.get("sentence_start"))
        self._mixed_case = bool(table.get("mixed_case"))
        then = table.get("then")
        self._then = _FUNCTIONS[then] if isinstance(then, str) else _always

    def __call__(self, site: Site) -> tuple[Value, ...]:
        """The values that the alias means where it stands, none or all."""
        rejected = (
            (self._mixed_case and site.paragraph.text.isupper())
            or self._beside(site, "not_before", before=False)
            or self._beside(site, "not_after", before=True)
            or ("only_before" in self._tests and not self._beside(site, "only_before", before=False))
            or ("only_after" in self._tests and not self._beside(site, "only_after", before=True))
        )
        applies = not self._sentence_start or site.begins_sentence()
        return () if rejected and applies else self._then(site)

    def _beside(self, site: Site, test: str, *, before: bool) -> bool:
        """Whether one of the phrases of a test stands directly before or behind the name."""
        for length, phrases in self._tests.get(test, {}).items():
            places = range(-length, 0) if before else range(length)
            if " ".join(site.lower(place) for place in places) in phrases:
                return True
        return False


def _phrases(words: str | list[str]) -> dict[int, frozenset[str]]:
    """Phrases by their number of words."""
    listed = words.split() if isinstance(words, str) else words
    return {
        length: frozenset(one for one in listed if one.count(" ") == length - 1)
        for length in {one.count(" ") + 1 for one in listed}
    }


_FUNCTIONS: Final[Mapping[str, Callable[[Site], tuple[Value, ...]]]] = {
    "accented": _accented,
    "congo": _congo,
    "elsewhere": _elsewhere,
    "georgia": _georgia,
    "given": _given,
    "korea": _korea,
    "place": _place,
    "postal": _postal,
    "prefix": _prefix,
    "state": _always,
    "turkmen": _turkmen,
    "us": _us,
    "weak": _weak,
}
#: The rules by the name that `aliases.csv` gives them: each returns the values that the alias means where it stands.
RULES: Final[Mapping[str, Callable[[Site], tuple[Value, ...]]]] = {
    **_FUNCTIONS,
    **{name: _Words(table) for name, table in _CONTEXT["rule"].items()},
}
