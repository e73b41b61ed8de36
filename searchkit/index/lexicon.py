"""What the tokens of a segment under construction mean: their terms and words, found once per distinct token.

A lexicon outlives the segments of one writer, so that a token costs its linguistics once in a run; a segment takes
from it the terms and words that it uses.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import compress
from typing import Final, NamedTuple

import numpy as np

from searchkit.index import analysis
from searchkit.index.format import Array, pack_strings, shrink
from searchkit.kernels import dictionaries, tokens
from searchkit.kernels.postings import tally

#: Bytes that the meaning of a token takes in memory, about, and as much again while a segment is made.
_MEANING: Final = 50


class Strings(NamedTuple):
    """Strings: their bytes, one after another, and where each begins, with the end of the last."""

    data: Array
    offsets: Array

    def arrays(self, name: str) -> dict[str, Array]:
        """The arrays of a column of strings."""
        return {name: self.data, f"{name}.offsets": shrink(self.offsets)}


class Meaning(NamedTuple):
    """What numbered tokens mean in one segment, as `kernels.postings.Pieces` has it, and its dictionaries.

    `terms` and `words` ascend by bytes. Of each word `word_term` is its term and `word_variant` which of the term's
    words it is, in order; `variants` is how many words each term has.
    """

    offsets: Array
    term_ids: Array
    positions: Array
    term_variants: Array
    widths: Array
    terms: Strings
    variants: Array
    words: Strings
    word_term: Array
    word_variant: Array


class Lexicon:
    """The distinct tokens met so far, and the spellings (of terms, of words) that they stand for."""

    def __init__(self) -> None:
        self._vocabulary = tokens.Vocabulary()
        self._spellings = tokens.Vocabulary()
        self._widths: list[Array] = []
        self._terms: list[Array] = []
        self._words: list[Array] = []

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes, about."""
        return self._vocabulary.nbytes + self._spellings.nbytes + _MEANING * len(self._vocabulary)

    def number(self, texts: Sequence[bytes]) -> tuple[Array, Array]:
        """The tokens of texts: their numbers, and how many each text has."""
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(sizes + 1) - 1
        known = len(self._vocabulary)
        ids, counts = self._vocabulary.number(np.frombuffer(b"\n".join(texts), np.uint8), ends - sizes, ends)
        if len(self._vocabulary) > known:
            self._learn([token.decode() for token in self._vocabulary.tokens(known)])
        return ids, counts

    def _learn(self, raws: Sequence[str]) -> None:
        widths, terms, words = analysis.pieces_of(raws)
        self._widths.append(np.array(widths, np.int32))
        numbers = self._spelled(words)
        self._words.append(numbers)
        others = np.fromiter(map(operator.ne, terms, words), bool, len(words))  # most words are their own stems
        self._terms.append(numbers.copy())
        self._terms[-1][others] = self._spelled(list(compress(terms, others.tolist())))

    def _spelled(self, spellings: Sequence[str]) -> Array:
        """The numbers of spellings."""
        data, sizes = pack_strings(spellings)
        ends = np.cumsum(sizes, dtype=np.int64)
        return self._spellings.number_whole(np.frombuffer(data, np.uint8), ends - sizes, ends)

    def meaning(self, numbered: Sequence[Array]) -> Meaning:
        """What these tokens mean, in the terms and words that they use and no others."""
        widths, terms, words = (_whole(column) for column in (self._widths, self._terms, self._words))
        if not any(map(len, numbered)):
            widths = terms = words = np.zeros(0, np.int32)
        used = tally(numbered, len(widths)) > 0
        piece_used = np.repeat(used, widths)
        offsets = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])
        is_term, is_word = (np.zeros(len(self._spellings), bool) for _ in range(2))
        is_term[terms[piece_used]] = True
        is_word[words[piece_used]] = True
        data, ends = self._spellings.columns
        met = np.flatnonzero(is_term | is_word)
        ordered = met[dictionaries.order(data, ends[met], ends[met + 1])]
        term_rank, word_rank = (np.full(len(self._spellings), -1, np.int64) for _ in range(2))
        term_rank[ordered[is_term[ordered]]] = np.arange(np.count_nonzero(is_term))
        word_rank[ordered[is_word[ordered]]] = np.arange(np.count_nonzero(is_word))
        word_term = np.zeros(np.count_nonzero(is_word), np.int64)
        word_term[word_rank[words[piece_used]]] = term_rank[terms[piece_used]]
        word_variant, variants = number_words(word_term, int(np.count_nonzero(is_term)))
        term_ids = np.where(piece_used, term_rank[terms], 0)
        return Meaning(
            offsets,
            term_ids.astype(np.int32),
            (np.arange(offsets[-1]) - np.repeat(offsets[:-1], widths)).astype(np.int32),
            _at(word_variant, np.where(piece_used, word_rank[words], -1)).astype(np.int32),
            widths,
            Strings(*dictionaries.cut(data, ends[:-1], ends[1:], ordered[is_term[ordered]])),
            variants.astype(np.int32),
            Strings(*dictionaries.cut(data, ends[:-1], ends[1:], ordered[is_word[ordered]])),
            word_term,
            word_variant,
        )


def number_words(word_term: Array, terms: int) -> tuple[Array, Array]:
    """Which of its term's words each word is, in order, and how many each term has; `word_term` is by word."""
    order = np.argsort(word_term, kind="stable")
    variants = np.bincount(word_term, minlength=terms)
    firsts = np.cumsum(variants) - variants
    variant = np.empty(len(word_term), np.int64)
    variant[order] = np.arange(len(word_term)) - firsts[word_term[order]]
    return variant, variants


def _at(values: Array, places: Array) -> Array:
    """The values at places, 0 where a place is -1."""
    return np.append(values, 0)[places]


def _whole(column: list[Array]) -> Array:
    """A column in one piece, and from now on kept so."""
    column[:] = [np.concatenate(column) if column else np.zeros(0, np.int32)]
    return column[0]
