"""The footer: the keys that matter where the focus is, as many as fit, the way to all others always among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.strip import Strip
from textual.widget import Widget

from searchkit.tui.bindings import ranks, shown_key
from searchkit.tui.paint import line

if TYPE_CHECKING:
    from textual import events
    from textual.binding import Binding
    from textual.screen import Screen


class KeyBar(Widget):
    """One line of keys. A click on one is as good as the key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--key", "sk--muted", "sk--off"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="keybar")
        self._places: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Keep up with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        del screen
        self.refresh()

    def _shown(self) -> list[tuple[Binding, bool]]:
        order = ranks()
        seen: dict[str, tuple[Binding, bool]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id in order and binding.id not in seen:
                seen[binding.id] = (binding, active.enabled)
        # What belongs to the pane comes first, then what works everywhere; help stands last and always fits.
        return sorted(seen.values(), key=lambda each: order[each[0].id or ""] if each[0].id != "help" else 99)

    def render_line(self, y: int) -> Strip:
        """The keys, in the table's order."""
        width, base = self.size.width, self.rich_style
        if y:
            return Strip.blank(width, base)
        key_style = base + self.get_component_rich_style("sk--key", partial=True)
        text_style = base + self.get_component_rich_style("sk--muted", partial=True)
        off = base + self.get_component_rich_style("sk--off", partial=True)
        shown = self._shown()
        sizes = [cell_len(f" {_key(binding)} {binding.description} ") for binding, _ in shown]
        last = sizes[-1] if shown and shown[-1][0].id == "help" else 0
        self._places = []
        parts, used = [], 0
        for (binding, enabled), size in zip(shown, sizes, strict=True):
            if used + size > width - (last if binding.id != "help" else 0):
                continue
            parts += [(f" {_key(binding)} ", key_style if enabled else off)]
            parts += [(f"{binding.description} ", text_style if enabled else off)]
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
