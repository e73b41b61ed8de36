"""The queries that `batch` reads: lines of text, CSV rows or JSON lines, all as `Row` or, with the reason, `BadRow`."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from searchkit.cli import messages
from searchkit.cli.filters import Filters
from searchkit.errors import InputError, UsageError
from searchkit.model import Scope

#: Columns (CSV) and keys (JSONL) that hold several values, and the filter that each fills.
_LISTS: Final = ("person", "country", "weapon", "not_person", "not_country", "not_weapon", "source")
#: Those that hold one, likewise.
_SINGLE: Final = {"from": "from_", "to": "to", "scope": "scope"}
_KNOWN: Final = frozenset((*_LISTS, *_SINGLE, "id", "query", "limit"))


@dataclass(frozen=True, slots=True)
class Row:
    """One query with its own filters. `place` names it in messages; `limit` is None where the row gives none."""

    id: str | int
    place: str
    query: str
    filters: Filters = Filters()  # noqa: RUF009 - frozen, so it can be shared
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be asked, and why."""

    id: str | int
    place: str
    reason: str
    query: str | None = None


#: Gives the rows of a text; the name of its file is for messages.
Reader = Callable[[str, str], Iterator[Row | BadRow]]


def reader_of(source: str) -> Reader:
    """What reads such a file, by its suffix; `-` is standard input, a query a line. `UsageError` for another one."""
    reader = _READERS.get(".txt" if source == "-" else Path(source).suffix.lower())
    if reader is None:
        raise UsageError(f"{source}: batch reads .txt, .csv and .jsonl files, or - for lines of standard input")
    return reader


def read_rows(source: str) -> list[Row | BadRow]:
    """The queries of a file or of standard input; `InputError` where it is not there or is not UTF-8 text."""
    reader = reader_of(source)
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{source}:{line}: not UTF-8; save the file in that encoding") from error
    return list(reader("standard input" if source == "-" else source, text))


def _lines(name: str, text: str) -> Iterator[Row | BadRow]:
    """A query a line. Empty lines ask nothing, but count."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip():
            yield Row(id=number, place=f"{name}:{number}", query=line.removesuffix("\n"))


def _csv(name: str, text: str) -> Iterator[Row | BadRow]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="")
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    reader.fieldnames = columns
    if columns and _KNOWN.isdisjoint(columns):  # or each line would ask for everything
        raise InputError(f"{name}: its first line names no column of queries; write `query`, or several with commas")
    _note_unknown(name, columns)
    number = 0
    while True:
        number += 1
        place = f"{name}:{reader.line_num + 1}"
        try:
            cells: dict[str, object] = dict(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(id=number, place=place, reason=f"not CSV ({error})")
            continue
        if "" in cells:
            yield BadRow(id=str(cells.get("id") or number), place=place, reason="more cells than columns")
            continue
        yield _row({key: value for key, value in cells.items() if value}, number, place)


def _jsonl(name: str, text: str) -> Iterator[Row | BadRow]:
    named: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BadRow(id=number, place=place, reason=f"not JSON ({error})")
            continue
        if not isinstance(record, dict):
            yield BadRow(id=number, place=place, reason="not a JSON object")
            continue
        _note_unknown(name, [key for key in record if key not in named])
        named.update(record)
        yield _row({key: value for key, value in record.items() if value is not None}, number, place)


_READERS: Final[dict[str, Reader]] = {
    ".txt": _lines, ".csv": _csv, ".jsonl": _jsonl,
}  # fmt: skip


def _row(record: Mapping[str, object], number: int, place: str) -> Row | BadRow:
    """The row that a record describes; absent keys are absent filters."""
    given = record.get("id", number)
    identity = given if isinstance(given, str | int) else str(given)
    query = record.get("query", "")
    try:
        return _checked(identity, place, query, record)
    except UsageError as error:
        return BadRow(identity, place, str(error), query if isinstance(query, str) else None)


def _checked(identity: str | int, place: str, query: object, record: Mapping[str, object]) -> Row:
    """The row, or `UsageError` for a value of the wrong kind."""
    if not isinstance(query, str):
        raise UsageError("'query' is not a string")
    filters: dict[str, object] = {key: _several(key, record[key]) for key in _LISTS if key in record}
    filters |= {name: _one(key, record[key]) for key, name in _SINGLE.items() if key in record}
    if filters.get("scope", "paragraph") not in get_args(Scope):
        raise UsageError(f"'scope' is {' or '.join(get_args(Scope))}, not '{filters['scope']}'")
    chosen = Filters(**filters)  # type: ignore[arg-type] # the names are the fields, the kinds were checked
    return Row(identity, place, query, chosen, _limit(record.get("limit")))


def _several(key: str, value: object) -> list[str]:
    """The values of a cell (joined by `;`) or of a list."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise UsageError(f"'{key}' is neither a string nor a list of strings")


def _one(key: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UsageError(f"'{key}' is not a string")
    return str(value).strip()


def _limit(value: object) -> int | None:
    if value is None:
        return None
    try:
        number = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else -1
    except ValueError:
        number = -1
    if number < 0:
        raise UsageError(f"'limit' is not a number of hits: {value}")
    return number


def _note_unknown(name: str, keys: list[str]) -> None:
    unknown = [key for key in keys if key not in _KNOWN]
    if unknown:
        messages.note(f"{name}: not a filter, so ignored: {', '.join(unknown)}")
