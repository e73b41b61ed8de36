"""Where the index is and what goes into it: the command line, the environment, `searchkit.toml`, defaults.

`searchkit.toml` is looked for in the working directory and in the folders above it. Its keys:

    index = "index"            # the index directory
    paths = ["seeds", "more"]  # what `index` and `rebuild` read when they are given no path
    curation = "facets.toml"   # the curation file of that index, where it is not beside it
    keys = { include = "i" }   # other keys for actions of the terminal UI, by the names in its table `keys.csv`

Relative paths in the file are relative to the file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from searchkit.errors import UsageError

#: The name of the configuration file.
FILE_NAME: Final = "searchkit.toml"
#: The environment variable that names the index directory.
INDEX_VARIABLE: Final = "SEARCHKIT_INDEX"
#: The index directory where nothing else is said.
DEFAULT_INDEX: Final = Path("index")


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says; an absent key is None or empty. `file` is None where there is no file."""

    index: Path | None = None
    paths: tuple[Path, ...] = ()
    curation: Path | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None


def load(folder: Path | None = None) -> Config:
    """Read the `searchkit.toml` nearest to `folder` (the working directory), upwards.

    `UsageError` where it cannot be read, is not TOML, or has a key or a value that means nothing here.
    """
    start = Path.cwd() if folder is None else folder.absolute()
    for candidate in (start, *start.parents):
        file = candidate / FILE_NAME
        if file.is_file():
            return _read(file)
    return Config()


def index_directory(option: Path | None, config: Config | None = None) -> Path:
    """The index directory: `option` (`--index`), else `$SEARCHKIT_INDEX`, else the configuration's, else `./index`.

    The configuration file is read only where it is needed, unless `config` is given.
    """
    if option is not None:
        return option
    variable = os.environ.get(INDEX_VARIABLE)
    if variable:
        return Path(variable)
    return (load() if config is None else config).index or DEFAULT_INDEX


def curation_file(option: Path | None, config: Config | None = None) -> Path | None:
    """The curation file that the configuration names for its index; None where that is not the index that is meant."""
    if option is not None or os.environ.get(INDEX_VARIABLE):
        return None
    return (load() if config is None else config).curation


def _read(file: Path) -> Config:
    import tomllib  # noqa: PLC0415 - takes 10 ms, and most runs have no configuration file

    try:
        table: dict[str, object] = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # TOML and UTF-8 alike
        raise UsageError(f"{file}: {error}") from error
    index, paths, keys = table.pop("index", None), table.pop("paths", []), table.pop("keys", {})
    curation = table.pop("curation", None)
    if table:
        raise UsageError(
            f"{file}: unknown key '{next(iter(table))}'; known are 'index', 'paths', 'curation' and 'keys'"
        )
    if index is not None and (not isinstance(index, str) or not index):
        raise UsageError(f"{file}: 'index' must be the path of a folder, as a string")
    if curation is not None and (not isinstance(curation, str) or not curation):
        raise UsageError(f"{file}: 'curation' must be the path of a file, as a string")
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        raise UsageError(f"{file}: 'paths' must be a list of paths, as strings")
    if not isinstance(keys, dict) or not all(isinstance(key, str) and key for key in keys.values()):
        raise UsageError(f"{file}: 'keys' must be a table of actions and their keys, as strings")
    return Config(
        keys=keys,
        curation=None if curation is None else _beside(file, curation),
        index=None if index is None else _beside(file, index),
        paths=tuple(_beside(file, path) for path in paths),
        file=file,
    )


def _beside(file: Path, path: str) -> Path:
    """`path` as the file means it; kept relative where the file lies in the working directory, for short messages."""
    folder = file.parent
    return Path(path).expanduser() if folder == Path.cwd() else folder / Path(path).expanduser()
