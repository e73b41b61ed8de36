"""The commands that write: their options, and what `compact` gives back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from searchkit.cli import main


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"{name} tells of missiles.\n\nAnd of tanks.")
        assert main(["index", f"{name}.txt", "--memory", "64M", "--jobs", "1"]) == 0
    (tmp_path / "a.txt").write_text("It tells of nothing.")
    assert main(["index", "a.txt"]) == 0
    return tmp_path


@pytest.mark.usefixtures("where")
def test_compact(capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert main(["compact", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["segments"], report["dropped"], report["paragraphs"]) == (1, 0, 3)
    assert report["segments_before"] == 2
    assert report["bytes"] < report["bytes_before"]
    assert main(["compact"]) == 0
    assert "nothing to gain" in capsys.readouterr().out
    assert main(["check"]) == 0


def test_compact_without_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert main(["compact"]) == 4


@pytest.mark.usefixtures("where")
@pytest.mark.parametrize("size", ["0", "x", "1T", "-5M"])
def test_a_bad_size_is_wrong_usage(size: str):
    assert main(["index", "a.txt", "--memory", size]) == 2
