"""The posting lists of one segment, as arrays that kernels take: of terms, of titles, of many words at once."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from searchkit.index.format import damaged
from searchkit.index.schema import INDEXED_FIELDS, TEXT_FIELD, TITLE_FIELD, WORD_FIELD
from searchkit.index.segment import Segment
from searchkit.kernels import coding
from searchkit.kernels.dispatch import I32Array, I64Array, U32Array

#: Looking a word up in the dictionary takes as long as reading so many words that stand in a row there.
_LOOK_UP: Final = 200


class Lists:
    """One segment, with what is made of its arrays once and used by every search."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.number = lru_cache(maxsize=1 << 14)(self._number)
        self.lengths = lru_cache(maxsize=None)(self._lengths)
        self.scored_lengths = lru_cache(maxsize=None)(self._scored_lengths)
        self.every = lru_cache(maxsize=1)(self._every)

    def _number(self, field: str, term: bytes) -> int:
        return self.segment.terms(field).index(term) if field in INDEXED_FIELDS else -1

    def _lengths(self, field: str) -> I32Array:
        lengths = self.segment.lengths(field).astype(np.int32)
        return lengths[self.segment.array("paragraph.document").all] if field == TITLE_FIELD else lengths

    def _scored_lengths(self, field: str) -> I32Array:
        return np.maximum(self.lengths(field), np.int32(1))  # as Whoosh takes an empty field

    def _every(self) -> U32Array:
        return np.arange(self.segment.paragraph_count, dtype=np.uint32)

    def doc_frequency(self, field: str, term: bytes) -> int:
        """In how many paragraphs a term occurs, deleted ones included."""
        number = self.number(field, term)
        if number < 0:
            return 0
        if field != TITLE_FIELD:
            return self.segment.doc_frequency(field, number)
        return len(self.postings(field, number)[0])

    def postings(self, field: str, number: int) -> tuple[U32Array, U32Array]:
        """Paragraphs and frequencies of a term; a title's term is one of every paragraph below the title."""
        docs, freqs = self.segment.counts(field, number)
        if field != TITLE_FIELD:
            return docs, freqs
        below, posting = self._below(docs)
        return below, freqs[posting]

    def placed(self, field: str, number: int) -> tuple[U32Array, U32Array, U32Array, I64Array]:
        """The same with the positions, and the offsets of each paragraph's."""
        docs, freqs, positions = self.segment.postings(field, number)
        offsets = _offsets(freqs)
        if field != TITLE_FIELD:
            return docs, freqs, positions, offsets
        below, posting = self._below(docs)
        freqs, starts = freqs[posting], offsets[posting]
        offsets = _offsets(freqs)
        return below, freqs, positions[np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], freqs)], offsets

    def _below(self, documents: U32Array) -> tuple[U32Array, I64Array]:
        """The paragraphs of documents, and for each the place of its document among the documents."""
        first = self.segment.array("document.first").all.astype(np.int64)
        counts = first[documents + np.uint32(1)] - first[documents]
        place = np.repeat(np.arange(len(documents)), counts)
        runs = np.arange(len(place)) - (np.cumsum(counts) - counts)[place]
        return (runs + first[documents][place]).astype(np.uint32), place

    def numbers(self, field: str, words: Collection[bytes]) -> I64Array:
        """The places of words in a field's dictionary, ascending; those that it does not have are left out."""
        if not words:
            return np.zeros(0, np.int64)
        terms = self.segment.terms(field)
        low, high = terms.find(min(words)), terms.find(max(words) + b"\0")
        if high - low > _LOOK_UP * len(words):
            found = [terms.index(word) for word in words]
            return np.array(sorted(number for number in found if number >= 0), np.int64)
        offsets = self.segment.array(f"{field}.terms.offsets")[low : high + 1].tolist()
        data = self.segment.array(f"{field}.terms")[offsets[0] : offsets[-1]].tobytes() if high > low else b""
        ends = [offset - offsets[0] for offset in offsets]
        wanted = words if isinstance(words, (set, frozenset)) else set(words)
        return np.array([low + i for i, (a, b) in enumerate(pairwise(ends)) if data[a:b] in wanted], np.int64)

    def bearing(self, field: str, words: Collection[bytes]) -> U32Array:
        """The paragraphs that have any of some words, deleted ones included."""
        numbers = self.numbers(field, words)
        marked = np.zeros(self.segment.paragraph_count, np.bool_)
        if len(numbers) and field == WORD_FIELD:
            low, high = int(numbers[0]), int(numbers[-1]) + 1
            term_of = self.segment.array("word.term")[low:high][numbers - low].astype(np.int64)
            terms, place, have = np.unique(term_of, return_inverse=True, return_counts=True)
            first, last = int(terms[0]), int(terms[-1]) + 1
            # Where all words of a term are meant, the term's own list is theirs, and no positions are needed.
            whole = self.segment.array("text.variants")[first:last][terms - first] == have
            marked[self._documents(TEXT_FIELD, terms[whole])] = True
            numbers = numbers[~whole[place]]
        for number in numbers.tolist():
            marked[self.postings(field, number)[0]] = True
        return np.flatnonzero(marked).astype(np.uint32)

    def _documents(self, field: str, numbers: I64Array) -> U32Array:
        """The paragraphs of many terms (ascending), list after list."""
        if not len(numbers):
            return np.zeros(0, np.uint32)
        name, low, high = f"{field}.postings", int(numbers[0]), int(numbers[-1]) + 1
        offsets = self.segment.array(f"{name}.offsets")[low : high + 1].astype(np.int64)
        starts = self.segment.array(f"{name}.starts")[low : high + 1].astype(np.int64)
        data = self.segment.array(name)[int(starts[0]) : int(starts[-1])]
        local = numbers - low
        bounds = _offsets(offsets[local + 1] - offsets[local])
        try:
            return coding.decode(data, starts[local] - starts[0], bounds, self.segment.paragraph_count)[0]
        except ValueError as error:
            raise damaged(self.segment.folder / f"{name}.npy") from error


def _offsets(sizes: U32Array | I64Array) -> I64Array:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
