"""Stored texts: every text comes back, and a frame that is not what was written does not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import zstandard
from corpora import QUICK, examples
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import DamagedIndexError
from searchkit.index.format import ArrayFile, write_array
from searchkit.index.stored import FRAME, StoredTexts, pack_texts


def stored(folder: Path, arrays: dict) -> StoredTexts:
    opened = {name: ArrayFile(folder / name, write_array(folder / name, array)) for name, array in arrays.items()}
    return StoredTexts(opened["stored"], opened["stored.offsets"], opened["stored.sizes"])


@examples(60)
@given(st.lists(st.binary(max_size=20), max_size=3 * FRAME))
def test_texts_come_back(texts: list[bytes]):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        found = stored(Path(folder), pack_texts(texts))
        assert list(found) == texts
        assert [found[i] for i in range(len(texts))] == texts


@pytest.mark.parametrize("size", [5, 7, 1 << 40])
def test_a_frame_of_another_size_is_damage(tmp_path: Path, size: int):
    arrays = pack_texts([b"abcdef"])
    arrays["stored.sizes"] = np.array([size], np.uint64)
    with pytest.raises(DamagedIndexError, match="searchkit rebuild"):
        stored(tmp_path, arrays)[0]


def test_a_frame_that_claims_less_than_it_holds_is_damage(tmp_path: Path):
    bomb = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(1 << 24))
    arrays = pack_texts([b"abcdef"])
    arrays["stored"] = np.frombuffer(bomb, np.uint8)
    arrays["stored.offsets"] = np.array([0, len(bomb)], np.uint64)
    with pytest.raises(DamagedIndexError):
        stored(tmp_path, arrays)[0]


def test_a_frame_that_is_none_is_damage(tmp_path: Path):
    arrays = pack_texts([b"abcdef"])
    arrays["stored"] = np.zeros(20, np.uint8)
    with pytest.raises(DamagedIndexError):
        stored(tmp_path, arrays)[0]
