"""Compiled twin of `searchkit.kernels.postings`: three walks over the tokens, no sort but the counting."""

# ruff: noqa: PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner


@inner
def _count(
    ids: I32Array, counts: I32Array, term_offsets: I64Array, term_ids: I32Array, terms: int
) -> tuple[I64Array, I64Array]:
    """Where each term's postings, and its positions, begin; with the ends as last elements."""
    postings, occurrences = np.zeros(terms + 1, np.int64), np.zeros(terms + 1, np.int64)
    last = np.full(terms, -1, np.int32)
    at = 0
    for document in range(len(counts)):
        for _ in range(counts[document]):
            token = ids[at]
            at += 1
            for entry in range(term_offsets[token], term_offsets[token + 1]):
                term = term_ids[entry]
                occurrences[term + 1] += 1
                if last[term] != document:
                    last[term] = document
                    postings[term + 1] += 1
    for term in range(terms):
        postings[term + 1] += postings[term]
        occurrences[term + 1] += occurrences[term]
    return postings, occurrences


@compile_kernel
def _invert(
    ids: I32Array,
    counts: I32Array,
    term_offsets: I64Array,
    term_ids: I32Array,
    term_positions: I32Array,
    widths: I32Array,
    terms: int,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, I32Array]:
    offsets, cursor = _count(ids, counts, term_offsets, term_ids, terms)
    docs, freqs = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint32)
    positions, position_offsets = np.empty(cursor[-1], np.uint32), np.empty(offsets[-1] + 1, np.int64)
    position_offsets[-1] = cursor[-1]
    lengths = np.zeros(len(counts), np.int32)
    following = offsets.copy()  # the posting that each term gets next
    last = np.full(terms, -1, np.int32)
    at = 0
    for document in range(len(counts)):
        base = 0
        for _ in range(counts[document]):
            token = ids[at]
            at += 1
            for entry in range(term_offsets[token], term_offsets[token + 1]):
                term = term_ids[entry]
                slot = cursor[term]
                cursor[term] = slot + 1
                if last[term] != document:
                    last[term] = document
                    posting = following[term]
                    following[term] = posting + 1
                    docs[posting], freqs[posting], position_offsets[posting] = document, 1, slot
                else:
                    posting = following[term] - 1
                    freqs[posting] += np.uint32(1)
                # Nearly always in order already: only a token of several terms can be ahead of the next one.
                place = base + term_positions[entry]
                while slot > position_offsets[posting] and positions[slot - 1] > place:
                    positions[slot] = positions[slot - 1]
                    slot -= 1
                positions[slot] = place
            base += widths[token]
        lengths[document] = base
    return docs, freqs, offsets, positions, position_offsets, lengths
