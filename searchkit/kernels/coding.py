"""Lists of integers as bytes: blocks of 128 values, each block packed to the bits that its largest value needs.

A list of values is coded as blocks of at most 128 values, each one byte that says the width w (0 to 32 bits), then
the values, w bits each, least significant bit first, filled up with zero bits to a whole byte. Full blocks therefore
take 1 + 16 w bytes, and eight values always begin at a byte. Nothing else is stored: who reads a list knows how many
values it has.

A posting list is the documents' gaps (each less the one before, less one; the first as it is) coded block by block
with the frequencies less one: documents' block, frequencies' block, and so on. A list of positions is, for each
posting, the first position and then the differences, coded as one list of values.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchkit.kernels.dispatch import (
    F64,
    I32,
    I64,
    NARROW,
    U8,
    U32,
    BoolArray,
    F64Array,
    I32Array,
    I64Array,
    U8Array,
    U16Array,
    U32Array,
    U64Array,
    kernel,
)

BLOCK: Final = 128
#: How soon more occurrences of a word stop to count in BM25.
K1: Final = 1.5
#: Bits of a mask of positions.
_BITS: Final = 64
#: Admitted documents are looked for in the blocks of a list that has so many times as many.
_SPARSE: Final = 16
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


def documents(data: U8Array, count: int, limit: int) -> tuple[U32Array, I64Array]:
    """The documents of the one posting list that `data` is, and at which byte each block of its frequencies begins.

    Frequencies are read later, of those documents that are still of interest. Raises `ValueError` as `decode` does.
    """
    docs, blocks, sound = _documents(data, count, limit)
    if not sound:
        raise ValueError(_DAMAGED)
    return docs, blocks


class Admitted:
    """Some of `limit` documents, those that are of interest: as a list or as a map, each made when it is needed."""

    def __init__(self, limit: int, *, docs: U32Array | None = None, verdicts: U8Array | None = None) -> None:
        """Either `docs`, ascending, or the `verdicts` of all, which are 0 for what is of no interest."""
        self.limit = limit
        self._docs = docs
        self._verdicts = verdicts

    @cached_property
    def docs(self) -> U32Array:
        """The documents, ascending."""
        if self._docs is not None:
            return self._docs
        return np.flatnonzero(self.verdicts != 0).astype(np.uint32)  # ten times as fast as of bytes

    @cached_property
    def verdicts(self) -> U8Array:
        """A byte for each of all documents, 0 for what is of no interest."""
        if self._verdicts is not None:
            return self._verdicts
        verdicts = np.zeros(self.limit, np.uint8)
        verdicts[self.docs] = 1
        return verdicts

    @cached_property
    def count(self) -> int:
        """How many documents are of interest."""
        return len(self._docs) if self._docs is not None else int(np.count_nonzero(self.verdicts))

    def between(self, low: int, high: int) -> Admitted:
        """Those of the documents [low, high), numbered from there."""
        if self._docs is None:
            return Admitted(high - low, verdicts=self.verdicts[low:high])
        first, last = np.searchsorted(self._docs, [low, high])
        return Admitted(high - low, docs=self._docs[first:last] - np.uint32(low))


def documents_admitted(data: U8Array, count: int, admitted: Admitted) -> tuple[U32Array, I64Array, I64Array]:
    """The admitted documents of a posting list, where they stand in it, and blocks as `documents`."""
    if admitted.count * _SPARSE < count:
        docs, places, blocks, sound = _documents_among(data, count, admitted.docs, admitted.limit)
    else:
        docs, places, blocks, sound = _documents_admitted(data, count, admitted.verdicts, admitted.count)
    if not sound:
        raise ValueError(_DAMAGED)
    return docs, places, blocks


def offsets_of(sizes: npt.NDArray[np.integer]) -> I64Array:
    """Where lists of these sizes begin that lie one after another, and where the last ends (int64[len(sizes) + 1])."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def marked(data: U8Array, starts: I64Array, counts: I64Array, limit: int) -> BoolArray:
    """Which of `limit` documents are in any of many posting lists; `counts` says how many each list has."""
    marks, sound = _marked(data, starts, counts, limit)
    if not sound:
        raise ValueError(_DAMAGED)
    return marks


def occurrences(
    positions: U8Array, data: U8Array, blocks: I64Array, count: int, places: I64Array, spread: int
) -> I64Array:
    """Where a term occurs: for each occurrence in the postings of these places `place << 32 | position`, ascending.

    `places` say which postings of one list, ascending; what is given of each is its number among them. `positions` are
    the bytes of the list's positions, `data`, `blocks` and `count` its postings as `documents` takes and gives them.
    Each position is divided by `spread`.
    """
    found, sound = _occurrences(positions, data, blocks, count, places, spread)
    if not sound:
        raise ValueError(_DAMAGED)
    return found


class PlacedLists(NamedTuple):
    """Many posting lists with their positions, as they are coded.

    List i has counts[i] postings from the byte starts[i] of `data` on; its places are the bytes [place_starts[i],
    place_ends[i]) of `place_data`. A place is a position times variants[i], plus the variant of the word; of the list's
    words those count whose variant v has wanted[words[i] + v] set.
    """

    data: U8Array
    starts: I64Array
    counts: I64Array
    place_data: U8Array
    place_starts: I64Array
    place_ends: I64Array
    variants: I64Array
    words: I64Array
    wanted: U8Array


class After(NamedTuple):
    """Occurrences that others have to come after, at most `slop` words later; 0 lets them stand anywhere.

    Those of row r are ends[ends_of[r]:ends_of[r + 1]]. Where bit p % 64 of masks[r] is not set, nothing at position p
    comes after any of them: one look tells that of nearly all.
    """

    ends: I64Array
    ends_of: I64Array
    masks: I64Array
    slop: int


def after(ends: I64Array, rows: int, slop: int) -> After:
    """What comes at most `slop` after these occurrences, which stand in so many rows."""
    row, position = ends >> 32, ends & ((1 << 32) - 1)
    ends_of = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))])
    if not 0 < slop < _BITS:
        return After(ends, ends_of, np.full(rows, -1, np.int64), slop)
    masks = np.zeros(rows, np.int64)
    bits = np.zeros(len(ends), np.int64)
    for distance in range(1, slop + 1):
        bits |= np.int64(1) << (position + distance) % _BITS
    first = np.flatnonzero(np.diff(row, prepend=-1))
    masks[row[first]] = np.bitwise_or.reduceat(bits, first) if len(first) else 0
    return After(ends, ends_of, masks, slop)


def occurrences_of_many(lists: PlacedLists, rows: I32Array, before: After) -> I64Array:
    """Where wanted words of many lists occur: `row << 32 | position`, ascending, in documents whose row is not below 0.

    `rows` gives each document's. Only what comes after something is given, as `before` says: `sets.near`. Raises
    `ValueError` as `decode` does.
    """
    found, sound = _occurrences_of_many(*lists, rows, *before)
    if not sound:
        raise ValueError(_DAMAGED)
    return np.sort(found)


def _pack(values: I64Array) -> bytes:
    """One block: the byte of its width and the packed values."""
    width = int(values.max()).bit_length()
    bits = (values[:, None] >> np.arange(width)) & 1
    return bytes([width]) + np.packbits(bits.astype(np.uint8).ravel(), bitorder="little").tobytes()


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


class _Blocks(NamedTuple):
    """Where the blocks of lists begin, in order, and how many values each holds."""

    firsts: I64Array
    sizes: I64Array


def _blocks(data: U8Array, starts: I64Array, counts: I64Array, streams: int) -> _Blocks | None:
    """The blocks of lists that begin at these bytes, each size `streams` times; none where one is not whole."""
    raw, firsts, sizes = data.tobytes(), list[int](), list[int]()
    for start, count in zip(starts.tolist(), counts.tolist(), strict=False):
        at = start
        for low in range(0, count, BLOCK):
            size = min(BLOCK, count - low)
            for _ in range(streams):
                if not 0 <= at < len(raw) or raw[at] > 32:
                    return None
                firsts.append(at)
                sizes.append(size)
                at += 1 + (size * raw[at] + 7) // 8
                if at > len(raw):
                    return None
    return _Blocks(np.array(firsts, np.int64), np.array(sizes, np.int64))


def _values(data: U8Array, firsts: I64Array, within: I64Array) -> I64Array:
    """Value within[i] of the block that begins at the byte firsts[i], cut out of the eight bytes that hold it."""
    padded = np.concatenate([data, np.zeros(9, np.uint8)])
    words: U64Array = np.ndarray((len(data) + 2,), np.dtype("<u8"), padded.data, 0, (1,))
    width = data[firsts].astype(np.int64)
    bit = within * width
    cut = words[firsts + 1 + (bit >> 3)] >> (bit & 7).astype(np.uint64)
    return (cut & ((np.uint64(1) << width.astype(np.uint64)) - np.uint64(1))).astype(np.int64)


def _all_values(data: U8Array, firsts: I64Array, sizes: I64Array) -> I64Array:
    """All values of blocks, one block after another."""
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return _values(data, np.repeat(firsts, sizes), within)


def _summed(values: I64Array, offsets: I64Array) -> I64Array:
    """The running sums of lists, each by itself; list i is [offsets[i], offsets[i + 1])."""
    sums = offsets_of(values)
    return sums[1:] - np.repeat(sums[offsets[:-1]], np.diff(offsets))


def _lists(data: U8Array, starts: I64Array, counts: I64Array, limit: int) -> tuple[U32Array, _Blocks] | None:
    """The documents of posting lists and the blocks of both streams; none where they are damaged."""
    blocks = _blocks(data, starts, counts, 2)
    if blocks is None:
        return None
    docs = _summed(_all_values(data, blocks.firsts[::2], blocks.sizes[::2]) + 1, offsets_of(counts)) - 1
    if len(docs) and int(docs.max()) >= limit:
        return None
    return docs.astype(np.uint32), blocks


@kernel(U8, int, int)
def _documents(data: U8Array, count: int, limit: int) -> tuple[U32Array, I64Array, bool]:
    found = _lists(data, np.zeros(1, np.int64), np.array([count]), limit)
    if found is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64), False
    return found[0], found[1].firsts[1::2].copy(), True


@kernel(U8, int, U8, int)
def _documents_admitted(
    data: U8Array, count: int, verdicts: U8Array, most: int
) -> tuple[U32Array, I64Array, I64Array, bool]:
    found = _lists(data, np.zeros(1, np.int64), np.array([count]), len(verdicts))
    if found is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros(0, np.int64), False
    places = np.flatnonzero(verdicts[found[0]])[:most]
    return found[0][places], places, found[1].firsts[1::2].copy(), True


@kernel(U8, int, U32, int)
def _documents_among(
    data: U8Array, count: int, among: U32Array, limit: int
) -> tuple[U32Array, I64Array, I64Array, bool]:
    found = _lists(data, np.zeros(1, np.int64), np.array([count]), limit)
    if found is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros(0, np.int64), False
    places = np.flatnonzero(np.isin(found[0], among))
    return found[0][places], places, found[1].firsts[1::2].copy(), True


@kernel(U8, I64, I64, int)
def _marked(data: U8Array, starts: I64Array, counts: I64Array, limit: int) -> tuple[BoolArray, bool]:
    marks = np.zeros(limit, np.bool_)
    found = _lists(data, starts, counts, limit)
    if found is None:
        return marks, False
    marks[found[0]] = True
    return marks, True


@kernel(U8, I64, U32, NARROW, F64, float)
def bm25(
    data: U8Array, blocks: I64Array, docs: U32Array, lengths: U16Array | U32Array, norms: F64Array, weight: float
) -> F64Array:
    """BM25 of a term in all its documents, whose posting list `data` is; `blocks` as `documents` gives them.

    `weight` is what it comes to at its most, `lengths` are those of all documents, `norms[length]` is
    k1 * ((1 - b) + b * length / average length). The formula, and the order of its operations, are those of Whoosh's
    BM25F of one field (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009):
    idf * (freq * (k1 + 1) / (freq + norm)).
    """
    return bm25_at(data, blocks, np.arange(len(docs)), docs, lengths, norms, weight)


@kernel(U8, I64, I64, U32, NARROW, F64, float)
def bm25_at(
    data: U8Array,
    blocks: I64Array,
    places: I64Array,
    docs: U32Array,
    lengths: U16Array | U32Array,
    norms: F64Array,
    weight: float,
) -> F64Array:
    """The same of some postings: those of these documents, which stand in these places of the list."""
    many = (_values(data, blocks[places // BLOCK], places % BLOCK) + 1).astype(np.float64)
    return weight * ((many * (K1 + 1)) / (many + norms[lengths[docs]]))


@kernel(U8, U8, I64, int, I64, int)
def _occurrences(
    positions: U8Array, data: U8Array, blocks: I64Array, count: int, places: I64Array, spread: int
) -> tuple[I64Array, bool]:
    at = np.arange(count)
    freqs = _values(data, blocks[at // BLOCK], at % BLOCK) + 1
    starts, total = (np.cumsum(freqs) - freqs)[places], int(freqs.sum())
    offsets = offsets_of(freqs[places])
    found = _blocks(positions, np.zeros(1, np.int64), np.array([total]), 1) if total <= BLOCK * len(positions) else None
    if found is None:
        return np.zeros(0, np.int64), False
    at = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], np.diff(offsets))
    gaps = _values(positions, found.firsts[at // BLOCK], at % BLOCK)
    where: I64Array = (_summed(gaps, offsets).astype(np.uint32) // np.uint32(spread)).astype(np.int64)
    return np.repeat(np.arange(len(places), dtype=np.int64) << 32, np.diff(offsets)) | where, True


@kernel(U8, I64, I64, U8, I64, I64, I64, I64, U8, I32, I64, I64, I64, int)
def _occurrences_of_many(
    data: U8Array, starts: I64Array, counts: I64Array,
    place_data: U8Array, place_starts: I64Array, place_ends: I64Array,  # noqa: ARG001 - the compiled twin's
    variants: I64Array, words: I64Array, wanted: U8Array, rows: I32Array, ends: I64Array, ends_of: I64Array,
    masks: I64Array, slop: int,  # noqa: ARG001 - masks are the compiled twin's
) -> tuple[I64Array, bool]:  # fmt: skip
    offsets = offsets_of(counts)
    docs, freqs, sound = _decode(data, starts, offsets, len(rows))
    if not sound or int(freqs.sum(dtype=np.int64)) > BLOCK * len(place_data):
        return np.zeros(0, np.int64), False
    places, _, sound = _decode_positions(place_data, place_starts, freqs, offsets)
    if not sound:
        return np.zeros(0, np.int64), False
    row = np.repeat(rows[docs].astype(np.int64), freqs)
    which = np.repeat(np.repeat(np.arange(len(counts)), counts), freqs)
    position, variant = np.divmod(places.astype(np.int64), variants[which])
    kept = (row >= 0) & (wanted[words[which] + variant] != 0)
    found = row[kept] << 32 | position[kept]
    if slop:
        nearest = np.searchsorted(ends, found) - 1
        found = found[(nearest >= ends_of[found >> 32]) & (found - ends[nearest] <= slop)] if len(ends) else found[:0]
    return found, True


@kernel(U8, I64, I64, int)
def _decode(data: U8Array, starts: I64Array, offsets: I64Array, documents: int) -> tuple[U32Array, U32Array, bool]:
    found = _lists(data, starts, np.diff(offsets), documents)
    if found is None:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint32), False
    docs, blocks = found
    return docs, (_all_values(data, blocks.firsts[1::2], blocks.sizes[1::2]) + 1).astype(np.uint32), True


@kernel(U8, I64, U32, I64)
def _decode_positions(
    data: U8Array, starts: I64Array, freqs: U32Array, offsets: I64Array
) -> tuple[U32Array, I64Array, bool]:
    position_offsets = offsets_of(freqs)
    found = _blocks(data, starts, np.diff(position_offsets[offsets]), 1)
    if found is None:
        return np.zeros(0, np.uint32), position_offsets, False
    return _summed(_all_values(data, *found), position_offsets).astype(np.uint32), position_offsets, True
