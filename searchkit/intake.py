"""From files to segments: what one process of a build does with its share of the input."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchkit import ingest
from searchkit.index.buffer import SegmentBuffer, stamp_of
from searchkit.index.build import hash_keys, key_of, keys_of
from searchkit.index.known import Known
from searchkit.index.manifest import SegmentEntry
from searchkit.index.snapshot import open_segment
from searchkit.ingest import SourceFile
from searchkit.labelling import BATCH_CHARACTERS, BATCH_PARAGRAPHS, Extractor, Labeller
from searchkit.model import Document, Failure

#: Seconds between two reports of progress.
PROGRESS_INTERVAL: Final = 0.1


@dataclass(frozen=True, slots=True)
class Task:
    """Files, or parts of them, that one process reads; tasks are numbered in the order of the input."""

    number: int
    sources: tuple[SourceFile, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What every process of a build has to know. `known` are the segments of the generation that is written on."""

    directory: Path
    generation: int
    known: tuple[SegmentEntry, ...]
    memory: int
    encoding: str | None = None
    extractor: Extractor | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a task.

    `seen` has, for each known segment, the documents that were met again. Of each document met, in order, `keys` has
    the key and `places` its ordinal in the segment that was written, -1 where it was not written. `whole` are the
    files of records that were read to the end.
    """

    task: Task
    failures: list[Failure] = field(default_factory=list)
    whole: list[SourceFile] = field(default_factory=list)
    seen: list[list[npt.NDArray[np.int64]]] = field(default_factory=list)
    keys: array[int] = field(default_factory=lambda: array("Q"))
    places: array[int] = field(default_factory=lambda: array("i"))
    added: int = 0
    changed: int = 0
    unchanged: int = 0


class Done(NamedTuple):
    """Tasks whose documents are on disk, in a segment of that name, or none where there was nothing to write."""

    segment: str | None
    outcomes: list[Outcome]


class Counts(NamedTuple):
    """How far a process is, since it last told: bytes of the files, documents, paragraphs, failures."""

    done_bytes: int
    documents: int
    paragraphs: int
    failed: int


class Intake:
    """Reads tasks, labels what is new in them and writes it in segments, in bounded memory."""

    def __init__(self, settings: Settings, tell: Callable[[Counts], None] | None = None) -> None:
        self._settings = settings
        self._tell = tell
        self._labeller = Labeller(settings.extractor)
        # Part of each document's hash, so that other rules of extraction make it a changed one.
        self._tag = np.uint64(key_of(self._labeller.extractor.fingerprint))
        self._known = Known([open_segment(settings.directory, entry) for entry in settings.known])
        self._buffer = SegmentBuffer(settings.directory, settings.memory)
        self._outcomes: list[Outcome] = []
        self._counts = [0, 0, 0, 0]
        self._told = 0.0

    def take(self, task: Task) -> Done | None:
        """Read a task. What it returns is on disk; what is not stays in memory until a later call, or `finish`."""
        outcome = Outcome(task, seen=[[] for _ in self._settings.known])
        self._outcomes.append(outcome)
        for batch in self._batches(task, outcome):
            self._add(batch, outcome)
            self._report()
        return self.finish() if self._buffer.is_full else None

    def finish(self) -> Done:
        """Write what is in memory."""
        outcomes, self._outcomes = self._outcomes, []
        self._report(last=True)
        return Done(self._buffer.write(), outcomes)

    def _batches(self, task: Task, outcome: Outcome) -> Iterator[list[Document]]:
        batch: list[Document] = []
        paragraphs = characters = 0
        for source in task.sources:
            for one in self._read(source, outcome):
                batch.append(one)
                paragraphs += len(one.paragraphs)
                characters += one.paragraphs[-1].end
                if paragraphs >= BATCH_PARAGRAPHS or characters >= BATCH_CHARACTERS:
                    self._counts[1] += len(batch)
                    self._counts[2] += paragraphs
                    yield batch
                    batch, paragraphs, characters = [], 0, 0
        self._counts[1] += len(batch)
        self._counts[2] += paragraphs
        if batch:
            yield batch

    def _read(self, source: SourceFile, outcome: Outcome) -> Iterator[Document]:
        """The documents of a file, its failures told."""
        before, whole = self._counts[0], True
        try:
            for item in ingest.read(source, encoding=self._settings.encoding, advance=self._advance):
                if isinstance(item, Failure):
                    self._fail(item, outcome)
                    whole = whole and item.path != source.name  # a line that is of no use does not end the file
                else:
                    yield item
        except Exception as error:  # noqa: BLE001  a file that no reader foresaw must not stop the run
            self._fail(Failure(source.name, f"cannot be read: {type(error).__name__}: {error}"), outcome)
            whole = False
        self._counts[0] = before + source.size
        if whole and source.format == "jsonl":
            outcome.whole.append(source)

    def _fail(self, failure: Failure, outcome: Outcome) -> None:
        outcome.failures.append(failure)
        self._counts[3] += 1
        if failure.documents:  # whatever they were, they are not gone
            keys = keys_of(failure.documents)
            for seen, documents in zip(outcome.seen, self._known.find(keys, keys).where, strict=True):
                seen.append(documents)

    def _add(self, batch: list[Document], outcome: Outcome) -> None:
        """Label and keep what is new in a batch; the rest is counted."""
        keys = keys_of([one.identity for one in batch])
        hashes = hash_keys([one.content_hash for one in batch]) ^ self._tag
        found = self._known.find(keys, hashes)
        for seen, documents in zip(outcome.seen, found.where, strict=True):
            seen.append(documents)
        fresh = np.flatnonzero(~found.same).tolist()
        labels, failures = self._labeller.columns([batch[place] for place in fresh])
        for failure in failures.values():
            self._fail(failure, outcome)
        kept = [place for i, place in enumerate(fresh) if i not in failures]
        places = np.full(len(batch), -1, np.int32)
        places[kept] = np.arange(len(kept)) + len(self._buffer)
        if kept:
            stamp = stamp_of(self._settings.generation, outcome.task.number)
            added = [batch[place] for place in kept]
            self._buffer.add(added, labels, keys=keys[kept], contents=hashes[kept], stamp=stamp)
        changed = int(np.count_nonzero(found.there[kept]))
        outcome.changed += changed
        outcome.added += len(kept) - changed
        outcome.unchanged += len(batch) - len(fresh)
        outcome.keys.frombytes(keys.tobytes())
        outcome.places.frombytes(places.tobytes())

    def _advance(self, count: int) -> None:
        self._counts[0] += count

    def _report(self, *, last: bool = False) -> None:
        """Tell how far it is, if the last time is long enough ago."""
        now = time.monotonic()
        if self._tell is not None and (last or now >= self._told + PROGRESS_INTERVAL):
            self._tell(Counts(*self._counts))
            self._counts = [0, 0, 0, 0]
            self._told = now
