"""Postings: made of numbered tokens by sorting them by term, and merged from those of several segments."""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I32, I64, U8, U32, Changed, I32Array, I64Array, U8Array, U32Array, kernel

#: Occurrences of a bucket, if its terms are several: few enough to be sorted in the processor's cache.
BUCKET: Final = 1 << 17


class Inverted(NamedTuple):
    """Postings of some terms: P of them over all terms, K places over all postings.

    Postings of term t are [offsets[t], offsets[t + 1]): `docs` uint32[P] ascending within a term, `freqs` uint32[P].
    The places of posting p are [position_offsets[p], position_offsets[p + 1]) of `positions`, uint32[K] ascending.
    """

    docs: U32Array
    freqs: U32Array
    offsets: I64Array
    positions: U32Array
    position_offsets: I64Array


class Pieces(NamedTuple):
    """What the D distinct tokens stand for, E terms in all.

    Token t stands for the terms[offsets[t]:offsets[t + 1]] and moves the position on by widths[t], which may be 0. The
    place of an occurrence is the position where its token is, times `scale` of the entry, plus its `shift`.
    """

    offsets: I64Array
    terms: I32Array
    scale: I32Array
    shift: I32Array
    widths: I32Array


class Occurrences:
    """The tokens of texts, sorted by term: into buckets of terms at first, then within each bucket.

    `batches` are the numbers of the texts' tokens and how many each text has, int32 both, and are emptied on the way.
    `lengths` int32 are the positions of each text.
    """

    def __init__(self, pieces: Pieces, terms: int, batches: list[tuple[I32Array, I32Array]]) -> None:
        distinct = len(pieces.widths)
        tokens = tally([ids for ids, _ in batches], distinct)
        if (
            not len(pieces.offsets) - 1 == distinct
            or not len(pieces.scale) == len(pieces.shift) == len(pieces.terms) == int(pieces.offsets[-1])
            or (len(pieces.terms) and not 0 <= int(pieces.terms.min()) <= int(pieces.terms.max()) < terms)
            or any(int(counts.sum(dtype=np.int64)) != len(ids) for ids, counts in batches)
        ):
            raise ValueError("occurrences: tokens and terms do not fit together")
        found = np.bincount(pieces.terms, np.repeat(tokens, np.diff(pieces.offsets)), terms).astype(np.int64)
        begins = np.cumsum(found) - found
        bounds = np.append(np.flatnonzero(np.diff(begins // BUCKET, prepend=-1)), terms)
        self._terms: list[int] = bounds.tolist()
        self._starts: list[int] = np.append(begins, found.sum())[bounds].tolist()
        bucket = np.repeat(np.arange(len(bounds) - 1, dtype=np.int32), np.diff(bounds))
        following = np.array(self._starts[:-1], np.int64)
        self._columns = (
            np.empty(self._starts[-1], np.uint32),
            np.empty(self._starts[-1], np.uint32),
            np.empty(self._starts[-1], np.uint32),
        )
        # What is used together lies together: tokens are met in any order, and each row is a miss of the cache.
        rows = np.stack([pieces.offsets, np.append(pieces.widths, 0)], axis=1).astype(np.int32).ravel()
        entries = np.stack([pieces.terms, pieces.scale, pieces.shift, bucket[pieces.terms]], axis=1).ravel()
        lengths = [np.zeros(0, np.int32)]
        first = 0
        while batches:
            ids, counts = batches.pop(0)
            lengths.append(_scatter(ids, counts, first, rows, entries, following, *self._columns))
            first += len(counts)
        self.lengths = np.concatenate(lengths)

    def inverted(self) -> Iterator[Inverted]:
        """The postings of all terms, bucket by bucket."""
        for (low, high), bounds in zip(pairwise(self._terms), pairwise(self._starts), strict=True):
            in_term, in_text, places = (column[slice(*bounds)] for column in self._columns)
            yield Inverted(*_invert(in_term, in_text, places, low, high - low))


def tally(batches: Sequence[I32Array], distinct: int) -> I64Array:
    """How often each of so many distinct tokens occurs in batches of their numbers. `ValueError` for another number."""
    counts = np.zeros(distinct, np.int64)
    for ids in batches:
        if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < distinct:
            raise ValueError("tally: tokens and their numbers do not fit together")
        _tally(ids, counts)
    return counts


@kernel(I32, Changed(I64))
def _tally(ids: I32Array, counts: I64Array) -> None:
    counts += np.bincount(ids, minlength=len(counts))


@kernel(I32, I32, int, I32, I32, Changed(I64), Changed(U32), Changed(U32), Changed(U32))
def _scatter(
    ids: I32Array, counts: I32Array, first: int, tokens: I32Array, entries: I32Array, following: I64Array,
    in_term: U32Array, in_text: U32Array, places: U32Array,
) -> I32Array:  # fmt: skip
    """Put term, text and place of each occurrence where its bucket goes on; the positions of each text.

    `tokens` are rows of two: the first entry of a token, and its width; `entries` of four: term, scale, shift, bucket.
    """
    offsets, widths = tokens.reshape(-1, 2).astype(np.int64).T
    terms, scale, shift, bucket = entries.reshape(-1, 4).astype(np.int64).T
    text_of_token = np.repeat(np.arange(len(counts)), counts)
    moved = np.concatenate([[0], np.cumsum(widths[ids])])
    begins = moved[np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])]
    base = moved[:-1] - begins[text_of_token]
    per_token = np.diff(offsets)[ids]
    occurrence = np.repeat(np.arange(len(ids)), per_token)
    within = np.arange(len(occurrence)) - np.repeat(np.cumsum(per_token) - per_token, per_token)
    entry = offsets[ids[occurrence]] + within
    place = base[occurrence] * scale[entry] + shift[entry]
    goes = bucket[entry]
    order = np.argsort(goes, kind="stable")
    sizes = np.bincount(goes, minlength=len(following))
    at = np.arange(len(order)) + np.repeat(following - (np.cumsum(sizes) - sizes), sizes)
    in_term[at], in_text[at], places[at] = terms[entry][order], text_of_token[occurrence][order] + first, place[order]
    following += sizes
    lengths: I32Array = np.diff(begins).astype(np.int32)
    return lengths


@kernel(U32, U32, U32, int, int)
def _invert(
    in_term: U32Array, in_text: U32Array, places: U32Array, first: int, terms: int
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array]:
    """The postings of the terms from `first` on, of occurrences in the order of texts."""
    order = np.lexsort((places, in_text, in_term))
    term, doc, position = in_term[order].astype(np.int64) - first, in_text[order], places[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (doc[1:] != doc[:-1])
    starts = np.flatnonzero(new)
    position_offsets = np.append(starts, len(order)).astype(np.int64)
    return (
        doc[starts],
        np.diff(position_offsets).astype(np.uint32),
        np.searchsorted(term[starts], np.arange(terms + 1)).astype(np.int64),
        position,
        position_offsets,
    )


class Runs(NamedTuple):
    """R lists of postings to be merged, ascending by the term that they go to and in the order of their segments.

    Run r, of the term terms[r], has the postings [first[r], last[r]) of `docs` and `freqs`; its places begin at
    place[r]. Its documents are counted from base[r]. A place is a position times variants[r], plus the variant of the
    word; the word of variant v is word[r] + v of the list of word numbers, and they ascend with v.
    """

    terms: I64Array
    first: I64Array
    last: I64Array
    place: I64Array
    base: I64Array
    variants: I64Array
    word: I64Array


class Merged(NamedTuple):
    """Postings as those of `Inverted`; which words occur, and how many of them each term has, at least 1."""

    docs: U32Array
    freqs: U32Array
    offsets: I64Array
    positions: U32Array
    position_offsets: I64Array
    used: U8Array
    variants: I64Array


def merge(
    docs: U32Array, freqs: U32Array, places: U32Array, runs: Runs, words: I64Array, word_offsets: I64Array,
    used: U8Array, renumber: I64Array,
) -> Merged:  # fmt: skip
    """Put lists of postings together, without the documents that are gone.

    `renumber` gives the new number of each document, -1 for one that is gone, and is empty where they keep theirs; the
    numbers ascend along each term's runs. `words` are numbered term by term: those of term t are [word_offsets[t],
    word_offsets[t + 1]), and get the variants 0, 1, ... in that order as far as they occur in what is left here, or are
    `used` whatever is left here.
    """
    return Merged(*_merge(docs, freqs, places, *runs, words, word_offsets, used, renumber))


@kernel(U32, U32, U32, I64, I64, I64, I64, I64, I64, I64, I64, I64, U8, I64)
def _merge(
    docs: U32Array, freqs: U32Array, places: U32Array, terms: I64Array, first: I64Array, last: I64Array,
    place: I64Array, base: I64Array, variants: I64Array, word: I64Array, words: I64Array, word_offsets: I64Array,
    used: U8Array, renumber: I64Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, U8Array, I64Array]:  # fmt: skip
    count = len(word_offsets) - 1
    run = np.repeat(np.arange(len(terms)), last - first)
    begins = np.cumsum(last - first) - (last - first)
    posting = np.arange(len(run)) + (first - begins)[run]
    place_of = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    occurs_from = place[run] + place_of[posting] - place_of[first[run]]
    document = base[run] + docs[posting]
    if len(renumber):
        document = renumber[document]
    alive = document >= 0
    run, posting, document, occurs_from = run[alive], posting[alive], document[alive], occurs_from[alive]
    sizes = freqs[posting].astype(np.int64)
    position_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    at = np.arange(int(position_offsets[-1])) + np.repeat(occurs_from - position_offsets[:-1], sizes)
    occurs_in = np.repeat(run, sizes)
    old = places[at].astype(np.int64)
    number = words[word[occurs_in] + old % variants[occurs_in]]
    used = used.copy()
    used[number] = 1
    before = np.concatenate([[0], np.cumsum(used, dtype=np.int64)])
    many = np.maximum(before[word_offsets[1:]] - before[word_offsets[:-1]], 1)
    term = terms[occurs_in]
    variant = before[number] - before[word_offsets[term]]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(terms[run], minlength=count))]).astype(np.int64)
    positions = (old // variants[occurs_in] * many[term] + variant).astype(np.uint32)
    return document.astype(np.uint32), freqs[posting], offsets, positions, position_offsets, used, many
