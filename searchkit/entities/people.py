"""Which words of a document name people.

Three witnesses, in this order: the sequence model (`tagger.py`) reads every paragraph; a well-known figure's full name
counts where the model saw nothing, unless the words around make it the name of something else; and a surname that some
paragraph of the document gave to a person counts in the others where it can stand for nothing else. Titles are no part
of a name and are taken off.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.names import DEMONYM, FREE, PLACE, POSSESSIVES, WEAK, WEAPON, Names
from searchkit.entities.tagger import Key, Tagger
from searchkit.entities.tokens import folded
from searchkit.kernels.sequence import FIRST, INSIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchkit.entities.match import Candidate
    from searchkit.entities.tokens import Tokens

DIMENSION: Final = "people"
#: Rules of spans: what showed that a person is named.
MODEL, FIGURE, DOCUMENT = "model", "figure", "document"

#: Titles that may stand in capitals before a name; those of monarchs and popes are needed to tell whom it names.
_TITLES: Final = frozenset({"honorific", "rank", "role"})
#: Words before which a person's name is the name of a ship, a place or a thing.
_THINGS: Final = frozenset(
    [
        "uss",
        "hms",
        "hmcs",
        "hmas",
        "ins",
        "camp",
        "fort",
        "mount",
        "lake",
        "port",
        "cape",
        "hurricane",
        "typhoon",
        "storm",
        "cyclone",
    ]
)
_WEAK_RULES: Final = frozenset({"weak", "given"})


class PersonSpan(NamedTuple):
    """The tokens [first, last) of a paragraph that name a person, its characters [start, end), and the witness."""

    first: int
    last: int
    start: int
    end: int
    text: str
    rule: str


class Recogniser:
    """Finds the spans that name people."""

    def __init__(self, tagger: Tagger) -> None:
        self.names = tagger.names
        self._tagger = tagger

    def recognise(
        self, paragraphs: Sequence[Tokens], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[PersonSpan]]:
        """The spans of each paragraph of a document, in order, none inside another."""
        keys = [self.read(paragraph, found) for paragraph, found in zip(paragraphs, candidates, strict=True)]
        spans: list[dict[int, tuple[int, str]]] = []
        for sequence, labels, found in zip(keys, self._tagger.tag(keys), candidates, strict=True):
            here = dict(self._trimmed(sequence, labels)) if FIRST in labels or INSIDE in labels else {}
            for one in found:
                if one.alias.dimension == DIMENSION:
                    self._add_figure(here, sequence, one)
            spans.append(here)
        self._spread(keys, spans)
        return [list(_placed(paragraph, here)) for paragraph, here in zip(paragraphs, spans, strict=True)]

    def read(self, paragraph: Tokens, candidates: Sequence[Candidate]) -> list[Key]:
        """The paragraph as the model sees it: its words, and what other dimensions' tables claim of them."""
        words = paragraph.words
        sequence = [(word, FREE) for word in (map(self.names.plain, words) if _headline(words) else words)]
        for first, last, alias in candidates:
            if alias.dimension == DIMENSION:
                continue
            if alias.dimension == "weapons":
                claim = WEAPON
            elif alias.kind == "demonym":
                claim = DEMONYM
            else:
                claim = WEAK if alias.rule in _WEAK_RULES else PLACE
            for token in range(first, last):
                word, before = sequence[token]
                if word[0].isupper() and (claim != WEAK or not before):
                    sequence[token] = (word, max(claim, before) if claim != WEAK else claim)
        return sequence

    def _trimmed(self, sequence: Sequence[Key], labels: Sequence[int]) -> Iterator[tuple[int, tuple[int, str]]]:
        """The runs of labels as first -> (last, rule), without titles before and punctuation at either end."""
        token, count = 0, len(labels)
        while token < count:
            if labels[token] in {FIRST, INSIDE}:
                first = token
                token += 1
                while token < count and labels[token] == INSIDE:
                    token += 1
                first, last = self._trim(sequence, first, token)
                if first < last:
                    yield first, (last, MODEL)
            else:
                token += 1

    def _trim(self, sequence: Sequence[Key], first: int, last: int) -> tuple[int, int]:
        while first < last and (not sequence[first][0][0].isalnum() or self._is_title(sequence, first, last)):
            first += 1
        while first < last and not sequence[last - 1][0][0].isalnum():
            last -= 1
        if first < last and sequence[last - 1][0] in POSSESSIVES:
            last -= 1
        # An initial or "Jr." takes its dot along only inside the name.
        return (first, last) if any(word[0].isupper() for word, _ in sequence[first:last]) else (0, 0)

    def _is_title(self, sequence: Sequence[Key], at: int, last: int) -> bool:
        word = sequence[at][0]
        return self.names.classes.get(folded(word).rstrip(".")) in _TITLES and (
            last - at > 1 or folded(word) not in self.names.surnames
        )

    def _add_figure(self, spans: dict[int, tuple[int, str]], sequence: Sequence[Key], one: Candidate) -> None:
        """Take a figure's name where no span of at least its length is, unless it is a thing's that bears the name."""
        first, last = one.first, one.last
        if self._names_thing(sequence, first, last):
            return
        first, last = self._trim(sequence, first, last)
        across = [begin for begin, (end, _) in spans.items() if begin < last and first < end]
        if any(spans[begin][0] - begin >= last - first for begin in across) or first >= last:
            return
        for begin in across:
            del spans[begin]
        spans[first] = (last, FIGURE)

    def _names_thing(self, sequence: Sequence[Key], first: int, last: int) -> bool:
        classes = self.names.classes
        after = sequence[last][0] if last < len(sequence) else "."
        before = folded(sequence[first - 1][0]) if first else "."
        return (
            before in _THINGS
            or (after[0].isupper() and (classes.get(folded(after)) == "org" or not after.isalpha()))
            or any(sequence[token][1] == WEAPON for token in range(first, last))
        )

    def _spread(self, keys: Sequence[Sequence[Key]], spans: Sequence[dict[int, tuple[int, str]]]) -> None:
        """Add, in every paragraph, the surnames that others gave to people."""
        known = {
            name
            for sequence, here in zip(keys, spans, strict=True)
            for first, (last, _) in here.items()
            for name in self._surname(sequence, first, last)
        }
        if not known:
            return
        for sequence, here in zip(keys, spans, strict=True):
            if known.isdisjoint(sequence):
                continue
            taken = {token for first, (last, _) in here.items() for token in range(first, last)}
            for token, key in enumerate(sequence):
                if key in known and token not in taken and self._stands_alone(sequence, token):
                    here[token] = (token + 1, DOCUMENT)

    def _surname(self, sequence: Sequence[Key], first: int, last: int) -> Iterator[Key]:
        """The last word of a name of several, as it would stand alone: no suffix, no common word."""
        if last - first < 2:
            return
        while last > first and (
            sequence[last - 1][0] == "." or self.names.classes.get(folded(sequence[last - 1][0])) == "suffix"
        ):
            last -= 1
        word = sequence[last - 1][0]
        if len(word) > 2 and word[0].isupper() and folded(word) not in self.names.words:
            yield word, FREE
            yield word, WEAK

    def _stands_alone(self, sequence: Sequence[Key], token: int) -> bool:
        """Whether no capitalised neighbour makes the word part of another name."""
        classes = self.names.classes
        before = sequence[token - 1] if token else (".", FREE)
        after = sequence[token + 1] if token + 1 < len(sequence) else (".", FREE)
        if after[0][0].isupper() or after[0] in {"&", "-"} or before[0] in {"&", "-"} or folded(before[0]) in _THINGS:
            return False
        return (
            not before[0][0].isupper()
            or token == 1
            or classes.get(folded(before[0])) in _TITLES
            or before[1] == DEMONYM
        )


def _headline(words: Sequence[str]) -> bool:
    """Whether capitals say nothing here: all capitals, or a short text with one on every longer word."""
    letters = [word for word in words if word[0].isalpha() and len(word) > 1]
    if len(letters) < 2:
        return False
    if len(letters) > 40 or len(letters) < 4:
        return all(word.isupper() for word in letters)
    if any(len(word) > 3 and word[0].islower() for word in letters):
        return False
    return sum(word[0].isupper() for word in letters) >= 0.6 * len(letters)


def _placed(paragraph: Tokens, spans: dict[int, tuple[int, str]]) -> Iterator[PersonSpan]:
    for first in sorted(spans):
        last, rule = spans[first]
        start, end = paragraph.starts[first], paragraph.ends[last - 1]
        yield PersonSpan(first, last, start, end, paragraph.text[start:end], rule)


@cache
def recogniser() -> Recogniser:
    """The recogniser with the tables and the model that come with searchkit, made once."""
    return Recogniser(Tagger(Names.load()))


def recognise(paragraphs: Sequence[Tokens], candidates: Sequence[Sequence[Candidate]]) -> list[list[PersonSpan]]:
    """The spans that name people in each paragraph of a document, given the candidates of all dimensions."""
    return recogniser().recognise(paragraphs, candidates)
