"""Cutting files of records: nothing is lost, nothing is read twice, and lines keep their numbers."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit import ingest
from searchkit.ingest import SourceFile
from searchkit.ingest.parts import split


def source(path: Path) -> SourceFile:
    (found,) = ingest.discover([path], base=path.parent)
    assert isinstance(found, SourceFile)
    return found


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 60), st.booleans())
def test_the_parts_are_the_file(widths: list[int], size: int, ended: bool):
    lines = [b"x" * width + b"\n" for width in widths]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(b"".join(lines) + b"y" * (not ended))
        data = path.read_bytes()
        parts = list(split(source(path), size))
        whole = len(parts) == 1 and parts[0].end is None
        assert whole or b"".join(data[part.start : part.end] for part in parts) == data
        for part in parts:
            assert part.line == data[: part.start].count(b"\n") + 1
            assert part.start == 0 or data[part.start - 1 : part.start] == b"\n"
            assert part.size == (len(data) if part.end is None else part.end - part.start)


def test_a_part_of_two_lines_can_always_be_cut(tmp_path: Path):
    for data in (b"{}\n" + b"x" * 50 + b"\n", b"x" * 50 + b"\n{}\n"):
        path = tmp_path / "a.jsonl"
        path.write_bytes(data)
        found = source(path)
        assert len(list(split(found, found.size // 2))) == 2


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl.gz", "b.jsonl"])
def test_what_has_to_be_read_from_its_beginning_is_not_cut(tmp_path: Path, name: str):
    text = "{}\n" * 100
    data = (
        gzip.compress(text.encode(), 0) if name.endswith("gz") else text.encode("utf-16" if name[0] == "b" else "utf-8")
    )
    (tmp_path / name).write_bytes(data)
    assert [part.end for part in split(source(tmp_path / name), 50)] == [None]


def test_a_part_is_not_read_from_a_file_that_changed(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n{"text": "two"}\n')
    first, second = split(source(path), 16)
    assert [one.identity for one in ingest.read(second)] == [f"{path.name}#2"]  # type: ignore[union-attr]
    path.write_text('{"text": "once more"}\n{"text": "two"}\n')
    assert [one.reason for one in ingest.read(second)] == ["it changed while it was read; index it again"]  # type: ignore[union-attr]
    path.write_text("")
    assert [one.reason for one in ingest.read(first)] == ["it changed while it was read; index it again"]  # type: ignore[union-attr]
