"""Files: what is written comes back, and what is not what was written is never given out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from corpora import document, examples, write
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import DamagedIndexError, IndexWriteError
from searchkit.index import format as files
from searchkit.index.arrays import write_array
from searchkit.index.format import ArrayFile, BlockFile, Strings

COLUMN = st.lists(st.none() | st.text(max_size=5), max_size=20)


def stored(folder: Path, name: str, array: np.ndarray) -> ArrayFile:
    path = folder / f"{name}.npy"
    return ArrayFile(path, write_array(path, array))


def strings(folder: Path, column: list) -> Strings:
    arrays = files.strings_arrays("s", column)
    return Strings(stored(folder, "s", arrays["s"]), stored(folder, "s.offsets", arrays["s.offsets"]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.uint64, np.int32, np.int64, bool])
@pytest.mark.parametrize("count", [0, 1, 3, 100_000])
def test_arrays_come_back(tmp_path: Path, dtype: type, count: int):
    array = np.arange(count).astype(dtype)
    file = stored(tmp_path, "a", array)
    assert len(file) == count
    np.testing.assert_array_equal(file.all, array)
    assert file.all.dtype == array.dtype
    np.testing.assert_array_equal(file[1:2], array[1:2])
    assert len(file[count:]) == 0


def test_a_file_is_written_once(tmp_path: Path):
    files.write_bytes(tmp_path / "a", b"1")
    with pytest.raises(IndexWriteError, match="nothing was committed"):
        files.write_bytes(tmp_path / "a", b"2")
    assert (tmp_path / "a").read_bytes() == b"1"


def test_objects_are_not_written(tmp_path: Path):
    with pytest.raises(ValueError, match="pickle"):
        write_array(tmp_path / "a.npy", np.array([{}]))


@pytest.mark.parametrize("array", [np.array([{}]), np.zeros((2, 2)), np.array(1)], ids=["objects", "matrix", "scalar"])
def test_a_file_of_something_else_is_damaged(tmp_path: Path, array: np.ndarray):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    entry = files.write_bytes(tmp_path / "a.npy", buffer.getvalue())
    with pytest.raises(DamagedIndexError, match=r"a\.npy is damaged"):
        ArrayFile(tmp_path / "a.npy", entry)


def test_every_flipped_byte_is_found(tmp_path: Path):
    entry = write_array(tmp_path / "a.npy", np.arange(50, dtype=np.uint16))
    whole = (tmp_path / "a.npy").read_bytes()
    for at in range(len(whole)):
        (tmp_path / "b.npy").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(DamagedIndexError):
            _ = ArrayFile(tmp_path / "b.npy", entry).all


def test_every_truncation_is_found_at_opening(tmp_path: Path):
    entry = write_array(tmp_path / "a.npy", np.arange(50, dtype=np.uint16))
    whole = (tmp_path / "a.npy").read_bytes()
    for size in range(len(whole)):
        (tmp_path / "b.npy").write_bytes(whole[:size])
        with pytest.raises(DamagedIndexError):
            ArrayFile(tmp_path / "b.npy", entry)


def test_only_the_blocks_that_are_used_are_verified(tmp_path: Path):
    data = bytes(3 * files.BLOCK_BYTES + 5)
    entry = files.write_bytes(tmp_path / "a", data)
    assert len(entry["crc32"]) == 4
    (tmp_path / "b").write_bytes(data[: 2 * files.BLOCK_BYTES] + b"\x01" + data[2 * files.BLOCK_BYTES + 1 :])
    file = BlockFile(tmp_path / "b", entry)
    assert file.read(0, 2 * files.BLOCK_BYTES) == data[: 2 * files.BLOCK_BYTES]
    assert file.read(len(data) - 5, len(data)) == bytes(5)
    for start, end in ((2 * files.BLOCK_BYTES, 2 * files.BLOCK_BYTES + 1), (0, len(data))):
        with pytest.raises(DamagedIndexError):
            file.read(start, end)


def test_a_listing_of_too_few_checksums_is_damage(tmp_path: Path):
    entry = files.write_bytes(tmp_path / "a", bytes(files.BLOCK_BYTES + 1))
    with pytest.raises(DamagedIndexError):
        BlockFile(tmp_path / "a", entry | {"crc32": entry["crc32"][:1]}).read(0, files.BLOCK_BYTES + 1)


@pytest.mark.parametrize("entry", [{}, {"bytes": "many", "crc32": []}, {"bytes": None, "crc32": []}, {"bytes": 1}])
def test_an_entry_that_says_nothing_is_damage(tmp_path: Path, entry: dict):
    files.write_bytes(tmp_path / "a", b"1")
    with pytest.raises(DamagedIndexError):
        BlockFile(tmp_path / "a", entry).read(0, 1)


def test_json_carries_its_checksum(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_bytes(files.pack_json({"a": "é\n", "b": [1, None]}))
    assert files.unpack_json(path) == {"a": "é\n", "b": [1, None]}
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        with pytest.raises(DamagedIndexError):
            files.unpack_json(path)


@pytest.mark.parametrize("body", [b"", b"\n", b"0", b"zz\n{}", b"00000000\n{}", b"%08x\n[]" % crc32(b"[]")])
def test_what_is_no_description_is_damage(tmp_path: Path, body: bytes):
    (tmp_path / "x.json").write_bytes(body)
    with pytest.raises(DamagedIndexError):
        files.unpack_json(tmp_path / "x.json")


def test_json_too_deep_is_damage(tmp_path: Path):
    body = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    (tmp_path / "x.json").write_bytes(b"%08x\n%s\n" % (crc32(body), body))
    with pytest.raises(DamagedIndexError):
        files.unpack_json(tmp_path / "x.json")
    with pytest.raises(DamagedIndexError):
        files.unpack_json(tmp_path / "missing.json")


def test_a_file_is_replaced_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files.replace_file(tmp_path / "a", b"1")
    (tmp_path / "a.new").write_bytes(b"left by one that was killed")
    files.replace_file(tmp_path / "a", b"2")
    assert (tmp_path / "a").read_bytes() == b"2"

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(IndexWriteError, match="Input/output error"):
        files.replace_file(tmp_path / "a", b"3")
    assert (tmp_path / "a").read_bytes() == b"2"


@examples(100)
@given(COLUMN)
def test_strings_come_back(tmp_path_factory: pytest.TempPathFactory, column: list[str | None]):
    found = strings(tmp_path_factory.mktemp("s"), column)
    assert [found.optional(i) for i in range(len(found))] == column
    assert list(found) == [Strings.NONE if text is None else text.encode() for text in column]


@examples(200)
@given(st.lists(st.binary(max_size=3), max_size=20), st.lists(st.binary(max_size=3), max_size=5))
def test_sorted_strings_are_found(tmp_path_factory: pytest.TempPathFactory, some: list[bytes], wanted: list[bytes]):
    column = sorted(some)
    found = strings(tmp_path_factory.mktemp("s"), column)
    for text in [*wanted, *some, b"", b"\xff", b"\xff\xff"]:
        assert found.find(text) == sum(one < text for one in column)
        assert (found.index(text) >= 0) == (text in column)
        assert [column[i] for i in found.prefixed(text)] == [one for one in column if one.startswith(text)]


@pytest.mark.parametrize(
    ("top", "dtype"), [(255, np.uint8), (256, np.uint16), (1 << 16, np.uint32), (1 << 32, np.uint64)]
)
def test_numbers_are_shrunk(top: int, dtype: type):
    shrunk = files.shrink(np.array([0, top], np.int64))
    assert shrunk.dtype == dtype
    assert shrunk.tolist() == [0, top]


def test_listings_are_plain_json(tmp_path: Path):
    assert json.loads(json.dumps(files.write_bytes(tmp_path / "a", b"1"))) == {"bytes": 1, "crc32": [crc32(b"1")]}


LIMITED = """
import resource, sys
from pathlib import Path
from searchkit.errors import SearchkitError
from searchkit.index.check import check
soft, hard = map(int, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
try:
    print(check(Path(sys.argv[1])))
except SearchkitError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize(("hard", "said"), [(500, "[]"), (30, "SearchkitError the index has more files than the 30")])
def test_an_index_of_more_files_than_a_process_may_open(tmp_path: Path, hard: int, said: str):
    """It asks for more, and says that it cannot get them; it never takes that for damage."""
    write(tmp_path, document("a", "text"))
    command = [sys.executable, "-c", LIMITED, str(tmp_path), "30", str(hard)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.startswith(said), told
