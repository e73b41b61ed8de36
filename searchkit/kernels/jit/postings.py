"""Compiled twin of `searchkit.kernels.postings`: walks over the tokens, no sort but by counting."""

# ruff: noqa: PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array, U32Array
from searchkit.kernels.jit import compile_kernel, inner, prefetch

#: How many tokens ahead the memory is asked for what they stand for.
_AHEAD = 32


@compile_kernel
def _tally(ids: I32Array, counts: I64Array) -> None:
    for i in range(len(ids)):
        counts[ids[i]] += 1


@compile_kernel
def _scatter(
    ids: I32Array, counts: I32Array, first: int, tokens: I32Array, entries: I32Array, following: I64Array,
    in_term: U32Array, in_text: U32Array, places: U32Array,
) -> I32Array:  # fmt: skip
    lengths = np.zeros(len(counts), np.int32)
    at, last = 0, len(ids) - 1
    for text in range(len(counts)):
        position = 0
        for _ in range(counts[text]):
            token = 2 * int(ids[at])
            at += 1
            prefetch(tokens, 2 * int(ids[min(at + _AHEAD, last)]))
            prefetch(entries, 4 * int(tokens[2 * int(ids[min(at + _AHEAD // 2, last)])]))
            for row in range(4 * int(tokens[token]), 4 * int(tokens[token + 2]), 4):
                bucket = entries[row + 3]
                slot = following[bucket]
                following[bucket] = slot + 1
                in_term[slot], in_text[slot] = entries[row], first + text
                places[slot] = position * int(entries[row + 1]) + int(entries[row + 2])
            position += int(tokens[token + 1])
        lengths[text] = position
    return lengths


@compile_kernel
def _invert(
    in_term: U32Array, in_text: U32Array, places: U32Array, first: int, terms: int
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array]:
    offsets, cursor = np.zeros(terms + 1, np.int64), np.zeros(terms + 1, np.int64)
    last = np.full(terms, -1, np.int64)
    for i in range(len(in_term)):
        term = int(in_term[i]) - first
        cursor[term + 1] += 1
        offsets[term + 1] += int(last[term] != in_text[i])
        last[term] = in_text[i]
    for term in range(terms):
        offsets[term + 1] += offsets[term]
        cursor[term + 1] += cursor[term]
    docs, freqs = np.empty(offsets[-1], np.uint32), np.zeros(offsets[-1], np.uint32)
    positions, position_offsets = np.empty(len(in_term), np.uint32), np.empty(offsets[-1] + 1, np.int64)
    position_offsets[-1] = len(in_term)
    following = offsets[:-1] - 1  # each term's posting before the next
    last[:] = -1
    for i in range(len(in_term)):
        term = int(in_term[i]) - first
        slot = cursor[term]
        cursor[term] = slot + 1
        if last[term] != in_text[i]:
            last[term] = in_text[i]
            following[term] += 1
            docs[following[term]], position_offsets[following[term]] = in_text[i], slot
        posting = following[term]
        freqs[posting] += np.uint32(1)
        # Nearly always in order already: only a token of several terms can be ahead of the next one.
        while slot > position_offsets[posting] and positions[slot - 1] > places[i]:
            positions[slot] = positions[slot - 1]
            slot -= 1
        positions[slot] = places[i]
    return docs, freqs, offsets, positions, position_offsets


@inner
def _mark(
    docs: U32Array, freqs: U32Array, places: U32Array, first: int, last: int, at: int, base: int, variants: int,
    word: int, words: I64Array, renumber: I64Array, used: U8Array,
) -> tuple[int, int]:  # fmt: skip
    """Mark the words that occur in what is left of a run; how many postings and occurrences are left of it."""
    kept = occurrences = 0
    if variants == 1 and not len(renumber):
        for p in range(first, last):
            occurrences += int(freqs[p])
        used[words[word]] |= int(first < last)
        return last - first, occurrences
    for p in range(first, last):
        freq = int(freqs[p])
        if not len(renumber) or renumber[base + int(docs[p])] >= 0:
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
    used: U8Array, renumber: I64Array,
) -> tuple[U32Array, U32Array, I64Array, U32Array, I64Array, U8Array, I64Array]:  # fmt: skip
    count = len(word_offsets) - 1
    occurs = used.copy()
    offsets = np.zeros(count + 1, np.int64)
    total = 0
    for r in range(len(terms)):
        kept, occurrences = _mark(
            docs, freqs, places, first[r], last[r], place[r], base[r], variants[r], word[r], words, renumber, occurs
        )
        offsets[terms[r] + 1] += kept
        total += occurrences
    many, variant = np.ones(count, np.int64), np.zeros(word_offsets[-1], np.int64)
    for t in range(count):
        offsets[t + 1] += offsets[t]
        found = 0
        for w in range(word_offsets[t], word_offsets[t + 1]):
            variant[w] = found
            found += int(occurs[w])
        many[t] = max(found, 1)
    new_docs, new_freqs = np.empty(offsets[-1], np.uint32), np.empty(offsets[-1], np.uint32)
    positions, position_offsets = np.empty(total, np.uint32), np.zeros(offsets[-1] + 1, np.int64)
    posting = filled = 0
    for r in range(len(terms)):
        at, old, new = place[r], variants[r], many[terms[r]]
        plain = old == 1 and new == 1
        for p in range(first[r], last[r]):
            freq = int(freqs[p])
            document = base[r] + int(docs[p])
            if len(renumber):
                document = renumber[document]
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
    return new_docs, new_freqs, offsets, positions, position_offsets, occurs, many
