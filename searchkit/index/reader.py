"""Whoosh's reader interface over our segments, so that the stock `whoosh.searching.Searcher` runs on them.

Only what a searcher needs is implemented, through the part of the interface that classic Whoosh 2.7.4 has as well.
Scores in Whoosh depend on statistics of the whole collection, which `MultiReader` adds up over the segments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from whoosh.matching.mcore import Matcher, NullMatcher, ReadTooFar
from whoosh.query.spans import Span
from whoosh.reading import IndexReader, MultiReader, TermInfo, TermNotFound
from whoosh.scoring import BaseScorer

from searchkit.index.format import Array
from searchkit.index.schema import INDEXED_FIELDS, TITLE_FIELD, schema
from searchkit.index.segment import Segment
from searchkit.index.snapshot import Snapshot

_NOTHING: Final = np.zeros(0, np.int64)


class ArrayMatcher(Matcher):
    """A Whoosh matcher over arrays: paragraphs ascending, their frequencies, and the positions of all of them.

    `constant` is the score of every paragraph where no scorer is given.
    """

    def __init__(
        self,
        docs: Array,
        freqs: Array | None = None,
        positions: tuple[Array, Array] | None = None,
        *,
        scorer: BaseScorer | None = None,
        term: tuple[str, bytes] | None = None,
        constant: float = 1.0,
    ) -> None:
        self._docs = docs
        self._freqs = freqs
        self._positions = positions
        self._scorer = scorer
        self._term = term
        self._constant = constant
        self._at = 0

    def is_active(self) -> bool:
        """Whether there is a current paragraph."""
        return self._at < len(self._docs)

    def reset(self) -> None:
        """Go back to the first paragraph."""
        self._at = 0

    def copy(self) -> ArrayMatcher:
        """A matcher of the same postings that stands where this one does."""
        other = ArrayMatcher(
            self._docs, self._freqs, self._positions, scorer=self._scorer, term=self._term, constant=self._constant
        )
        other._at = self._at
        return other

    def term(self) -> tuple[str, bytes] | None:
        """The field and term of these postings."""
        return self._term

    def id(self) -> int:
        """The current paragraph."""
        return int(self._docs[self._at])

    def all_ids(self) -> Iterator[int]:
        """Every paragraph."""
        return iter(self._docs.tolist())

    def next(self) -> None:
        """Move to the next paragraph."""
        if not self.is_active():
            raise ReadTooFar
        self._at += 1

    def skip_to(self, id: int) -> None:  # noqa: A002 - Whoosh's name
        """Move to the first paragraph that is not before `id`."""
        if not self.is_active():
            raise ReadTooFar
        self._at += int(np.searchsorted(self._docs[self._at :], id))

    def replace(self, minquality: float = 0) -> Matcher:  # noqa: ARG002 - Whoosh's interface; qualities are not used
        """This matcher, or the empty one at the end."""
        return self if self.is_active() else NullMatcher()

    def weight(self) -> float:
        """How often the term occurs in the current paragraph."""
        return 1.0 if self._freqs is None else float(self._freqs[self._at])

    def score(self) -> float:
        """The score of the current paragraph."""
        return float(self._scorer.score(self)) if self._scorer else self._constant

    def supports(self, astype: str) -> bool:
        """Whether the postings have that form."""
        return astype == "positions" and self._positions is not None

    def value(self) -> bytes:
        """Postings have no encoded values here."""
        return b""

    def value_as(self, astype: str) -> Any:  # noqa: ANN401 - as Whoosh declares it
        """The positions of the current posting."""
        if not self.supports(astype):
            raise NotImplementedError(astype)
        return self.positions()

    def positions(self) -> list[int]:
        """Where the term occurs in the current paragraph, ascending."""
        if self._positions is None:
            return []
        offsets, positions = self._positions
        start, end = offsets[self._at : self._at + 2].tolist()
        return [int(position) for position in positions[start:end]]

    def spans(self) -> list[Span]:
        """The positions as Whoosh's spans."""
        return [Span(position) for position in self.positions()]


class SegmentReader(IndexReader):
    """One segment as Whoosh reads it. A paragraph is what Whoosh calls a document."""

    def __init__(self, segment: Segment) -> None:
        self.data = segment
        self.schema = schema()

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._number(*term) >= 0

    def _number(self, fieldname: str, text: bytes | str) -> int:
        if fieldname not in INDEXED_FIELDS:
            return -1
        return self.data.terms(fieldname).index(text.encode() if isinstance(text, str) else text)

    def close(self) -> None:
        """Nothing to do: the snapshot holds the files."""

    def indexed_field_names(self) -> Sequence[str]:
        """The fields that have terms."""
        return INDEXED_FIELDS

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Every term of every field."""
        for field in sorted(INDEXED_FIELDS):
            yield from ((field, term) for term in self.data.terms(field))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """The terms of a field from `prefix` on."""
        terms = self.data.terms(fieldname)
        yield from ((fieldname, terms.raw(number)) for number in range(terms.find(prefix), len(terms)))

    def term_info(self, fieldname: str, text: str | bytes) -> TermInfo:
        """How often and where a term occurs."""
        docs, freqs, _ = self._postings(fieldname, text)
        lengths = self._lengths(fieldname)[docs]
        return TermInfo(
            weight=float(freqs.sum()),
            df=len(docs),
            minlength=int(lengths.min()) if len(docs) else 0,
            maxlength=int(lengths.max()) if len(docs) else 0,
            maxweight=float(freqs.max()) if len(docs) else 0.0,
            minid=int(docs[0]) if len(docs) else 0,
            maxid=int(docs[-1]) if len(docs) else 0,
        )

    def doc_frequency(self, fieldname: str, text: str | bytes) -> int:
        """In how many paragraphs a term occurs, deleted ones included; a title counts for each paragraph below it."""
        number = self._number(fieldname, text)
        if fieldname == TITLE_FIELD and number >= 0:
            return len(self._postings(fieldname, text)[0])
        return self.data.doc_frequency(fieldname, number) if number >= 0 else 0

    def frequency(self, fieldname: str, text: str | bytes) -> int:
        """How often a term occurs in all."""
        number = self._number(fieldname, text)
        return int(self.data.counts(fieldname, number)[1].sum()) if number >= 0 else 0

    def has_deletions(self) -> bool:
        """Whether any paragraph is deleted."""
        return self.data.deleted is not None

    def is_deleted(self, docnum: int) -> bool:
        """Whether a paragraph is deleted; Whoosh's `InverseMatcher` asks it of the number after the last as well."""
        return docnum < self.data.paragraph_count and not self.data.alive(docnum)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The text of a paragraph."""
        return {"text": self.data.text(docnum)}

    def doc_count_all(self) -> int:
        """Paragraphs, deleted ones included."""
        return self.data.paragraph_count

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        deleted = self.data.deleted
        return self.data.paragraph_count - (0 if deleted is None else int(deleted.sum()))

    def _lengths(self, fieldname: str) -> Array:
        """Words of a field for each paragraph."""
        lengths = self.data.lengths(fieldname)
        return lengths[self.data.array("paragraph.document").all] if fieldname == TITLE_FIELD else lengths

    def field_length(self, fieldname: str) -> int:
        """Words of a field in all paragraphs."""
        return int(self._lengths(fieldname).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """Words of a field in the paragraph that has the fewest."""
        lengths = self._lengths(fieldname)
        return int(lengths.min()) if len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        """Words of a field in the paragraph that has the most."""
        return int(self._lengths(fieldname).max(initial=0))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Words of a field in one paragraph."""
        place = self.data.document_of(docnum) if fieldname == TITLE_FIELD else docnum
        return self.data.array(f"{fieldname}.lengths").at(place) or default

    def _postings(self, fieldname: str, text: str | bytes) -> tuple[Array, Array, tuple[Array, Array] | None]:
        """Paragraphs, frequencies, and offsets with positions; a title's posting is one for each paragraph below it."""
        number = self._number(fieldname, text)
        if number < 0:
            raise TermNotFound((fieldname, text))
        docs, freqs, positions = self.data.postings(fieldname, number)
        offsets = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
        if fieldname != TITLE_FIELD:
            return docs, freqs, (offsets, positions)
        first = self.data.firsts.astype(np.int64)
        counts = first[docs + 1] - first[docs]
        below = np.concatenate([np.arange(a, a + n) for a, n in zip(first[docs], counts, strict=True)] or [_NOTHING])
        runs = [positions[offsets[i] : offsets[i + 1]] for i in range(len(docs)) for _ in range(int(counts[i]))]
        freqs = np.repeat(freqs, counts)
        return (
            below,
            freqs,
            (np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)]), np.concatenate([*runs, _NOTHING])),
        )

    def postings(self, fieldname: str, text: str | bytes, scorer: BaseScorer | None = None, **_: object) -> Matcher:
        """The matcher of a term's live paragraphs. `TermNotFound` where the segment does not have it."""
        docs, freqs, positions = self._postings(fieldname, text)
        if self.data.deleted is not None and positions is not None:
            alive = ~self.data.deleted[docs]
            offsets = np.concatenate([[0], np.cumsum(freqs[alive], dtype=np.int64)])
            positions = (offsets, positions[1][np.repeat(alive, freqs)])
            docs, freqs = docs[alive], freqs[alive]
        term = (fieldname, text.encode() if isinstance(text, str) else text)
        return ArrayMatcher(docs, freqs, positions, scorer=scorer, term=term)

    def has_vector(self, docnum: int, fieldname: str) -> bool:  # noqa: ARG002 - Whoosh's interface
        """There are no term vectors."""
        return False

    def vector(self, docnum: int, fieldname: str, format_: object = None) -> Matcher:
        """There are no term vectors."""
        raise NotImplementedError


def reader(snapshot: Snapshot) -> IndexReader:
    """A Whoosh reader over a whole generation."""
    readers = [SegmentReader(segment) for segment in snapshot.segments]
    if len(readers) == 1:
        return readers[0]
    whole = MultiReader(list[IndexReader](readers), generation=snapshot.generation)
    whole.schema = schema()
    return whole
