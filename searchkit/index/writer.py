"""The one writer: adds, replaces and removes documents, and commits them as a new generation."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import numpy as np

from searchkit.entities.curation_file import load
from searchkit.errors import NoIndexError, SearchkitError
from searchkit.index.build import Labelled, segment_arrays
from searchkit.index.curated import Curated, bind, curate, digest_of, file_of, recorded_as
from searchkit.index.format import Array, make_folder, sync_folder, write_array
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
from searchkit.index.merge import merged_arrays
from searchkit.index.segment import Segment, write_segment
from searchkit.index.snapshot import open_segment
from searchkit.model import Document, Labels

#: Text held in memory before it becomes a segment; arrays take about six times as much while they are made.
DEFAULT_BUFFER: Final = 64 << 20
#: A merge takes place when this many segments are of about the same size, and makes one of them.
MERGE_FACTOR: Final = 8


class IndexWriter:
    """Writes to the index in `directory`, alone. Use it as a context manager; what is not committed never was.

    `fresh` starts from an empty index; readers keep the old generation until the commit. `LockedError` on entering
    where another process writes; `IndexWriteError` where the disk refuses, and then the previous generation stands;
    `UsageError` where the curation file (`curation`, or what `curated.file_of` says) is wrong.

    Segments hold what was extracted; a commit writes columns of their own for those that the curation file changes.
    """

    def __init__(
        self,
        directory: Path,
        *,
        fresh: bool = False,
        buffer_bytes: int = DEFAULT_BUFFER,
        curation: Path | None = None,
    ) -> None:
        self.directory = directory
        self._named_curation = curation
        self._fresh = fresh
        self._buffer_bytes = buffer_bytes
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
        self._columns: list[str] = []
        self._segments: list[Segment] = []
        self._entries: dict[str, SegmentEntry] = {}
        self._extraction, self._sources = self._base.extraction, self._base.sources
        self._where: dict[str, tuple[Segment, int]] = {}
        self._hashes: dict[str, str] = {}
        self._removed: dict[str, set[int]] = {}
        self._buffer: dict[str, Labelled] = {}
        self._buffered = 0
        self._changed = self._fresh
        self._publishing = False
        if self._fresh:
            self._extraction, self._sources = "", ()
            return
        for entry in self._base.segments:
            segment = open_segment(self.directory, entry)
            self._entries[segment.name] = entry
            self._register(segment)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        named = {entry.name for entry in self._base.segments}
        for segment in self._segments:
            if segment.name not in named and not self._publishing:  # written, never committed
                shutil.rmtree(segment.folder, ignore_errors=True)
        for name in () if self._publishing else self._columns:
            shutil.rmtree(self.directory / SEGMENTS / name, ignore_errors=True)
        self._stack.close()

    # What is there

    @property
    def documents(self) -> Mapping[str, str]:
        """Identity -> content hash of each document, changes so far included."""
        return MappingProxyType(self._hashes)

    @property
    def document_count(self) -> int:
        """Documents that the next commit holds."""
        return len(self._hashes)

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
        self._drop(document.identity)
        self._buffer[document.identity] = (document, labels)
        self._hashes[document.identity] = document.content_hash
        self._buffered += sum(len(paragraph.text) for paragraph in document.paragraphs) + 1000
        self._changed = True
        if self._buffered > self._buffer_bytes:
            self._flush()

    def remove(self, identity: str) -> None:
        """Remove a document; nothing happens where there is none of that identity."""
        self._drop(identity)
        self._hashes.pop(identity, None)

    def _drop(self, identity: str) -> None:
        if self._buffer.pop(identity, None) is not None:
            self._changed = True
        elif identity in self._where:
            segment, document = self._where.pop(identity)
            self._removed.setdefault(segment.name, set()).add(document)
            self._changed = True

    def _register(self, segment: Segment) -> None:
        self._segments.append(segment)
        identities, hashes = segment.strings("document.identity"), segment.strings("document.hash")
        for document in segment.alive_documents.tolist():
            identity = identities.text(document)
            self._where[identity] = (segment, document)
            self._hashes[identity] = hashes.text(document)

    def _flush(self) -> None:
        """Make the buffered documents a segment on disk, which no generation names yet."""
        if self._buffer:
            documents = list(self._buffer.values())
            self._register(self._write(segment_arrays(documents)))
            self._buffer.clear()
        self._buffered = 0

    def _write(self, arrays: Mapping[str, Array]) -> Segment:
        folder = self.directory / SEGMENTS / secrets.token_hex(8)
        write_segment(folder, arrays)
        segment = Segment(folder)
        self._entries[segment.name] = SegmentEntry(segment.name, segment.paragraph_count, segment.document_count)
        return segment

    # Commit

    def commit(self, *, compact: bool = False) -> int:
        """Make all changes durable as a new generation and return its number; the current one if nothing changed.

        `compact` merges everything into one segment. After an error nothing has changed, and the writer is to be left.
        """
        self._flush()
        self._changed |= self._recorded != self._base.curation
        if not (self._changed or (compact and (len(self._segments) > 1 or self._has_deletions()))):
            return self._base.generation
        generation = self._base.generation + 1
        self._segments = [segment for segment in self._segments if self._apply_removals(segment)]
        for group in [self._segments] if compact else mergeable(self._segments):
            self._merge(group)
        entries = self._curated([self._publishable(segment, generation) for segment in self._segments])
        manifest = Manifest(generation, tuple(entries), self._extraction, self._sources, self._recorded)
        # Should this fail, the disk may yet hold the new `CURRENT`: what it names stays until a later commit.
        self._publishing = True
        publish(self.directory, manifest)
        self._base, self._changed, self._publishing = manifest, False, False
        self._entries = {entry.name: entry for entry in entries}
        self._columns.clear()
        collect(self.directory, manifest)
        return generation

    def _has_deletions(self) -> bool:
        return any(segment.deleted is not None for segment in self._segments)

    def _apply_removals(self, segment: Segment) -> bool:
        """Mark removed documents as deleted in memory; false where nothing of the segment is left."""
        removed = self._removed.pop(segment.name, None)
        if removed:
            deleted = np.zeros(segment.paragraph_count, bool) if segment.deleted is None else segment.deleted.copy()
            for document in removed:
                paragraphs = segment.paragraphs_of(document)
                deleted[paragraphs.start : paragraphs.stop] = True
            segment.mark_deleted(deleted)
        return segment.deleted is None or not bool(segment.deleted.all())

    def _merge(self, group: Sequence[Segment]) -> None:
        """Put one segment in the place of several."""
        if len(group) < 2 and not any(segment.deleted is not None for segment in group):
            return
        merged = self._write(merged_arrays(group))
        newer = len(self._segments) - 1 - max(map(self._segments.index, group))
        self._segments = [segment for segment in self._segments if segment not in group]
        self._register(merged)
        # What was written later stays behind it: the newest label of a value is the one that counts.
        self._segments.insert(len(self._segments) - 1 - newer, self._segments.pop())

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
        name = secrets.token_hex(8) if curated.arrays else ""
        if name:
            self._columns.append(name)
            write_segment(self.directory / SEGMENTS / name, curated.arrays)
        return Columns(name, decided, curated.matched)

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


def mergeable(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Groups worth merging: `MERGE_FACTOR` or more segments whose sizes lie within one power of that factor."""
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        tier = 0
        while segment.paragraph_count >= MERGE_FACTOR ** (tier + 3):
            tier += 1
        tiers.setdefault(tier, []).append(segment)
    return [group for group in tiers.values() if len(group) >= MERGE_FACTOR]


def compact(directory: Path) -> int:
    """Merge everything into one segment and drop what is deleted; the generation that holds it."""
    if current_name(directory) is None:
        raise NoIndexError(f"there is no index in {directory}; make one with `searchkit index PATH`")
    with IndexWriter(directory) as writer:
        return writer.commit(compact=True)
