"""Compiled twin of `searchkit.kernels.tokens`: one pass over the bytes, an open-addressing table of the tokens."""

# ruff: noqa: PLR0917 - kernels take positions only

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


@inner
def _alike(text: U8Array, one: int, arena: U8Array, other: int, size: int) -> bool:
    at = 0
    while at < size and text[one + at] == arena[other + at]:
        at += 1
    return at == size


@inner
def _hash(text: U8Array, low: int, high: int) -> int:
    hashed = _BASIS
    for at in range(low, high):
        hashed = ((hashed ^ int(text[at])) * _PRIME) & _MASK
    return hashed


@inner
def _table_of(arena: U8Array, ends: I64Array, count: int) -> I64Array:
    """A table with room for as many tokens again: in each slot the hash of a token and its number, or -1."""
    size = 1 << 12
    while size < 4 * count:
        size *= 2
    table = np.full(size, -1, np.int64)
    for token in range(count):
        hashed = _hash(arena, ends[token], ends[token + 1])
        slot = (hashed ^ (hashed >> 15)) & (size - 1)
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = hashed << 31 | token
    return table


@inner
def _with_room(array: np.ndarray, fill: int, more: int) -> np.ndarray:
    """The array itself, or a longer one, with room for `more` elements after the first `fill`."""
    if fill + more <= len(array):
        return array
    longer = np.empty(2 * (fill + more), array.dtype)
    longer[:fill] = array[:fill]
    return longer


@compile_kernel
def _number_on(  # noqa: C901 - as `_number`; what is known lies in tables that outlive the call
    text: U8Array, start: I64Array, end: I64Array, table: I64Array, arena: U8Array, ends: I64Array, count: int
) -> tuple[I32Array, I32Array, I64Array, U8Array, I64Array, int]:
    room = 0
    for i in range(len(start)):
        room += (end[i] - start[i] + 1) // 2
    ids, counts = np.empty(room, np.int32), np.zeros(len(start), np.int32)
    table, arena, ends = table.copy(), arena.copy(), ends.copy()
    if len(table) < 2 * count + 2:
        table = _table_of(arena, ends, count)
    filled = 0
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
                entry = table[slot]
                token = entry & 0x7FFFFFFF
                if entry < 0:
                    token = count
                    table[slot] = hashed << 31 | token
                    ends, arena = _with_room(ends, token + 1, 1), _with_room(arena, ends[token], width)
                    arena[ends[token] : ends[token] + width] = text[begun:at]
                    ends[token + 1] = ends[token] + width
                    count += 1
                    if 2 * count >= len(table):
                        table = _table_of(arena, ends, count)
                    break
                if (
                    entry >> 31 == hashed
                    and ends[token + 1] - ends[token] == width
                    and _alike(text, begun, arena, ends[token], width)
                ):
                    break
                slot = (slot + 1) & mask
            ids[filled] = token
            filled += 1
        counts[document] = filled - before
    return ids[:filled].copy(), counts, table, arena, ends, count
