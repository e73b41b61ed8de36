"""Worker processes: the same index whatever their number; one that dies costs nothing but what killed it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from searchkit import pipeline
from searchkit.index.check import check
from searchkit.index.manifest import SEGMENTS
from searchkit.index.snapshot import Snapshot
from searchkit.model import BuildReport, Label, Labels, StoredDocument, Value


class Words:
    """Labels a paragraph with its first word; ends its process at some."""

    fingerprint = "1"

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        return [[self._labels(text) for text in texts] for texts in documents]

    def resolve(self, _dimension: str, _name: str) -> tuple[Value, ...]:
        return ()

    def _labels(self, text: str) -> Labels:
        if text.startswith("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        if text.startswith("once"):
            mark = Path(text.split()[1])
            if not mark.exists():
                mark.touch()
                os._exit(3)
        return {"people": (Label(Value(text.split(maxsplit=1)[0].lower(), text.split(maxsplit=1)[0])),)}


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "TASK_BYTES", 500)
    monkeypatch.syspath_prepend(Path(__file__).parents[1])  # workers import this module
    (tmp_path / "seeds").mkdir()
    return tmp_path


def build(where: Path, jobs: int, name: str = "index", **options: object) -> BuildReport:
    return pipeline.build([where / "seeds"], where / name, jobs=jobs, extractor=Words(), **options)  # type: ignore[arg-type]


def write(path: Path, texts: Sequence[str], **more: object) -> None:
    records = [{"id": f"r{number}", "text": text, **more} for number, text in enumerate(texts)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def contents(directory: Path) -> dict[str, StoredDocument]:
    snapshot = Snapshot.open(directory)
    found = {}
    for segment, base in zip(snapshot.segments, snapshot.bases, strict=False):
        for one in segment.alive_documents.tolist():
            stored = snapshot.document(base + segment.paragraphs_of(one).start)
            assert stored.identity not in found
            found[stored.identity] = stored
    snapshot.close()
    return found


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def test_the_same_index_whatever_the_number_of_jobs(where: Path):
    write(where / "seeds/a.jsonl", [f"Text number {n} of many" for n in range(120)], people=["Ann Lee"])
    write(where / "seeds/b.jsonl", [f"More text, number {n}" for n in range(30)], people=["ANN LEE"])
    for number in range(9):
        (where / f"seeds/{number}.txt").write_text(f"One {number}.\n\nTwo.")
    reports = [build(where, jobs, f"index{jobs}") for jobs in (1, 3)]
    assert [counts(report) for report in reports] == [(159, 0, 0, 0)] * 2
    assert contents(where / "index1") == contents(where / "index3")
    write(where / "seeds/a.jsonl", [f"Text number {n} of {n % 2 or 'many'}" for n in range(80)], people=["Ann Lee"])
    (where / "seeds/3.txt").unlink()
    reports = [build(where, jobs, f"index{jobs}") for jobs in (1, 3)]
    assert [counts(report) for report in reports] == [(0, 40, 41, 78)] * 2
    assert contents(where / "index1") == contents(where / "index3")
    assert check(where / "index3") == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_record_of_an_id_is_kept(where: Path, jobs: int):
    texts = [f"Text number {n} of many" for n in range(40)]
    write(where / "seeds/a.jsonl", texts)
    with (where / "seeds/a.jsonl").open("a") as file:
        file.write(json.dumps({"id": "r1", "text": "again"}) + "\n")
    for expected in ((40, 0, 0, 0), (0, 0, 0, 40)):
        report = build(where, jobs)
        assert counts(report) == expected
        assert len(report.failed) == 1
        assert "was there before" in report.failed[0].reason
        assert contents(where / "index")["seeds/a.jsonl#r1"].paragraphs[0].text == texts[1]


def test_what_kills_its_reader_is_named_and_the_rest_is_done(where: Path):
    texts = [f"Text number {n} of many" for n in range(60)]
    texts[33] = "die"
    write(where / "seeds/a.jsonl", texts)
    (where / "seeds/b.txt").write_text("die too")
    (where / "seeds/c.txt").write_text("One.")
    report = build(where, 2)
    assert counts(report) == (60, 0, 0, 0)
    assert [Path(one.path).name for one in report.failed] == ["a.jsonl:34", "b.txt"]
    assert {one.reason for one in report.failed} == {"the process that read it died (killed by SIGKILL)"}
    assert check(where / "index") == []


def test_a_worker_that_dies_once_costs_nothing(where: Path):
    texts = [f"Text number {n} of many" for n in range(60)]
    texts[40] = f"once {where / 'mark'}"
    write(where / "seeds/a.jsonl", texts)
    report = build(where, 2)
    assert (counts(report), report.failed) == ((60, 0, 0, 0), ())
    assert len(contents(where / "index")) == 60


INTERRUPTED = """
import sys, pathlib
sys.path[:0] = sys.argv[2:]
from searchkit import pipeline
pipeline.TASK_BYTES = 20_000
where = pathlib.Path(sys.argv[1])
print("begun", flush=True)
try:
    pipeline.build([where / "seeds"], where / "index", jobs=2, memory=1 << 20)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_leaves_the_old_generation_and_nothing_else(where: Path):
    write(where / "seeds/a.jsonl", ["Text"], people=[], countries=[], weapons=[])
    build(where, 1)
    before = {path.name for path in (where / "index" / SEGMENTS).iterdir()}
    write(where / "seeds/a.jsonl", [f"Text {n} of many" for n in range(30_000)], people=[], countries=[], weapons=[])
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(where), str(Path(__file__).parents[1])],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(600):  # until some of it is on disk
            if len(list((where / "index" / SEGMENTS).iterdir())) > 1 or process.poll() is not None:
                break
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == 130
    assert {path.name for path in (where / "index" / SEGMENTS).iterdir()} == before
    assert len(contents(where / "index")) == 1
