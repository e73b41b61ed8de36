"""What a loss of power may leave behind; `scripts/power_loss` tries many more points."""

from __future__ import annotations

import os
import random
import shutil
import sys
from pathlib import Path

import pytest
from power_loss.__main__ import losses, verdict
from power_loss.calls import Operation, operations, record
from power_loss.disk import MODELS, Disk
from power_loss.subjects import SUBJECTS

POINTS = int(os.environ.get("SEARCHKIT_EXAMPLES", "0")) or 6
CHANCE = random.Random(3)  # noqa: S311 - not for secrets
strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def found(disk: Disk, model: str, place: Path) -> dict[str, bytes]:
    """Path -> content of what a loss of power leaves."""
    target = place / model
    disk.after_power_loss(model, CHANCE, target)
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def disk_after(*done: Operation) -> Disk:
    disk = Disk("/d")
    for operation in done:
        disk.apply(operation)
    return disk


WRITTEN = (Operation("create", "/d/a"), Operation("write", "/d/a", data=b"abcd"))
DURABLE = (*WRITTEN, Operation("sync", "/d/a"), Operation("sync", "/d"))


def test_what_was_not_made_durable_may_be_gone(tmp_path: Path):
    disk = disk_after(*WRITTEN)
    assert found(disk, "drop", tmp_path) == {}
    assert found(disk, "keep", tmp_path) == {"a": b"abcd"}
    assert found(disk, "zero", tmp_path) == {"a": b"\0\0\0\0"}
    assert found(disk, "halve", tmp_path) == {"a": b"ab"}


def test_a_file_without_its_folder_made_durable_has_no_name(tmp_path: Path):
    assert found(disk_after(*WRITTEN, Operation("sync", "/d/a")), "drop", tmp_path) == {}
    assert found(disk_after(*WRITTEN, Operation("sync", "/d")), "drop", tmp_path) == {"a": b""}


@pytest.mark.parametrize("model", MODELS)
def test_what_was_made_durable_stays(tmp_path: Path, model: str):
    assert found(disk_after(*DURABLE), model, tmp_path) == {"a": b"abcd"}


def test_a_rename_is_whole_or_not_at_all(tmp_path: Path):
    other = (Operation("create", "/d/b"), Operation("write", "/d/b", data=b"new"), Operation("sync", "/d/b"))
    disk = disk_after(*DURABLE, *other, Operation("rename", "/d/b", "/d/a"))
    assert found(disk, "drop", tmp_path) == {"a": b"abcd"}
    assert found(disk, "keep", tmp_path) == {"a": b"new"}


def test_a_removed_file_may_come_back(tmp_path: Path):
    disk = disk_after(*DURABLE, Operation("unlink", "/d/a"))
    assert found(disk, "drop", tmp_path) == {"a": b"abcd"}
    assert found(disk, "keep", tmp_path) == {}


def test_overwriting_and_truncating(tmp_path: Path):
    disk = disk_after(
        *DURABLE, Operation("write", "/d/a", offset=3, data=b"XY"), Operation("truncate", "/d/a", offset=4)
    )
    assert found(disk, "keep", tmp_path) == {"a": b"abcX"}
    assert found(disk, "drop", tmp_path) == {"a": b"abcd"}


def test_a_call_that_the_model_does_not_know_is_an_error():
    path = "".join(f"\\x{byte:02x}" for byte in b"/d/a")
    with pytest.raises(ValueError, match="not modelled"):
        list(operations([f"1 fallocate(3<{path}>, 0, 0, 5) = 0"], "/d"))
    with pytest.raises(ValueError, match="shared mapping"):
        list(operations([f"1 mmap(NULL, 5, PROT_READ|PROT_WRITE, MAP_SHARED, 3<{path}>, 0) = 0x7f00"], "/d"))


@strace
@pytest.mark.parametrize("name", ["searchkit", "sqlite"])
def test_nothing_that_was_committed_is_lost(tmp_path: Path, name: str):
    well, failures = losses(name, POINTS, tmp_path)
    assert failures == []
    assert well == dict.fromkeys(MODELS, POINTS)


@strace
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a failing Whoosh leaves files open
def test_the_simulator_can_tell(tmp_path: Path):
    """Whoosh's own index makes nothing durable; neither would this one, were its `fsync`s left out."""
    assert losses("whoosh", 6, tmp_path)[1]
    folder = tmp_path / "searchkit"
    folder.mkdir()
    done = record(
        [sys.executable, "-m", "power_loss.subjects", "searchkit", str(folder), "2"], folder, tmp_path / "log"
    )
    for kept, lost in ((lambda _: True, False), (lambda one: one.kind != "sync", True)):
        disk = Disk(str(folder))
        for operation in filter(kept, done):
            disk.apply(operation)
        disk.after_power_loss("drop", CHANCE, tmp_path / f"{lost}")
        assert bool(verdict(SUBJECTS["searchkit"], tmp_path / f"{lost}", 2)) == lost
