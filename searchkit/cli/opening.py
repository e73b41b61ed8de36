"""Opening the index that a command asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from searchkit import config
from searchkit.cli.dimensions import BUILT_IN
from searchkit.errors import IndexStateError, UsageError
from searchkit.kernels import dispatch
from searchkit.search.engine import Engine
from searchkit.search.local import LocalEngine


def open_engine(directory: Path, curation_file: Path | None = None) -> Engine:
    """The engine over the index in `directory`. `NoIndexError`, `DamagedIndexError`, `FormatError`, `UsageError`."""
    return LocalEngine.open(directory, curation_file=curation_file)


@contextmanager
def opened(option: Path | None, *, dimensions: Iterable[str] = (), many: bool = False) -> Iterator[Engine]:
    """The engine over the index that `option` (`--index`) and its defaults name, closed afterwards.

    For a single question the numpy twins of the kernels answer sooner than the compiled ones could be loaded; with
    `many` the compiled ones are worth their start.

    `dimensions` are those that the command names: one that is unknown is reported (`UsageError`) before anything that
    is wrong with the index; of an index that cannot be opened, only the built-in dimensions can be known.
    """
    dispatch.use(compiled=many)
    try:
        engine = open_engine(config.index_directory(option), config.curation_file(option))
    except IndexStateError:
        check_dimensions(dimensions, BUILT_IN)
        raise
    try:
        check_dimensions(dimensions, engine.dimensions)
        yield engine
    finally:
        engine.close()


def check_dimensions(named: Iterable[str], known: tuple[str, ...]) -> None:
    """Raise `UsageError` for the first of `named` that is not `known`."""
    for name in named:
        if name not in known:
            raise UsageError(f"no dimension is called '{name}'; there are {', '.join(known)}")
