"""Several segments into one, without what is deleted.

Everything goes from disk to disk a piece at a time, so that a merge takes the same memory however large the segments
are: columns by rows, coded texts as they are, dictionaries and postings by ranges of terms (`merge_terms`). In memory
as a whole are the values of facets, and which documents and paragraphs of a segment are left if not all are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from searchkit.index.arrays import ArrayWriter, OffsetsWriter
from searchkit.index.facets import table_arrays
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.index.merge_terms import merge_terms
from searchkit.index.parts import (
    PIECE,
    Kind,
    Part,
    Piece,
    abreast,
    ascending,
    bases,
    pieces,
    ranges_of,
    renumbered,
    spread,
    widths_of,
)
from searchkit.index.segment import TEXT, TITLE, Segment, SegmentWriter
from searchkit.index.stored import SMALL, pack_texts
from searchkit.kernels import dictionaries

#: Columns with a row for each document or paragraph, and their types; None is the smallest that will do.
_ROWS: Final[Mapping[Kind, Mapping[str, npt.DTypeLike | None]]] = {
    "document": {
        "document.hash": np.uint64,
        "document.first_day": None,
        "document.last_day": None,
        "title.lengths": None,
    },
    "paragraph": {"paragraph.id": np.uint64, "paragraph.start": None, "paragraph.end": None, "text.lengths": None},
}
#: Bytes of strings that are copied at once, at least a string.
_COPIED: Final = 8 << 20
#: Bytes of texts that are coded anew together.
_TOGETHER: Final = 32 << 20


def merge(segments: Sequence[Segment], folder: Path) -> None:
    """Write the segment that holds the live documents of `segments`, in order, to a new folder."""
    parts = list(map(Part.of, segments))
    writer = SegmentWriter(folder)
    documents, paragraphs = (renumbered(parts, kind, folder) for kind in ("document", "paragraph"))
    with ThreadPoolExecutor(1) as beside:
        columns = beside.submit(_merge_columns, parts, documents, writer)
        merge_terms(parts, TITLE, documents, writer)
        merge_terms(parts, TEXT, paragraphs, writer)
        columns.result()
    writer.end()


def _merge_columns(parts: Sequence[Part], documents: Array, writer: SegmentWriter) -> None:
    """All but the terms; `documents` has their new numbers."""
    _merge_rows(parts, writer)
    _merge_keys(parts, documents, writer)
    for name in ("document.identity", "document.title", "document.date", "document.source"):
        _merge_strings(parts, name, writer)
    _merge_runs(parts, writer)
    _merge_texts(parts, writer)
    for dimension in sorted({name for part in parts for name in part.segment.dimensions}):
        _merge_facet(parts, dimension, writer)
        _merge_given(parts, dimension, writer)


def _merge_rows(parts: Sequence[Part], writer: SegmentWriter) -> None:
    """The columns of numbers, a row for each document or paragraph."""
    for kind, columns in _ROWS.items():
        for name, dtype in columns.items():
            with writer.open(name, dtype) as column:
                for part, low, high, left in pieces(parts, kind):
                    column.append(part.segment.array(name)[low:high][left])
    number = 0
    with (
        writer.offsets("document.first", np.uint32) as firsts,
        writer.open("paragraph.document", np.uint32) as owners,
    ):
        for part, low, high, left in pieces(parts, "document"):
            sizes = widths_of(part.segment.array("document.first")[low : high + 1])[left]
            firsts.append(sizes)
            for some in np.array_split(sizes, 1 + int(sizes.sum()) // PIECE):
                owners.append(np.repeat(np.arange(number, number + len(some), dtype=np.uint32), some))
                number += len(some)


def _merge_keys(parts: Sequence[Part], documents: Array, writer: SegmentWriter) -> None:
    """The keys of the documents, ascending, and whose they are; of equal ones in the order of the parts."""
    columns = [(part.segment.array("document.keys").all, part.segment.array("document.keyed").all) for part in parts]
    spans = abreast([ascending(keys, max(1, PIECE // len(parts))) for keys, _ in columns])
    with writer.open("document.keys", np.uint64) as all_keys, writer.open("document.keyed", np.uint32) as all_keyed:
        for some in spans:
            keys, keyed = [], []
            for own, base, (low, high) in zip(columns, bases(parts, "document"), some, strict=False):
                keys.append(own[0][low:high])
                keyed.append(own[1][low:high] + np.int64(base))
            place = np.concatenate(keyed)
            if len(documents):
                place = documents[place]
            key, place = np.concatenate(keys)[place >= 0], place[place >= 0]
            order = np.argsort(key, kind="stable")
            all_keys.append(key[order])
            all_keyed.append(place[order])


def _merge_runs(parts: Sequence[Part], writer: SegmentWriter) -> None:
    """Where runs of documents begin whose identities begin alike: of one that is gone, where the next one does."""
    runs: list[int] = []
    base = 0
    for part in parts:
        places = [*part.segment.array("document.runs").all.tolist(), part.size("document")]
        for low, high in pairwise(places):
            runs.append(base)
            base += high - low if part.documents is None else int(np.count_nonzero(part.documents[low:high]))
    beginnings = chain.from_iterable(part.segment.strings("document.beginnings") for part in parts)
    writer.add({"document.runs": shrink(np.array(runs, np.int64)), **strings_arrays("document.beginnings", beginnings)})


# Strings


def _merge_strings(parts: Sequence[Part], name: str, writer: SegmentWriter) -> None:
    """What is left of a column of strings about documents; bytes are copied as they lie."""
    with writer.open(name, np.uint8) as column, writer.offsets(f"{name}.offsets") as ends:
        for piece in pieces(parts, "document"):
            _copy_strings(piece, name, column, ends)


def _copy_strings(piece: Piece, name: str, column: ArrayWriter, ends: OffsetsWriter) -> None:
    """Copy what is left of the strings of a piece of a column."""
    segment, left = piece.part.segment, piece.left
    data, offsets = segment.array(name), segment.array(f"{name}.offsets")[piece.low : piece.high + 1]
    for first, last in ranges_of(offsets, _COPIED):
        chosen = left if isinstance(left, slice) else left[first:last]
        widths = widths_of(offsets[first : last + 1])
        column.append(data[int(offsets[first]) : int(offsets[last])][spread(chosen, widths)])
        ends.append(widths[chosen])


def _merge_texts(parts: Sequence[Part], writer: SegmentWriter) -> None:
    """The coded texts, each with the dictionary it was coded by; small parts are coded anew, together."""
    firsts: list[int] = []
    dictionaries: list[bytes] = []
    waiting: list[bytes] = []
    with writer.open("stored", np.uint8) as stored, writer.offsets("stored.offsets") as ends:

        def begin(dictionary: bytes) -> None:
            firsts.append(ends.count)
            dictionaries.append(dictionary)

        def pack() -> None:
            if waiting:
                arrays = pack_texts(waiting)
                waiting.clear()
                begin(arrays["stored.dictionaries"].tobytes())
                stored.append(arrays["stored"])
                ends.append(widths_of(arrays["stored.offsets"]))

        for part in parts:
            offsets = part.segment.array("stored.offsets")
            for first, last, dictionary in part.segment.texts.parts():
                if offsets.at(last) - offsets.at(first) < SMALL:
                    waiting += part.segment.texts.at(np.arange(first, last)[part.left("paragraph", first, last)])
                    if sum(map(len, waiting)) >= _TOGETHER:
                        pack()
                    continue
                pack()
                begin(dictionary)
                for low in range(first, last, PIECE):
                    high = min(low + PIECE, last)
                    _copy_strings(Piece(part, low, high, part.left("paragraph", low, high)), "stored", stored, ends)
        pack()
    writer.add(
        {
            "stored.parts": shrink(np.array(firsts or [0])),
            **strings_arrays("stored.dictionaries", dictionaries or [b""]),
        }
    )


# Facets


def _merge_facet(parts: Sequence[Part], dimension: str, writer: SegmentWriter) -> None:
    name = f"facet.{dimension}"
    having = [part for part in parts if dimension in part.segment.dimensions]
    ids, rules = _union(having, f"{name}.ids"), _union(having, f"{name}.rules")
    labels, parents, stamps = _newest(having, name, ids.numbers, len(ids.offsets) - 1)
    raw = ids.data.tobytes()
    strings = [raw[low:high].decode() for low, high in pairwise(ids.offsets.tolist())]
    writer.add(table_arrays(dimension, strings, labels, parents, stamps))
    writer.add({f"{name}.rules": rules.data, f"{name}.rules.offsets": shrink(rules.offsets)})
    mentions = [f"{name}.mentions.{column}" for column in ("ordinal", "start", "length", "rule")]
    new_ids, new_rules = (
        {id(part): number for part, number in zip(having, union.numbers, strict=True)} for union in (ids, rules)
    )
    _merge_lists(parts, f"{name}.offsets", {f"{name}.ordinals": new_ids}, writer)
    _merge_lists(
        parts, f"{name}.mentions.offsets", dict(zip(mentions, (new_ids, None, None, new_rules), strict=True)), writer
    )


def _merge_lists(
    parts: Sequence[Part], name: str, columns: Mapping[str, Mapping[int, Array] | None], writer: SegmentWriter
) -> None:
    """Columns of which the offsets of that name say what is whose paragraph's.

    Some hold numbers, whose new numbers are given by the parts' id(). A part without the dimension has nothing.
    """
    with ExitStack() as stack:
        ends = stack.enter_context(writer.offsets(name))
        writers = [stack.enter_context(writer.open(column)) for column in columns]
        for part, low, high, left in pieces(parts, "paragraph"):
            if not part.segment.has(name):
                ends.append(np.zeros(high - low, np.int64)[left])
                continue
            offsets = part.segment.array(name)[low : high + 1]
            widths = widths_of(offsets)
            ends.append(widths[left])
            for into, (column, numbers) in zip(writers, columns.items(), strict=True):
                some = part.segment.array(column)[int(offsets[0]) : int(offsets[-1])][spread(left, widths)]
                into.append(some if numbers is None else numbers[id(part)][some])


def _merge_given(parts: Sequence[Part], dimension: str, writer: SegmentWriter) -> None:
    """Of which documents that are left the record brought their values of a dimension, a bit each."""
    with writer.open(f"facet.{dimension}.given", np.uint8) as column:
        rest = np.zeros(0, bool)
        for part, low, high, left in pieces(parts, "document"):
            rest = np.concatenate([rest, part.segment.given(dimension, low, high)[left]])
            whole = len(rest) - len(rest) % 8
            column.append(np.packbits(rest[:whole]))
            rest = rest[whole:]
        column.append(np.packbits(rest))


def _newest(having: Sequence[Part], name: str, numbers: Sequence[Array], count: int) -> tuple[list[str], Array, Array]:
    """Of each value the newest label and place in the tree (the number of its parent), and how new these are."""
    owners, places, parents = (np.full(count, -1, np.int64) for _ in range(3))
    stamps = np.zeros(count, np.uint64)
    for owner, (part, number) in enumerate(zip(having, numbers, strict=True)):
        own, above = (part.segment.array(f"{name}.{column}").all for column in ("stamps", "parents"))
        newer = np.flatnonzero(own >= stamps[number])
        new = number[newer]
        stamps[new], owners[new], places[new] = own[newer], owner, newer
        parents[new] = np.append(number, -1)[above[newer]]  # -1 is the last one
    labels = [""] * count
    for owner, part in enumerate(having):
        mine = np.flatnonzero(owners == owner)
        for value, label in zip(mine.tolist(), part.segment.strings(f"{name}.labels").at(places[mine]), strict=True):
            labels[value] = label.decode()
    return labels, parents, stamps


def _union(parts: Sequence[Part], name: str) -> dictionaries.Union:
    """The sorted union of a sorted column of strings of all segments."""
    columns = [(part.segment.array(name).all, part.segment.array(f"{name}.offsets").all) for part in parts]
    return dictionaries.union(columns)
