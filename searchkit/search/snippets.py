"""Where a hit matches: the characters to be highlighted, taken from the plan itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index import analysis
from searchkit.index.analysis import Piece
from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.search.clauses import Words
from searchkit.search.plan import positive

_Test = Callable[[Piece], bool]


@dataclass(slots=True)
class Highlighter:
    """Finds in a text the words that a plan matched: single words anywhere, those of a phrase where the phrase is."""

    query: Query
    _singles: list[_Test] = field(default_factory=list)
    _phrases: list[tuple[list[_Test], int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for leaf in positive(self.query):
            if isinstance(leaf, q.Phrase) and leaf.fieldname == TEXT_FIELD:
                self._phrases.append(([_is_term(word) for word in leaf.words], leaf.slop))
            elif isinstance(leaf, SpanNear2):
                self._phrases.append(([_test(part) or _never for part in leaf.qs], leaf.slop))
            elif test := _test(leaf):
                self._singles.append(test)

    def ranges(self, text: str) -> tuple[tuple[int, int], ...]:
        """Code points [start, end) of each matched word, ascending and disjoint."""
        words = analysis.words(text)
        marked = {place for place, (piece, _) in enumerate(words) if any(test(piece) for test in self._singles)}
        for tests, slop in self._phrases:
            marked |= _phrase_places([piece for piece, _ in words], tests, slop)
        return tuple(
            (base + piece.start, base + piece.end) for piece, base in (words[place] for place in sorted(marked))
        )


def _never(piece: Piece) -> bool:  # noqa: ARG001 - a test
    return False


def _is_term(term: str) -> _Test:
    return lambda piece: piece.term == term


def _test(leaf: Query) -> _Test | None:
    """Whether a word is what a leaf looks for; None for a leaf that looks for no word of the text."""
    if isinstance(leaf, q.Term) and leaf.fieldname == TEXT_FIELD:
        return _is_term(leaf.text)
    if isinstance(leaf, Words) and leaf.field_name == WORD_FIELD:
        known: frozenset[bytes] = leaf.words
        return lambda piece: piece.word.encode() in known
    return None


def _phrase_places(pieces: Sequence[Piece], tests: Sequence[_Test], slop: int) -> set[int]:
    """Places of the words of every occurrence of a phrase; each next word follows within `slop` places."""
    levels = [{place for place, piece in enumerate(pieces) if test(piece)} for test in tests]
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
