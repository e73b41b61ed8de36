"""Cut a large file of records into parts that are read apart, each by a process of its own."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from searchkit.ingest import encodings
from searchkit.ingest.discover import SourceFile

#: Lines are counted in pieces of so many bytes.
_CHUNK: Final = 1 << 16


def split(source: SourceFile, size: int, encoding: str | None = None) -> Iterator[SourceFile]:
    """The parts of a file of about `size` bytes each; the file itself where it is smaller, or cannot be cut.

    Only plain `.jsonl` files in UTF-8 can: others have to be read from the beginning.
    """
    start = source.start
    if source.size <= size or source.format != "jsonl" or source.compression or not _is_utf8(source, encoding):
        yield source
        return
    try:
        with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            end, line = min(start + source.size, len(data)), source.line
            while start < end:
                found = data.find(b"\n", min(start + size, end) - 1, end)
                if found < 0 or (found + 1 == end and end - start > size):  # the line there is the last
                    found = data.rfind(b"\n", start, max(start + size - 1, start))
                stop = end if found < 0 else found + 1
                yield replace(source, start=start, end=stop, line=line, size=stop - start)
                line += sum(_line_ends(data[at : min(at + _CHUNK, stop)]) for at in range(start, stop, _CHUNK))
                start = stop
    except (OSError, ValueError):  # the reader says what is wrong with it
        if start == source.start:
            yield source


def _line_ends(data: bytes) -> int:
    """How many lines end in the bytes: numpy looks at many of these at once, `count` at one line end after another."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))


def _is_utf8(source: SourceFile, encoding: str | None) -> bool:
    try:
        with source.path.open("rb") as file:
            mark = encodings.marked(file.read(4))
    except OSError:
        return False
    return encodings.is_utf8(mark[0] if mark else encoding)
