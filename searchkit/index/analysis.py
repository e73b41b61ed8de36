"""From a raw token to the words and terms it stands for: folding, stemming, and the splitting of odd tokens.

Text becomes terms in two steps, so that linguistics run once per *distinct* raw token and never per occurrence:

1. `RAW_TOKEN` cuts text into raw tokens. Its rule knows ASCII only and treats every other character as part of a
   word, so that a kernel can apply it to UTF-8 bytes (`searchkit.kernels.tokens`).
2. `pieces(raw)` says which words a raw token holds, where, and under which term each is indexed.

Both the builder and the Whoosh analyzers (`searchkit.index.schema`) go through here, so a query and a paragraph
always meet. Each piece is indexed twice: as its *term* (folded and stemmed; what words and phrases search) and as
its *word* (folded only; what prefixes, wildcards and fuzzy words search).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Final, NamedTuple

import Stemmer

#: A raw token: word characters, joined by single connectors. The bytes `>= 0x80` of UTF-8 are the characters above
#: U+007F, so the same rule over bytes gives the same tokens.
#: What is ASCII and neither letter nor digit is left out, which compiles much sooner than all that is not.
RAW_TOKEN: Final = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+(?:[-'.,][^\x00-/:-@\[-`{-\x7f]+)*")

#: Abbreviations whose lower-case form is another word altogether, so they keep their case: `US` is never `us`.
CASE_KEPT: Final = frozenset({"US"})

_APOSTROPHES: Final = "\u2019\u02bc\uff07\u2018\u02b9\u2032\u0060\u00b4"
_HYPHENS: Final = "\u2010\u2011\u00ad\uff0d"
_SOFT_HYPHEN: Final = "\u00ad"
# Letters whose accent is not a combining mark, so that decomposition leaves them as they are (Unicode chart Latin-1,
# Latin Extended-A).
_PLAIN: Final = str.maketrans(
    dict(
        zip(
            "øØłŁđĐðÐ\u0131ħĦŋŧĸəƏ",
            "oOlLdDdDihHntkeE",
            strict=True,
        )
    )
    | {"þ": "th", "Þ": "Th", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)
# Marks that spelling may leave out: Latin and Cyrillic accents, Hebrew points, Arabic vowel signs. The vowel signs of
# Indic scripts are letters in all but name and stay.
_OPTIONAL_MARK: Final = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670\u0640]+")
_CONTRACTION: Final = re.compile(r"(?:n't|'(?:ll|re|ve|d|m))$", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)+")
_ABBREVIATION: Final = re.compile(r"[A-Za-z](?:\.[A-Za-z])+")
_ORDINAL: Final = re.compile(r"[0-9]+(?:st|nd|rd|th)", re.IGNORECASE)
_LETTERS_OR_DIGITS: Final = re.compile(r"[0-9]+|[^0-9]+")
# Compiled when a text has such letters.
_IDEOGRAPH: Final = "[\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"


class Piece(NamedTuple):
    """One word inside a raw token, at its code points [start, end); each piece is one position after the last."""

    term: str
    word: str
    start: int
    end: int


class _Stemmer:
    """Snowball's English stemmer, shared by threads: the C object behind it must not run twice at once."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer("english", 0)
        self._lock = threading.Lock()

    def __call__(self, words: list[str]) -> list[str]:
        with self._lock:
            stems: list[str] = self._stemmer.stemWords(words)
            return stems


_stem: Final = _Stemmer()


def fold(text: str) -> str:
    """`text` without case and accents, the same for a query and a document. Not for display."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).translate(_PLAIN).casefold()
    return unicodedata.normalize("NFKC", _OPTIONAL_MARK.sub("", unicodedata.normalize("NFKD", decomposed)))


@lru_cache(maxsize=1 << 17)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word; anything but letters is left alone."""
    return _stem([word])[0] if word not in CASE_KEPT and word.replace("'", "").isalpha() else word


@lru_cache(maxsize=1 << 17)
def pieces(raw: str) -> tuple[Piece, ...]:
    """The words that a raw token holds, in order; empty where it holds only punctuation.

    Hyphenated words fall apart (`long-range`: long, range), and so do letters and digits (`F-16s`, `F16`: f, 16), so
    that a designation is one phrase in every spelling. Dotted abbreviations are joined (`U.S`: US), possessive
    endings dropped, thousands separators removed (`12,000`: 12000), ideographs taken one by one.
    """
    if _is_plain(raw):
        word = raw.lower()
        return (Piece(stem(word), word, 0, len(raw)),)
    found: list[Piece] = []
    for text, offsets in _runs(raw):
        for start, end in _words(text):
            word = _word(text[start:end])
            if word:
                found.append(Piece(stem(word), word, offsets[start], offsets[end - 1] + 1))
    return tuple(found)


def _is_plain(raw: str) -> bool:
    """Whether a raw token is one word of plain letters, as most are, which takes a shorter way to the same end."""
    return raw.isascii() and raw.isalpha() and raw not in CASE_KEPT


def pieces_of(raws: Sequence[str]) -> tuple[list[int], list[str], list[str]]:
    """`pieces` of many distinct raw tokens: how many each has, then the terms and the words of all."""
    plain = [_is_plain(raw) for raw in raws]
    folded = [raw.lower() for raw in compress(raws, plain)]
    if len(folded) == len(raws):
        return [1] * len(raws), _stem(folded), folded
    counts: list[int] = []
    terms: list[str] = []
    words: list[str] = []
    stems = zip(_stem(folded), folded, strict=True)
    for raw, is_plain in zip(raws, plain, strict=True):
        found = (next(stems),) if is_plain else [piece[:2] for piece in pieces(raw)]
        counts.append(len(found))
        terms += (term for term, _ in found)
        words += (word for _, word in found)
    return counts, terms, words


def words(text: str) -> list[tuple[Piece, int]]:
    """Every piece of a text in order, with the offset of the raw token that holds it. For one text, not for many."""
    return [(piece, match.start()) for match in RAW_TOKEN.finditer(text) for piece in pieces(match.group())]


def _runs(raw: str) -> list[tuple[str, range | list[int]]]:
    """Parts of a raw token without separators, invisible characters dropped; each with its characters' offsets."""
    if raw.isascii():
        return [(raw, range(len(raw)))]
    runs: list[tuple[str, range | list[int]]] = []
    text: list[str] = []
    offsets: list[int] = []
    for at, char in enumerate((*raw, " ")):
        kind = _kind(char)
        if kind == "separator":
            if text:
                runs.append(("".join(text), offsets))
            text, offsets = [], []
        elif kind != "invisible" and (kind != "mark" or text):
            text.append("'" if kind == "apostrophe" else "-" if kind == "hyphen" else char)
            offsets.append(at)
    return runs


@lru_cache(maxsize=1 << 12)
def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if char.isascii():
        return "letter" if char.isalnum() or char in "-'.," else "separator"
    if char in _APOSTROPHES:
        return "apostrophe"
    if char == _SOFT_HYPHEN or category == "Cf":
        return "invisible"
    if char in _HYPHENS:
        return "hyphen"
    return "letter" if category[0] in "LN" else "mark" if category[0] == "M" else "separator"


def _words(run: str) -> list[tuple[int, int]]:
    """Ranges of the words of a run."""
    spans: list[tuple[int, int]] = []
    for part in re.finditer(r"[^-]+", run):
        text, base = part.group(), part.start()
        if _NUMBER.fullmatch(text) or _ABBREVIATION.fullmatch(text):
            spans.append((base, base + len(text)))
            continue
        for bit in re.finditer(r"[^.,]+", text):
            spans += ((base + bit.start() + start, base + bit.start() + end) for start, end in _bits(bit.group()))
    return spans


def _bits(text: str) -> list[tuple[int, int]]:
    """Ranges of the words of a part that has neither hyphen, comma nor full stop."""
    end = len(text.rstrip("'"))
    if text[end - 2 : end].lower() == "'s":
        end -= 2
    start = end - len(text[:end].lstrip("'"))
    mark = text.find("'", start, end)
    if mark == start + 1 and text[start] not in "oO":  # d'Ivoire, l'Est: an article, not part of the name
        return [(start, mark), *((mark + 1 + a, mark + 1 + b) for a, b in _bits(text[mark + 1 : end]))]
    bare = text[start:end]
    if not bare.isascii() and re.search(_IDEOGRAPH, bare):
        return [(start + a, start + b) for a, b in _characters(bare)]
    if bare.isalpha() or _ORDINAL.fullmatch(bare):
        return [(start, end)] if bare else []
    spans = [(start + m.start(), start + m.end()) for m in _LETTERS_OR_DIGITS.finditer(bare)]
    if len(spans) > 1 and text[slice(*spans[-1])] in ("s", "S") and text[spans[-2][0]].isdigit():
        spans.pop()  # F-16s, 1990s: a plural, not a designation
    return spans


def _characters(text: str) -> list[tuple[int, int]]:
    """Ideographs one by one, what stands between them whole."""
    pattern = re.compile(f"{_IDEOGRAPH}|(?:(?!{_IDEOGRAPH}).)+", re.DOTALL)
    return [match.span() for match in pattern.finditer(text)]


def _word(text: str) -> str:
    """The folded form under which a word is known."""
    if _ABBREVIATION.fullmatch(text):
        joined = text.replace(".", "")
        return joined.upper() if joined.upper() in CASE_KEPT else joined.lower()
    if text in CASE_KEPT:
        return text
    folded = fold(text)
    if _NUMBER.fullmatch(folded):
        return folded.replace(",", "")
    return folded if _CONTRACTION.search(folded) else folded.replace("'", "")
