"""Arrays on their way to disk: written piece by piece, so that none has to be in memory as a whole."""

from __future__ import annotations

import contextlib
import mmap
import tempfile
import zlib
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from searchkit.errors import IndexWriteError
from searchkit.index.format import BLOCK_BYTES, Array, sync_file

#: Bytes before the first element of an array that we write.
_HEADER_BYTES: Final = 128
#: Elements that are read at once where an array is written anew.
_AGAIN: Final = 1 << 16


def write_array(path: Path, array: Array) -> dict[str, Any]:
    """Write a one-dimensional array as `.npy`; see `write_bytes`."""
    with ArrayWriter(path, array.dtype) as writer:
        writer.append(array)
        entry = writer.end()
    sync_file(path)
    return entry


class ArrayWriter:
    """Writes an array piece by piece. What it wrote is not durable before `sync_file`.

    Without a type it is that of `format.shrink`: the smallest unsigned one that holds all elements. What was written is
    written anew when an element comes that is too large for it. `IndexWriteError` when the disk refuses. Use it as a
    context manager, and call `end` in it.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike | None = None) -> None:
        self._path = path
        self._shrinks = dtype is None
        self._begin(np.dtype(np.uint8 if dtype is None else dtype))

    def _begin(self, dtype: np.dtype[Any]) -> None:
        if dtype.hasobject:
            raise ValueError("an array of objects would have to be a pickle")
        self._dtype = dtype
        self._count = 0
        self._checksums: list[int] = []
        self._first = bytearray(_HEADER_BYTES)  # the first block, whose header is known at the end
        self._checksum = self._fill = 0
        try:
            self._file = self._path.open("xb")
            self._file.write(self._first)
        except OSError as error:
            raise self._refused(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def append(self, array: Array) -> None:
        """Write the elements that come next."""
        if self._shrinks and array.size:
            dtype = np.min_scalar_type(int(array.max()))
            if dtype.itemsize > self._dtype.itemsize:
                self._widen(dtype)
        data = np.ascontiguousarray(array, self._dtype).view(np.uint8).data
        self._count += len(array)
        try:
            self._file.write(data)
        except OSError as error:
            raise self._refused(error) from error
        room = BLOCK_BYTES - len(self._first)
        self._first += data[:room]
        data = data[room:]
        while data:
            part = data[: BLOCK_BYTES - self._fill]
            self._checksum = zlib.crc32(part, self._checksum)
            self._fill += len(part)
            data = data[len(part) :]
            if self._fill == BLOCK_BYTES:
                self._checksums.append(self._checksum)
                self._checksum = self._fill = 0

    def _widen(self, dtype: np.dtype[Any]) -> None:
        """Write what there is anew, in a wider type."""
        before, narrow = self._dtype, self._path.with_name(f"{self._path.name}.narrow")
        try:
            self._file.close()
            self._path.replace(narrow)
            with narrow.open("rb") as file:
                narrow.unlink()
                file.seek(_HEADER_BYTES)
                self._begin(dtype)
                while len(some := np.fromfile(file, before, _AGAIN)):
                    self.append(some)
        except OSError as error:
            raise self._refused(error) from error

    def end(self) -> dict[str, Any]:
        """Finish the file; its entry for the listing."""
        about = f"{{'descr': '{self._dtype.str}', 'fortran_order': False, 'shape': ({self._count},), }}"
        start = b"\x93NUMPY\x01\x00" + (_HEADER_BYTES - 10).to_bytes(2, "little")
        self._first[:_HEADER_BYTES] = start + about.encode("ascii").ljust(_HEADER_BYTES - 11) + b"\n"
        try:
            self._file.seek(0)
            self._file.write(self._first[:_HEADER_BYTES])
            self._file.close()
        except OSError as error:
            raise self._refused(error) from error
        rest = [self._checksum] if self._fill else []
        size = _HEADER_BYTES + self._count * self._dtype.itemsize
        return {"bytes": size, "crc32": [zlib.crc32(self._first), *self._checksums, *rest]}

    def _refused(self, error: OSError) -> IndexWriteError:
        return IndexWriteError(f"cannot write {self._path}: {error.strerror}; nothing was committed")


class OffsetsWriter:
    """Writes where runs begin whose sizes come piece by piece, and the end of the last."""

    def __init__(self, writer: ArrayWriter) -> None:
        self._writer = writer
        self._end = 0
        #: Runs so far.
        self.count = 0
        writer.append(np.zeros(1, np.int64))

    def append(self, sizes: Array) -> None:
        """Write the ends of the runs of these sizes, which come next."""
        if len(sizes):
            ends = np.cumsum(sizes, dtype=np.int64) + self._end
            self._writer.append(ends)
            self._end = int(ends[-1])
            self.count += len(sizes)


def scratch(folder: Path, count: int, dtype: npt.DTypeLike) -> Array:
    """So many zeros to work on, which lie in a file of no name in the folder and not in the process's own memory.

    `IndexWriteError` when the disk refuses.
    """
    size = count * np.dtype(dtype).itemsize
    if not size:
        return np.zeros(0, dtype)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            for at in range(0, size, BLOCK_BYTES):  # room that the disk did not promise would end the process when used
                file.write(bytes(min(BLOCK_BYTES, size - at)))
            file.flush()
            return np.frombuffer(mmap.mmap(file.fileno(), size), dtype)
    except OSError as error:
        raise IndexWriteError(f"cannot write to {folder}: {error.strerror}; nothing was committed") from error
