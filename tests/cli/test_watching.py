"""`watch`: what changes is indexed, what fails is named once, another writer is waited for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from searchkit.cli import watching
from searchkit.errors import LockedError
from searchkit.model import BuildReport

ROOT = Path(__file__).parents[2]


def test_a_look_tells_what_changed(tmp_path: Path):
    into, seeds = tmp_path / "index", tmp_path / "seeds"
    seeds.mkdir()
    given = [str(seeds), str(tmp_path / "missing.txt")]
    before = watching.look(given, into)
    assert before == {str(tmp_path / "missing.txt"): "no such file or folder"}
    (seeds / "a.txt").write_text("one")
    after = watching.look(given, into)
    assert after != before
    assert watching.look(given, into) == after
    (seeds / "a.txt").write_text("one two")
    assert watching.look(given, into) != after


def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("1")
    sizes = iter(["12", "123"])

    def write_more(_: float) -> None:
        if more := next(sizes, None):
            path.write_text(more)

    found = watching.settled([str(path)], tmp_path / "index", write_more)
    assert found == watching.look([str(path)], tmp_path / "index")
    assert path.read_text() == "123"


def test_another_writer_is_waited_for(capsys: pytest.CaptureFixture[str]):
    report = BuildReport(0, 0, 0, 0, (), 0, 0, 1, 0.0)
    outcomes = iter([LockedError("written by 7"), LockedError("written by 7"), report])

    def once() -> BuildReport:
        outcome = next(outcomes)
        if isinstance(outcome, LockedError):
            raise outcome
        return outcome

    assert watching.patiently(once, lambda _: None) is report
    assert capsys.readouterr().err.count("written by 7; waiting") == 1


def test_a_folder_is_kept_current(tmp_path: Path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "a.txt").write_text("Tanks crossed the river.")
    (seeds / "bad.jsonl").write_text("{\n")
    command = [sys.executable, "-m", "searchkit.cli", "watch", "seeds", "--index", "index", "--json", "--jobs", "1"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            first = json.loads(process.stdout.readline())
            assert (first["added"], first["generation"]) == (1, 1)
            assert first["failed"]
            (seeds / "b.txt").write_text("Missiles hit the bridge.")
            second = json.loads(process.stdout.readline())
            assert (second["added"], second["documents"]) == (1, 2)
            (seeds / "a.txt").unlink()
            third = json.loads(process.stdout.readline())
            assert (third["removed"], third["documents"], third["generation"]) == (1, 1, 3)
            process.send_signal(signal.SIGINT)
            rest, told = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, rest) == (130, "")
    named = [line for line in told.splitlines() if "bad.jsonl" in line]
    assert len(named) == len(set(named)) == len(first["failed"])
    assert "Traceback" not in told
