from __future__ import annotations

import gzip
import lzma
import os
import random
from functools import partial
from pathlib import Path

import pytest

from searchkit.errors import InputError
from searchkit.ingest import streams
from searchkit.ingest.discover import SourceFile, classify
from searchkit.ingest.streams import opened, read_all

# Partly incompressible, and the same in every worker: the data are parameters.
DATA = random.Random(1).randbytes(1000) + b"text " * 50_000  # noqa: S311 - nothing secret
zipped = partial(gzip.compress, mtime=0)


def source(path: Path) -> SourceFile:
    return SourceFile(path, path.name, path.name, "text", classify(path.name)[1], 0)


def content(path: Path) -> bytes:
    with opened(source(path)) as stream:
        return read_all(stream)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", DATA),
        ("a.txt.gz", zipped(DATA)),
        ("a.txt.gz", zipped(DATA[:7]) + zipped(DATA[7:])),
        ("a.txt.xz", lzma.compress(DATA)),
        (
            "a.txt.xz",
            lzma.compress(DATA[:7]) + bytes(8) + lzma.compress(DATA[7:9]) + lzma.compress(DATA[9:]) + bytes(4),
        ),
        ("a.txt.xz", lzma.compress(DATA, lzma.FORMAT_ALONE)),
    ],
)
def test_content(tmp_path: Path, name: str, data: bytes):
    (tmp_path / name).write_bytes(data)
    assert content(tmp_path / name) == DATA


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.gz", b"not gzip"),
        ("a.gz", zipped(DATA)[:-20]),
        ("a.gz", zipped(DATA)[:500] + b"\xff" * 500),
        ("a.gz", zipped(DATA) + b"trailing"),
        ("a.xz", b"not xz"),
        ("a.xz", b""),
        ("a.xz", lzma.compress(DATA)[:-20]),
        ("a.xz", lzma.compress(DATA)[:500] + b"\xff" * 500),
        ("a.xz", lzma.compress(DATA) + b"trailing"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, name: str, data: bytes):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=f"damaged .{name[2:]} file"):
        content(tmp_path / name)


def test_an_xz_file_cannot_ask_for_all_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.xz").write_bytes(lzma.compress(DATA))
    monkeypatch.setattr(streams, "MAX_XZ_MEMORY", 1 << 20)
    with pytest.raises(InputError, match="emory"):
        content(tmp_path / "a.xz")


def test_more_than_the_limit_is_refused(tmp_path: Path):
    (tmp_path / "a.gz").write_bytes(zipped(bytes(3_000_000)))
    with opened(source(tmp_path / "a.gz")) as stream, pytest.raises(InputError, match="longer than 2 MB"):
        read_all(stream, 2_000_000)


def test_what_is_no_file_any_more_is_refused(tmp_path: Path):
    (tmp_path / "gone.txt").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "a.txt").write_text("secret")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "folder.txt").mkdir()
    for name, reason in (("gone", "no such file"), ("pipe", "not a regular"), ("link", "link"), ("folder", "regular")):
        with pytest.raises(InputError, match=reason):
            content(tmp_path / f"{name}.txt")


def test_progress_counts_the_bytes_on_disk(tmp_path: Path):
    path = tmp_path / "a.gz"
    path.write_bytes(zipped(DATA))
    counts: list[int] = []
    with opened(source(path), counts.append) as stream:
        read_all(stream)
    assert sum(counts) == path.stat().st_size
