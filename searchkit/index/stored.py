"""Stored text: each paragraph a Zstandard frame of its own, coded by a dictionary made of its segment's texts.

The dictionary knows what the texts have in common, so that a short text alone takes no more room than it would among
others, and a search reads exactly the texts that it shows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import numpy as np
import zstandard

from searchkit.errors import DamagedIndexError
from searchkit.index.format import Array, ArrayFile, HeldArray, shrink

_LEVEL: Final = 3
#: Frames say how long their text is, and nothing that all of them have in common.
_FORMAT: Final = zstandard.FORMAT_ZSTD1_MAGICLESS
#: A dictionary has at most so many bytes, or this part of the texts', and is made of so many times its size of them.
_DICTIONARY: Final = 1 << 16
_PART: Final = 32
_SAMPLED: Final = 10
#: Below this a dictionary is worth less than it takes.
_SMALLEST: Final = 1 << 10
#: A text is never longer than this, so that a hostile index cannot make a reader fill the memory.
_LARGEST: Final = 1 << 28


def pack_texts(texts: Sequence[bytes]) -> dict[str, Array]:
    """The arrays `stored` (a frame for each paragraph), `stored.offsets`, and `stored.dictionary`, perhaps empty."""
    dictionary = _trained(texts)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, format=_FORMAT, write_content_size=True, write_dict_id=False
    )
    compressor = zstandard.ZstdCompressor(compression_params=parameters, dict_data=_dictionary(dictionary))
    frames = [compressor.compress(text) for text in texts]
    return {
        "stored": np.frombuffer(b"".join(frames), np.uint8),
        "stored.offsets": shrink(np.cumsum([0, *map(len, frames)], dtype=np.int64)),
        "stored.dictionary": np.frombuffer(dictionary, np.uint8),
    }


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

    def __init__(self, data: _File, offsets: _File, dictionary: _File) -> None:
        self._data = data
        self._offsets = offsets
        self._dictionary = dictionary
        self._own = threading.local()  # a decompressor serves one thread at a time

    def __getitem__(self, paragraph: int) -> bytes:
        """The UTF-8 text of one paragraph."""
        frame = self._data[self._offsets.at(paragraph) : self._offsets.at(paragraph + 1)].tobytes()
        try:
            if zstandard.get_frame_parameters(frame, format=_FORMAT).content_size > _LARGEST:
                raise self._damaged(paragraph)
            return self._decompressor.decompress(frame)
        except zstandard.ZstdError as error:
            raise self._damaged(paragraph) from error

    def __iter__(self) -> Iterator[bytes]:
        return (self[paragraph] for paragraph in range(len(self._offsets) - 1))

    @property
    def _decompressor(self) -> zstandard.ZstdDecompressor:
        found: zstandard.ZstdDecompressor | None = getattr(self._own, "decompressor", None)
        if found is None:
            dictionary = _dictionary(self._dictionary.all.tobytes())
            found = self._own.decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, format=_FORMAT)
        return found

    def _damaged(self, paragraph: int) -> DamagedIndexError:
        return DamagedIndexError(f"{self._data.path}: text {paragraph} is damaged; run `searchkit rebuild`")
