"""Where a hit matches: the characters to be highlighted, taken from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Final, NamedTuple

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query

from searchkit.index.analysis import pieces
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.kernels.tokens import beginnings, candidates
from searchkit.search.clauses import Words, phrase
from searchkit.search.patterns import WordRange
from searchkit.search.plan import positive

#: Tokens that a highlighter keeps in mind.
_MOST: Final = 1 << 12
#: More words than these are told by their first letters.
_WHOLE: Final = 16
#: Code points [start, end) of each matched word of a text, ascending and disjoint.
Ranges = tuple[tuple[int, int], ...]


class _Word(NamedTuple):
    """A word of a raw token: its code points [start, end) there, and the tests that it passes, by number."""

    start: int
    end: int
    passes: tuple[int, ...]


class _Tokens(dict[bytes, Sequence[_Word]]):
    """The words of raw tokens, told when they are first asked for, and which tests each passes."""

    def __init__(self, tests: Sequence[Callable[[str], bool]], *, all_words: bool) -> None:
        self._tests = tests
        self._all_words = all_words

    def __missing__(self, token: bytes) -> Sequence[_Word]:
        if len(self) >= _MOST:
            self.clear()
        words = [
            _Word(start, end, tuple(number for number, test in enumerate(self._tests) if test(word)))
            for _, word, start, end in pieces(token.decode())
        ]
        self[token] = found = [word for word in words if word.passes or self._all_words]
        return found


class Highlighter:
    """Finds in texts the words that a plan matched: single words anywhere, those of a phrase where the phrase is.

    Only tokens in which a word begins as a wanted one does are looked at.
    """

    def __init__(self, query: Query, words_of: Callable[[str], Collection[bytes]]) -> None:
        """`words_of` has the words that a term stands for."""
        leaves = list(positive(query))
        #: The words that are wanted wherever they stand, then those of each phrase, part by part.
        tests = [_Wanted(leaves, words_of)]
        self._phrases: list[tuple[slice, int]] = []
        for parts, slop in filter(None, map(phrase, leaves)):
            first = len(tests)
            tests += [_Wanted([part], words_of) for part in parts]
            self._phrases.append((slice(first, len(tests)), slop))
        self._tests = len(tests)
        self._wanted = beginnings(chain.from_iterable(test.beginnings() for test in tests))
        self._words = _Tokens(tests, all_words=bool(self._phrases))

    def ranges(self, texts: Sequence[bytes]) -> list[Ranges]:
        """The matched words of each text (UTF-8)."""
        if len(self._wanted.ends) == 1:  # nothing is marked
            return [()] * len(texts)
        joined = b"\n".join(texts)
        sizes = np.array([len(text) for text in texts], np.int64)
        found = candidates(np.frombuffer(joined, np.uint8), sizes, self._wanted, odd=bool(self._phrases))
        tokens = [joined[begin:end] for begin, end in zip(found.begin.tolist(), found.end.tolist(), strict=True)]
        words = map(self._words.__getitem__, tokens)
        counts = found.counts.tolist()
        if self._phrases:
            rows = zip(found.places.tolist(), found.skipped.tolist(), words, strict=True)
            return [tuple(self._in_phrases(islice(rows, count))) for count in counts]
        places = zip(found.places.tolist(), words, strict=True)
        return [
            tuple([(at + start, at + end) for at, some in islice(places, count) for start, end, _ in some])
            for count in counts
        ]

    def _in_phrases(self, rows: Iterable[tuple[int, int, Sequence[_Word]]]) -> Iterable[tuple[int, int]]:
        """The matched words of a text, given the words of some of its tokens, all words of each.

        A row has a token's place, how many tokens were skipped before it, and its words.
        """
        number = 0
        ranges: dict[int, tuple[int, int]] = {}  # of the words by their number in the text
        passing: list[set[int]] = [set() for _ in range(self._tests)]
        for at, skipped, words in rows:
            number += skipped
            for start, end, passes in words:
                ranges[number] = at + start, at + end
                for test in passes:
                    passing[test].add(number)
                number += 1
        found = passing[0].union(*(_following(passing[parts], slop) for parts, slop in self._phrases))
        return map(ranges.__getitem__, sorted(found))


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
