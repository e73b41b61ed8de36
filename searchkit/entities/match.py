"""From texts to numbered words and the aliases among them, many paragraphs at a time.

What depends on a word alone is worked out once for each distinct word (`Vocabulary`); what is done for every
occurrence is done by kernels, over the numbers of words.

Per dimension matches are leftmost-longest: from each token the longest alias of the dimension whose case rule holds,
and none of the dimension inside it. (Dimensions do not hide each other's aliases here; which of them a character
belongs to is decided later, with the context.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from searchkit.entities.tokens import Tokens, folded, unaccented
from searchkit.kernels.phrases import Columns, Matches, match
from searchkit.kernels.sequence import PAD
from searchkit.kernels.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    import numpy.typing as npt

    from searchkit.entities.gazetteer import Alias, Gazetteer
    from searchkit.entities.phrases import Phrases
    from searchkit.kernels.dispatch import I32Array, I64Array

    T = TypeVar("T", bound=np.generic)

#: How many distinct words are kept before a vocabulary starts anew.
_LIMIT: Final = 1 << 17


class Candidate(NamedTuple):
    """An alias found at the tokens [first, last) of a paragraph."""

    first: int
    last: int
    alias: Alias


class Vocabulary(dict[str, int]):
    """The distinct words met so far, numbered from 1, with what each of them says by itself.

    `words` has them by number, and so have `columns`, for matching. Number 0 is no word.
    """

    def __init__(self, phrases: Phrases) -> None:
        super().__init__()
        self._phrases = phrases
        self.words: list[str] = [""]
        room = 1 << 12
        self.columns = Columns(
            np.zeros(room, np.int32), np.full(room, -1, np.int32), np.zeros(room, np.int32), np.zeros(room, np.uint8)
        )

    def numbers(self, words: Sequence[str]) -> I32Array:
        """The numbers of words, which are added where they are new."""
        found = np.fromiter(map(self.__getitem__, words), np.int32, len(words))
        if found.min(initial=0) < 0:
            self._add([word for word in dict.fromkeys(words) if word not in self])
            found = np.fromiter(map(self.__getitem__, words), np.int32, len(words))
        return found

    def __missing__(self, word: str) -> int:
        return -1  # a word not met yet

    def _add(self, new: Sequence[str]) -> None:
        count = len(self.words)
        keys = list(map(folded, new))
        self.update(zip(new, range(count, count + len(new)), strict=True))
        self.words += new
        while len(self.words) > len(self.columns.symbols):
            begins, symbols, spellings, capitals = self.columns
            self.columns = Columns(twice(begins), twice(symbols), twice(spellings), twice(capitals))
        here = slice(count, len(self.words))
        symbols = np.array([self._phrases.symbols.get(key, -1) for key in keys], np.int32)
        columns = self.columns
        columns.symbols[here] = symbols
        columns.begins[here] = np.where(symbols < self._phrases.beginnings, symbols + 1, 0)
        columns.spellings[here] = [self._phrases.spellings.get(unaccented(word), 0) for word in new]
        columns.capitals[here] = [word[0].isupper() for word in new]


class Batch(NamedTuple):
    """Paragraphs with the aliases in them.

    `ids` has the number of each word in `vocabulary`, with two `PAD` before, between and after the paragraphs, whose
    tokens are ids[starts[i] : ends[i]]. `matches` are the aliases, by their places in `ids` and their numbers in the
    gazetteer; `candidates` the same for each paragraph, ordered by first token.
    """

    vocabulary: Vocabulary
    paragraphs: list[Tokens]
    ids: I32Array
    starts: I64Array
    ends: I64Array
    matches: Matches
    candidates: list[list[Candidate]]


class Matcher:
    """The aliases of a gazetteer, ready to be looked for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._vocabulary = Vocabulary(gazetteer.phrases)

    def read(self, texts: Sequence[str]) -> Batch:
        """The texts as numbers, with the aliases of all dimensions."""
        if len(self._vocabulary) > _LIMIT:
            self._vocabulary = Vocabulary(self._gazetteer.phrases)
        vocabulary = self._vocabulary
        # All texts are cut at once, and each distinct word becomes a string once.
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        begins = np.cumsum(sizes + 1) - sizes - 1
        joined = "\n".join(texts)
        found = number(joined, begins, begins + sizes)
        spans = zip(found.begin[found.first].tolist(), found.end[found.first].tolist(), strict=True)
        distinct = [joined[begin:end] for begin, end in spans]
        numbers = vocabulary.numbers(distinct)
        # Each paragraph's tokens, with places in its own text.
        ends = np.cumsum(found.counts, dtype=np.int64)
        before = np.repeat(begins, found.counts)
        words = _taken(distinct, found.ids)
        first, last = (found.begin - before).tolist(), (found.end - before).tolist()
        paragraphs = [
            Tokens.of(text, words[low:high], first[low:high], last[low:high])
            for text, low, high in zip(texts, (ends - found.counts).tolist(), ends.tolist(), strict=True)
        ]
        # The same as numbers, with two pads more before each paragraph than before the one ahead of it.
        pads = 2 * np.arange(1, len(texts) + 1)
        ids = np.full(len(words) + 2 * len(texts) + 2, PAD, np.int32)
        ids[np.arange(len(words)) + np.repeat(pads, found.counts)] = numbers[found.ids]
        ends += pads
        matches = match(ids, vocabulary.columns, self._gazetteer.phrases.trie)
        starts = ends - found.counts
        candidates = self._candidates(matches, starts)
        return Batch(vocabulary, paragraphs, ids, starts, ends, matches, candidates)

    def match(self, paragraph: Tokens) -> list[Candidate]:
        """The candidates of all dimensions in one paragraph, ordered by first token."""
        return self.read([paragraph.text]).candidates[0]

    def _candidates(self, matches: Matches, starts: I64Array) -> list[list[Candidate]]:
        found: list[list[Candidate]] = [[] for _ in starts]
        owners = np.searchsorted(starts, matches.first, side="right") - 1
        before = starts[owners]
        alias = self._gazetteer.alias
        for owner, first, last, row in zip(
            owners.tolist(),
            (matches.first - before).tolist(),
            (matches.last - before).tolist(),
            matches.rows.tolist(),
            strict=True,
        ):
            found[owner].append(Candidate(first, last, alias(row)))
        return found


def twice(array: npt.NDArray[T]) -> npt.NDArray[T]:
    """The array with as many zeros behind it."""
    return np.concatenate([array, np.zeros_like(array)])


def _taken(words: Sequence[str], ids: I32Array) -> list[str]:
    """The word of each number."""
    array = np.empty(len(words), np.object_)
    array[:] = words
    taken: list[str] = array[ids].tolist()
    return taken
