"""Generations: which segments make one, how a new one is published, and who may write.

`CURRENT` names a manifest, a manifest names segments and what is deleted in them. A commit writes everything new,
makes it durable, and only then replaces `CURRENT`; so a reader sees the old generation or the new one. A reader holds
a shared lock on its manifest while it lives, the collector removes only manifests that it can lock exclusively, and
both locks are the kernel's: they die with their holder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from searchkit.errors import DamagedIndexError, FormatError, IndexWriteError, LockedError, NoIndexError
from searchkit.index.format import (
    FORMAT_VERSION,
    damaged,
    pack_json,
    replace_file,
    sync_folder,
    unpack_json,
    write_bytes,
)

CURRENT: Final = "CURRENT"
SEGMENTS: Final = "segments"
LOCK: Final = "LOCK"
# The checksum is what tells a damaged digit from another generation.
_CURRENT: Final = re.compile(r"(?P<name>manifest-[0-9]+\.json)(?: (?P<crc32>[0-9a-f]{8}))?")
_PLAIN_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*(?:\.npy)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """Facets of a segment with the decisions of a curation file: the folder that has them, "" where none differ.

    `decided` is the digest of the decisions as they were understood, `matched` how many mentions each entry was about.
    """

    name: str
    decided: str
    matched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CurationFile:
    """The curation file of a generation: where it is, from the folder that holds the index, and its digest."""

    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a generation: its folder's name, its size, what is deleted in it, and its curated columns."""

    name: str
    paragraphs: int
    documents: int
    deleted: Mapping[str, Any] | None = None  # {"file", "bytes", "crc32", "paragraphs", "documents"}
    columns: Columns | None = None

    @property
    def live_paragraphs(self) -> int:
        """Paragraphs that are not deleted."""
        return self.paragraphs - (int(self.deleted["paragraphs"]) if self.deleted else 0)

    @property
    def live_documents(self) -> int:
        """Documents that are not deleted."""
        return self.documents - (int(self.deleted["documents"]) if self.deleted else 0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one commit made. `extraction` is the fingerprint of tables and rules, `sources` the paths given so far."""

    generation: int = 0
    segments: tuple[SegmentEntry, ...] = ()
    extraction: str = ""
    sources: tuple[str, ...] = ()
    curation: CurationFile | None = None
    format_version: int = FORMAT_VERSION

    @property
    def name(self) -> str:
        """The manifest's file name."""
        return f"manifest-{self.generation:08d}.json"

    def to_json(self) -> dict[str, Any]:
        """The content of the manifest's file."""
        return {
            "format_version": self.format_version,
            "generation": self.generation,
            "extraction": self.extraction,
            "sources": list(self.sources),
            "curation": asdict(self.curation) if self.curation else None,
            "segments": [
                {
                    "name": s.name,
                    "paragraphs": s.paragraphs,
                    "documents": s.documents,
                    "deleted": s.deleted,
                    "columns": asdict(s.columns) if s.columns else None,
                }
                for s in self.segments
            ],
        }


def load_manifest(path: Path) -> Manifest:
    """Read a manifest. `FormatError` for another version of the format, `DamagedIndexError` where it is not whole."""
    content = unpack_json(path)
    version = content.get("format_version")
    if version != FORMAT_VERSION:
        raise FormatError(
            f"{path.parent} has index format {version}, this searchkit reads {FORMAT_VERSION}; "
            "run `searchkit rebuild` on the seeds"
        )
    try:
        segments = tuple(
            SegmentEntry(
                _plain_name(s["name"]),
                int(s["paragraphs"]),
                int(s["documents"]),
                _deletions(s["deleted"]),
                _columns(s["columns"]),
            )
            for s in content["segments"]
        )
        curation = content["curation"]
        return Manifest(
            int(content["generation"]),
            segments,
            str(content["extraction"]),
            tuple(content["sources"]),
            CurationFile(str(curation["file"]), str(curation["digest"])) if curation else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(path) from error


def _plain_name(name: object) -> str:
    """A name that stays inside its folder; a hostile manifest may say anything."""
    if not isinstance(name, str) or not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"not a plain name: {name!r}")
    return name


def _deletions(entry: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - whatever the JSON says
    """What a manifest says of the paragraphs that are deleted in a segment."""
    if entry is None:
        return None
    counts = {name: int(entry[name]) for name in ("bytes", "paragraphs", "documents")}
    return {"file": _plain_name(entry["file"]), "crc32": [int(one) for one in entry["crc32"]], **counts}


def _columns(entry: Any) -> Columns | None:  # noqa: ANN401 - as above
    """What a manifest says of a segment's curated columns."""
    if entry is None:
        return None
    name = _plain_name(entry["name"]) if entry["name"] else ""
    return Columns(name, str(entry["decided"]), tuple(int(one) for one in entry["matched"]))


def current_name(directory: Path) -> str | None:
    """The name of the current manifest, None where there is no index."""
    try:
        name = (directory / CURRENT).read_text("ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise damaged(directory / CURRENT) from error
    written = _CURRENT.fullmatch(name)
    if not written or (written["crc32"] and int(written["crc32"], 16) != zlib.crc32(written["name"].encode())):
        raise damaged(directory / CURRENT)
    return written["name"]


class HeldGeneration:
    """A generation that stays on disk as long as this object is open."""

    def __init__(self, directory: Path, manifest: Manifest, handle: int) -> None:
        self.directory = directory
        self.manifest = manifest
        self._handle: int | None = handle

    def is_current(self) -> bool:
        """Whether this is still the current one. An index that was deleted and made anew has other files."""
        if self._handle is None or current_name(self.directory) != self.manifest.name:
            return False
        try:
            there, held = (self.directory / self.manifest.name).stat(), os.fstat(self._handle)
        except OSError:
            return False
        return os.path.samestat(there, held)

    def close(self) -> None:
        """Let the collector have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def hold_current(directory: Path) -> HeldGeneration:
    """Take hold of the current generation. `NoIndexError`, `DamagedIndexError` or `FormatError` where that fails."""
    for _ in range(100):
        name = current_name(directory)
        if name is None:
            raise NoIndexError(f"there is no index in {directory.absolute()}; make one with `searchkit index PATH`")
        path = directory / name
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            if current_name(directory) == name:
                raise damaged(path) from None
            continue  # a writer has moved on between the two looks
        except OSError as error:
            raise damaged(path) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if os.fstat(handle).st_nlink:
                return HeldGeneration(directory, load_manifest(path), handle)
        except BlockingIOError:
            pass  # the collector is looking at it: it is not the current one any more
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
        time.sleep(0.001)
    raise DamagedIndexError(f"{directory} has no generation that stays; run `searchkit check`")


def publish(directory: Path, manifest: Manifest) -> None:
    """Make a manifest the current one. Its segments must be durable; after this returns, the commit is."""
    path = directory / manifest.name
    path.unlink(missing_ok=True)  # of a commit that was killed before it replaced CURRENT
    write_bytes(path, pack_json(manifest.to_json()))
    sync_folder(directory)
    name = manifest.name.encode("ascii")
    replace_file(directory / CURRENT, b"%s %08x\n" % (name, zlib.crc32(name)))


def collect(directory: Path, manifest: Manifest, *, previous: bool = True) -> None:
    """Remove what neither the current generation, nor the one before it (`previous`), nor any reader needs."""
    kept = [manifest]
    for path in directory.glob("manifest-*.json"):
        if path.name == manifest.name:
            continue
        with contextlib.suppress(DamagedIndexError, FormatError):
            other = load_manifest(path)
            if (previous and other.generation == manifest.generation - 1) or not _unlink_unheld(path):
                kept.append(other)
            continue
        path.unlink(missing_ok=True)
    segments = {entry.name for held in kept for entry in held.segments}
    segments |= {entry.columns.name for held in kept for entry in held.segments if entry.columns}
    deletions = {str(entry.deleted["file"]) for held in kept for entry in held.segments if entry.deleted}
    for folder in (directory / SEGMENTS).glob("*"):
        if folder.name not in segments:
            shutil.rmtree(folder, ignore_errors=True)
    for path in directory.glob("deleted-*.npy"):
        if path.name not in deletions:
            path.unlink(missing_ok=True)


def _unlink_unheld(path: Path) -> bool:
    """Remove a manifest that no reader holds."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


@contextlib.contextmanager
def writer_lock(directory: Path) -> Iterator[None]:
    """Be the only writer. `LockedError` names the one who is."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise IndexWriteError(f"cannot write to {directory}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(_holder(directory, os.pread(handle, 4096, 0))) from None
        who = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(who).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(directory: Path, content: bytes) -> str:
    try:
        who = json.loads(content)
        by = f"process {who['pid']} on {who['host']} since {who['since']}"
    except (ValueError, KeyError, TypeError):
        by = "another process"
    return f"{directory} is being written by {by}; wait for it to end, or choose another --index"
