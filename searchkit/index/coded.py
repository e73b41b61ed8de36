"""Posting lists as bytes, in parts that follow one another; `kernels.coding` says how each list is coded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from searchkit.index.format import Array, shrink
from searchkit.kernels import coding, postings


class CodedPostings(NamedTuple):
    """Coded posting lists and their places, and how many postings each list has."""

    counts: Array
    postings: coding.Coded
    positions: coding.Coded

    def some(self, kept: Array) -> CodedPostings:
        """Without some lists, all of them empty."""
        lists = (coding.Coded(data, starts[np.append(kept, True)]) for data, starts in self[1:])
        return CodedPostings(self.counts[kept], *lists)


def coded(inverted: postings.Inverted) -> CodedPostings:
    """Code what is inverted."""
    docs, freqs, offsets, positions, position_offsets = inverted
    return CodedPostings(
        np.diff(offsets),
        coding.encode(docs, freqs, offsets),
        coding.encode_positions(positions, position_offsets, offsets),
    )


def coded_in_pieces(pieces: Iterable[postings.Inverted]) -> CodedPostings:
    """As `coded`, of one list of which no more than a piece has to be in memory as it is.

    Each piece is coded up to where a block ends; what is over goes with the next one.
    """
    count = base = 0  # postings that are coded, and the first document that the next may have
    data: list[Array] = []
    place_data: list[Array] = []
    docs = freqs = steps = np.zeros(0, np.uint32)
    for piece in chain(pieces, [None]):
        whole, placed = len(docs), len(steps)
        if piece is not None:
            docs, freqs = np.concatenate([docs, piece.docs]), np.concatenate([freqs, piece.freqs])
            steps = np.concatenate([steps, _steps(piece.positions, piece.position_offsets)])
            whole, placed = (len(some) - len(some) % coding.BLOCK for some in (docs, steps))
        data.append(coding.encode(docs[:whole] - np.uint32(base), freqs[:whole], np.array([0, whole])).data)
        each = np.arange(placed + 1)  # a step is coded as the first place of a posting, which is as it is
        place_data.append(coding.encode_positions(steps[:placed], each, each[[0, -1]]).data)
        count, base = count + whole, int(docs[whole - 1]) + 1 if whole else base
        docs, freqs, steps = docs[whole:], freqs[whole:], steps[placed:]
    return CodedPostings(np.array([count]), *(_one_list(some) for some in (data, place_data)))


def _steps(positions: Array, position_offsets: Array) -> Array:
    """Of each posting the first place, and then the differences."""
    steps = positions.copy()
    steps[1:] -= positions[:-1]
    firsts = position_offsets[:-1]
    steps[firsts] = positions[firsts]
    return steps


def _one_list(data: Sequence[Array]) -> coding.Coded:
    """A list whose bytes came in pieces."""
    return coding.Coded(np.concatenate(data), np.array([0, sum(map(len, data))]))


def posting_arrays(field: str, parts: Iterable[CodedPostings]) -> dict[str, Array]:
    """The coded postings of a field, of parts that follow one another."""
    every = list(parts)
    arrays: dict[str, Array] = {f"{field}.postings.offsets": shrink(_offsets([part.counts for part in every]))}
    for name in ("postings", "positions"):
        lists: list[coding.Coded] = [getattr(part, name) for part in every]
        arrays[f"{field}.{name}"] = np.concatenate([np.zeros(0, np.uint8), *(some.data for some in lists)])
        arrays[f"{field}.{name}.starts"] = shrink(_offsets([np.diff(some.starts) for some in lists]))
    return arrays


def _offsets(parts: Sequence[Array]) -> Array:
    """Where runs begin whose sizes come in parts, and the end of the last."""
    return coding.offsets_of(np.concatenate([np.zeros(0, np.int64), *parts]))
