"""Postings from numbered tokens: who has which term, how often, where; by a counting sort over the terms."""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I32, I64, I32Array, I64Array, U32Array, kernel


class Inverted(NamedTuple):
    """The postings of n documents: P of them over all terms, K positions over all postings.

    Postings of term t are [offsets[t], offsets[t + 1]): `docs` uint32[P] ascending within a term, `freqs` uint32[P].
    Positions of posting p are [position_offsets[p], position_offsets[p + 1]): `positions` uint32[K] ascending.
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
    widths: I32Array,
    terms: int,
) -> Inverted:
    """Sort the tokens of documents by term.

    `ids` and `counts` are those of `tokens.number`. Distinct token t stands for the terms
    term_ids[term_offsets[t]:term_offsets[t + 1]], each at its place in `term_positions` from where the token is, and
    moves the position on by widths[t], which may be 0. Terms are numbered from 0 to `terms` - 1.
    """
    distinct = len(widths)
    if (
        len(term_offsets) != distinct + 1
        or len(term_ids) != len(term_positions)
        or int(term_offsets[-1]) != len(term_ids)
        or int(counts.sum(dtype=np.int64)) != len(ids)
        or (len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < distinct)
        or (len(term_ids) and not 0 <= int(term_ids.min()) <= int(term_ids.max()) < terms)
    ):
        raise ValueError("invert: tokens and terms do not fit together")
    return Inverted(*_invert(ids, counts, term_offsets, term_ids, term_positions, widths, terms))


@kernel(I32, I32, I64, I32, I32, I32, int)
def _invert(
    ids: I32Array,
    counts: I32Array,
    term_offsets: I64Array,
    term_ids: I32Array,
    term_positions: I32Array,
    widths: I32Array,
    terms: int,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, I32Array]:
    doc_of_token = np.repeat(np.arange(len(counts)), counts)
    moved = np.concatenate([[0], np.cumsum(widths[ids], dtype=np.int64)])
    doc_starts = moved[np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])]
    base = moved[:-1] - doc_starts[doc_of_token]
    per_token = np.diff(term_offsets)[ids]
    occurrence = np.repeat(np.arange(len(ids)), per_token)
    within = np.arange(len(occurrence)) - np.repeat(np.cumsum(per_token) - per_token, per_token)
    entry = term_offsets[ids[occurrence]] + within
    term, doc, position = term_ids[entry], doc_of_token[occurrence], base[occurrence] + term_positions[entry]
    order = np.lexsort((position, doc, term))
    term, doc, position = term[order], doc[order], position[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (doc[1:] != doc[:-1])
    starts = np.flatnonzero(new)
    position_offsets = np.append(starts, len(order)).astype(np.int64)
    return (
        doc[starts].astype(np.uint32),
        np.diff(position_offsets).astype(np.uint32),
        np.searchsorted(term[starts], np.arange(terms + 1)).astype(np.int64),
        position.astype(np.uint32),
        position_offsets,
        np.diff(doc_starts).astype(np.int32),
    )
