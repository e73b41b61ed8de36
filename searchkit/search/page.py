"""The hits of one page: what the index keeps of a paragraph, with what a query found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, repeat
from typing import Final, NamedTuple

import numpy as np
from whoosh.query.qcore import Query

from searchkit.index.format import Strings, damaged
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import Latest, kept
from searchkit.kernels.dispatch import I64Array
from searchkit.model import METADATA_DIMENSIONS, Hit, StoredDocument
from searchkit.search.facets import Choice
from searchkit.search.snippets import Highlighter, Ranges

#: Paragraphs that are kept as they were last shown: the next keystroke, or the page before, shows many of them again.
#: One takes about two kilobytes.
_KEPT: Final = 1 << 12
#: Selections whose meaning in a segment is kept, and queries whose words are known.
_CHOICES: Final = 64
#: Paragraphs that are read, and looked through for words, together.
_AT_ONCE: Final = 256

#: A value's ordinal in its segment, where it is named, in code points, and how many; none where the record brought it.
_Mention = tuple[int, int, int]


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
    #: The place of its segment, and what it names in each dimension, by that segment's ordinals.
    place: int
    mentions: Mapping[str, Sequence[_Mention]]


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
        self._columns = {
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
        texts, mentions = self._texts.at(paragraphs), self._mentions(paragraphs)
        none = Strings.NONE
        return map(
            Shown,
            [f"{number:016x}" for number in self._id.some(paragraphs).tolist()],
            [identity.decode() for identity in self._identity.at(documents)],
            *([None if one == none else one.decode() for one in column.at(documents)] for column in self._optional),
            (paragraphs - self._first.some(documents)).tolist(),
            map(bytes.decode, texts),
            map(self._named, mentions),
            texts,
            repeat(self._place),
            mentions,
        )

    def _named(self, mentions: Mapping[str, Sequence[_Mention]]) -> dict[str, tuple[str, ...]]:
        """The labels of the values that a paragraph bears, in the order in which they are first named."""
        label, place = self._label, self._place
        return {
            dimension: tuple([label(dimension, place, one) for one in {ordinal: None for ordinal, _, _ in some}])
            for dimension, some in mentions.items()
        }

    def _mentions(self, paragraphs: I64Array) -> list[dict[str, Sequence[_Mention]]]:
        """What each of some paragraphs names."""
        columns = [self._of_dimension(dimension, paragraphs) for dimension in self._dimensions]
        return [dict(zip(self._dimensions, some, strict=True)) for some in zip(*columns, strict=True)]

    def _of_dimension(self, dimension: str, paragraphs: I64Array) -> Iterable[Sequence[_Mention]]:
        if dimension not in self._columns:
            return repeat((), len(paragraphs))
        offsets, *columns = self._columns[dimension]
        first, last = offsets.some(np.stack([paragraphs, paragraphs + 1])).astype(np.int64)
        ends = np.cumsum(last - first)
        if (last < first).any() or ends[-1] > len(columns[0]):
            raise damaged(offsets.path)
        at = np.arange(ends[-1]) + np.repeat(last - ends, last - first)
        every = list(zip(*(column.some(at).tolist() for column in columns), strict=True))
        return [every[low:high] for low, high in pairwise([0, *ends.tolist()])]


class Pages:
    """Reads the paragraphs of pages out of one snapshot. May be asked from any thread."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._dimensions = tuple(name for name in snapshot.dimensions if name not in METADATA_DIMENSIONS)
        self._seen: Latest[int, Shown] = Latest(_KEPT)
        self._highlighters: Latest[int, tuple[Query, Highlighter]] = Latest(_CHOICES)
        self._reader: Callable[[int], _Reader] = kept(self._make_reader)
        self._meant: Callable[[int, str, frozenset[int]], frozenset[int]] = kept(self._make_meant, _CHOICES)

    def hits(
        self,
        query: Query,
        chosen: Mapping[str, Choice],
        paragraphs: I64Array,
        scores: Sequence[float],
        in_document: Sequence[int] | None = None,
    ) -> Iterator[Hit]:
        """A hit for each global paragraph and its score; `in_document` says how many hits its document has."""
        highlighter = self._highlighter(query)
        selected = [(name, one.chosen) for name, one in chosen.items() if one.chosen and name in self._dimensions]
        counts: Sequence[int | None] = in_document or [None] * len(paragraphs)
        for at in range(0, len(paragraphs), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            page = self._shown(paragraphs[some].tolist())
            ranges = highlighter.ranges([shown.encoded for shown in page])
            named = self._named(page, selected) if selected else [()] * len(page)
            for shown, score, highlights, count, names in zip(
                page, scores[some], ranges, counts[some], named, strict=True
            ):
                yield Hit(shown.id, score, *shown[1:7], highlights, dict(shown.facets), count, names)

    def marked(self, query: Query, document: StoredDocument) -> StoredDocument:
        """A document with the words of a query marked in each of its paragraphs."""
        ranges = self._highlighter(query).ranges([paragraph.text.encode() for paragraph in document.paragraphs])
        pairs = zip(document.paragraphs, ranges, strict=True)
        return replace(document, paragraphs=tuple(replace(one, highlights=found) for one, found in pairs))

    def _highlighter(self, query: Query) -> Highlighter:
        """What marks the words of a query: that of an earlier page for the same tree, for it knows many tokens."""
        known = self._highlighters.get(id(query))  # the tree is kept with it, so nothing else gets its number
        if known is None:
            known = self._highlighters.keep(id(query), (query, Highlighter(query, self._snapshot.words_of)))
        return known[1]

    def _named(self, page: Sequence[Shown], selected: Sequence[tuple[str, frozenset[int]]]) -> Iterable[Ranges]:
        """Where each paragraph names one of the selected values, or what is below them."""
        places = {shown.place for shown in page}
        meant = {place: [(name, self._meant(place, name, some)) for name, some in selected] for place in places}
        for shown in page:
            found = {
                (start, start + length)
                for dimension, ordinals in meant[shown.place]
                for ordinal, start, length in shown.mentions[dimension]
                if length and ordinal in ordinals
            }
            yield tuple(sorted(found))

    def _make_meant(self, place: int, dimension: str, chosen: frozenset[int]) -> frozenset[int]:
        """The ordinals that a segment has for some values and for what is below them."""
        table = self._snapshot.table(dimension)
        meant, before = np.isin(np.arange(len(table.parents)), list(chosen)), 0
        while before != (before := int(np.count_nonzero(meant))):
            meant |= (table.parents >= 0) & meant[table.parents]
        return frozenset(np.flatnonzero(meant[table.ordinals[place]]).tolist())

    def _shown(self, paragraphs: Sequence[int]) -> list[Shown]:
        """What is shown of some global paragraphs; it is read of those that were not seen lately."""
        seen = self._seen.get_all(paragraphs)
        if len(seen) < len(paragraphs):
            new = np.array([paragraph for paragraph in paragraphs if paragraph not in seen], np.int64)
            places = np.searchsorted(self._snapshot.bases, new, side="right") - 1
            for place in set(places.tolist()):
                some = new[places == place]
                read = self._reader(place).shown(some - self._snapshot.bases[place])
                for paragraph, shown in zip(some.tolist(), read, strict=True):
                    seen[paragraph] = self._seen.keep(paragraph, shown)
        return [seen[paragraph] for paragraph in paragraphs]

    def _make_reader(self, place: int) -> _Reader:
        return _Reader(self._snapshot, place, self._dimensions)
