"""The tour: one step after another in a line over the keys; a step is done when what it tells of was done."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from textual.content import Content
from textual.widgets import Static

from searchkit.tui.bindings import HasActions, actions, shown_key


@dataclass(frozen=True, slots=True)
class Step:
    """What is told, and the fact by which it is known to be done (none: it waits for its key)."""

    when: str
    title: str
    text: str


@cache
def steps() -> tuple[Step, ...]:
    """All steps, in order."""
    text = files(__package__).joinpath("tour.csv").read_text("utf-8")
    return tuple(Step(row["when"], row["title"], row["text"]) for row in csv.DictReader(text.splitlines()))


class Tour(Static):
    """Shows the present step; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__("", id="tour", markup=False)
        self.at = -1

    @property
    def running(self) -> bool:
        """Whether a step is shown."""
        return self.at >= 0

    def start(self) -> None:
        """Show the first step."""
        self.at = 0
        self._show()

    def stop(self) -> None:
        """Show nothing more."""
        self.at = -1
        self._show()

    def next(self) -> None:
        """The next step; after the last, the end."""
        self.at = self.at + 1 if self.at + 1 < len(steps()) else -1
        self._show()

    def look(self, facts: set[str]) -> None:
        """Go on as far as what was done leads."""
        while self.running and steps()[self.at].when in facts:
            self.next()

    def _show(self) -> None:
        self.set_class(self.running, "-on")
        if not self.running:
            return
        app = self.app
        known = app.known_actions if isinstance(app, HasActions) else actions()
        keys = {action.id: shown_key(action.keys[0]) for action in known}
        step = steps()[self.at]
        self.border_title = Content(f"Tour {self.at + 1}/{len(steps())} · {step.title}")
        self.border_subtitle = Content(f"{keys['tour-next']} next · {keys['tour']} leaves")
        self.update(Content(step.text.format_map(keys)))
