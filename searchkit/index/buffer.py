"""Documents on their way into segments, in bounded memory: what a writer, and each worker of a build, collects."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from searchkit.index.build import SegmentBuilder
from searchkit.index.format import Array
from searchkit.index.lexicon import Lexicon
from searchkit.index.manifest import SEGMENTS
from searchkit.index.segment import write_segment
from searchkit.model import Document, LabelColumns

#: Bytes that the buffers of one build may take.
DEFAULT_MEMORY: Final = 1 << 30
#: A lexicon that takes more than this part of the memory is begun anew with the next segment.
_LEXICON_PART: Final = 2


class SegmentBuffer:
    """Collects documents and writes them as segments, which no generation names yet.

    `memory` bounds what is collected and what making a segment of it takes; not the program itself.
    """

    def __init__(self, directory: Path, memory: int = DEFAULT_MEMORY) -> None:
        self._directory = directory
        self._memory = memory
        self._lexicon = Lexicon()
        self._builder = SegmentBuilder(self._lexicon)

    def __len__(self) -> int:
        return self._builder.document_count

    @property
    def is_full(self) -> bool:
        """Whether the memory is used up, and it is time to write."""
        return self._builder.nbytes + self._lexicon.nbytes >= self._memory

    def add(
        self,
        documents: Sequence[Document],
        labels: LabelColumns,
        *,
        keys: Array | None = None,
        contents: Array | None = None,
        stamp: int = 0,
    ) -> None:
        """Add documents; see `SegmentBuilder.add`."""
        self._builder.add(documents, labels, keys=keys, contents=contents, stamp=stamp)

    def holds(self, key: int) -> bool:
        """Whether a document of that key is among those collected."""
        return self._builder.holds(key)

    def write(self) -> str | None:
        """Write what was collected as a segment; its name, or None where nothing was."""
        if not len(self):
            return None
        folder = new_folder(self._directory)
        write_segment(folder, self._builder.arrays())
        if self._lexicon.nbytes > self._memory // _LEXICON_PART:
            self._lexicon = Lexicon()
        self._builder = SegmentBuilder(self._lexicon)
        return folder.name


def new_folder(directory: Path) -> Path:
    """The folder of a segment that is yet to be written."""
    return directory / SEGMENTS / secrets.token_hex(8)


def stamp_of(generation: int, part: int) -> int:
    """How new a label is that the given part of a generation's input names; what comes later has a larger number."""
    return generation << 32 | part
