"""Find the files to read, and name the documents in them.

Folders are walked in sorted order; hidden files, symbolic links, what is no regular file, and files of unknown kinds
are passed over in them. A file that is named itself is read whatever its name, as text unless its suffix says more.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from searchkit.model import Failure

Format = Literal["text", "markdown", "jsonl"]
Compression = Literal["", "gz", "xz"]

#: Suffix -> the reader for it.
FORMATS: Final[dict[str, Format]] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
COMPRESSIONS: Final[dict[str, Compression]] = {".gz": "gz", ".xz": "xz"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `name` is how the user would write it, `identity` how the index names it, `size` is in bytes.

    A part of a file is the lines that begin in its bytes [start, end), the first of them having the number `line`; its
    size is that of the part. `end` is None for a whole file.
    """

    path: Path
    name: str
    identity: str
    format: Format
    compression: Compression
    size: int
    start: int = 0
    end: int | None = None
    line: int = 1


def discover(
    paths: Sequence[str | Path], *, base: Path, exclude: Collection[Path] = ()
) -> Iterator[SourceFile | Failure]:
    """The files under `paths` (files, folders, patterns of names), each once, and what cannot be found or listed.

    `base` is the folder that identities are relative to. The folders in `exclude` are not entered.
    """
    base = Path(os.path.realpath(base))
    excluded = {os.path.realpath(folder) for folder in exclude}
    seen: dict[str, Path] = {}
    for given in paths:
        for name in _expand(os.fspath(given)):
            for found in _walk(name, base, excluded):
                if isinstance(found, Failure):
                    yield found
                elif found.identity not in seen:
                    seen[found.identity] = found.path
                    yield found
                elif found.path != seen[found.identity]:  # one has bytes in its name that the other writes out
                    yield Failure(found.name, f"its name reads like that of {os.fsencode(seen[found.identity])!r}")


def identity_of(path: str | Path, base: Path) -> str:
    r"""The identity of a file: its path relative to `base` when below it, else absolute, with `/` between names.

    Links are resolved, so that it is the same from wherever it is asked; bytes that are no UTF-8 are written `\xff`.
    """
    real, root = Path(os.path.realpath(path)), Path(os.path.realpath(base))
    return printable((real.relative_to(root) if real.is_relative_to(root) else real).as_posix())


def exists(path: str | Path) -> bool:
    """Whether there is something at the path, or something that matches it as a pattern."""
    return any(os.path.lexists(name) for name in _expand(os.fspath(path)))


def classify(name: str) -> tuple[Format | None, Compression]:
    """The format and the compression that a file's name tells; None for a format that it does not."""
    path = Path(name)
    compression = COMPRESSIONS.get(path.suffix.lower(), "")
    suffix = Path(path.stem).suffix if compression else path.suffix
    return FORMATS.get(suffix.lower()), compression


def printable(name: str) -> str:
    r"""A file's name with the bytes that are not UTF-8 written as `\\xff`."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _expand(name: str) -> Iterator[str]:
    """The path itself, or, where there is none of that name, the paths that match it as a pattern."""
    if os.path.lexists(name):
        yield name
        return
    # What is beneath the part without a pattern is inside; a link must not lead out of it.
    plain = re.split(r"[*?\[]", name, maxsplit=1)[0]
    root = Path(plain if plain.endswith(os.sep) else Path(plain).parent).resolve()
    matches = sorted(glob.glob(name, recursive=True)) if plain != name else []  # noqa: PTH207  it may be absolute
    yield from [match for match in matches if Path(match).resolve().is_relative_to(root)] or [name]


def _walk(name: str, base: Path, excluded: set[str]) -> Iterator[SourceFile | Failure]:
    path = Path(os.path.realpath(name))
    try:
        status = path.stat()
    except OSError as error:
        yield Failure(printable(name), _reason(error))
        return
    if stat.S_ISREG(status.st_mode):
        yield _source(name, path, base, "text", status.st_size)
    elif stat.S_ISDIR(status.st_mode):
        yield from _walk_folder(name, path, base, excluded)
    else:
        yield Failure(printable(name), "neither a file nor a folder")


def _walk_folder(name: str, folder: Path, base: Path, excluded: set[str]) -> Iterator[SourceFile | Failure]:
    # A stack rather than recursion: folders may be nested deeper than Python's calls.
    stack = [(name, str(folder), True)]
    while stack:
        shown, path, is_folder = stack.pop()
        try:
            if not is_folder:
                yield _source(shown, Path(path), base, "text", os.lstat(path).st_size)
            elif path not in excluded:
                stack.extend(reversed(_entries(shown, path)))
        except OSError as error:
            yield Failure(printable(shown), _reason(error))


def _entries(shown: str, folder: str) -> list[tuple[str, str, bool]]:
    """What is in a folder and may be read, in order: its name as the user would write it, its path, is it a folder."""
    prefix = shown if shown.endswith(os.sep) else shown + os.sep
    with os.scandir(folder) as entries:
        return sorted(
            (prefix + entry.name, entry.path, entry.is_dir(follow_symlinks=False))
            for entry in entries
            if not entry.name.startswith(".") and _is_wanted(entry)
        )


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    if entry.is_dir(follow_symlinks=False):
        return True
    return entry.is_file(follow_symlinks=False) and classify(entry.name)[0] is not None


def _source(shown: str, path: Path, base: Path, default: Format, size: int) -> SourceFile:
    """The file at `path`, which has no links in it; `default` is the format where the suffix tells none."""
    format_, compression = classify(path.name)
    identity = path.relative_to(base) if path.is_relative_to(base) else path
    return SourceFile(path, printable(shown), printable(identity.as_posix()), format_ or default, compression, size)


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "permission denied"
    return (error.strerror or str(error)).lower()
