"""The active filters as chips above the results: seen at one glance, removed by a click or a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from searchkit.terminal import safe
from searchkit.tui.bindings import bindings
from searchkit.tui.paint import clip, line
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Chip:
    """One active filter."""

    dimension: str
    id: str
    label: str
    excludes: bool


class Chips(Widget, can_focus=True):
    """One line of chips; with the keys here, the chip under the cursor can be removed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("chips")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        *(f"{name}-chip" for name in DIMENSION_STYLES),
        "sk--muted",
        "sk--cursor",
        "sk--excluded",
    }

    cursor: reactive[int] = reactive(0)

    class Removed(Message):
        """A filter is to go."""

        def __init__(self, chip: Chip) -> None:
            super().__init__()
            self.chip = chip

    def __init__(self) -> None:
        super().__init__(id="chips")
        self.chips: tuple[Chip, ...] = ()
        self.all_of: tuple[str, ...] = ()
        self._places: list[tuple[int, int]] = []

    def show(self, chips: tuple[Chip, ...], all_of: tuple[str, ...]) -> None:
        """Show these filters; with none, the line is gone."""
        if (chips, all_of) == (self.chips, self.all_of):
            return
        self.chips, self.all_of = chips, all_of
        self.cursor = min(max(self.cursor, 0), max(len(chips) - 1, 0))
        self.set_class(bool(chips), "-some")
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The chips that fit; the one under the cursor always does."""
        width, base = self.size.width, self.rich_style
        if y:
            return Strip.blank(width, base)
        muted = base + self.get_component_rich_style("sk--muted", partial=True)
        parts = [(" ", base)]
        self._places = []
        used, previous = 1, ""
        room = 20 if len(self.chips) > 3 or width < 100 else 32
        for at, chip in enumerate(self.chips):
            alone = previous != chip.dimension or chip.excludes or not chip.id  # a period narrows whatever year is kept
            joint = "" if not previous else " " if alone else self._joint(chip)
            text = f" {'not ' if chip.excludes else ''}{clip(safe(chip.label), room)} ✕ "
            size = cell_len(text)
            if used + len(joint) + size > width - 4 and at > 0:
                parts.append((f" +{len(self.chips) - at}", muted))
                break
            name = dimension_style(chip.dimension)
            style = base + self._style(name) + self._style(f"{name}-chip")
            if chip.excludes:
                style += self._style("sk--excluded")
            if self.has_focus and at == self.cursor:
                style += self._style("sk--cursor")
            parts += [(joint, muted), (text, style)]
            used += len(joint)
            self._places.append((used, used + size))
            used += size
            previous = chip.dimension
        return line(parts, width, base)

    def _joint(self, chip: Chip) -> str:
        return " and " if chip.dimension in self.all_of else " or "

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def action_move(self, step: int) -> None:
        """Move along the chips."""
        self.cursor = min(max(self.cursor + step, 0), max(len(self.chips) - 1, 0))

    def action_remove(self) -> None:
        """Remove the filter under the cursor."""
        if self.cursor < len(self.chips):
            self.post_message(self.Removed(self.chips[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """A click on a chip removes it."""
        for at, (start, end) in enumerate(self._places):
            if start <= event.x < end:
                self.cursor = at
                self.action_remove()
                return
