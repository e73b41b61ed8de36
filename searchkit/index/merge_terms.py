"""The terms of several segments into those of one: dictionaries, postings, and the words that the terms stand for.

The dictionaries are walked side by side, range by range. What is known of a range (which of its terms and words are
left, and their new numbers) is written at once; what is needed later on, a number for each word, lies in scratch files.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from searchkit.index.arrays import scratch
from searchkit.index.coded import CodedPostings, coded, coded_in_pieces
from searchkit.index.format import Array
from searchkit.index.parts import (
    PIECE,
    Kind,
    Part,
    Sorted,
    abreast,
    ascending,
    bases,
    in_order,
    ranges_of,
    run_end,
    widths_of,
)
from searchkit.index.segment import TEXT, TITLE, WORD, SegmentWriter
from searchkit.kernels import dictionaries, postings
from searchkit.kernels.coding import offsets_of

#: Postings, and bytes of places, that are merged at once, if they are not those of one term in one segment: about as
#: many as stay in the cache of a processor.
_RANGE: Final = 1 << 19
_WORDS: Final = f"{WORD}.terms"
#: A word's new term and variant are one number, the variant below.
_VARIANT_BITS: Final = 32


class _Words(NamedTuple):
    """The words of a field in all segments, ascending, in scratch files: their bytes, and where each begins.

    What becomes of each is noted: 0 if it is gone, else the number of its term plus one, and which of the term's words
    it is.
    """

    data: Array
    offsets: Array
    becomes: Array


@dataclass(frozen=True)
class _Source:
    """A field of one segment, whose documents are numbered from `base` on among those of all.

    In the text term t has the words[begins[t]:begins[t + 1]], numbered as in `_Words`; both lie in scratch files. In a
    title a term is its only word.
    """

    part: Part
    field: str
    base: int
    words: Array
    begins: Array

    @classmethod
    def of(cls, part: Part, field: str, base: int, folder: Path) -> _Source:
        """The field of a part, its words not yet numbered."""
        if field == TITLE:
            return cls(part, field, base, np.zeros(0, np.int64), np.zeros(0, np.int64))
        variants = part.segment.array("text.variants")
        begins = scratch(folder, len(variants) + 1, np.int64)
        for low in range(0, len(variants), PIECE):
            some = np.cumsum(variants[low : low + PIECE], dtype=np.int64)
            begins[low + 1 : low + 1 + len(some)] = begins[low] + some
        return cls(part, field, base, scratch(folder, len(part.segment.array("word.term")), np.int64), begins)

    def array(self, name: str) -> Array:
        """A whole array of the field, where it lies."""
        return self.part.segment.array(f"{self.field}.{name}").all

    def sorted(self, share: int) -> Sorted:
        """The terms; ahead are so many postings, and bytes of places."""
        counts, starts = self.array("postings.offsets"), self.array("positions.starts")
        terms = self.part.segment.terms(self.field)
        return Sorted(len(terms), terms.raw, lambda at: min(run_end(counts, at, share), run_end(starts, at, share)))

    def weights(self, first: int, last: int) -> Array:
        """The postings, and bytes of places, of each of the terms [first, last)."""
        counts, starts = (self.array(name)[first : last + 1] for name in ("postings.offsets", "positions.starts"))
        return widths_of(counts) + widths_of(starts)


class _Lists(NamedTuple):
    """What a source has of a range of terms: its terms [first, last), and the number of each in the range.

    `words` are the words that they have, term by term, so many of each as `widths` says.
    """

    source: _Source
    first: int
    last: int
    terms: Array
    widths: Array
    words: Array


class _Range(NamedTuple):
    """What is left of a range of terms: their strings and postings, and how many words each has.

    Of each of these words `becomes` says what becomes of it, terms counted from the first of the range.
    """

    terms: Array
    term_sizes: Array
    coded: CodedPostings
    variants: Array
    words: Array
    becomes: Array


def merge_terms(parts: Sequence[Part], field: str, renumber: Array, writer: SegmentWriter) -> None:
    """Write the terms of a field; `renumber` has the new numbers of its documents, as `parts.renumbered` gives them."""
    kind: Kind = "document" if field == TITLE else "paragraph"
    sources = [
        _Source.of(part, field, base, writer.folder) for part, base in zip(parts, bases(parts, kind), strict=False)
    ]
    words = _number_words(sources, writer.folder) if field == TEXT else None
    spans = abreast([source.sorted(_RANGE // len(sources)) for source in sources])
    count = 0
    with (
        writer.open(f"{field}.terms", np.uint8) as terms,
        writer.offsets(f"{field}.terms.offsets") as ends,
        writer.offsets(f"{field}.postings.offsets") as counts,
        writer.open(f"{field}.postings", np.uint8) as lists,
        writer.offsets(f"{field}.postings.starts") as starts,
        writer.open(f"{field}.positions", np.uint8) as places,
        writer.offsets(f"{field}.positions.starts") as place_starts,
        writer.open("text.variants") if words else nullcontext() as variants,
    ):
        for found in chain.from_iterable(in_order(partial(_merged, sources, renumber, some) for some in spans)):
            terms.append(found.terms)
            ends.append(found.term_sizes)
            counts.append(found.coded.counts)
            lists.append(found.coded.postings.data)
            starts.append(np.diff(found.coded.postings.starts))
            places.append(found.coded.positions.data)
            place_starts.append(np.diff(found.coded.positions.starts))
            if words and variants:
                variants.append(found.variants)
                words.becomes[found.words] = found.becomes + (count << _VARIANT_BITS)
            count += len(found.coded.counts)
    if words:
        _write_words(words, writer)


def _merged(sources: Sequence[_Source], renumber: Array, spans: Sequence[tuple[int, int]]) -> list[_Range]:
    """Merge those terms of each source, which no other range has."""
    field = sources[0].field
    terms = _union([source.part for source in sources], f"{field}.terms", spans)
    weights = np.zeros(len(terms.offsets) - 1, np.int64)
    for source, number, span in zip(sources, terms.numbers, spans, strict=True):
        weights[number] += source.weights(*span)
    found = []
    for low, high in ranges_of(offsets_of(weights), _RANGE):
        chosen = [np.searchsorted(number, [low, high]).tolist() for number in terms.numbers]
        lists = [
            _lists(source, first + begin, first + end, number[begin:end] - low)
            for source, number, (first, _), (begin, end) in zip(sources, terms.numbers, spans, chosen, strict=True)
        ]
        found.append(_merged_lists(lists, renumber, terms, low, high))
    return found


def _lists(source: _Source, first: int, last: int, terms: Array) -> _Lists:
    """The lists of the terms [first, last) of a source."""
    if source.field == TITLE:
        return _Lists(source, first, last, terms, np.ones(len(terms), np.int64), terms)
    spans = source.begins[first : last + 1]
    return _Lists(source, first, last, terms, np.diff(spans), source.words[spans[0] : spans[-1]])


def _merged_lists(lists: Sequence[_Lists], renumber: Array, terms: dictionaries.Union, low: int, high: int) -> _Range:
    """Merge the lists of the terms [low, high); in pieces, if they are those of one term that has too many."""
    owner = np.concatenate([np.repeat(one.terms, one.widths) for one in lists])
    words, word_terms, word = _numbered(np.concatenate([one.words for one in lists]), owner)
    word_offsets = np.searchsorted(word_terms, np.arange(high - low + 1)).astype(np.int64)
    word_bases = offsets_of(np.array([len(one.words) for one in lists]))
    weights = np.array([one.source.weights(one.first, one.last).sum() for one in lists], np.int64)
    groups = list(ranges_of(offsets_of(weights), _RANGE))
    used = np.full(len(word_terms), not len(renumber), np.uint8)  # of a segment's words each occurs

    def merged(group: tuple[int, int]) -> postings.Merged:
        docs, freqs, places, runs = _loaded(lists[slice(*group)], word_bases[slice(*group)])
        return postings.merge(docs, freqs, places, runs, word, word_offsets, used, renumber)

    if len(groups) == 1:
        whole = merged(groups[0])
        code, used = coded(postings.Inverted(*whole[:5])), whole.used
    else:
        for group in groups if len(renumber) else ():
            used = merged(group).used
        code = coded_in_pieces(postings.Inverted(*merged(group)[:5]) for group in groups)
    kept = code.counts > 0
    before = offsets_of(used)
    becomes = (np.cumsum(kept)[word_terms] << _VARIANT_BITS) + before[:-1] - before[word_offsets[word_terms]]
    data, offsets = dictionaries.cut(terms.data, terms.offsets[:-1], terms.offsets[1:], np.flatnonzero(kept) + low)
    left = used > 0
    return _Range(
        data, np.diff(offsets), code.some(kept), np.diff(before[word_offsets])[kept], words[left], becomes[left]
    )


def _loaded(lists: Sequence[_Lists], word_bases: Array) -> tuple[Array, Array, Array, postings.Runs]:
    """The postings of lists, and in what order they are to be merged."""
    columns: list[tuple[Array, ...]] = []
    docs, freqs, places = [], [], []
    posting_base = place_base = 0
    for one, word_base in zip(lists, word_bases.tolist(), strict=True):
        offsets, found = one.source.part.segment.postings_between(one.source.field, one.first, one.last)
        begins = offsets_of(found.freqs)
        docs.append(found.docs)
        freqs.append(found.freqs)
        places.append(found.positions)
        columns.append(
            (
                one.terms,
                offsets[:-1] + posting_base,
                offsets[1:] + posting_base,
                begins[offsets[:-1]] + place_base,
                np.full(len(one.terms), one.source.base),
                one.widths,
                np.cumsum(one.widths) - one.widths + word_base,
            )
        )
        posting_base += len(found.docs)
        place_base += len(found.positions)
    runs = postings.Runs(*(np.concatenate(column).astype(np.int64) for column in zip(*columns, strict=True)))
    order = np.argsort(runs.terms, kind="stable")
    ordered = postings.Runs(*(column[order] for column in runs))
    return np.concatenate(docs), np.concatenate(freqs), np.concatenate(places), ordered


def _numbered(words: Array, terms: Array) -> tuple[Array, Array, Array]:
    """The distinct words, ascending by term and word, the term of each, and the place there of each word given."""
    order = np.lexsort((words, terms))
    ordered, owners = words[order], terms[order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]) | (owners[1:] != owners[:-1])
    places = np.empty(len(order), np.int64)
    places[order] = np.cumsum(new) - 1
    return ordered[new], owners[new], places


# Words


def _number_words(sources: Sequence[_Source], folder: Path) -> _Words:
    """Number the words of all segments, and note at each source which of them its terms have."""
    columns = [source.part.segment.strings(_WORDS) for source in sources]
    data = scratch(folder, sum(len(source.part.segment.array(_WORDS)) for source in sources), np.uint8)
    offsets = scratch(folder, sum(map(len, columns)) + 1, np.int64)
    spans = abreast([ascending(column, max(1, PIECE // len(sources))) for column in columns])
    low = 0
    for some, union in in_order(partial(_united_words, sources, one) for one in spans):
        high = low + len(union.offsets) - 1
        offsets[low : high + 1] = union.offsets + offsets[low]
        data[offsets[low] : offsets[high]] = union.data
        for source, number, (first, last) in zip(sources, union.numbers, some, strict=True):
            terms, variants = (source.part.segment.array(f"word.{name}")[first:last] for name in ("term", "variant"))
            source.words[source.begins[terms] + variants] = number + low
        low = high
    return _Words(data, offsets[: low + 1], scratch(folder, low, np.int64))


def _united_words(
    sources: Sequence[_Source], spans: list[tuple[int, int]]
) -> tuple[list[tuple[int, int]], dictionaries.Union]:
    """The union of those words of each source, and which they are."""
    return spans, _union([source.part for source in sources], _WORDS, spans)


def _write_words(words: _Words, writer: SegmentWriter) -> None:
    """Write the words that are left."""
    with (
        writer.open(_WORDS, np.uint8) as strings,
        writer.offsets(f"{_WORDS}.offsets") as ends,
        writer.open("word.term") as terms,
        writer.open("word.variant") as variants,
    ):
        for low in range(0, len(words.becomes), PIECE):
            becomes = words.becomes[low : low + PIECE]
            begins, left = words.offsets[low : low + len(becomes) + 1], np.flatnonzero(becomes)
            data, offsets = dictionaries.cut(words.data, begins[:-1], begins[1:], left)
            strings.append(data)
            ends.append(np.diff(offsets))
            terms.append((becomes[left] >> _VARIANT_BITS) - 1)
            variants.append(becomes[left] & ((1 << _VARIANT_BITS) - 1))


def _union(parts: Sequence[Part], name: str, spans: Sequence[tuple[int, int]]) -> dictionaries.Union:
    """The union of those strings [first, last) of a sorted column of each part."""
    columns = []
    for part, (first, last) in zip(parts, spans, strict=True):
        offsets = part.segment.array(f"{name}.offsets")[first : last + 1].astype(np.int64)
        columns.append((part.segment.array(name)[int(offsets[0]) : int(offsets[-1])], offsets - offsets[0]))
    return dictionaries.union(columns)
