"""Compiled twin of `searchkit.kernels.tokens`: one pass over the bytes, an open-addressing table of the tokens.

A slot of the table is three words: the first sixteen bytes of a token (filled up with zeros) and `size << 31 | number +
1`, 0 where it is empty. Most tokens are no longer than that, and are known from their slot alone.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array, U64Array
from searchkit.kernels.jit import compile_kernel, inner, prefetch

_WORD, _CONNECTOR = 1, 2
_CLASS = np.zeros(256, np.uint8)
_CLASS[[*range(ord("0"), ord("9") + 1), *range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]] = _WORD
_CLASS[128:] = _WORD
_CLASS[[ord(connector) for connector in "-'.,"]] = _CONNECTOR
# What a byte of a raw token is: a new word may begin where that changes.
_LETTER, _DIGIT, _BEYOND = 1, 2, 3
_KIND = np.zeros(256, np.uint8)
_KIND[[*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]] = _LETTER
_KIND[ord("0") : ord("9") + 1] = _DIGIT
_KIND[128:] = _BEYOND
_SMALL = np.arange(256).astype(np.uint8)
_SMALL[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
# FNV-1a over pieces of 32 bits, kept to 32 bits so that the product of a step fits into an int64.
_BASIS, _PRIME, _MASK = 2166136261, 16777619, 0xFFFFFFFF
#: Bytes of a token that its slot holds, and the bits of its number there.
_HELD, _NUMBER = 16, 31
#: Tokens that are looked up at once: the memory is asked for all of them before it is needed for the first.
_AT_ONCE = 256


@inner
def _word(data: U8Array, at: int, stop: int) -> np.uint64:
    """Up to eight of the bytes [at, stop), least significant first; zeros where there are fewer."""
    size = stop - at
    if size <= 0:
        return np.uint64(0)
    i = np.uint64(at)
    if at + 8 <= len(data):  # as in `coding`, whose own is not called: numba's cache looks at one file
        word = np.uint64(
            np.uint64(data[i])
            | np.uint64(data[i + np.uint64(1)]) << np.uint64(8)
            | np.uint64(data[i + np.uint64(2)]) << np.uint64(16)
            | np.uint64(data[i + np.uint64(3)]) << np.uint64(24)
            | np.uint64(data[i + np.uint64(4)]) << np.uint64(32)
            | np.uint64(data[i + np.uint64(5)]) << np.uint64(40)
            | np.uint64(data[i + np.uint64(6)]) << np.uint64(48)
            | np.uint64(data[i + np.uint64(7)]) << np.uint64(56)
        )
        return word if size >= 8 else word & np.uint64((1 << (8 * size)) - 1)
    word = np.uint64(0)
    for k in range(min(size, 8)):
        word |= np.uint64(data[at + k]) << np.uint64(8 * k)
    return word


@inner
def _whole(word: np.uint64) -> int:
    """A word as a signed integer, which may meet other integers."""
    return int(np.int64(word))


@inner
def _mixed(hashed: int, word: np.uint64) -> int:
    """The hash with eight bytes more."""
    hashed = ((hashed ^ _whole(word & np.uint64(_MASK))) * _PRIME) & _MASK
    hashed ^= hashed >> 15
    hashed = ((hashed ^ _whole(word >> np.uint64(32))) * _PRIME) & _MASK
    return hashed ^ (hashed >> 13)


@inner
def _hash(data: U8Array, low: int, high: int) -> int:
    hashed = _BASIS
    for at in range(low, high, 8):
        hashed = _mixed(hashed, _word(data, at, high))
    return hashed


@inner
def _alike(text: U8Array, one: int, arena: U8Array, other: int, size: int) -> bool:
    """Whether tokens that begin alike go on alike, too."""
    at = _HELD
    while at < size and text[one + at] == arena[other + at]:
        at += 1
    return at >= size


@inner
def _table_of(arena: U8Array, ends: I64Array, count: int, room: int) -> U64Array:
    """A table of the tokens of which `room` take up half at most; from then on a third of it at least stays free."""
    size = 1 << 12
    while size < 2 * room:
        size *= 2
    table = np.zeros(3 * size, np.uint64)
    for token in range(count):
        low, high = ends[token], ends[token + 1]
        slot = _hash(arena, low, high) & (size - 1)
        while table[3 * slot + 2] != 0:
            slot = (slot + 1) & (size - 1)
        _fill(table, slot, _word(arena, low, high), _word(arena, low + 8, high), token, high - low)
    return table


@inner
def _fill(table: U64Array, slot: int, first: np.uint64, second: np.uint64, token: int, size: int) -> None:
    table[3 * slot], table[3 * slot + 1] = first, second
    table[3 * slot + 2] = np.uint64(size << _NUMBER | (token + 1))


@inner
def _with_room(array: np.ndarray, fill: int, more: int) -> np.ndarray:
    """The array itself, or a longer one, with room for `more` elements after the first `fill`."""
    if fill + more <= len(array):
        return array
    longer = np.empty(2 * (fill + more), array.dtype)
    longer[:fill] = array[:fill]
    return longer


@inner
def _cut(text: U8Array, at: int, stop: int, begin: I64Array, size: I64Array) -> tuple[int, int]:
    """Cut tokens until there is no room for more; how many there are, and where to go on."""
    found = 0
    while at < stop and found < len(begin):
        if _CLASS[text[at]] != _WORD:
            at += 1
            continue
        begun = at
        while at < stop:
            kind = _CLASS[text[at]]
            if kind != _WORD and (kind != _CONNECTOR or at + 1 >= stop or _CLASS[text[at + 1]] != _WORD):
                break
            at += 1
        begin[found], size[found] = begun, at - begun
        found += 1
    return found, at


@inner
def _look_up(
    text: U8Array, begin: I64Array, size: I64Array, hashes: I64Array, table: U64Array, arena: U8Array, ends: I64Array,
    count: int, ids: I32Array,
) -> int:  # fmt: skip
    """Number tokens, new ones from `count` on; says how many there are then. There has to be room for all of them."""
    mask = len(table) // 3 - 1
    for i in range(len(ids)):
        hashes[i] = _hash(text, begin[i], begin[i] + size[i]) & mask
        prefetch(table, 3 * hashes[i])
    for i in range(len(ids)):
        low, high, slot = begin[i], begin[i] + size[i], hashes[i]
        first, second = _word(text, low, high), _word(text, low + 8, high)
        while True:
            held = _whole(table[3 * slot + 2])
            token = (held & ((1 << _NUMBER) - 1)) - 1
            if held == 0:
                token = count
                _fill(table, slot, first, second, token, size[i])
                for k in range(size[i]):
                    arena[ends[token] + k] = text[low + k]
                ends[token + 1] = ends[token] + size[i]
                count += 1
                break
            if (
                table[3 * slot] == first
                and table[3 * slot + 1] == second
                and held >> _NUMBER == size[i]
                and (size[i] <= _HELD or _alike(text, low, arena, ends[token], size[i]))
            ):
                break
            slot = (slot + 1) & mask
        ids[i] = token
    return count


@inner
def _roomy(
    table: U64Array, arena: U8Array, ends: I64Array, count: int, more: int, size: int
) -> tuple[U64Array, U8Array, I64Array]:
    """Table, arena and ends with room for so many tokens more, of so many bytes; a slot in three stays free."""
    if len(table) < 9 * (count + more) // 2 + 3:
        table = _table_of(arena, ends, count, count + more)
    return table, _with_room(arena, ends[count], size), _with_room(ends, count + 1, more)


@compile_kernel
def _number(
    text: U8Array, start: I64Array, end: I64Array, table: U64Array, arena: U8Array, ends: I64Array, count: int
) -> tuple[I32Array, I32Array, U64Array, U8Array, I64Array, int]:
    room = 0
    for i in range(len(start)):
        room += (end[i] - start[i] + 1) // 2
    ids, counts = np.empty(room, np.int32), np.zeros(len(start), np.int32)
    begin, size, hashes = np.empty(_AT_ONCE, np.int64), np.empty(_AT_ONCE, np.int64), np.empty(_AT_ONCE, np.int64)
    filled = 0
    for document in range(len(start)):
        at, before = start[document], filled
        while at < end[document]:
            begun = at
            found, at = _cut(text, at, end[document], begin, size)
            table, arena, ends = _roomy(table, arena, ends, count, found, at - begun)
            some = ids[filled : filled + found]
            count = _look_up(text, begin, size, hashes, table, arena, ends, count, some)
            filled += found
        counts[document] = filled - before
    return ids[:filled].copy(), counts, table, arena, ends, count


@compile_kernel
def _number_whole(
    text: U8Array, start: I64Array, end: I64Array, table: U64Array, arena: U8Array, ends: I64Array, count: int
) -> tuple[I32Array, U64Array, U8Array, I64Array, int]:
    ids = np.empty(len(start), np.int32)
    hashes = np.empty(_AT_ONCE, np.int64)
    for low in range(0, len(start), _AT_ONCE):
        high = min(low + _AT_ONCE, len(start))
        begin, size = start[low:high], end[low:high] - start[low:high]
        table, arena, ends = _roomy(table, arena, ends, count, high - low, size.sum())
        count = _look_up(text, begin, size, hashes, table, arena, ends, count, ids[low:high])
    return ids, table, arena, ends, count


@inner
def _begins(text: U8Array, at: int, stop: int, beginnings: U8Array, ends: I64Array) -> bool:
    """Whether a word that begins here begins as one of some do; connectors do not count."""
    for number in range(len(ends) - 1):
        here, there = at, ends[number]
        while here < stop and there < ends[number + 1]:
            if _KIND[text[here]]:
                if _SMALL[text[here]] != beginnings[there]:
                    break
                there += 1
            here += 1
        if there == ends[number + 1]:
            return True
    return False


@inner
def _is_candidate(
    text: U8Array, low: int, high: int, first: U8Array, beginnings: U8Array, ends: I64Array, odd: int
) -> bool:
    before = 0
    for at in range(low, high):
        kind = int(_KIND[text[at]])
        if kind == _BEYOND or (odd and kind != _LETTER):
            return True
        if kind != before and kind and first[text[at]] and _begins(text, at, high, beginnings, ends):
            return True
        before = kind
    return False


@compile_kernel
def _candidates(
    text: U8Array, sizes: I64Array, beginnings: U8Array, ends: I64Array, odd: int
) -> tuple[I64Array, I64Array, I64Array, I64Array, I64Array]:
    first = np.zeros(256, np.uint8)  # a word that begins otherwise needs no further look
    for number in range(len(ends) - 1):
        if ends[number] == ends[number + 1]:
            first[:] = 1
        else:
            first[beginnings[ends[number]]] = 1
    for letter in range(ord("a"), ord("z") + 1):
        first[letter - 32] |= first[letter]
    room = len(text) // 2 + 1
    begins, stops = np.empty(room, np.int64), np.empty(room, np.int64)
    places, before = np.empty(room, np.int64), np.empty(room, np.int64)
    counts = np.zeros(len(sizes), np.int64)
    begin, size = np.empty(_AT_ONCE, np.int64), np.empty(_AT_ONCE, np.int64)
    filled = low = 0
    for document in range(len(sizes)):
        high = min(low + sizes[document], len(text))
        at, skipped, counted, place = low, 0, low, 0
        while at < high:
            found, at = _cut(text, at, high, begin, size)
            for i in range(found):
                if _is_candidate(text, begin[i], begin[i] + size[i], first, beginnings, ends, odd):
                    for byte in range(counted, begin[i]):
                        place += int(text[byte] & 0xC0 != 0x80)
                    counted = begin[i]
                    begins[filled], stops[filled] = counted, counted + size[i]
                    places[filled], before[filled] = place, skipped
                    counts[document] += 1
                    filled += 1
                    skipped = 0
                else:
                    skipped += 1
        low = high + 1
    return begins[:filled], stops[:filled], places[:filled], before[:filled], counts
