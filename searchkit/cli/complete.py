"""Completion of dimension names and values in a shell.

Runs in a process of its own at every press of the tab key: whatever goes wrong, the answer is that nothing is offered.
"""

# ruff: noqa: PLC0415 - the index is opened only where a value is to be completed

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from searchkit.cli.dimensions import BUILT_IN, dimension_name
from searchkit.errors import SearchkitError
from searchkit.terminal import safe

if TYPE_CHECKING:
    from searchkit.model import Value

#: More than this is no help to anyone.
_MOST: Final = 50
_Offer = list[tuple[str, str]]


def dimensions(incomplete: str) -> list[str]:
    """The dimensions that begin with `incomplete`."""
    return [name for name in BUILT_IN if name.startswith(incomplete.casefold())]


def values_of(dimension: str) -> Callable[..., _Offer]:
    """A completer of the values of `dimension`: ids or labels, with the labels as explanation."""

    def complete(ctx: Any, incomplete: str) -> _Offer:  # noqa: ANN401 - Typer finds the context by its name
        return list(_matching(ctx.params.get("index"), dimension, incomplete))

    return complete


def pairs(ctx: Any, incomplete: str) -> _Offer:  # noqa: ANN401 - as above
    """Completions of DIM=VALUE: the dimension first, then its values."""
    dimension, given, start = incomplete.partition("=")
    if not given:
        return [(f"{name}=", "") for name in dimensions(incomplete)]
    found = _matching(ctx.params.get("index"), dimension_name(dimension), start)
    return [(f"{dimension}={value}", label) for value, label in found]


def _matching(index: Path | None, dimension: str, start: str) -> Iterator[tuple[str, str]]:
    from searchkit.cli.opening import opened

    offered = 0
    try:
        with opened(index) as engine:
            for value in engine.values(dimension):
                completed = _completed(value, start)
                if completed is not None and offered < _MOST:
                    offered += 1
                    yield completed, safe(value.label)
    except (SearchkitError, OSError):
        return


def _completed(value: Value, start: str) -> str | None:
    """The name of `value` that goes on from `start`: its id, else its label, with what was typed as it was typed.

    (Typer drops what does not begin so. A label with spaces would need quoting, which not every shell does.)
    """
    for name in (value.id, value.label):
        if name.casefold().startswith(start.casefold()) and " " not in name and safe(name) == name:
            return start + name[len(start) :]
    return None
