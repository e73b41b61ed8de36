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
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from searchkit.entities import compiled
from searchkit.entities.phrases import Phrases, Row
from searchkit.entities.tokens import folded
from searchkit.errors import InputError
from searchkit.kernels import words
from searchkit.kernels.words import TOKEN
from searchkit.model import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from searchkit.entities.compiled import Array

Case = Literal["exact", "caps", "any"]

#: To be raised when context rules or the matching change what a text's labels are, though no table did.
RULES_VERSION: Final = 3
#: The folder of the tables that come with searchkit.
DATA: Final = Path(__file__).parent / "data"
#: Kinds of aliases that are common or count nouns.
PLURAL_KINDS: Final = frozenset({"system", "class", "demonym"})

#: The code that compiled aliases depend on.
_CODE: Final = (
    *(Path(__file__).with_name(name) for name in ("gazetteer.py", "tokens.py", "phrases.py", "compiled.py")),
    Path(words.__file__),
)
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
    #: The values without their dimension.
    means: tuple[Value, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the values apart once."""
        object.__setattr__(self, "means", tuple(value for _, value in self.values))


class Gazetteer:
    """Every dimension's values and aliases.

    `fingerprint` changes whenever labels made with these tables may; `phrases` are the aliases, compiled. What is asked
    for less often than a text is read (`values`, `columns`) is read when it is.
    """

    def __init__(self, folder: Path, fingerprint: str, phrases: Phrases, values: Mapping[str, Sequence[str]]) -> None:
        self._folder = folder
        self.fingerprint = fingerprint
        self.phrases = phrases
        # By dimension and id: the label and the parent's id, with a tab between.
        self._listed = {dimension: _by_id(rows) for dimension, rows in values.items()}
        self._made: dict[tuple[str, str], Value] = {}
        self._aliases: dict[int, Alias] = {}
        self._known: dict[str, tuple[Mapping[str, Sequence[Value]], ...]] = {}

    @classmethod
    def load(cls, folder: Path = DATA, cache: Path | None = None) -> Gazetteer:
        """Read the tables of every dimension below `folder`; InputError names the file and line that is wrong.

        They are compiled once and kept in the folder `cache` (by default the user's); where nothing can be kept there
        they are compiled each time.
        """
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        names = "\n".join((str(RULES_VERSION), *(file.relative_to(folder).as_posix() for file in files)))
        fingerprint = compiled.digest(files, names)
        arrays = compiled.table("aliases", compiled.digest(_CODE, fingerprint), lambda: _compile(folder), cache)
        values = {
            name.partition(":")[2]: compiled.lines(array)
            for name, array in arrays.items()
            if name.startswith("values:")
        }
        return cls(folder, fingerprint, Phrases(arrays), values)

    @cached_property
    def columns(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """The rows of `values.csv`, by dimension, then id."""
        return {table.parent.name: _columns(table) for table in _tables(self._folder)}

    @cached_property
    def values(self) -> Mapping[str, Mapping[str, Value]]:
        """The values, by dimension, then id."""
        return {
            dimension: {key: self._value(dimension, key) for key in rows} for dimension, rows in self._listed.items()
        }

    def _value(self, dimension: str, key: str) -> Value:
        value = self._made.get((dimension, key))
        if value is None:
            label, _, parent = self._listed[dimension][key].partition("\t")
            value = Value(key, label, self._value(dimension, parent) if parent else None)
            self._made[dimension, key] = value
        return value

    def alias(self, number: int) -> Alias:
        """The alias of that number in the compiled table."""
        found = self._aliases.get(number)
        if found is None:
            row = self.phrases.row(number)
            values = tuple((row.dimension, self._value(row.dimension, key)) for key in row.ids)
            found = Alias(row.text, row.dimension, row.kind, cast("Case", row.case), row.rule, values)
            self._aliases[number] = found
        return found

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        """The values that a user means by `name`: the one of that id, else of that label, else all of that alias.

        Case and accents do not matter.
        """
        key = _key(name)
        for names in self._names(dimension):
            if key in names:
                return tuple(names[key])
        named = (value for alias in self.meanings(name) for owner, value in alias.values if owner == dimension)
        return tuple(dict.fromkeys(named))

    def meanings(self, name: str) -> list[Alias]:
        """The aliases of all dimensions that are written so, but for case and accents."""
        return list(map(self.alias, self.phrases.named(TOKEN.findall(name))))

    def _names(self, dimension: str) -> tuple[Mapping[str, Sequence[Value]], ...]:
        """The values of a dimension by id, and by label; made when first asked for."""
        if dimension not in self._known:
            by_id: defaultdict[str, list[Value]] = defaultdict(list)
            by_label: defaultdict[str, list[Value]] = defaultdict(list)
            for value in self.values.get(dimension, {}).values():
                by_id[_key(value.id)].append(value)
                by_label[_key(value.label)].append(value)
            self._known[dimension] = (by_id, by_label)
        return self._known[dimension]


def spellings(alias: Row) -> Iterator[str]:
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
    return " ".join(map(folded, TOKEN.findall(name)))


def _compile(folder: Path) -> Mapping[str, Array]:
    """The aliases and the values of the tables below `folder`, as `Gazetteer.load` reads them."""
    tables = _tables(folder)
    columns = {table.parent.name: _columns(table) for table in tables}
    arrays = dict(Phrases.compile(_aliases(tables, columns), spellings).arrays())
    for dimension, rows in columns.items():
        _check_values(dimension, rows)
        arrays[f"values:{dimension}"] = compiled.text(
            "\t".join((key, row["label"], row["parent"])) for key, row in rows.items()
        )
    return arrays


def _tables(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/values.csv"))


def _columns(table: Path) -> dict[str, dict[str, str]]:
    return {row["id"]: row for _, row in _rows(table, _VALUE_COLUMNS)}


def _by_id(rows: Sequence[str]) -> dict[str, str]:
    """Rows of three fields, tabs between them, by the first."""
    fields = (row.partition("\t") for row in rows)
    return {key: rest for key, tab, rest in fields if tab}


def _check_values(dimension: str, rows: Mapping[str, Mapping[str, str]]) -> None:
    """InputError unless each value is below one that is there, and none below itself."""
    for key, row in rows.items():
        place, above = key, {key}
        if set(key + row["label"]) & set("\t\n"):
            raise InputError(f"{dimension}/values.csv: {key!r} has a tab or line break in its id or label")
        while rows[place]["parent"]:
            place = rows[place]["parent"]
            if place not in rows or place in above:
                raise InputError(
                    f"{dimension}/values.csv: no other row has the id {place!r}, the parent of {key!r} or of one above"
                )
            above.add(place)


def _aliases(tables: Sequence[Path], columns: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[Row]:
    """The aliases of all dimensions; rows that differ in nothing but the value are one."""
    named: defaultdict[tuple[str, str, str, str, str], dict[str, None]] = defaultdict(dict)
    for table in tables:
        dimension = table.parent.name
        for names in sorted(table.parent.glob("aliases*.csv")):
            for line, row in _rows(names, _ALIAS_COLUMNS):
                _check(f"{names}:{line}", row, columns[dimension])
                ids = named[dimension, row["alias"], row["kind"], row["case"], row["rule"]]
                if row["id"]:
                    ids[row["id"]] = None
    return (Row(*shared, tuple(ids)) for shared, ids in named.items())


def _check(place: str, row: Mapping[str, str], values: Mapping[str, Mapping[str, str]]) -> None:
    if row["case"] not in _CASES:
        raise InputError(f"{place}: case is {row['case']!r}; use one of {', '.join(_CASES)}")
    if row["id"] and row["id"] not in values:
        raise InputError(f"{place}: no value has the id {row['id']!r}; add it to values.csv")
    if not row["alias"].strip() or set(row["alias"]) & set("\t\n\f"):
        raise InputError(f"{place}: the alias is empty or has a tab or line break; write it in one line")


def _rows(table: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers."""
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        names = tuple(next(reader, ()))
        if names[: len(columns)] != columns:
            raise InputError(f"{table}:1: the columns are {','.join(names)}; begin with {','.join(columns)}")
        for row in reader:
            if len(row) != len(names):
                raise InputError(f"{table}:{reader.line_num}: a row has {len(names)} fields; quote those with commas")
            yield reader.line_num, dict(zip(names, row, strict=True))
