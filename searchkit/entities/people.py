"""Which words of a document name people.

Three witnesses, in this order: the sequence model (`tagger.py`) reads every paragraph; a well-known figure's full name
counts where the model saw nothing, unless the words around make it the name of something else; and a surname that some
paragraph of the document gave to a person counts in the others where it can stand for nothing else. Titles are no part
of a name and are taken off.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from searchkit.entities.figures import figures
from searchkit.entities.names import (
    DEMONYM,
    FREE,
    PLACE,
    POSSESSIVES,
    THING,
    WEAK_PLACE,
    WEAK_THING,
    WEAK_WEAPON,
    WEAPON,
    Names,
)
from searchkit.entities.tagger import Tagger
from searchkit.entities.tokens import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from searchkit.entities.figures import Figures
    from searchkit.entities.match import Batch, Candidate
    from searchkit.entities.tokens import Tokens
    from searchkit.kernels.dispatch import I32Array, U8Array

DIMENSION: Final = "people"
#: Rules of spans: what showed that a person is named.
MODEL, FIGURE, DOCUMENT = "model", "figure", "document"

#: Titles that may stand in capitals before a name; those of monarchs and popes are needed to tell whom it names.
_TITLES: Final = frozenset({"honorific", "rank", "role"})
#: What is no part of a name before it: "Her Royal Highness Princess", "VIII".
_UNNAMED: Final = _TITLES | {"det", "suffix"}
#: A full stop after a word of at most so many letters may belong to it: "J.", "Gen.", "Wm.".
_ABBREVIATION: Final = 4
#: What joins names that one word before them belongs to.
_LISTING: Final = frozenset({"and", ",", "like", "as", "such", "named"})
#: What stands before the first word of a sentence.
_OPENINGS: Final = frozenset('.?!:;•*-\u2013\u2014"\u201c\u2018(')
_QUOTES: Final = frozenset('"\u201c\u201d')
#: What ends a sentence, and classes of words that are forenames only where they begin one.
_ENDINGS: Final = frozenset(".?!")
_FIRST_ONLY: Final = frozenset({"month", "be"})
#: What stands before a month.
_DATING: Final = frozenset({"in", "In", "last", "since", "Since", "early", "late", "this", "next", "until", "of"})
#: Articles that a name of a gang, a place or a people has, and a person's only behind "de".
_ARTICLES: Final = frozenset({"Los", "Las"})
#: Classes of words after which a name is an office's or a place's.
_BEARERS: Final = frozenset({"org", "bearer"})
#: What is "of" a person by its name only: "Order of Lenin", "University of Cardenas".
_ORDERS: Final = frozenset(
    {"Order", "University", "College", "Church", "Cathedral", "Hospital", "School", "Battle", "Museum"}
)
#: Titles that ships bear: "the carrier Admiral Kuznetsov", but not "aboard the destroyer Captain Marsh".
_SHIPS_TITLES: Final = frozenset(
    {"admiral", "marshal", "general", "king", "queen", "prince", "princess", "saint", "st"}
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


class Reading(NamedTuple):
    """A paragraph as the model sees it.

    Its words as in a sentence, what the tables claim of each, and the tokens [first, last) that the model takes for
    names.
    """

    words: list[str]
    claims: Sequence[int]
    runs: Sequence[tuple[int, int]]


class Recogniser:
    """Finds the spans that name people."""

    def __init__(self, tagger: Tagger, table: Figures) -> None:
        self.names = tagger.names
        self._tagger = tagger
        surnames = frozenset(table.dominant_surnames())
        # One that is a common word too says little by itself, but something beside a person ("Begin and Sadat").
        self._common = frozenset(word for word in surnames if folded(word) in tagger.names.words)
        self._dominant = surnames - self._common

    def read(self, batch: Batch) -> list[Reading]:
        """The paragraphs of a batch as the model sees them; the batch may be of many documents."""
        ids, words = plain_words(self.names, batch)
        claims = claims_of(batch, ids)
        firsts, lasts = self._tagger.tag(batch.vocabulary, ids, claims)
        owners = np.searchsorted(batch.starts, firsts, side="right") - 1
        before = batch.starts[owners]
        runs: list[list[tuple[int, int]]] = [[] for _ in words]
        for owner, *run in zip(owners.tolist(), (firsts - before).tolist(), (lasts - before).tolist(), strict=True):
            runs[owner].append(tuple(run))
        listed = claims.tobytes()
        return [
            Reading(here, listed[start:end], found)
            for here, start, end, found in zip(words, batch.starts.tolist(), batch.ends.tolist(), runs, strict=True)
        ]

    def recognise(
        self,
        paragraphs: Sequence[Tokens],
        readings: Sequence[Reading],
        candidates: Sequence[Sequence[Candidate]],
    ) -> list[list[PersonSpan]]:
        """The spans of each paragraph of a document, in order, none inside another."""
        spans: list[dict[int, tuple[int, str]]] = []
        for reading, found in zip(readings, candidates, strict=True):
            here: dict[int, tuple[int, str]] = {}
            for begin, end in (part for run in reading.runs for part in self._sentences(reading.words, *run)):
                first, last = self._trim(reading.words, begin, end)
                if first < last and not self._names_thing(reading, first, last, DEMONYM):
                    here[self._with_forename(reading, first, last)] = (last, MODEL)
            _join_quoted(reading.words, here)
            for one in found:
                if one.alias.dimension == DIMENSION and one.alias.values:
                    self._add_figure(here, reading, one)
            spans.append(here)
        self._spread(readings, spans)
        return [list(_placed(paragraph, here)) for paragraph, here in zip(paragraphs, spans, strict=True)]

    def _class(self, word: str) -> str:
        return self.names.classes.get(folded(word).rstrip("."), "")

    def _sentences(self, words: Sequence[str], begin: int, end: int) -> Iterator[tuple[int, int]]:
        """A run in parts that end where a sentence does: at a full stop that is not an initial's or abbreviation's."""
        for token in range(begin + 1, end - 1):
            word = words[token - 1]
            if words[token] == "." and len(word) > _ABBREVIATION and not self._class(word):
                yield begin, token
                begin = token + 1
        yield begin, end

    def _trim(self, words: Sequence[str], first: int, last: int) -> tuple[int, int]:
        """A run without titles before it, and punctuation and possessives at its ends; nothing if it is no name."""
        while first < last and (not words[first][0].isalnum() or self._is_title(words[first], alone=last - first == 1)):
            first += 1
        if last - first > 1 and self._is_date(words, first):
            first += 1
        while first < last and not words[last - 1][0].isalnum():
            last -= 1
        if first < last and words[last - 1] in POSSESSIVES:
            last -= 1
        return (first, self._with_suffix(words, last)) if self._may_be_name(words[first:last]) else (0, 0)

    def _is_date(self, words: Sequence[str], token: int) -> bool:
        """Whether a month is none of the forenames that months are too: "on 3 August Putin", "December Maduro"."""
        if self._class(words[token]) != "month":
            return False
        before = words[token - 1] if token else "."
        return before.isdigit() or before in _DATING or not self.names.forenames.get(folded(words[token]))

    def _with_suffix(self, words: Sequence[str], last: int) -> int:
        """The end of a name with the suffix behind it: "Jr.", ", Sr.", "III"."""
        place = last + 1 if last < len(words) and words[last] == "," else last
        if place >= len(words) or not words[place][0].isupper() or self._class(words[place]) != "suffix":
            return last
        return place + 2 if words[place + 1 : place + 2] == ["."] and not words[place].isupper() else place + 1

    def _with_forename(self, reading: Reading, first: int, last: int) -> int:
        """The beginning of a surname alone with the forename that stands before it, though the model saw none."""
        words, before = reading.words, first - 1
        if last - first > 1 or before < 0 or not words[before][0].isupper() or reading.claims[before] != FREE:
            return first
        name = folded(words[before])
        strength = self.names.forenames.get(name, 0) - (name in self.names.words)
        kind = self.names.classes.get(name)
        if kind in _FIRST_ONLY:  # "August Landmesser", not "in August Putin"; "Will Hurd left.", not "Will Hurd leave?"
            opens = before == 0 or words[before - 1] in _OPENINGS
            if opens and next((word for word in words[last:] if word in _ENDINGS), "") != "?":
                kind, strength = None, self.names.forenames.get(name, 0)
        return before if strength > 1 and len(name) > 1 and kind is None else first

    def _is_title(self, word: str, *, alone: bool) -> bool:
        return self._class(word) in _UNNAMED and not (alone and folded(word) in self.names.surnames)

    def _may_be_name(self, words: Sequence[str]) -> bool:
        """Whether something is written with a capital, and what is not is a particle or joined by a hyphen."""
        low = [word for before, word in zip(["", *words], words, strict=False) if word[0].islower() and before != "-"]
        return len(low) < len(words) and all(self._class(word) == "particle" for word in low)

    def _add_figure(self, spans: dict[int, tuple[int, str]], reading: Reading, one: Candidate) -> None:
        """Take a figure's name where no span of at least its length is, unless it is a thing's that bears the name."""
        if self._names_thing(reading, one.first, one.last, WEAPON):
            return
        first, last = self._trim(reading.words, one.first, one.last)
        across = [begin for begin, (end, _) in spans.items() if begin < last and first < end]
        if any(spans[begin][0] - begin >= last - first for begin in across) or first >= last:
            return
        for begin in across:
            del spans[begin]
        spans[first] = (last, FIGURE)

    def _names_thing(self, reading: Reading, first: int, last: int, bar: int) -> bool:
        """Whether the name is a ship's, a place's, an office's or a firm's, or a mere abbreviation.

        The words around say so, or a claim of at least `bar` to each of its words.
        """
        words = reading.words
        before = words[first - 1] if first else "."
        if before == "@" or self._behind_bearer(words, first) or self._is_bearer(words, first, last):
            return True
        if last - first == 1:
            word, claim = words[first], reading.claims[first]
            if word.isupper() and len(word) <= 5 and self.names.surnames.get(folded(word), 0) < 2:
                return True
            if claim == WEAK_THING and self._class(before) not in _TITLES:
                return True
        for word in words[last : last + 3]:
            if not word[0].isupper():
                break
            if self._class(word) in _BEARERS:
                return True
        return all(reading.claims[token] >= bar for token in range(first, last) if words[token][0].isupper())

    def _is_bearer(self, words: Sequence[str], first: int, last: int) -> bool:
        """Whether the words themselves are a thing's: "Karl-Marx-Allee", "Kfar Aza", "Los Lobos", "Order of Lenin"."""
        opening = folded(words[first])
        place = self._class(opening) == "bearer" and self.names.forenames.get(opening, 0) < 2
        if last - first > 1 and (place or words[first] in _ARTICLES):
            return True
        kind = folded(words[last - 1].rpartition("-")[2])
        if last - first > 1 and self.names.classes.get(kind) in _BEARERS and self.names.surnames.get(kind, 0) < 2:
            return True
        return first > 1 and words[first - 1] == "of" and words[first - 2] in _ORDERS

    def _behind_bearer(self, words: Sequence[str], first: int) -> bool:
        """Whether a word before makes it a ship, camp or storm: also in "hurricanes like Irma and Maria"."""
        for token in range(first - 1, max(-1, first - 5), -1):
            word = words[token]
            if self._class(word) == "bearer":
                return True
            if word == "." and len(words[token - 1]) == 1:  # of an initial
                continue
            officer = self._class(word) in _TITLES and folded(word) not in _SHIPS_TITLES
            if officer or not (word in _LISTING or word[0].isupper()):
                return False
        return False

    def _spread(self, readings: Sequence[Reading], spans: Sequence[dict[int, tuple[int, str]]]) -> None:
        """Add, in every paragraph, the surnames that others gave to people, and those that mean one figure anywhere."""
        alone: Counter[str] = Counter()
        fuller: set[str] = set()
        for reading, here in zip(readings, spans, strict=True):
            for first, (last, _) in here.items():
                fuller.update(self._surname(reading.words[first:last]))
                if last - first == 1:
                    alone[reading.words[first]] += 1
        fuller.update(word for word, count in alone.items() if count > 1 and folded(word) not in self.names.words)
        known = self._dominant | self._common | fuller
        for reading, here in zip(readings, spans, strict=True):
            if known.isdisjoint(reading.words):
                continue
            taken = {token for first, (last, _) in here.items() for token in range(first, last)}
            for token, word in enumerate(reading.words):
                if word not in known or token in taken:
                    continue
                certain = word in fuller
                joined = _joined(reading.words, token, taken)
                if joined or ((certain or word not in self._common) and self._stands_alone(reading, token, certain)):
                    first = self._with_forename(reading, token, token + 1)
                    here[first] = (token + 1, DOCUMENT if certain else FIGURE)

    def _has_kin(self, words: Sequence[str], token: int) -> bool:
        """Whether the word is said to have a family, as no place has: "Dayton's widow"."""
        one, two = (*words[token + 1 : token + 3], "", "")[:2]
        return one in POSSESSIVES and (two == "family" or self._class(two) == "kin")

    def _surname(self, words: Sequence[str]) -> Iterator[str]:
        """The last word of a name of several, as it would stand alone: without a suffix."""
        last = len(words)
        while last > 1 and (words[last - 1] in {".", ","} or self._class(words[last - 1]) == "suffix"):
            last -= 1
        word = words[last - 1]
        if last > 1 and len(word) > 2 and word[0].isupper():
            yield word

    def _stands_alone(self, reading: Reading, token: int, certain: bool) -> bool:
        """Whether nothing around makes the word part of another name, or a place, or the first of a sentence."""
        words, claim = reading.words, reading.claims[token]
        before = words[token - 1] if token else "."
        after = words[token + 1] if token + 1 < len(words) else "."
        kind = self._class(before)
        if after[0].isupper() or after in {"&", "-"} or before == "&" or self._behind_bearer(words, token):
            return False
        if self._is_bearer(words, token, token + 1):
            return False
        if claim >= PLACE and not (claim == PLACE and certain and (kind != "prep" or self._has_kin(words, token))):
            return False
        if before in _OPENINGS and folded(words[token]) in self.names.words:  # any word would have a capital there
            return False
        return not before[0].isupper() or token == 1 or kind in _TITLES or reading.claims[token - 1] == DEMONYM


def _joined(words: Sequence[str], token: int, taken: set[int]) -> bool:
    """Whether "and" joins the word to a name of a person."""
    return (token + 2 in taken and words[token + 1] == "and") or (token - 2 in taken and words[token - 1] == "and")


def _claim(one: Candidate) -> int:
    alias = one.alias
    if alias.dimension == DIMENSION:
        return FREE if alias.values else THING if one.last - one.first > 1 else WEAK_THING
    if not alias.values:
        return FREE
    if alias.dimension == "weapons":
        return WEAK_WEAPON if alias.rule else WEAPON
    if alias.kind == "demonym":
        return DEMONYM
    return WEAK_PLACE if alias.rule in _WEAK_RULES else PLACE


def plain_words(names: Names, batch: Batch) -> tuple[I32Array, list[list[str]]]:
    """The words of each paragraph as in a sentence, also where capitals say nothing, and the `ids` of these words."""
    ids = batch.ids.copy()
    words = [paragraph.words for paragraph in batch.paragraphs]
    for number in [number for number, paragraph in enumerate(batch.paragraphs) if _headline(paragraph)]:
        words[number] = list(map(names.plain, words[number]))
        ids[batch.starts[number] : batch.ends[number]] = batch.vocabulary.numbers(words[number])
    return ids, words


def claims_of(batch: Batch, ids: I32Array) -> U8Array:
    """What the tables claim of each token that has a capital in `ids`: the most that any candidate does."""
    claims = np.zeros(len(ids), np.uint8)
    found = np.array([_claim(one) for candidates in batch.candidates for one in candidates], np.uint8)
    sizes = batch.matches.last - batch.matches.first
    places = np.repeat(batch.matches.last - np.cumsum(sizes), sizes) + np.arange(sizes.sum())
    np.maximum.at(claims, places, np.repeat(found, sizes))
    claims[batch.vocabulary.columns.capitals[ids] == 0] = FREE
    return claims


def _headline(paragraph: Tokens) -> bool:
    """Whether capitals say nothing here: all capitals, or a short text with one on every longer word."""
    if paragraph.text.isupper():
        return len(paragraph) > 1
    for word in paragraph.words:  # most texts leave at the third word or so
        if len(word) > 3 and word[0].islower():
            return False
    letters = [word for word in paragraph.words if word[0].isalpha() and len(word) > 1]
    return 4 <= len(letters) <= 40 and sum(word[0].isupper() for word in letters) >= 0.6 * len(letters)


def _join_quoted(words: Sequence[str], spans: dict[int, tuple[int, str]]) -> None:
    """Make one of the two halves of a name with a nickname in quotes: Frank "Duke" Ostrander."""
    for first in sorted(spans):
        if first not in spans:
            continue
        last, rule = spans[first]
        opened = any(word in _QUOTES for word in words[first:last])
        if opened and last + 1 in spans and words[last] in _QUOTES:
            spans[first] = (spans.pop(last + 1)[0], rule)


def runs(paragraph: Tokens, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The tokens [first, last) that the characters [start, end) of each span touch; spans without any are left out."""
    found = ((bisect_right(paragraph.ends, start), bisect_left(paragraph.starts, end)) for start, end in spans)
    return [(first, last) for first, last in found if first < last]


def _placed(paragraph: Tokens, spans: dict[int, tuple[int, str]]) -> Iterator[PersonSpan]:
    for first in sorted(spans):
        last, rule = spans[first]
        start, end = paragraph.starts[first], paragraph.ends[last - 1]
        yield PersonSpan(first, last, start, end, paragraph.text[start:end], rule)


@cache
def recogniser() -> Recogniser:
    """The recogniser with the tables and the model that come with searchkit, made once."""
    return Recogniser(Tagger(Names.load()), figures())
