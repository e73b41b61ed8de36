"""What a merge is made of: segments and what is left of each, gone through a piece at a time, and side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from searchkit.index.arrays import scratch
from searchkit.index.format import Array, Strings
from searchkit.index.segment import Segment

R = TypeVar("R")

#: Rows of a column that are held at once; a whole number of bytes as bits.
PIECE: Final = 1 << 17
#: Steps that are worked on at once: the kernels run beside each other, the Python around them does not.
_THREADS: Final = 2

Kind: TypeAlias = Literal["document", "paragraph"]
#: Which of some rows are left.
Left: TypeAlias = Array | slice
ALL: Final = slice(None)


@dataclass(frozen=True)
class Part:
    """A segment, and which of its documents and paragraphs are left; None is all of them."""

    segment: Segment
    documents: Array | None
    paragraphs: Array | None

    @classmethod
    def of(cls, segment: Segment) -> Part:
        """What a generation has left of a segment. A document without paragraphs is always left."""
        deleted = segment.deleted
        if deleted is None:
            return cls(segment, None, None)
        documents = np.ones(segment.document_count, bool)
        for low in range(0, len(documents), PIECE):
            first = segment.array("document.first")[low : low + PIECE + 1].astype(np.int64)
            has_any = np.flatnonzero(first[:-1] < first[1:])
            documents[low + has_any] = ~deleted[first[has_any]]
        return cls(segment, documents, ~deleted)

    def size(self, kind: Kind) -> int:
        """Documents, or paragraphs, of the segment."""
        return self.segment.document_count if kind == "document" else self.segment.paragraph_count

    def left(self, kind: Kind, low: int, high: int) -> Left:
        """Which of its documents, or paragraphs, [low, high) are left."""
        mask = self.documents if kind == "document" else self.paragraphs
        return ALL if mask is None else mask[low:high]


class Piece(NamedTuple):
    """The rows [low, high) of a part, and which of them are left."""

    part: Part
    low: int
    high: int
    left: Left


def pieces(parts: Iterable[Part], kind: Kind) -> Iterator[Piece]:
    """All documents, or paragraphs, of the parts, some at a time."""
    for part in parts:
        for low in range(0, part.size(kind), PIECE):
            high = min(low + PIECE, part.size(kind))
            yield Piece(part, low, high, part.left(kind, low, high))


def bases(parts: Iterable[Part], kind: Kind) -> list[int]:
    """Where the rows of each part begin among those of all, and where the last ones end."""
    return list(accumulate((part.size(kind) for part in parts), initial=0))


def renumbered(parts: Sequence[Part], kind: Kind, folder: Path) -> Array:
    """The new number of each row of all parts, -1 for what is gone; nothing where all keep the numbers they have."""
    if all(part.left(kind, 0, 0) is ALL for part in parts):
        return np.zeros(0, np.int64)
    numbers = scratch(folder, bases(parts, kind)[-1], np.int64)
    at = new = 0
    for piece in pieces(parts, kind):
        rows = numbers[at : at + piece.high - piece.low]
        at += len(rows)
        rows[:] = -1
        rows[piece.left] = np.arange(new, new + len(rows[piece.left]))
        new = int(rows.max(initial=new - 1)) + 1
    return numbers


class Sorted(NamedTuple):
    """An ascending column: its size, the item at a place, and, from a place on, the end of what is held at once."""

    size: int
    item: Callable[[int], Any]
    ahead: Callable[[int], int]


def abreast(columns: Sequence[Sorted]) -> Iterator[list[tuple[int, int]]]:
    """Cut ascending columns into ranges, none of which has an item that another has: [first, last) of each column."""
    at = [0] * len(columns)
    while going := [(column, first) for column, first in zip(columns, at, strict=True) if first < column.size]:
        most = min(column.item(column.ahead(first) - 1) for column, first in going)
        after = [
            bisect_right(range(column.size), most, first, key=column.item)
            for column, first in zip(columns, at, strict=True)
        ]
        yield list(zip(at, after, strict=True))
        at = after


def ascending(column: Strings | Array, share: int) -> Sorted:
    """A column, held so many items at once."""
    size = len(column)
    item = column.raw if isinstance(column, Strings) else column.item
    return Sorted(size, item, lambda at: min(at + share, size))


def in_order(steps: Iterable[Callable[[], R]]) -> Iterator[R]:
    """The results of the steps in their order, worked out by threads that run a little ahead."""
    with ThreadPoolExecutor(_THREADS) as threads:
        pending: deque[Future[R]] = deque()
        for step in steps:
            pending.append(threads.submit(step))
            if len(pending) > _THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


# Runs of an array


def ranges_of(offsets: Array, most: int) -> Iterator[tuple[int, int]]:
    """Ranges of runs that hold at most so many items together; a longer run is a range of its own."""
    low, runs = 0, len(offsets) - 1
    while low < runs:
        low, high = run_end(offsets, low, most), low
        yield high, low


def run_end(offsets: Array, low: int, most: int) -> int:
    """The end of the runs from `low` on that hold at most so many items together, but at least of one."""
    end = min(int(offsets[low]) + most, int(offsets[-1]))  # of the array's own type, lest it be converted
    return max(low + 1, int(np.searchsorted(offsets, offsets.dtype.type(end), side="right")) - 1)


def widths_of(offsets: Array) -> Array:
    """The sizes of the runs between offsets."""
    wide = offsets.astype(np.int64)
    return wide[1:] - wide[:-1]


def spread(left: Left, widths: Array) -> Left:
    """Which items are left of runs of these widths."""
    return left if isinstance(left, slice) else np.repeat(left, widths)
