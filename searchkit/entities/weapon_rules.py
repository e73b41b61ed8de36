"""The context rules of weapons: whether an ambiguous alias names a weapon where it stands.

A rule is a row of `data/weapons/context.toml`: tests on the words beside the alias, on the other weapons of the
paragraph, and on cue words within reach. The tests are tried in a fixed order; the first that answers decides, and
says in a few words why, so that a mention can show it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypedDict, cast

from searchkit.entities.gazetteer import DATA
from searchkit.entities.tokens import folded

if TYPE_CHECKING:
    from searchkit.entities.match import Candidate
    from searchkit.entities.tokens import Tokens
    from searchkit.model import Value

#: How many tokens away cue words are counted.
_REACH: Final = 40
#: What an accepted weapon weighs among the cues of these fields; in the air a flying one, at sea a naval one.
_WEAPON_WEIGHT: Final = 2
_FIELDS_OF_WEAPONS: Final = frozenset({"military", "transfer"})
_FLYING: Final = frozenset({"aircraft", "helicopters"})
_AT_SEA: Final = frozenset({"naval-vessels", "torpedoes", "depth-charges"})
_SENTENCE_ENDS: Final = frozenset({".", "!", "?", ":", "“", '"', "—", "|"})
_QUOTES: Final = frozenset({"'", '"', *"()“”\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"})
_APPOSITION: Final = frozenset({",", "the"})
_NOUNLESS: Final = frozenset({"shared", "shipname", "arms"})
#: Words that join the members of a list.
CONNECTORS: Final = frozenset({",", "and", "or", "&", "/", ";", "plus"})


class Rule(TypedDict, total=False):
    """The tests of one rule, named as in `context.toml`, where their meaning is said; word lists are spelled out."""

    reject_before: frozenset[str]
    reject_after: frozenset[str]
    accept_before: frozenset[str]
    accept_after: frozenset[str]
    verb: bool
    capital: bool
    neighbour: bool
    hyphen: bool
    noun: bool
    nation: bool
    listed: bool
    same: bool
    plural: bool
    article: Mapping[str, int]
    reject_near: Mapping[str, int]
    near: Mapping[str, int]
    near_plural: Mapping[str, int]
    otherwise: bool


@dataclass(frozen=True, slots=True)
class Context:
    """`context.toml`: the rules, the cue words of each field with their weights, and the shared word lists."""

    rules: Mapping[str, Rule]
    cues: Mapping[str, Mapping[str, int]]
    words: Mapping[str, frozenset[str]]


@cache
def context() -> Context:
    """The context rules that come with searchkit."""
    table = tomllib.loads((DATA / "weapons" / "context.toml").read_text(encoding="utf-8"))
    words = {name: frozenset(listed) for name, listed in table["words"].items()}

    def spelled_out(test: object) -> object:
        if not isinstance(test, list):
            return test
        return frozenset().union(*(words[word[1:]] if word.startswith("@") else {word} for word in test))

    rules = {
        name: cast("Rule", {test: spelled_out(value) for test, value in tests.items()})
        for name, tests in table["rules"].items()
    }
    return Context(rules, table["cues"], words)


@dataclass(frozen=True, slots=True)
class Found:
    """A weapon named at the tokens [first, last), and the rule that accepted it."""

    first: int
    last: int
    value: Value
    kind: str
    rule: str


class Scene:
    """A paragraph with its candidates, as the rules see it, and what has been accepted so far."""

    def __init__(self, paragraph: Tokens, candidates: Sequence[Candidate]) -> None:
        self.paragraph = paragraph
        self.words = paragraph.words
        self.lower = paragraph.folded
        self.candidates = candidates
        self.begins = {one.first: one for one in candidates}
        self.ends = {one.last: one for one in candidates}
        self.accepted: dict[tuple[int, int], Found] = {}
        self._headline: bool | None = None
        self._sums: dict[str, list[int]] = {}

    @property
    def headline(self) -> bool:
        """Whether capitals say nothing here."""
        if self._headline is None:
            self._headline = _is_headline(self.words)
        return self._headline

    def word(self, place: int) -> str:
        """The folded word, empty outside the paragraph."""
        return self.lower[place] if 0 <= place < len(self.lower) else ""

    def before(self, place: int) -> int:
        """The place of the word before `place`, past a hyphen, quote or parenthesis."""
        place -= 1
        return place - 1 if self.word(place) in _QUOTES or self.word(place) == "-" else place

    def after(self, place: int) -> int:
        """The place of the word at or after `place`, past a hyphen, quote or parenthesis."""
        return place + 1 if self.word(place) in _QUOTES or self.word(place) == "-" else place

    def capitalised(self, place: int) -> bool:
        """Whether a word begins with a capital that no beginning of a sentence and no headline explains."""
        if not 0 < place < len(self.words) or not self.words[place][0].isupper():
            return False
        return self.words[place - 1] not in _SENTENCE_ENDS and not self.headline

    def weight(self, field: str, one: Candidate) -> int:
        """The sum of the cues of a field within reach of a candidate, its own words left out."""
        if field not in self._sums:
            cues = context().cues[field]
            self._sums[field] = [0, *accumulate(cues.get(word, 0) for word in self.lower)]
        sums = self._sums[field]
        low, high = max(0, one.first - _REACH), min(len(self.words), one.last + _REACH)
        total = sums[one.first] - sums[low] + sums[high] - sums[one.last]
        near = [found for found in self.accepted.values() if low <= found.first < high and found.first != one.first]
        if field in _FIELDS_OF_WEAPONS:
            total += _WEAPON_WEIGHT * len(near)
        elif field == "air":
            total += _WEAPON_WEIGHT * sum(found.kind == "system" and _below(found.value, _FLYING) for found in near)
        elif field == "naval":
            total += _WEAPON_WEIGHT * sum(_below(found.value, _AT_SEA) for found in near)
        return total

    def accept(self, one: Found) -> None:
        """Take a mention, unless a part of it is taken already."""
        if not any(found.first < one.last and one.first < found.last for found in self.accepted.values()):
            self.accepted[one.first, one.last] = one

    def beside_noun(self, one: Candidate) -> bool:
        """Whether a class noun stands before or after: "the cruiser Moskva", "a destroyer, the “Cole”"."""
        behind = self.begins.get(self.after(one.last))
        place = one.first
        while place not in self.ends and (self.word(place - 1) in _QUOTES or self.word(place - 1) in _APPOSITION):
            place -= 1
        ahead = self.ends.get(place)
        return any(
            noun is not None and noun.alias.kind == "class" and noun.alias.rule not in _NOUNLESS
            for noun in (behind, ahead)
        )

    def unknown_name(self, place: int) -> bool:
        """Whether a capitalised word stands there that is neither a nation nor part of another candidate."""
        if not self.capitalised(place) or not self.words[place].isalpha() or len(self.words[place]) == 1:
            return False
        words = context().words
        known = ("nations", "countries", "nouns", "determiners")
        return not any(self.word(place) in words[name] for name in known) and not any(
            one.first <= place < one.last for one in self.candidates
        )


def _below(value: Value, classes: frozenset[str]) -> bool:
    return value.id in classes or any(ancestor.id in classes for ancestor in value.ancestors)


def _is_headline(words: Sequence[str]) -> bool:
    """Whether nearly all words begin with a capital, so that capitals say nothing."""
    letters = low = 0
    for word in words:
        if len(word) > 3 and word[0].isalpha():
            letters += 1
            low += not word[0].isupper()
            if low > 1 + 0.1 * len(words):  # most texts leave here, at the tenth word or so
                return False
    return letters > 3 and letters - low >= 0.9 * letters


def reason(scene: Scene, one: Candidate, rule: Rule) -> str:
    """Why a rule accepts a candidate, in a few words, or nothing."""
    for test in _TESTS:
        answer = test(scene, one, rule)
        if answer is not None:
            return answer
    return "no other reading" if rule.get("otherwise") else ""


# A test's answer: why the candidate is accepted, "" to reject it, None where the test does not apply.


def _rejected_beside(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    following = (scene.word(one.last), scene.word(scene.after(one.last)))
    nothing: frozenset[str] = frozenset()
    rejected = scene.word(scene.before(one.first)) in rule.get("reject_before", nothing) or any(
        word in rule.get("reject_after", nothing) for word in following
    )
    return "" if rejected else None


def _rejected_as_verb(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    return "" if rule.get("verb") and _is_verb(scene, one) else None


def _accepted_beside(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    before, after = scene.word(scene.before(one.first)), scene.word(scene.after(one.last))
    if before in rule.get("accept_before", ()):
        return f"after “{before}”"
    if after in rule.get("accept_after", ()):
        return f"before “{after}”"
    if rule.get("hyphen") and "-" in scene.lower[one.first : one.last]:
        return "written with a hyphen"
    return "beside a class noun" if rule.get("noun") and scene.beside_noun(one) else None


def _rejected_as_name(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    if rule.get("capital") and scene.capitalised(one.first):
        return ""
    left, right = scene.before(one.first), scene.after(one.last)
    return "" if rule.get("neighbour") and (scene.unknown_name(left) or scene.unknown_name(right)) else None


def _accepted_in_company(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    if rule.get("nation") and scene.word(scene.before(one.first)) in context().words["nations"]:
        return "after a nation"
    if rule.get("listed") and _in_list(scene, one):
        return "in a list of weapons"
    return "named in full elsewhere" if rule.get("same") and _named_elsewhere(scene, one) else None


def _by_cues(scene: Scene, one: Candidate, rule: Rule) -> str | None:
    if any(scene.weight(field, one) >= least for field, least in rule.get("reject_near", {}).items()):
        return ""
    plural = len(scene.word(one.last - 1)) > len(re.findall(r"\w+", one.alias.text)[-1])
    if plural and rule.get("plural"):
        return "plural"
    if scene.word(one.first - 1) == "the" and any(
        scene.weight(field, one) >= least for field, least in rule.get("article", {}).items()
    ):
        return "with an article"
    near = rule.get("near", {})
    # In a headline the neighbours' capitals could not be tested: the cues have to say more.
    factor = 2 if scene.headline and rule.get("neighbour") else 1
    for field, least in (rule.get("near_plural", near) if plural else near).items():
        if scene.weight(field, one) >= least * factor:
            return f"{field} context"
    return None


_TESTS: Final[tuple[Callable[[Scene, Candidate, Rule], str | None], ...]] = (
    _rejected_beside,
    _rejected_as_verb,
    _accepted_beside,
    _rejected_as_name,
    _accepted_in_company,
    _by_cues,
)


def _is_verb(scene: Scene, one: Candidate) -> bool:
    """Whether the word is an action here: "to bomb the city", "will shell", "Israel bombs Gaza"."""
    if one.last - one.first > 1:
        return False
    words = context().words
    before, after = scene.word(one.first - 1), scene.word(one.last)
    acted_on = after in words["objects"] or after in words["countries"]
    if scene.word(one.first) == folded(one.alias.text) and not after.endswith("s"):
        if before in words["modals"]:
            return True
        if before == "to":
            return acted_on or scene.capitalised(one.last) or after in words["particles"]
    return acted_on and before in words["countries"]


def _in_list(scene: Scene, one: Candidate) -> bool:
    """Whether a list with an accepted weapon goes on or begins here: "tanks, two mortars and a Buk"."""
    ends = {found.last for found in scene.accepted.values()}
    place = one.first - 1
    while place > one.first - 4 and scene.word(place) not in CONNECTORS:
        place -= 1
    while scene.word(place) in CONNECTORS:
        if place in ends:
            return True
        place -= 1
    place = one.last
    while scene.word(place) in CONNECTORS:
        place += 1
    return place > one.last and any(place <= found.first < place + 4 for found in scene.accepted.values())


def _named_elsewhere(scene: Scene, one: Candidate) -> bool:
    values = {value for _, value in one.alias.values}
    return any(
        found.value in values or not values.isdisjoint(found.value.ancestors) for found in scene.accepted.values()
    )
