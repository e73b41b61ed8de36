"""Compiled twin of `searchkit.kernels.coding`: each value is cut out of the eight bytes that hold it."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import BoolArray, F64Array, I32Array, I64Array, U8Array, U16Array, U32Array
from searchkit.kernels.jit import AHEAD, compile_kernel, inner, prefetch

_BLOCK = 128
_K1 = 1.5
# Where more than one in so many positions of a list is wanted, all of them are read.
_FEW = 8
# Four values of so many bits are within eight bytes, wherever in a byte they begin.
_NARROW = 14
# A position as the lower half of an occurrence.
_LOW = 0xFFFFFFFF


@inner
def _width(values: U32Array, low: int, high: int) -> int:
    """The bits that the largest of the values needs."""
    every = 0
    for i in range(low, high):
        every |= int(values[i])
    width = 0
    while every >> width:
        width += 1
    return width


@inner
def _pack(values: U32Array, low: int, high: int, width: int, data: U8Array, at: int) -> int:
    """Write one block; says where the next begins."""
    data[at] = width
    at += 1
    pending, bits = 0, 0
    for i in range(low, high):
        pending |= int(values[i]) << bits  # at most 7 bits are left over, so 39 are needed
        bits += width
        while bits >= 8:
            data[at] = pending & 255
            at += 1
            pending >>= 8
            bits -= 8
    if bits:
        data[at] = pending & 255
        at += 1
    return at


@inner
def _sizes(values: U32Array, offsets: I64Array) -> int:
    """The bytes that the lists of values take."""
    total = 0
    for i in range(len(offsets) - 1):
        for low in range(offsets[i], offsets[i + 1], _BLOCK):
            high = min(low + _BLOCK, offsets[i + 1])
            total += 1 + ((high - low) * _width(values, low, high) + 7) // 8
    return total


@inner
def _word(data: U8Array, at: int) -> np.uint64:
    """Eight bytes, least significant first; LLVM makes one load of it."""
    i = np.uint64(at)
    return np.uint64(
        np.uint64(data[i])
        | np.uint64(data[i + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[i + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[i + np.uint64(3)]) << np.uint64(24)
        | np.uint64(data[i + np.uint64(4)]) << np.uint64(32)
        | np.uint64(data[i + np.uint64(5)]) << np.uint64(40)
        | np.uint64(data[i + np.uint64(6)]) << np.uint64(48)
        | np.uint64(data[i + np.uint64(7)]) << np.uint64(56)
    )


@inner
def _skip(data: U8Array, at: int, count: int) -> int:
    """Where the block behind the one at a byte begins, or -1 where that one is not whole."""
    if at < 0 or at >= len(data) or data[at] > 32:
        return -1
    end = at + 1 + (count * int(data[at]) + 7) // 8
    return end if end <= len(data) else -1


@inner
def _value(data: U8Array, block: int, within: int) -> int:
    """One value of a whole block."""
    width = int(data[block])
    bit = within * width
    at = block + 1 + (bit >> 3)
    if at + 8 <= len(data):
        return int((_word(data, at) >> np.uint64(bit & 7)) & np.uint64((1 << width) - 1))
    value = 0
    for b in range(width):
        place = (block + 1) * 8 + bit + b
        value |= int((data[place >> 3] >> (place & 7)) & 1) << b
    return value


@inner
def _fours(data: U8Array, block: int, count: int) -> int:
    """How many fours of a whole block's values can be read at once, each out of eight bytes within the data."""
    width = int(data[block])
    if not 0 < width <= _NARROW:
        return 0
    return min(count, max(0, len(data) - 9 - block) * 8 // width) >> 2


# Places are unsigned in the two loops below, or each would be asked whether it counts from the end.


@inner
def _unpack(data: U8Array, at: int, values: U32Array, low: int, high: int) -> int:
    """Read one block into values[low:high]; says where the next begins, or -1 where this one is not whole."""
    end = _skip(data, at, high - low)
    if end < 0:
        return end
    fours, place, width = _fours(data, at, high - low), np.uint64(low), np.uint64(data[at])
    mask = np.uint64((1 << int(width)) - 1)
    for four in range(fours):
        bit = 4 * four * int(width)
        word = _word(data, at + 1 + (bit >> 3)) >> np.uint64(bit & 7)
        values[place] = word & mask
        values[place + np.uint64(1)] = word >> width & mask
        values[place + np.uint64(2)] = word >> np.uint64(2) * width & mask
        values[place + np.uint64(3)] = word >> np.uint64(3) * width & mask
        place += np.uint64(4)
    for within in range(4 * fours, high - low):
        values[low + within] = _value(data, at, within)
    return end


@inner
def _gaps(data: U8Array, at: int, docs: U32Array, low: int, high: int, last: int) -> tuple[int, int]:
    """Read a block of documents into docs[low:high]; the byte behind it (-1: damaged) and the last document."""
    end = _skip(data, at, high - low)
    if end < 0:
        return end, last
    fours, place, width = _fours(data, at, high - low), np.uint64(low), np.uint64(data[at])
    mask, one = np.uint64((1 << int(width)) - 1), np.uint64(1)
    least = np.uint64(last + 1)  # what the next document is not below
    for four in range(fours):
        bit = 4 * four * int(width)
        word = _word(data, at + 1 + (bit >> 3)) >> np.uint64(bit & 7)
        first = least + (word & mask)
        second = first + one + (word >> width & mask)
        third = second + one + (word >> np.uint64(2) * width & mask)
        fourth = third + one + (word >> np.uint64(3) * width & mask)
        docs[place], docs[place + one] = first, second
        docs[place + np.uint64(2)], docs[place + np.uint64(3)] = third, fourth
        least = fourth + one
        place += np.uint64(4)
    last = int(least) - 1
    for within in range(4 * fours, high - low):
        last += _value(data, at, within) + 1
        docs[low + within] = last
    return end, last


@compile_kernel
def _encode(docs: U32Array, freqs: U32Array, offsets: I64Array) -> tuple[U8Array, I64Array]:
    gaps, more = np.empty_like(docs), np.empty_like(freqs)
    for i in range(len(offsets) - 1):
        last = -1
        for p in range(offsets[i], offsets[i + 1]):
            gaps[p] = int(docs[p]) - last - 1
            last = int(docs[p])
            more[p] = int(freqs[p]) - 1
    data = np.empty(_sizes(gaps, offsets) + _sizes(more, offsets), np.uint8)
    starts = np.zeros(len(offsets), np.int64)
    at = 0
    for i in range(len(offsets) - 1):
        for low in range(offsets[i], offsets[i + 1], _BLOCK):
            high = min(low + _BLOCK, offsets[i + 1])
            at = _pack(gaps, low, high, _width(gaps, low, high), data, at)
            at = _pack(more, low, high, _width(more, low, high), data, at)
        starts[i + 1] = at
    return data, starts


@compile_kernel
def _decode(data: U8Array, starts: I64Array, offsets: I64Array, documents: int) -> tuple[U32Array, U32Array, bool]:
    docs, freqs = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint32)
    for i in range(len(offsets) - 1):
        at, last = starts[i], -1
        for low in range(offsets[i], offsets[i + 1], _BLOCK):
            high = min(low + _BLOCK, offsets[i + 1])
            at = _unpack(data, at, docs, low, high)
            if at < 0:
                return docs, freqs, False
            at = _unpack(data, at, freqs, low, high)
            if at < 0:
                return docs, freqs, False
            for p in range(low, high):
                last += int(docs[p]) + 1
                docs[p] = last
                freqs[p] += np.uint32(1)
            if last >= documents:
                return docs, freqs, False
    return docs, freqs, True


@compile_kernel
def _encode_positions(positions: U32Array, position_offsets: I64Array, offsets: I64Array) -> tuple[U8Array, I64Array]:
    gaps = np.empty_like(positions)
    for p in range(len(position_offsets) - 1):
        last = 0
        for k in range(position_offsets[p], position_offsets[p + 1]):
            gaps[k] = int(positions[k]) - last
            last = int(positions[k])
    ends = position_offsets[offsets]
    data = np.empty(_sizes(gaps, ends), np.uint8)
    starts = np.zeros(len(offsets), np.int64)
    at = 0
    for i in range(len(offsets) - 1):
        for low in range(ends[i], ends[i + 1], _BLOCK):
            high = min(low + _BLOCK, ends[i + 1])
            at = _pack(gaps, low, high, _width(gaps, low, high), data, at)
        starts[i + 1] = at
    return data, starts


@compile_kernel
def _decode_positions(
    data: U8Array, starts: I64Array, freqs: U32Array, offsets: I64Array
) -> tuple[U32Array, I64Array, bool]:
    position_offsets = np.empty(len(freqs) + 1, np.int64)
    position_offsets[0] = 0
    for p in range(len(freqs)):
        position_offsets[p + 1] = position_offsets[p] + int(freqs[p])
    positions = np.empty(position_offsets[-1], np.uint32)
    for i in range(len(offsets) - 1):
        at, end = starts[i], position_offsets[offsets[i + 1]]
        for low in range(position_offsets[offsets[i]], end, _BLOCK):
            at = _unpack(data, at, positions, low, min(low + _BLOCK, end))
            if at < 0:
                return positions, position_offsets, False
    for p in range(len(freqs)):
        for k in range(position_offsets[p] + 1, position_offsets[p + 1]):
            positions[k] += positions[k - 1]
    return positions, position_offsets, True


@compile_kernel
def _documents(data: U8Array, count: int, limit: int) -> tuple[U32Array, I64Array, bool]:
    docs, blocks = np.empty(count, np.uint32), np.empty((count + _BLOCK - 1) // _BLOCK, np.int64)
    at, last = 0, -1
    for low in range(0, count, _BLOCK):
        high = min(low + _BLOCK, count)
        at, last = _gaps(data, at, docs, low, high, last)
        blocks[low // _BLOCK] = at
        at = _skip(data, at, high - low)
        if at < 0 or last >= limit:
            return docs[:0], blocks[:0], False
    return docs, blocks, True


@compile_kernel
def _documents_admitted(
    data: U8Array, count: int, verdicts: U8Array, most: int
) -> tuple[U32Array, I64Array, I64Array, bool]:
    block = np.empty(_BLOCK, np.uint32)
    # A block is written ahead of what is kept of it.
    most = min(most, count)
    docs, places = np.empty(most + _BLOCK, np.uint32), np.empty(most + _BLOCK, np.int64)
    blocks = np.empty((count + _BLOCK - 1) // _BLOCK, np.int64)
    at, last, found = 0, -1, np.uint64(0)
    for low in range(0, count, _BLOCK):
        size = min(_BLOCK, count - low)
        at, last = _gaps(data, at, block, 0, size, last)
        blocks[low // _BLOCK] = at
        at = _skip(data, at, size)
        if at < 0 or last >= len(verdicts):
            return docs[:0], places[:0], blocks[:0], False
        for i in range(np.uint64(size)):
            docs[found], places[found] = block[i], np.uint64(low) + i
            found += np.uint64(verdicts[block[i]] != 0)
        found = min(found, np.uint64(most))
    return docs[: int(found)], places[: int(found)], blocks, True


@inner
def _first_from(block: U32Array, wanted: np.uint32) -> np.uint64:
    """The first place in a block whose value is not below the wanted one, if there is any. Without branches."""
    place = np.uint64(0)
    half = np.uint64(_BLOCK >> 1)
    while half:
        place += half * np.uint64(block[place + half - np.uint64(1)] < wanted)
        half >>= np.uint64(1)
    return place


@compile_kernel
def _documents_among(
    data: U8Array, count: int, among: U32Array, limit: int
) -> tuple[U32Array, I64Array, I64Array, bool]:
    block, most = np.empty(_BLOCK, np.uint32), min(len(among), count)
    # Written ahead of what is kept.
    docs, places = np.empty(most + 1, np.uint32), np.empty(most + 1, np.int64)
    blocks = np.empty((count + _BLOCK - 1) // _BLOCK, np.int64)
    at, last, found, asked = 0, -1, 0, 0
    for low in range(0, count, _BLOCK):
        size, before = min(_BLOCK, count - low), last
        at = _unpack(data, at, block, 0, size)
        blocks[low // _BLOCK] = at
        at = _skip(data, at, size)
        last += size
        for p in range(size):
            last += int(block[p])
        if at < 0 or last >= limit:
            return docs[:0], places[:0], blocks[:0], False
        if asked == len(among) or int(among[asked]) > last:
            continue
        for p in range(size):
            before += int(block[p]) + 1
            block[p] = before
        block[size:] = 0xFFFFFFFF
        while asked < len(among) and int(among[asked]) <= last:
            here = _first_from(block, among[asked])
            docs[found], places[found] = among[asked], low + int(here)
            found += int(block[here] == among[asked])
            asked += 1
    return docs[:found], places[:found], blocks, True


@compile_kernel
def _marked(data: U8Array, starts: I64Array, counts: I64Array, limit: int) -> tuple[BoolArray, bool]:
    marks, block = np.zeros(limit + 1, np.bool_), np.empty(_BLOCK, np.uint32)
    for i in range(len(starts)):
        at, last = starts[i], -1
        for low in range(0, counts[i], _BLOCK):
            size = min(_BLOCK, counts[i] - low)
            at = _skip(data, _unpack(data, at, block, 0, size), size)
            if at < 0:
                return marks[:limit], False
            for p in range(size):
                last += int(block[p]) + 1
                marks[min(last, limit)] = True  # what is damaged goes behind the end
    return marks[:limit], not marks[limit]


@inner
def _unpack_what_is_there(data: U8Array, at: int, end: int, values: U32Array) -> int:
    """Read a block of a list that ends at a byte, the last one as far as it goes; where the next begins, or -1."""
    if at < 0 or at >= end or end > len(data) or data[at] > 32:
        return -1
    width = int(data[at])
    return _unpack(data, at, values, 0, min(_BLOCK, (end - at - 1) * 8 // width) if width else _BLOCK)


@compile_kernel
def _occurrences_of_many(  # noqa: C901, PLR0912 - one loop over lists, blocks, postings and places
    data: U8Array, starts: I64Array, counts: I64Array,
    place_data: U8Array, place_starts: I64Array, place_ends: I64Array,
    variants: I64Array, words: I64Array, wanted: U8Array, rows: I32Array, ends: I64Array, ends_of: I64Array,
    masks: I64Array, slop: int,
) -> tuple[I64Array, bool]:  # fmt: skip
    found, size = np.empty(1024, np.int64), 0
    docs, freqs, gaps = np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.uint32), np.empty(_BLOCK, np.uint32)
    for i in range(len(starts)):
        at, last, total = starts[i], -1, 0
        block, ahead = place_starts[i], 0  # the next block of places, and the number of its first
        for first in range(0, counts[i], _BLOCK):
            many = min(_BLOCK, counts[i] - first)
            at, last = _gaps(data, at, docs, 0, many, last)
            at = _unpack(data, at, freqs, 0, many)
            if at < 0 or last >= len(rows):
                return found[:0], False
            for p in range(many):
                row, begin = int(rows[docs[p]]), total
                total += int(freqs[p]) + 1
                if row < 0:
                    continue
                place = 0
                for number in range(begin, total):
                    while number >= ahead:
                        if number >= ahead + _BLOCK:
                            block = _skip(place_data, block, _BLOCK)
                        else:
                            block = _unpack_what_is_there(place_data, block, place_ends[i], gaps)
                        if block < 0:
                            return found[:0], False
                        ahead += _BLOCK
                    place += int(gaps[number & (_BLOCK - 1)])
                    position, variant = place, 0
                    if variants[i] > 1:
                        position, variant = place // variants[i], place % variants[i]
                    here = row << 32 | position & _LOW
                    if not int(wanted[words[i] + variant]) & (masks[row] >> (position & 63)):
                        continue
                    near = int(slop == 0)
                    for e in range(ends_of[row], ends_of[row + 1]):
                        near |= int(0 < here - ends[e] <= slop)
                    if not near:
                        continue
                    if size == len(found):
                        found = np.concatenate((found, np.empty(size, np.int64)))
                    found[size] = here
                    size += 1
    return found[:size], True


@inner
def _bm25(freq: int, norm: float, weight: float) -> float:
    many = np.float64(freq)
    return weight * ((many * (_K1 + 1)) / (many + norm))


@compile_kernel
def bm25(
    data: U8Array, blocks: I64Array, docs: U32Array, lengths: U16Array | U32Array, norms: F64Array, weight: float
) -> F64Array:
    scores, freqs, last = np.empty(len(docs), np.float64), np.empty(_BLOCK, np.uint32), len(docs) - 1
    for low in range(0, len(docs), _BLOCK):
        size = min(_BLOCK, len(docs) - low)
        _unpack(data, blocks[low // _BLOCK], freqs, 0, size)
        for i in range(low, low + size):
            prefetch(lengths, int(docs[min(i + AHEAD, last)]))
            scores[i] = _bm25(int(freqs[i - low]) + 1, norms[lengths[docs[i]]], weight)
    return scores


@compile_kernel
def bm25_at(
    data: U8Array, blocks: I64Array, places: I64Array, docs: U32Array, lengths: U16Array | U32Array, norms: F64Array,
    weight: float,
) -> F64Array:  # fmt: skip
    scores, freqs = np.empty(len(places), np.float64), np.empty(_BLOCK, np.uint32)
    count, last, i, few = len(places), len(docs) - 1, 0, _BLOCK // _FEW
    while i < count:
        block = places[i] // _BLOCK
        begin = blocks[block]
        # The last block of a list may not be whole.
        many = i + few < count and places[i + few] // _BLOCK == block and _unpack(data, begin, freqs, 0, _BLOCK) >= 0
        while i < count and places[i] // _BLOCK == block:
            prefetch(lengths, int(docs[min(i + AHEAD, last)]))
            within = places[i] % _BLOCK
            freq = int(freqs[within]) if many else _value(data, begin, within)
            scores[i] = _bm25(freq + 1, norms[lengths[docs[i]]], weight)
            i += 1
    return scores


@inner
def _extents(data: U8Array, blocks: I64Array, count: int, places: I64Array, offsets: I64Array) -> tuple[I64Array, int]:
    """Which position of a list is the first of each posting in these places; fills in `offsets`; all positions."""
    freqs, firsts = np.empty(_BLOCK, np.uint32), np.empty(len(places), np.int64)
    begins = np.empty(_BLOCK, np.int64)
    total, taken, i = 0, 0, np.uint64(0)
    for low in range(0, count, _BLOCK):
        size = min(_BLOCK, count - low)
        _unpack(data, blocks[low // _BLOCK], freqs, 0, size)
        for p in range(np.uint64(size)):
            begins[p] = total
            total += int(freqs[p]) + 1
        while i < np.uint64(len(places)) and places[i] < low + size:
            within = np.uint64(places[i] - low)
            firsts[i] = begins[within]
            taken += int(freqs[within]) + 1
            i += np.uint64(1)
            offsets[i] = taken
    return firsts, total


@inner
def _gather_all(positions: U8Array, total: int, firsts: I64Array, offsets: I64Array, found: I64Array) -> bool:
    """Fill in the occurrences by way of all positions of the list. No branch on the data, as in `sets.common`."""
    gaps, at = np.empty(total, np.uint32), 0
    for low in range(0, total, _BLOCK):
        at = _unpack(positions, at, gaps, low, min(low + _BLOCK, total))
        if at < 0:
            return False
    begins = np.zeros(len(found), np.uint8)
    for i in range(np.uint64(len(firsts))):
        begins[np.uint64(offsets[i])] = 1
        firsts[i] -= offsets[i]
    row, position, one = np.uint64(0), 0, np.uint64(1)  # the number of the row, from one on
    for k in range(np.uint64(len(found))):
        first = int(begins[k])
        row += np.uint64(first)
        position = (position & (first - 1)) + int(gaps[np.uint64(np.int64(k) + firsts[row - one])])
        found[k] = np.int64(row - one) << 32 | position & _LOW
    return True


@inner
def _gather_some(positions: U8Array, total: int, firsts: I64Array, offsets: I64Array, found: I64Array) -> bool:
    """Fill in the occurrences, reading what they take and nothing else."""
    at = end = low = ahead = 0  # a block's byte and the next one's; the numbers of their first positions
    for i in range(len(firsts)):
        position = 0
        for k in range(offsets[i], offsets[i + 1]):
            wanted = firsts[i] + k - offsets[i]
            while wanted >= ahead:
                at, low = end, ahead
                ahead = min(low + _BLOCK, total)
                end = _skip(positions, at, ahead - low)
                if end < 0:
                    return False
            position += int(np.int64(_value(positions, at, wanted - low)))  # numba makes a float of it otherwise
            found[k] = i << 32 | position & _LOW
    return True


@compile_kernel
def _occurrences(
    positions: U8Array, data: U8Array, blocks: I64Array, count: int, places: I64Array, spread: int
) -> tuple[I64Array, bool]:
    offsets = np.zeros(len(places) + 1, np.int64)
    firsts, total = _extents(data, blocks, count, places, offsets)
    if total > _BLOCK * len(positions):
        return np.empty(0, np.int64), False
    found = np.empty(offsets[-1], np.int64)
    if len(found) * _FEW > total:
        sound = _gather_all(positions, total, firsts, offsets, found)
    else:
        sound = _gather_some(positions, total, firsts, offsets, found)
    if spread > 1:
        for k in range(len(found)):
            found[k] = found[k] >> 32 << 32 | (found[k] & _LOW) // spread
    return found, sound
