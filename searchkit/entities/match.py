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
    from collections.abc import Sequence

    from searchkit.entities.gazetteer import Alias, Gazetteer
    from searchkit.entities.phrases import Phrases
    from searchkit.entities.tokens import Tokens


class Candidate(NamedTuple):
    """An alias found at the tokens [first, last) of a paragraph."""

    first: int
    last: int
    alias: Alias


class _Beginnings(dict[str, str]):
    """The beginning of a phrase that a word is, by the word as written; filled as texts are read."""

    _LIMIT: Final = 1 << 20

    def __init__(self, phrases: Phrases) -> None:
        super().__init__()
        self._phrases = phrases

    def __missing__(self, word: str) -> str:
        if len(self) > self._LIMIT:
            self.clear()
        beginning = self[word] = self._phrases.begins(word)
        return beginning


class Matcher:
    """The aliases of a gazetteer, ready to be looked for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._table = gazetteer.phrases.table
        self._beginnings = _Beginnings(gazetteer.phrases)

    def match(self, paragraph: Tokens) -> list[Candidate]:
        """The candidates of all dimensions, ordered by first token."""
        words, table = paragraph.words, self._table
        free: dict[str, int] = {}
        found: list[Candidate] = []
        for first, beginning in enumerate(map(self._beginnings.__getitem__, words)):
            if not beginning:
                continue
            phrase = beginning
            phrases = [phrase] if table[phrase] else []
            for word in words[first + 1 :]:
                phrase = f"{phrase} {folded(word)}"
                spellings = table.get(phrase)
                if spellings is None:
                    break
                if spellings:
                    phrases.append(phrase)
            if phrases:
                for dimension, candidates in self._longest(words, first, phrases).items():
                    if free.get(dimension, 0) <= first:
                        found += candidates
                        free[dimension] = candidates[0].last
        return found

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
