"""Weapons: which of the names and class nouns found in a paragraph mean a weapon where they stand.

Most aliases of the table always do; an ambiguous one names a rule (`weapon_rules.py`). Besides:

- a class noun in the name of a unit is none ("321st Field Artillery Regiment", "fighter squadron"), nor behind "anti-";
- one that directly follows a system of its class belongs to it ("T-72 tanks" are T-72);
- in "ballistic and cruise missiles" the first adjective shares the noun of the second;
- "such weapons" are those that the paragraph has named, if it has named one kind.

A ship that no table knows is named by its prefix ("USS Hopper") or behind its class ("the destroyers Gravely and
Mason") and becomes a value of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from searchkit.entities.tokens import folded
from searchkit.entities.weapon_rules import CONNECTORS, Found, Scene, context, reason
from searchkit.model import Label, Mention, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Protocol, TypeVar

    from searchkit.entities.gazetteer import Alias
    from searchkit.entities.match import Candidate
    from searchkit.entities.tokens import Tokens

    S = TypeVar("S", bound="Span")

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


DIMENSION: Final = "weapons"
#: The rule that a mention shows when its alias needs none.
LISTED: Final = "listed"

_POINTING: Final = frozenset({"such", "these", "those"})
_IN_SHIPS_NAMES: Final = frozenset({"of", "de", "la", "the", ".", "-"})
_SHIPS_NAME_WORDS: Final = 4
_LIST_LENGTH: Final = 6
_UNITS_NAME_WORDS: Final = 3
_SHORT: Final = 3
_SHIPS_RULES: Final = frozenset({"ship", "named-ship"})
_NAVAL: Final = 2
_VESSELS: Final = "naval-vessels"
_ARTICLES: Final = frozenset({"the", "The"})


def decide(paragraph: Tokens, candidates: Sequence[Candidate], people: Sequence[Span]) -> list[Label]:
    """The weapons that a paragraph names, by first mention."""
    free = [one for one in candidates if one.alias.values and not (people and _in_person(one, people))]
    if not free:
        return []
    scene = Scene(paragraph, free)
    ambiguous: list[tuple[Candidate, str]] = []
    for one in free:
        rule = _rule_of(scene, one)
        if rule in _SPECIAL or not _excluded(scene, one):
            if rule:
                ambiguous.append((one, rule))
            else:
                scene.accept(_found(scene, one, LISTED))
    # Twice: what is accepted late may speak for what stands before it.
    for one, rule in [*ambiguous, *ambiguous]:
        if (one.first, one.last) not in scene.accepted:
            _try(scene, one, rule)
    _name_ships(scene, people)
    _refer_back(scene)
    return carry_ships([paragraph], [list(_labels(scene))], [people])[0]


def people_left(
    paragraphs: Sequence[Tokens], candidates: Sequence[Sequence[Candidate]], people: Sequence[Sequence[S]]
) -> list[list[S]]:
    """The spans of people in a document without those whose words are surely a weapon's.

    They are inside a longer name ("USS Ronald Reagan"), mean nothing else ("Pershing II"), or name a ship behind its
    class ("the carrier Charles de Gaulle") or with an article among naval words ("the Dwight D. Eisenhower").
    """
    return [
        [
            span
            for span in spans
            if not _behind_ships_class(paragraph, found, span)
            and not any(_outweighs(paragraph, one, span) for one in found)
        ]
        for paragraph, found, spans in zip(paragraphs, candidates, people, strict=True)
    ]


def _outweighs(paragraph: Tokens, one: Candidate, span: Span) -> bool:
    """Whether a candidate that covers words taken for a person has the better claim to them."""
    alias = one.alias
    if alias.dimension != DIMENSION or not alias.values or one.first > span.first or span.last > one.last:
        return False
    if alias.rule in _SHIPS_RULES:
        article = one.first > 0 and paragraph.words[one.first - 1] in _ARTICLES
        return article and _naval_words(paragraph) >= _NAVAL
    plural = folded(paragraph.words[one.last - 1]) == folded(alias.text.rsplit(" ", 1)[-1]) + "s"
    return alias.kind == "system" and (not alias.rule or plural)


def _behind_ships_class(paragraph: Tokens, found: Sequence[Candidate], span: Span) -> bool:
    """Whether a class of ships stands before the words: "the carrier Lincoln", "destroyers Cole and Mason"."""
    words, place = paragraph.words, span.first
    joined = place > 1 and words[place - 1] == "and"
    if joined:
        place -= 1
        while place and words[place - 1][0].isupper():
            place -= 1
    return any(
        one.last == place and _is_ships_class(one) and (not joined or words[place - 1].endswith("s")) for one in found
    )


def _is_ships_class(one: Candidate) -> bool:
    if one.alias.dimension != DIMENSION or one.alias.kind != "class":
        return False
    return any(_is_naval(value) for _, value in one.alias.values)


def _is_naval(value: Value) -> bool:
    return value.id == _VESSELS or any(above.id == _VESSELS for above in value.ancestors)


def _naval_words(paragraph: Tokens) -> int:
    naval = context().cues["naval"]
    return sum(naval.get(folded(word), 0) for word in paragraph.words)


def _in_person(one: Candidate, people: Sequence[Span]) -> bool:
    return any(span.first < one.last and one.first < span.last for span in people)


def _rule_of(scene: Scene, one: Candidate) -> str:
    """The alias's rule; a designation written apart ("S 300") needs the context that a short code needs."""
    rule = one.alias.rule
    apart = one.last - one.first > 1 and "-" in one.alias.text and "-" not in scene.lower[one.first : one.last]
    if not rule and apart and one.alias.kind == "system" and len(scene.words[one.first]) <= _SHORT:
        return "wordcode"
    return rule


def _excluded(scene: Scene, one: Candidate) -> bool:
    """Whether a class noun is part of a unit's name or another name, of "anti-…", or of a comparison ("tank-like")."""
    if one.alias.kind != "class":
        return False
    words = context().words
    following = scene.word(one.last)
    return (
        (scene.word(one.first - 1) == "-" and scene.word(one.first - 2) in words["negations"])
        or (following == "-" and scene.word(one.last + 1) in words["suffixes"])
        or following in words["military_units"]
        or (scene.words[one.first][0].isupper() and _in_name(scene, one))
    )


def _in_name(scene: Scene, one: Candidate) -> bool:
    """Whether a capitalised class noun is in the name of a unit, or is one word beside a capitalised unknown."""
    words = scene.words
    if scene.word(one.first - 1) in context().words["corps"]:
        return True
    rule = context().rules.get(one.alias.rule, {})
    if scene.word(one.last) in rule.get("accept_after", ()):
        return False
    alone = one.last - one.first == 1 and scene.capitalised(one.first) and not words[one.first].isupper()
    if alone and (scene.unknown_name(one.first - 1) or scene.unknown_name(one.last)):
        return True
    for place in range(one.last, min(one.last + _UNITS_NAME_WORDS, len(words))):
        if not words[place][0].isupper():
            return False
        if scene.word(place) in context().words["units"]:
            return True
    return False


def _try(scene: Scene, one: Candidate, rule: str) -> None:
    """Accept a candidate if its rule says so."""
    special = _SPECIAL.get(rule)
    if special is not None:
        special(scene, one)
        return
    why = reason(scene, one, context().rules[rule])
    if why:
        scene.accept(_found(scene, one, f"{rule}: {why}"))


def _found(scene: Scene, one: Candidate, rule: str) -> Found:
    return Found(one.first, one.last, _value(scene, one.alias), one.alias.kind, rule)


def _value(scene: Scene, alias: Alias) -> Value:
    """The value of an alias; of several the one whose class or self is named in the paragraph, else the first."""
    values = [value for _, value in alias.values]
    if len(values) == 1:
        return values[0]
    named = {found.value for found in scene.accepted.values()}
    return next((one for one in values if one in named or not named.isdisjoint(one.ancestors[1:])), values[0])


def _shared(scene: Scene, one: Candidate) -> None:
    """Accept an adjective that shares the class noun at the end of its list: "ballistic and cruise missiles"."""
    if scene.lower[one.first : one.last] != re.findall(r"\w+|-", folded(one.alias.text)):
        return
    place = one.last
    for _ in range(_LIST_LENGTH):
        following = _next_in_list(scene, place)
        if following is None:
            return
        noun = scene.word(following.last - 1).rstrip("s")
        for _, value in one.alias.values:
            if (following.first, following.last) in scene.accepted and _noun(value) == noun:
                scene.accept(Found(one.first, one.last, value, one.alias.kind, f"shared: noun “{noun}”"))
                return
        place = following.last


def _next_in_list(scene: Scene, place: int) -> Candidate | None:
    """The candidate that a list goes on with behind `place`."""
    start = place
    while scene.word(place) in CONNECTORS or scene.word(place) in {"other", "-"}:
        place += 1
    return scene.begins.get(place) if place > start else None


def _noun(value: Value) -> str:
    return folded(value.label).rsplit(" ", 1)[-1].rstrip("s")


def _ship(scene: Scene, one: Candidate) -> None:
    """Accept a ship's prefix with the name behind it, and its hull number: "USS Hopper (DDG 70)"."""
    last = one.last
    limit = min(len(scene.words), last + (1 if scene.headline else _SHIPS_NAME_WORDS))
    while last < limit and (scene.words[last][0].isupper() or scene.word(last) in _IN_SHIPS_NAMES):
        last += 1
    while last > one.last and scene.word(last - 1) in _IN_SHIPS_NAMES:
        last -= 1
    sure = scene.word(one.first) in context().words["sure_prefixes"]
    if last == one.last or not (sure or scene.beside_noun(one) or scene.weight("naval", one) >= _NAVAL):
        return
    label = " ".join(scene.words[one.first : last]).replace(" - ", "-").replace(" .", ".")
    ahead = scene.ends.get(one.first)
    parent = one.alias.values[0][1]
    if ahead is not None and ahead.alias.kind == "class" and parent in ahead.alias.values[0][1].ancestors:
        parent = ahead.alias.values[0][1]
    value = Value(re.sub(r"[^a-z0-9]+", "-", folded(label)).strip("-"), label, parent)
    if scene.word(last) == "(" and ")" in scene.words[last + 2 : last + 5]:
        last = scene.words.index(")", last) + 1
    scene.accept(Found(one.first, last, value, "system", "ship: prefix and name"))


def _name_ships(scene: Scene, people: Sequence[Span]) -> None:
    """Accept the names behind a class of ships: "the destroyer Gravely", "the carriers Hancock and Midway"."""
    for found in list(scene.accepted.values()):
        if found.kind != "class" or not _is_naval(found.value) or scene.words[found.first][0].isupper():
            continue
        if scene.headline:
            return
        place = found.last
        while True:
            last = _ships_name(scene, found, place, people)
            if last == place or scene.word(last) != "and" or not scene.word(found.last - 1).endswith("s"):
                break
            place = last + 1


def _ships_name(scene: Scene, found: Found, first: int, people: Sequence[Span]) -> int:
    """The end of the ship's name that begins at `first`, accepted as one; `first` where none does."""
    known = scene.begins.get(first)
    if known is not None and known.alias.rule in _SHIPS_RULES:
        scene.accept(_found(scene, known, "ship: behind its class"))
        return known.last
    last = first
    while last < first + _SHIPS_NAME_WORDS and scene.unknown_name(last):
        last += 1
    if last == first or scene.word(first) in context().words["not_ships"]:
        return first
    if any(span.first < last and first < span.last for span in people):
        return first
    label = " ".join(scene.words[first:last])
    value = Value(re.sub(r"[^a-z0-9]+", "-", folded(label)).strip("-"), label, found.value)
    scene.accept(Found(first, last, value, "system", "ship: behind its class"))
    return last


#: The rules that are no row of tests.
_SPECIAL: Final = {"shared": _shared, "shipname": _ship}


def _refer_back(scene: Scene) -> None:
    """Give "such weapons" the value that the paragraph has named before, if it is one."""
    for place, found in list(scene.accepted.items()):
        if found.value.parent is None and scene.word(found.first - 1) in _POINTING:
            named = {other.value for other in scene.accepted.values() if other.last < found.first} - {found.value}
            if len(named) == 1:
                scene.accepted[place] = replace(found, value=named.pop(), rule="refers back")


def _labels(scene: Scene) -> Iterator[Label]:
    """The accepted mentions by value; a class noun behind a system of its class is part of its mention."""
    places: dict[Value, list[Found]] = {}
    previous: Found | None = None
    for found in sorted(scene.accepted.values(), key=lambda one: one.first):
        if previous is not None and previous.last == found.first and _belongs(found.value, previous):
            previous = replace(previous, last=found.last)
            places[previous.value][-1] = previous
        else:
            places.setdefault(found.value, []).append(found)
            previous = found
    starts, ends, text = scene.paragraph.starts, scene.paragraph.ends, scene.paragraph.text
    for value, named in places.items():
        spans = [(starts[one.first], ends[one.last - 1]) for one in named]
        mentions = (
            Mention(start, end, text[start:end], one.kind, one.rule)
            for (start, end), one in zip(spans, named, strict=True)
        )
        yield Label(value, tuple(mentions))


def _belongs(value: Value, system: Found) -> bool:
    return system.kind == "system" and (value == system.value or value in system.value.ancestors)


def carry_ships(
    paragraphs: Sequence[Tokens], labels: Sequence[Sequence[Label]], people: Sequence[Sequence[Span]]
) -> list[list[Label]]:
    """The labels with the short names of ships that the text names with their prefix: "HMS Ocean … aboard Ocean".

    One list per paragraph each; `people` are the spans that name persons, which no ship's name is found in. A short
    name counts among naval words; one that is a place's does not.
    """
    words = context().words
    names: dict[tuple[str, ...], Value] = {}
    for label in (label for named in labels for label in named):
        for mention in label.mentions:
            prefix, *name = mention.text.split(" (")[0].split()
            if mention.rule == "ship: behind its class":
                prefix, name = "uss", [prefix, *name]
            if name and folded(prefix) in words["prefixes"] and folded(name[-1]) not in words["places"]:
                names[tuple(name)] = label.value
    if not names:
        return [list(named) for named in labels]
    return [
        _with_ships(paragraph, named, spans, names)
        for paragraph, named, spans in zip(paragraphs, labels, people, strict=True)
    ]


def _with_ships(
    paragraph: Tokens, labels: Sequence[Label], people: Sequence[Span], names: Mapping[tuple[str, ...], Value]
) -> list[Label]:
    if _naval_words(paragraph) < _NAVAL:
        return list(labels)
    found = {label.value: list(label.mentions) for label in labels}
    taken = [(mention.start, mention.end) for label in labels for mention in label.mentions]
    for name, value in names.items():
        for first, last in _occurrences(paragraph.words, name):
            start, end = paragraph.starts[first], paragraph.ends[last - 1]
            free = not any(one < end and start < other for one, other in taken)
            if free and not any(span.first < last and first < span.last for span in people):
                mention = Mention(start, end, paragraph.text[start:end], "system", "ship: named in full elsewhere")
                found.setdefault(value, []).append(mention)
    return [Label(value, tuple(sorted(mentions, key=lambda one: one.start))) for value, mentions in found.items()]


def _occurrences(words: Sequence[str], name: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for first in range(len(words) - len(name) + 1):
        if tuple(words[first : first + len(name)]) == name:
            yield first, first + len(name)
