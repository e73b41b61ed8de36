"""The one table of keys: footer, help screen and command palette are three views of `keys.csv`.

A row has the pane it works in, an id (which a key map may use), the keys, Textual's action, a short label, a rank in
the footer (empty: not there) and one sentence of help.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from textual.binding import Binding
from textual.keys import format_key

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The panes of the table and what they are called in the help.
PANES: Final = {
    "browse": "Everywhere",
    "search": "In the search box",
    "facet": "In a facet",
    "results": "In the results",
    "preview": "In the preview",
    "hit": "In results and preview",
    "chips": "In the active filters",
    "timeline": "In the timeline",
    "list": "In every list",
    "app": "The program",
}
#: Whose rows work in a pane besides its own.
SHARED: Final = {"facet": ("list",), "results": ("hit", "list"), "preview": ("hit", "list")}
#: These move the focus (or end the program): the next key must find it moved already, so they do not wait in the queue
#: of the widget that has it. Boxes keep the letters among them.
AT_ONCE: Final = frozenset({"quit-anywhere", "search", "search-open", "back"})


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the table: what can be done, where, and with which keys."""

    pane: str
    id: str
    keys: tuple[str, ...]
    action: str
    label: str
    rank: int | None
    help: str

    @property
    def binding(self) -> Binding:
        """The row as Textual wants it."""
        return Binding(
            ",".join(self.keys),
            self.action,
            self.label,
            show=self.rank is not None,
            key_display=shown_key(self.keys[0]),
            tooltip=self.help,
            id=self.id,
            priority=self.id in AT_ONCE,
        )


@cache
def actions() -> tuple[Action, ...]:
    """All rows, in the table's order."""
    text = files(__package__).joinpath("keys.csv").read_text("utf-8")
    return tuple(
        Action(
            row["pane"],
            row["id"],
            tuple(row["keys"].split(",")),
            row["action"],
            row["label"],
            int(row["footer"]) if row["footer"] else None,
            row["help"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@runtime_checkable
class HasActions(Protocol):
    """An application that knows its actions with the keys they have now."""

    known_actions: tuple[Action, ...]


def rows_of(pane: str) -> tuple[str, ...]:
    """The pane of the table, and those whose rows work in it too."""
    return (pane, *SHARED.get(pane, ()))


def bindings(*panes: str) -> list[Binding]:
    """The bindings of these panes, for a class's `BINDINGS`."""
    return [action.binding for action in actions() if action.pane in panes]


@cache
def ranks() -> dict[str, int]:
    """Of each id that the footer shows, its place there."""
    return {action.id: action.rank for action in actions() if action.rank is not None}


def read_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """A key map as Textual wants it (`?` is `question_mark`), and what is wrong with it: unknown actions, clashes."""
    known = {action.id for action in actions()}
    read = {
        name: ",".join(binding.key for binding in Binding.make_bindings([Binding(keys.strip(), "")]))
        for name, keys in keymap.items()
        if name in known
    }
    wrong = [f"there is no action {name}" for name in keymap if name not in known]
    wrong += [f"{shown_key(key)} is for {' and '.join(ids)}" for key, ids in clashes(read)]
    return read, wrong


def mapped(keymap: Mapping[str, str]) -> tuple[Action, ...]:
    """All rows with the keys that a key map gives them."""
    return tuple(
        replace(action, keys=tuple(keymap[action.id].split(","))) if action.id in keymap else action
        for action in actions()
    )


def clashes(keymap: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Keys that a key map gives to two actions which work at the same place, each with the ids."""
    found: dict[str, set[str]] = {}
    for pane in ("search", "facet", "results", "preview", "chips", "timeline"):
        here = [action for action in actions() if action.pane in (*rows_of(pane), "browse", "app")]
        users: dict[str, list[str]] = {}
        for action in here:
            for key in keymap[action.id].split(",") if action.id in keymap else action.keys:
                users.setdefault(key.strip(), []).append(action.id)
        for key, ids in users.items():
            if len(ids) > 1 and any(each in keymap for each in ids):
                found.setdefault(key, set()).update(ids)
    return [(key, sorted(ids)) for key, ids in sorted(found.items())]


def shown_key(key: str) -> str:
    """A key as people write it: `?`, `ctrl+p`, `space`."""
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, _SHOWN.get(last, format_key(last))))


def is_typed(key: str) -> bool:
    """Whether a box to type in takes the key for a letter."""
    return "+" not in key and len(format_key(key)) == 1 and key not in _ARROWS


_ARROWS: Final = ("up", "down", "left", "right", "backspace", "enter", "tab", "escape")
_SHOWN: Final = {"space": "space", "escape": "esc", "enter": "enter", "backspace": "⌫", "delete": "del"}
