"""Where a hit matches: the characters to be highlighted, taken from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Final, NamedTuple

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index.analysis import pieces
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.kernels.tokens import candidates
from searchkit.search.clauses import Words
from searchkit.search.patterns import WordRange
from searchkit.search.plan import positive

#: Tokens that a highlighter keeps in mind.
_MOST: Final = 1 << 12
#: More words than these are told by their first letters.
_WHOLE: Final = 16
#: Code points [start, end) of each matched word of a text, ascending and disjoint.
Ranges = tuple[tuple[int, int], ...]
#: Where a raw token begins and ends in its text, in bytes, and how many tokens were skipped before it.
_Row = tuple[int, int, int]


class _Word(NamedTuple):
    """A word of a raw token: its code points [start, end) there, and the tests that it passes, by number."""

    start: int
    end: int
    passes: tuple[int, ...]


class Highlighter:
    """Finds in texts the words that a plan matched: single words anywhere, those of a phrase where the phrase is.

    Only tokens in which a word begins as a wanted one does are looked at.
    """

    def __init__(self, query: Query, words_of: Callable[[str], Collection[bytes]]) -> None:
        """`words_of` has the words that a term stands for."""
        leaves = list(positive(query))
        #: The words that are wanted wherever they stand, then those of each phrase, part by part.
        self._tests = [_Wanted(leaves, words_of)]
        self._phrases: list[tuple[slice, int]] = []
        for parts, slop in filter(None, map(_phrase, leaves)):
            first = len(self._tests)
            self._tests += [_Wanted([part], words_of) for part in parts]
            self._phrases.append((slice(first, len(self._tests)), slop))
        self._beginnings = set(chain.from_iterable(test.beginnings() for test in self._tests))
        self._known: dict[bytes, list[_Word]] = {}

    def ranges(self, texts: Sequence[bytes]) -> list[Ranges]:
        """The matched words of each text (UTF-8)."""
        if not self._beginnings:
            return [()] * len(texts)
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(sizes + 1) - 1
        joined = np.frombuffer(b"\n".join(texts), np.uint8)
        found = candidates(joined, ends - sizes, ends, self._beginnings, odd=bool(self._phrases))
        at = np.repeat(ends - sizes, found.counts)
        rows = zip((found.begin - at).tolist(), (found.end - at).tolist(), found.skipped.tolist(), strict=True)
        find = self._in_phrases if self._phrases else self._alone
        return [
            tuple(find(text, islice(rows, count))) for text, count in zip(texts, found.counts.tolist(), strict=True)
        ]

    def _alone(self, text: bytes, rows: Iterable[_Row]) -> Iterable[tuple[int, int]]:
        words, at = self._words, _places(text)
        return [
            (at(begin) + start, at(begin) + end)
            for begin, stop, _ in rows
            for start, end, passes in words(text[begin:stop])
            if passes
        ]

    def _in_phrases(self, text: bytes, rows: Iterable[_Row]) -> Iterable[tuple[int, int]]:
        at, number = _places(text), 0
        ranges: dict[int, tuple[int, int]] = {}  # of the words by their number in the text
        passing: list[set[int]] = [set() for _ in self._tests]
        for begin, stop, skipped in rows:
            number += skipped
            for start, end, passes in self._words(text[begin:stop]):
                ranges[number] = at(begin) + start, at(begin) + end
                for test in passes:
                    passing[test].add(number)
                number += 1
        found = passing[0].union(*(_following(passing[parts], slop) for parts, slop in self._phrases))
        return map(ranges.__getitem__, sorted(found))

    def _words(self, token: bytes) -> list[_Word]:
        """The words of a raw token."""
        known = self._known.get(token)
        if known is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[token] = [
                _Word(start, end, tuple(number for number, test in enumerate(self._tests) if test(word)))
                for _, word, start, end in pieces(token.decode())
            ]
        return known


def _places(text: bytes) -> Callable[[int], int]:
    """What gives the code point that begins at a byte of a text."""
    return int if text.isascii() else lambda at: len(text[:at].decode())


class _Wanted:
    """A test for the words of a text that some leaves look for; other leaves look for none."""

    def __init__(self, leaves: Iterable[Query], words_of: Callable[[str], Collection[bytes]]) -> None:
        self._words: list[Collection[bytes]] = []
        for leaf in leaves:
            if isinstance(leaf, q.Term) and leaf.fieldname == TEXT_FIELD:
                self._words.append(words_of(leaf.text))
            elif isinstance(leaf, Words) and leaf.field_name == WORD_FIELD:
                self._words.append(leaf.words)

    def __call__(self, word: str) -> bool:
        encoded = word.encode()
        return any(encoded in words for words in self._words)

    def beginnings(self) -> Iterator[bytes]:
        """What every wanted word begins with one of."""
        for words in self._words:
            if isinstance(words, WordRange):
                yield words.beginning
            else:
                yield from words if len(words) <= _WHOLE else {word[:1] for word in words}


def _phrase(leaf: Query) -> tuple[Sequence[Query], int] | None:
    """The parts and the slop of a leaf that is a phrase in the text."""
    if isinstance(leaf, q.Phrase) and leaf.fieldname == TEXT_FIELD:
        return [q.Term(TEXT_FIELD, word) for word in leaf.words], leaf.slop
    return (leaf.qs, leaf.slop) if isinstance(leaf, SpanNear2) else None


def _following(levels: Sequence[set[int]], slop: int) -> set[int]:
    """The numbers of the words of all occurrences of a phrase, given those of its first word, its second and so on.

    Each next word follows within `slop` words.
    """
    levels = [set(level) for level in levels]
    for before, after in pairwise(levels):  # what cannot be reached from the start
        after &= {place + step for place in before for step in range(1, slop + 1)}
    for before, after in zip(levels[-2::-1], levels[:0:-1], strict=True):  # what does not lead to the end
        before &= {place - step for place in after for step in range(1, slop + 1)}
    return set().union(*levels) if all(levels) else set()


def passage(text: str, highlights: Sequence[tuple[int, int]], width: int) -> tuple[int, int]:
    """The range of about `width` code points that holds the most highlights, cut between words."""
    if len(text) <= width:
        return 0, len(text)
    starts = [start for start, _ in highlights] or [0]
    best = max(starts, key=lambda s: (sum(s <= t < s + width * 3 // 4 for t in starts), -s))
    start = max(0, min(best - width // 4, len(text) - width))
    if start:
        space = text.find(" ", start, start + 30)
        start = space + 1 if 0 <= space < best else start
    end = min(len(text), start + width)
    if end < len(text):
        space = text.rfind(" ", end - 30, end)
        end = space if space > start else end
    return start, end
