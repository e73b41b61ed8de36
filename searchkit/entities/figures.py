"""The well-known figures: who bears a name, and whom a bare surname means where the text supports it."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.names import DATA, POSSESSIVES
from searchkit.entities.tokens import folded
from searchkit.kernels.words import TOKEN
from searchkit.model import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

#: Support that a bare surname needs before it is given to a figure, and by how much the next best has to be behind.
ENOUGH: Final = 3.0
MARGIN: Final = 1.0

_HEADS: Final = frozenset({"head of state", "head of government", "head of state or government", "monarch or royal"})
#: Words that stand before the last part of a name and are left out of a bare surname as often as not.
_PARTICLES: Final = frozenset({"al", "el", "ul", "as", "ad", "ar", "an", "ash", "at", "az"})
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


class Figure(NamedTuple):
    """A row of `values.csv`."""

    value: Value
    country: str
    role: str
    dominant: bool


@dataclass(slots=True)
class Context:
    """What a document says about whom a bare name means.

    `countries` are named in the document, `near` in the paragraph of the name; `roles` are those of the title before
    it; `figures` are the people whom the document names in full.
    """

    countries: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    figures: frozenset[str] = field(default_factory=frozenset)


@lru_cache(maxsize=1 << 15)
def parts(name: str) -> tuple[str, ...]:
    """The words of a name that tell it apart, folded: no initials between, no suffix, no article before a surname."""
    if name.isascii() and name.replace(" ", "").isalpha():  # most names, and Tokens would find the same
        words = name.lower().split()
    else:
        words = [folded(word).rstrip(".") for word in TOKEN.findall(name) if word[0].isalnum()]
    words = [word for word in words if word not in POSSESSIVES and word not in _SUFFIXES] or words
    kept = [word for word in words if len(word.replace(".", "")) > 1 and "." not in word and word not in _PARTICLES]
    if len(kept) >= 2 or (kept and len(kept) == len(words)):
        return tuple(kept)
    return tuple(word for word in words if word not in _PARTICLES) or tuple(words)


@lru_cache(maxsize=1 << 15)
def skeleton(part: str) -> str:
    """What the transliterations of one name have in common: Zelenskyy, Zelenskiy; Assad, Asad; Mohammed, Muhammad."""
    part = re.sub(r"(?<=.)(iy|yy|yi|ii|ij|iĭ|i|y)$", "y", part.replace("'", ""))
    part = part.replace("ou", "u").replace("oo", "u").replace("ee", "i").replace("q", "k").replace("w", "v")
    part = re.sub(r"(.)\1", r"\1", part)
    return re.sub(r"^(m)[ou]h?a(m)[aeiou]?(d|t)$", "mohamed", part)


class Figures:
    """The table of figures with its look-ups."""

    def __init__(self, figures: Mapping[str, Figure], aliases: Iterable[tuple[str, str]]) -> None:
        self.figures = figures
        self._aliases = list(aliases)
        self._by_name: defaultdict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
        self._by_surname: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for key, alias in self._aliases:
            name = parts(alias)
            self._by_name[name][key] = None
            if len(name) > 1:
                # A family name stands first in East Asia.
                for part in dict.fromkeys(
                    (name[-1], *name[:1]) if figures[key].country in _FAMILY_FIRST else (name[-1],)
                ):
                    self._by_surname[part][key] = None
                if len(name) > 2:
                    self._by_surname[" ".join(name[-2:])][key] = None
            else:
                self._by_surname[alias_key(name)][key] = None

    @classmethod
    def load(cls, folder: Path = DATA) -> Figures:
        """Read the tables below `folder`."""
        with (folder / "values.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            place = {column: number for number, column in enumerate(next(rows))}
            key, label, country, role, dominant = (
                place[column] for column in ("id", "label", "country", "role", "dominant")
            )
            figures = {
                row[key]: Figure(Value(row[key], row[label]), row[country], row[role], bool(row[dominant]))
                for row in rows
            }
        with (folder / "aliases.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            return cls(figures, [(row[0], row[1]) for row in rows if row[0]])

    def dominant_surnames(self) -> Iterator[str]:
        """The last words, as written, of the names of the figures whom a bare surname means."""
        for key, alias in self._aliases:
            words = alias.split()
            if self.figures[key].dominant and len(words) > 1 and words[-2][0].isupper():
                yield words[-1].rpartition("-")[2] if words[-1][0].islower() else words[-1]

    @cached_property
    def _by_skeleton(self) -> Mapping[str, dict[str, None]]:
        """The figures by what the spellings of their surnames have in common; made when a spelling is not known."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for surname, keys in self._by_surname.items():
            found[skeleton(surname)].update(keys)
        return found

    def named(self, name: Sequence[str]) -> list[Figure]:
        """The figures who bear a full name, given by its parts."""
        return [self.figures[key] for key in self._by_name.get(tuple(name), ())]

    def meant(self, name: Sequence[str], context: Context) -> Figure | None:
        """The figure whom a bare surname means, if the context supports one and no other nearly as well."""
        keys = self._by_surname.get(alias_key(name)) or (
            self._by_skeleton.get(skeleton(name[0])) if len(name) == 1 else None
        )
        return self.best([self.figures[key] for key in keys], context, alone=len(keys) == 1) if keys else None

    def best(
        self, figures: Sequence[Figure], context: Context, *, alone: bool = False, enough: float = ENOUGH
    ) -> Figure | None:
        """The figure that the context supports best, if it is enough and clear."""
        ranked = sorted(
            ((self._support(figure, context), -number) for number, figure in enumerate(figures)), reverse=True
        )
        score, place = ranked[0]
        if score + 0.5 * alone < enough or (len(ranked) > 1 and score - ranked[1][0] < MARGIN):
            return None
        return figures[-place]

    def _support(self, figure: Figure, context: Context) -> float:
        score = 3.0 * figure.dominant + (figure.country in context.countries) + (figure.country in context.near)
        if context.roles:
            holds = figure.role in context.roles or (
                figure.role == "head of state or government" and context.roles & _HEADS
            )
            score += 2.0 if holds else -1.0 if not figure.dominant else -0.5
        score += figure.value.id in context.figures
        return score + 0.25 * (figure.role in _HEADS)


_FAMILY_FIRST: Final = frozenset({"CN", "TW", "HK", "KP", "KR", "VN", "KH"})


def alias_key(name: Sequence[str]) -> str:
    """A name of one or two parts as a key."""
    return " ".join(name)


@cache
def figures() -> Figures:
    """The table that comes with searchkit, read once."""
    return Figures.load()


@cache
def roles(folder: Path = DATA) -> Mapping[str, frozenset[str]]:
    """The roles that a title before a name speaks of, by the title folded."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with (folder / "roles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["title"]].add(row["role"])
    return {title: frozenset(names) for title, names in found.items()}
