"""The tables of names: per dimension its values, and the aliases that name them.

A dimension is a folder with two tables in it:

- `values.csv`: `id,label,parent,source` and columns of the dimension's own;
- `aliases.csv`: `id,alias,kind,case,rule,source`, kept by hand, and `aliases-*.csv` like it, made by scripts.

`case` says how an alias must be written to count: `exact` as spelled, `caps` with a capital wherever the alias has
one (all capitals will do), `any`. Accents never matter. `rule` names the function of the dimension's module that
decides whether an ambiguous alias counts where it stands; without one it always does. Several rows may have the same
alias: it names several values. A row without an id makes a phrase that names nothing, so that the shorter alias in it
does not count: `Guinea pig`, `fish tank`.

The loader adds what need not be listed: a label counts as an alias only if it has a row, but an alias with hyphens is
found with spaces for hyphens and, beside a digit, with nothing (`S-300`, `S 300`, `S300`), and the aliases of the
kinds in `PLURAL_KINDS` are found in the plural.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from searchkit.entities.tokens import Tokens, folded
from searchkit.errors import InputError
from searchkit.model import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Case = Literal["exact", "caps", "any"]

#: To be raised when context rules or the matching change what a text's labels are, though no table did.
RULES_VERSION: Final = 1
#: The folder of the tables that come with searchkit.
DATA: Final = Path(__file__).parent / "data"
#: Kinds of aliases that are common or count nouns.
PLURAL_KINDS: Final = frozenset({"system", "class", "demonym"})

_CASES: Final = ("exact", "caps", "any")
_VALUE_COLUMNS: Final = ("id", "label", "parent", "source")
_ALIAS_COLUMNS: Final = ("id", "alias", "kind", "case", "rule", "source")
_HYPHEN: Final = re.compile(r"-")
_JOINT: Final = re.compile(r"(?<=\d)-(?=\w)|(?<=\w)-(?=\d)")


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write one or more values of one dimension; `values` is empty for a phrase that names nothing."""

    text: str
    dimension: str
    kind: str
    case: Case
    rule: str
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Every dimension's values and aliases.

    `values` and `columns` (the row of `values.csv`) are by dimension, then id; `fingerprint` changes whenever labels
    made with these tables may.
    """

    values: Mapping[str, Mapping[str, Value]]
    columns: Mapping[str, Mapping[str, Mapping[str, str]]]
    aliases: tuple[Alias, ...]
    fingerprint: str

    @classmethod
    def load(cls, folder: Path = DATA) -> Gazetteer:
        """Read the tables of every dimension below `folder`; InputError names the file and line that is wrong."""
        values: dict[str, Mapping[str, Value]] = {}
        columns: dict[str, Mapping[str, Mapping[str, str]]] = {}
        aliases: list[Alias] = []
        for table in sorted(folder.glob("*/values.csv")):
            dimension = table.parent.name
            columns[dimension] = {row["id"]: row for _, row in _rows(table, _VALUE_COLUMNS)}
            values[dimension] = _values(table, columns[dimension])
            for names in sorted(table.parent.glob("aliases*.csv")):
                aliases.extend(_aliases(names, dimension, values[dimension]))
        return cls(values, columns, tuple(aliases), _fingerprint(folder))

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        """The values that a user means by `name`: the one of that id, else of that label, else all of that alias.

        Case and accents do not matter.
        """
        values = tuple(self.values[dimension].values()) if dimension in self.values else ()
        key = _key(name)
        found = [value for value in values if _key(value.id) == key]
        found = found or [value for value in values if _key(value.label) == key]
        named = (alias.values for alias in self.aliases if alias.dimension == dimension and _key(alias.text) == key)
        return tuple(found or dict.fromkeys(value for pairs in named for _, value in pairs))


def spellings(alias: Alias) -> Iterator[str]:
    """The alias as it may stand in a text: as listed, with hyphens opened or closed, in the plural."""
    forms = [alias.text]
    if "-" in alias.text:
        forms += [_HYPHEN.sub(" ", alias.text), _JOINT.sub("", alias.text)]
    for form in dict.fromkeys(forms):
        yield form
        if alias.kind in PLURAL_KINDS:
            yield plural(form)


def plural(noun: str) -> str:
    """The regular English plural: `batteries`, `torches`, `S-300s`."""
    if re.search(r"([sxz]|[cs]h)$", noun):
        return noun + "es"
    if re.search(r"[^aeiouAEIOU\W\d]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


def _key(name: str) -> str:
    return " ".join(map(folded, Tokens(name).words))


def _values(table: Path, rows: Mapping[str, Mapping[str, str]]) -> dict[str, Value]:
    """Values by id, each below its parent, which may stand later in the table."""
    made: dict[str, Value] = {}

    def make(key: str, below: tuple[str, ...] = ()) -> Value:
        if key not in made:
            if key not in rows or key in below:
                raise InputError(
                    f"{table}: the parent {key!r} of {below[-1]!r} is no other row's id; name one, or none"
                )
            parent = rows[key]["parent"]
            made[key] = Value(key, rows[key]["label"], make(parent, (*below, key)) if parent else None)
        return made[key]

    return {key: make(key) for key in rows}


def _aliases(table: Path, dimension: str, values: Mapping[str, Value]) -> Iterator[Alias]:
    """The aliases of a table; rows that differ in nothing but the value are one."""
    named: defaultdict[tuple[str, str, str, str], list[tuple[str, Value]]] = defaultdict(list)
    for line, row in _rows(table, _ALIAS_COLUMNS):
        if row["case"] not in _CASES:
            raise InputError(f"{table}:{line}: case is {row['case']!r}; use one of {', '.join(_CASES)}")
        pairs = named[row["alias"], row["kind"], row["case"], row["rule"]]
        if row["id"]:
            if row["id"] not in values:
                raise InputError(f"{table}:{line}: no value has the id {row['id']!r}; add it to values.csv")
            pairs.append((dimension, values[row["id"]]))
    for (text, kind, case, rule), pairs in named.items():
        yield Alias(text, dimension, kind, cast("Case", case), rule, tuple(dict.fromkeys(pairs)))


def _rows(table: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers."""
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        names = tuple(reader.fieldnames or ())
        if names[: len(columns)] != columns:
            raise InputError(f"{table}:1: the columns are {','.join(names)}; begin with {','.join(columns)}")
        for row in reader:
            if None in row or None in row.values():
                raise InputError(f"{table}:{reader.line_num}: a row has {len(names)} fields; quote those with commas")
            yield reader.line_num, row


def _fingerprint(folder: Path) -> str:
    digest = hashlib.blake2b(str(RULES_VERSION).encode(), digest_size=16)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\0{file.relative_to(folder).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
