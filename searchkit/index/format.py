"""Files of the index: written once and made durable, read where they lie, each block checked before its first use.

Every array is a one-dimensional `.npy` file without pickle. A folder of such files is described by a *listing*:
name -> length and the CRC-32 of each 64 KiB block, so that a single damaged byte is found when the block that holds
it is first touched, and nothing has to be read that a query does not need. `FORMAT.md` says what each file holds.
"""

from __future__ import annotations

import contextlib
import errno
import json
import mmap
import os
import re
import resource
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from searchkit.errors import DamagedIndexError, IndexWriteError, SearchkitError

#: Counts up whenever a build could no longer read what the one before has written.
FORMAT_VERSION: Final = 5
BLOCK_BYTES: Final = 1 << 16

# What numpy writes before a plain array of one dimension, version 1.0. numpy's own reader evaluates it as Python, which
# is slower than all the rest of opening and, in Python 3.11, fails in threads (python/cpython#106905).
_HEADER: Final = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<dtype>[<|][uib][1248])', 'fortran_order': False, "
    rb"'shape': \((?P<count>[0-9]{1,15}),\), \} *\n",
    re.DOTALL,
)

Array: TypeAlias = npt.NDArray[Any]
Listing: TypeAlias = dict[str, dict[str, Any]]


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> dict[str, Any]:
    """Write a new file and fsync it; returns its entry for the listing. `IndexWriteError` when the disk refuses."""
    try:
        with path.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise IndexWriteError(f"cannot write {path}: {error.strerror}; nothing was committed") from error
    return {"bytes": len(data), "crc32": checksums(data)}


def sync_file(path: Path) -> None:
    """Make the content of a file durable. `IndexWriteError` when the disk refuses."""
    _sync(path, os.O_RDONLY)


def checksums(data: bytes | memoryview) -> list[int]:
    """The CRC-32 of each block of `BLOCK_BYTES`, the last one shorter."""
    view = memoryview(data)
    return [zlib.crc32(view[at : at + BLOCK_BYTES]) for at in range(0, len(view), BLOCK_BYTES)]


def make_folder(path: Path) -> None:
    """Make a folder where there is none. `IndexWriteError` when the disk refuses."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexWriteError(f"cannot make {path}: {error.strerror}; nothing was committed") from error


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. `IndexWriteError` when the disk refuses."""
    _sync(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))


def _sync(path: Path, flags: int) -> None:
    try:
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise IndexWriteError(f"cannot fsync {path}: {error.strerror}; nothing was committed") from error


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in place of `path` so that a reader sees the old bytes or the new ones, and durably so.

    Where that cannot be made durable the old bytes are put back; after a loss of power it may be either.
    """
    before = path.read_bytes() if path.exists() else None
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    write_bytes(temporary, data)
    try:
        temporary.replace(path)
    except OSError as error:
        raise IndexWriteError(f"cannot rename {temporary}: {error.strerror}; nothing was committed") from error
    try:
        sync_folder(path.parent)
    except IndexWriteError:
        with contextlib.suppress(OSError):
            if before is None:
                path.unlink()
            else:
                temporary.write_bytes(before)
                temporary.replace(path)
        raise


def pack_json(content: Mapping[str, Any]) -> bytes:
    """JSON with its own CRC-32 on the first line, so that a damaged description is known for one."""
    body = json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()
    return b"%08x\n%s\n" % (zlib.crc32(body), body)


def unpack_json(path: Path) -> dict[str, Any]:
    """Read what `pack_json` made. `DamagedIndexError` where it is missing or not what was written."""
    try:
        checksum, body, rest = path.read_bytes().split(b"\n")
        content = json.loads(body) if int(checksum, 16) == zlib.crc32(body) and not rest else None
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path) from error
    if not isinstance(content, dict):
        raise damaged(path)
    return content


def damaged(path: Path) -> DamagedIndexError:
    """The error for a file that is not what its description says."""
    return DamagedIndexError(
        f"{path} is damaged; run `searchkit check` to see all of it, `searchkit rebuild` to repair"
    )


def _mapped(path: Path) -> mmap.mmap | bytes:
    """A file's bytes, mapped. A large index has more files than many systems let a process open unless it asks."""
    try:
        return _map(path)
    except OSError as error:
        if error.errno != errno.EMFILE:
            raise
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        return _map(path)
    except OSError as error:
        if error.errno != errno.EMFILE:
            raise
        raise SearchkitError(
            f"the index has more files than the {most:,} that this system lets a process open; "
            "run `searchkit compact`, or raise the limit with `ulimit -n`"
        ) from error


def _map(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""  # which cannot be mapped
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class BlockFile:
    """A file mapped into memory, of which each block is verified when it is first used."""

    def __init__(self, path: Path, entry: Mapping[str, Any]) -> None:
        self.path = path
        try:
            length, checksums = int(entry["bytes"]), [int(one) for one in entry["crc32"]]
            self._map = _mapped(path)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise damaged(path) from error
        if len(self._map) != length or len(checksums) != -(-length // BLOCK_BYTES):
            raise damaged(path)
        self._checksums: Sequence[int] = checksums
        self._verified = bytearray(len(checksums))
        #: Whether every block was found to be as it was written.
        self.sound = not checksums

    def __len__(self) -> int:
        return len(self._map)

    def verify(self, start: int, end: int) -> None:
        """Check the blocks that hold bytes [start, end). `DamagedIndexError` where one is not what was written."""
        first, last = start // BLOCK_BYTES, -(-end // BLOCK_BYTES)
        if first >= last or self._verified.find(0, first, last) < 0:
            return
        view = memoryview(self._map)
        for block in range(first, last):
            if not self._verified[block]:
                at = block * BLOCK_BYTES
                if zlib.crc32(view[at : at + BLOCK_BYTES]) != self._checksums[block]:
                    raise damaged(self.path)
                self._verified[block] = 1
        self.sound = 0 not in self._verified

    def read(self, start: int, end: int) -> bytes:
        """Bytes [start, end), verified."""
        self.verify(start, end)
        return bytes(self._map[start:end])

    @property
    def buffer(self) -> mmap.mmap | bytes:
        """The mapped bytes; verify a range before using it."""
        return self._map


class ArrayFile:
    """A one-dimensional `.npy` file; slices come verified, as views of the mapped file."""

    def __init__(self, path: Path, entry: Mapping[str, Any]) -> None:
        self.path = path
        self._file = BlockFile(path, entry)
        header = _HEADER.match(self._file.read(0, min(len(self._file), 256)))
        if header is None:
            raise damaged(path)
        self._start = header.end()
        try:
            dtype = np.dtype(header["dtype"].decode())
            self._array: Array = np.frombuffer(self._file.buffer, dtype, int(header["count"]), self._start)
        except (TypeError, ValueError) as error:
            raise damaged(path) from error
        self._size = self._array.itemsize

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, item: slice) -> Array:
        """The elements [start, stop) of a plain slice."""
        if not self._file.sound:
            start, stop, _ = item.indices(len(self._array))
            self._file.verify(self._start + start * self._size, self._start + max(start, stop) * self._size)
        return self._array[item]

    def at(self, index: int) -> int:
        """One element as an int."""
        if not self._file.sound:
            at = self._start + index * self._size
            self._file.verify(at, at + self._size)
        element: int = self._array.item(index)
        return element

    def some(self, indexes: Array) -> Array:
        """The elements at some indexes (int64), which may come in any order."""
        if not self._file.sound:
            for block in np.unique(
                (self._start + indexes * self._size) // BLOCK_BYTES
            ).tolist():  # none lies across two
                self._file.verify(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
        return self._array[indexes]

    def cut(self, offsets: Array) -> list[bytes]:
        """The bytes of some ranges: range i begins at offsets[0, i] and ends before offsets[1, i]."""
        lows, highs = offsets.tolist()
        if not self._file.sound:
            for low, high in zip(lows, highs, strict=True):
                self._file.verify(self._start + low * self._size, self._start + high * self._size)
        array = self._array
        return [array[low:high].tobytes() for low, high in zip(lows, highs, strict=True)]

    @property
    def all(self) -> Array:
        """The whole array."""
        return self[:]


class HeldArray:
    """An array that was made in memory, read as one of a file is; `path` is the folder that it would belong to."""

    def __init__(self, array: Array, path: Path) -> None:
        self.all = array
        self.path = path

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, item: slice) -> Array:
        return self.all[item]

    def at(self, index: int) -> int:
        """One element as an int."""
        element: int = self.all.item(index)
        return element

    def some(self, indexes: Array) -> Array:
        """The elements at some indexes (int64), which may come in any order."""
        return self.all[indexes]

    def cut(self, offsets: Array) -> list[bytes]:
        """The bytes of some ranges: range i begins at offsets[0, i] and ends before offsets[1, i]."""
        return [self.all[low:high].tobytes() for low, high in offsets.T.tolist()]


class Strings:
    """A column of byte strings: their concatenation and the offsets of each, `None` stored as one byte 0xff."""

    NONE: Final = b"\xff"
    #: A search by halves keeps what it meets while more than one in so many strings is left: all searches meet it.
    _KEPT: Final = 1 << 10

    def __init__(self, data: ArrayFile | HeldArray, offsets: ArrayFile | HeldArray) -> None:
        self._data = data
        self._offsets = offsets
        self._met: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def raw(self, index: int) -> bytes:
        """The bytes of one string."""
        return self._data[self._offsets.at(index) : self._offsets.at(index + 1)].tobytes()

    def text(self, index: int) -> str:
        """One string that is never None."""
        return self.raw(index).decode()

    def optional(self, index: int) -> str | None:
        """One string, or None."""
        raw = self.raw(index)
        return None if raw == self.NONE else raw.decode()

    def at(self, indexes: Array) -> list[bytes]:
        """The strings at some indexes (int64), which may come in any order."""
        return self._data.cut(self._offsets.some(np.stack([indexes, indexes + 1])))

    def some(self, start: int, end: int) -> list[bytes]:
        """The strings [start, end), read at once."""
        if start >= end:
            return []
        ends = self._offsets[start : end + 1].tolist()
        first = ends[0]
        data = self._data[first : ends[-1]].tobytes()
        return [data[a - first : b - first] for a, b in pairwise(ends)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.some(0, len(self)))

    def find(self, text: bytes) -> int:
        """The first index whose string is not less than `text`, in a sorted column."""
        low, high = 0, len(self)
        few = high // self._KEPT
        while low < high:
            middle = (low + high) // 2
            if high - low > few:
                met = self._met.get(middle)
                if met is None:
                    met = self._met[middle] = self.raw(middle)
            else:
                met = self.raw(middle)
            if met < text:
                low = middle + 1
            else:
                high = middle
        return low

    def index(self, text: bytes) -> int:
        """The index of `text` in a sorted column, or -1."""
        at = self.find(text)
        return at if at < len(self) and self.raw(at) == text else -1

    def prefixed(self, prefix: bytes) -> range:
        """The indexes of the strings of a sorted column that begin with `prefix`."""
        start = self.find(prefix)
        after = prefix.rstrip(b"\xff")
        return range(start, self.find(after[:-1] + bytes([after[-1] + 1])) if after else len(self))


class Identities:
    """Strings of which runs begin alike: a column of how they end, and for each run its first string and beginning."""

    def __init__(self, ends: Strings, firsts: ArrayFile | HeldArray, beginnings: Strings) -> None:
        self._ends = ends
        self._firsts: list[int] = firsts.all.tolist()
        self._beginnings = list(beginnings)
        if len(firsts) != len(beginnings) or (len(ends) and self._firsts[:1] != [0]):
            raise damaged(firsts.path)

    def raw(self, index: int) -> bytes:
        """The bytes of one string."""
        return self._beginning(index) + self._ends.raw(index)

    def at(self, indexes: Array) -> list[bytes]:
        """The strings at some indexes (int64), which may come in any order."""
        return [self._beginning(i) + end for i, end in zip(indexes.tolist(), self._ends.at(indexes), strict=True)]

    def _beginning(self, index: int) -> bytes:
        return self._beginnings[bisect_right(self._firsts, index) - 1]

    def text(self, index: int) -> str:
        """One string."""
        return self.raw(index).decode()


def strings_arrays(name: str, strings: Iterable[str | bytes | None]) -> dict[str, Array]:
    """The two arrays of a `Strings` column, under `name` and `name.offsets`."""
    return packed_arrays(name, [pack_strings(strings)])


def packed_arrays(name: str, parts: Sequence[tuple[bytes, Array]]) -> dict[str, Array]:
    """As `strings_arrays`, of strings that were packed in parts."""
    offsets = np.cumsum(np.concatenate([np.zeros(1, np.int64), *(sizes for _, sizes in parts)]))
    return {name: np.frombuffer(b"".join([data for data, _ in parts]), np.uint8), f"{name}.offsets": shrink(offsets)}


def pack_strings(strings: Iterable[str | bytes | None]) -> tuple[bytes, Array]:
    """The bytes of strings, one after another as in a `Strings` column, and how many each has."""
    some = list(strings)
    try:
        data = "".join(cast("list[str]", some)).encode("ascii")  # most columns are, and need no work on each string
    except (TypeError, UnicodeEncodeError):
        encoded = [Strings.NONE if s is None else s if isinstance(s, bytes) else s.encode() for s in some]
        data, sizes = b"".join(encoded), map(len, encoded)
    else:
        sizes = map(len, cast("list[str]", some))
    return data, np.fromiter(sizes, np.int32, len(some))


def cuts(offsets: Array, size: int) -> bool:
    """Whether offsets cut so many things into parts."""
    ordered = bool((offsets[1:] >= offsets[:-1]).all())
    return ordered and len(offsets) > 0 and int(offsets[0]) == 0 and int(offsets[-1]) == size


def shrink(array: Array) -> Array:
    """The same non-negative numbers in the smallest unsigned type that holds them all."""
    top = int(array.max()) if array.size else 0
    return array.astype(np.min_scalar_type(top), copy=False)
