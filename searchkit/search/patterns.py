"""Words of the dictionary that a prefix, a wildcard, a fuzzy word or a range means.

Nothing here backtracks: a prefix and a range are runs of the sorted dictionary, a wildcard is matched by two pointers,
an edit distance by a bounded algorithm. Each expands over all segments and to at most `EXPANSION_LIMIT` words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from os.path import commonprefix
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from searchkit.errors import QueryLimitError
from searchkit.index.format import Strings
from searchkit.index.snapshot import Snapshot

#: The most words that one pattern may come to. A prefix that is being typed is exempt.
EXPANSION_LIMIT: Final = 10_000
#: Words that are read at once.
_PAGE: Final = 1 << 12


class WordRange(Collection[bytes]):
    """The words of a dictionary from `low` up to but not including `high` (None: to its end): nothing is written out.

    The length is that of all segments' runs together, so it counts what several segments have as often.
    """

    def __init__(self, snapshot: Snapshot, field: str, low: bytes, high: bytes | None) -> None:
        self.low = low
        self.high = high
        self._dictionaries = tuple(_terms(snapshot, field))

    def __contains__(self, word: object) -> bool:
        return isinstance(word, bytes) and self.low <= word and (self.high is None or word < self.high)

    def __iter__(self) -> Iterator[bytes]:
        return iter({word for terms, run in self.runs() for page in _pages(terms, run) for word in page})

    def __len__(self) -> int:
        return sum(len(run) for _, run in self.runs())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordRange) and (self.low, self.high) == (other.low, other.high)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def is_within(self, other: WordRange) -> bool:
        """Whether all of the words are among the other's."""
        ends_within = other.high is None or (self.high is not None and self.high <= other.high)
        return other.low <= self.low and ends_within

    @property
    def beginning(self) -> bytes:
        """What all of the words begin with; of the words that have a prefix, that prefix."""
        if self.high is None:
            return b""
        # One less than `high` in its last byte: of a prefix, that is the prefix.
        last = self.high[:-1] + bytes([max(self.high[-1] - 1, 0)])
        return commonprefix([self.low, last]) or b""  # noqa: RUF071 - of bytes, not of paths

    def runs(self) -> Iterator[tuple[Strings, range]]:
        """Each segment's dictionary, and where the words stand in it."""
        for terms in self._dictionaries:
            yield terms, range(terms.find(self.low), len(terms) if self.high is None else terms.find(self.high))


def prefixed(snapshot: Snapshot, field: str, prefix: str, *, limit: int | None = EXPANSION_LIMIT) -> WordRange:
    """The words that begin with `prefix`."""
    start = prefix.encode()
    # Text is UTF-8, which has no byte 0xff.
    words = WordRange(snapshot, field, start, start[:-1] + bytes([start[-1] + 1]) if start else None)
    return words if limit is None else _bounded(words, prefix, limit)


def between(snapshot: Snapshot, field: str, low: str | None, high: str | None) -> WordRange:
    """The words from `low` to `high`, both included; None leaves that side open."""
    # The word after `high` in the order of bytes is `high` with a NUL byte behind it.
    words = WordRange(snapshot, field, low.encode() if low else b"", high.encode() + b"\0" if high else None)
    return _bounded(words, f"[{low} TO {high}]", EXPANSION_LIMIT)


def _bounded(words: WordRange, pattern: str, limit: int) -> WordRange:
    if len(words) > limit:  # perhaps, for what several segments have is one word
        _collect((page for terms, run in words.runs() for page in _pages(terms, run)), pattern, limit)
    return words


def wildcard(snapshot: Snapshot, field: str, pattern: str) -> frozenset[bytes]:
    """The words that match a pattern of `*` (any characters) and `?` (one character) as a whole."""
    literals = re.split("[*?]", pattern)
    start, longest = literals[0].encode(), max(literals, key=len).encode()
    pages = (
        [word for word in page if longest in word and matches(pattern, word.decode())]
        for terms in _terms(snapshot, field)
        for page in _pages(terms, terms.prefixed(start))
    )
    return _collect(pages, pattern, EXPANSION_LIMIT)


def fuzzy(snapshot: Snapshot, field: str, word: str, distance: int, prefix: int = 0) -> frozenset[bytes]:
    """The words within that many edits (insert, delete, replace, swap neighbours), alike in the first characters."""
    start = word[:prefix].encode()
    sizes = range(len(word) - distance, len(word) + distance + 1)
    words = [
        known
        for terms in _terms(snapshot, field)
        for page in _pages(terms, terms.prefixed(start))
        for raw in page
        if len(known := raw.decode()) in sizes
    ]
    near = process.extract(word, words, scorer=OSA.distance, score_cutoff=distance, limit=None)
    return _collect([[choice.encode() for choice, _, _ in near]], f"{word}~{distance}", EXPANSION_LIMIT)


def matches(pattern: str, word: str) -> bool:
    """Whether a word matches a pattern of `*` and `?`, in time proportional to the product of their lengths at most."""
    at = place = 0
    star = back = -1
    while at < len(word):
        if place < len(pattern) and pattern[place] == "*":
            star, back = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", word[at]):
            place += 1
            at += 1
        elif star >= 0:
            back += 1
            place, at = star + 1, back
        else:
            return False
    return pattern[place:].strip("*") == ""


def _terms(snapshot: Snapshot, field: str) -> Iterator[Strings]:
    return (segment.terms(field) for segment in snapshot.segments)


def _pages(terms: Strings, places: range) -> Iterator[list[bytes]]:
    """The strings at some places, read page by page."""
    for at in range(places.start, places.stop, _PAGE):
        yield terms.some(at, min(at + _PAGE, places.stop))


def _collect(pages: Iterable[list[bytes]], pattern: str, limit: int) -> frozenset[bytes]:
    found: set[bytes] = set()
    for page in pages:
        found.update(page)
        if len(found) > limit:
            raise QueryLimitError(f"{pattern!r} means more than {limit:,} words; make it longer or more exact")
    return frozenset(found)
