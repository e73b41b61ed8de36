"""What a single word says about being part of a person's name: the name tables, and the features made from them.

Everything here depends on one distinct word (and on the dimension that claims it where it stands), never on its
neighbours, so it is worked out once per distinct word and cached by the caller. The tables are described in
`data/people/README.md`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from searchkit.entities import compiled
from searchkit.entities.tokens import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from searchkit.entities.compiled import Array

DATA: Final = Path(__file__).parent / "data" / "people"

#: What the tables claim of a word where it stands: nothing; weakly, a place, thing or weapon whose name is also a word
#: or a person's name (Ford, Javelin); and what outweighs these: a country or place, a demonym, a weapon, a thing.
FREE, WEAK_PLACE, WEAK_THING, WEAK_WEAPON, PLACE, DEMONYM, WEAPON, THING = range(8)
#: How many there are.
CLAIMS: Final = 8
_CLAIMS: Final = ("", "weak place", "weak thing", "weak weapon", "place", "demonym", "weapon", "thing")
#: The first claim that leaves a word little chance to name a person.
_STRONG: Final = PLACE

_LETTERS: Final = re.compile(r"[^\W\d_]")
#: The tokens that make a name a possessive.
POSSESSIVES: Final = frozenset({"'s", "\u2019s"})
#: Punctuation by its class; what is written with other characters for the same is the same.
_PUNCTUATION: Final = {
    character: group[0]
    for group in (
        '"\u201c\u201d\u201e\u2018«»',
        "-\u2013\u2014\u2212",
        "([{",
        ")]}",
        "'\u2019",
        "•*|",
        "?!",
        *".,:;&/@#",
    )
    for character in group
}


@dataclass(frozen=True, slots=True)
class Names:
    """The name tables: strengths 1 to 3 of forenames and surnames, common words, and the classes of other words.

    All keys are folded.
    """

    forenames: Mapping[str, int]
    surnames: Mapping[str, int]
    words: frozenset[str]
    classes: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = DATA, cache: Path | None = None) -> Names:
        """Read the tables below `folder`; they are compiled once and kept as in `Gazetteer.load`."""
        files = [folder / f"{name}.csv" for name in ("forenames", "surnames", "words", "lexicon")]
        key = compiled.digest((*files, Path(__file__), Path(compiled.__file__)))
        arrays = compiled.table("names", key, lambda: _compile(*files), cache)
        return cls(
            compiled.mapping(arrays["forenames"], arrays["given"].tobytes()),
            compiled.mapping(arrays["surnames"], arrays["family"].tobytes()),
            frozenset(compiled.lines(arrays["words"])),
            compiled.mapping(arrays["lexicon"], compiled.lines(arrays["classes"])),
        )

    def plain(self, word: str) -> str:
        """A word of a text whose capitals say nothing (a headline, all capitals) as it would stand in a sentence."""
        key = folded(word)
        if key in self.words and max(self.forenames.get(key, 0), self.surnames.get(key, 0)) < 3:
            return word.lower()
        if key in self.classes and self.classes[key] not in {"honorific", "rank", "month", "org"}:
            return word.lower()
        if word.isupper() and len(word) > 1 and "." not in word:
            return (
                "-".join(part.capitalize() for part in word.split("-")) if "'" not in word else _after_apostrophe(word)
            )
        return word

    def shape(self, word: str) -> str:
        """The word with its letters as X and x, runs shortened: `Xx`, `X`, `XX`, `x`, `Xx'Xx`, `9`."""
        return _shortened(word.translate(_SHAPES))

    def word_class(self, word: str, claim: int) -> str:
        """The one class that stands for the word when its neighbours are looked at in pairs."""
        first = word[0]
        if not first.isalpha():
            return "number" if first.isdigit() else _PUNCTUATION.get(first, "sign")
        key = folded(word).rstrip(".")
        if not first.isupper():
            return self.classes.get(key, "word")
        return self._capitalised_class(word, key, claim)

    def _capitalised_class(self, word: str, key: str, claim: int) -> str:
        lexical = self.classes.get(key, "")
        if claim >= _STRONG:
            return "claim:" + _CLAIMS[claim]
        if len(key.replace(".", "")) == 1 or (len(key) <= 5 and key.count(".") * 2 + 1 >= len(key) > 1):
            return "initial"
        given, family = min(self.forenames.get(key, 0), 2), min(self.surnames.get(key, 0), 2)
        if lexical and lexical not in {"prep", "conj", "kin"}:
            return "C:" + lexical
        if word.isupper() and len(word) > 1:
            return "acronym:name" if len(word) > 3 and max(given, family) > 1 else "acronym"
        return f"{_CLAIMS[claim]}:{given}{family}{int(key in self.words)}"

    def features(self, word: str, claim: int) -> Sequence[str]:
        """The names of the word's features, for the model's weights; the first is `c=` and its class."""
        key = folded(word).rstrip(".")
        made = ["c=" + self.word_class(word, claim), "w=" + key]
        if not _LETTERS.search(word):
            return made
        made.append("s=" + self.shape(word))
        if claim:
            made.append("claim=" + _CLAIMS[claim])
        if key in self.classes:
            made.append("l=" + self.classes[key])
        if word[0].isupper():
            parts = key.split("-")
            given = self.forenames.get(key) or min((self.forenames.get(part, 0) for part in parts), default=0)
            family = self.surnames.get(key) or min((self.surnames.get(part, 0) for part in parts), default=0)
            common = "c" if key in self.words else ""
            made += [f"g={given}{common}", f"f={family}{common}", f"gf={given}{family}{common}"]
            made += ["p3=" + key[:3], "z2=" + key[-2:], "z3=" + key[-3:], "z4=" + key[-4:]]
            if "-" in word or "'" in word:
                made.append("joined")
        return made


class _Shapes(dict[int, str]):
    """What stands for a character in shapes."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        shape = "X" if letter.isupper() else "x" if letter.isalpha() else "9" if letter.isdigit() else letter
        self[code] = shape
        return shape


_SHAPES: Final = _Shapes({ord("\u2019"): "'"})


@lru_cache(maxsize=1 << 12)
def _shortened(shape: str) -> str:
    """A shape with its runs shortened."""
    return re.sub(r"(X)X+|(x)x+|(9)9+", lambda run: run[1] * 2 if run[1] else run[2] or run[3], shape)


def _after_apostrophe(word: str) -> str:
    head, apostrophe, tail = word.partition("'")
    return head.capitalize() + apostrophe + tail.capitalize()


def _compile(forenames: Path, surnames: Path, words: Path, lexicon: Path) -> Mapping[str, Array]:
    """The tables as arrays: words as text, strengths as numbers."""
    given, family, classes = ({row[0]: row[1] for row in _rows(table)} for table in (forenames, surnames, lexicon))
    return {
        "forenames": compiled.text(given),
        "given": np.fromiter(map(int, given.values()), np.uint8),
        "surnames": compiled.text(family),
        "family": np.fromiter(map(int, family.values()), np.uint8),
        "words": compiled.text(row[0] for row in _rows(words) if row),
        "lexicon": compiled.text(classes),
        "classes": compiled.text(classes.values()),
    }


def _rows(table: Path) -> list[list[str]]:
    """The rows of a table, without its head."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
