"""Changing the curation file for the user: one decision at a time, checked before it is written, undone if wanted.

Comments, order and spacing of what is there stay (tomlkit knows them); the file is replaced whole or not at all. Values
may be named by id or label; ids are never ambiguous.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from searchkit.entities.curation_file import parse
from searchkit.errors import UsageError

# Containers of tomllib and of tomlkit alike.
_Table: TypeAlias = MutableMapping[str, Any]

_NEW: Final = (
    "# What is decided here about people, countries and weapons holds for every search; see `searchkit status`.\n"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that was made to a file: what it held before (None: it was not there), and what it holds since."""

    file: Path
    before: bytes | None
    after: bytes

    def undo(self) -> None:
        """Put the file back as it was. `UsageError` where something else has changed it since."""
        if _read(self.file) != self.after:
            raise UsageError(f"{self.file} was changed since; take the entry out by hand")
        if self.before is None:
            self.file.unlink()
        else:
            _replace(self.file, self.before)


def merge(file: Path, dimension: str, values: Sequence[str], into: str) -> Edit:
    """Make several values one. What was merged into `values` before goes with them."""

    def change(tables: _Table) -> None:
        _extend(_within(tables, dimension, "merge"), into, values)

    return _edit(file, change)


def rename(file: Path, dimension: str, value: str, label: str) -> Edit:
    """Give a value another label."""

    def change(tables: _Table) -> None:
        _within(tables, dimension, "rename")[value] = label

    return _edit(file, change)


def reject(file: Path, dimension: str, value: str, forms: Sequence[str] = ()) -> Edit:
    """Say that there is no such value, or none where it is written in one of `forms`."""

    def change(tables: _Table) -> None:
        rejected = _within(tables, dimension, "reject")
        if not forms:
            rejected[value] = True
        elif rejected.get(value) is not True:
            _extend(rejected, value, forms)

    return _edit(file, change)


def add_alias(file: Path, dimension: str, value: str, alias: str) -> Edit:
    """Let a value also be found where it is written so."""

    def change(tables: _Table) -> None:
        _extend(_within(tables, dimension, "aliases"), value, [alias])

    return _edit(file, change)


def _extend(table: _Table, name: str, added: Sequence[str]) -> None:
    """Add strings to the list that a key has: a string alone is one, and a table has its list under `forms`."""
    said = table.get(name, [])
    if isinstance(said, MutableMapping):
        _extend(said, "forms", added)
        return
    if name not in table or not isinstance(said, list):
        table[name] = said if isinstance(said, list) else [said]
    for one in added:
        if one not in table[name]:  # what a document of tomlkit holds is its own copy
            table[name].append(one)


def _within(tables: _Table, dimension: str, kind: str) -> _Table:
    """The table `[dimension.kind]`, made where there is none."""
    if dimension not in tables:
        tables[dimension] = _empty(tables, is_super_table=True)
    if kind not in tables[dimension]:
        tables[dimension][kind] = _empty(tables)
    inner: _Table = tables[dimension][kind]
    return inner


def _empty(tables: _Table, *, is_super_table: bool = False) -> _Table:
    if type(tables) is dict:
        return {}
    import tomlkit  # noqa: PLC0415 - 25 ms, for those who edit

    return tomlkit.table(is_super_table=is_super_table)


def _edit(file: Path, change: Callable[[_Table], None]) -> Edit:
    """Apply `change` to the file. `UsageError` where the file is wrong before, or would be after; then it stays."""
    import tomlkit  # noqa: PLC0415 - as above

    before = _read(file)
    old = _NEW if before is None else before.decode("utf-8-sig")
    if before is not None:
        parse(file, before)
    wanted, document = tomllib.loads(old), tomlkit.parse(old)
    change(wanted)
    change(document)
    after = tomlkit.dumps(document).encode()
    if tomllib.loads(after.decode()) != wanted:
        raise UsageError(f"{file} is laid out in a way that cannot be edited here; write the entry by hand")
    parse(file, after)
    _replace(file, after)
    return Edit(file, before, after)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error


def _replace(file: Path, data: bytes) -> None:
    """Put `data` in place of the file's, so that whoever reads it sees the one or the other, and durably."""
    target = Path(os.path.realpath(file))  # a link stays one
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as out:
            temporary = Path(out.name)
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
            temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error
