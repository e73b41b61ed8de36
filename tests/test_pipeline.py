from __future__ import annotations

import gzip
import json
import lzma
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from searchkit import pipeline
from searchkit.errors import LockedError, UsageError
from searchkit.index.manifest import current_name, load_manifest
from searchkit.index.writer import IndexWriter
from searchkit.model import BuildReport, Label, Labels, Mention, Value


class Words:
    """Labels a paragraph with its first word as a person; knows one country."""

    def __init__(self, fingerprint: str = "1") -> None:
        self.fingerprint = fingerprint
        self.extracted = 0

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        self.extracted += len(documents)
        return [[self._labels(text) for text in texts] for texts in documents]

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        return (Value("UA", "Ukraine"),) if (dimension, name) == ("countries", "Ukrayina") else ()

    def _labels(self, text: str) -> Labels:
        word = text.split(maxsplit=1)[0]
        return {"people": (Label(Value(word.lower(), word), (Mention(0, len(word), word, "full", "first"),)),)}


def build(where: Path, *paths: str | Path, **options: object) -> BuildReport:
    options.setdefault("extractor", Words())
    return pipeline.build([where / path for path in paths], where / "index", **options)  # type: ignore[arg-type]


def counts(report: BuildReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged, len(report.failed)


def documents(where: Path) -> list[str]:
    with IndexWriter(where / "index") as writer:
        return sorted(writer.documents)


def write(path: Path, *records: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(record if isinstance(record, str) else json.dumps(record) + "\n" for record in records))


@pytest.fixture
def where(tmp_path: Path) -> Path:
    write(tmp_path / "seeds/a.txt", "One.\n\nTwo.")
    write(tmp_path / "seeds/b.md", "# B\n\nThree.")
    write(tmp_path / "seeds/c.jsonl", {"id": "x", "text": "Four."}, {"text": "Five."})
    return tmp_path


def test_the_first_build(where: Path):
    report = build(where, "seeds")
    assert counts(report) == (4, 0, 0, 0, 0)
    assert (report.documents, report.paragraphs, report.generation) == (4, 5, 1)
    assert documents(where) == ["seeds/a.txt", "seeds/b.md", "seeds/c.jsonl#2", "seeds/c.jsonl#x"]


def test_unchanged_documents_are_skipped(where: Path):
    build(where, "seeds")
    words = Words()
    assert counts(build(where, "seeds", extractor=words)) == (0, 0, 0, 4, 0)
    assert words.extracted == 0
    assert build(where, "seeds").generation == 1


def test_changed_documents_are_replaced(where: Path):
    build(where, "seeds")
    write(where / "seeds/a.txt", "One.\n\nTwo.\n\nThree.")
    write(where / "seeds/c.jsonl", {"id": "x", "text": "Four."}, {"text": "Five.", "source": "S"})
    report = build(where, "seeds")
    assert counts(report) == (0, 2, 0, 2, 0)
    assert (report.documents, report.paragraphs) == (4, 6)


def test_what_is_gone_from_a_given_folder_is_removed(where: Path):
    build(where, "seeds")
    (where / "seeds/b.md").unlink()
    assert counts(build(where, "seeds/a.txt")) == (0, 0, 0, 1, 0)
    assert counts(build(where, "seeds")) == (0, 0, 1, 3, 0)
    (where / "seeds/c.jsonl").unlink()
    assert counts(build(where, "seeds")) == (0, 0, 2, 1, 0)
    assert documents(where) == ["seeds/a.txt"]


def test_a_file_that_became_a_link_is_gone(where: Path):
    build(where, "seeds")
    (where / "seeds/b.md").unlink()
    (where / "seeds/b.md").symlink_to(where / "seeds/a.txt")
    assert counts(build(where, "seeds")) == (0, 0, 1, 3, 0)


def test_records_that_are_gone_from_a_file_are_removed(where: Path):
    write(where / "seeds/c.jsonl#y.txt", "A file whose name looks like a record.")
    build(where, "seeds")
    write(where / "seeds/c.jsonl", {"id": "x", "text": "Four."})
    assert counts(build(where, "seeds/c.jsonl")) == (0, 0, 1, 1, 0)
    assert "seeds/c.jsonl#y.txt" in documents(where)


def test_a_record_whose_id_is_too_long_for_a_file_name_is_removed(where: Path):
    write(where / "seeds/c.jsonl", {"id": "x" * 400, "text": "Four."})
    build(where, "seeds")
    write(where / "seeds/c.jsonl", {"id": "y\0", "text": "Four."})
    assert counts(build(where, "seeds")) == (1, 0, 1, 2, 0)
    write(where / "seeds/c.jsonl", {"id": "z", "text": "Four."})
    assert counts(build(where, "seeds")) == (1, 0, 1, 2, 0)


def test_what_fails_is_named_and_stays_as_it_was(where: Path):
    build(where, "seeds")
    (where / "seeds/a.txt").write_bytes(b"now\0binary")
    write(where / "seeds/b.md", "")
    write(where / "seeds/c.jsonl", {"id": "x", "text": "Four, changed."}, "{broken\n")
    report = build(where, "seeds", "missing")
    assert counts(report) == (0, 1, 0, 0, 4)
    assert [Path(failure.path).name for failure in report.failed] == ["a.txt", "b.md", "c.jsonl:2", "missing"]
    assert report.documents == 4


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_records_of_a_file_that_has_none_any_more_stay(where: Path, content: bytes):
    """An editor may be at it; that is told, and what was read before is still found, though its folder was given."""
    build(where, "seeds")
    before = documents(where)
    (where / "seeds/c.jsonl").write_bytes(content)
    report = build(where, "seeds")
    assert (report.removed, [Path(one.path).name for one in report.failed]) == (0, ["c.jsonl"])
    assert documents(where) == before


def test_a_folder_that_is_gone_removes_nothing(where: Path):
    build(where, "seeds")
    (where / "seeds").rename(where / "moved")
    report = build(where, "seeds")
    assert (counts(report), report.documents) == ((0, 0, 0, 0, 1), 4)


def test_a_folder_that_cannot_be_listed_removes_nothing(where: Path, monkeypatch: pytest.MonkeyPatch):
    write(where / "seeds/d/e.txt", "Six.")
    build(where, "seeds")
    real = os.scandir

    def scandir(path: str):
        if str(path).endswith("/d"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert counts(build(where, "seeds")) == (0, 0, 0, 4, 1)


def test_other_folders_are_left_alone(where: Path):
    write(where / "seeds2/a.txt", "Six.")
    build(where, "seeds", "seeds2")
    (where / "seeds2/a.txt").unlink()
    (where / "seeds/a.txt").unlink()
    assert counts(build(where, "seeds")) == (0, 0, 1, 3, 0)
    assert "seeds2/a.txt" in documents(where)


def test_the_folder_of_the_index_may_be_given(where: Path):
    (where / "index").mkdir()
    write(where / "index/README.md", "Not an article.")
    assert counts(build(where, ".")) == (4, 0, 0, 0, 0)
    assert counts(build(where, ".")) == (0, 0, 0, 4, 0)


def test_documents_outside_the_folder_of_the_index(where: Path):
    index = where / "deep/index"
    report = pipeline.build([where / "seeds"], index, extractor=Words())
    assert report.documents == 4
    (where / "seeds/a.txt").unlink()
    assert counts(pipeline.build([where / "seeds"], index, extractor=Words())) == (0, 0, 1, 3, 0)


def test_without_paths_the_earlier_ones_are_taken(where: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UsageError, match="nothing to index"):
        build(where)
    build(where, "seeds/a.txt", "missing")
    build(where, "seeds/*.jsonl")
    monkeypatch.chdir("/")
    assert counts(build(where)) == (0, 0, 0, 3, 0)
    assert counts(build(where, rebuild=True)) == (3, 0, 0, 0, 0)
    assert counts(build(where)) == (0, 0, 0, 3, 0)


def test_other_rules_of_extraction_change_every_document(where: Path):
    build(where, "seeds")
    assert counts(build(where, "seeds/a.txt", extractor=Words("2"))) == (0, 1, 0, 0, 0)
    assert counts(build(where, "seeds", extractor=Words("2"))) == (0, 3, 0, 1, 0)
    assert counts(build(where, "seeds", extractor=Words("2"))) == (0, 0, 0, 4, 0)


def test_a_rebuild_begins_anew(where: Path):
    build(where, "seeds")
    report = build(where, "seeds/a.txt", rebuild=True)
    assert (counts(report), report.documents, report.generation) == ((1, 0, 0, 0, 0), 1, 2)


def test_a_rebuild_of_nothing_leaves_the_index_as_it_was(where: Path):
    build(where, "seeds")
    report = build(where, "missing", rebuild=True)
    assert (counts(report), report.documents, report.paragraphs, report.generation) == ((0, 0, 0, 0, 1), 4, 5, 1)
    assert len(documents(where)) == 4


def test_wrong_encodings_are_wrong_usage(where: Path):
    with pytest.raises(UsageError, match="unknown encoding 'nonsense'"):
        build(where, "seeds", encoding="nonsense")
    assert not (where / "index").exists()


def test_one_writer(where: Path):
    with IndexWriter(where / "index"), pytest.raises(LockedError):
        build(where, "seeds")


def test_an_interrupted_run_commits_nothing(where: Path):
    build(where, "seeds")
    write(where / "seeds/d.txt", "Six.")

    class Interrupted(Words):
        def extract(self, _documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(where, "seeds", extractor=Interrupted())
    assert len(documents(where)) == 4
    assert counts(build(where, "seeds")) == (1, 0, 0, 4, 0)


def test_a_document_that_cannot_be_extracted_is_named_and_stays_as_it_was(where: Path):
    class Failing(Words):
        def _labels(self, text: str) -> Labels:
            if text == "Three.":
                raise ValueError("no")
            return super()._labels(text)

    build(where, "seeds")
    report = build(where, "seeds", extractor=Failing("2"))
    assert (counts(report), report.documents) == ((0, 3, 0, 0, 1), 4)
    assert report.failed[0].path == "seeds/b.md"


def test_what_no_reader_foresaw_is_named(where: Path, monkeypatch: pytest.MonkeyPatch):
    def decode(data: bytes, _encoding: str | None) -> str:
        if b"Three" in data:
            raise RuntimeError("surprise")
        return data.decode()

    monkeypatch.setattr("searchkit.ingest.encodings.decode", decode)
    report = build(where, "seeds")
    assert counts(report) == (3, 0, 0, 0, 1)
    assert report.failed[0].reason == "cannot be read: RuntimeError: surprise"


def test_progress(where: Path):
    seen: list[pipeline.Progress] = []
    build(where, "seeds", "missing", progress=seen.append)
    size = sum(path.stat().st_size for path in (where / "seeds").iterdir())
    assert seen[-1] == pipeline.Progress(size, size, 4, 5, 1)
    assert [one.done_bytes for one in seen] == sorted(one.done_bytes for one in seen)


def test_sources_are_remembered_as_the_index_names_them(where: Path):
    build(where, "seeds", "/nowhere/else")
    manifest = load_manifest(where / "index" / str(current_name(where / "index")))
    assert manifest.sources == ("seeds",)


def hostile_files(folder: Path) -> set[str]:
    """A thousand files of which none is an article, and the names of all of them."""
    rng = random.Random(7)  # noqa: S311  noise, the same each time
    texts = ["", " \n\t\r\n", "\ufeff", "---\ntitle: T\n---\n", "+++\nx = [\n+++\n", "\u2028\u2029\f"]
    records = [
        "{",
        "[]",
        "null",
        '{"text": 5}',
        '{"text": ""}',
        '{"id": [], "text": "x"}',
        "[" * 5000,
        "9" * 5000,
        "\0",
    ]
    for number in range(1000):
        noise = rng.randbytes(rng.randrange(1, 3000)) + b"\0"
        kind = number % 10
        name = f"{number:04}" + (".txt", ".md", ".jsonl", ".txt.gz", ".jsonl.xz")[kind % 5]
        if kind in {0, 1}:
            data = rng.choice(texts).encode()
        elif kind == 2:
            data = "\n".join(rng.choices(records, k=3)).encode()
        elif kind == 3:
            data = gzip.compress(noise)[: rng.randrange(1, 20)] + noise
        elif kind == 4:
            data = lzma.compress(noise)[: rng.randrange(1, 40)]
        elif kind in {5, 6, 7}:
            data = noise
        else:
            data = gzip.compress(noise) if kind == 8 else lzma.compress(noise)
        (folder / name).write_bytes(data)
    return {path.name for path in folder.iterdir()}


def test_a_thousand_bad_files_are_each_named_and_the_good_one_is_indexed(tmp_path: Path):
    bad = tmp_path / "bad"
    bad.mkdir()
    names = hostile_files(bad)
    write(bad / "zz-good.txt", "One.")
    report = build(tmp_path, "bad")
    assert (report.added, report.documents) == (1, 1)
    assert {Path(failure.path).name.partition(":")[0] for failure in report.failed} == names
    assert all(failure.reason and "\n" not in failure.reason for failure in report.failed)


def test_a_run_that_reads_nothing_leaves_no_index(tmp_path: Path):
    assert counts(build(tmp_path, "nonesuch")) == (0, 0, 0, 0, 1)
    assert current_name(tmp_path / "index") is None


def test_records_that_are_gone_are_removed_though_a_line_is_broken(where: Path):
    """What the broken line may have been stays: the record of its number, the one whose id it still tells."""
    write(where / "seeds/c.jsonl", *({"id": f"r{n}", "text": f"Text {n}."} for n in range(4)), {"text": "Of line 5."})
    build(where, "seeds")
    write(where / "seeds/c.jsonl", {"id": "r0", "text": "Text 0."}, '{"id": "r2", "text": "Te\n')
    report = build(where, "seeds")
    assert (counts(report), report.failed[0].path) == ((0, 0, 3, 3, 1), f"{where}/seeds/c.jsonl:2")
    assert documents(where) == ["seeds/a.txt", "seeds/b.md", "seeds/c.jsonl#r0", "seeds/c.jsonl#r2"]
