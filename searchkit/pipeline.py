"""From seeds to a generation of the index: find, read, extract, write, commit.

`build` is the command line's `index` and `rebuild`. One input that cannot be used is named in the report and costs
nothing else; what was indexed from it before stays. Documents are streamed: memory does not grow with the corpus, but
for the identities that the index holds already.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from searchkit import ingest
from searchkit.errors import UsageError
from searchkit.extraction import extract
from searchkit.index.manifest import Manifest, current_name, load_manifest
from searchkit.index.writer import IndexWriter
from searchkit.ingest import SourceFile, encodings
from searchkit.labelling import Extractor, default_extractor, label_documents
from searchkit.model import BuildReport, Document, Failure

__all__ = ["Progress", "build", "extract"]

#: Seconds between two reports of progress.
PROGRESS_INTERVAL: Final = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: bytes of the input files, as they are on disk, and what was read from them."""

    done_bytes: int
    total_bytes: int
    documents: int
    paragraphs: int
    failed: int


def build(
    paths: Sequence[str | Path],
    into: str | Path,
    *,
    rebuild: bool = False,
    jobs: int = 1,
    encoding: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    extractor: Extractor | None = None,
    curation: Path | None = None,
) -> BuildReport:
    """Bring the index in the folder `into` up to date with the files, folders and patterns in `paths`.

    Documents are added and updated; unchanged ones are skipped. Those are removed whose file is gone from a given
    folder, and records that are gone from a file that could be read whole. Without paths, those of earlier runs are
    taken. `rebuild` makes the index anew from the paths alone, while the old one serves until the new one is whole;
    if not one document could be read, the old one stays. `jobs` is the number of processes that extract, `encoding`
    overrides what is detected, `progress` is called about ten times a second. `curation` is the curation file,
    where it is not the one that the index remembers, or beside it.

    Raises `UsageError` for an unknown encoding or where there is no path at all, `LockedError` where another process
    is writing, and `IndexWriteError` where the disk refuses; then the previous generation stands.
    """
    started = time.perf_counter()
    encodings.check(encoding)
    directory = Path(into)
    base = Path(os.path.realpath(directory)).parent
    given = [os.fspath(path) for path in paths] or [str(base / source) for source in _standing(directory).sources]
    if not given:
        raise UsageError("nothing to index: name a file or a folder")
    with IndexWriter(directory, fresh=rebuild, curation=curation) as writer:
        fingerprint = (extractor or default_extractor()).fingerprint
        run = _Run(writer, given, base, encoding=encoding, progress=progress, fingerprint=fingerprint)
        run.add(extractor, jobs)
        nothing_new = run.added == 0 and run.failed
        if nothing_new and (rebuild or not current_name(directory)):  # what stands, or that nothing does, is better
            standing = _standing(directory)
            documents = sum(entry.live_documents for entry in standing.segments)
            paragraphs = sum(entry.live_paragraphs for entry in standing.segments)
            return run.report(documents, paragraphs, standing.generation, started)
        run.remove()
        generation = writer.commit()
        return run.report(writer.document_count, writer.paragraph_count, generation, started)


def _standing(directory: Path) -> Manifest:
    """The manifest of the generation that readers see now; an empty one where there is no index."""
    name = current_name(directory)
    return load_manifest(directory / name) if name else Manifest()


class _Run:
    """One run of the pipeline over given paths, and what it counts."""

    def __init__(
        self,
        writer: IndexWriter,
        given: Sequence[str],
        base: Path,
        *,
        encoding: str | None,
        progress: Callable[[Progress], None] | None,
        fingerprint: str,
    ) -> None:
        self._writer = writer
        self._given = given
        self._base = base
        self._encoding = encoding
        self._meter = _Meter(progress, self._total_bytes() if progress else 0)
        # Part of each document's hash, so that other rules of extraction make it a changed one.
        self._fingerprint = fingerprint
        self._tag = hashlib.blake2b(fingerprint.encode(), digest_size=4).hexdigest()
        self._unseen = set(writer.documents)
        self._whole: set[str] = set()
        self.failed: list[Failure] = []
        self.added = self.changed = self.removed = self.unchanged = 0

    def add(self, extractor: Extractor | None, jobs: int) -> None:
        """Read the files, and write what is new or changed in them."""
        for result in label_documents(self._documents(), extractor, jobs=jobs):
            if isinstance(result, Failure):
                self._fail(result)
                continue
            document, labels = result
            if document.identity in self._writer.documents:
                self.changed += 1
            else:
                self.added += 1
            self._writer.add(document, labels)
        self._meter.report(len(self.failed), last=True)

    def remove(self) -> None:
        """Remove the documents that are gone from what was given, and remember the paths."""
        folders = [f"{Path(path).resolve()}{os.sep}" for path in self._given if Path(path).is_dir()]
        for identity in self._unseen:
            if self._is_gone(identity, folders):
                self._writer.remove(identity)
                self.removed += 1
        found = [ingest.identity_of(path, self._base) for path in self._given if ingest.exists(path)]
        if sources := tuple(dict.fromkeys([*self._writer.sources, *found])):
            self._writer.sources = sources
        if not self._unseen or self.removed == len(self._unseen):  # no document is left that was not looked at
            self._writer.extraction = self._fingerprint

    def report(self, documents: int, paragraphs: int, generation: int, started: float) -> BuildReport:
        """The report of this run on an index of that many documents."""
        seconds = time.perf_counter() - started
        return BuildReport(
            self.added, self.changed, self.removed, self.unchanged, tuple(self.failed), documents, paragraphs,
            generation, seconds,
        )  # fmt: skip

    def _documents(self) -> Iterator[Document]:
        """The documents to extract; the others are counted."""
        for source in self._sources():
            if isinstance(source, Failure):
                self._fail(source)
            else:
                yield from self._read(source)

    def _sources(self) -> Iterator[SourceFile | Failure]:
        return ingest.discover(self._given, base=self._base, exclude=[self._writer.directory])

    def _total_bytes(self) -> int:
        return sum(source.size for source in self._sources() if isinstance(source, SourceFile))

    def _read(self, source: SourceFile) -> Iterator[Document]:
        before = len(self.failed)
        with self._meter.file(source.size) as advance:
            for item in self._items(source, advance):
                if isinstance(item, Failure):
                    self._fail(item)
                    continue
                self._unseen.discard(item.identity)
                self._meter.count(item)
                document = replace(item, content_hash=f"{item.content_hash}-{self._tag}")
                if self._writer.documents.get(document.identity) == document.content_hash:
                    self.unchanged += 1
                else:
                    yield document
                self._meter.report(len(self.failed))
        if source.format == "jsonl" and len(self.failed) == before:
            self._whole.add(source.identity)

    def _items(self, source: SourceFile, advance: Callable[[int], None]) -> Iterator[Document | Failure]:
        try:
            yield from ingest.read(source, encoding=self._encoding, advance=advance)
        except Exception as error:  # noqa: BLE001  a file that no reader foresaw must not stop the run
            yield Failure(source.name, f"cannot be read: {type(error).__name__}: {error}")

    def _fail(self, failure: Failure) -> None:
        self.failed.append(failure)
        self._meter.report(len(self.failed))

    def _is_gone(self, identity: str, folders: Sequence[str]) -> bool:
        """Whether a document that this run did not meet is one that it should have met."""
        owners = [identity[:place] for place, character in enumerate(identity) if character == "#"]
        if _is_file(self._base / identity):
            return False  # it could not be read this time, or was once given by its own name
        if any(owner in self._whole for owner in owners):
            return True
        inside = str(self._base / identity).startswith(tuple(folders))
        return inside and not any(_is_file(self._base / owner) for owner in owners)


class _Meter:
    """Counts what was read, and tells it no more often than is of use."""

    def __init__(self, callback: Callable[[Progress], None] | None, total: int) -> None:
        self._callback = callback
        self._total = total
        self._done = self._documents = self._paragraphs = 0
        self._next = 0.0

    @contextmanager
    def file(self, size: int) -> Iterator[Callable[[int], None]]:
        """Count a file of `size` bytes as done at the end, and on the way what the function yielded is told."""
        begun = self._done
        yield self._advance
        self._done = begun + size

    def count(self, document: Document) -> None:
        """Count a document that was read."""
        self._documents += 1
        self._paragraphs += len(document.paragraphs)

    def report(self, failed: int, *, last: bool = False) -> None:
        """Tell how far it is, if the last time is long enough ago."""
        if self._callback is None or (not last and time.monotonic() < self._next):
            return
        total = max(self._total, self._done)
        self._callback(Progress(self._done, total, self._documents, self._paragraphs, failed))
        self._next = time.monotonic() + PROGRESS_INTERVAL

    def _advance(self, count: int) -> None:
        self._done += count


def _is_file(path: Path) -> bool:
    """Whether there is a regular file, or may be: what cannot be looked at is not gone."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except ValueError:  # no file has such a name
        return False
    except OSError as error:
        return error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}
