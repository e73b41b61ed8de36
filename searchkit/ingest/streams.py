"""Open an input file safely and hand out its bytes: only regular files, decompressed within limits."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, cast

from searchkit.errors import InputError
from searchkit.ingest.discover import Compression, SourceFile

#: The largest text that is read as one document, in bytes after decompression.
MAX_TEXT_BYTES: Final = 500_000_000
#: The memory that an .xz file may ask for; `xz -9` needs 65 MB.
MAX_XZ_MEMORY: Final = 256_000_000
_CHUNK: Final = 65_536

#: Told how many bytes of the file itself were read since the last call.
Advance = Callable[[int], None]


@contextmanager
def opened(source: SourceFile, advance: Advance | None = None) -> Iterator[BinaryIO]:
    """The decompressed bytes of a file, to be read in order. Whatever is wrong with it is an `InputError`."""
    try:
        with open(_descriptor(source), "rb", buffering=0) as raw:
            limit = None if source.end is None else source.end - source.start
            raw.seek(source.start)
            counted = cast("BinaryIO", io.BufferedReader(_Counted(raw, advance, limit), _CHUNK))
            yield _decompressed(counted, source.compression)
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"damaged .{source.compression} file: {_lower(error)}") from error
    except MemoryError as error:
        raise InputError("too large for the memory of this machine") from error
    except OSError as error:
        raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def read_all(stream: BinaryIO, limit: int = MAX_TEXT_BYTES) -> bytes:
    """All bytes of a stream; `InputError` where there are more than `limit`."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(f"longer than {limit // 1_000_000} MB; split it, or make it a .jsonl file")
    return data


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read: progress is measured in bytes of the file, compressed or not.

    It ends after `limit` bytes, if there is a limit.
    """

    def __init__(self, raw: io.RawIOBase, advance: Advance | None, limit: int | None = None) -> None:
        self._raw = raw
        self._advance = advance
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]  # the base takes any buffer
        if self._left is not None:
            buffer = memoryview(buffer)[: self._left]
        count = self._raw.readinto(buffer)
        if self._left is not None:
            self._left -= count or 0
        if count and self._advance:
            self._advance(count)
        return count


class _XzReader(io.RawIOBase):
    """The content of an .xz file with a bound on memory, which `lzma.LZMAFile` does not offer."""

    def __init__(self, compressed: BinaryIO) -> None:
        self._compressed = compressed
        self._decoder = self._new()
        self._begun = False

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_AUTO, memlimit=MAX_XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base takes any buffer
        while True:
            if self._decoder.eof and not self._next_stream():
                return 0
            chunk = self._compressed.read(_CHUNK) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not chunk:
                raise EOFError("it ends too early")
            data = self._decoder.decompress(chunk, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _next_stream(self) -> bool:
        """Go on with the stream that follows in the file (zero bytes may stand between); False at the end."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest:
            chunk = self._compressed.read(_CHUNK)
            if not chunk:
                return False
            rest = chunk.lstrip(b"\0")
        self._decoder = self._new()
        self._compressed = cast("BinaryIO", _Rest(rest, self._compressed))
        return True


class _Rest:
    """Bytes that were read already, and then the stream they came from."""

    def __init__(self, rest: bytes, stream: BinaryIO) -> None:
        self._rest = rest
        self._stream = stream.stream if isinstance(stream, _Rest) else stream

    @property
    def stream(self) -> BinaryIO:
        return self._stream

    def read(self, size: int) -> bytes:
        if self._rest:
            chunk, self._rest = self._rest[:size], self._rest[size:]
            return chunk
        return self._stream.read(size)


def _decompressed(stream: BinaryIO, compression: Compression) -> BinaryIO:
    if compression == "gz":
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
    if compression == "xz":
        return cast("BinaryIO", io.BufferedReader(_XzReader(stream), _CHUNK))
    return stream


def _descriptor(source: SourceFile) -> int:
    # What was a file when it was found may be a pipe or a link by now: neither wait for one nor follow the other.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(source.path, flags)
    status = os.fstat(descriptor)
    reason = "not a regular file any more"
    if stat.S_ISREG(status.st_mode):
        # A part was cut where a line ended; that it still does is all that is asked of a file that may have grown.
        if source.end is None or (
            status.st_size >= source.end and (not source.start or os.pread(descriptor, 1, source.start - 1) == b"\n")
        ):
            return descriptor
        reason = "it changed while it was read; index it again"
    os.close(descriptor)
    raise InputError(reason)


def _lower(error: Exception) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
