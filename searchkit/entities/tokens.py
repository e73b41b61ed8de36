# ruff: noqa: RUF001 - characters that look like others are what the tables here are about
"""Tokens of a paragraph, as entity extraction sees it: words as written, with their places.

A token is

- a run of letters, digits and the marks that belong to them; an apostrophe inside it stays (`O'Brien`, `d'Ivoire`);
- a possessive `'s` of its own (`Ukraine` `'s`);
- a dotted abbreviation of single letters with all its dots (`U.S.`, `U.S.A.`, `J.R.R.`; `U.S` without the last);
- any other character that is not white space, alone: `S-300` is `S` `-` `300`, `Gen.` is `Gen` `.`.

White space makes no token, so the characters between two tokens are always white space. Time is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Marks continue a word but are no `\w`: accents written apart, vowel signs, joiners, the soft hyphen.
_MARKS: Final = "".join(
    chr(code)
    for code in (0xAD, *range(0x300, 0x2070), *range(0xFE20, 0xFE30), 0xFEFF)
    if unicodedata.category(chr(code)) in {"Mn", "Mc", "Cf"}
)
_WORD: Final = rf"(?:[^\W_]++[{_MARKS}]*+)++"
_APOSTROPHES: Final = "'’"
# Possessive quantifiers keep the time linear: nothing after them can make the engine go back.
_TOKEN: Final = re.compile(
    rf"[^\W\d_](?:\.[^\W\d_])++(?![^\W_])\.?"
    rf"|{_WORD}(?:[{_APOSTROPHES}](?![sS](?![^\W_])){_WORD})*+"
    rf"|[{_APOSTROPHES}][sS](?![^\W_])"
    r"|\S"
)
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

    Offsets are code points. They are found on first use: most paragraphs name nothing.
    """

    __slots__ = ("_ends", "_starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = _TOKEN.findall(text)
        self._starts: list[int] | None = None
        self._ends: list[int] = []

    @property
    def starts(self) -> list[int]:
        """The first character of each token."""
        if self._starts is None:
            # Only white space stands between tokens, so each is the next occurrence of itself.
            starts: list[int] = []
            end = 0
            for word in self.words:
                start = self.text.index(word, end)
                end = start + len(word)
                starts.append(start)
                self._ends.append(end)
            self._starts = starts
        return self._starts

    @property
    def ends(self) -> list[int]:
        """The character after each token."""
        _ = self.starts
        return self._ends

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
