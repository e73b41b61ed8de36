"""Text to numbers: the words and signs of texts as entity extraction sees them, the distinct ones numbered.

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
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U8, U32, I32Array, I64Array, U8Array, U32Array, kernel

# Marks continue a word but are no `\w`: accents written apart, vowel signs, joiners, the soft hyphen.
_MARKS: Final = "".join(
    chr(code)
    for code in (0xAD, *range(0x300, 0x2070), *range(0xFE20, 0xFE30), 0xFEFF)
    if unicodedata.category(chr(code)) in {"Mn", "Mc", "Cf"}
)
_WORD: Final = rf"(?:[^\W_]++[{_MARKS}]*+)++"
_APOSTROPHES: Final = "'\u2019"
#: The rule; the compiled twin has it as a loop over classes of characters.
# Possessive quantifiers keep the time linear: nothing after them can make the engine go back.
TOKEN: Final = re.compile(
    rf"[^\W\d_](?:\.[^\W\d_])++(?![^\W_])\.?"
    rf"|{_WORD}(?:[{_APOSTROPHES}](?![sS](?![^\W_])){_WORD})*+"
    rf"|[{_APOSTROPHES}][sS](?![^\W_])"
    r"|\S"
)

#: Classes of characters.
SIGN, LETTER, DIGIT, MARK, APOSTROPHE, SPACE = range(6)
_PAGE: Final = 256
_classes: Final = np.zeros(0x110000, np.uint8)
_known: Final = np.zeros(len(_classes) // _PAGE, np.bool_)


class Numbered(NamedTuple):
    """The tokens of n texts, T in all, D of them distinct.

    `ids` int32[T] numbers them text after text, `counts` int32[n] says how many each text has; token t is the code
    points [begin[t], end[t]) of all the text, int64[T] each. `first` int64[D] is where each distinct one first occurs,
    as a number of a token.
    """

    ids: I32Array
    counts: I32Array
    begin: I64Array
    end: I64Array
    first: I64Array


def number(text: str, start: I64Array, end: I64Array) -> Numbered:
    """Number the tokens of the texts that are the code points [start[i], end[i]) of `text`."""
    if len(start) != len(end) or (len(start) and (start.min() < 0 or end.max() > len(text) or (start > end).any())):
        raise ValueError("number: every text has to be a range within the text")
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return Numbered(*_number(codes, classes(codes), start, end))


def classes(codes: U32Array) -> U8Array:
    """The class of every character by its code point; right for those among `codes`, at least."""
    met = np.zeros_like(_known)
    met[codes // _PAGE] = True
    for page in np.flatnonzero(met & ~_known).tolist():
        for code in range(page * _PAGE, (page + 1) * _PAGE):
            _classes[code] = _class(chr(code))
        _known[page] = True
    return _classes


def _class(character: str) -> int:
    if character.isalnum():
        return DIGIT if character.isdecimal() else LETTER
    if character in _MARKS:
        return MARK
    if character in _APOSTROPHES:
        return APOSTROPHE
    return SPACE if character.isspace() else SIGN


@kernel(U32, U8, I64, I64)
def _number(
    codes: U32Array, _classes: U8Array, start: I64Array, end: I64Array
) -> tuple[I32Array, I32Array, I64Array, I64Array, I64Array]:
    text = codes.tobytes().decode("utf-32-le", "surrogatepass")
    matches = [list(TOKEN.finditer(text, low, high)) for low, high in zip(start.tolist(), end.tolist(), strict=True)]
    tokens = [match for found in matches for match in found]
    numbers: dict[str, int] = {}
    ids = [numbers.setdefault(match[0], len(numbers)) for match in tokens]
    first = np.full(len(numbers), len(ids), np.int64)
    np.minimum.at(first, ids, np.arange(len(ids)))
    return (
        np.array(ids, np.int32),
        np.fromiter(map(len, matches), np.int32, len(matches)),
        np.array([match.start() for match in tokens], np.int64),
        np.array([match.end() for match in tokens], np.int64),
        first,
    )
