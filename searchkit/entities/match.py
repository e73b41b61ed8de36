"""Finding every alias of every dimension in a paragraph, in time that does not grow with the tables.

Per dimension matches are leftmost-longest: from each token the longest alias of the dimension whose case rule holds,
and none of the dimension inside it. (Dimensions do not hide each other's aliases here; which of them a character
belongs to is decided later, with the context.) Most words begin no alias as they are written, which one look-up tells;
from the others the compiled phrases are followed word by word, until none goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.tokens import folded, unaccented

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from searchkit.entities.gazetteer import Alias, Gazetteer
    from searchkit.entities.phrases import Phrases
    from searchkit.entities.tokens import Tokens


# How many spellings each memory holds before it starts anew.
_LIMIT: Final = 1 << 18


class Candidate(NamedTuple):
    """An alias found at the tokens [first, last) of a paragraph."""

    first: int
    last: int
    alias: Alias


class _Beginning(dict[str, bool]):
    """A word that begins phrases: whether one goes on with the next word, as written; filled as texts are read."""

    __slots__ = ("_table", "alone", "phrase")

    def __init__(self, phrase: str, table: Mapping[str, str]) -> None:
        super().__init__()
        self.phrase = phrase
        self.alone = bool(table[phrase])
        self._table = table

    def __missing__(self, word: str) -> bool:
        if len(self) > _LIMIT:
            self.clear()
        going = self[word] = f"{self.phrase} {folded(word)}" in self._table
        return going


class _Beginnings(dict[str, "_Beginning | None"]):
    """The beginning that each word is, by the word as written, or none; filled as texts are read."""

    def __init__(self, phrases: Phrases) -> None:
        super().__init__()
        self._phrases = phrases

    def __missing__(self, word: str) -> _Beginning | None:
        if len(self) > _LIMIT:
            self.clear()
        phrase = self._phrases.begins(word)
        beginning = self[word] = _Beginning(phrase, self._phrases.table) if phrase else None
        return beginning


class Matcher:
    """The aliases of a gazetteer, ready to be looked for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._beginnings = _Beginnings(gazetteer.phrases)

    def match(self, paragraph: Tokens) -> list[Candidate]:
        """The candidates of all dimensions, ordered by first token."""
        words = paragraph.words
        following = [*words[1:], ""]
        free: dict[str, int] = {}
        found: list[Candidate] = []
        starts = [
            (first, beginning)
            for first, beginning in enumerate(map(self._beginnings.__getitem__, words))
            if beginning is not None and (beginning.alone or beginning[following[first]])
        ]
        for first, beginning in starts:
            phrases = self._phrases(words, first, beginning)
            for dimension, candidates in self._longest(words, first, phrases).items():
                if free.get(dimension, 0) <= first:
                    found += candidates
                    free[dimension] = candidates[0].last
        return found

    def _phrases(self, words: Sequence[str], first: int, beginning: _Beginning) -> list[str]:
        """The phrases that stand at `first`, shortest first."""
        table = self._gazetteer.phrases.table
        phrase = beginning.phrase
        phrases = [phrase] if beginning.alone else []
        for place in range(first + 1, len(words)):
            phrase = f"{phrase} {folded(words[place])}"
            spellings = table.get(phrase)
            if spellings is None:
                break
            if spellings:
                phrases.append(phrase)
        return phrases

    def _longest(self, words: Sequence[str], first: int, phrases: Sequence[str]) -> dict[str, list[Candidate]]:
        """Per dimension the longest alias that begins at `first`, several times where it has several rows."""
        longest: dict[str, list[Candidate]] = {}
        for phrase in reversed(phrases):
            here: dict[str, list[Candidate]] = {}
            for spelled, number in self._gazetteer.phrases.spellings(phrase):
                alias = self._gazetteer.alias(number)
                last = first + len(spelled)
                if alias.dimension not in longest and _case_holds(alias, spelled, words[first:last]):
                    here.setdefault(alias.dimension, []).append(Candidate(first, last, alias))
            longest |= here
        return longest


def _case_holds(alias: Alias, spelled: Sequence[str], words: Sequence[str]) -> bool:
    if alias.case == "any":
        return True
    if alias.case == "exact":
        return all(map(str.__eq__, spelled, map(unaccented, words)))
    return all(word[0].isupper() for word, model in zip(words, spelled, strict=True) if model[0].isupper())
