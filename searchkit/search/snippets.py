"""Where a hit matches: the characters to be highlighted, taken from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Final

from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index import analysis
from searchkit.index.analysis import Piece
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.search.clauses import Words
from searchkit.search.plan import positive

#: More words than a part of a text has.
_APART: Final = 1 << 32
_Test = Callable[[Piece], bool]
#: Code points [start, end) of each matched word of a text, ascending and disjoint.
Ranges = tuple[tuple[int, int], ...]


def cut(text: str) -> list[str]:
    """What stands between the spaces of a text: no raw token has one, so each part's words depend on it alone."""
    return text.split(" ")


def _pieces(part: str) -> tuple[Piece, ...]:
    """The words of a part of a text, at their places in it."""
    if part.isalpha():  # a raw token and nothing else
        return analysis.pieces(part)
    return tuple(
        piece._replace(start=piece.start + match.start(), end=piece.end + match.start())
        for match in analysis.RAW_TOKEN.finditer(part)
        for piece in analysis.pieces(match.group())
    )


class Vocabulary:
    """The parts of texts that were shown, with their words: most of a new page is known from earlier ones."""

    def __init__(self) -> None:
        self.pieces: dict[str, tuple[Piece, ...]] = {}
        self._words: dict[str, list[bytes]] = {}
        self._by_term: dict[str, set[str]] = {}

    def learn(self, parts: set[str]) -> None:
        """Look at those parts that are new."""
        for part in parts.difference(self.pieces):
            pieces = _pieces(part)
            for piece in pieces:
                self._by_term.setdefault(piece.term, set()).add(part)
            self._words[part] = [piece.word.encode() for piece in pieces]
            self.pieces[part] = pieces  # last, so that no other thread takes it for known before it is

    def having(self, parts: set[str], terms: Collection[str], words: Collection[bytes]) -> set[str]:
        """The known parts with one of some terms in them, and those of `parts` with one of some words in them."""
        found = set[str]().union(*(self._by_term.get(term, ()) for term in terms))
        if words:
            found.update([part for part in parts for word in self._words[part] if word in words])
        return found


class Highlighter:
    """Finds in texts the words that a plan matched: single words anywhere, those of a phrase where the phrase is."""

    def __init__(self, query: Query, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        leaves = list(positive(query))
        phrases = [phrase for leaf in leaves if (phrase := _phrase(leaf))]
        self._phrases = [([_Wanted([part]) for part in parts], slop) for parts, slop in phrases]
        self._singles = _Wanted(leaves)
        self._all = _Wanted(chain(leaves, *(parts for parts, _ in phrases)))

    def ranges(self, texts: Sequence[Sequence[str]]) -> list[Ranges]:
        """The matched words of each text, which is given as its parts (see `cut`)."""
        every = set[str]().union(*texts)
        self._vocabulary.learn(every)
        marked = self._vocabulary.having(every, self._all.terms, self._all.words)
        return [self._ranges(parts, marked) for parts in texts]

    def _ranges(self, parts: Sequence[str], marked: set[str]) -> Ranges:
        at = [number for number, part in enumerate(parts) if part in marked]
        if not at:
            return ()
        pieces = self._vocabulary.pieces
        before = list(accumulate(map(len, parts), initial=0))  # without the spaces, of which part i has i
        # The place of a word among the words is what counts in phrases; without them any ascending number will do.
        firsts: Sequence[int] = range(0, len(parts) * _APART, _APART)
        if self._phrases:
            firsts = list(accumulate((len(pieces[part]) for part in parts), initial=0))
        words = {firsts[i] + n: (piece, before[i] + i) for i in at for n, piece in enumerate(pieces[parts[i]])}
        found = {place for place, (piece, _) in words.items() if self._singles(piece)}
        for tests, slop in self._phrases:
            found |= _phrase_places(words, tests, slop)
        return tuple((base + piece.start, base + piece.end) for piece, base in map(words.__getitem__, sorted(found)))


class _Wanted:
    """A test for the words of a text that some leaves look for; other leaves look for none."""

    def __init__(self, leaves: Iterable[Query]) -> None:
        terms, words = set[str](), list[Collection[bytes]]()
        for leaf in leaves:
            if isinstance(leaf, q.Term) and leaf.fieldname == TEXT_FIELD:
                terms.add(leaf.text)
            elif isinstance(leaf, Words) and leaf.field_name == WORD_FIELD:
                words.append(leaf.words)
        self.terms = terms
        self.words: Collection[bytes] = words[0] if len(words) == 1 else frozenset[bytes]().union(*words)

    def __call__(self, piece: Piece) -> bool:
        return piece.term in self.terms or piece.word.encode() in self.words


def _phrase(leaf: Query) -> tuple[Sequence[Query], int] | None:
    """The parts and the slop of a leaf that is a phrase in the text."""
    if isinstance(leaf, q.Phrase) and leaf.fieldname == TEXT_FIELD:
        return [q.Term(TEXT_FIELD, word) for word in leaf.words], leaf.slop
    return (leaf.qs, leaf.slop) if isinstance(leaf, SpanNear2) else None


def _phrase_places(words: Mapping[int, tuple[Piece, int]], tests: Sequence[_Test], slop: int) -> set[int]:
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
