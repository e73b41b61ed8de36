"""The posting lists of one segment, as arrays that kernels take: of terms, of titles, of many words at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from searchkit.index.format import damaged
from searchkit.index.schema import INDEXED_FIELDS, TEXT_FIELD, TITLE_FIELD, WORD_FIELD
from searchkit.index.segment import Segment
from searchkit.keeping import kept
from searchkit.kernels import coding
from searchkit.kernels.dispatch import BoolArray, I32Array, I64Array, U8Array, U32Array
from searchkit.search.patterns import WordRange

#: Looking a word up in the dictionary takes as long as reading so many words that stand in a row there.
_LOOK_UP: Final = 200
#: Postings that are gone through between two looks at the clock.
_STEP: Final = 1 << 20


class Posted(NamedTuple):
    """The admitted paragraphs of a term, and what it takes to read more of their postings later.

    `places` are theirs in the posting list, none where all of it was admitted. Of a title, the postings are those of
    documents, so that several paragraphs have one place.
    """

    docs: U32Array
    data: U8Array
    blocks: I64Array
    size: int
    places: I64Array | None

    def frequencies(self, rows: I64Array | None) -> U32Array:
        """How often the term occurs in the paragraphs that stand in these rows, or in all."""
        if rows is None and self.places is None:
            return coding.frequencies(self.data, self.blocks, self.size)
        return coding.frequencies_at(self.data, self.blocks, self.postings(rows))

    def postings(self, rows: I64Array | None) -> I64Array:
        """Which postings of the list those of these rows are, or of all."""
        if self.places is None:
            return np.arange(self.size) if rows is None else rows
        return self.places if rows is None else self.places[rows]


class Lists:
    """One segment, with what is made of its arrays once and used by every search."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.number = kept(self._number, 1 << 14)
        self.lengths = kept(self._lengths)
        self.largest = kept(self._largest)

    def _largest(self, field: str) -> int:
        return int(self.lengths(field).max(initial=0))

    def _number(self, field: str, term: bytes) -> int:
        return self.segment.terms(field).index(term) if field in INDEXED_FIELDS else -1

    def _lengths(self, field: str) -> I32Array:
        lengths = self.segment.lengths(field).astype(np.int32)
        return lengths[self.segment.array("paragraph.document").all] if field == TITLE_FIELD else lengths

    def doc_frequency(self, field: str, term: bytes) -> int:
        """In how many paragraphs a term occurs, deleted ones included."""
        number = self.number(field, term)
        if number < 0:
            return 0
        if field != TITLE_FIELD:
            return self.segment.doc_frequency(field, number)
        return len(self.postings(field, number, None).docs)

    def postings(self, field: str, number: int, verdicts: U8Array | None) -> Posted:
        """The paragraphs of a term of text or titles; a title's term is one of every paragraph below the title."""
        data, count = self.segment.coded(f"{field}.postings", number), self.segment.doc_frequency(field, number)
        limit = self.segment.document_count if field == TITLE_FIELD else self.segment.paragraph_count
        try:
            if verdicts is not None and field != TITLE_FIELD:
                docs, places, blocks = coding.documents_admitted(data, count, verdicts)
                return Posted(docs, data, blocks, count, places)
            docs, blocks = coding.documents(data, count, limit)
        except ValueError as error:
            raise damaged(self.segment.folder / f"{field}.postings.npy") from error
        if field != TITLE_FIELD:
            return Posted(docs, data, blocks, count, None)
        below, document = self._below(docs)
        if verdicts is not None:
            kept = np.flatnonzero(verdicts[below])
            below, document = below[kept], document[kept]
        return Posted(below, data, blocks, count, document)

    def occurrences(self, field: str, number: int, posted: Posted, rows: I64Array) -> I64Array:
        """Where a term occurs in the paragraphs that stand in these rows: `coding.occurrences`."""
        data = self.segment.coded(f"{field}.positions", number)
        spread = self.segment.array("text.variants").at(number) if field == TEXT_FIELD else 1
        try:
            return coding.occurrences(data, posted.data, posted.blocks, posted.size, posted.postings(rows), spread)
        except ValueError as error:
            raise damaged(self.segment.folder / f"{field}.positions.npy") from error

    def _below(self, documents: U32Array) -> tuple[U32Array, I64Array]:
        """The paragraphs of documents, and for each the place of its document among the documents."""
        first = self.segment.array("document.first").all.astype(np.int64)
        counts = first[documents + np.uint32(1)] - first[documents]
        place = np.repeat(np.arange(len(documents)), counts)
        runs = np.arange(len(place)) - (np.cumsum(counts) - counts)[place]
        return (runs + first[documents][place]).astype(np.uint32), place

    def numbers(self, field: str, words: Collection[bytes]) -> I64Array:
        """The places of words in a field's dictionary, ascending; those that it does not have are left out."""
        terms = self.segment.terms(field)
        if isinstance(words, WordRange):
            return np.arange(terms.find(words.low), len(terms) if words.high is None else terms.find(words.high))
        if not words:
            return np.zeros(0, np.int64)
        low, high = terms.find(min(words)), terms.find(max(words) + b"\0")
        if high - low > _LOOK_UP * len(words):
            found = [terms.index(word) for word in words]
            return np.array(sorted(number for number in found if number >= 0), np.int64)
        offsets = self.segment.array(f"{field}.terms.offsets")[low : high + 1].tolist()
        data = self.segment.array(f"{field}.terms")[offsets[0] : offsets[-1]].tobytes() if high > low else b""
        ends = [offset - offsets[0] for offset in offsets]
        wanted = words if isinstance(words, (set, frozenset)) else set(words)
        return np.array([low + i for i, (a, b) in enumerate(pairwise(ends)) if data[a:b] in wanted], np.int64)

    def bearing(self, field: str, words: Collection[bytes], spend: Callable[[], None]) -> BoolArray:
        """Which paragraphs have any of some words, deleted ones included; `spend` is called every now and then."""
        numbers = self.numbers(field, words)
        marked = np.zeros(self.segment.paragraph_count, np.bool_)
        if len(numbers) and field == WORD_FIELD:
            low, high = int(numbers[0]), int(numbers[-1]) + 1
            term_of = self.segment.array("word.term")[low:high][numbers - low].astype(np.int64)
            terms, place, have = np.unique(term_of, return_inverse=True, return_counts=True)
            first, last = int(terms[0]), int(terms[-1]) + 1
            # Where all words of a term are meant, the term's own list is theirs, and no positions are needed.
            whole = self.segment.array("text.variants")[first:last][terms - first] == have
            self._mark(TEXT_FIELD, terms[whole], marked, spend)
            numbers = numbers[~whole[place]]
        elif len(numbers) and field == TEXT_FIELD:
            self._mark(field, numbers, marked, spend)
            return marked
        for number in numbers.tolist():
            spend()
            docs = self.segment.postings(field, number).docs
            marked[self._below(docs)[0] if field == TITLE_FIELD else docs] = True
        return marked

    def _mark(self, field: str, numbers: I64Array, marked: BoolArray, spend: Callable[[], None]) -> None:
        """Mark the paragraphs of many terms (ascending)."""
        if not len(numbers):
            return
        name, low, high = f"{field}.postings", int(numbers[0]), int(numbers[-1]) + 1
        offsets = self.segment.array(f"{name}.offsets")[low : high + 1].astype(np.int64)
        starts = self.segment.array(f"{name}.starts")[low : high + 1].astype(np.int64)
        data = self.segment.array(name)[int(starts[0]) : int(starts[-1])]
        begins, counts = (starts - starts[0])[numbers - low], (offsets[1:] - offsets[:-1])[numbers - low]
        # So many lists at a time that a step stays short.
        steps = np.searchsorted(np.cumsum(counts), np.arange(_STEP, int(counts.sum()) + _STEP, _STEP)) + 1
        done = 0
        for end in dict.fromkeys(steps.tolist()):
            spend()
            try:
                marked |= coding.marked(data, begins[done:end], counts[done:end], len(marked))
            except ValueError as error:
                raise damaged(self.segment.folder / f"{name}.npy") from error
            done = end
