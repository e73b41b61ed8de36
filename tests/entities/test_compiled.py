"""Compiled tables on disk: read as written, and nothing else is believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities import compiled

ARRAYS = {
    "numbers": np.arange(10, dtype=np.int32),
    "none": np.zeros(0, np.int64),
    "text": compiled.text(["Kyïv", "", "x"]),
}


def test_what_is_read_is_what_was_written(tmp_path):
    compiled.keep(tmp_path / "new", "one", ARRAYS)
    read = compiled.read(tmp_path / "new", "one")
    assert read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype
        assert read[name].tolist() == array.tolist()
    assert compiled.lines(read["text"]) == ["Kyïv", "", "x"]
    assert compiled.read(tmp_path / "new", "other") is None


@given(st.data())
def test_a_flipped_bit_or_a_lost_end_is_noticed(data):
    content = bytearray(compiled.pack(ARRAYS))
    place = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ValueError, match="digest"):
        compiled.unpack(bytes(content[:place]))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ValueError, match="digest"):
        compiled.unpack(bytes(content))


def test_the_last_few_files_stay(tmp_path):
    for number in range(40):
        compiled.keep(tmp_path, str(number), ARRAYS)
    assert 0 < len(list(tmp_path.iterdir())) < 40
    assert compiled.read(tmp_path, "39") is not None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").touch()
    compiled.keep(tmp_path / "file" / "folder", "one", ARRAYS)
    assert compiled.read(tmp_path / "file" / "folder", "one") is None
