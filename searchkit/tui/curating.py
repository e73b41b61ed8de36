"""Decisions about a value from the facets: an edit of the curation file that can be taken back and made again."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import partial
from typing import TYPE_CHECKING, Literal

from searchkit.errors import UsageError
from searchkit.tui.names import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from searchkit.entities.curation_edit import Edit
    from searchkit.model import Value

Kind = Literal["merge", "rename", "reject"]


class Decision:
    """One edit; `said` tells of it."""

    def __init__(self, make: Callable[[], Edit], said: str) -> None:
        self._make = make
        self._edit: Edit | None = None
        self.said = said

    def do(self) -> None:
        """Make the edit. `UsageError` where the file is wrong, or would be."""
        self._edit = self._make()

    def undo(self) -> None:
        """Put the file back. `UsageError` where something else has changed it since."""
        if self._edit is not None:
            self._edit.undo()


def decision(kind: Kind, file: Path, dimension: str, value: str, *, name: str, known: Sequence[Value]) -> Decision:
    """The decision about the value with the id `value`: merged into the one named `name`, called so, or rejected.

    `known` are the values of the dimension. `UsageError` where `name` names none of them, or the value itself.
    """
    from searchkit.entities import curation_edit  # noqa: PLC0415 - most never edit, and it loads the tables of names

    own = _written(value, known)
    label = next((each.label for each in known if each.id == value), value)
    if kind == "reject":
        return Decision(partial(curation_edit.reject, file, dimension, own), f"No {label} any more.")
    if kind == "rename":
        return Decision(partial(curation_edit.rename, file, dimension, own, name), f"{label} is {name} now.")
    into = [each for each in known if name == each.id or folded(name) == folded(each.label)]
    if len(into) != 1:
        raise UsageError(f"{len(into) or 'no'} {dimension} are called {name!r}: write a name from the list")
    if into[0].id == value:
        raise UsageError(f"{label} is already itself: write another name")
    merged = partial(curation_edit.merge, file, dimension, [own], _written(into[0].id, known))
    return Decision(merged, f"{label} is {into[0].label} now.")


def _written(value: str, known: Sequence[Value]) -> str:
    """How the file names a value: by its label, which people can read, unless two have it."""
    label = next((each.label for each in known if each.id == value), value)
    return label if sum(folded(each.label) == folded(label) for each in known) == 1 else value


def alike(label: str, others: Iterable[str]) -> str:
    """The other label that is most like this one, as a guess at what it is merged into; empty where none is like it."""
    words = set(folded(label).split())

    def likeness(other: str) -> tuple[int, float]:
        return len(words & set(folded(other).split())), SequenceMatcher(None, folded(label), folded(other)).ratio()

    best = max((other for other in others if other != label), key=likeness, default="")
    shared, ratio = likeness(best)
    return best if shared or ratio > 0.75 else ""
