# ruff: noqa: RUF001 - characters that look like others are what the tables here are about
"""Tokens of a paragraph, as entity extraction sees it: words as written, with their places.

What a token is stands in `searchkit.kernels.words`. White space makes none, so the characters between two tokens are
always white space.
"""

from __future__ import annotations

import unicodedata
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

    Offsets are code points.
    """

    __slots__ = ("_folded", "ends", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        found = list(TOKEN.finditer(text))
        self._set(text, [one[0] for one in found], [one.start() for one in found], [one.end() for one in found])

    def _set(self, text: str, words: list[str], starts: list[int], ends: list[int]) -> None:
        self.text = text
        self.words = words
        self.starts = starts
        self.ends = ends
        self._folded: list[str] | None = None

    @classmethod
    def of(cls, text: str, words: list[str], starts: list[int], ends: list[int]) -> Self:
        """The tokens of a text that were found already."""
        self = cls.__new__(cls)
        self._set(text, words, starts, ends)
        return self

    @property
    def folded(self) -> list[str]:
        """The words without case and accents."""
        if self._folded is None:
            self._folded = list(map(_FOLDED.__getitem__, self.words))
        return self._folded

    def __len__(self) -> int:
        return len(self.words)


def unaccented(word: str) -> str:
    """The word without accents and joiners, with plain apostrophes and hyphens; its case stays."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word.translate(_LETTERS))
    return "".join(letter for letter in decomposed if unicodedata.category(letter) not in {"Mn", "Mc", "Cf"})


def folded(word: str) -> str:
    """The word without case and accents: what two spellings of one name have in common."""
    return _FOLDED[word]


class _Folded(dict[str, str]):
    """The folded form of the words met so far: a dictionary, since an `lru_cache` is slower the more it holds."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _LIMIT:
            self.clear()
        form = self[word] = unaccented(word).casefold()
        return form


_LIMIT: Final = 1 << 17
_FOLDED: Final = _Folded()
