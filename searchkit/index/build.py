"""From documents and their labels to the arrays of one segment.

Everything that happens once per occurrence (cutting text, counting, inverting) is a kernel; Python touches distinct
tokens, documents and labels. What comes in is turned into columns at once, so that a document takes little more
memory than its tokens. The names of the arrays are the names of the files; `FORMAT.md` describes each.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, compress, count
from os.path import commonprefix
from typing import Final

import numpy as np

from searchkit.index.coded import coded, posting_arrays
from searchkit.index.facets import FacetBuilder
from searchkit.index.format import Array, pack_strings, packed_arrays, shrink, strings_arrays
from searchkit.index.lexicon import Lexicon, Meaning
from searchkit.index.stored import Packer
from searchkit.kernels import postings
from searchkit.model import (
    ENTITY_DIMENSIONS,
    METADATA_DIMENSIONS,
    Document,
    Label,
    LabelColumn,
    LabelColumns,
    Labels,
    Selection,
    Value,
)

#: Days are counted as `datetime.date.toordinal`; this one stands for "no date".
NO_DAY: Final = 0
#: Paragraphs that are numbered and packed at once, and the bytes of text that are, too.
BATCH_PARAGRAPHS: Final = 16_384
BATCH_BYTES: Final = 8 << 20
#: Bytes that an occurrence takes while the postings are made, its own number included; measured.
OCCURRENCE: Final = 16
#: Bytes that a document takes in the columns, without its identity, and that a paragraph takes.
_DOCUMENT: Final = 60
_PARAGRAPH: Final = 24

_COLUMNS: Final = ("title", "date", "source")


class SegmentBuilder:
    """A segment under construction. Documents are added in order; `arrays` ends it, and the next one may begin.

    `lexicon` is shared by the segments of one writer.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or Lexicon()
        self._columns: dict[str, list[str | None]] = {name: [] for name in _COLUMNS}
        self._identities: list[str] = []
        self._packed: dict[str, list[tuple[bytes, Array]]] = {name: [] for name in ("identity", *_COLUMNS)}
        self._runs: list[int] = []
        self._beginnings: list[str] = []
        self._days: list[Array] = []
        self._titles: list[tuple[Array, Array]] = []
        self._keys, self._hashes, self._counts = array("Q"), array("Q"), array("i")
        self._ids, self._starts, self._ends = array("Q"), array("q"), array("q")
        self._texts: list[bytes] = []
        self._waiting = 0
        self._packer = Packer()
        self._tokens: list[tuple[Array, Array]] = []
        self._facets: dict[str, FacetBuilder] = {
            name: FacetBuilder() for name in (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)
        }
        self._given: dict[str, array[int]] = {}
        self._column_bytes = 0
        self._occurrences = 0

    @property
    def document_count(self) -> int:
        """Documents so far."""
        return len(self._keys)

    def holds(self, key: int) -> bool:
        """Whether there is a document of that key."""
        return key in self._keys

    @property
    def nbytes(self) -> int:
        """The memory, in bytes, that it will have taken when the arrays are made, without that of the lexicon."""
        facets = sum(facet.nbytes for facet in self._facets.values())
        waiting = self._waiting * (1 + OCCURRENCE // 6)  # as yet uncounted occurrences of about six bytes
        return self._packer.nbytes + OCCURRENCE * self._occurrences + 2 * (self._column_bytes + facets) + waiting

    def add(
        self,
        documents: Sequence[Document],
        labels: LabelColumns,
        *,
        keys: Array | None = None,
        contents: Array | None = None,
        stamp: int = 0,
    ) -> None:
        """Add documents with the labels of all their paragraphs.

        `keys` are `keys_of` their identities, `contents` stand for their content (None: the `hash_keys`). Of two labels
        of one value the one with the larger `stamp` is shown.
        """
        if not documents:
            return
        identities, parts, hashes, titles, dates, sources, given = zip(*documents, strict=True)
        counts = list(map(len, parts))
        _, texts, starts, ends = zip(*chain.from_iterable(parts), strict=True)
        first = len(self._ids)
        self._note_given(given)
        for dimension, column in labels.items():
            self._note(dimension, first, column, stamp)
        self._note_metadata("source", sources, counts, first, stamp)
        self._note_metadata("year", [date and date[:4] for date in dates], counts, first, stamp)
        self._identities += identities
        for name, strings in zip(_COLUMNS, (titles, dates, sources), strict=True):
            self._columns[name] += strings
        self._keys.frombytes((keys_of(identities) if keys is None else keys).tobytes())
        self._hashes.frombytes((hash_keys(hashes) if contents is None else contents).tobytes())
        self._counts.extend(counts)
        encoded = [text.encode() for text in texts]
        self._ids.frombytes(paragraph_ids(identities, counts, encoded).tobytes())
        self._starts.extend(starts)
        self._ends.extend(ends)
        self._texts += encoded
        self._waiting += sum(map(len, encoded))
        self._column_bytes += _DOCUMENT * len(counts) + _PARAGRAPH * len(encoded)
        if self._waiting >= BATCH_BYTES or len(self._texts) >= BATCH_PARAGRAPHS:
            self._number()

    def _note_given(self, given: Sequence[Selection]) -> None:
        """Note which of the documents that come next bring their own values."""
        first = len(self._keys)
        for dimension in set().union(*given):
            bring = compress(range(first, first + len(given)), [dimension in some for some in given])
            self._given.setdefault(dimension, array("i")).extend(bring)

    def _note_metadata(
        self, dimension: str, names: Sequence[str | None], counts: Sequence[int], first: int, stamp: int
    ) -> None:
        """Note source or year of documents, each with so many of the paragraphs from `first` on."""
        if any(names):
            each = [name for name, count in zip(names, counts, strict=True) for _ in range(count)]
            labels = list(map(named, filter(None, each)))
            self._note(dimension, first, LabelColumn([int(bool(name)) for name in each], labels), stamp)

    def _note(self, dimension: str, first: int, column: LabelColumn, stamp: int) -> None:
        """Note the labels of one dimension of the paragraphs from `first` on."""
        if column.labels:
            if dimension not in self._facets:
                self._facets[dimension] = FacetBuilder()
            self._facets[dimension].add(first, column, stamp)

    def _number(self) -> None:
        """Cut the waiting texts into tokens, and pack them and what is known of their documents."""
        ids, counts = self._lexicon.number(self._texts)
        self._tokens.append((ids, counts))
        self._occurrences += len(ids)
        self._packer.add(self._texts)
        self._texts, self._waiting = [], 0
        self._titles.append(self._lexicon.number([(title or "").encode() for title in self._columns["title"]]))
        self._days.append(np.array([day_range(date) for date in self._columns["date"]], np.int32).reshape(-1, 2))
        if identities := self._identities:
            beginning = commonprefix([min(identities), max(identities)])  # noqa: RUF071 - characters are what is meant
            self._runs.append(len(self._keys) - len(identities))
            self._beginnings.append(beginning)
            packed = pack_strings(identity[len(beginning) :] for identity in identities)
            self._packed["identity"].append(packed)
            self._column_bytes += len(packed[0])
            self._identities = []
        for name, column in self._columns.items():
            self._packed[name].append(pack_strings(column))
            column.clear()

    def arrays(self) -> dict[str, Array]:
        """The arrays of the segment; the builder is of no further use."""
        if self._identities or not self._tokens:
            self._number()
        paragraphs = len(self._ids)
        arrays = self._document_arrays()
        arrays |= self._packer.arrays()
        self._packer = Packer()  # what it holds is in the arrays
        for dimension in list(self._facets):
            arrays |= self._facets.pop(dimension).arrays(dimension, paragraphs)
            given = np.zeros(len(self._keys), bool)
            given[self._given.get(dimension, array("i"))] = True
            arrays[f"facet.{dimension}.given"] = np.packbits(given)
        arrays |= _field_arrays("title", self._lexicon, self._titles)
        arrays |= _field_arrays("text", self._lexicon, self._tokens)
        return arrays

    def _document_arrays(self) -> dict[str, Array]:
        """Columns of the documents and paragraphs, and which paragraphs are whose."""
        counts = np.array(self._counts, np.int64)
        days = np.concatenate(self._days)
        keys = np.array(self._keys, np.uint64)
        order = np.argsort(keys, kind="stable")
        arrays: dict[str, Array] = {
            "document.first": np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32),
            "document.first_day": shrink(days[:, 0]),
            "document.last_day": shrink(days[:, 1]),
            "document.keys": keys[order],
            "document.keyed": order.astype(np.uint32),
            "document.hash": np.array(self._hashes, np.uint64),
            "paragraph.document": np.repeat(np.arange(len(counts), dtype=np.uint32), counts),
            "paragraph.id": np.array(self._ids, np.uint64),
            "paragraph.start": shrink(np.array(self._starts, np.int64)),
            "paragraph.end": shrink(np.array(self._ends, np.int64)),
        }
        for name, parts in self._packed.items():
            arrays |= packed_arrays(f"document.{name}", parts)
        arrays["document.runs"] = shrink(np.array(self._runs, np.int64))
        arrays |= strings_arrays("document.beginnings", self._beginnings)
        return arrays


def segment_arrays(documents: Iterable[tuple[Document, Sequence[Labels]]]) -> dict[str, Array]:
    """The arrays of a segment that holds `documents`, one `Labels` per paragraph of each."""
    builder, labelled = SegmentBuilder(), list(documents)
    builder.add([one for one, _ in labelled], label_columns(list(chain.from_iterable(some for _, some in labelled))))
    return builder.arrays()


def label_columns(labels: Sequence[Labels]) -> LabelColumns:
    """The labels of some paragraphs, by dimension."""
    columns = {}
    for dimension in set().union(*labels):
        chosen = [some.get(dimension, ()) for some in labels]
        columns[dimension] = LabelColumn(list(map(len, chosen)), list(chain.from_iterable(chosen)))
    return columns


def key_of(name: str) -> int:
    """The 64 bits by which an identity is looked up and compared."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def keys_of(names: Iterable[str]) -> Array:
    """`key_of` each of many names, as uint64."""
    return _keys(map(str.encode, names))


def _keys(names: Iterable[bytes]) -> Array:
    """The 64 bits of BLAKE2b of each name."""
    blank, digests = blake2b(digest_size=8), []
    for name in names:
        hashed = blank.copy()  # sooner done than made anew
        hashed.update(name)
        digests.append(hashed.digest())
    return hash_keys(digests)


def hash_keys(hashes: Sequence[bytes]) -> Array:
    """Hashes of eight bytes as uint64."""
    return np.frombuffer(b"".join(hashes), ">u8").astype(np.uint64)


def paragraph_id(identity: str, text: str, repeat: int) -> int:
    """The stable id of a paragraph: 64 bits of BLAKE2b over identity, text without runs of space, repeat number."""
    return key_of(f"{identity}\0{_plain(text)}\0{repeat}")


def paragraph_ids(identities: Sequence[str], counts: Sequence[int], texts: Sequence[bytes]) -> Array:
    """The `paragraph_id`s of documents, each of which has so many of the texts."""
    plain = _all_plain(texts)
    names = [identity.encode() for identity in identities]
    repeats = [b"0"] * len(texts)
    if len(names) < len(texts):
        owners = [i for i, number in enumerate(counts) for _ in range(number)]
        names = [names[i] for i in owners]
        met: defaultdict[tuple[int, bytes], count[int]] = defaultdict(count)
        repeats = [b"%d" % next(met[one]) for one in zip(owners, plain, strict=True)]
    return _keys(map(b"\0".join, zip(names, plain, repeats, strict=True)))


def _plain(text: str) -> str:
    """The text with runs of white space as one space."""
    return " ".join(text.split())


def _all_plain(texts: Sequence[bytes]) -> list[bytes]:
    """The texts with runs of white space as one space. Most are so already, which is sooner seen than done."""
    data = np.frombuffer(b" ".join([b"", *texts, b""]), np.uint8)
    is_space = data == ord(" ")
    odd = np.flatnonzero((is_space[1:] & is_space[:-1]) | (data[1:] < ord(" ")) | (data[1:] > ord("~")))
    plain = list(texts)
    if len(odd):
        ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        for place in np.unique(np.searchsorted(ends, odd, side="right")).tolist():
            plain[place] = _plain(plain[place].decode()).encode()
    return plain


@lru_cache(maxsize=1 << 12)
def named(name: str) -> Label:
    """The label of a value that is called what it is: a source, a year."""
    return Label(Value(name, name))


@lru_cache(maxsize=1 << 12)
def day_range(date: str | None) -> tuple[int, int]:
    """First and last day, as ordinals, of an ISO date that may be partial; `NO_DAY` twice where there is none."""
    if date is None:
        return NO_DAY, NO_DAY
    parts = [int(part) for part in date.split("-")]
    first = dt.date(*[*parts, 1, 1][:3])
    if len(parts) == 3:
        return first.toordinal(), first.toordinal()
    year, month = (first.year + 1, 1) if len(parts) == 1 else (first.year + first.month // 12, first.month % 12 + 1)
    after = dt.date(year, month, 1).toordinal() if year <= dt.MAXYEAR else dt.date.max.toordinal() + 1
    return first.toordinal(), after - 1


def _field_arrays(field: str, lexicon: Lexicon, numbered: list[tuple[Array, Array]]) -> dict[str, Array]:
    """Dictionary and postings of a field; `numbered` are the tokens of its texts, and is emptied on the way.

    What is stored for an occurrence in the text is its position times the number of the term's words, plus which of
    them it is: nothing more than the position where, as for most terms, there is but one word. In a title it is the
    position.
    """
    meaning = lexicon.meaning([ids for ids, _ in numbered])
    is_text = field == "text"
    scale, shift = np.ones_like(meaning.positions), meaning.positions
    if is_text:
        scale = meaning.variants[meaning.term_ids]
        shift = shift * scale + meaning.term_variants
    pieces = postings.Pieces(meaning.offsets, meaning.term_ids, scale, shift, meaning.widths)
    occurrences = postings.Occurrences(pieces, len(meaning.variants), numbered)
    lengths, inverted = shrink(occurrences.lengths), occurrences.inverted()
    del occurrences  # their memory is free once they are inverted
    arrays = {
        **meaning.terms.arrays(f"{field}.terms"),
        **posting_arrays(field, map(coded, inverted)),
        f"{field}.lengths": lengths,
    }
    return arrays | word_arrays(meaning) if is_text else arrays


def word_arrays(meaning: Meaning) -> dict[str, Array]:
    """The words of the text and whose they are."""
    return {
        "text.variants": shrink(meaning.variants),
        **meaning.words.arrays("word.terms"),
        "word.term": shrink(meaning.word_term),
        "word.variant": shrink(meaning.word_variant),
    }
