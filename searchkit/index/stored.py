"""Stored text: paragraphs compressed in frames of `FRAME` with Zstandard, read one frame at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import zstandard

from searchkit.errors import DamagedIndexError
from searchkit.index.format import Array, ArrayFile, shrink

#: Paragraphs per frame: larger compresses better, smaller is quicker to read for a single hit.
FRAME: Final = 32
_LEVEL: Final = 3
#: A frame never holds more than this, so that a hostile index cannot make a reader fill the memory.
_LARGEST: Final = 1 << 28


def pack_texts(texts: Sequence[bytes]) -> dict[str, Array]:
    """The arrays `stored`, `stored.offsets` (of frames) and `stored.sizes` (bytes of each paragraph)."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True)
    frames = [compressor.compress(b"".join(texts[at : at + FRAME])) for at in range(0, len(texts), FRAME)]
    ends = np.cumsum([0, *map(len, frames)], dtype=np.int64)
    return {
        "stored": np.frombuffer(b"".join(frames), np.uint8),
        "stored.offsets": shrink(ends),
        "stored.sizes": shrink(np.fromiter(map(len, texts), np.int64, len(texts))),
    }


class StoredTexts:
    """The texts of a segment's paragraphs."""

    def __init__(self, data: ArrayFile, offsets: ArrayFile, sizes: ArrayFile) -> None:
        self._data = data
        self._offsets = offsets
        self._sizes = sizes
        self._frame = lru_cache(maxsize=64)(self._read)

    def __getitem__(self, paragraph: int) -> bytes:
        """The UTF-8 text of one paragraph."""
        frame, at = divmod(paragraph, FRAME)
        return self._frame(frame)[at]

    def __iter__(self) -> Iterator[bytes]:
        for frame in range(len(self._offsets) - 1):
            yield from self._read(frame)

    def _read(self, frame: int) -> list[bytes]:
        start, end = self._offsets[frame : frame + 2].tolist()
        sizes = self._sizes[frame * FRAME : (frame + 1) * FRAME].astype(np.int64)
        expected = int(sizes.sum())
        if expected == 0:
            return [b""] * len(sizes)
        compressed = self._data[start:end].tobytes()
        try:
            if expected > _LARGEST or zstandard.frame_content_size(compressed) != expected:
                raise DamagedIndexError(f"stored frame {frame} is damaged; run `searchkit rebuild`")
            text = zstandard.ZstdDecompressor().decompress(compressed)
        except zstandard.ZstdError as error:
            raise DamagedIndexError(f"stored frame {frame} is damaged; run `searchkit rebuild`") from error
        ends = np.cumsum(sizes).tolist()
        return [text[end - size : end] for size, end in zip(sizes.tolist(), ends, strict=True)]
