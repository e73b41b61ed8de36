"""Several segments into one, without what is deleted.

Columns are put together one at a time, coded texts are copied as they are, and postings are merged by kernels over
ranges of terms, each of which goes to disk before the next is read: no more than a few ranges are ever in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from searchkit.index.build import CodedPostings, coded, ranges_of
from searchkit.index.columns import values_of
from searchkit.index.facets import value_arrays
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.index.lexicon import number_words
from searchkit.index.segment import TEXT, TITLE, WORD, Segment, SegmentWriter
from searchkit.index.stored import SMALL, Packer
from searchkit.kernels import dictionaries, postings
from searchkit.model import Value

#: Postings, and bytes of places, that are merged at once; a term that has more is a range of its own.
_RANGE: Final = 1 << 21
#: Ranges that are worked on at once: the kernels run beside each other, the Python around them does not.
_THREADS: Final = 2
#: Texts of deleted paragraphs are left out in runs of so many bytes.
_COPIED: Final = 8 << 20


class Part(NamedTuple):
    """A segment, and which of its paragraphs and documents are left."""

    segment: Segment
    paragraphs: Array
    documents: Array


def merge(segments: Sequence[Segment], folder: Path) -> None:
    """Write the segment that holds the live documents of `segments`, in order, to a new folder."""
    parts = [_part(segment) for segment in segments]
    writer = SegmentWriter(folder)
    with ThreadPoolExecutor(1) as beside:
        columns = beside.submit(_merge_columns, parts, writer)
        _merge_terms(parts, TITLE, writer)
        _merge_terms(parts, TEXT, writer)
        columns.result()
    writer.end()


def _merge_columns(parts: Sequence[Part], writer: SegmentWriter) -> None:
    """All but the terms."""
    _merge_documents(parts, writer)
    _merge_texts(parts, writer)
    for dimension in sorted({name for part in parts for name in part.segment.dimensions}):
        _merge_facet(parts, dimension, writer)
        writer.add({f"facet.{dimension}.given": _given(parts, dimension)})


def _part(segment: Segment) -> Part:
    documents = np.zeros(segment.document_count, bool)
    documents[segment.alive_documents] = True
    paragraphs = np.ones(segment.paragraph_count, bool) if segment.deleted is None else ~segment.deleted
    return Part(segment, paragraphs, documents)


def _masks(parts: Sequence[Part], field: str) -> list[Array]:
    """What is left of each segment: of its documents, or of its paragraphs."""
    return [part.documents if field in {TITLE, "document"} else part.paragraphs for part in parts]


def _kept(parts: Sequence[Part], name: str) -> Array:
    """What is left of a column in all segments."""
    masks = _masks(parts, name.partition(".")[0])
    return np.concatenate([_left(part.segment.array(name).all, mask) for part, mask in zip(parts, masks, strict=True)])


def _left(column: Array, mask: Array) -> Array:
    """What is left of a column; no copy where that is all of it."""
    return column if mask.all() else column[mask]


def _renumbered(masks: Sequence[Array]) -> list[Array]:
    """Old ordinal -> new ordinal for each segment, -1 for what is deleted."""
    found, base = [], 0
    for mask in masks:
        found.append(np.where(mask, np.cumsum(mask) - 1 + base, -1))
        base += int(np.count_nonzero(mask))
    return found


def _merge_documents(parts: Sequence[Part], writer: SegmentWriter) -> None:
    sizes = np.concatenate([_widths(part.segment.array("document.first").all)[part.documents] for part in parts])
    writer.add(
        {
            "document.first": _offsets(sizes).astype(np.uint32),
            "paragraph.document": np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes),
        }
    )
    for name in ("document.hash", "paragraph.id"):
        writer.add({name: _kept(parts, name)})
    days = ("document.first_day", "document.last_day")
    for name in (*days, "paragraph.start", "paragraph.end", "text.lengths", "title.lengths"):
        writer.add({name: shrink(_kept(parts, name))})
    keyed = [
        new[part.segment.array("document.keyed").all]
        for part, new in zip(parts, _renumbered(_masks(parts, "document")), strict=True)
    ]
    place = np.concatenate(keyed)
    keys = np.concatenate([part.segment.array("document.keys").all for part in parts])[place >= 0]
    order = np.argsort(keys, kind="stable")
    writer.add({"document.keys": keys[order], "document.keyed": place[place >= 0][order].astype(np.uint32)})
    for name in ("document.identity", "document.title", "document.date", "document.source"):
        _merge_strings(parts, name, writer)
    runs, bases = [np.zeros(0, np.int64)], _offsets(np.array([np.count_nonzero(part.documents) for part in parts]))
    for part, base in zip(parts, bases.tolist(), strict=False):
        before = np.concatenate([[0], np.cumsum(part.documents)])  # a run of which nothing is left has the next's place
        runs.append(base + before[part.segment.array("document.runs").all])
    beginnings = chain.from_iterable(part.segment.strings("document.beginnings") for part in parts)
    writer.add({"document.runs": shrink(np.concatenate(runs)), **strings_arrays("document.beginnings", beginnings)})


def _merge_strings(parts: Sequence[Part], name: str, writer: SegmentWriter) -> None:
    """What is left of a column of strings about documents; bytes are copied as they lie."""
    sizes = []
    with writer.open(name, np.uint8) as column:
        for part in parts:
            offsets = part.segment.array(f"{name}.offsets").all
            widths = _widths(offsets)
            sizes.append(widths[part.documents])
            _copy_runs(part.segment.array(name).all, offsets, part.documents, column.append)
    writer.add({f"{name}.offsets": shrink(_offsets(np.concatenate(sizes)))})


def _copy_runs(data: Array, offsets: Array, mask: Array, append: Callable[[Array], None]) -> None:
    """Pass on the bytes of the strings that are left, some at a time."""
    for low, high in ranges_of(offsets, _COPIED):
        chosen = mask[low:high]
        some = data[int(offsets[low]) : int(offsets[high])]
        append(some if chosen.all() else some[np.repeat(chosen, _widths(offsets[low : high + 1]))])


def _merge_texts(parts: Sequence[Part], writer: SegmentWriter) -> None:
    """The coded texts, each with the dictionary it was coded by; small parts are coded anew, together."""
    firsts: list[int] = []
    dictionaries: list[bytes] = []
    sizes: list[Array] = []
    done = 0
    with writer.open("stored", np.uint8) as stored:
        waiting: list[bytes] = []

        def pack() -> None:
            nonlocal done
            if waiting:
                packer = Packer()
                packer.add(waiting)
                waiting.clear()
                arrays = packer.arrays()
                firsts.append(done)
                dictionaries.append(arrays["stored.dictionaries"].tobytes())
                sizes.append(_widths(arrays["stored.offsets"]))
                done += len(sizes[-1])
                stored.append(arrays["stored"])

        for part in parts:
            texts, offsets = part.segment.texts, part.segment.array("stored.offsets").all
            for low, high, dictionary in texts.parts():
                mask = part.paragraphs[low:high]
                if int(offsets[high]) - int(offsets[low]) < SMALL:
                    waiting += (texts[i] for i in (np.flatnonzero(mask) + low).tolist())
                    continue
                pack()
                firsts.append(done)
                dictionaries.append(dictionary)
                sizes.append(_widths(offsets[low : high + 1])[mask])
                done += len(sizes[-1])
                _copy_runs(part.segment.array("stored").all, offsets[low : high + 1], mask, stored.append)
        pack()
    writer.add({"stored.offsets": shrink(_offsets(np.concatenate([np.zeros(0, np.int64), *sizes])))})
    writer.add(
        {
            "stored.parts": shrink(np.array(firsts or [0])),
            **strings_arrays("stored.dictionaries", dictionaries or [b""]),
        }
    )


# Terms


class _Field(NamedTuple):
    """A field in all segments: the new number of each term and word, and where everything begins."""

    name: str
    parts: Sequence[Part]
    terms: dictionaries.Union
    renumber: Array
    bases: Array
    words: list[Array]  # for each segment and term, by variant, the words' new numbers
    word_offsets: list[Array]


def _merge_terms(parts: Sequence[Part], name: str, writer: SegmentWriter) -> None:
    terms = words = _union(parts, f"{name}.terms")
    masks = _masks(parts, name)
    word_numbers: list[Array] = []
    word_offsets: list[Array] = []
    if name == TEXT:
        words = _union(parts, f"{WORD}.terms")
        for part, number in zip(parts, words.numbers, strict=True):
            by_term = np.argsort(part.segment.array("word.term").all, kind="stable")
            word_numbers.append(number[by_term])
            word_offsets.append(_offsets(part.segment.array("text.variants").all))
    else:
        word_numbers = terms.numbers  # a term is its only word
        word_offsets = [np.arange(len(number) + 1) for number in terms.numbers]
    bases = _offsets(np.array([len(mask) for mask in masks]))
    all_left = all(mask.all() for mask in masks)
    renumber = np.zeros(0, np.int64) if all_left else np.concatenate(_renumbered(masks))
    field = _Field(name, parts, terms, renumber, bases, word_numbers, word_offsets)
    kept, used_words, word_terms = _write_postings(field, writer)
    writer.add(_some(f"{name}.terms", terms, np.flatnonzero(kept)))
    if name == TEXT:
        order = np.argsort(used_words)
        new_term = np.cumsum(kept) - 1
        word_term = new_term[word_terms[order]]
        variant, variants = number_words(word_term, int(np.count_nonzero(kept)))
        writer.add(_some("word.terms", words, used_words[order]))
        writer.add(
            {
                "word.term": shrink(word_term),
                "word.variant": shrink(variant),
                "text.variants": shrink(variants),
            }
        )


def _write_postings(field: _Field, writer: SegmentWriter) -> tuple[Array, Array, Array]:
    """Write the postings; which terms are left, the numbers of the words that are, and the term of each of these."""
    counts, starts, place_starts = [], [np.zeros(1, np.int64)], [np.zeros(1, np.int64)]
    kept, used_words, word_terms = [np.zeros(0, bool)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    name = field.name
    with writer.open(f"{name}.postings", np.uint8) as data, writer.open(f"{name}.positions", np.uint8) as place_data:
        for low, found in _in_order([partial(_merged, field, *some) for some in _ranges(field)]):
            data.append(found.coded.postings.data)
            place_data.append(found.coded.positions.data)
            starts.append(found.coded.postings.starts[1:] + starts[-1][-1:])
            place_starts.append(found.coded.positions.starts[1:] + place_starts[-1][-1:])
            counts.append(found.counts[found.counts > 0])
            kept.append(found.counts > 0)
            used_words.append(found.words)
            word_terms.append(found.word_terms + low)
    writer.add(
        {
            f"{name}.postings.offsets": shrink(_offsets(np.concatenate([np.zeros(0, np.int64), *counts]))),
            f"{name}.postings.starts": shrink(np.concatenate(starts)),
            f"{name}.positions.starts": shrink(np.concatenate(place_starts)),
        }
    )
    return np.concatenate(kept), np.concatenate(used_words), np.concatenate(word_terms)


def _ranges(field: _Field) -> list[tuple[int, int]]:
    """Ranges of new terms that are merged at once."""
    weight = np.zeros(len(field.terms.offsets) - 1, np.int64)
    for part, number in zip(field.parts, field.terms.numbers, strict=True):
        for array in ("postings.offsets", "positions.starts"):
            weight[number] += _widths(part.segment.array(f"{field.name}.{array}").all)
    return list(ranges_of(_offsets(weight), _RANGE))


class _Range(NamedTuple):
    """What became of a range of terms: postings of each (0: it is gone), their codes, the words that are left."""

    counts: Array
    coded: CodedPostings
    words: Array
    word_terms: Array


def _in_order(steps: Sequence[Callable[[], tuple[int, _Range]]]) -> Iterator[tuple[int, _Range]]:
    """The results of the steps in their order, worked out by threads that run a little ahead."""
    with ThreadPoolExecutor(_THREADS) as threads:
        pending: deque[Future[tuple[int, _Range]]] = deque()
        for step in steps:
            pending.append(threads.submit(step))
            if len(pending) > _THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _merged(field: _Field, low: int, high: int) -> tuple[int, _Range]:
    """Merge the terms [low, high)."""
    columns: list[tuple[Array, ...]] = []
    docs, freqs, places = [], [], []
    candidates = []
    word_base = posting_base = place_base = 0
    for part, number, base, words, word_offsets in zip(
        field.parts, field.terms.numbers, field.bases.tolist(), field.words, field.word_offsets, strict=False
    ):
        first, last = np.searchsorted(number, [low, high]).tolist()
        offsets, found = part.segment.postings_between(field.name, first, last)
        begins = np.concatenate([[0], np.cumsum(found.freqs, dtype=np.int64)])
        spans = word_offsets[first : last + 1]
        docs.append(found.docs)
        freqs.append(found.freqs)
        places.append(found.positions)
        candidates.append(words[spans[0] : spans[-1]])
        columns.append(
            (
                number[first:last] - low,
                offsets[:-1] + posting_base,
                offsets[1:] + posting_base,
                begins[offsets[:-1]] + place_base,
                np.full(last - first, base),
                _widths(spans),
                spans[:-1] - spans[0] + word_base,
            )
        )
        posting_base += len(found.docs)
        place_base += len(found.positions)
        word_base += len(candidates[-1])
    runs = postings.Runs(*(np.concatenate(column).astype(np.int64) for column in zip(*columns, strict=True)))
    order = np.argsort(runs.terms, kind="stable")
    owner = np.repeat(runs.terms, runs.variants)
    words, word_terms, numbers = _numbered(np.concatenate(candidates), owner)
    merged = postings.merge(
        np.concatenate(docs),
        np.concatenate(freqs),
        np.concatenate(places),
        postings.Runs(*(column[order] for column in runs)),
        numbers,
        np.searchsorted(word_terms, np.arange(high - low + 1)).astype(np.int64),
        field.renumber,
    )
    counts = _widths(merged.offsets)
    offsets = _offsets(counts[counts > 0])
    inverted = postings.Inverted(merged.docs, merged.freqs, offsets, merged.positions, merged.position_offsets)
    used = merged.used.astype(bool)
    return low, _Range(counts, coded(inverted), words[used], word_terms[used])


def _numbered(words: Array, terms: Array) -> tuple[Array, Array, Array]:
    """The distinct words, ascending by term and word, the term of each, and the place there of each word given."""
    order = np.lexsort((words, terms))
    ordered, owners = words[order], terms[order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]) | (owners[1:] != owners[:-1])
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(new) - 1
    return ordered[new], owners[new], numbers


# Facets


def _merge_facet(parts: Sequence[Part], dimension: str, writer: SegmentWriter) -> None:
    name = f"facet.{dimension}"
    having = [part for part in parts if dimension in part.segment.dimensions]
    ids, rules = _union(having, f"{name}.ids"), _union(having, f"{name}.rules")
    values, stamps = _newest(having, dimension, ids.numbers, len(ids.offsets) - 1)
    writer.add(value_arrays(dimension, values, stamps))
    writer.add({f"{name}.rules": rules.data, f"{name}.rules.offsets": shrink(rules.offsets)})
    translations = {"ordinals": ids.numbers, "mentions.ordinal": ids.numbers, "mentions.rule": rules.numbers}
    for offsets, columns in (
        ("offsets", ("ordinals",)),
        ("mentions.offsets", ("mentions.ordinal", "mentions.start", "mentions.length", "mentions.rule")),
    ):
        widths = [
            _widths(part.segment.array(f"{name}.{offsets}").all)
            if dimension in part.segment.dimensions
            else np.zeros(part.segment.paragraph_count, np.int64)
            for part in parts
        ]
        left = [some[part.paragraphs] for some, part in zip(widths, parts, strict=True)]
        writer.add({f"{name}.{offsets}": shrink(_offsets(np.concatenate(left)))})
        masks = [
            np.repeat(part.paragraphs, some)
            for part, some in zip(parts, widths, strict=True)
            if dimension in part.segment.dimensions
        ]
        for column in columns:
            arrays = [part.segment.array(f"{name}.{column}").all for part in having]
            found = list(map(_left, arrays, masks))
            if column in translations:
                found = [shrink(number)[array] for number, array in zip(translations[column], found, strict=True)]
            writer.add({f"{name}.{column}": shrink(np.concatenate(found))})


def _given(parts: Sequence[Part], dimension: str) -> Array:
    """Of which documents that are left the record brought their values of a dimension, a bit each."""
    return np.packbits(np.concatenate([part.segment.given(dimension)[part.documents] for part in parts]))


def _newest(
    having: Sequence[Part], dimension: str, numbers: Sequence[Array], count: int
) -> tuple[list[Value], list[int]]:
    """Of each value the newest label and place in the tree, and how new these are."""
    values: list[Value | None] = [None] * count
    stamps = [-1] * count
    for part, number in zip(having, numbers, strict=True):
        own = part.segment.array(f"facet.{dimension}.stamps").all.tolist()
        for value, new, stamp in zip(values_of(part.segment, dimension), number.tolist(), own, strict=True):
            if stamp >= stamps[new]:
                values[new], stamps[new] = value, stamp
    return [value for value in values if value is not None], stamps


# Arrays


def _union(parts: Sequence[Part], name: str) -> dictionaries.Union:
    """The sorted union of a sorted column of strings of all segments."""
    columns = [(part.segment.array(name).all, part.segment.array(f"{name}.offsets").all) for part in parts]
    return dictionaries.union(columns)


def _some(name: str, strings: dictionaries.Union, chosen: Array) -> dict[str, Array]:
    """The column of some strings of a union."""
    data, offsets = dictionaries.cut(strings.data, strings.offsets[:-1], strings.offsets[1:], chosen)
    return {name: data, f"{name}.offsets": shrink(offsets)}


def _widths(offsets: Array) -> Array:
    """The sizes of the runs between offsets."""
    wide = offsets.astype(np.int64)
    return wide[1:] - wide[:-1]


def _offsets(counts: Array) -> Array:
    """Where runs of these sizes begin, and the end of the last."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
