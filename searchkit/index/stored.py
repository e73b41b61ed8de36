"""Stored text: each paragraph a Zstandard frame of its own, coded by a dictionary made of texts of its segment.

The dictionary knows what the texts have in common, so that a short text alone takes no more room than it would among
others, and a search reads exactly the texts that it shows. Segments are merged without coding a text anew: the
paragraphs that came with a dictionary, a *part* of the segment, keep it.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

import numpy as np
import zstandard

from searchkit.errors import DamagedIndexError
from searchkit.index.format import Array, ArrayFile, HeldArray, Strings, shrink, strings_arrays

_LEVEL: Final = 3
#: Frames say how long their text is, and nothing that all of them have in common.
_FORMAT: Final = zstandard.FORMAT_ZSTD1_MAGICLESS
#: A dictionary has at most so many bytes, or this part of the texts', and is made of so many times its size of them.
_DICTIONARY: Final = 1 << 16
_PART: Final = 32
_SAMPLED: Final = 10
#: So many bytes of text are enough to make the largest dictionary of.
_ENOUGH: Final = 4 * _DICTIONARY * _PART
#: A part of fewer bytes is coded anew when its segment is merged: it had no dictionary of the full size.
SMALL: Final = _DICTIONARY * _PART
#: Below this a dictionary is worth less than it takes.
_SMALLEST: Final = 1 << 10
#: A text is never longer than this, so that a hostile index cannot make a reader fill the memory.
_LARGEST: Final = 1 << 28


class Packer:
    """Codes the texts of a segment as they come."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []  # until there is enough to make a dictionary of
        self._waiting_bytes = 0
        self._compressor: zstandard.ZstdCompressor | None = None
        self._dictionary = b""
        self._data: list[bytes] = []
        self._sizes: list[Array] = []
        #: The memory that the texts take, in bytes.
        self.nbytes = 0

    def add(self, texts: Sequence[bytes]) -> None:
        """Add the texts of the paragraphs that come next."""
        if self._compressor is not None:
            self._pack(texts)
            return
        self._waiting += texts
        self._waiting_bytes += sum(map(len, texts))
        self.nbytes = self._waiting_bytes
        if self._waiting_bytes >= _ENOUGH:
            self._begin()

    def arrays(self) -> dict[str, Array]:
        """The arrays `stored`, `stored.offsets`, and the dictionary of the one part, perhaps empty."""
        if self._compressor is None:
            self._begin()
        sizes = np.concatenate(self._sizes)
        return {
            "stored": np.frombuffer(b"".join(self._data), np.uint8),
            "stored.offsets": shrink(np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])),
            "stored.parts": np.zeros(1, np.uint8),
            **strings_arrays("stored.dictionaries", [self._dictionary]),
        }

    def _begin(self) -> None:
        self._dictionary = _trained(self._waiting)
        parameters = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, format=_FORMAT, write_content_size=True, write_dict_id=False
        )
        self._compressor = zstandard.ZstdCompressor(
            compression_params=parameters, dict_data=_dictionary(self._dictionary)
        )
        waiting, self._waiting, self.nbytes = self._waiting, [], 0
        self._pack(waiting)

    def _pack(self, texts: Sequence[bytes]) -> None:
        assert self._compressor is not None  # noqa: S101 - for mypy
        if any(texts):
            made = self._compressor.multi_compress_to_buffer(list(texts))
            frames = [made[i].tobytes() for i in range(len(made))]
        else:  # which it would refuse
            frames = list(map(self._compressor.compress, texts))
        self._data.append(b"".join(frames))
        self._sizes.append(np.fromiter(map(len, frames), np.int32, len(frames)))
        self.nbytes += len(self._data[-1]) + 4 * len(frames)


def pack_texts(texts: Sequence[bytes]) -> dict[str, Array]:
    """The arrays that a `Packer` makes of these texts."""
    packer = Packer()
    packer.add(texts)
    return packer.arrays()


def _trained(texts: Sequence[bytes]) -> bytes:
    """A dictionary for these texts, made of some of them at even distances."""
    total = sum(map(len, texts))
    size = min(_DICTIONARY, total // _PART)
    if size >= _SMALLEST:
        sample: list[bytes | bytearray | memoryview[int]] = list(texts[:: max(1, total // (size * _SAMPLED))])
        with suppress(zstandard.ZstdError):  # the texts have nothing in common
            return zstandard.train_dictionary(size, sample).as_bytes()
    return b""


def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(data) if data else None


_File = ArrayFile | HeldArray


class StoredTexts:
    """The texts of a segment's paragraphs."""

    def __init__(self, data: _File, offsets: _File, parts: _File, dictionaries: Strings) -> None:
        self._data = data
        self._offsets = offsets
        self._parts = parts
        self._dictionaries = dictionaries
        self._own = threading.local()  # a decompressor serves one thread at a time

    def __getitem__(self, paragraph: int) -> bytes:
        """The UTF-8 text of one paragraph."""
        return self._text(
            paragraph, self._data[self._offsets.at(paragraph) : self._offsets.at(paragraph + 1)].tobytes()
        )

    def at(self, paragraphs: Array) -> list[bytes]:
        """The texts of some paragraphs (int64), which may come in any order."""
        frames = self._data.cut(self._offsets.some(np.stack([paragraphs, paragraphs + 1])))
        return list(map(self._text, paragraphs.tolist(), frames))

    def _text(self, paragraph: int, frame: bytes) -> bytes:
        try:
            if zstandard.get_frame_parameters(frame, format=_FORMAT).content_size > _LARGEST:
                raise self._damaged(paragraph)
            return self._decompressor(paragraph).decompress(frame)
        except zstandard.ZstdError as error:
            raise self._damaged(paragraph) from error

    def parts(self) -> list[tuple[int, int, bytes]]:
        """The paragraphs [first, last) of each part, and the dictionary that codes them."""
        ends = [*self._firsts[1:], len(self._offsets) - 1]
        return [(*some, self._dictionaries.raw(i)) for i, some in enumerate(zip(self._firsts, ends, strict=True))]

    def __iter__(self) -> Iterator[bytes]:
        return (self[paragraph] for paragraph in range(len(self._offsets) - 1))

    @cached_property
    def _firsts(self) -> list[int]:
        """The first paragraph of each part."""
        firsts: list[int] = self._parts.all.tolist()
        if not firsts or firsts[0] or len(firsts) != len(self._dictionaries):
            raise self._damaged(0)
        return firsts

    def _decompressor(self, paragraph: int) -> zstandard.ZstdDecompressor:
        part = bisect_right(self._firsts, paragraph) - 1
        own: dict[int, zstandard.ZstdDecompressor] = self._own.__dict__.setdefault("decompressors", {})
        found = own.get(part)
        if found is None:
            dictionary = _dictionary(self._dictionaries.raw(part))
            found = own[part] = zstandard.ZstdDecompressor(dict_data=dictionary, format=_FORMAT)
        return found

    def _damaged(self, paragraph: int) -> DamagedIndexError:
        return DamagedIndexError(f"{self._data.path}: text {paragraph} is damaged; run `searchkit rebuild`")
