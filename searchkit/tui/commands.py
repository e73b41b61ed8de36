"""The command palette: every action of the table of keys, with its key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from searchkit.tui.bindings import PANES, Action, HasActions, actions, shown_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget


@runtime_checkable
class HasPanes(Protocol):
    """A screen that knows which widget an action of the table belongs to."""

    def pane_of(self, pane: str) -> Widget | None:
        """The widget of a pane of the table; None for what the program does as a whole."""


class ActionProvider(Provider):
    """Offers the table's actions; one of a pane is done in that pane."""

    def _offered(self) -> Iterator[tuple[Action, str, str]]:
        app = self.app
        for action in app.known_actions if isinstance(app, HasActions) else actions():
            if action.id == "palette":
                continue
            where = "" if action.pane in ("browse", "app") else f" ({PANES[action.pane].lower()})"
            keys = " ".join(shown_key(key) for key in action.keys)
            yield action, f"{action.label} [{keys}]", (action.help or action.label) + where

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for action, name, text in self._offered():
            yield DiscoveryHit(Content(name), partial(self._run, action), text=name, help=text)

    async def search(self, query: str) -> Hits:
        """What the letters match, in label or help."""
        matcher = self.matcher(query)
        for action, name, text in self._offered():
            score = max(matcher.match(name), 0.8 * matcher.match(text))
            if score > 0:
                yield Hit(score, Content(name), partial(self._run, action), text=name, help=text)

    async def _run(self, action: Action) -> None:
        screen = self.screen
        target = screen.pane_of(action.pane) if isinstance(screen, HasPanes) else None
        if target is not None and target.focusable:
            target.focus()
        await self.app.run_action(action.action, default_namespace=target or self.app)
