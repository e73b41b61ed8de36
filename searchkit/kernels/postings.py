"""Postings: made of numbered tokens by a counting sort over the terms, and merged from those of several segments."""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I32, I64, U32, I32Array, I64Array, U8Array, U32Array, kernel


class Inverted(NamedTuple):
    """The postings of n documents: P of them over all terms, K positions over all postings.

    Postings of term t are [offsets[t], offsets[t + 1]): `docs` uint32[P] ascending within a term, `freqs` uint32[P].
    What is stored of the positions of posting p is [position_offsets[p], position_offsets[p + 1]) of `positions`,
    uint32[K] ascending.
    `lengths` int32[n] is the number of positions of each document.
    """

    docs: U32Array
    freqs: U32Array
    offsets: I64Array
    positions: U32Array
    position_offsets: I64Array
    lengths: I32Array


def invert(
    ids: I32Array,
    counts: I32Array,
    term_offsets: I64Array,
    term_ids: I32Array,
    term_positions: I32Array,
    term_variants: I32Array,
    variants: I32Array,
    widths: I32Array,
) -> Inverted:
    """Sort the tokens of documents by term.

    `ids` and `counts` are those of `tokens.number`. Distinct token t stands for the terms
    term_ids[term_offsets[t]:term_offsets[t + 1]], each at its place in `term_positions` from where the token is, and
    moves the position on by widths[t], which may be 0. What is stored of an occurrence is its position times
    `variants` of its term (at least 1), plus its own of `term_variants` (less than that).
    """
    terms = len(variants)
    distinct = len(widths)
    if (
        len(term_offsets) != distinct + 1
        or not len(term_ids) == len(term_positions) == len(term_variants)
        or int(term_offsets[-1]) != len(term_ids)
        or int(counts.sum(dtype=np.int64)) != len(ids)
        or (len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < distinct)
        or (len(term_ids) and not 0 <= int(term_ids.min()) <= int(term_ids.max()) < terms)
    ):
        raise ValueError("invert: tokens and terms do not fit together")
    return Inverted(*_invert(ids, counts, term_offsets, term_ids, term_positions, term_variants, variants, widths))


@kernel(I32, I32, I64, I32, I32, I32, I32, I32)
def _invert(
    ids: I32Array,
    counts: I32Array,
    term_offsets: I64Array,
    term_ids: I32Array,
    term_positions: I32Array,
    term_variants: I32Array,
    variants: I32Array,
    widths: I32Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, I32Array]:
    doc_of_token = np.repeat(np.arange(len(counts)), counts)
    moved = np.concatenate([[0], np.cumsum(widths[ids], dtype=np.int64)])
    doc_starts = moved[np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])]
    base = moved[:-1] - doc_starts[doc_of_token]
    per_token = np.diff(term_offsets)[ids]
    occurrence = np.repeat(np.arange(len(ids)), per_token)
    within = np.arange(len(occurrence)) - np.repeat(np.cumsum(per_token) - per_token, per_token)
    entry = term_offsets[ids[occurrence]] + within
    term, doc = term_ids[entry], doc_of_token[occurrence]
    position = (base[occurrence] + term_positions[entry]) * variants[term] + term_variants[entry]
    order = np.lexsort((position, doc, term))
    term, doc, position = term[order], doc[order], position[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (doc[1:] != doc[:-1])
    starts = np.flatnonzero(new)
    position_offsets = np.append(starts, len(order)).astype(np.int64)
    return (
        doc[starts].astype(np.uint32),
        np.diff(position_offsets).astype(np.uint32),
        np.searchsorted(term[starts], np.arange(len(variants) + 1)).astype(np.int64),
        position.astype(np.uint32),
        position_offsets,
        np.diff(doc_starts).astype(np.int32),
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
    """Postings as those of `Inverted`; which words still occur, and how many of them each term has, at least 1."""

    docs: U32Array
    freqs: U32Array
    offsets: I64Array
    positions: U32Array
    position_offsets: I64Array
    used: U8Array
    variants: I64Array


def merge(
    docs: U32Array, freqs: U32Array, places: U32Array, runs: Runs, words: I64Array, word_offsets: I64Array,
    renumber: I64Array,
) -> Merged:  # fmt: skip
    """Put lists of postings together, without the documents that are gone.

    `renumber` gives the new number of each document, -1 for one that is gone; the numbers ascend along each term's
    runs. `words` are numbered term by term: those of term t are [word_offsets[t], word_offsets[t + 1]), and get the
    variants 0, 1, ... in that order as far as they still occur.
    """
    return Merged(*_merge(docs, freqs, places, *runs, words, word_offsets, renumber))


@kernel(U32, U32, U32, I64, I64, I64, I64, I64, I64, I64, I64, I64, I64)
def _merge(
    docs: U32Array, freqs: U32Array, places: U32Array, terms: I64Array, first: I64Array, last: I64Array,
    place: I64Array, base: I64Array, variants: I64Array, word: I64Array, words: I64Array, word_offsets: I64Array,
    renumber: I64Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, U8Array, I64Array]:  # fmt: skip
    count = len(word_offsets) - 1
    run = np.repeat(np.arange(len(terms)), last - first)
    begins = np.cumsum(last - first) - (last - first)
    posting = np.arange(len(run)) + (first - begins)[run]
    place_of = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    occurs_from = place[run] + place_of[posting] - place_of[first[run]]
    document = renumber[base[run] + docs[posting]]
    alive = document >= 0
    run, posting, document, occurs_from = run[alive], posting[alive], document[alive], occurs_from[alive]
    sizes = freqs[posting].astype(np.int64)
    position_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    at = np.arange(int(position_offsets[-1])) + np.repeat(occurs_from - position_offsets[:-1], sizes)
    occurs_in = np.repeat(run, sizes)
    old = places[at].astype(np.int64)
    number = words[word[occurs_in] + old % variants[occurs_in]]
    used = np.zeros(int(word_offsets[-1]), np.uint8)
    used[number] = 1
    before = np.concatenate([[0], np.cumsum(used, dtype=np.int64)])
    many = np.maximum(before[word_offsets[1:]] - before[word_offsets[:-1]], 1)
    term = terms[occurs_in]
    variant = before[number] - before[word_offsets[term]]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(terms[run], minlength=count))]).astype(np.int64)
    positions = (old // variants[occurs_in] * many[term] + variant).astype(np.uint32)
    return document.astype(np.uint32), freqs[posting], offsets, positions, position_offsets, used, many
