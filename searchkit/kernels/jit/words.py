"""Compiled twin of `searchkit.kernels.words`: one pass over the characters, an open-addressing table of the tokens."""

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner

_LETTER, _DIGIT, _MARK, _APOSTROPHE, _SPACE = 1, 2, 3, 4, 5
_DOT = ord(".")
# FNV-1a, kept to 32 bits so that the product of a step fits into an int64.
_BASIS, _PRIME, _MASK = 2166136261, 16777619, 0xFFFFFFFF


@inner
def _alphanumeric(codes: U32Array, classes: U8Array, at: int, stop: int) -> bool:
    return at < stop and (classes[codes[at]] == _LETTER or classes[codes[at]] == _DIGIT)


@inner
def _possessive(codes: U32Array, classes: U8Array, at: int, stop: int) -> bool:
    """Whether an `s` at the place stands alone, as behind an apostrophe."""
    return at < stop and (codes[at] | 32) == ord("s") and not _alphanumeric(codes, classes, at + 1, stop)


@inner
def _token_end(codes: U32Array, classes: U8Array, at: int, stop: int) -> int:
    """The end of the token that begins at the place."""
    kind = classes[codes[at]]
    if kind == _LETTER:
        dotted = at + 1
        while dotted + 1 < stop and codes[dotted] == _DOT and classes[codes[dotted + 1]] == _LETTER:
            dotted += 2
        if dotted > at + 1 and not _alphanumeric(codes, classes, dotted, stop):
            return dotted + 1 if dotted < stop and codes[dotted] == _DOT else dotted
    if kind in (_LETTER, _DIGIT):
        at += 1
        while at < stop:
            kind = classes[codes[at]]
            if kind == _APOSTROPHE:
                if not _alphanumeric(codes, classes, at + 1, stop) or _possessive(codes, classes, at + 1, stop):
                    break
            elif kind not in (_LETTER, _DIGIT, _MARK):
                break
            at += 1
        return at
    if kind == _APOSTROPHE and _possessive(codes, classes, at + 1, stop):
        return at + 2
    return at + 1


@inner
def _same(codes: U32Array, one: int, other: int, size: int) -> bool:
    at = 0
    while at < size and codes[one + at] == codes[other + at]:
        at += 1
    return at == size


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


@compile_kernel
def _number(
    codes: U32Array, classes: U8Array, start: I64Array, end: I64Array
) -> tuple[I32Array, I32Array, I64Array, I64Array, I64Array]:
    room = 0
    for text in range(len(start)):
        room += end[text] - start[text]
    ids, counts = np.empty(room, np.int32), np.zeros(len(start), np.int32)
    begin, stop = np.empty(room, np.int64), np.empty(room, np.int64)
    first, hashes = np.empty(room, np.int64), np.empty(room, np.int64)
    table = np.full(1 << 12, -1, np.int32)
    distinct = filled = 0
    for text in range(len(start)):
        at, before = start[text], filled
        while at < end[text]:
            if classes[codes[at]] == _SPACE:
                at += 1
                continue
            begun, hashed = at, _BASIS
            at = _token_end(codes, classes, at, end[text])
            for place in range(begun, at):
                hashed = ((hashed ^ int(codes[place])) * _PRIME) & _MASK
            mask = len(table) - 1
            slot = (hashed ^ (hashed >> 15)) & mask
            token = int(table[slot])
            while token >= 0:
                other = first[token]
                if (
                    hashes[token] == hashed
                    and stop[other] - begin[other] == at - begun
                    and _same(codes, begin[other], begun, at - begun)
                ):
                    break
                slot = (slot + 1) & mask
                token = int(table[slot])
            if token < 0:
                token = distinct
                table[slot], first[token], hashes[token] = token, filled, hashed
                distinct += 1
                if 2 * distinct >= len(table):
                    table = _rehash(table, hashes, distinct)
            ids[filled], begin[filled], stop[filled] = token, begun, at
            filled += 1
        counts[text] = filled - before
    return ids[:filled].copy(), counts, begin[:filled].copy(), stop[:filled].copy(), first[:distinct].copy()
