"""Opening an index so that its facets are as the curation file decides, whatever the generation on disk was made with.

Where the file has changed since, the columns are made again: as a generation where this process may write one, else in
memory, for this process alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from searchkit.entities.curation import Curation, describe
from searchkit.entities.curation_file import load
from searchkit.errors import IndexWriteError, LockedError
from searchkit.index.curated import Curated, bind, curate, file_of, recorded_as
from searchkit.index.manifest import HeldGeneration, hold_current
from searchkit.index.snapshot import Snapshot, open_segment
from searchkit.model import CurationStatus, DecisionStatus

#: What is said of an entry that changed nothing.
_IDLE: Final = "matches nothing; names are ids or labels, as `searchkit facets` and `--format json` show them"

#: Files as they were when they were read, to see whether they have changed: path, time, size.
Stamps: TypeAlias = tuple[tuple[Path, int, int], ...]


class Current:
    """An open snapshot with the curation file that its facets are decided by."""

    def __init__(self, snapshot: Snapshot, file: Path, curation: Curation, stamps: Stamps) -> None:
        self.snapshot = snapshot
        self.file = file
        self.curation = curation
        self._stamps = stamps

    @classmethod
    def open(cls, directory: Path, named: Path | None = None) -> Current:
        """Open the current generation. `named` is the curation file, where it is not the one that the index remembers.

        `NoIndexError`, `DamagedIndexError`, `FormatError`; `UsageError` where the curation file is wrong.
        """
        held = hold_current(directory)
        manifest = held.manifest
        held.close()
        file = file_of(directory, manifest, named)
        stamps = _stamps([file])
        curation = load(file)
        stamps = _stamps(curation.files) if curation.files and stamps == _stamps([file]) else stamps
        if recorded_as(directory, file, curation) != manifest.curation:
            with suppress(LockedError, IndexWriteError):
                _write(directory, file)

        def decided(held: HeldGeneration) -> Sequence[Curated] | None:
            recorded = recorded_as(directory, file, curation)
            return None if held.manifest.curation == recorded else _in_memory(held, curation)

        return cls(Snapshot.open(directory, decided), file, curation, stamps)

    def status(self) -> CurationStatus | None:
        """The curation file and what each entry did, where there is one."""
        if not self.curation.digest:
            return None
        segments = [open_segment(self.snapshot.directory, entry) for entry in self.snapshot.manifest.segments]
        problems = bind(self.curation, segments).problems()
        matched = self.snapshot.matched or (0,) * len(self.curation.entries)
        entries = (
            DecisionStatus(
                str(entry.file), entry.line, entry.dimension, describe(entry), count,
                problems.get(entry, "" if count else _IDLE),
            )
            for entry, count in zip(self.curation.entries, matched, strict=True)
        )  # fmt: skip
        return CurationStatus(str(self.file), tuple(entries))

    def is_current(self) -> bool:
        """Whether neither the index nor the curation file has changed since."""
        return self.snapshot.is_current() and _stamps(path for path, _, _ in self._stamps) == self._stamps


def _write(directory: Path, file: Path) -> None:
    """Make the generation that the curation file asks for. `LockedError`, `IndexWriteError`."""
    from searchkit.index.writer import IndexWriter  # noqa: PLC0415 - a start that has nothing to write does without

    if not os.access(directory, os.W_OK):
        raise IndexWriteError(f"{directory} is read-only")
    with IndexWriter(directory, curation=file) as writer:
        writer.commit()


def _in_memory(held: HeldGeneration, curation: Curation) -> list[Curated]:
    """The curated columns of every segment of a generation."""
    segments = [open_segment(held.directory, entry) for entry in held.manifest.segments]
    curator = bind(curation, segments)
    return [curate(segment, curator) for segment in segments]


def _stamps(files: Iterable[Path]) -> Stamps:
    stamps = []
    for path in files:
        try:
            found = path.stat()
            stamps.append((path, found.st_mtime_ns, found.st_size))
        except OSError:
            stamps.append((path, 0, -1))
    return tuple(stamps)
