"""Arrays that are written piece by piece are those that are written at once."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import numpy as np
import pytest
from corpora import QUICK
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import IndexWriteError
from searchkit.index import arrays
from searchkit.index.arrays import ArrayWriter, OffsetsWriter, scratch, write_array
from searchkit.index.format import ArrayFile, shrink

NUMBERS = st.one_of(
    st.integers(0, 300), st.integers(0, 1 << 17), st.integers(0, 1 << 40), st.integers(0, (1 << 63) - 1)
)


@given(st.lists(st.lists(NUMBERS)))
def test_pieces_are_written_in_the_smallest_type(pieces: list[list[int]]):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_AGAIN", 3)
        whole, path = Path(folder) / "whole.npy", Path(folder) / "pieces.npy"
        entry = write_array(whole, shrink(np.array([one for piece in pieces for one in piece], np.int64)))
        with ArrayWriter(path) as writer:
            for piece in pieces:
                writer.append(np.array(piece, np.int64))
            assert writer.end() == entry
        assert path.read_bytes() == whole.read_bytes()
        assert sorted(Path(folder).iterdir()) == [path, whole]


@given(st.lists(st.lists(st.integers(0, 1000))))
def test_sizes_become_offsets(pieces: list[list[int]]):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        path = Path(folder) / "offsets.npy"
        with ArrayWriter(path) as writer:
            offsets = OffsetsWriter(writer)
            for piece in pieces:
                offsets.append(np.array(piece, np.int64))
            entry = writer.end()
        sizes = [size for piece in pieces for size in piece]
        assert ArrayFile(path, entry).all.tolist() == np.cumsum([0, *sizes]).tolist()
        assert offsets.count == len(sizes)


def test_a_scratch_array_leaves_no_file(tmp_path: Path):
    array = scratch(tmp_path, 100_000, np.int32)
    assert not array.any()
    array[:] = np.arange(len(array))
    assert int(array[-1]) == len(array) - 1
    assert not len(scratch(tmp_path, 0, np.int32))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Full:
        def __init__(self, **_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    with pytest.raises(IndexWriteError, match="No space left"):
        scratch(tmp_path, 1, np.uint8)
