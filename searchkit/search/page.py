"""The hits of one page: what the index keeps of a paragraph, with what a query found in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from whoosh.query.qcore import Query

from searchkit.index.snapshot import Snapshot, paragraph_id
from searchkit.keeping import kept
from searchkit.model import METADATA_DIMENSIONS, Hit
from searchkit.search.snippets import Highlighter, Vocabulary, cut

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


class Pages:
    """Reads the paragraphs of pages out of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._dimensions = tuple(name for name in snapshot.dimensions if name not in METADATA_DIMENSIONS)
        self._vocabulary = Vocabulary()
        self.shown: Callable[[int], Shown] = kept(self._shown, _KEPT)

    def hits(
        self, query: Query, paragraphs: Sequence[int], scores: Sequence[float], in_document: Sequence[int] | None = None
    ) -> Iterator[Hit]:
        """A hit for each global paragraph and its score; `in_document` says how many hits its document has."""
        if len(self._vocabulary.pieces) > _REMEMBERED:
            self._vocabulary = Vocabulary()
        highlighter = Highlighter(query, self._vocabulary)
        counts: Sequence[int | None] = in_document or [None] * len(paragraphs)
        for at in range(0, len(paragraphs), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            page = [self.shown(paragraph) for paragraph in paragraphs[some]]
            ranges = highlighter.ranges([shown.parts for shown in page])
            for shown, score, highlights, count in zip(page, scores[some], ranges, counts[some], strict=True):
                yield Hit(shown.id, score, *shown[1:-2], highlights, dict(shown.facets), count)

    def _shown(self, paragraph: int) -> Shown:
        place, local = self._snapshot.place(paragraph)
        segment = self._snapshot.segments[place]
        document = segment.document_of(local)
        text = segment.text(local)
        return Shown(
            paragraph_id(segment, local),
            segment.strings("document.identity").text(document),
            segment.strings("document.title").optional(document),
            segment.strings("document.date").optional(document),
            segment.strings("document.source").optional(document),
            local - segment.paragraphs_of(document).start,
            text,
            {
                dimension: tuple(
                    self._snapshot.label(dimension, place, ordinal) for ordinal in segment.named(dimension, local)
                )
                for dimension in self._dimensions
            },
            cut(text),
        )
