"""Text to numbers: raw tokens of UTF-8 text, the distinct ones numbered as they first occur.

A raw token is a run of word bytes (ASCII letters and digits, any byte of a character beyond ASCII), perhaps joined by
single connectors: `long-range`, `U.S`, `12,000`, `O'Brien`, `Kyiv,Ukraine`. What a raw token means (folding, stems,
splitting at punctuation beyond ASCII) is decided elsewhere, once for each distinct one.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import (
    I64,
    U8,
    U64,
    Changed,
    I32Array,
    I64Array,
    U8Array,
    U64Array,
    kernel,
)

#: The rule; the compiled twin has it as a table of byte classes.
RAW_TOKEN: Final = re.compile(rb"[0-9A-Za-z\x80-\xff]+(?:[-'.,][0-9A-Za-z\x80-\xff]+)*")
#: Where a word may begin in a raw token of ASCII: a run of letters or of digits.
_RUN: Final = re.compile(rb"[A-Za-z]+|[0-9]+")
#: What may stand within a word and is not a part of it.
_CONNECTORS: Final = b"-'.,"


class Vocabulary:
    """Distinct raw tokens, numbered as they first occur over all calls of `number`.

    Token t is the bytes [ends[t], ends[t + 1]) of one arena. The compiled twin keeps a table of them.
    """

    def __init__(self) -> None:
        self._table = np.zeros(0, np.uint64)
        self._arena = np.zeros(0, np.uint8)
        self._ends = np.zeros(1, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes."""
        return self._table.nbytes + self._arena.nbytes + self._ends.nbytes

    def number(self, text: U8Array, start: I64Array, end: I64Array) -> tuple[I32Array, I32Array]:
        """The numbers of the raw tokens of the texts [start[i], end[i]) of `text`, and how many each text has.

        Both are int32. No token reaches over the end of its text.
        """
        _check(text, start, end)
        ids, counts, self._table, self._arena, self._ends, self._count = _number(
            text, start, end, self._table, self._arena, self._ends, self._count
        )
        return ids, counts

    def number_whole(self, text: U8Array, start: I64Array, end: I64Array) -> I32Array:
        """The numbers of the texts [start[i], end[i]) of `text`, each taken for one token whatever is in it."""
        _check(text, start, end)
        ids, self._table, self._arena, self._ends, self._count = _number_whole(
            text, start, end, self._table, self._arena, self._ends, self._count
        )
        return ids

    @property
    def columns(self) -> tuple[U8Array, I64Array]:
        """The bytes of all tokens, one after another, and where each begins, with the end of the last."""
        ends = self._ends[: self._count + 1]
        return self._arena[: ends[-1]], ends

    def tokens(self, first: int = 0) -> list[bytes]:
        """The tokens with the numbers from `first` on."""
        ends = self._ends[first : self._count + 1].tolist()
        if len(ends) < 2:
            return []
        base, data = ends[0], self._arena[ends[0] : ends[-1]].tobytes()
        return [data[low - base : high - base] for low, high in pairwise(ends)]


class Beginnings(NamedTuple):
    """What words begin with, one after another, and where each begins and the last ends."""

    data: U8Array
    ends: I64Array


def beginnings(words: Iterable[bytes]) -> Beginnings:
    """Beginnings of words as `candidates` looks for them: in small letters, without what may connect a word's parts."""
    plain = sorted({word.lower().translate(None, _CONNECTORS) for word in words})
    ends = np.cumsum([0, *map(len, plain)], dtype=np.int64)
    return Beginnings(np.frombuffer(b"".join(plain), np.uint8), ends)


class Candidates(NamedTuple):
    """Some of the raw tokens of texts: where they begin and end in the bytes, and how many there are of each text.

    `places` are the code points that stand before each in its text; `skipped` says how many tokens stand before it that
    are none, since the last that is one.
    """

    begin: I64Array
    end: I64Array
    places: I64Array
    skipped: I64Array
    counts: I64Array


def candidates(text: U8Array, sizes: I64Array, wanted: Beginnings, *, odd: bool) -> Candidates:
    """The raw tokens in which a word may begin as wanted, be it in small letters or capitals.

    Texts of these sizes follow one another, with one byte between. Tokens that are not ASCII are always among them, for
    folding may change any of their bytes; with `odd` so are those that are anything but letters, so that each token
    that is skipped is one word.
    """
    return Candidates(*_candidates(text, sizes, *wanted, int(odd)))


@kernel(U8, I64, U8, I64, int)
def _candidates(
    text: U8Array, sizes: I64Array, beginnings: U8Array, ends: I64Array, odd: int
) -> tuple[I64Array, I64Array, I64Array, I64Array, I64Array]:
    data, counts, low = text.tobytes(), np.zeros(len(sizes), np.int64), 0
    wanted = tuple(beginnings[low:high].tobytes() for low, high in pairwise(ends.tolist()))
    found: list[tuple[int, int, int, int]] = []
    for number, size in enumerate(sizes.tolist()):
        high, skipped = min(low + size, len(data)), 0
        for match in RAW_TOKEN.finditer(data, low, high):
            token = match[0].lower()
            if (
                not token.isascii()
                or (odd and not token.isalpha())
                or any(
                    token[run.start() :].translate(None, _CONNECTORS).startswith(wanted) for run in _RUN.finditer(token)
                )
            ):
                place = sum(byte & 0xC0 != 0x80 for byte in data[low : match.start()])
                found.append((*match.span(), place, skipped))
                counts[number] += 1
                skipped = 0
            else:
                skipped += 1
        low = high + 1
    begin, stop, places, before = np.array(found, np.int64).reshape(-1, 4).T
    return begin.copy(), stop.copy(), places.copy(), before.copy(), counts


def _check(text: U8Array, start: I64Array, end: I64Array) -> None:
    if len(start) != len(end) or (len(start) and (start.min() < 0 or end.max() > len(text) or (start > end).any())):
        raise ValueError("number: every text has to be a range within the bytes")


@kernel(U8, I64, I64, Changed(U64), Changed(U8), Changed(I64), int)
def _number(
    text: U8Array, start: I64Array, end: I64Array, _table: U64Array, arena: U8Array, ends: I64Array, count: int
) -> tuple[I32Array, I32Array, U64Array, U8Array, I64Array, int]:
    data, numbers = text.tobytes(), _numbers(arena, ends, count)
    ids: list[int] = []
    counts: list[int] = []
    for low, high in zip(start.tolist(), end.tolist(), strict=True):
        before = len(ids)
        ids += (numbers.setdefault(match[0], len(numbers)) for match in RAW_TOKEN.finditer(data, low, high))
        counts.append(len(ids) - before)
    return np.array(ids, np.int32), np.array(counts, np.int32), *_columns(numbers)


@kernel(U8, I64, I64, Changed(U64), Changed(U8), Changed(I64), int)
def _number_whole(
    text: U8Array, start: I64Array, end: I64Array, _table: U64Array, arena: U8Array, ends: I64Array, count: int
) -> tuple[I32Array, U64Array, U8Array, I64Array, int]:
    data, numbers = text.tobytes(), _numbers(arena, ends, count)
    ids = [
        numbers.setdefault(data[low:high], len(numbers)) for low, high in zip(start.tolist(), end.tolist(), strict=True)
    ]
    return np.array(ids, np.int32), *_columns(numbers)


def _numbers(arena: U8Array, ends: I64Array, count: int) -> dict[bytes, int]:
    known = arena.tobytes()
    return {known[low:high]: token for token, (low, high) in enumerate(pairwise(ends[: count + 1].tolist()))}


def _columns(numbers: dict[bytes, int]) -> tuple[U64Array, U8Array, I64Array, int]:
    """What a vocabulary keeps; the compiled twin makes its table anew where it has none."""
    sizes = np.fromiter(map(len, numbers), np.int64, len(numbers))
    return (
        np.zeros(0, np.uint64),
        np.frombuffer(bytearray().join(numbers), np.uint8),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        len(numbers),
    )
