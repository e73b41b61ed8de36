"""The well-known figures: who bears a name, and whom a bare surname means where the text supports it."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities import compiled, tokens
from searchkit.entities.names import DATA, POSSESSIVES
from searchkit.entities.tokens import folded
from searchkit.kernels import words
from searchkit.kernels.words import TOKEN
from searchkit.model import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from searchkit.entities.compiled import Array

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
    it, `gender` is the bearer's by that title ("f" after "Mrs."); `figures` are the people whom the document names in
    full.
    """

    countries: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    gender: str = ""
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
def marks(name: str) -> frozenset[str]:
    """What tells people of one forename and surname apart: middle initials, "jr", "sr", "iii"."""
    words = [folded(word).rstrip(".") for word in TOKEN.findall(name) if word[0].isalnum()]
    middles = [word for word in words if word not in _SUFFIXES and word not in POSSESSIVES][1:-1]
    return suffixes(name) | {word[0] for word in middles[:1] if word not in _PARTICLES}


@lru_cache(maxsize=1 << 15)
def suffixes(name: str) -> frozenset[str]:
    """The suffixes of a name: "jr", "sr", "iii"."""
    return _SUFFIXES & {folded(word) for word in re.findall(r"\w+", name)[1:]}


@lru_cache(maxsize=1 << 15)
def skeleton(part: str) -> str:
    """What the transliterations of one name have in common: Zelenskyy, Zelenskiy; Assad, Asad; Mohammed, Muhammad."""
    part = re.sub(r"(?<=.)(iy|yy|yi|ii|ij|iĭ|i|y)$", "y", part.replace("'", ""))
    part = part.replace("ou", "u").replace("oo", "u").replace("ee", "i").replace("q", "k").replace("w", "v")
    part = re.sub(r"(.)\1", r"\1", part)
    return re.sub(r"^(m)[ou]h?a(m)[aeiou]?(d|t)$", "mohamed", part)


@lru_cache(maxsize=1 << 15)
def alike(one: str, other: str) -> bool:
    """Whether two parts of names can be one: spelled otherwise, or a nickname of the other (Bill, William)."""
    if one == other or skeleton(one) == skeleton(other):
        return True
    formal = nicknames()
    return other in formal.get(one, ()) or one in formal.get(other, ())


class Figures:
    """The table of figures with its look-ups, made of the arrays that `_compile` makes."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self.figures: Mapping[str, Figure] = _Rows(compiled.lines(arrays["figures"]))
        self._by_name = _Index(arrays, "names")
        self._by_surname = _Index(arrays, "surnames")
        self._by_suffix = _Index(arrays, "suffixes")
        self._dominant = compiled.lines(arrays["dominant"])

    @classmethod
    def load(cls, folder: Path = DATA, cache: Path | None = None) -> Figures:
        """Read the tables below `folder`; they are compiled once and kept as in `Gazetteer.load`."""
        files = (folder / "values.csv", folder / "aliases.csv")
        code = (Path(module) for module in (__file__, compiled.__file__, tokens.__file__, words.__file__))
        return cls(compiled.table("figures", compiled.digest((*files, *code)), lambda: _compile(*files), cache))

    def dominant_surnames(self) -> Iterable[str]:
        """The last words, as written, of the names of the figures whom a bare surname means."""
        return self._dominant

    @cached_property
    def _by_skeleton(self) -> Mapping[str, dict[str, None]]:
        """The figures by what the spellings of their surnames have in common; made when a spelling is not known."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for surname in self._by_surname:
            found[skeleton(surname)].update(dict.fromkeys(self._by_surname.keys(surname)))
        return found

    def named(self, name: Sequence[str]) -> list[Figure]:
        """The figures who bear a full name, given by its parts."""
        return [self.figures[key] for key in self._by_name.keys(alias_key(name))]

    def nicknamed(self, name: Sequence[str]) -> list[Figure]:
        """The figures who bear a full name with a formal forename in place of the given one."""
        return [one for given in sorted(nicknames().get(name[0], ())) for one in self.named((given, *name[1:]))]

    def bearers(self, name: Sequence[str]) -> frozenset[str]:
        """The ids of the figures whose full name, formal name or bare surname this is."""
        full = (*self.named(name), *self.nicknamed(name))
        return frozenset((*(figure.value.id for figure in full), *self._by_surname.keys(alias_key(name))))

    def bears(self, figure: Figure, suffix: frozenset[str]) -> bool:
        """Whether a name with that suffix can be the figure's: Donald Trump Jr. is not Donald Trump."""
        return not suffix or any(figure.value.id in self._by_suffix.keys(one) for one in suffix)

    def meant(self, name: Sequence[str], context: Context) -> Figure | None:
        """The figure whom a bare surname means, if the context supports one and no other nearly as well."""
        keys: Collection[str] = self._by_surname.keys(alias_key(name)) or (
            self._by_skeleton.get(skeleton(name[0]), ()) if len(name) == 1 else ()
        )
        meant = [self.figures[key] for key in keys]
        meant = [one for one in meant if may_be(context.gender, parts(one.value.label))]
        return self.best(meant, context, alone=len(meant) == 1) if meant else None

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


#: Where the family name stands first; in the second group people go by the last of the given names as well.
_FAMILY_FIRST: Final = frozenset({"CN", "TW", "HK", "KP", "KR"})
_BOTH: Final = frozenset({"VN", "KH"})


class _Rows(Mapping[str, Figure]):
    """The figures by id, from the lines of the compiled table; each is made when it is first asked for."""

    def __init__(self, rows: Iterable[str]) -> None:
        self._rows = {key: rest for key, _, rest in (row.partition("\t") for row in rows)}
        self._made: dict[str, Figure] = {}

    def __getitem__(self, key: str) -> Figure:
        if key not in self._made:
            label, country, role, dominant = self._rows[key].split("\t")
            self._made[key] = Figure(Value(key, label), country, role, bool(dominant))
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class _Index:
    """Ids by name: two lists of lines, the names and the ids of each with a tab between."""

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._ids = compiled.mapping(arrays[name], compiled.lines(arrays[f"{name}-ids"]))

    @staticmethod
    def arrays(name: str, index: Mapping[str, Iterable[str]]) -> dict[str, Array]:
        """An index as arrays."""
        return {name: compiled.text(index), f"{name}-ids": compiled.text(map("\t".join, index.values()))}

    def keys(self, name: str) -> list[str]:
        """The ids of a name."""
        ids = self._ids.get(name)
        return ids.split("\t") if ids else []

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)


def _compile(values: Path, aliases: Path) -> Mapping[str, Array]:
    """The tables as arrays: the figures, and their ids by name and by surname."""
    rows = {row["id"]: row for row in _read(values)}
    by_name: defaultdict[str, dict[str, None]] = defaultdict(dict)
    by_surname: defaultdict[str, dict[str, None]] = defaultdict(dict)
    by_suffix: defaultdict[str, dict[str, None]] = defaultdict(dict)
    dominant: dict[str, None] = {}
    for key, alias in ((row["id"], row["alias"]) for row in _read(aliases) if row["id"]):
        name = parts(alias)
        by_name[alias_key(name)][key] = None
        for suffix in suffixes(alias):
            by_suffix[suffix][key] = None
        for surname in _surnames(name, rows[key]["country"]):
            by_surname[surname][key] = None
        if rows[key]["dominant"]:
            dominant.update(dict.fromkeys(_last_words(alias)))
    columns = ("id", "label", "country", "role", "dominant")
    return {
        "figures": compiled.text("\t".join(row[column] for column in columns) for row in rows.values()),
        **_Index.arrays("names", by_name),
        **_Index.arrays("surnames", by_surname),
        **_Index.arrays("suffixes", by_suffix),
        "dominant": compiled.text(dominant),
    }


def _surnames(name: tuple[str, ...], country: str) -> Iterator[str]:
    """What a bearer of a name is called for short."""
    if len(name) == 1:
        yield alias_key(name)
        return
    if country in _FAMILY_FIRST | _BOTH:
        yield name[0]
    if country not in _FAMILY_FIRST or len(name) == 2:
        yield name[-1]
    if len(name) > 2:
        yield " ".join(name[-2:])


def _last_words(alias: str) -> Iterator[str]:
    """The surname of a name as written, if it has several words."""
    words = alias.split()
    if len(words) > 1 and words[-2][0].isupper():
        yield words[-1].rpartition("-")[2] if words[-1][0].islower() else words[-1]


def _read(table: Path) -> Iterator[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def alias_key(name: Sequence[str]) -> str:
    """The parts of a name as a key."""
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


@cache
def nicknames(folder: Path = DATA) -> Mapping[str, frozenset[str]]:
    """The names that a nickname stands for, folded: "ted" for "edward" and "theodore"."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in _read(folder / "nicknames.csv"):
        found[row["nickname"]].add(row["name"])
    return {nickname: frozenset(names) for nickname, names in found.items()}


@cache
def genders(folder: Path = DATA) -> Mapping[str, str]:
    """The forenames, folded, that are men's ("m") or women's ("f") with hardly an exception."""
    return {row["name"]: row["gender"] for row in _read(folder / "genders.csv")}


def may_be(gender: str, name: Sequence[str]) -> bool:
    """Whether a title for men or women can stand before a person of that full name: not "Mrs." before Denis."""
    return not gender or len(name) < 2 or genders().get(name[0], gender) == gender
