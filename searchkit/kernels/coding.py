"""Lists of integers as bytes: blocks of 128 values, each block packed to the bits that its largest value needs.

A list of values is coded as blocks of at most 128 values, each one byte that says the width w (0 to 32 bits), then
the values, w bits each, least significant bit first, filled up with zero bits to a whole byte. Full blocks therefore
take 1 + 16 w bytes, and eight values always begin at a byte. Nothing else is stored: who reads a list knows how many
values it has.

A posting list is the documents' gaps (each less the one before, less one; the first as it is) coded block by block
with the frequencies less one: documents' block, frequencies' block, and so on. A list of positions is, for each
posting, the first position and then the differences, coded as one list of values.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I64, U8, U32, I64Array, U8Array, U32Array, kernel

BLOCK: Final = 128
_DAMAGED: Final = "a coded list does not hold what its length says"


class Coded(NamedTuple):
    """Many lists as bytes: list i is the bytes [starts[i], starts[i + 1]) of `data`."""

    data: U8Array
    starts: I64Array


def encode(docs: U32Array, freqs: U32Array, offsets: I64Array) -> Coded:
    """Code the posting lists [offsets[i], offsets[i + 1]); documents ascend strictly, frequencies are at least 1."""
    return Coded(*_encode(docs, freqs, offsets))


def decode(data: U8Array, starts: I64Array, offsets: I64Array, documents: int) -> tuple[U32Array, U32Array]:
    """The documents and frequencies of posting lists.

    List i begins at the byte starts[i] of `data` and is written to [offsets[i], offsets[i + 1]) of the results. Raises
    `ValueError` where a list runs out of the data or names a document not below `documents`.
    """
    docs, freqs, sound = _decode(data, starts, offsets, documents)
    if not sound:
        raise ValueError(_DAMAGED)
    return docs, freqs


def encode_positions(positions: U32Array, position_offsets: I64Array, offsets: I64Array) -> Coded:
    """Code the positions of the posting lists [offsets[i], offsets[i + 1]).

    Posting p has positions[position_offsets[p]:position_offsets[p + 1]], ascending.
    """
    return Coded(*_encode_positions(positions, position_offsets, offsets))


def decode_positions(data: U8Array, starts: I64Array, freqs: U32Array, offsets: I64Array) -> tuple[U32Array, I64Array]:
    """The positions of posting lists whose frequencies are known, and the offsets of each posting in them.

    List i begins at the byte starts[i] of `data`; its postings are freqs[offsets[i]:offsets[i + 1]]. Raises
    `ValueError` where a list runs out of the data.
    """
    # What the frequencies promise cannot take less than a byte for each block: checked before memory is asked for.
    if int(freqs.sum(dtype=np.int64)) > BLOCK * len(data):
        raise ValueError(_DAMAGED)
    positions, position_offsets, sound = _decode_positions(data, starts, freqs, offsets)
    if not sound:
        raise ValueError(_DAMAGED)
    return positions, position_offsets


def _pack(values: I64Array) -> bytes:
    """One block: the byte of its width and the packed values."""
    width = int(values.max()).bit_length()
    bits = (values[:, None] >> np.arange(width)) & 1
    return bytes([width]) + np.packbits(bits.astype(np.uint8).ravel(), bitorder="little").tobytes()


def _unpack(data: U8Array, at: int, count: int) -> tuple[I64Array | None, int]:
    """The values of the block that begins at a byte, and where the next begins; none where it is not whole."""
    if at < 0 or at >= len(data) or data[at] > 32:
        return None, at
    width = int(data[at])
    end = at + 1 + (count * width + 7) // 8
    if end > len(data):
        return None, at
    bits = np.unpackbits(data[at + 1 : end], count=count * width, bitorder="little").reshape(count, width)
    return bits @ (np.int64(1) << np.arange(width)), end


@kernel(U32, U32, I64)
def _encode(docs: U32Array, freqs: U32Array, offsets: I64Array) -> tuple[U8Array, I64Array]:
    parts: list[bytes] = []
    starts = [0]
    for low, high in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        ids = docs[low:high].astype(np.int64)
        gaps = ids - np.concatenate([[-1], ids[:-1]]) - 1
        size = 0
        for at in range(0, high - low, BLOCK):
            parts += [
                _pack(gaps[at : at + BLOCK]),
                _pack(freqs[low + at : min(low + at + BLOCK, high)].astype(np.int64) - 1),
            ]
            size += len(parts[-2]) + len(parts[-1])
        starts.append(starts[-1] + size)
    return np.frombuffer(b"".join(parts), np.uint8).copy(), np.array(starts, np.int64)


@kernel(U8, I64, I64, int)
def _decode(data: U8Array, starts: I64Array, offsets: I64Array, documents: int) -> tuple[U32Array, U32Array, bool]:
    total = int(offsets[-1])
    docs, freqs = np.zeros(total, np.uint32), np.zeros(total, np.uint32)
    for number in range(len(offsets) - 1):
        byte, last = int(starts[number]), -1
        for low in range(int(offsets[number]), int(offsets[number + 1]), BLOCK):
            high = min(low + BLOCK, int(offsets[number + 1]))
            gaps, byte = _unpack(data, byte, high - low)
            if gaps is None:
                return docs, freqs, False
            more, byte = _unpack(data, byte, high - low)
            if more is None:
                return docs, freqs, False
            ids = last + np.cumsum(gaps + 1)
            last = int(ids[-1])
            if last >= documents:
                return docs, freqs, False
            docs[low:high], freqs[low:high] = ids, more + 1
    return docs, freqs, True


@kernel(U32, I64, I64)
def _encode_positions(positions: U32Array, position_offsets: I64Array, offsets: I64Array) -> tuple[U8Array, I64Array]:
    places = positions.astype(np.int64)
    gaps = places - np.concatenate([[0], places])[:-1]
    firsts = position_offsets[:-1][np.diff(position_offsets) > 0]
    gaps[firsts] = positions[firsts]
    parts: list[bytes] = []
    starts = [0]
    ends = position_offsets[offsets]
    for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        blocks = [_pack(gaps[at : min(at + BLOCK, high)]) for at in range(low, high, BLOCK)]
        parts += blocks
        starts.append(starts[-1] + sum(map(len, blocks)))
    return np.frombuffer(b"".join(parts), np.uint8).copy(), np.array(starts, np.int64)


@kernel(U8, I64, U32, I64)
def _decode_positions(
    data: U8Array, starts: I64Array, freqs: U32Array, offsets: I64Array
) -> tuple[U32Array, I64Array, bool]:
    position_offsets = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    gaps = np.zeros(int(position_offsets[-1]), np.int64)
    ends = position_offsets[offsets]
    for number in range(len(offsets) - 1):
        byte, end = int(starts[number]), int(ends[number + 1])
        for low in range(int(ends[number]), end, BLOCK):
            block, byte = _unpack(data, byte, min(BLOCK, end - low))
            if block is None:
                return gaps.astype(np.uint32), position_offsets, False
            gaps[low : low + len(block)] = block
    summed = np.cumsum(gaps)
    firsts = position_offsets[:-1]
    before = np.where(firsts > 0, summed[firsts - 1], 0) if len(gaps) else np.zeros(len(firsts), np.int64)
    return (summed - np.repeat(before, freqs)).astype(np.uint32), position_offsets, True
