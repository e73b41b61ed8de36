"""Words of the dictionary that a prefix, a wildcard, a fuzzy word or a range means.

Nothing here backtracks: a prefix and a range are runs of the sorted dictionary, a wildcard is matched by two pointers,
an edit distance by a bounded algorithm. Each expands over all segments and to at most `EXPANSION_LIMIT` words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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


def prefixed(snapshot: Snapshot, field: str, prefix: str, *, limit: int | None = EXPANSION_LIMIT) -> frozenset[bytes]:
    """The words that begin with `prefix`."""
    start = prefix.encode()
    pages = (page for terms in _terms(snapshot, field) for page in _pages(terms, terms.prefixed(start)))
    return _collect(pages, prefix, limit)


def between(snapshot: Snapshot, field: str, low: str | None, high: str | None) -> frozenset[bytes]:
    """The words from `low` to `high`, both included; None leaves that side open."""

    def run(terms: Strings) -> range:
        # The word after `high` in the order of bytes is `high` with a NUL byte behind it.
        end = terms.find(high.encode() + b"\0") if high else len(terms)
        return range(terms.find(low.encode()) if low else 0, end)

    pages = (page for terms in _terms(snapshot, field) for page in _pages(terms, run(terms)))
    return _collect(pages, f"[{low} TO {high}]", EXPANSION_LIMIT)


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


def _collect(pages: Iterable[list[bytes]], pattern: str, limit: int | None) -> frozenset[bytes]:
    found: set[bytes] = set()
    for page in pages:
        found.update(page)
        if limit is not None and len(found) > limit:
            raise QueryLimitError(f"{pattern!r} means more than {limit:,} words; make it longer or more exact")
    return frozenset(found)
