"""One segment on disk: a folder of write-once arrays with a listing of their lengths and checksums."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from searchkit.index.arrays import ArrayWriter, OffsetsWriter
from searchkit.index.build import NO_DAY
from searchkit.index.format import (
    Array,
    ArrayFile,
    HeldArray,
    Identities,
    Listing,
    Strings,
    cuts,
    damaged,
    make_folder,
    pack_json,
    sync_file,
    sync_folder,
    unpack_json,
    write_bytes,
)
from searchkit.index.stored import StoredTexts
from searchkit.kernels import coding, counts
from searchkit.model import Label, Mention, Value

LISTING: Final = "segment.json"
# Added dimensions may be called anything that is one name of a file.
_NAME: Final = re.compile(r"[^/\\\0]+")
#: Fields: terms of the text; its words, whose postings are a part of their term's; terms of titles, by document.
TEXT: Final = "text"
WORD: Final = "word"
TITLE: Final = "title"
#: At the end of a stem so many letters may be other than those of the word (dying: die); there are exceptions.
_STEM_CHANGES: Final = 2


class Postings(NamedTuple):
    """A term's paragraphs (ascending), how often it occurs in each, and where: positions, paragraph after paragraph."""

    docs: Array
    freqs: Array
    positions: Array


class SegmentWriter:
    """Writes a new segment, an array at a time; nothing refers to it until a manifest does.

    What it wrote is durable after `sync_segment`. `IndexWriteError` if the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self.folder = folder
        self._listing: Listing = {}

    def add(self, arrays: Mapping[str, Array]) -> None:
        """Write whole arrays."""
        for name, array in arrays.items():
            with self.open(name, array.dtype) as writer:
                writer.append(array)

    @contextmanager
    def open(self, name: str, dtype: npt.DTypeLike | None = None) -> Iterator[ArrayWriter]:
        """An array to be written piece by piece; see `ArrayWriter`."""
        with ArrayWriter(self.folder / f"{name}.npy", dtype) as writer:
            yield writer
            self._listing[name] = writer.end()

    @contextmanager
    def offsets(self, name: str, dtype: npt.DTypeLike | None = None) -> Iterator[OffsetsWriter]:
        """An array of offsets, to be written by the sizes of what they part."""
        with self.open(name, dtype) as writer:
            yield OffsetsWriter(writer)

    def end(self) -> None:
        """Write the listing: the segment is whole."""
        write_bytes(self.folder / LISTING, pack_json({"files": dict(sorted(self._listing.items()))}), durable=False)


def write_segment(folder: Path, arrays: Mapping[str, Array]) -> None:
    """Write a segment from its arrays; see `SegmentWriter`."""
    writer = SegmentWriter(folder)
    writer.add(arrays)
    writer.end()


def sync_segment(folder: Path) -> None:
    """Make a segment durable. `IndexWriteError` if the disk refuses."""
    for path in sorted(folder.iterdir()):
        sync_file(path)
    sync_folder(folder)


def _listing(folder: Path) -> Listing:
    """The arrays of a folder, as its listing says. `DamagedIndexError` where that is not whole."""
    listing = unpack_json(folder / LISTING).get("files")
    if not isinstance(listing, dict) or not all(map(_NAME.fullmatch, listing)):
        raise damaged(folder / LISTING)
    return listing


class Segment:
    """Read access to a segment; arrays are opened when they are first asked for, and verified block by block.

    A paragraph is named by its ordinal in the segment, a document likewise; the paragraphs of a document are adjacent.
    `deleted` says which paragraphs a generation has removed (None: none), `columns` is a folder of arrays that take the
    place of the segment's own, or these arrays themselves: its facets with the decisions of a curation file.
    """

    def __init__(
        self, folder: Path, deleted: Array | None = None, columns: Path | Mapping[str, Array] | None = None
    ) -> None:
        self.folder = folder
        self.name = folder.name
        self.deleted = deleted
        self._listing = _listing(folder)
        self._columns = _listing(columns) if isinstance(columns, Path) else {}
        self._columns_folder = columns if isinstance(columns, Path) else folder
        self._sound: set[str] = set()
        self._arrays: dict[str, ArrayFile | HeldArray] = {}
        if isinstance(columns, Mapping):
            self._arrays |= {name: HeldArray(array, folder) for name, array in columns.items()}
        self._strings: dict[str, Strings] = {}
        self.paragraph_count = len(self.array("paragraph.id"))
        self.document_count = len(self.array("document.first")) - 1
        if deleted is not None and len(deleted) != self.paragraph_count:
            raise damaged(folder / LISTING)

    def array(self, name: str) -> ArrayFile | HeldArray:
        """The array of that name. `DamagedIndexError` where the segment has none."""
        found = self._arrays.get(name)
        if found is None:
            folder, listing = self.folder, self._listing
            if name in self._columns:
                folder, listing = self._columns_folder, self._columns
            path = folder / f"{name}.npy"
            if name not in listing:
                raise damaged(path)
            found = self._arrays[name] = ArrayFile(path, listing[name])
        return found

    def has(self, name: str) -> bool:
        """Whether there is an array of that name."""
        return name in self._arrays or name in self._columns or name in self._listing

    def strings(self, name: str) -> Strings:
        """The column of strings of that name."""
        found = self._strings.get(name)
        if found is None:
            found = self._strings[name] = Strings(self.array(name), self.array(f"{name}.offsets"))
        return found

    def mark_deleted(self, deleted: Array) -> None:
        """Move on to a newer generation of the same segment, in which these paragraphs are deleted."""
        self.deleted = deleted
        self.__dict__.pop("alive_documents", None)

    @property
    def listings(self) -> dict[Path, Listing]:
        """For each folder of the segment the name of each array -> its length and checksums."""
        return {self._columns_folder: self._columns, self.folder: self._listing}

    @property
    def size(self) -> int:
        """Bytes of all arrays on disk."""
        return sum(int(entry["bytes"]) for listing in self.listings.values() for entry in listing.values())

    @cached_property
    def identities(self) -> Identities:
        """The identity of each document."""
        firsts = self.array("document.runs")
        return Identities(self.strings("document.identity"), firsts, self.strings("document.beginnings"))

    @cached_property
    def texts(self) -> StoredTexts:
        """The stored text of each paragraph."""
        return StoredTexts(
            self.array("stored"),
            self.array("stored.offsets"),
            self.array("stored.parts"),
            self.strings("stored.dictionaries"),
        )

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that this segment has columns for."""
        names = sorted({*self._listing, *self._columns, *self._arrays})
        return tuple(name[6:-9] for name in names if name.startswith("facet.") and name.endswith(".ordinals"))

    # Terms

    def terms(self, field: str) -> Strings:
        """The sorted term dictionary of a field."""
        return self.strings(f"{field}.terms")

    def doc_frequency(self, field: str, term: int) -> int:
        """In how many paragraphs (for `title`: documents) a term occurs, deleted ones included."""
        if field == WORD:
            return len(self.postings(field, term).docs)
        start, end = self.array(f"{field}.postings.offsets")[term : term + 2].tolist()
        return int(end - start)

    def counts(self, field: str, term: int) -> tuple[Array, Array]:
        """The paragraphs of a term and its frequency in each, without positions, which cost as much again."""
        if field == WORD:
            return self.postings(field, term)[:2]
        return self._decoded(field, *self._coded(f"{field}.postings", term), self.doc_frequency(field, term))

    def postings(self, field: str, term: int) -> Postings:
        """The postings of a term, deleted paragraphs included; those of `title` are document ordinals."""
        if field == WORD:
            return self._spelled(term)
        docs, freqs = self.counts(field, term)
        places = self._placed(field, *self._coded(f"{field}.positions", term), freqs, np.array([0, len(freqs)]))
        return Postings(docs, freqs, places // self.array("text.variants").at(term) if field == TEXT else places)

    def _spelled(self, word: int) -> Postings:
        """The postings of one word, out of those of its term."""
        term, variant = self.array("word.term").at(word), self.array("word.variant").at(word)
        variants = self.array("text.variants").at(term)
        if variants == 1:
            return self.postings(TEXT, term)
        docs, freqs = self.counts(TEXT, term)
        places = self._placed(TEXT, *self._coded("text.positions", term), freqs, np.array([0, len(freqs)]))
        mine = places % variants == variant
        own = np.add.reduceat(mine, np.cumsum(freqs, dtype=np.int64) - freqs, dtype=np.uint32)
        return Postings(docs[own > 0], own[own > 0], places[mine] // variants)

    def words_of(self, term: int) -> list[bytes]:
        """The words of the text that a term stands for, ascending."""
        text, words = self.terms(TEXT).raw(term), self.terms(WORD)
        beginning = text[: max(1, len(text) - _STEM_CHANGES)]
        for run in (words.prefixed(beginning), range(len(words))):
            found = np.flatnonzero(self.array("word.term")[run.start : run.stop] == term) + run.start
            if len(found) == self.array("text.variants").at(term):  # else some begin otherwise
                break
        return words.at(found)

    def all_postings(self, field: str) -> tuple[Array, Postings]:
        """Every posting of a field, and the offsets of each term's; a text's positions as stored, with variants."""
        return self.postings_between(field, 0, len(self.terms(field)))

    def postings_between(self, field: str, first: int, last: int) -> tuple[Array, Postings]:
        """As `all_postings`, of the terms [first, last) only."""
        offsets = self.array(f"{field}.postings.offsets")[first : last + 1].astype(np.int64)
        offsets -= offsets[0]
        starts = self.array(f"{field}.postings.starts")[first : last + 1].astype(np.int64)
        data = self.array(f"{field}.postings")[int(starts[0]) : int(starts[-1])]
        docs, freqs = self._decoded(field, data, starts - starts[0], offsets)
        starts = self.array(f"{field}.positions.starts")[first : last + 1].astype(np.int64)
        data = self.array(f"{field}.positions")[int(starts[0]) : int(starts[-1])]
        return offsets, Postings(docs, freqs, self._placed(field, data, starts - starts[0], freqs, offsets))

    def coded(self, name: str, term: int) -> Array:
        """The bytes of one list of `text.postings` and the like."""
        start, end = self.array(f"{name}.starts")[term : term + 2].tolist()
        return self.array(name)[start:end]

    def _coded(self, name: str, term: int) -> tuple[Array, Array]:
        """The bytes of one list, and where it begins in them."""
        return self.coded(name, term), np.zeros(1, np.int64)

    def _decoded(self, field: str, data: Array, starts: Array, offsets: Array | int) -> tuple[Array, Array]:
        limit = self.document_count if field == TITLE else self.paragraph_count
        bounds = np.array([0, offsets], np.int64) if isinstance(offsets, int) else offsets
        try:
            return coding.decode(data, starts, bounds, limit)
        except ValueError as error:
            raise damaged(self.folder / f"{field}.postings.npy") from error

    def _placed(self, field: str, data: Array, starts: Array, freqs: Array, offsets: Array) -> Array:
        try:
            return coding.decode_positions(data, starts, freqs, offsets)[0]
        except ValueError as error:
            raise damaged(self.folder / f"{field}.positions.npy") from error

    def lengths(self, field: str) -> Array:
        """Words in each paragraph (for `title`: in each document's title)."""
        lengths = self.array(f"{TEXT if field == WORD else field}.lengths").all
        if len(lengths) != (self.document_count if field == TITLE else self.paragraph_count):
            raise damaged(self.folder / f"{field}.lengths.npy")
        return lengths

    # Documents and paragraphs

    def document_of(self, paragraph: int) -> int:
        """The document that holds a paragraph."""
        return self.array("paragraph.document").at(paragraph)

    def documents_of(self, key: int) -> list[int]:
        """The live documents whose identity has that key."""
        keys = self.array("document.keys").all
        low, high = (int(np.searchsorted(keys, np.uint64(key), side)) for side in ("left", "right"))
        alive = self.array("document.keyed")[low:high].tolist()
        return [document for document in alive if self.alive(self.array("document.first").at(document))]

    def paragraphs_of(self, document: int) -> range:
        """The paragraphs of a document."""
        first = self.array("document.first")
        return range(first.at(document), first.at(document + 1))

    def text(self, paragraph: int) -> str:
        """The text of a paragraph."""
        return self.texts[paragraph].decode()

    def alive(self, paragraph: int) -> bool:
        """Whether the generation still has this paragraph."""
        return self.deleted is None or not self.deleted[paragraph]

    @cached_property
    def firsts(self) -> Array:
        """The first paragraph of each document, and how many there are. `DamagedIndexError` where they are not."""
        firsts = self.array("document.first").all
        if not cuts(firsts, self.paragraph_count):
            raise damaged(self.folder / "document.first.npy")
        return firsts

    @cached_property
    def alive_documents(self) -> Array:
        """Ordinals of the documents that the generation still has. A document without paragraphs is always there."""
        first = self.firsts.astype(np.int64)
        if self.deleted is None:
            return np.arange(self.document_count)
        removed = np.zeros(self.document_count, bool)
        has_any = first[:-1] < first[1:]
        removed[has_any] = self.deleted[first[:-1][has_any]]
        return np.flatnonzero(~removed)

    @cached_property
    def days(self) -> tuple[Array, Array]:
        """First and last day of each paragraph's date, `NO_DAY` where it has none."""
        document = self.array("paragraph.document").all
        first, last = (self.array(f"document.{end}_day").all.astype(np.int32) for end in ("first", "last"))
        return first[document], last[document]

    def between(self, first: int, last: int) -> Array:
        """Which paragraphs have a date whose period meets the days [first, last]; one without a date never does."""
        starts, ends = self.days
        meets: Array = (starts != NO_DAY) & (starts <= last) & (ends >= first)
        return meets

    # Facets

    def column(self, dimension: str) -> tuple[Array, Array]:
        """Offsets per paragraph and ordinals of values with their ancestors; empty for an unknown dimension."""
        if dimension not in self.dimensions:
            return np.zeros(self.paragraph_count + 1, np.uint32), np.zeros(0, np.uint8)
        offsets = self.array(f"facet.{dimension}.offsets").all.astype(np.uint32, copy=False)
        ordinals = self.array(f"facet.{dimension}.ordinals").all
        if dimension not in self._sound:  # compiled loops go where the offsets say
            values = len(self.strings(f"facet.{dimension}.ids"))
            if not counts.sound(counts.Column(offsets, ordinals, values), self.paragraph_count):
                raise damaged(self.folder / f"facet.{dimension}.offsets.npy")
            self._sound.add(dimension)
        return offsets, ordinals

    def given(self, dimension: str, first: int = 0, last: int | None = None) -> Array:
        """Of which documents [first, last) the record brought their values; `first` has to be a multiple of 8."""
        name = f"facet.{dimension}.given"
        last = self.document_count if last is None else last
        if not self.has(name):
            return np.zeros(last - first, bool)
        bits = self.array(name)
        if len(bits) != -(-self.document_count // 8):
            raise damaged(self.folder / f"{name}.npy")
        return np.unpackbits(bits[first // 8 : -(-last // 8)], count=last - first).astype(bool)

    def value(self, dimension: str, ordinal: int) -> Value:
        """A value of a dimension with its ancestors."""
        name = f"facet.{dimension}"
        parent = self.array(f"{name}.parents").at(ordinal)
        return Value(
            self.strings(f"{name}.ids").text(ordinal),
            self.strings(f"{name}.labels").text(ordinal),
            self.value(dimension, parent) if parent >= 0 else None,
        )

    def labels(
        self, dimension: str, paragraph: int, text: str, value: Callable[[int], Value] | None = None
    ) -> tuple[Label, ...]:
        """The values that a paragraph bears, each with its mentions, in the order in which they are first named.

        `value` tells what an ordinal stands for, where that is not what this segment says.
        """
        if dimension not in self.dimensions:
            return ()
        name = f"facet.{dimension}.mentions"
        start, end = self.array(f"{name}.offsets")[paragraph : paragraph + 2].tolist()
        columns = [self.array(f"{name}.{part}")[start:end].tolist() for part in ("ordinal", "start", "length", "rule")]
        rules = self.strings(f"facet.{dimension}.rules")
        found: dict[int, list[Mention]] = {}
        for ordinal, at, length, rule in zip(*columns, strict=True):
            mentions = found.setdefault(ordinal, [])
            if length:
                kind, _, why = rules.text(rule).partition("\0")
                mentions.append(Mention(at, at + length, text[at : at + length], kind, why))
        value = value or partial(self.value, dimension)
        return tuple(Label(value(ordinal), tuple(mentions)) for ordinal, mentions in found.items())
