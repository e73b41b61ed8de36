"""The footer: the keys that matter where the focus is, as many as fit, the way to all others always among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from searchkit.tui.bindings import is_typed, ranks, shown_key
from searchkit.tui.paint import line

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.screen import Screen


class KeyBar(Widget):
    """One line of keys. A click on one is as good as the key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--key", "sk--muted"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="keybar")
        self._places: list[tuple[int, int, str]] = []
        self._last: list[Binding] = []

    def on_mount(self) -> None:
        """Keep up with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        del screen
        shown = self._shown()
        if shown != self._last:
            self._last = shown
            self.refresh()

    def _shown(self) -> list[Binding]:
        """What can be done now: the pane's keys, then those that work everywhere, help last."""
        order = ranks()
        typing = isinstance(self.screen.focused, Input)
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id in order and active.enabled and not (typing and is_typed(binding.key)):
                shown.setdefault(binding.id, binding)
        return sorted(shown.values(), key=lambda binding: order[binding.id or ""])

    def render_line(self, y: int) -> Strip:
        """As many keys as fit, and always the last one, which leads to all others."""
        width, base = self.size.width, self.rich_style
        if y:
            return Strip.blank(width, base)
        key_style = base + self.get_component_rich_style("sk--key", partial=True)
        text_style = base + self.get_component_rich_style("sk--muted", partial=True)
        shown = self._last = self._shown()
        sizes = [cell_len(f" {_key(binding)} {binding.description} ") for binding in shown]
        self._places = []
        parts, used = [], 0
        for at, (binding, size) in enumerate(zip(shown, sizes, strict=True)):
            if used + size <= width - (sizes[-1] if at < len(shown) - 1 else 0):
                parts += [(f" {_key(binding)} ", key_style), (f"{binding.description} ", text_style)]
                self._places.append((used, used + size, binding.key))
                used += size
        return line(parts, width, base)

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        for start, end, key in self._places:
            if start <= event.x < end:
                self.app.simulate_key(key)


def _key(binding: Binding) -> str:
    return binding.key_display or shown_key(binding.key)
