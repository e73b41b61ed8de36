"""Generations: published whole or not at all, held by readers, collected when nobody needs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpora import document, write

from searchkit.errors import DamagedIndexError, FormatError, IndexWriteError, LockedError, NoIndexError
from searchkit.index.format import FORMAT_VERSION, pack_json, unpack_json
from searchkit.index.manifest import (
    CURRENT,
    LOCK,
    SEGMENTS,
    Manifest,
    SegmentEntry,
    collect,
    current_name,
    hold_current,
    load_manifest,
    publish,
    writer_lock,
)
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter

HOLDER = """
import sys, pathlib
from searchkit.index.manifest import writer_lock
with writer_lock(pathlib.Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def entry(name: str = "aa", **more: object) -> SegmentEntry:
    return SegmentEntry(name, 3, 2, **more)  # type: ignore[arg-type]


def rewrite(directory: Path, **changes: object) -> None:
    """Change what the current manifest says, with a checksum that fits: the work of an enemy."""
    path = directory / str(current_name(directory))
    path.write_bytes(pack_json(unpack_json(path) | changes))


def test_a_manifest_comes_back(tmp_path: Path):
    deleted = {"file": "deleted-00000007-aa.npy", "bytes": 1, "crc32": [1], "paragraphs": 1, "documents": 1}
    manifest = Manifest(7, (entry(), entry("bb", deleted=deleted)), "print", ("a", "é"))
    publish(tmp_path, manifest)
    assert load_manifest(tmp_path / str(current_name(tmp_path))) == manifest
    assert [one.live_paragraphs for one in manifest.segments] == [3, 2]
    assert [one.live_documents for one in manifest.segments] == [2, 1]


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 0, None, "1"])
def test_another_version_is_named(tmp_path: Path, version: object):
    write(tmp_path, document("a", "x"))
    rewrite(tmp_path, format_version=version)
    with pytest.raises(FormatError, match=r"searchkit rebuild"):
        Snapshot.open(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"segments": None},
        {"segments": [1]},
        {"segments": [{}]},
        {"segments": [{"name": "aa", "paragraphs": "many", "documents": 1, "deleted": None}]},
        {"generation": "x"},
        {"sources": 1},
        *(
            {"segments": [{"name": name, "paragraphs": 1, "documents": 1, "deleted": None}]}
            for name in ("../x", "/etc", "", ".", "..", "a/b", "a\\b", "a\0b", 7, None, "-")
        ),
        *(
            {"segments": [{"name": "aa", "paragraphs": 1, "documents": 1, "deleted": deleted}]}
            for deleted in (
                {"file": "../../../etc/passwd", "bytes": 1, "crc32": [0], "paragraphs": 0, "documents": 0},
                {"file": "/etc/passwd", "bytes": 1, "crc32": [0], "paragraphs": 0, "documents": 0},
                {"file": "deleted-1.npy", "bytes": 1, "crc32": [0]},
                {"file": "deleted-1.npy", "bytes": 1, "crc32": [0], "paragraphs": "x", "documents": 0},
                {"file": None, "bytes": 1, "crc32": [0], "paragraphs": 0, "documents": 0},
                [1],
                "x",
            )
        ),
    ],
)
def test_a_hostile_manifest_is_damage(tmp_path: Path, changes: dict[str, object]):
    write(tmp_path, document("a", "x"))
    rewrite(tmp_path, **changes)
    with pytest.raises(DamagedIndexError, match="manifest"):
        load_manifest(tmp_path / str(current_name(tmp_path)))


@pytest.mark.parametrize(
    "content", [b"", b"x", b"../manifest-1.json", b"manifest-1/../../x", b"manifest-\xff", b"manifest-9.json"]
)
def test_a_hostile_current_is_damage(tmp_path: Path, content: bytes):
    write(tmp_path, document("a", "x"))
    (tmp_path / CURRENT).write_bytes(content)
    with pytest.raises(DamagedIndexError):
        hold_current(tmp_path)


def test_no_index(tmp_path: Path):
    for directory in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoIndexError, match="searchkit index PATH"):
            hold_current(directory)
    (tmp_path / "README.md").write_text("only this")
    with pytest.raises(NoIndexError):
        hold_current(tmp_path)
    with pytest.raises(NoIndexError):
        hold_current(tmp_path / "README.md")


def test_a_held_generation_stays(tmp_path: Path):
    write(tmp_path, document("a", "x"))
    held = Snapshot.open(tmp_path)
    old = {path for path in tmp_path.rglob("*") if path.is_file()} - {tmp_path / CURRENT, tmp_path / LOCK}
    for number in range(4):
        write(tmp_path, document("a", f"y{number}"))
    assert all(path.exists() for path in old)
    assert held.document(0).paragraphs[0].text == "x"
    held.close()
    write(tmp_path, document("a", "z"))
    assert not any(path.exists() for path in old)


def test_only_two_generations_are_kept(tmp_path: Path):
    for number in range(5):
        write(tmp_path, document("a", f"x{number}"), document(f"b{number}", "y"))
    assert len(list(tmp_path.glob("manifest-*.json"))) == 2
    current, previous = (load_manifest(path) for path in sorted(tmp_path.glob("manifest-*.json"), reverse=True))
    assert (current.generation, previous.generation) == (5, 4)
    named = {one.name for one in (*current.segments, *previous.segments)}
    assert {path.name for path in (tmp_path / SEGMENTS).iterdir()} == named
    deletions = {one.deleted["file"] for one in (*current.segments, *previous.segments) if one.deleted}
    assert {path.name for path in tmp_path.glob("deleted-*")} == deletions
    assert deletions


def test_what_was_never_committed_is_collected(tmp_path: Path):
    write(tmp_path, document("a", "x"))
    (tmp_path / SEGMENTS / "feed").mkdir()
    (tmp_path / SEGMENTS / "feed" / "x.npy").write_bytes(b"1")
    (tmp_path / "deleted-00000009-feed.npy").write_bytes(b"1")
    (tmp_path / "manifest-00000099.json").write_bytes(b"half a mani")
    collect(tmp_path, load_manifest(tmp_path / str(current_name(tmp_path))))
    assert {path.name for path in tmp_path.iterdir()} == {CURRENT, LOCK, SEGMENTS, "manifest-00000001.json"}
    assert len(list((tmp_path / SEGMENTS).iterdir())) == 1


def test_one_writer(tmp_path: Path):
    with (
        writer_lock(tmp_path),
        pytest.raises(LockedError, match=f"process {os.getpid()} ") as caught,
        writer_lock(tmp_path),
    ):
        pass
    assert caught.value.exit_code == 6
    with writer_lock(tmp_path):
        pass


def test_a_lock_file_of_nonsense_names_another_process(tmp_path: Path):
    with writer_lock(tmp_path):
        for content in (b"", b"[1]", b"{}", b"\xff"):
            (tmp_path / LOCK).write_bytes(content)
            with pytest.raises(LockedError, match="another process"), writer_lock(tmp_path):
                pass


def test_a_lock_dies_with_its_holder(tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(LockedError, match=f"process {holder.pid} "), IndexWriter(tmp_path):
            pass
        holder.kill()
        holder.wait()
    assert json.loads((tmp_path / LOCK).read_text())["pid"] == holder.pid
    with IndexWriter(tmp_path):
        pass


def test_a_folder_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexWriteError, match="cannot write to"), writer_lock(tmp_path / "file"):
        pass
