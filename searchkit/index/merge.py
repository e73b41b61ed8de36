"""Several segments into one, without what is deleted: array operations over all occurrences, Python over terms only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np

from searchkit.index.build import posting_arrays, spell, text_arrays, value_arrays
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.index.segment import TEXT, TITLE, WORD, Postings, Segment
from searchkit.index.stored import pack_texts
from searchkit.kernels.postings import Inverted
from searchkit.model import Value

_DOCUMENT_STRINGS = ("document.identity", "document.hash", "document.title", "document.date", "document.source")


def merged_arrays(segments: Sequence[Segment]) -> dict[str, Array]:
    """The arrays of one segment that holds the live documents of `segments`, in order."""
    paragraphs = [np.ones(s.paragraph_count, bool) if s.deleted is None else ~s.deleted for s in segments]
    documents = []
    for segment in segments:
        kept = np.zeros(segment.document_count, bool)
        kept[segment.alive_documents] = True
        documents.append(kept)
    arrays = _documents(segments, documents, paragraphs)
    arrays |= pack_texts([t for s, kept in zip(segments, paragraphs, strict=True) for t in compress(s.texts, kept)])
    arrays |= _texts(segments, paragraphs)
    arrays |= _titles(segments, documents)
    for dimension in sorted({name for segment in segments for name in segment.dimensions}):
        arrays |= _facet(segments, dimension, paragraphs)
        arrays[f"facet.{dimension}.given"] = _given(segments, dimension, documents)
    return arrays


def _kept(segments: Sequence[Segment], name: str, masks: Sequence[Array]) -> Array:
    """The live elements of an array of all segments."""
    return np.concatenate([s.array(name).all[mask] for s, mask in zip(segments, masks, strict=True)])


def _documents(
    segments: Sequence[Segment], documents: Sequence[Array], paragraphs: Sequence[Array]
) -> dict[str, Array]:
    counts = [_widths(s.array("document.first").all)[d] for s, d in zip(segments, documents, strict=True)]
    sizes = np.concatenate(counts)
    arrays: dict[str, Array] = {
        "document.first": _offsets(sizes).astype(np.uint32),
        "document.first_day": _kept(segments, "document.first_day", documents),
        "document.last_day": _kept(segments, "document.last_day", documents),
        "paragraph.document": np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes),
        "paragraph.id": _kept(segments, "paragraph.id", paragraphs),
        "paragraph.start": shrink(_kept(segments, "paragraph.start", paragraphs)),
        "paragraph.end": shrink(_kept(segments, "paragraph.end", paragraphs)),
    }
    for name in _DOCUMENT_STRINGS:
        strings = [t for s, kept in zip(segments, documents, strict=True) for t in compress(s.strings(name), kept)]
        arrays |= strings_arrays(name, strings)
    return arrays


def _renumbered(masks: Sequence[Array]) -> list[Array]:
    """Old ordinal -> new ordinal for each segment; meaningless for what is deleted."""
    bases = _offsets(np.array([int(mask.sum()) for mask in masks]))
    return [np.cumsum(mask) - 1 + base for mask, base in zip(masks, bases.tolist(), strict=False)]


def _given(segments: Sequence[Segment], dimension: str, documents: Sequence[Array]) -> Array:
    """The live documents whose record brought their values of a dimension, by their new numbers."""
    parts = [np.zeros(0, np.int64)]
    for segment, kept, renumber in zip(segments, documents, _renumbered(documents), strict=True):
        given = np.array(sorted(segment.given(dimension)), np.int64)
        parts.append(renumber[given[kept[given]]])
    return shrink(np.concatenate(parts))


def _titles(segments: Sequence[Segment], documents: Sequence[Array]) -> dict[str, Array]:
    parts = [segment.all_postings(TITLE) for segment in segments]
    nothing = [np.zeros(len(found.positions), np.uint8) for _, found in parts]
    terms, inverted, _ = _merged(segments, TITLE, documents, parts, nothing)
    return {
        **posting_arrays(TITLE, terms, inverted, inverted.positions),
        "title.lengths": shrink(inverted.lengths),
    }


def _texts(segments: Sequence[Segment], paragraphs: Sequence[Array]) -> dict[str, Array]:
    words, numbers = _union([list(segment.terms(WORD)) for segment in segments])
    parts, word_parts = [], []
    for segment, number in zip(segments, numbers, strict=True):
        offsets, (docs, freqs, places) = segment.all_postings(TEXT)
        variants = segment.array("text.variants").all.astype(np.int64)
        term = np.repeat(np.repeat(np.arange(len(variants)), _widths(offsets)), freqs)
        by_term = np.argsort(segment.array("word.term").all, kind="stable")  # in each term its words by variant
        firsts = np.cumsum(variants) - variants
        parts.append((offsets, Postings(docs, freqs, places // variants[term])))
        word_parts.append(number[by_term[firsts[term] + places % variants[term]]])
    terms, inverted, word = _merged(segments, TEXT, paragraphs, parts, word_parts)
    term_of = np.zeros(len(words), np.int64)
    term_of[word] = np.repeat(np.repeat(np.arange(len(terms)), _widths(inverted.offsets)), inverted.freqs)
    used = np.unique(word)  # some words may have been in deleted paragraphs only
    spelled = spell({words[i]: int(term_of[i]) for i in used.tolist()}, len(terms))
    variant = np.zeros(len(words), np.int64)
    variant[used] = spelled.variant
    return text_arrays(terms, spelled, inverted, variant[word])


def _merged(
    segments: Sequence[Segment],
    field: str,
    masks: Sequence[Array],
    parts: Sequence[tuple[Array, Postings]],
    payloads: Sequence[Array],
) -> tuple[list[bytes], Inverted, Array]:
    """Terms and postings of what is live in all segments, and what came with each occurrence, in the same order."""
    terms, numbers = _union([list(segment.terms(field)) for segment in segments])
    columns: list[list[Array]] = [[], [], [], [], []]
    for (offsets, found), payload, number, mask, renumber in zip(
        parts, payloads, numbers, masks, _renumbered(masks), strict=True
    ):
        alive = mask[found.docs]
        occurs = np.repeat(alive, found.freqs)
        for column, array in zip(
            columns,
            (
                np.repeat(number, _widths(offsets))[alive],
                renumber[found.docs[alive]],
                found.freqs[alive].astype(np.int64),
                found.positions[occurs],
                payload[occurs],
            ),
            strict=True,
        ):
            column.append(array)
    term_of, docs, freqs, positions, payload = (np.concatenate(column) for column in columns)
    order = np.argsort(term_of, kind="stable")  # segments in order keep the paragraphs of a term ascending
    starts = _offsets(freqs)[:-1]
    positions, payload = gather(positions, starts, freqs, order), gather(payload, starts, freqs, order)
    docs, freqs = docs[order], freqs[order]
    counts = np.bincount(term_of, minlength=len(terms))
    offsets = _offsets(counts[counts > 0])
    lengths = _kept(segments, f"{field}.lengths", masks)
    inverted = Inverted(docs, freqs, offsets, positions, _offsets(freqs), lengths)
    return list(compress(terms, counts > 0)), inverted, payload


def _facet(segments: Sequence[Segment], dimension: str, masks: Sequence[Array]) -> dict[str, Array]:
    name = f"facet.{dimension}"
    having = [(s, mask) for s, mask in zip(segments, masks, strict=True) if dimension in s.dimensions]
    ids, numbers = _union([list(segment.strings(f"{name}.ids")) for segment, _ in having])
    rules, rule_numbers = _union([list(segment.strings(f"{name}.rules")) for segment, _ in having])
    values: dict[bytes, Value] = {}
    for segment, _ in having:  # the newest segment's label and place in the tree win
        for ordinal, value_id in enumerate(segment.strings(f"{name}.ids")):
            values[value_id] = segment.value(dimension, ordinal)
    sizes, ordinals, mention_sizes = [], [], []
    mentions: dict[str, list[Array]] = {"ordinal": [], "start": [], "length": [], "rule": []}
    place = 0
    for segment, mask in zip(segments, masks, strict=True):
        if dimension not in segment.dimensions:
            sizes.append(np.zeros(int(mask.sum()), np.int64))
            mention_sizes.append(sizes[-1])
            continue
        number, rule_number = numbers[place], rule_numbers[place]
        place += 1
        offsets, column = segment.column(dimension)
        widths = _widths(offsets)
        sizes.append(widths[mask])
        ordinals.append(number[column[np.repeat(mask, widths)]])
        widths = _widths(segment.array(f"{name}.mentions.offsets").all)
        mention_sizes.append(widths[mask])
        keep = np.repeat(mask, widths)
        for part, arrays in mentions.items():
            array = segment.array(f"{name}.mentions.{part}").all[keep]
            arrays.append(number[array] if part == "ordinal" else rule_number[array] if part == "rule" else array)
    return {
        **value_arrays(dimension, [values[value_id] for value_id in ids]),
        f"{name}.offsets": _offsets(np.concatenate(sizes)).astype(np.uint32),
        f"{name}.ordinals": shrink(np.concatenate(ordinals)),
        f"{name}.mentions.offsets": _offsets(np.concatenate(mention_sizes)).astype(np.uint32),
        **{f"{name}.mentions.{part}": shrink(np.concatenate(parts)) for part, parts in mentions.items()},
        **strings_arrays(f"{name}.rules", rules),
    }


def _union(lists: Sequence[Sequence[bytes]]) -> tuple[list[bytes], list[Array]]:
    """The sorted union of sorted lists, and for each list the place of its items there."""
    union = sorted(set().union(*lists))
    place = {item: i for i, item in enumerate(union)}
    return union, [np.fromiter((place[item] for item in items), np.int64, len(items)) for items in lists]


def _widths(offsets: Array) -> Array:
    """The sizes of the runs between offsets."""
    wide = offsets.astype(np.int64)
    return wide[1:] - wide[:-1]


def _offsets(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def gather(data: Array, starts: Array, sizes: Array, order: Array) -> Array:
    """The runs data[starts[i] : starts[i] + sizes[i]] for each i of `order`, one after the other."""
    chosen = sizes[order]
    ends = np.cumsum(chosen)
    shift = np.repeat(starts[order] - (ends - chosen), chosen)
    gathered: Array = data[np.arange(int(ends[-1]) if len(ends) else 0) + shift]
    return gathered
