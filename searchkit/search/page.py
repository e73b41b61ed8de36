"""The hits of one page: what the index keeps of a paragraph, with what a query found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
from whoosh.query.qcore import Query

from searchkit.index.format import Strings
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import Latest, kept
from searchkit.kernels.dispatch import BoolArray, I64Array
from searchkit.model import METADATA_DIMENSIONS, Hit, StoredDocument
from searchkit.search.facets import Choice
from searchkit.search.snippets import Highlighter, Ranges

#: Paragraphs that are kept as they were last shown: the next keystroke, or the page before, shows many of them again.
#: One takes about two kilobytes.
_KEPT: Final = 1 << 12
#: Selections whose meaning in a segment is kept.
_CHOICES: Final = 64
#: Paragraphs that are read, and looked through for words, together.
_AT_ONCE: Final = 256


class Shown(NamedTuple):
    """What is shown of a paragraph whatever the query; fields as in `Hit`, in their order."""

    id: str
    document: str
    title: str | None
    date: str | None
    source: str | None
    paragraph: int
    text: str
    facets: Mapping[str, tuple[str, ...]]
    #: The text as it is stored.
    encoded: bytes


class _Reader:
    """The columns of a segment that are shown of its paragraphs, looked up once."""

    def __init__(self, snapshot: Snapshot, place: int, dimensions: Sequence[str]) -> None:
        segment = snapshot.segments[place]
        self._place = place
        self._texts = segment.texts
        self._id = segment.array("paragraph.id")
        self._document = segment.array("paragraph.document")
        self._first = segment.array("document.first")
        self._identity = segment.identities
        self._optional = [segment.strings(f"document.{name}") for name in ("title", "date", "source")]
        self._mentions = {
            dimension: (
                segment.array(f"facet.{dimension}.mentions.offsets"),
                segment.array(f"facet.{dimension}.mentions.ordinal"),
                segment.array(f"facet.{dimension}.mentions.start"),
                segment.array(f"facet.{dimension}.mentions.length"),
            )
            for dimension in dimensions
            if dimension in segment.dimensions
        }
        self._dimensions = dimensions
        self._label = snapshot.label

    def shown(self, paragraphs: I64Array) -> Iterator[Shown]:
        """What is shown of some paragraphs, a column at a time."""
        documents = self._document.some(paragraphs).astype(np.int64)
        none = Strings.NONE
        texts = self._texts.at(paragraphs)
        return map(
            Shown,
            [f"{number:016x}" for number in self._id.some(paragraphs).tolist()],
            [identity.decode() for identity in self._identity.at(documents)],
            *([None if one == none else one.decode() for one in column.at(documents)] for column in self._optional),
            (paragraphs - self._first.some(documents)).tolist(),
            map(bytes.decode, texts),
            self._named(paragraphs),
            texts,
        )

    def _named(self, paragraphs: I64Array) -> Iterator[dict[str, tuple[str, ...]]]:
        """The labels of the values that paragraphs bear, in the order in which they are first named."""
        columns = [self._labels(dimension, paragraphs) for dimension in self._dimensions]
        return (dict(zip(self._dimensions, labels, strict=True)) for labels in zip(*columns, strict=True))

    def _labels(self, dimension: str, paragraphs: I64Array) -> Iterable[tuple[str, ...]]:
        if dimension not in self._mentions:
            return repeat((), len(paragraphs))
        offsets, ordinals, _, _ = self._mentions[dimension]
        label, place = self._label, self._place
        return [
            tuple([label(dimension, place, one) for one in dict.fromkeys(ordinals[low:high].tolist())])
            if low < high
            else ()
            for low, high in offsets.some(np.stack([paragraphs, paragraphs + 1])).T.tolist()
        ]

    def naming(self, dimension: str, paragraphs: I64Array, wanted: BoolArray) -> Iterable[tuple[int, int, int]]:
        """Where paragraphs name any of the wanted values, by ordinal: the paragraph's place, the range in its text."""
        if dimension not in self._mentions:
            return ()
        offsets, ordinals, starts, lengths = self._mentions[dimension]
        first, last = offsets.some(np.stack([paragraphs, paragraphs + 1])).astype(np.int64)
        sizes = last - first
        at = np.arange(sizes.sum()) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        kept = np.flatnonzero(wanted[ordinals.some(at)])
        at, place = at[kept], np.repeat(np.arange(len(paragraphs)), sizes)[kept]
        start, length = starts.some(at).astype(np.int64), lengths.some(at)
        is_there = length > 0  # else the record brought it
        return zip(*(column[is_there].tolist() for column in (place, start, start + length)), strict=True)


class Pages:
    """Reads the paragraphs of pages out of one snapshot. May be asked from any thread."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._dimensions = tuple(name for name in snapshot.dimensions if name not in METADATA_DIMENSIONS)
        self._seen: Latest[int, Shown] = Latest(_KEPT)
        self._reader: Callable[[int], _Reader] = kept(self._make_reader)
        self._meant: Callable[[int, str, frozenset[int]], BoolArray] = kept(self._make_meant, _CHOICES)

    def hits(
        self,
        query: Query,
        chosen: Mapping[str, Choice],
        paragraphs: I64Array,
        scores: Sequence[float],
        in_document: Sequence[int] | None = None,
    ) -> Iterator[Hit]:
        """A hit for each global paragraph and its score; `in_document` says how many hits its document has."""
        highlighter = Highlighter(query, self._snapshot.words_of)
        selected = [
            (dimension, choice.chosen)
            for dimension, choice in chosen.items()
            if choice.chosen and dimension in self._dimensions
        ]
        counts: Sequence[int | None] = in_document or [None] * len(paragraphs)
        for at in range(0, len(paragraphs), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            page = self._shown(paragraphs[some])
            ranges = highlighter.ranges([shown.encoded for shown in page])
            naming = self._naming(paragraphs[some], selected)
            for shown, score, highlights, count, named in zip(
                page, scores[some], ranges, counts[some], naming, strict=True
            ):
                yield Hit(shown.id, score, *shown[1:-2], highlights, dict(shown.facets), count, named)

    def marked(self, query: Query, document: StoredDocument) -> StoredDocument:
        """A document with the words of a query marked in each of its paragraphs."""
        ranges = Highlighter(query, self._snapshot.words_of).ranges(
            [paragraph.text.encode() for paragraph in document.paragraphs]
        )
        pairs = zip(document.paragraphs, ranges, strict=True)
        return replace(document, paragraphs=tuple(replace(one, highlights=found) for one, found in pairs))

    def _naming(self, paragraphs: I64Array, selected: Sequence[tuple[str, frozenset[int]]]) -> list[Ranges]:
        """Where each of some global paragraphs names one of the selected values, or what is below them."""
        found: list[set[tuple[int, int]]] = [set() for _ in paragraphs]
        for place, rows in self._by_segment(paragraphs) if selected else ():
            local, reader = paragraphs[rows] - self._snapshot.bases[place], self._reader(place)
            for dimension, some in selected:
                for row, start, end in reader.naming(dimension, local, self._meant(place, dimension, some)):
                    found[rows[row]].add((start, end))
        return [tuple(sorted(ranges)) for ranges in found]

    def _make_meant(self, place: int, dimension: str, chosen: frozenset[int]) -> BoolArray:
        """Which of the values of a segment, by ordinal, are some values or below them."""
        table = self._snapshot.table(dimension)
        meant, before = np.isin(np.arange(len(table.parents)), list(chosen)), 0
        while before != (before := int(np.count_nonzero(meant))):
            meant |= (table.parents >= 0) & meant[table.parents]
        return meant[table.ordinals[place]]

    def _by_segment(self, paragraphs: I64Array) -> Iterator[tuple[int, I64Array]]:
        """The segments that some global paragraphs are in, and where the paragraphs of each stand."""
        places = np.searchsorted(self._snapshot.bases, paragraphs, side="right") - 1
        for place in np.unique(places).tolist():
            yield place, np.flatnonzero(places == place)

    def _shown(self, paragraphs: I64Array) -> list[Shown]:
        """What is shown of some global paragraphs; it is read of those that were not seen lately."""
        known = {paragraph: self._seen.get(paragraph) for paragraph in paragraphs.tolist()}
        new = np.array([paragraph for paragraph, shown in known.items() if shown is None], np.int64)
        for place, rows in self._by_segment(new) if len(new) else ():
            read = list(self._reader(place).shown(new[rows] - self._snapshot.bases[place]))
            for paragraph, shown in zip(new[rows].tolist(), read, strict=True):
                known[paragraph] = self._seen.keep(paragraph, shown)
        return [shown for shown in known.values() if shown is not None]

    def _make_reader(self, place: int) -> _Reader:
        return _Reader(self._snapshot, place, self._dimensions)
