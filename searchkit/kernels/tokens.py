"""Text to numbers: raw tokens of UTF-8 text, the distinct ones numbered as they first occur.

A raw token is a run of word bytes (ASCII letters and digits, any byte of a character beyond ASCII), perhaps joined by
single connectors: `long-range`, `U.S`, `12,000`, `O'Brien`, `Kyiv,Ukraine`. What a raw token means (folding, stems,
splitting at punctuation beyond ASCII) is decided elsewhere, once for each distinct one.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U8, I32Array, I64Array, U8Array, kernel

#: The rule; the compiled twin has it as a table of byte classes.
RAW_TOKEN: Final = re.compile(rb"[0-9A-Za-z\x80-\xff]+(?:[-'.,][0-9A-Za-z\x80-\xff]+)*")


class Numbered(NamedTuple):
    """The raw tokens of n texts, T in all, D of them distinct.

    `ids` int32[T] numbers them text after text, `counts` int32[n] says how many each text has, `begin` int64[T] where
    each starts (empty unless asked for). Distinct token d is the bytes [first[d], first[d] + size[d]) of the text,
    `first` int64[D], `size` int32[D], where it occurs first.
    """

    ids: I32Array
    counts: I32Array
    begin: I64Array
    first: I64Array
    size: I32Array


def number(text: U8Array, start: I64Array, end: I64Array, *, begins: bool = False) -> Numbered:
    """Number the raw tokens of the texts that are the bytes [start[i], end[i]) of `text`.

    No token reaches over the end of its text. `begins` asks for the place of every token, 8 bytes for each.
    """
    if len(start) != len(end) or (len(start) and (start.min() < 0 or end.max() > len(text) or (start > end).any())):
        raise ValueError("number: every text has to be a range within the bytes")
    return Numbered(*_number(text, start, end, int(begins)))


@kernel(U8, I64, I64, int)
def _number(
    text: U8Array, start: I64Array, end: I64Array, begins: int
) -> tuple[I32Array, I32Array, I64Array, I64Array, I32Array]:
    data = text.tobytes()
    numbers: dict[bytes, int] = {}
    ids: list[int] = []
    counts: list[int] = []
    begin: list[int] = []
    first: list[int] = []
    for low, high in zip(start.tolist(), end.tolist(), strict=True):
        before = len(ids)
        for match in RAW_TOKEN.finditer(data, low, high):
            token = numbers.setdefault(match[0], len(numbers))
            if token == len(first):
                first.append(match.start())
            ids.append(token)
            if begins:
                begin.append(match.start())
        counts.append(len(ids) - before)
    return (
        np.array(ids, np.int32),
        np.array(counts, np.int32),
        np.array(begin, np.int64),
        np.array(first, np.int64),
        np.fromiter(map(len, numbers), np.int32, len(numbers)),
    )
