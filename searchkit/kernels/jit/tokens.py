"""Compiled twin of `searchkit.kernels.tokens`: one pass over the bytes, an open-addressing table of the tokens."""

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner

_WORD, _CONNECTOR = 1, 2
_CLASS = np.zeros(256, np.uint8)
_CLASS[[*range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]] = _WORD
_CLASS[128:] = _WORD
_CLASS[[ord(connector) for connector in "-'.,"]] = _CONNECTOR
# FNV-1a, kept to 32 bits so that the product of a step fits into an int64.
_BASIS, _PRIME, _MASK = 2166136261, 16777619, 0xFFFFFFFF


@inner
def _rehash(table: I32Array, hashes: I64Array, distinct: int) -> I32Array:
    """A table of twice the size with the same tokens."""
    mask = 2 * len(table) - 1
    larger = np.full(2 * len(table), -1, np.int32)
    for token in range(distinct):
        slot = (hashes[token] ^ (hashes[token] >> 15)) & mask
        while larger[slot] >= 0:
            slot = (slot + 1) & mask
        larger[slot] = token
    return larger


@inner
def _longer(array: np.ndarray, fill: int) -> np.ndarray:
    """The array with room for as many elements again."""
    longer = np.empty(2 * len(array), array.dtype)
    longer[:fill] = array[:fill]
    return longer


@inner
def _same(text: U8Array, one: int, other: int, size: int) -> bool:
    at = 0
    while at < size and text[one + at] == text[other + at]:
        at += 1
    return at == size


@compile_kernel
def _number(  # noqa: C901 - one loop over the bytes; calls in it would have to return five values
    text: U8Array, start: I64Array, end: I64Array, begins: int
) -> tuple[I32Array, I32Array, I64Array, I64Array, I32Array]:
    room = 0
    for i in range(len(start)):
        room += (end[i] - start[i] + 1) // 2
    ids = np.empty(room, np.int32)
    begin = np.empty(room if begins else 0, np.int64)
    counts = np.zeros(len(start), np.int32)
    table = np.full(1 << 12, -1, np.int32)
    first, size, hashes = np.empty(1 << 11, np.int64), np.empty(1 << 11, np.int32), np.empty(1 << 11, np.int64)
    distinct = filled = 0
    for document in range(len(start)):
        at, stop, before = start[document], end[document], filled
        while at < stop:
            if _CLASS[text[at]] != _WORD:
                at += 1
                continue
            begun, hashed = at, _BASIS
            while at < stop:
                byte = int(text[at])
                kind = _CLASS[byte]
                if kind != _WORD and (kind != _CONNECTOR or at + 1 >= stop or _CLASS[text[at + 1]] != _WORD):
                    break
                hashed = ((hashed ^ byte) * _PRIME) & _MASK
                at += 1
            width = at - begun
            mask = len(table) - 1
            slot = (hashed ^ (hashed >> 15)) & mask
            while True:
                token = int(table[slot])
                if token < 0:
                    token = distinct
                    table[slot], first[token], size[token], hashes[token] = token, begun, width, hashed
                    distinct += 1
                    if 2 * distinct >= len(table):
                        table = _rehash(table, hashes, distinct)
                        first, size, hashes = (
                            _longer(first, distinct),
                            _longer(size, distinct),
                            _longer(hashes, distinct),
                        )
                    break
                if hashes[token] == hashed and size[token] == width and _same(text, first[token], begun, width):
                    break
                slot = (slot + 1) & mask
            ids[filled] = token
            if begins:
                begin[filled] = begun
            filled += 1
        counts[document] = filled - before
    return (
        ids[:filled],
        counts,
        begin[: filled if begins else 0],
        first[:distinct].copy(),
        size[:distinct].copy(),
    )
