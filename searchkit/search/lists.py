"""The posting lists of one segment, as arrays that kernels take: of terms, of titles, of many words at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

import numpy as np

from searchkit import kernels
from searchkit.index.format import damaged
from searchkit.index.schema import INDEXED_FIELDS, TEXT_FIELD, TITLE_FIELD, WORD_FIELD
from searchkit.index.segment import Segment
from searchkit.keeping import Latest, kept
from searchkit.kernels import coding
from searchkit.kernels.coding import Admitted
from searchkit.kernels.dispatch import BoolArray, F64Array, I64Array, U8Array, U16Array, U32Array
from searchkit.search.matching import beside
from searchkit.search.patterns import WordRange

#: Looking a word up in the dictionary takes as long as reading so many words that stand in a row there.
_LOOK_UP: Final = 200
#: Postings that are gone through between two looks at the clock.
_STEP: Final = 1 << 20
#: Sets of paragraphs with any of many words that are kept, each of a bit for each paragraph.
_KEPT: Final = 64

R = TypeVar("R")


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

    def bm25(self, rows: I64Array | None, lengths: U16Array | U32Array, norms: F64Array, weight: float) -> F64Array:
        """The scores of the paragraphs that stand in these rows, or of all: `coding.bm25`."""
        if rows is None and self.places is None:
            return coding.bm25(self.data, self.blocks, self.docs, lengths, norms, weight)
        docs = self.docs if rows is None else self.docs[rows]
        return coding.bm25_at(self.data, self.blocks, self.postings(rows), docs, lengths, norms, weight)

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
        self.doc_frequency = kept(self._doc_frequency, 1 << 14)
        self._list = kept(self._make_list, 1 << 14)
        self.lengths = kept(self._lengths)
        self.largest = kept(self._largest)
        self._bearing: Latest[tuple[str, Collection[bytes]], U8Array] = Latest(_KEPT)

    def _largest(self, field: str) -> int:
        return int(self.lengths(field).max(initial=0))

    def _number(self, field: str, term: bytes) -> int:
        return self.segment.terms(field).index(term) if field in INDEXED_FIELDS else -1

    def _lengths(self, field: str) -> U16Array | U32Array:
        lengths = self.segment.lengths(field)
        lengths = lengths.astype(np.uint16 if lengths.max(initial=0) < 1 << 16 else np.uint32)  # few bytes, few misses
        return lengths[self.segment.array("paragraph.document").all] if field == TITLE_FIELD else lengths

    def _doc_frequency(self, field: str, term: bytes) -> int:
        """In how many paragraphs a term occurs, deleted ones included."""
        number = self.number(field, term)
        if number < 0:
            return 0
        if field != TITLE_FIELD:
            return self.segment.doc_frequency(field, number)
        return len(self.postings(field, number, None).docs)

    def _make_list(self, field: str, number: int) -> tuple[U8Array, int]:
        """The bytes of a term's posting list, and how many postings it has."""
        return self.segment.coded(f"{field}.postings", number), self.segment.doc_frequency(field, number)

    def postings(self, field: str, number: int, admitted: Admitted | None) -> Posted:
        """The paragraphs of a term of text or titles; a title's term is one of every paragraph below the title."""
        data, count = self._list(field, number)
        limit = self.segment.document_count if field == TITLE_FIELD else self.segment.paragraph_count
        try:
            if admitted is not None and field != TITLE_FIELD:
                docs, places, blocks = coding.documents_admitted(data, count, admitted)
                return Posted(docs, data, blocks, count, places)
            docs, blocks = coding.documents(data, count, limit)
        except ValueError as error:
            raise damaged(self.segment.folder / f"{field}.postings.npy") from error
        if field != TITLE_FIELD:
            return Posted(docs, data, blocks, count, None)
        below, document = self._below(docs)
        if admitted is not None:
            kept = np.flatnonzero(admitted.verdicts[below])
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
        first = self.segment.firsts.astype(np.int64)
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

    def bearing(self, field: str, words: Collection[bytes], spend: Callable[[], None]) -> U8Array:
        """Which paragraphs have any of some words, deleted ones included, as `np.packbits` has it.

        `spend` is called every now and then.

        What many words come to is kept: the first letters of a word are typed again and again.
        """
        count = self.segment.paragraph_count
        if (known := self._bearing.get((field, words))) is not None:
            return known
        marked = np.zeros(count, np.bool_)
        numbers = self.numbers(field, words)
        if len(numbers) and field == WORD_FIELD:
            meant = self._meant(numbers)
            # Where all words of a term are meant, the term's own list is theirs, and no positions are needed.
            whole = np.add.reduceat(meant.wanted, meant.words, dtype=np.int64) == meant.variants
            self._mark(TEXT_FIELD, meant.terms[whole], marked, spend)
            numbers = numbers[~whole[np.searchsorted(meant.terms, meant.term_of)]]
        elif len(numbers) and field == TEXT_FIELD:
            self._mark(field, numbers, marked, spend)
            numbers = numbers[:0]
        for number in numbers.tolist():
            spend()
            docs = self.segment.postings(field, number).docs
            marked[self._below(docs)[0] if field == TITLE_FIELD else docs] = True
        return self._bearing.keep((field, words), np.packbits(marked))

    def occurrences_of_many(
        self, words: Collection[bytes], docs: U32Array, ends: I64Array, slop: int, spend: Callable[[], None]
    ) -> I64Array:
        """Where any of some words of the text occur in these paragraphs, which are numbered as they stand here.

        With a `slop`, only at most so much after one of `ends`: `coding.occurrences_of_many`.
        """
        numbers = self.numbers(WORD_FIELD, words)
        if not len(numbers) or not len(docs):
            return np.zeros(0, np.int64)
        rows = np.full(self.segment.paragraph_count, -1, np.int32)
        rows[docs] = np.arange(len(docs), dtype=np.int32)
        before = coding.after(ends, len(docs), slop)
        meant = self._meant(numbers)
        coded = self._coded(f"{TEXT_FIELD}.postings", meant.terms)
        first, last = int(meant.terms[0]), int(meant.terms[-1]) + 1
        begins = self.segment.array("text.positions.starts")[first : last + 1].astype(np.int64)
        places = self.segment.array("text.positions")[int(begins[0]) : int(begins[-1])]
        place_starts, place_ends = ((begins - begins[0])[meant.terms - first + side] for side in (0, 1))

        def read(some: slice) -> I64Array:
            lists = coding.PlacedLists(
                coded.data,
                coded.starts[some],
                coded.counts[some],
                places,
                place_starts[some],
                place_ends[some],
                meant.variants[some],
                meant.words[some],
                meant.wanted,
            )
            try:
                return coding.occurrences_of_many(lists, rows, before)
            except ValueError as error:
                raise damaged(self.segment.folder / "text.postings.npy") from error

        return np.sort(np.concatenate(list(_together(read, coded.steps(), spend))), kind="stable")  # of sorted runs

    def _meant(self, numbers: I64Array) -> _Meant:
        """The terms that words (ascending) belong to, and which of each term's words they are."""
        low, high = int(numbers[0]), int(numbers[-1]) + 1
        term_of, variant = (
            self.segment.array(name)[low:high][numbers - low].astype(np.int64) for name in ("word.term", "word.variant")
        )
        terms, place = np.unique(term_of, return_inverse=True)
        variants = self.segment.array("text.variants")[int(terms[0]) : int(terms[-1]) + 1][terms - terms[0]]
        variants = variants.astype(np.int64)
        offsets = np.cumsum(variants) - variants
        wanted = np.zeros(int(variants.sum()), np.uint8)
        wanted[offsets[place] + variant] = 1
        return _Meant(terms, term_of, variants, offsets, wanted)

    def _coded(self, name: str, numbers: I64Array) -> _Coded:
        """The coded lists of terms (ascending)."""
        low, high = int(numbers[0]), int(numbers[-1]) + 1
        offsets = self.segment.array(f"{name}.offsets")[low : high + 1].astype(np.int64)
        starts = self.segment.array(f"{name}.starts")[low : high + 1].astype(np.int64)
        data = self.segment.array(name)[int(starts[0]) : int(starts[-1])]
        return _Coded(data, (starts - starts[0])[numbers - low], (offsets[1:] - offsets[:-1])[numbers - low])

    def _mark(self, field: str, numbers: I64Array, marked: BoolArray, spend: Callable[[], None]) -> None:
        """Mark the paragraphs of many terms (ascending)."""
        if not len(numbers):
            return
        coded = self._coded(f"{field}.postings", numbers)

        def mark(some: slice) -> BoolArray:
            try:
                return coding.marked(coded.data, coded.starts[some], coded.counts[some], len(marked))
            except ValueError as error:
                raise damaged(self.segment.folder / f"{field}.postings.npy") from error

        for found in _together(mark, coded.steps(), spend):
            marked |= found


class _Meant(NamedTuple):
    """Terms, ascending, that have some of their words meant.

    `term_of` is the term of each of these words. Term i has variants[i] words; wanted[words[i] + v] says whether the
    v-th is meant.
    """

    terms: I64Array
    term_of: I64Array
    variants: I64Array
    words: I64Array
    wanted: U8Array


class _Coded(NamedTuple):
    """Posting lists: counts[i] postings from the byte starts[i] of `data` on."""

    data: U8Array
    starts: I64Array
    counts: I64Array

    def steps(self) -> list[slice]:
        """The lists, so many at a time that a step stays short."""
        ends = np.cumsum(self.counts)
        cuts = np.searchsorted(ends, np.arange(_STEP, int(ends[-1]) + _STEP, _STEP)) + 1
        return [slice(low, high) for low, high in pairwise(dict.fromkeys([0, *np.minimum(cuts, len(ends)).tolist()]))]


def _together(work: Callable[[slice], R], steps: Sequence[slice], spend: Callable[[], None]) -> Iterator[R]:
    """The results of steps, in any number of threads where there are several steps; `spend` is called between them."""
    if len(steps) == 1 or not kernels.compiled():
        for step in steps:
            spend()
            yield work(step)
        return
    waiting = deque(beside(work, step) for step in steps)
    try:
        while waiting:
            spend()
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
