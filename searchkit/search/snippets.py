"""Where a hit matches: the characters to be highlighted, taken from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import Final

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index.analysis import Piece, pieces
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.kernels.tokens import candidates
from searchkit.search.clauses import Words
from searchkit.search.patterns import WordRange
from searchkit.search.plan import positive

_Test = Callable[[Piece], bool]
#: More words than these are told by their first letters.
_WHOLE: Final = 16
#: Code points [start, end) of each matched word of a text, ascending and disjoint.
Ranges = tuple[tuple[int, int], ...]
#: The words of a text by their places among all of its words, each with where its raw token begins, in bytes.
_Places = Mapping[int, tuple[Piece, int]]


class Highlighter:
    """Finds in texts the words that a plan matched: single words anywhere, those of a phrase where the phrase is.

    Only tokens in which a word begins as a wanted one does are looked at.
    """

    def __init__(self, query: Query, words_of: Callable[[str], Collection[bytes]]) -> None:
        """`words_of` has the words that a term stands for."""
        leaves = list(positive(query))
        phrases = [phrase for leaf in leaves if (phrase := _phrase(leaf))]
        self._phrases = [([_Wanted([part], words_of) for part in parts], slop) for parts, slop in phrases]
        self._singles = _Wanted(leaves, words_of)
        every = (self._singles, *chain.from_iterable(tests for tests, _ in self._phrases))
        self._beginnings = set(chain.from_iterable(wanted.beginnings() for wanted in every))
        self._judged: dict[bytes, tuple[tuple[Piece, bool], ...]] = {}

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
        return [
            self._ranges(text, islice(rows, count)) for text, count in zip(texts, found.counts.tolist(), strict=True)
        ]

    def _ranges(self, text: bytes, rows: Iterable[tuple[int, int, int]]) -> Ranges:
        words: dict[int, tuple[Piece, int]] = {}
        found: list[int] = []
        place = 0
        for begin, end, skipped in rows:
            place += skipped
            for piece, is_wanted in self._pieces(text[begin:end]):
                words[place] = piece, begin
                if is_wanted:
                    found.append(place)
                place += 1
        for tests, slop in self._phrases:
            found = sorted(_phrase_places(words, tests, slop).union(found))
        shift: Callable[[int], int] = int if text.isascii() else lambda at: len(text[:at].decode())
        pairs = ((piece, shift(begin)) for piece, begin in map(words.__getitem__, found))
        return tuple((base + piece.start, base + piece.end) for piece, base in pairs)

    def _pieces(self, token: bytes) -> tuple[tuple[Piece, bool], ...]:
        """The words of a raw token, and whether each is wanted for itself."""
        known = self._judged.get(token)
        if known is None:
            known = self._judged[token] = tuple((piece, self._singles(piece)) for piece in pieces(token.decode()))
        return known


class _Wanted:
    """A test for the words of a text that some leaves look for; other leaves look for none."""

    def __init__(self, leaves: Iterable[Query], words_of: Callable[[str], Collection[bytes]]) -> None:
        self._words: list[Collection[bytes]] = []
        for leaf in leaves:
            if isinstance(leaf, q.Term) and leaf.fieldname == TEXT_FIELD:
                self._words.append(words_of(leaf.text))
            elif isinstance(leaf, Words) and leaf.field_name == WORD_FIELD:
                self._words.append(leaf.words)

    def __call__(self, piece: Piece) -> bool:
        word = piece.word.encode()
        return any(word in words for words in self._words)

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


def _phrase_places(words: _Places, tests: Sequence[_Test], slop: int) -> set[int]:
    """Places of the words of every occurrence of a phrase; each next word follows within `slop` places."""
    levels = [{place for place, (piece, _) in words.items() if test(piece)} for test in tests]
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
