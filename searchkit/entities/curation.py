"""The curation file: what a user decides about values and the names of values, over what the extraction found.

`facets.toml` lies in the folder that holds the index (or where `curation` of `searchkit.toml` says). It has a table for
each dimension, and in it one for each thing that can be decided; every key is a value's name, its id or its label:

    [people.merge]            # these are one: what it is to be = what else it is called
    "Volodymyr Zelensky" = ["V. Zelenskii", "Zelensky Volodymyr"]
    [people.rename]           # a value's new label
    "Joe Biden" = "Joseph R. Biden"
    [people.reject]           # no such value, or not where it is written so, or not in these documents
    "Storm Ciaran" = true
    "Paris Hilton" = ["Paris"]
    [people.split]            # where it is written so, or in these documents, another value is meant
    "George Bush" = { forms = ["Dubya"], documents = ["2003/*"], into = "George W. Bush" }
    [people.aliases]          # more ways to write a value
    "Joe Biden" = ["Uncle Joe", { alias = "the Big Guy", case = "exact" }]
    [weapons.values]          # values that no table has, with their aliases (without any, the label is one)
    "Sapsan" = { parent = "Ballistic missiles", aliases = ["Sapsan", "Hrim-2"] }
    [dimensions.companies]    # a dimension of one's own, from a table of id, label, parent and aliases
    gazetteer = "companies.csv"

This module has the decisions as data, and the checks that concern several of them; `curation_file.py` reads the file,
`curation_edit.py` changes it, `curating.py` applies it to labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from searchkit.entities.gazetteer import Case
from searchkit.entities.tokens import folded
from searchkit.errors import UsageError

#: The name of the file where nothing else is said.
FILE_NAME: Final = "facets.toml"
#: How an added alias must be written where nothing is said: with capitals where it has them.
DEFAULT_CASE: Final[Case] = "caps"


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision about a value, which is named by its id or its label; `file` and `line` say where it stands."""

    dimension: str
    value: str
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Merge(Entry):
    """The value is another one."""

    into: str


@dataclass(frozen=True, slots=True)
class Rename(Entry):
    """The value has another label."""

    label: str


@dataclass(frozen=True, slots=True)
class Reject(Entry):
    """There is no such value; those below it move up."""


@dataclass(frozen=True, slots=True)
class Split(Entry):
    """The mentions written in one of `forms`, in documents and sources of these patterns, name another value or none.

    An empty condition always holds.
    """

    into: str | None
    forms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias(Entry):
    """Another way to write the value."""

    alias: str
    case: Case = DEFAULT_CASE
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Define(Entry):
    """A value of its own, or another place in the tree for one that there is."""

    label: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Curation:
    """What a curation file says, in its order. `digest` is that of every byte it is made of, "" where there is none."""

    entries: tuple[Entry, ...] = ()
    dimensions: tuple[str, ...] = ()
    digest: str = ""
    #: The file and the gazetteers that it names.
    files: tuple[Path, ...] = ()

    @property
    def curated(self) -> tuple[str, ...]:
        """The dimensions that it says something about."""
        return tuple(dict.fromkeys((*(entry.dimension for entry in self.entries), *self.dimensions)))


def beside(directory: Path) -> Path:
    """Where the curation file of an index is, unless something else is said: in the folder that holds the index."""
    return directory.absolute().parent / FILE_NAME


def key(name: str) -> str:
    """What two spellings of one name have in common: no case, no accents, single spaces."""
    return folded(" ".join(name.split()))


def describe(entry: Entry) -> str:
    """The decision in a few words, for people."""
    match entry:
        case Merge():
            said = f"{entry.value} is {entry.into}"
        case Rename():
            said = f"{entry.value} is called {entry.label}"
        case Reject():
            said = f"no {entry.value}"
        case Split():
            where = [*map(repr, entry.forms), *(f"in {one}" for one in (*entry.documents, *entry.sources))]
            said = f"{entry.value} {', '.join(where)} is {entry.into or 'nothing'}"
        case Alias():
            said = f"{entry.alias!r} names {entry.value}"
        case Define():
            said = f"{entry.label or entry.value}" + (f" below {entry.parent}" if entry.parent else "")
        case _:
            said = entry.value
    return said


def check(entries: Sequence[Entry]) -> None:
    """Raise `UsageError` where decisions contradict each other: two places for one value, or a circle."""
    merges: dict[tuple[str, str], tuple[Entry, str]] = {}
    parents: dict[tuple[str, str], tuple[Entry, str]] = {}
    for entry in entries:
        name = entry.dimension, key(entry.value)
        if isinstance(entry, Merge):
            other, into = merges.setdefault(name, (entry, entry.into))
            if key(into) != key(entry.into):
                what = f"{entry.value!r} is already merged into {into!r} in line {other.line}; keep one of the two"
                raise _conflict(entry, what)
        elif isinstance(entry, Define) and entry.parent:
            parents[name] = parents[entry.dimension, key(entry.label)] = entry, entry.parent
    _check_circles(merges, "is merged into")
    _check_circles(parents, "is below")


def _check_circles(steps: Mapping[tuple[str, str], tuple[Entry, str]], how: str) -> None:
    """Raise `UsageError` where following the steps from a name leads back to it."""
    for (dimension, start), (entry, following) in steps.items():
        names = [entry.value, following]
        while key(names[-1]) != start and (dimension, key(names[-1])) in steps and len(names) <= len(steps):
            names.append(steps[dimension, key(names[-1])][1])
        if key(names[-1]) == start:
            raise _conflict(entry, f"a circle: {f' {how} '.join(map(repr, names))}; take one of these out")


def _conflict(entry: Entry, what: str) -> UsageError:
    return UsageError(f"{entry.file}:{entry.line}: {entry.dimension}: {what}")
