"""The writer: adds, replaces, removes, commits; a disk that refuses and a kill leave the old generation."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from corpora import VALUES, document, labels, write

from searchkit.errors import IndexWriteError, NoIndexError
from searchkit.index import writer as writing
from searchkit.index.check import check
from searchkit.index.manifest import CURRENT, SEGMENTS, current_name, load_manifest
from searchkit.index.snapshot import Snapshot
from searchkit.index.writer import IndexWriter, compact

#: How many writers are killed, or disks made to fail; more where the environment says so.
POINTS = int(os.environ.get("SEARCHKIT_EXAMPLES", "0")) // 10


def contents(directory: Path) -> dict[str, list[str]]:
    """Identity -> texts of every live document."""
    snapshot = Snapshot.open(directory)
    try:
        found = {}
        for segment, base in zip(snapshot.segments, snapshot.bases, strict=False):
            for one in segment.alive_documents.tolist():
                stored = snapshot.document(base + segment.paragraphs_of(one).start)
                found[stored.identity] = [paragraph.text for paragraph in stored.paragraphs]
        return found
    finally:
        snapshot.close()


def test_add_replace_remove(tmp_path: Path):
    with IndexWriter(tmp_path) as writer:
        writer.add(document("a", "one"), [{}])
        writer.add(document("b", "two"), [{}])
        writer.add(document("a", "three"), [{}])
        writer.remove("b")
        writer.remove("missing")
        assert list(writer.documents) == ["a"]
        assert (writer.document_count, writer.paragraph_count) == (0, 0)
        assert writer.commit() == 1
        assert (writer.document_count, writer.paragraph_count) == (1, 1)
        writer.add(document("a", "four", "five"), [{}] * 2)
        writer.add(document("c", "six"), [{}])
        assert writer.commit() == 2
        writer.remove("c")
        assert writer.commit() == 3
    assert contents(tmp_path) == {"a": ["four", "five"]}


def test_what_is_not_committed_never_was(tmp_path: Path):
    write(tmp_path, document("a", "one"))
    before = sorted(tmp_path.rglob("*"))
    with IndexWriter(tmp_path, memory=1) as writer:
        writer.add(document("b", "two"), [{}])
        writer.remove("a")
    assert sorted(tmp_path.rglob("*")) == before
    assert contents(tmp_path) == {"a": ["one"]}


def test_a_commit_of_nothing_makes_no_generation(tmp_path: Path):
    write(tmp_path, document("a", "one"))
    with IndexWriter(tmp_path) as writer:
        writer.remove("missing")
        assert writer.commit() == 1
        assert writer.commit(compact=True) == 1
        writer.extraction = writer.extraction
        assert writer.commit() == 1
        writer.extraction = "new"
        writer.sources = ["seeds"]
        assert writer.commit() == 2
    with IndexWriter(tmp_path) as writer:
        assert (writer.extraction, writer.sources) == ("new", ("seeds",))


def test_fresh_starts_from_nothing_and_readers_keep_the_old(tmp_path: Path):
    write(tmp_path, document("a", "one"))
    reader = Snapshot.open(tmp_path)
    with IndexWriter(tmp_path, fresh=True) as writer:
        assert dict(writer.documents) == {}
        writer.add(document("b", "two"), [{}])
        assert contents(tmp_path) == {"a": ["one"]}
        assert writer.commit() == 2
    assert reader.document(0).identity == "a"
    reader.close()
    assert contents(tmp_path) == {"b": ["two"]}


@pytest.mark.parametrize("damage", ["current", "manifest", "segment"])
def test_fresh_repairs_what_is_damaged(tmp_path: Path, damage: str):
    write(tmp_path, document("a", "one"))
    name = str(current_name(tmp_path))
    victim = {
        "current": tmp_path / CURRENT,
        "manifest": tmp_path / name,
        "segment": next((tmp_path / SEGMENTS).glob("*/segment.json")),
    }[damage]
    victim.write_bytes(b"rubbish")
    with IndexWriter(tmp_path, fresh=True) as writer:
        writer.add(document("b", "two"), [{}])
        writer.commit()
    assert contents(tmp_path) == {"b": ["two"]}
    assert check(tmp_path) == []


def test_compact(tmp_path: Path):
    with pytest.raises(NoIndexError):
        compact(tmp_path)
    for name in "abc":
        write(tmp_path, document(name, name))
    with IndexWriter(tmp_path) as writer:
        writer.remove("a")
        writer.commit()
    done = compact(tmp_path)
    assert (done.generation, done.segments_before, done.segments, done.dropped, done.paragraphs) == (5, 2, 1, 0, 2)
    assert len(list((tmp_path / SEGMENTS).iterdir())) == len(list(tmp_path.glob("manifest-*"))) == 1
    snapshot = Snapshot.open(tmp_path)
    assert [(one.paragraph_count, one.deleted) for one in snapshot.segments] == [(2, None)]
    snapshot.close()
    with IndexWriter(tmp_path) as writer:
        writer.remove("b")
        writer.remove("c")
        writer.commit(compact=True)
    assert contents(tmp_path) == {}
    assert compact(tmp_path).generation == 6


def test_small_segments_are_merged(tmp_path: Path):
    for number in range(2 * writing.MERGE_FACTOR):
        write(tmp_path, document(str(number), "x"))
    snapshot = Snapshot.open(tmp_path)
    assert len(snapshot.segments) <= writing.MERGE_FACTOR
    snapshot.close()
    assert len(contents(tmp_path)) == 2 * writing.MERGE_FACTOR


def test_one_commit_leaves_one_segment_whatever_their_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "MERGE_FACTOR", 2)
    with IndexWriter(tmp_path, memory=1) as writer:  # each document is a segment
        for number, size in enumerate((1, 8, 1)):
            writer.add(document(str(number), *["x"] * size), [{}] * size)
        writer.commit()
    snapshot = Snapshot.open(tmp_path)
    assert [segment.paragraph_count for segment in snapshot.segments] == [10]
    assert [segment.identities.text(1) for segment in snapshot.segments] == ["1"]
    snapshot.close()


def test_labels_have_to_fit(tmp_path: Path):
    with IndexWriter(tmp_path) as writer, pytest.raises(ValueError, match="a: 1 labels for 2 paragraphs"):
        writer.add(document("a", "one", "two"), [{}])


def test_a_document_without_paragraphs_is_refused(tmp_path: Path):
    """Nothing could find it, and a mark on its paragraphs could not remove it."""
    with IndexWriter(tmp_path) as writer, pytest.raises(ValueError, match="a has no paragraphs"):
        writer.add(document("a"), [])


class Refusing:
    """A call of the operating system that fails at the n-th time, and at every later one if the disk is `dead`."""

    def __init__(self, call, number: int, *, dead: bool = False) -> None:
        self.call, self.left, self.dead = call, number, dead

    def __call__(self, *args: object, **kwargs: object) -> object:
        reads = bool({"r", "rb"} & {*args[1:], kwargs.get("mode")})
        self.left -= not reads  # which takes no space
        if self.left == 0 or (self.dead and self.left < 0 and not reads):
            raise OSError(errno.EIO if self.left % 2 else errno.ENOSPC, "refused")
        return self.call(*args, **kwargs)


def changes(directory: Path) -> None:
    with IndexWriter(directory) as writer:
        writer.add(document("a", "three"), [{}])
        writer.remove("b")
        writer.commit()


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize(("owner", "name"), [(os, "fsync"), (Path, "replace"), (Path, "open"), (Path, "mkdir")])
def test_a_disk_that_refuses_leaves_the_old_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, dead: bool
):
    """Wherever in the commit it refuses: an error of ours, nothing changed, the next commit works, nothing is left."""
    start = write(tmp_path / "start", document("a", "one"), document("b", "two"))

    def attempt(directory: Path, number: int) -> int:
        """Make the changes while the n-th call fails; the number of calls."""
        with monkeypatch.context() as patch:
            refusing = Refusing(getattr(owner, name), number, dead=dead)
            patch.setattr(owner, name, lambda *args, **kwargs: refusing(*args, **kwargs))  # noqa: PLW0108 - a function binds to its owner
            changes(directory)
        return number - refusing.left

    total = attempt(Path(shutil.copytree(start, tmp_path / "all")), 1_000_000)
    step = 1 if POINTS else 23
    for number in sorted({*range(1, total + 1, step), *range(max(1, total - 5), total + 1)}):
        directory = Path(shutil.copytree(start, tmp_path / f"at{number}"))
        with pytest.raises(IndexWriteError, match=r"nothing was committed|cannot write to"):
            attempt(directory, number)
        assert contents(directory) == {"a": ["one"], "b": ["two"]}
        write(directory, document("c", "four"))
        assert contents(directory) == {"a": ["one"], "b": ["two"], "c": ["four"]}
        assert check(directory) == []
        kept = {one.name for path in directory.glob("manifest-*") for one in load_manifest(path).segments}
        assert kept == {path.name for path in (directory / SEGMENTS).iterdir()}


KILLED = """
import os, sys, pathlib
sys.path.insert(0, sys.argv[2])
os.fsync = lambda handle: None  # what a killed process has written is not lost with it
from corpora import document
from searchkit.index.writer import IndexWriter
directory, number = pathlib.Path(sys.argv[1]), int(sys.argv[3])
while True:
    number += 1
    with IndexWriter(directory, memory=3000) as writer:
        writer.add(document("all", *(f"{number} {i}" for i in range(3))), [{}] * 3)
        for name in range(4):
            writer.add(document(f"{name}", f"{number}"), [{}])
        writer.remove(f"{number % 4}")
        print("committing", number, flush=True)
        writer.commit(compact=number % 3 == 0)
    print("committed", number, flush=True)
"""


def test_a_killed_writer_leaves_one_generation_or_the_other(tmp_path: Path):
    """SIGKILL at random moments: the index is that of the last commit that was told, or of the one under way."""
    chance, last = random.Random(7), 0  # noqa: S311 - not for secrets
    for _ in range(max(6, POINTS)):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parents[1]), str(last)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            told = [process.stdout.readline()]  # it is at work
            assert told[0].startswith("committing")
            killer = threading.Timer(chance.uniform(0, 0.5), process.send_signal, (signal.SIGKILL,))
            killer.start()
            told += process.stdout.readlines()
            killer.join()
        begun = max(int(line.split()[1]) for line in told if line.startswith("committing") and line.endswith("\n"))
        told_done = [int(line.split()[1]) for line in told if line.startswith("committed") and line.endswith("\n")]
        done = max([last, *told_done])
        assert check(tmp_path) == [] if done or current_name(tmp_path) else True
        if current_name(tmp_path) is None:
            assert done == 0
            continue
        found = contents(tmp_path)
        last = int(found["all"][0].split()[0])
        assert done <= last <= begun
        expected = {f"{name}": [f"{last}"] for name in range(4) if name != last % 4}
        assert found == {"all": [f"{last} {i}" for i in range(3)], **expected}
        assert len(list((tmp_path / SEGMENTS).iterdir())) < 40
    with IndexWriter(tmp_path) as writer:
        writer.add(document("end", "x"), [{}])
        writer.commit(compact=True)
    names = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
    assert names <= {"CURRENT", "LOCK", "segments", "manifest", "deleted"}
    assert len(list(tmp_path.glob("manifest-*"))) == 2
    assert last > 1  # some were killed after a commit


def test_readers_are_not_disturbed_by_a_writer(tmp_path: Path):
    """Every reader sees one generation, whole: as many `x` as its number says."""
    write(tmp_path, document("0", "x"))
    errors: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                snapshot = Snapshot.open(tmp_path)
                assert sum(len(one.alive_documents) for one in snapshot.segments) == snapshot.generation
                assert snapshot.document(0).paragraphs[0].text == "x"
                snapshot.close()
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 12):
        write(tmp_path, (document(f"{number}", "x"), [labels(people=VALUES["people"][:1])]))
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
