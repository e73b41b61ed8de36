"""The one writer: adds, replaces and removes documents, and commits them as a new generation."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from searchkit.entities.curation_file import load
from searchkit.errors import NoIndexError, SearchkitError
from searchkit.index.arrays import write_array
from searchkit.index.buffer import DEFAULT_MEMORY, SegmentBuffer, new_folder, stamp_of
from searchkit.index.build import key_of, label_columns
from searchkit.index.curated import Curated, bind, curate, digest_of, file_of, recorded_as
from searchkit.index.format import Array, make_folder, sync_folder
from searchkit.index.manifest import (
    SEGMENTS,
    Columns,
    Manifest,
    SegmentEntry,
    collect,
    current_name,
    load_manifest,
    publish,
    writer_lock,
)
from searchkit.index.merge import merge
from searchkit.index.segment import Segment, sync_segment, write_segment
from searchkit.index.snapshot import open_segment
from searchkit.model import Document, Labels

#: A merge takes place when this many segments are of about the same size, and makes one of them.
MERGE_FACTOR: Final = 8


class IndexWriter:
    """Writes to the index in `directory`, alone. Use it as a context manager; what is not committed never was.

    `fresh` starts from an empty index; readers keep the old generation until the commit. A segment is written whenever
    `memory` bytes are about to be exceeded. `LockedError` on entering where another process writes; `IndexWriteError`
    where the disk refuses, and then the previous generation stands; `UsageError` where the curation file (`curation`,
    or what `curated.file_of` says) is wrong.

    Segments hold what was extracted; a commit writes columns of their own for those that the curation file changes.
    """

    def __init__(
        self, directory: Path, *, fresh: bool = False, memory: int = DEFAULT_MEMORY, curation: Path | None = None
    ) -> None:
        self.directory = directory
        self._named_curation = curation
        self._fresh = fresh
        self._buffer = SegmentBuffer(directory, memory)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(writer_lock(self.directory))
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _open(self) -> None:
        make_folder(self.directory / SEGMENTS)
        sync_folder(self.directory)
        try:
            name = current_name(self.directory)
            self._base = load_manifest(self.directory / name) if name else Manifest()
        except SearchkitError:
            if not self._fresh:
                raise
            # A rebuild repairs whatever was there; only its number matters, and no later one may be used already.
            names = (path.stem.partition("-")[2] for path in self.directory.glob("manifest-*.json"))
            self._base = Manifest(generation=max((int(name) for name in names if name.isdecimal()), default=0))
        file = file_of(self.directory, self._base, self._named_curation)
        self._curation = load(file)
        self._recorded = recorded_as(self.directory, file, self._curation)
        self._there = {path.name for path in (self.directory / SEGMENTS).iterdir()}
        self._segments: list[Segment] = []
        self._entries: dict[str, SegmentEntry] = {}
        self._new: list[Segment] = []
        self._extraction, self._sources = self._base.extraction, self._base.sources
        self._removed: dict[str, set[int]] = {}
        self._changed = self._fresh
        self._publishing = False
        if self._fresh:
            self._extraction, self._sources = "", ()
            return
        for entry in self._base.segments:
            segment = open_segment(self.directory, entry)
            self._entries[segment.name] = entry
            self._segments.append(segment)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        kept = self._there | {entry.name for entry in self._base.segments}
        kept |= {entry.columns.name for entry in self._base.segments if entry.columns}
        if not self._publishing:
            for folder in (self.directory / SEGMENTS).glob("*"):
                if folder.name not in kept:  # written, never committed
                    shutil.rmtree(folder, ignore_errors=True)
        self._stack.close()

    # What is there

    @property
    def segments(self) -> Sequence[Segment]:
        """The segments of the generation that is written on: none where it starts from an empty index."""
        return [segment for segment in self._segments if segment not in self._new]

    @property
    def entries(self) -> Sequence[SegmentEntry]:
        """What the manifest says of these segments."""
        return [self._entries[segment.name] for segment in self.segments]

    @property
    def next_generation(self) -> int:
        """The number that a commit will have."""
        return self._base.generation + 1

    @property
    def documents(self) -> dict[str, int]:
        """Identity -> `key_of` its content hash of each document, changes so far included. Reads all of them."""
        self._flush()
        self._supersede()
        found = {}
        for segment in self._segments:
            identities, hashes = segment.identities, segment.array("document.hash")
            removed = self._removed.get(segment.name, ())
            for document in segment.alive_documents.tolist():
                if document not in removed:
                    found[identities.text(document)] = hashes.at(document)
        return found

    @property
    def document_count(self) -> int:
        """Documents of the current generation."""
        return sum(entry.live_documents for entry in self._base.segments)

    @property
    def paragraph_count(self) -> int:
        """Paragraphs of the current generation."""
        return sum(entry.live_paragraphs for entry in self._base.segments)

    @property
    def extraction(self) -> str:
        """The fingerprint of the extraction that made the labels; assign to set it for the commit."""
        return self._extraction

    @extraction.setter
    def extraction(self, fingerprint: str) -> None:
        self._changed |= fingerprint != self._extraction
        self._extraction = fingerprint

    @property
    def sources(self) -> tuple[str, ...]:
        """The paths that earlier runs were given; assign to set them for the commit."""
        return self._sources

    @sources.setter
    def sources(self, paths: Sequence[str]) -> None:
        self._changed |= tuple(paths) != self._sources
        self._sources = tuple(paths)

    # Changes

    def add(self, document: Document, labels: Sequence[Labels]) -> None:
        """Add a document, in place of one of the same identity; `labels` has one mapping for each paragraph."""
        if not document.paragraphs:
            raise ValueError(f"{document.identity} has no paragraphs")
        if len(labels) != len(document.paragraphs):
            raise ValueError(f"{document.identity}: {len(labels)} labels for {len(document.paragraphs)} paragraphs")
        self._buffer.add([document], label_columns(labels), stamp=stamp_of(self.next_generation, len(self._new)))
        self._changed = True
        if self._buffer.is_full:
            self._flush()

    def remove(self, identity: str) -> None:
        """Remove a document; nothing happens where there is none of that identity."""
        key = key_of(identity)
        if self._buffer.holds(key):
            self._flush()
        for segment in self._segments:
            for document in segment.documents_of(key):
                if segment.identities.text(document) == identity:
                    self.drop(segment.name, [document])

    def drop(self, name: str, documents: Iterable[int]) -> None:
        """Remove documents of a segment, by their ordinals there."""
        removed = self._removed.setdefault(name, set())
        before = len(removed)
        removed.update(documents)
        self._changed |= len(removed) > before

    def adopt(self, name: str) -> None:
        """Take in a segment that another process wrote for this commit, and that holds what is newest."""
        self._take(Segment(self.directory / SEGMENTS / name))
        self._changed = True

    def _flush(self) -> None:
        """Make the buffered documents a segment on disk, which no generation names yet."""
        if name := self._buffer.write():
            self._take(Segment(self.directory / SEGMENTS / name))

    def _take(self, segment: Segment) -> None:
        self._segments.append(segment)
        self._new.append(segment)
        self._entries[segment.name] = SegmentEntry(segment.name, segment.paragraph_count, segment.document_count)

    # Commit

    def commit(self, *, compact: bool = False) -> int:
        """Make all changes durable as a new generation and return its number; the current one if nothing changed.

        `compact` merges everything into one segment. After an error nothing has changed, and the writer is to be left.
        """
        self._flush()
        self._changed |= self._recorded != self._base.curation
        if not (self._changed or (compact and (len(self._segments) > 1 or self._has_deletions()))):
            return self._base.generation
        self._supersede()
        self._segments = [segment for segment in self._segments if self._apply_removals(segment)]
        for group in [self._segments] if compact else mergeable(self._segments, self._new):
            self._merge(group)
        for segment in self._segments:
            if segment in self._new:
                sync_segment(segment.folder)
        entries = self._curated([self._publishable(segment, self.next_generation) for segment in self._segments])
        sync_folder(self.directory / SEGMENTS)
        manifest = Manifest(self.next_generation, tuple(entries), self._extraction, self._sources, self._recorded)
        # Should this fail, the disk may yet hold the new `CURRENT`: what it names stays until a later commit.
        self._publishing = True
        publish(self.directory, manifest)
        self._base, self._changed, self._publishing = manifest, False, False
        self._entries = {entry.name: entry for entry in entries}
        self._new.clear()
        self._removed.clear()
        collect(self.directory, manifest)
        return manifest.generation

    def _has_deletions(self) -> bool:
        return any(segment.deleted is not None for segment in self._segments)

    def _supersede(self) -> None:
        """Remove the documents in whose place there are newer ones."""
        for segment in self._new:
            keys, documents = self._keyed(segment)
            again = np.flatnonzero(keys[1:] == keys[:-1])
            self._replace(segment, documents[again], segment, documents[again + 1])
            for older in self._segments[: self._segments.index(segment)]:
                old_keys, old_documents = self._keyed(older)
                last = np.searchsorted(keys, old_keys, side="right") - 1
                again = np.flatnonzero((last >= 0) & (keys[last] == old_keys) if len(keys) else last >= 0)
                self._replace(older, old_documents[again], segment, documents[last[again]])

    def _keyed(self, segment: Segment) -> tuple[Array, Array]:
        """The keys of a segment's documents, ascending, and whose they are, without what was removed just now."""
        keys, documents = segment.array("document.keys").all, segment.array("document.keyed").all
        if removed := self._removed.get(segment.name):
            left = ~np.isin(documents, np.fromiter(removed, np.int64, len(removed)))
            return keys[left], documents[left]
        return keys, documents

    def _replace(self, older: Segment, old: Array, newer: Segment, new: Array) -> None:
        """Remove documents that are there again, unless it is only their key that is."""
        before, after = older.identities, newer.identities
        pairs = zip(old.tolist(), new.tolist(), strict=True)
        self.drop(older.name, [i for i, j in pairs if before.raw(i) == after.raw(j)])

    def _apply_removals(self, segment: Segment) -> bool:
        """Mark removed documents as deleted in memory; false where nothing of the segment is left."""
        removed = self._removed.pop(segment.name, None)
        if removed:
            first = segment.firsts.astype(np.int64)
            documents = np.fromiter(removed, np.int64, len(removed))
            edges = np.zeros(segment.paragraph_count + 1, np.int64)
            np.add.at(edges, first[documents], 1)
            np.add.at(edges, first[documents + 1], -1)
            gone = np.cumsum(edges)[:-1] > 0
            segment.mark_deleted(gone if segment.deleted is None else segment.deleted | gone)
        return segment.deleted is None or not bool(segment.deleted.all())

    def _merge(self, group: Sequence[Segment]) -> None:
        """Put one segment in the place of several."""
        if len(group) < 2 and not any(segment.deleted is not None for segment in group):
            return
        folder = new_folder(self.directory)
        merge(group, folder)
        rest = [segment for segment in self._segments if segment not in group]
        for segment in group:
            if segment.name not in self._there:  # written for this commit, and no longer needed: gone before the next
                shutil.rmtree(segment.folder, ignore_errors=True)
        self._segments = rest
        self._take(Segment(folder))

    def _curated(self, entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
        """The entries with the columns that the curation file asks for; what is there already is kept."""
        if not self._curation.digest:
            return [replace(entry, columns=None) for entry in entries]
        curator = bind(self._curation, self._segments)
        decided = digest_of(curator)
        made = []
        for entry, segment in zip(entries, self._segments, strict=True):
            columns = entry.columns
            if columns is None or columns.decided != decided:
                columns = self._write_columns(curate(segment, curator), decided)
            made.append(replace(entry, columns=columns))
        return made

    def _write_columns(self, curated: Curated, decided: str) -> Columns:
        if not curated.arrays:
            return Columns("", decided, curated.matched)
        folder = new_folder(self.directory)
        write_segment(folder, curated.arrays)
        sync_segment(folder)
        return Columns(folder.name, decided, curated.matched)

    def _publishable(self, segment: Segment, generation: int) -> SegmentEntry:
        """The manifest's entry of a segment, its deletions written."""
        entry = self._entries[segment.name]
        if segment.deleted is None or (entry.deleted and entry.deleted["paragraphs"] == int(segment.deleted.sum())):
            return entry
        name = f"deleted-{generation:08d}-{segment.name}.npy"
        (self.directory / name).unlink(missing_ok=True)
        written = write_array(self.directory / name, np.packbits(segment.deleted))
        gone = segment.document_count - len(segment.alive_documents)
        return replace(
            entry, deleted={"file": name, **written, "paragraphs": int(segment.deleted.sum()), "documents": gone}
        )


def mergeable(segments: Sequence[Segment], new: Sequence[Segment]) -> list[list[Segment]]:
    """Groups worth merging: `MERGE_FACTOR` or more segments whose sizes lie within one power of that factor.

    New ones are a group, unless some go with older ones: every search pays for each segment, and one commit need not
    leave two.
    """
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tier = 0
        while segment.paragraph_count >= MERGE_FACTOR ** (tier + 3):
            tier += 1
        tiers.setdefault(tier, []).append(segment)
    groups = [group for group in tiers.values() if len(group) >= MERGE_FACTOR]
    with_older = [group for group in groups if any(segment not in new for segment in group)]
    rest = [segment for segment in segments if not any(segment in group for group in with_older)]
    left = [segment for segment in rest if segment in new]
    return [*with_older, left] if len(left) > 1 else with_older


@dataclass(frozen=True, slots=True)
class Compaction:
    """What compacting did; the keys of `compact --json`. `dropped` are the deleted paragraphs that are gone now."""

    generation: int
    segments_before: int
    segments: int
    bytes_before: int
    bytes: int
    dropped: int
    paragraphs: int


def compact(directory: Path) -> Compaction:
    """Merge everything into one segment, and remove what is deleted and what only earlier generations needed.

    `NoIndexError` where there is no index; `LockedError` and `IndexWriteError` as `IndexWriter`.
    """
    if current_name(directory) is None:
        raise NoIndexError(f"there is no index in {directory}; make one with `searchkit index PATH`")
    before = _size(directory)
    with IndexWriter(directory) as writer:
        entries = list(writer.entries)
        generation = writer.commit(compact=True)
        collect(directory, load_manifest(directory / str(current_name(directory))), previous=False)
        left = list(writer.entries)
    return Compaction(
        generation=generation,
        segments_before=len(entries),
        segments=len(left),
        bytes_before=before,
        bytes=_size(directory),
        dropped=sum(entry.paragraphs - entry.live_paragraphs for entry in entries),
        paragraphs=sum(entry.live_paragraphs for entry in left),
    )


def _size(directory: Path) -> int:
    """The bytes of all files of an index."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
