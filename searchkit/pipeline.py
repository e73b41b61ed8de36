"""From seeds to a generation of the index: find, read, extract, write, commit.

`build` is the command line's `index` and `rebuild`. One input that cannot be used is named in the report and costs
nothing else; what was indexed from it before stays. Documents are streamed: memory does not grow with the corpus, but
for the identities that the index holds already.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from threading import Thread
from typing import Final

import numpy as np

from searchkit import ingest, kernels
from searchkit.errors import UsageError
from searchkit.extraction import extract
from searchkit.index.buffer import DEFAULT_MEMORY
from searchkit.index.build import key_of
from searchkit.index.manifest import SEGMENTS, Manifest, current_name, load_manifest
from searchkit.index.segment import Segment
from searchkit.index.writer import IndexWriter
from searchkit.ingest import SourceFile, encodings
from searchkit.intake import PROGRESS_INTERVAL, Counts, Done, Intake, Outcome, Settings, Task
from searchkit.labelling import Extractor, default_extractor
from searchkit.model import BuildReport, Failure
from searchkit.workers import Workers

__all__ = ["DEFAULT_MEMORY", "Progress", "build", "extract", "sources"]

#: What one process reads at a time: about so many bytes, or so many files.
TASK_BYTES: Final = 4 << 20
TASK_FILES: Final = 512


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
    jobs: int | None = None,
    memory: int = DEFAULT_MEMORY,
    encoding: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    extractor: Extractor | None = None,
    curation: Path | None = None,
) -> BuildReport:
    """Bring the index in the folder `into` up to date with the files, folders and patterns in `paths`.

    Documents are added and updated; unchanged ones are skipped. Those are removed whose file is gone from a given
    folder, and records that are gone from a file that could be read to its end. Without paths, those of earlier runs
    are taken. `rebuild` makes the index anew from the paths alone, while the old one serves until the new one is
    whole; if not one document could be read, the old one stays. `jobs` is the number of processes that read, extract
    and write (None: one a processor); they share `memory`, in bytes, for what they collect before they write it.
    `encoding` overrides what is detected, `progress` is called about ten times a second. An extractor that is given
    has to be one that can be pickled. `curation` is the curation file, where it is not the one that the index
    remembers, or beside it.

    Raises `UsageError` for an unknown encoding or where there is no path at all, `LockedError` where another process
    is writing, and `IndexWriteError` where the disk refuses; then the previous generation stands.
    """
    started = time.perf_counter()
    encodings.check(encoding)
    directory = Path(into)
    base = Path(os.path.realpath(directory)).parent
    given = sources(paths, directory)
    with IndexWriter(directory, fresh=rebuild, curation=curation) as writer:
        fingerprint = (extractor or default_extractor()).fingerprint
        run = _Run(writer, given, base, encoding=encoding, progress=progress, fingerprint=fingerprint)
        run.add(extractor, jobs or os.cpu_count() or 1, memory)
        nothing_new = run.added == 0 and run.failed
        if nothing_new and (rebuild or not current_name(directory)):  # what stands, or that nothing does, is better
            standing = _standing(directory)
            documents = sum(entry.live_documents for entry in standing.segments)
            paragraphs = sum(entry.live_paragraphs for entry in standing.segments)
            return run.report(documents, paragraphs, standing.generation, started)
        run.remove()
        generation = writer.commit()
        return run.report(writer.document_count, writer.paragraph_count, generation, started)


def sources(paths: Sequence[str | Path], into: Path) -> list[str]:
    """What an index in the folder `into` is made of: the paths, or those of earlier runs. `UsageError` without any."""
    base = Path(os.path.realpath(into)).parent
    given = [os.fspath(path) for path in paths] or [str(base / source) for source in _standing(into).sources]
    if not given:
        raise UsageError("nothing to index: name a file or a folder")
    return given


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
        self._fingerprint = fingerprint
        self._known = writer.segments
        self._seen = [np.zeros(segment.document_count, bool) for segment in self._known]
        self._sizes: dict[str, int] = {}
        self._read: dict[str, int] = {}
        self._lost: list[tuple[int, Failure]] = []  # each with the number of the task that it belongs to
        self.failed: list[Failure] = []
        self.added = self.changed = self.removed = self.unchanged = 0

    def add(self, extractor: Extractor | None, jobs: int, memory: int) -> None:
        """Read the files, and write what is new or changed in them."""
        known = tuple(self._writer.entries)
        settings = Settings(
            self._writer.directory, self._writer.next_generation, known, memory, self._encoding, extractor
        )
        done = sorted(self._done(settings, jobs), key=lambda some: [one.task.number for one in some.outcomes[:1]])
        found = len(self._lost)
        for some in done:
            for outcome in some.outcomes:
                self._count(outcome)
        self._drop_repeated(done)
        for some in done:
            if some.segment:
                self._writer.adopt(some.segment)
        # In the order of the input, whatever the processes did first; what could not even be found was known before.
        order = sorted(range(len(self._lost)), key=lambda i: (self._lost[i][0], i < found, i))
        self.failed = [self._lost[i][1] for i in order]
        self._meter.report(last=True)

    def _done(self, settings: Settings, jobs: int) -> Iterator[Done]:
        """What becomes of the input; it is read here where it is little, or only one process is wanted."""
        tasks = self._tasks()
        first = list(islice(tasks, 2))
        if jobs == 1 or len(first) < 2:
            intake = Intake(settings, self._meter.add)
            for task in chain(first, tasks):
                if done := intake.take(task):
                    yield done
            yield intake.finish()
            return
        with Workers(settings, jobs, self._meter.add) as workers:
            # What they write will be merged: what that runs on is loaded while they are waited for.
            Thread(target=kernels.prepare, args=("dictionaries", "coding", "postings"), daemon=True).start()
            yield from workers.run(chain(first, tasks))

    def _tasks(self) -> Iterator[Task]:
        """The files in shares of about the same size."""
        number, size = 0, 0
        share: list[SourceFile] = []
        lost = self._lost
        for source in self._sources():
            if isinstance(source, Failure):
                lost.append((number, source))
                self._meter.add(Counts(0, 0, 0, 1))
                continue
            self._sizes[source.identity] = source.size
            for part in ingest.split(source, TASK_BYTES, self._encoding):
                share.append(part)
                size += part.size
                if size >= TASK_BYTES or len(share) >= TASK_FILES:
                    yield Task(number, tuple(share))
                    number, size, share = number + 1, 0, []
        if share:
            yield Task(number, tuple(share))

    def _count(self, outcome: Outcome) -> None:
        self.added += outcome.added
        self.changed += outcome.changed
        self.unchanged += outcome.unchanged
        self._lost += ((outcome.task.number, failure) for failure in outcome.failures)
        for source in outcome.whole:
            self._read[source.identity] = self._read.get(source.identity, 0) + source.size
        for seen, documents in zip(self._seen, outcome.seen, strict=False):
            for some in documents:
                seen[some] = True

    def _drop_repeated(self, done: Sequence[Done]) -> None:
        """Of records of one id that stand in different parts of a file the first is kept, and the others are named."""
        parts = [
            (outcome, some.segment)
            for some in done
            for outcome in some.outcomes
            if any(source.end is not None for source in outcome.task.sources)
        ]
        parts.sort(key=lambda part: (part[0].task.number, part[0].task.sources[0].start))
        if len(parts) < 2:
            return
        keys = np.concatenate([np.frombuffer(outcome.keys, np.uint64) for outcome, _ in parts])
        keys.sort()
        if not (keys[1:] == keys[:-1]).any():
            return
        keys = np.concatenate([np.frombuffer(outcome.keys, np.uint64) for outcome, _ in parts])
        order = np.argsort(keys, kind="stable")
        again = order[1:][keys[order[1:]] == keys[order[:-1]]]
        ends = np.cumsum([len(outcome.keys) for outcome, _ in parts])
        for at in np.sort(again).tolist():
            outcome, segment = parts[int(np.searchsorted(ends, at, side="right"))]
            place = outcome.places[at - int(ends[ends <= at].max(initial=0))]
            self._drop(outcome, segment, place)

    def _drop(self, outcome: Outcome, segment: str | None, place: int) -> None:
        name = outcome.task.sources[-1].name
        if place < 0 or segment is None:
            self.unchanged -= 1
            self._lost.append((outcome.task.number, Failure(name, "a record's id was there before in this file")))
            return
        opened = Segment(self._writer.directory / SEGMENTS / segment)
        identity = opened.identities.text(place)
        self._writer.drop(segment, [place])
        is_new = not any(one.documents_of(key_of(identity)) for one in self._known)
        self.added -= is_new
        self.changed -= not is_new
        reason = f"id {identity.partition('#')[2]!r} was there before in this file"
        self._lost.append((outcome.task.number, Failure(name, reason)))

    def remove(self) -> None:
        """Remove the documents that are gone from what was given, and remember the paths."""
        folders = tuple(f"{Path(path).resolve()}{os.sep}" for path in self._given if Path(path).is_dir())
        unseen = 0
        for segment, seen in zip(self._known, self._seen, strict=True):
            left = segment.alive_documents
            left = left[~seen[left]].tolist()
            identities = segment.identities
            gone = [one for one in left if self._is_gone(identities.text(one), folders)]
            self._writer.drop(segment.name, gone)
            self.removed += len(gone)
            unseen += len(left) - len(gone)
        found = [ingest.identity_of(path, self._base) for path in self._given if ingest.exists(path)]
        if sources := tuple(dict.fromkeys([*self._writer.sources, *found])):
            self._writer.sources = sources
        if not unseen:  # no document is left that was not looked at
            self._writer.extraction = self._fingerprint

    def report(self, documents: int, paragraphs: int, generation: int, started: float) -> BuildReport:
        """The report of this run on an index of that many documents."""
        seconds = time.perf_counter() - started
        return BuildReport(
            self.added, self.changed, self.removed, self.unchanged, tuple(self.failed), documents, paragraphs,
            generation, seconds,
        )  # fmt: skip

    def _sources(self) -> Iterator[SourceFile | Failure]:
        return ingest.discover(self._given, base=self._base, exclude=[self._writer.directory])

    def _total_bytes(self) -> int:
        return sum(source.size for source in self._sources() if isinstance(source, SourceFile))

    def _is_gone(self, identity: str, folders: tuple[str, ...]) -> bool:
        """Whether a document that this run did not meet is one that it should have met."""
        owners = [identity[:place] for place, character in enumerate(identity) if character == "#"]
        if _is_file(self._base / identity):
            return False  # it could not be read this time, or was once given by its own name
        if any(owner in self._read and self._read[owner] >= self._sizes[owner] for owner in owners):
            return True
        inside = str(self._base / identity).startswith(folders) if folders else False
        return inside and not any(_is_file(self._base / owner) for owner in owners)


class _Meter:
    """Sums up what the processes tell, and tells it no more often than is of use."""

    def __init__(self, callback: Callable[[Progress], None] | None, total: int) -> None:
        self._callback = callback
        self._total = total
        self._counts = Counts(0, 0, 0, 0)
        self._next = 0.0

    def add(self, counts: Counts) -> None:
        """Count what a process did since it last told."""
        self._counts = Counts(*(sum(pair) for pair in zip(self._counts, counts, strict=True)))
        self.report()

    def report(self, *, last: bool = False) -> None:
        """Tell how far it is, if the last time is long enough ago."""
        if self._callback is None or (not last and time.monotonic() < self._next):
            return
        self._callback(Progress(self._counts[0], max(self._total, self._counts[0]), *self._counts[1:]))
        self._next = time.monotonic() + PROGRESS_INTERVAL


def _is_file(path: Path) -> bool:
    """Whether there is a regular file, or may be: what cannot be looked at is not gone."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except ValueError:  # no file has such a name
        return False
    except OSError as error:
        return error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}
