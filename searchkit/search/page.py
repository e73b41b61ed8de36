"""The hits of one page: what the index keeps of a paragraph, with what a query found in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from whoosh.query.qcore import Query

from searchkit.index.segment import Segment
from searchkit.index.snapshot import Snapshot, paragraph_id
from searchkit.keeping import kept
from searchkit.model import METADATA_DIMENSIONS, Hit, StoredDocument
from searchkit.search.facets import Choice
from searchkit.search.snippets import Highlighter, Ranges, Vocabulary, cut

#: Paragraphs that are kept as they were last shown: the next keystroke, or the page before, shows many of them again.
_KEPT: Final = 512
#: Paragraphs whose words are looked at together, and distinct parts of texts that are remembered.
_AT_ONCE: Final = 256
_REMEMBERED: Final = 1 << 16


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
    #: The text cut at its spaces, as `snippets.cut` does.
    parts: Sequence[str]


class _Reader:
    """The columns of a segment that are shown of its paragraphs, looked up once."""

    def __init__(self, segment: Segment, dimensions: Sequence[str]) -> None:
        self.segment = segment
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

    def about(self, paragraph: int) -> tuple[str, str | None, str | None, str | None, int]:
        """The identity, title, date and source of a paragraph's document, and the paragraph's number in it."""
        document = self._document.at(paragraph)
        title, date, source = (column.optional(document) for column in self._optional)
        return self._identity.text(document), title, date, source, paragraph - self._first.at(document)

    def named(self, dimension: str, paragraph: int) -> Iterable[int]:
        """The ordinals of the values that a paragraph bears, in the order in which they are first named."""
        if dimension not in self._mentions:
            return ()
        offsets, ordinals, _, _ = self._mentions[dimension]
        first, last = offsets.at(paragraph), offsets.at(paragraph + 1)
        return dict.fromkeys(ordinals[first:last].tolist()) if first < last else ()

    def naming(self, dimension: str, paragraph: int, wanted: Collection[int]) -> Iterable[tuple[int, int]]:
        """Where a paragraph names any of the values of these ordinals."""
        if dimension not in self._mentions:
            return
        offsets, ordinals, starts, lengths = self._mentions[dimension]
        first, last = offsets.at(paragraph), offsets.at(paragraph + 1)
        for at, ordinal in enumerate(ordinals[first:last].tolist(), first):
            if ordinal in wanted and (length := lengths.at(at)):
                yield starts.at(at), starts.at(at) + length


class Pages:
    """Reads the paragraphs of pages out of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._dimensions = tuple(name for name in snapshot.dimensions if name not in METADATA_DIMENSIONS)
        self._vocabulary = Vocabulary()
        self.shown: Callable[[int], Shown] = kept(self._shown, _KEPT)
        self._reader: Callable[[int], _Reader] = kept(self._make_reader)
        self._meant: Callable[[int, str, frozenset[int]], frozenset[int]] = kept(self._make_meant, _KEPT)

    def hits(
        self,
        query: Query,
        chosen: Mapping[str, Choice],
        paragraphs: Sequence[int],
        scores: Sequence[float],
        in_document: Sequence[int] | None = None,
    ) -> Iterator[Hit]:
        """A hit for each global paragraph and its score; `in_document` says how many hits its document has."""
        highlighter = self._highlighter(query)
        selected = [
            (dimension, choice.chosen)
            for dimension, choice in chosen.items()
            if choice.chosen and dimension in self._dimensions
        ]
        counts: Sequence[int | None] = in_document or [None] * len(paragraphs)
        for at in range(0, len(paragraphs), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            page = [self.shown(paragraph) for paragraph in paragraphs[some]]
            ranges = highlighter.ranges([shown.parts for shown in page])
            for number, shown, score, highlights, count in zip(
                paragraphs[some], page, scores[some], ranges, counts[some], strict=True
            ):
                named = self._named(number, selected) if selected else ()
                yield Hit(shown.id, score, *shown[1:-2], highlights, dict(shown.facets), count, named)

    def marked(self, query: Query, document: StoredDocument) -> StoredDocument:
        """A document with the words of a query marked in each of its paragraphs."""
        ranges = self._highlighter(query).ranges([cut(paragraph.text) for paragraph in document.paragraphs])
        pairs = zip(document.paragraphs, ranges, strict=True)
        return replace(document, paragraphs=tuple(replace(one, highlights=found) for one, found in pairs))

    def _highlighter(self, query: Query) -> Highlighter:
        if len(self._vocabulary.pieces) > _REMEMBERED:
            self._vocabulary = Vocabulary()
        return Highlighter(query, self._vocabulary)

    def _named(self, paragraph: int, selected: Sequence[tuple[str, frozenset[int]]]) -> Ranges:
        """Where a paragraph names one of the selected values, or what is below them."""
        place, local = self._snapshot.place(paragraph)
        reader = self._reader(place)
        found = [reader.naming(dimension, local, self._meant(place, dimension, some)) for dimension, some in selected]
        return tuple(sorted(set(chain(*found))))

    def _make_meant(self, place: int, dimension: str, chosen: frozenset[int]) -> frozenset[int]:
        """The ordinals that a segment has for some values and for what is below them."""
        table = self._snapshot.table(dimension)
        meant, before = np.isin(np.arange(len(table.parents)), list(chosen)), 0
        while before != (before := int(np.count_nonzero(meant))):
            meant |= (table.parents >= 0) & meant[table.parents]
        return frozenset(np.flatnonzero(meant[table.ordinals[place]]).tolist())

    def _shown(self, paragraph: int) -> Shown:
        place, local = self._snapshot.place(paragraph)
        reader, label = self._reader(place), self._snapshot.label
        text = reader.segment.text(local)
        facets = {
            dimension: tuple([label(dimension, place, ordinal) for ordinal in reader.named(dimension, local)])
            for dimension in self._dimensions
        }
        identity = paragraph_id(reader.segment, local)
        return Shown(identity, *reader.about(local), text, facets, cut(text))

    def _make_reader(self, place: int) -> _Reader:
        return _Reader(self._snapshot.segments[place], self._dimensions)
