"""Compiled twin of `searchkit.kernels.postings`: walks over the tokens, no sort but the counting."""

# ruff: noqa: PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array, U32Array
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
    term_variants: I32Array,
    variants: I32Array,
    widths: I32Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, I32Array]:
    terms = len(variants)
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
                place = (base + term_positions[entry]) * int(variants[term]) + term_variants[entry]
                while slot > position_offsets[posting] and positions[slot - 1] > place:
                    positions[slot] = positions[slot - 1]
                    slot -= 1
                positions[slot] = place
            base += widths[token]
        lengths[document] = base
    return docs, freqs, offsets, positions, position_offsets, lengths


@inner
def _mark(
    docs: U32Array, freqs: U32Array, places: U32Array, first: int, last: int, at: int, base: int, variants: int,
    word: int, words: I64Array, renumber: I64Array, used: U8Array,
) -> tuple[int, int]:  # fmt: skip
    """Mark the words that occur in what is left of a run; how many postings and occurrences are left of it."""
    kept = occurrences = 0
    for p in range(first, last):
        freq = int(freqs[p])
        if renumber[base + int(docs[p])] >= 0:
            kept += 1
            occurrences += freq
            if variants == 1:
                used[words[word]] = 1
            else:
                for k in range(at, at + freq):
                    used[words[word + int(places[k]) % variants]] = 1
        at += freq
    return kept, occurrences


@compile_kernel
def _merge(
    docs: U32Array, freqs: U32Array, places: U32Array, terms: I64Array, first: I64Array, last: I64Array,
    place: I64Array, base: I64Array, variants: I64Array, word: I64Array, words: I64Array, word_offsets: I64Array,
    renumber: I64Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, U8Array, I64Array]:  # fmt: skip
    count = len(word_offsets) - 1
    used = np.zeros(word_offsets[-1], np.uint8)
    offsets = np.zeros(count + 1, np.int64)
    total = 0
    for r in range(len(terms)):
        kept, occurrences = _mark(
            docs, freqs, places, first[r], last[r], place[r], base[r], variants[r], word[r], words, renumber, used
        )
        offsets[terms[r] + 1] += kept
        total += occurrences
    many, variant = np.ones(count, np.int64), np.zeros(word_offsets[-1], np.int64)
    for t in range(count):
        offsets[t + 1] += offsets[t]
        found = 0
        for w in range(word_offsets[t], word_offsets[t + 1]):
            variant[w] = found
            found += int(used[w])
        many[t] = max(found, 1)
    new_docs, new_freqs = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint32)
    positions, position_offsets = np.empty(total, np.uint32), np.zeros(offsets[-1] + 1, np.int64)
    posting = filled = 0
    for r in range(len(terms)):
        at, old, new = place[r], variants[r], many[terms[r]]
        plain = old == 1 and new == 1
        for p in range(first[r], last[r]):
            freq = int(freqs[p])
            document = renumber[base[r] + int(docs[p])]
            if document >= 0:
                new_docs[posting], new_freqs[posting] = document, freq
                for k in range(at, at + freq):
                    if plain:
                        positions[filled] = places[k]
                    else:
                        value = int(places[k])
                        positions[filled] = value // old * new + variant[words[word[r] + value % old]]
                    filled += 1
                posting += 1
                position_offsets[posting] = filled
            at += freq
    return new_docs, new_freqs, offsets, positions, position_offsets, used, many
