from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from searchkit.ingest import discover as discover_files
from searchkit.ingest import exists, identity_of
from searchkit.ingest.discover import SourceFile, classify, printable
from searchkit.model import Failure


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Text.")


def found(*paths: str | Path, base: Path, exclude: tuple[Path, ...] = ()) -> list[str]:
    """Identities of files, and `!name: reason` of failures."""
    items = discover_files(paths, base=base, exclude=exclude)
    return [
        item.identity if isinstance(item, SourceFile) else f"!{Path(item.path).name}: {item.reason}" for item in items
    ]


def test_a_folder_is_walked_in_order(tmp_path: Path):
    make(tmp_path, "s/b.txt", "s/a/z.md", "s/a/y.jsonl.gz", "s/c.jsonl", "s/A.TXT")
    assert found(tmp_path / "s", base=tmp_path) == ["s/A.TXT", "s/a/y.jsonl.gz", "s/a/z.md", "s/b.txt", "s/c.jsonl"]


def test_hidden_and_unknown_files_are_passed_over_in_folders(tmp_path: Path):
    make(tmp_path, ".hidden.txt", ".git/a.txt", "a.png", "README", "b.tar.gz", "c.txt.gz", "index/README.md")
    assert found(tmp_path, base=tmp_path, exclude=(tmp_path / "index",)) == ["c.txt.gz"]


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path):
    make(tmp_path, ".hidden.txt", "README", "notes.log")
    files = list(discover_files([tmp_path / name for name in (".hidden.txt", "README", "notes.log")], base=tmp_path))
    assert [file.format for file in files if isinstance(file, SourceFile)] == ["text"] * 3


def test_names_and_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make(tmp_path, "s/a.txt")
    monkeypatch.chdir(tmp_path)
    assert list(discover_files(["s"], base=tmp_path)) == [
        SourceFile(tmp_path / "s/a.txt", "s/a.txt", "s/a.txt", "text", "", 5)
    ]


def test_what_is_missing_is_named(tmp_path: Path):
    assert found(tmp_path / "no", tmp_path / "*.txt", base=tmp_path) == [
        "!no: no such file or folder",
        "!*.txt: no such file or folder",
    ]


def test_patterns(tmp_path: Path):
    make(tmp_path, "s/b.txt", "s/a.txt", "s/c.md", "s/d/e.txt", "s/[x].txt", "s/.h.txt")
    assert found(f"{tmp_path}/s/[a-b].txt", base=tmp_path) == ["s/a.txt", "s/b.txt"]
    assert found(f"{tmp_path}/s/**/e*", base=tmp_path) == ["s/d/e.txt"]
    assert found(f"{tmp_path}/s/[x].txt", base=tmp_path) == ["s/[x].txt"], "a name that is there is no pattern"
    assert exists(f"{tmp_path}/s/*.md")
    assert not exists(f"{tmp_path}/s/*.csv")


def test_a_file_that_is_given_twice_is_found_once(tmp_path: Path):
    make(tmp_path, "s/a.txt", "s/b.txt")
    assert found(tmp_path / "s/b.txt", tmp_path / "s", f"{tmp_path}/s/*", base=tmp_path) == ["s/b.txt", "s/a.txt"]


def test_identity_is_the_same_from_wherever_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make(tmp_path, "base/s/a.txt", "other/b.txt")
    base = tmp_path / "base"
    (tmp_path / "link").symlink_to(base)
    for folder, name in (
        (tmp_path, "base/s/a.txt"),
        (base, "s/a.txt"),
        (base / "s", "a.txt"),
        (base, "../link/s/a.txt"),
    ):
        monkeypatch.chdir(folder)
        assert found(name, base=base) == ["s/a.txt"]
        assert identity_of(name, tmp_path / "link") == "s/a.txt"
    assert found("../other", base=base) == [(tmp_path / "other/b.txt").as_posix()]


def test_links_in_a_folder_are_not_followed(tmp_path: Path):
    make(tmp_path, "out/secret.txt", "s/a.txt")
    (tmp_path / "s/out").symlink_to(tmp_path / "out")
    (tmp_path / "s/secret.txt").symlink_to(tmp_path / "out/secret.txt")
    (tmp_path / "s/loop").symlink_to(tmp_path / "s")
    (tmp_path / "s/broken.txt").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path / "s", base=tmp_path) == ["s/a.txt"]
    assert found(f"{tmp_path}/s/**", base=tmp_path) == ["s/a.txt"]
    assert found(f"{tmp_path}/s/s*", base=tmp_path)[0].startswith("!s*")
    assert found(tmp_path / "s/secret.txt", base=tmp_path) == ["out/secret.txt"], "a link that is named is meant"


def test_pipes_and_devices_are_no_files(tmp_path: Path):
    make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    assert found(tmp_path, base=tmp_path) == ["a.txt"]
    assert found(tmp_path / "pipe.txt", base=tmp_path) == ["!pipe.txt: neither a file nor a folder"]
    assert found("/dev/null", base=tmp_path) == ["!null: neither a file nor a folder"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make(tmp_path, "a/a.txt", "b/b.txt")
    real = os.scandir

    def scandir(path: str):
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert found(tmp_path, base=tmp_path) == ["!a: permission denied", "b/b.txt"]


def test_folders_may_be_nested_deeper_than_calls(tmp_path: Path):
    depth = 1200
    here = os.open(tmp_path, os.O_RDONLY)
    folders = [here]
    for _ in range(depth):
        os.mkdir("d", dir_fd=folders[-1])
        folders.append(os.open("d", os.O_RDONLY, dir_fd=folders[-1]))
        os.close(folders.pop(0)) if len(folders) > 2 else None
    os.close(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=folders[-1]))
    for folder in folders:
        os.close(folder)
    try:
        assert found(tmp_path, base=tmp_path) == ["d/" * depth + "a.txt"]
    finally:  # pytest would not get it away
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)


def test_names_that_are_not_utf_8_are_spelled_out(tmp_path: Path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text("Text.")
    (source,) = discover_files([tmp_path], base=tmp_path)
    assert isinstance(source, SourceFile)
    assert source.identity == r"caf\xe9.txt"
    source.name.encode()
    assert source.path.read_text() == "Text."
    assert printable("Žižek.txt") == "Žižek.txt"


def test_of_two_names_that_read_alike_the_second_is_named(tmp_path: Path):
    for name in (b"caf\xe9.txt", rb"caf\xe9.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("Text.")
    taken, refused = discover_files([tmp_path], base=tmp_path)
    assert isinstance(taken, SourceFile)
    assert isinstance(refused, Failure)
    assert "reads like that of" in refused.reason


def test_a_name_that_is_too_long_is_named(tmp_path: Path):
    (failure,) = discover_files([tmp_path / ("x" * 5000)], base=tmp_path)
    assert isinstance(failure, Failure)
    assert "\n" not in failure.reason


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", ("text", "")),
        ("a.MD", ("markdown", "")),
        ("a.jsonl.xz", ("jsonl", "xz")),
        ("a.gz", (None, "gz")),
        (".txt", (None, "")),
        ("a", (None, "")),
        ("a.jsonl.txt", ("text", "")),
    ],
)
def test_formats_are_told_by_the_suffix(name: str, kind: tuple[str | None, str]):
    assert classify(name) == kind
