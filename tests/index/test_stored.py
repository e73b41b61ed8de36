"""Stored texts: every text comes back, and a frame that is not what was written does not."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import zstandard
from corpora import QUICK, examples
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import DamagedIndexError
from searchkit.index.arrays import write_array
from searchkit.index.format import ArrayFile, Strings, strings_arrays
from searchkit.index.stored import StoredTexts, pack_texts

#: Enough text, with enough in common, for a dictionary.
MANY = [
    f"Paragraph {n} tells of missiles, tanks and the ministry of defence of country {n % 7}".encode()
    for n in range(2000)
]


def stored(folder: Path, arrays: dict) -> StoredTexts:
    opened = {name: ArrayFile(folder / name, write_array(folder / name, array)) for name, array in arrays.items()}
    dictionaries = Strings(opened["stored.dictionaries"], opened["stored.dictionaries.offsets"])
    return StoredTexts(opened["stored"], opened["stored.offsets"], opened["stored.parts"], dictionaries)


@examples(60)
@given(st.lists(st.binary(max_size=20), max_size=100) | st.lists(st.binary(max_size=3000), max_size=50))
def test_texts_come_back(texts: list[bytes]):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        found = stored(Path(folder), pack_texts(texts))
        assert list(found) == texts
        assert [found[i] for i in range(len(texts))] == texts


def test_texts_with_much_in_common_have_a_dictionary_and_come_back_in_any_thread(tmp_path: Path):
    arrays = pack_texts(MANY)
    assert len(arrays["stored.dictionaries"])
    assert len(arrays["stored"]) < sum(map(len, MANY)) / 4
    found = stored(tmp_path, arrays)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(found.__getitem__, range(len(MANY)))) == MANY


def test_texts_with_nothing_in_common_do_without(tmp_path: Path):
    alike = [b"x" * 40] * 2000
    assert list(stored(tmp_path, pack_texts(alike))) == alike


def _compressed(text: bytes, **options: bool) -> np.ndarray:
    parameters = zstandard.ZstdCompressionParameters(format=zstandard.FORMAT_ZSTD1_MAGICLESS, **options)
    return np.frombuffer(zstandard.ZstdCompressor(compression_params=parameters).compress(text), np.uint8)


FRAMES = {
    "of unknown size": _compressed(bytes(1 << 24), write_content_size=False),
    "of a size past all reason": np.frombuffer(b"\xe0" + (1 << 40).to_bytes(8, "little") + b"\1\0\0", np.uint8),
    "cut short": _compressed(b"abcdef" * 9, write_content_size=True)[:-3],
    "none": np.zeros(20, np.uint8),
    "empty": np.zeros(0, np.uint8),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_that_is_no_text_is_damage(tmp_path: Path, frame: np.ndarray):
    arrays = {**pack_texts([b"abcdef"]), "stored": frame, "stored.offsets": np.array([0, len(frame)], np.uint64)}
    with pytest.raises(DamagedIndexError, match="text 0 is damaged; run `searchkit rebuild`"):
        stored(tmp_path, arrays)[0]


def test_a_dictionary_that_is_none_is_damage(tmp_path: Path):
    arrays = {**pack_texts(MANY), **strings_arrays("stored.dictionaries", [b"\x37\xa4\x30\xec" + b"?" * 99])}
    with pytest.raises(DamagedIndexError):
        stored(tmp_path, arrays)[0]
