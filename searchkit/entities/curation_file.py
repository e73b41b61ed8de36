"""Reading the curation file: from TOML, and the CSV tables that it names, to decisions.

Every error is a `UsageError` that names the file, the line and the key, and says what may stand there.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias, cast, get_args

from searchkit.entities.curation import (
    DEFAULT_CASE,
    Alias,
    Curation,
    Define,
    Entry,
    Merge,
    Reject,
    Rename,
    Split,
    check,
)
from searchkit.entities.gazetteer import Case
from searchkit.entities.tokens import Tokens
from searchkit.errors import UsageError
from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS

#: To be raised when a file that has not changed is to be applied anew, since the rules of applying it have.
CURATION_VERSION: Final = 1

_TABLES: Final = ("merge", "rename", "reject", "split", "aliases", "values")
_WHERE: Final = ("forms", "documents", "sources")
_COLUMNS: Final = ("id", "label", "parent", "aliases", "case", "kind")
_DIMENSION: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_NOT_DIMENSIONS: Final = frozenset({"dimensions", "person", "country", "weapon", "text", "title", "word"})
_HEADER: Final = re.compile(r"\s*\[{1,2}([^\[\]].*?)\]{1,2}\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+|\s*\.\s*)+?)\s*=(?!=)""")
_PLACED: Final = re.compile(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", re.DOTALL)

_Table: TypeAlias = Mapping[str, object]
_Path: TypeAlias = tuple[str, ...]


def load(file: Path) -> Curation:
    """Read and check a curation file; an empty `Curation` where there is none. `UsageError` where it is wrong."""
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Curation()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error
    return parse(file, data)


def parse(file: Path, data: bytes) -> Curation:
    """What a curation file of these bytes says; see `load`."""
    return _Reader(file, data).curation()


class _Lines:
    """Where keys stand in a TOML file, which its parser does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at: dict[_Path, int] = {}
        table: _Path = ()
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.fullmatch(line):
                table = _dotted(header[1])
                self._at.setdefault(table, number)
            elif given := _KEY.match(line):
                self._at.setdefault((*table, *_dotted(given[1])), number)

    def of(self, path: _Path, said: str = "") -> int:
        """The line of a key, or of `said` in what it is given; that of the table around it where it is not found."""
        line = next((self._at[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._at), 1)
        after = min((other for other in self._at.values() if other > line), default=len(self._lines) + 1)
        values = [self._lines[line - 1].partition("=")[2], *self._lines[line : after - 1]]
        return next((line + i for i, text in enumerate(values) if said and said in text), line)


def _dotted(text: str) -> _Path:
    """The parts of a dotted key, as TOML reads it."""
    import tomllib  # noqa: PLC0415 - 10 ms that a start without a curation file does without

    try:
        inner: object = tomllib.loads(f"{text} = 0")
    except ValueError:
        return (text,)
    path: list[str] = []
    while isinstance(inner, dict):
        name, inner = next(iter(inner.items()))
        path.append(name)
    return tuple(path)


def _parsed(file: Path, data: bytes) -> tuple[_Table, _Lines]:
    import tomllib  # noqa: PLC0415 - see `_dotted`

    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), _Lines(text)
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: is not text in UTF-8 (byte {error.start} is not); save it as UTF-8") from error
    except ValueError as error:
        placed = _PLACED.fullmatch(str(error))
        line = (placed[2] if placed else None) or str(data.count(b"\n") + 1)
        raise UsageError(f"{file}:{line}: is not TOML: {placed[1] if placed else error}") from error


class _Reader:
    """One file on its way to a `Curation`."""

    def __init__(self, file: Path, data: bytes) -> None:
        self._file = file
        self._digest = hashlib.blake2b(b"%d\0" % CURATION_VERSION + data, digest_size=16)
        self._files = [file]
        self._tables, self._lines = _parsed(file, data)

    def curation(self) -> Curation:
        """What the file says, checked."""
        declared = self._table(self._tables.get("dimensions", {}), ("dimensions",))
        for name in declared:
            self._check_dimension(name)
        known = (*ENTITY_DIMENSIONS, *declared)
        entries: list[Entry] = []
        for name, given in declared.items():
            entries += self._dimension(name, self._table(given, ("dimensions", name)))
        for name, given in self._tables.items():
            if name in known:
                entries += self._decisions(name, self._table(given, (name,)))
            elif name != "dimensions":
                offer = f"there are {', '.join(known)}; a new one is declared with [dimensions.{name}]"
                raise self._error((name,), f"no dimension is called {name!r}: {offer}")
        check(entries)
        return Curation(tuple(entries), tuple(declared), self._digest.hexdigest(), tuple(self._files))

    # Tables

    def _dimension(self, name: str, given: _Table) -> Iterator[Entry]:
        path = ("dimensions", name)
        self._check_keys(given, ("gazetteer", "values"), path)
        if "gazetteer" in given:
            named = (*path, "gazetteer")
            yield from self._gazetteer(name, Path(self._text(given["gazetteer"], named)), named)
        yield from self._values(name, self._table(given.get("values", {}), (*path, "values")), (*path, "values"))

    def _decisions(self, dimension: str, tables: _Table) -> Iterator[Entry]:
        self._check_keys(tables, _TABLES, (dimension,))
        for kind, said in tables.items():
            path = (dimension, kind)
            given = self._table(said, path)
            if kind == "values":
                yield from self._values(dimension, given, path)
                continue
            for value, decided in given.items():
                self._text(value, (*path, value))
                yield from self._decided(kind, value, decided, (*path, value))

    def _decided(self, kind: str, value: str, said: object, path: _Path) -> Iterator[Entry]:
        dimension, line = path[0], self._lines.of(path)
        if kind == "merge":
            for one in self._texts(said, path):
                yield Merge(dimension, one, self._file, self._lines.of(path, one), into=value)
        elif kind == "rename":
            yield Rename(dimension, value, self._file, line, label=self._text(said, path))
        elif kind == "aliases":
            yield from self._aliases(dimension, value, said, path, {})
        elif kind == "reject" and said is True:
            yield Reject(dimension, value, self._file, line)
        elif kind == "reject":
            given = said if isinstance(said, Mapping) else {"forms": said}
            yield self._split(value, given, path, into=None)
        else:
            for part in said if isinstance(said, list) else [said]:
                where = dict(self._table(part, path))
                into = self._text(where.pop("into", None), (*path, "into"))
                yield self._split(value, where, path, into=into)

    def _split(self, value: str, given: _Table, path: _Path, *, into: str | None) -> Split:
        self._check_keys(given, _WHERE, path)
        if not given:
            raise self._error(path, "say where: with 'forms', 'documents' or 'sources'")
        forms, documents, sources = (
            self._texts(given[name], (*path, name)) if name in given else () for name in _WHERE
        )
        line = self._lines.of(path, (*forms, *documents, *sources)[0])
        return Split(path[0], value, self._file, line, into, forms, documents, sources)

    def _values(self, dimension: str, given: _Table, path: _Path) -> Iterator[Entry]:
        for name, said in given.items():
            here = (*path, name)
            self._text(name, here)
            table = self._table(said if isinstance(said, Mapping) else {"aliases": said}, here)
            self._check_keys(table, ("label", "parent", "aliases", "case", "kind"), here)
            label = self._text(table.get("label", name), here)
            parent = self._text(table["parent"], here) if "parent" in table else None
            yield Define(dimension, name, self._file, self._lines.of(here), label, parent)
            yield from self._aliases(dimension, name, table.get("aliases", label), here, table)

    def _aliases(self, dimension: str, value: str, said: object, path: _Path, shared: _Table) -> Iterator[Alias]:
        for one in said if isinstance(said, list) else [said]:
            own = self._table(one if isinstance(one, Mapping) else {"alias": one}, path)
            self._check_keys(own, ("alias", "case", "kind"), path)
            alias = self._text(own.get("alias"), path)
            line = self._lines.of(path, alias)
            case = self._text(own.get("case", shared.get("case", DEFAULT_CASE)), path)
            kind = str(own.get("kind", shared.get("kind", "")))
            where = f"{self._file}:{line}: {'.'.join(path)}"
            yield _alias(Alias(dimension, value, self._file, line, alias, cast("Case", case), kind), where)

    def _gazetteer(self, dimension: str, named: Path, path: _Path) -> Iterator[Entry]:
        file = self._file.parent / named.expanduser()
        try:
            data = file.read_bytes()
        except OSError as error:
            raise self._error(path, f"{file} cannot be read ({error.strerror})") from error
        self._files.append(file)
        self._digest.update(b"\0" + data)
        return _rows(dimension, file, data)

    # Checks

    def _check_dimension(self, name: str) -> None:
        path = ("dimensions", name)
        if name in ENTITY_DIMENSIONS:
            raise self._error(path, f"every index has {name}; write [{name}.values] to add values to it")
        if not _DIMENSION.fullmatch(name) or name in {*METADATA_DIMENSIONS, *_NOT_DIMENSIONS}:
            raise self._error(path, "choose another name: small letters, digits, '-' and '_', and none that is taken")

    def _check_keys(self, given: _Table, known: Sequence[str], path: _Path) -> None:
        for name in given:
            if name not in known:
                raise self._error((*path, name), f"unknown key; known are {', '.join(known)}")

    def _table(self, given: object, path: _Path) -> _Table:
        if not isinstance(given, Mapping):
            raise self._error(path, "has to be a table")
        return given

    def _text(self, given: object, path: _Path) -> str:
        if not isinstance(given, str) or not given.strip():
            raise self._error(path, "has to be a string that is not empty" if given is not None else "is missing")
        return given

    def _texts(self, given: object, path: _Path) -> tuple[str, ...]:
        """A string, or a list of strings."""
        found = given if isinstance(given, list) else [given]
        if not found:
            raise self._error(path, "the list is empty: name something, or take the line out")
        return tuple(self._text(one, path) for one in found)

    def _error(self, path: _Path, what: str) -> UsageError:
        return UsageError(f"{self._file}:{self._lines.of(path)}: {'.'.join(path)}: {what}")


def _alias(alias: Alias, where: str) -> Alias:
    """The alias, checked; `where` says what stands before an error."""
    if alias.case not in get_args(Case):
        raise UsageError(f"{where}: the case is {alias.case!r}; use one of {', '.join(get_args(Case))}")
    if not Tokens(alias.alias).words or set(alias.alias) & set("\t\n\f"):
        raise UsageError(f"{where}: the alias {alias.alias!r} has no word in it, or more than one line")
    return alias


def _rows(dimension: str, file: Path, data: bytes) -> Iterator[Entry]:
    """The values of a table with the column `label` and perhaps others: `aliases` are joined by `;`."""
    try:
        rows = csv.DictReader(data.decode("utf-8-sig").splitlines(), strict=True)
        columns = rows.fieldnames or ()
        if "label" not in columns or not set(columns) <= set(_COLUMNS):
            raise UsageError(
                f"{file}:1: the columns are {','.join(columns)}; there may be {','.join(_COLUMNS)}, and must be label"
            )
        for row in rows:
            where = f"{file}:{rows.line_num}"
            if None in row:
                raise UsageError(f"{where}: the row has more fields than the first line; quote those with commas")
            key, label, parent, aliases, case, kind = ((row.get(name) or "").strip() for name in _COLUMNS)
            if not label:
                raise UsageError(f"{where}: the label is empty")
            at = dimension, key or label, file, rows.line_num
            yield Define(*at, label, parent or None)
            for alias in [one.strip() for one in aliases.split(";") if one.strip()] or [label]:
                yield _alias(Alias(*at, alias, cast("Case", case or DEFAULT_CASE), kind), where)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file}: is not a CSV table in UTF-8 ({error})") from error
