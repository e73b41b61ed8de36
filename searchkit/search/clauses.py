"""Query nodes of ours in Whoosh's tree: what the schema's fields cannot say.

Each is a leaf that Whoosh's own searcher can run (`matcher`), and whose paragraphs a plan can take as an array
(`paragraphs`). A clause over values or dates selects and does not score; one over words scores its boost.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from whoosh import query as q
from whoosh.matching.mcore import Matcher
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index.format import Array
from searchkit.index.reader import ArrayMatcher
from searchkit.index.schema import TEXT_FIELD, TITLE_FIELD, WORD_FIELD
from searchkit.index.segment import Segment
from searchkit.index.snapshot import Snapshot
from searchkit.kernels import counts

if TYPE_CHECKING:
    from whoosh.searching import Searcher

_NO_DOCS: Final = np.zeros(0, np.uint32)


class Clause(Query):
    """A leaf over the paragraphs of a segment."""

    def __init__(self, shown: str, boost: float = 1.0) -> None:
        self.shown = shown
        self.boost = boost

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clause) and (self.shown, self.boost) == (other.shown, other.boost)

    def __hash__(self) -> int:
        return hash((type(self), self.shown, self.boost))

    @property
    def score(self) -> float:
        """What a paragraph that meets the clause gets for it."""
        return 0.0

    @abstractmethod
    def paragraphs(self, segment: Segment) -> Array:
        """The paragraphs of a segment that meet the clause, ascending, deleted ones included."""

    def matcher(self, searcher: Searcher, context: Any = None) -> Matcher:  # noqa: ANN401, ARG002 - Whoosh's interface
        """The clause as Whoosh's searcher runs it."""
        segment: Segment = searcher.reader().data  # the searcher runs on our reader
        return ArrayMatcher(without_deleted(segment, self.paragraphs(segment)), constant=self.score)

    def estimate_size(self, ixreader: Any) -> int:  # noqa: ANN401 - Whoosh's interface
        """An upper bound of the number of paragraphs."""
        return int(ixreader.doc_count_all())

    def estimate_min_size(self, ixreader: Any) -> int:  # noqa: ANN401, ARG002 - Whoosh's interface
        """A lower bound of the number of paragraphs."""
        return 0


class Valued(Clause):
    """Paragraphs that bear one of some values of a dimension (given as global ordinals), or a value below them."""

    def __init__(self, shown: str, snapshot: Snapshot, dimension: str, ordinals: frozenset[int]) -> None:
        super().__init__(shown)
        self.dimension = dimension
        self.ordinals = ordinals
        self._snapshot = snapshot

    def paragraphs(self, segment: Segment) -> Array:
        """The paragraphs whose column has one of the values."""
        return np.flatnonzero(bearing(self._snapshot, segment, self.dimension, self.ordinals))


class Dated(Clause):
    """Paragraphs of documents whose date meets the days from `first` to `last`, both included."""

    def __init__(self, shown: str, first: int, last: int) -> None:
        super().__init__(shown)
        self.first = first
        self.last = last

    def paragraphs(self, segment: Segment) -> Array:
        """The paragraphs of that time."""
        return np.flatnonzero(segment.between(self.first, self.last))


class Words(Clause):
    """Paragraphs that have one of many words: what a prefix, a pattern, a fuzzy word or a range came to.

    Scores its boost whatever the word and however often it occurs. Has positions, so it may stand in a phrase.
    """

    def __init__(self, shown: str, words: Collection[bytes], boost: float = 1.0, field: str = WORD_FIELD) -> None:
        super().__init__(shown, boost)
        self.words = words
        self.field_name = field

    def __str__(self) -> str:
        return f"{TITLE_FIELD}:{self.shown}" if self.field_name == TITLE_FIELD else self.shown

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, Words) and self._means == other._means

    def __hash__(self) -> int:
        return super().__hash__()

    @property
    def _means(self) -> tuple[str, Collection[bytes]]:
        return self.field_name, self.words

    @property
    def score(self) -> float:
        """The boost."""
        return self.boost

    def paragraphs(self, segment: Segment) -> Array:
        """The paragraphs that have one of the words."""
        return self.matched(segment)[0]

    def numbers(self, segment: Segment) -> list[int]:
        """The words' places in the segment's dictionary."""
        terms = segment.terms(self.field_name)
        return [number for word in set(self.words) if (number := terms.index(word)) >= 0]

    def matched(self, segment: Segment) -> tuple[Array, Array, Array]:
        """Paragraphs, how many of the words' occurrences each has, and the positions of these."""
        numbers = self.numbers(segment)
        if not numbers:
            return _NO_DOCS, _NO_DOCS, _NO_DOCS
        found = [segment.postings(self.field_name, number) for number in numbers]
        docs = np.concatenate([np.repeat(posting.docs, posting.freqs) for posting in found])
        positions = np.concatenate([posting.positions for posting in found])
        order = np.lexsort((positions, docs))
        unique, counts = np.unique(docs, return_counts=True)
        return unique, counts, positions[order]

    def matcher(self, searcher: Searcher, context: Any = None) -> Matcher:  # noqa: ANN401, ARG002 - Whoosh's interface
        """The clause as Whoosh's searcher runs it, with positions."""
        segment: Segment = searcher.reader().data  # the searcher runs on our reader
        docs, counts, positions = self.matched(segment)
        if segment.deleted is not None:
            alive = ~segment.deleted[docs]
            docs, counts, positions = docs[alive], counts[alive], positions[np.repeat(alive, counts)]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        return ArrayMatcher(docs, counts, (offsets, positions), constant=self.score)


def phrase(leaf: Query) -> tuple[Sequence[Query], int] | None:
    """The parts and the slop of a leaf that is a phrase in the text."""
    if isinstance(leaf, q.Phrase) and leaf.fieldname == TEXT_FIELD:
        return [q.Term(TEXT_FIELD, word) for word in leaf.words], leaf.slop
    return (leaf.qs, leaf.slop) if isinstance(leaf, SpanNear2) else None


def bearing(snapshot: Snapshot, segment: Segment, dimension: str, ordinals: frozenset[int]) -> Array:
    """Which paragraphs of a segment bear one of the values, as a mask."""
    offsets, column = segment.column(dimension)
    mask = np.zeros(segment.paragraph_count, bool)
    wanted = local_values(snapshot, segment, dimension, ordinals)
    if wanted.any():
        mask[counts.bearing(offsets, column, wanted)[1]] = True
    return mask


def local_values(snapshot: Snapshot, segment: Segment, dimension: str, ordinals: frozenset[int]) -> Array:
    """A mask over a segment's own ordinals: which of them are among the global `ordinals`."""
    place = snapshot.segments.index(segment)
    return np.isin(snapshot.table(dimension).ordinals[place], list(ordinals))


def without_deleted(segment: Segment, docs: Array) -> Array:
    """The paragraphs among `docs` that the generation still has."""
    return docs if segment.deleted is None else docs[~segment.deleted[docs]]
