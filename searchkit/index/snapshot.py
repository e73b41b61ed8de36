"""A snapshot: one generation opened for reading, its segments side by side under common numbers.

A paragraph has a *global* number (its segment's base plus its ordinal there), a value a global ordinal in its
dimension. Where there is one segment the two are the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np

from searchkit.errors import NotFoundError
from searchkit.index import analysis
from searchkit.index.curated import Curated
from searchkit.index.format import Array, ArrayFile
from searchkit.index.manifest import SEGMENTS, HeldGeneration, SegmentEntry, hold_current
from searchkit.index.segment import TEXT, Segment
from searchkit.keeping import kept
from searchkit.model import (
    ENTITY_DIMENSIONS,
    METADATA_DIMENSIONS,
    Label,
    Status,
    StoredDocument,
    StoredParagraph,
    Value,
)

#: The columns of names that have an order of their own, and the columns that say whose the names are.
_OWNERS: Final = {"names": "named", "aliases": "aliased"}
#: A paragraph's id as `paragraph_id` writes it.
_ID: Final = re.compile(r"[0-9a-f]{16}")
#: Values of a dimension of which is kept what is shown of them, before that begins anew.
_MANY: Final = 1 << 14


def open_segment(directory: Path, entry: SegmentEntry, columns: Path | Mapping[str, Array] | None = None) -> Segment:
    """Open a segment of a generation, with what is deleted in it, and other columns in the place of its own."""
    deleted: Array | None = None
    if entry.deleted:
        bits = ArrayFile(directory / str(entry.deleted["file"]), entry.deleted).all
        deleted = np.unpackbits(bits)[: entry.paragraphs].astype(bool)
    return Segment(directory / SEGMENTS / entry.name, deleted, columns)


def curated_columns(directory: Path, entry: SegmentEntry) -> Path | None:
    """Where the curated columns of a segment are, if it has any."""
    return directory / SEGMENTS / entry.columns.name if entry.columns and entry.columns.name else None


class ValueTable(NamedTuple):
    """The values of one dimension over all segments, ascending by id.

    `homes` says for each value which segment and local ordinal to read it from; `ordinals` maps each segment's local
    ordinals to the global ones; `parents` are global ordinals, -1 at a root, and `groups` the values that are one's;
    `rank` is each value's place by label.
    """

    homes: Array  # int64[values, 2]
    ordinals: tuple[Array, ...]
    parents: Array  # int32[values]
    groups: Array  # bool[values]
    rank: Array  # uint32[values]


class KnownAs(NamedTuple):
    """What is shown of a value: its id, its label, and the labels from the root down to it."""

    id: str
    label: str
    path: tuple[str, ...]


class Snapshot:
    """Read access to one generation. Safe to share between threads; close it to let the files go.

    Facets are as the generation's curation file decides, or as `curated` has them for each segment.
    """

    def __init__(self, held: HeldGeneration, curated: Sequence[Curated] | None = None) -> None:
        self._held = held
        self.directory = held.directory
        self.manifest = held.manifest
        entries = self.manifest.segments
        shown: list[Path | Mapping[str, Array] | None] = [curated_columns(self.directory, entry) for entry in entries]
        counted = [entry.columns.matched for entry in entries if entry.columns]
        if curated is not None:
            shown, counted = [one.arrays for one in curated], [one.matched for one in curated]
        #: How many mentions each entry of the curation file was about.
        self.matched = tuple(map(sum, zip(*counted, strict=True)))
        self.segments = tuple(open_segment(self.directory, *pair) for pair in zip(entries, shown, strict=True))
        self.bases = [0]
        for segment in self.segments:
            self.bases.append(self.bases[-1] + segment.paragraph_count)
        names = {name for segment in self.segments for name in segment.dimensions}
        known = (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)
        self.dimensions = (*known, *sorted(names - set(known)))
        self.table: Callable[[str], ValueTable] = kept(self._table)
        self.value: Callable[[str, int], Value] = kept(self._value, 1 << 14)
        self._known: dict[str, dict[int, KnownAs]] = {name: {} for name in self.dimensions}
        self.names: Callable[[str], tuple[list[str], list[int]]] = kept(self._names)
        self.label: Callable[[str, int, int], str] = kept(self._label, 1 << 14)
        self.words_of: Callable[[str], frozenset[bytes]] = kept(self._words_of, 1 << 12)

    @classmethod
    def open(cls, directory: Path, decided: Callable[[HeldGeneration], Sequence[Curated] | None] | None = None) -> Self:
        """Open the current generation; `decided` gives the columns of its segments, where not those on disk.

        `NoIndexError`, `DamagedIndexError`, `FormatError`.
        """
        held = hold_current(directory)
        try:
            return cls(held, decided(held) if decided else None)
        except BaseException:
            held.close()
            raise

    def close(self) -> None:
        """Let the collector have this generation; arrays already in use stay valid."""
        self._held.close()

    def is_current(self) -> bool:
        """Whether the index has no other generation by now. `DamagedIndexError` where that cannot be read."""
        return self._held.is_current()

    @property
    def generation(self) -> int:
        """The generation's number."""
        return self.manifest.generation

    @property
    def paragraph_count(self) -> int:
        """Paragraphs, deleted ones included: global numbers are below this."""
        return self.bases[-1]

    def status(self) -> Status:
        """What the generation holds."""
        entries = self.manifest.segments
        return Status(
            documents=sum(entry.live_documents for entry in entries),
            paragraphs=sum(entry.live_paragraphs for entry in entries),
            generation=self.generation,
            bytes=sum(segment.size for segment in self.segments),
            segments=len(entries),
            format_version=self.manifest.format_version,
        )

    # Paragraphs and documents

    def place(self, paragraph: int) -> tuple[int, int]:
        """The place of the segment of a global paragraph number, and the paragraph's ordinal there."""
        place = bisect_right(self.bases, paragraph) - 1
        return place, paragraph - self.bases[place]

    def locate(self, paragraph: int) -> tuple[Segment, int]:
        """The segment of a global paragraph number, and its ordinal there."""
        place, local = self.place(paragraph)
        return self.segments[place], local

    def find(self, paragraph_id: str) -> int:
        """The global number of the live paragraph of that id. `NotFoundError` where there is none."""
        # Only as it is written everywhere: `int` would take signs, blanks and capitals too.
        wanted = np.uint64(int(paragraph_id, 16)) if _ID.fullmatch(paragraph_id) else None
        for segment, base in zip(self.segments if wanted is not None else (), self.bases, strict=False):
            for found in np.flatnonzero(segment.array("paragraph.id").all == wanted).tolist():
                if segment.alive(found):
                    return base + int(found)
        raise NotFoundError(f"no paragraph has the id {paragraph_id!r}; `searchkit search` prints ids")

    def document(self, paragraph: int) -> StoredDocument:
        """The document that holds a paragraph, whole."""
        segment, local = self.locate(paragraph)
        document = segment.document_of(local)
        return StoredDocument(
            identity=segment.identities.text(document),
            title=segment.strings("document.title").optional(document),
            date=segment.strings("document.date").optional(document),
            source=segment.strings("document.source").optional(document),
            paragraphs=tuple(self._paragraph(segment, p, n) for n, p in enumerate(segment.paragraphs_of(document))),
        )

    def _paragraph(self, segment: Segment, paragraph: int, number: int) -> StoredParagraph:
        text = segment.text(paragraph)
        labels = {
            dimension: self._labels(dimension, segment, paragraph, text)
            for dimension in self.dimensions
            if dimension not in METADATA_DIMENSIONS
        }
        return StoredParagraph(paragraph_id(segment, paragraph), number, text, labels)

    def labels(self, dimension: str, paragraph: int, text: str) -> tuple[Label, ...]:
        """The values that a paragraph bears in a dimension, with their mentions."""
        return self._labels(dimension, *self.locate(paragraph), text)

    def _labels(self, dimension: str, segment: Segment, paragraph: int, text: str) -> tuple[Label, ...]:
        """The labels of a paragraph of a segment, named as the newest segment that knows the values names them."""
        ordinals = self.table(dimension).ordinals[self.segments.index(segment)]
        return segment.labels(dimension, paragraph, text, lambda local: self.value(dimension, int(ordinals[local])))

    def _words_of(self, term: str) -> frozenset[bytes]:
        """The words of the text that a term stands for."""
        wanted, found = term.encode("utf-8", "replace"), set[bytes]()
        for segment in self.segments:
            number = segment.terms(TEXT).index(wanted)
            found.update(segment.words_of(number) if number >= 0 else ())
        return frozenset(found)

    # Values

    def _table(self, dimension: str) -> ValueTable:
        having = [(place, s) for place, s in enumerate(self.segments) if dimension in s.dimensions]
        name = f"facet.{dimension}"
        local_ids = [list(s.strings(f"{name}.ids")) if dimension in s.dimensions else [] for s in self.segments]
        order = sorted(set().union(*local_ids))
        number = dict(zip(order, range(len(order)), strict=True))
        ordinals = tuple(np.fromiter(map(number.__getitem__, local), np.int64, len(local)) for local in local_ids)
        homes = np.zeros((len(order), 2), np.int64)
        newest = np.zeros(len(order), np.uint64)
        for place, segment in having:  # the newest label wins; of equals the later
            stamps = segment.array(f"{name}.stamps").all
            local = np.flatnonzero(stamps >= newest[ordinals[place]])
            wins = ordinals[place][local]
            newest[wins], homes[wins, 0], homes[wins, 1] = stamps[local], place, local
        parents = np.full(len(order), -1, np.int32)
        for place, segment in enumerate(self.segments):
            here = np.flatnonzero(homes[:, 0] == place)
            if len(here):
                local = segment.array(f"{name}.parents").all[homes[here, 1]]
                parents[here] = np.where(local >= 0, ordinals[place][local], -1)
        groups = np.zeros(len(order), np.bool_)
        groups[parents[parents >= 0]] = True
        return ValueTable(homes, ordinals, parents, groups, self._rank(dimension, homes))

    def _rank(self, dimension: str, homes: Array) -> Array:
        rank = np.empty(len(homes), np.uint32)
        if len(self.segments) == 1 and len(homes):
            by_label = self.segments[0].array(f"facet.{dimension}.by_label").all
        else:
            columns = [
                list(segment.strings(f"facet.{dimension}.labels")) if dimension in segment.dimensions else []
                for segment in self.segments
            ]
            labels = [columns[place][local] for place, local in homes.tolist()]
            by_label = np.array(sorted(range(len(homes)), key=labels.__getitem__), np.int64)  # equals: by id
        rank[by_label] = np.arange(len(homes))
        return rank

    def _value(self, dimension: str, ordinal: int) -> Value:
        place, local = (int(n) for n in self.table(dimension).homes[ordinal])
        return self.segments[place].value(dimension, local)

    def known_as(self, dimension: str, ordinals: Sequence[int]) -> list[KnownAs]:
        """What is shown of some values of a dimension."""
        known = self._known[dimension]
        if len(known) > _MANY:
            known = self._known[dimension] = {}
        for ordinal in ordinals:
            if ordinal not in known:
                value = self.value(dimension, ordinal)
                known[ordinal] = KnownAs(value.id, value.label, value.path)
        return [known[ordinal] for ordinal in ordinals]

    def _names(self, dimension: str) -> tuple[list[str], list[int]]:
        """The folded labels of a dimension's values, then each word of those of several, with their global ordinals."""
        found: dict[tuple[str, int], None] = {}
        for segment, ordinals in zip(self.segments, self.table(dimension).ordinals, strict=True):
            if dimension in segment.dimensions:
                own = ordinals[segment.array(f"facet.{dimension}.named").all].tolist()
                labels = map(bytes.decode, segment.strings(f"facet.{dimension}.names"))
                found |= dict.fromkeys(zip(labels, own, strict=True))
        words = [(word, ordinal) for label, ordinal in found if " " in label for word in label.split()]
        return [*(label for label, _ in found), *(word for word, _ in words)], [
            ordinal for _, ordinal in (*found, *words)
        ]

    def _label(self, dimension: str, place: int, ordinal: int) -> str:
        """The label of the value that a segment knows under an ordinal of its own."""
        return self.value(dimension, self.table(dimension).ordinals[place].item(ordinal)).label

    def ordinals_named(self, dimension: str, name: str) -> list[int]:
        """Global ordinals of the values of that id, else of all that have that label, case and accents aside.

        Last come the names that values have from a curation file: added aliases, and what was merged or renamed.

        An id is as it is spelled, or all in small letters or capitals: no table has ids that differ in case only.
        """
        if dimension not in self.dimensions:
            return []
        for spelled in dict.fromkeys((name, name.lower(), name.upper())):
            if by_id := self._ordinals(dimension, "ids", spelled):
                return by_id
        folded = analysis.fold(name)
        return self._ordinals(dimension, "names", folded) or self._ordinals(dimension, "aliases", folded)

    def _ordinals(self, dimension: str, column: str, text: str) -> list[int]:
        """Global ordinals of the values that have that text in a sorted column, which of `names` has its own order."""
        wanted = text.encode("utf-8", "replace")
        found: set[int] = set()
        for segment, ordinals in zip(self.segments, self.table(dimension).ordinals, strict=True):
            if not segment.has(f"facet.{dimension}.{column}"):
                continue
            strings = segment.strings(f"facet.{dimension}.{column}")
            at = strings.find(wanted)
            while at < len(strings) and strings.raw(at) == wanted:
                owners = _OWNERS.get(column)
                local = segment.array(f"facet.{dimension}.{owners}").at(at) if owners else at
                found.add(int(ordinals[local]))
                at += 1
        return sorted(found)


def paragraph_id(segment: Segment, paragraph: int) -> str:
    """The stable id of a paragraph, 16 hexadecimal digits."""
    return f"{segment.array('paragraph.id').at(paragraph):016x}"
