"""Finding every alias of every dimension in a paragraph, in time that does not grow with the tables.

The aliases' words, folded, make one trie over token numbers. Per dimension matches are leftmost-longest: from each
token the longest alias of the dimension whose case rule holds, and none of the dimension inside it. (Dimensions do not
hide each other's aliases here; which of them a character belongs to is decided later, with the context.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.gazetteer import Alias, Gazetteer, spellings
from searchkit.entities.tokens import Tokens, folded, unaccented

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNKNOWN: Final = 0


class Candidate(NamedTuple):
    """An alias found at the tokens [first, last) of a paragraph."""

    first: int
    last: int
    alias: Alias


class _Numbers(dict[str, int]):
    """The number of each word that occurs in an alias, by spelling as met in texts; others are 0.

    A spelling is folded once, when it is first met.
    """

    _LIMIT: Final = 1 << 20

    def __init__(self) -> None:
        super().__init__()
        self._folded: dict[str, int] = {}

    def add(self, word: str) -> int:
        return self._folded.setdefault(word, len(self._folded) + 1)

    def __missing__(self, word: str) -> int:
        if len(self) > self._LIMIT:
            self.clear()
        number = self[word] = self._folded.get(folded(word), _UNKNOWN)
        return number


class _Node:
    """A state of the trie: where each next word leads, and the aliases that end here with their words as spelled."""

    __slots__ = ("aliases", "next")

    def __init__(self) -> None:
        self.next: dict[int, _Node] = {}
        self.aliases: list[tuple[Alias, tuple[str, ...]]] = []


class Matcher:
    """The aliases of a gazetteer, ready to be looked for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._numbers = _Numbers()
        self._root = _Node()
        for alias in gazetteer.aliases:
            for spelling in spellings(alias):
                self._add(alias, spelling)

    def _add(self, alias: Alias, spelling: str) -> None:
        words = Tokens(spelling).words
        node = self._root
        for word in words:
            node = node.next.setdefault(self._numbers.add(folded(word)), _Node())
        node.aliases.append((alias, tuple(map(unaccented, words))))

    def match(self, paragraph: Tokens) -> list[Candidate]:
        """The candidates of all dimensions, ordered by first token."""
        words = paragraph.words
        numbers = list(map(self._numbers.__getitem__, words))
        starts = self._root.next
        free: dict[str, int] = {}
        found: list[Candidate] = []
        for first, number in enumerate(numbers):
            if number in starts:
                for dimension, candidates in self._longest(words, numbers, first).items():
                    if free.get(dimension, 0) <= first:
                        found += candidates
                        free[dimension] = candidates[0].last
        return found

    def _longest(self, words: Sequence[str], numbers: Sequence[int], first: int) -> dict[str, list[Candidate]]:
        """Per dimension the longest alias that begins at `first`, several times where it has several rows."""
        longest: dict[str, list[Candidate]] = {}
        node = self._root
        for last in range(first, len(numbers)):
            following = node.next.get(numbers[last])
            if following is None:
                break
            node = following
            for alias, spelled in node.aliases:
                if _case_holds(alias, spelled, words[first : last + 1]):
                    candidates = longest.setdefault(alias.dimension, [])
                    if candidates and candidates[0].last != last + 1:
                        candidates.clear()
                    candidates.append(Candidate(first, last + 1, alias))
        return longest


def _case_holds(alias: Alias, spelled: Sequence[str], words: Sequence[str]) -> bool:
    if alias.case == "any":
        return True
    if alias.case == "exact":
        return all(map(str.__eq__, spelled, map(unaccented, words)))
    return all(word[0].isupper() for word, model in zip(words, spelled, strict=True) if model[0].isupper())
