# ruff: noqa: RUF001 - characters that look like others are what the tables here are about
"""Tokens of a paragraph, as entity extraction sees it: words as written, with their places.

What a token is stands in `searchkit.kernels.words`. White space makes none, so the characters between two tokens are
always white space.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, Self

from searchkit.kernels.words import TOKEN

# Letters that differ from a plain one by more than a mark that can be taken off.
_LETTERS: Final = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th",
        "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Ħ": "H", "Ŧ": "T", "Æ": "Ae", "Œ": "Oe", "Þ": "Th",
        "ß": "ss", "ə": "a", "Ə": "A",
        "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "`": "'", "´": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-",
    }
)  # fmt: skip


class Tokens:
    """One paragraph as parallel lists: token `i` is `words[i]`, exactly as written, at `text[starts[i]:ends[i]]`.

    Offsets are code points. `folded` has the words without case and accents.
    """

    __slots__ = ("ends", "folded", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        found = list(TOKEN.finditer(text))
        words = [match[0] for match in found]
        self._set(text, words, [match.start() for match in found], [match.end() for match in found])
        self.folded = list(map(folded, words))

    def _set(self, text: str, words: list[str], starts: list[int], ends: list[int]) -> None:
        self.text = text
        self.words = words
        self.starts = starts
        self.ends = ends

    @classmethod
    def of(cls, text: str, words: list[str], folded: list[str], starts: list[int], ends: list[int]) -> Self:
        """The tokens of a text that were found already."""
        self = cls.__new__(cls)
        self._set(text, words, starts, ends)
        self.folded = folded
        return self

    def __len__(self) -> int:
        return len(self.words)


@lru_cache(maxsize=1 << 16)
def unaccented(word: str) -> str:
    """The word without accents and joiners, with plain apostrophes and hyphens; its case stays."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in {"Mn", "Mc", "Cf"})


@lru_cache(maxsize=1 << 16)
def folded(word: str) -> str:
    """The word without case and accents: what two spellings of one name have in common."""
    return unaccented(word).casefold()
