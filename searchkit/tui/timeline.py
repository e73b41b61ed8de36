"""The timeline: a column for each year, as high as it has hits; a year can be kept or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from searchkit.tui.bindings import bindings
from searchkit.tui.facets import FacetRows, How, Row
from searchkit.tui.paint import LEVELS, grouped, strip

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.binding import BindingType

    from searchkit.model import Facet, FacetValue

#: Lines of columns above the line of years.
HEIGHT = 2


class Timeline(Widget, can_focus=True):
    """Columns over years; years between the first and the last that have no hits are shown, empty."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("timeline")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sk--year",
        "sk--year-bar",
        "sk--muted",
        "sk--cursor",
        "sk--excluded",
        "sk--chosen",
    }

    cursor: reactive[int] = reactive(0)

    def __init__(self, number: int) -> None:
        super().__init__(id="timeline", classes="pane sk--year-pane -empty")
        self.number = number
        self.border_title = Content(f"{number} Year")
        self.years: list[tuple[int, FacetValue | None]] = []

    def show(self, facet: Facet) -> None:
        """Show the counts of the years; a timeline comes with the first two years and then stays."""
        before = self.years[self.cursor][0] if self.cursor < len(self.years) else None
        found = {int(value.id): value for value in facet.values if value.id.isascii() and value.id.isdigit()}
        span = range(min(found), max(found) + 1) if found else range(0)
        # A stray date centuries away would squeeze the rest into nothing: then only years with hits have a column.
        years = span if len(span) <= 200 else sorted(found)
        self.years = [(year, found.get(year)) for year in years]
        self.cursor = next((at for at, (year, _) in enumerate(self.years) if year == before), 0)
        if len(self.years) > 1:
            self.remove_class("-empty")
        self.refresh()

    def _columns(self) -> tuple[int, int, int]:
        """The first year shown, how many are, and the width of a column."""
        width = max(self.size.width - 2, 1)
        each = min(max(width // max(len(self.years), 1), 1), 9)
        fits = max(width // each, 1)
        first = min(max(self.cursor - fits // 2, 0), max(len(self.years) - fits, 0))
        return first, min(fits, len(self.years) - first), each

    def render_line(self, y: int) -> Strip:
        """Two lines of columns, and the years below them."""
        width, base = self.size.width, self.rich_style
        first, count, each = self._columns()
        top = max((value.count for _, value in self.years if value), default=0) or 1
        segments = [Segment(" ", base)]
        label, skip = "", 0
        for at in range(first, first + count):
            year, value = self.years[at]
            style = self._column_style(at, value, base)
            if y < HEIGHT:
                share = value.count / top if value else 0.0
                eighths = max(round(share * 8 * HEIGHT), 1 if share else 0) - 8 * (HEIGHT - 1 - y)
                text = LEVELS[min(max(eighths, 0), 8)] * max(each - 1, 1)
                if not (value and (value.selected or value.excluded)) and not (self.has_focus and at == self.cursor):
                    style = base + self._style("sk--year-bar")
                segments += [Segment(text, style), Segment(" " * (each > 1), base)]
                continue
            if each >= 5:
                label = str(year)
            elif skip <= 0 and (first + count - at) * each >= 5:
                label, skip = str(year), 5
            # A year that is wider than its column runs on under the next ones.
            segments.append(Segment(label[:each].ljust(each), style if each >= 5 else base + self._style("sk--muted")))
            label, skip = label[each:], skip - each
        return strip(segments, width, base)

    def _column_style(self, at: int, value: FacetValue | None, base: Style) -> Style:
        style = base + self._style("sk--year" if value and value.count else "sk--muted")
        if value and value.selected:
            style += self._style("sk--chosen")
        if value and value.excluded:
            style += self._style("sk--excluded")
        if self.has_focus and at == self.cursor:
            style += self._style("sk--cursor")
        return style

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def watch_cursor(self) -> None:
        """Say what the column stands for."""
        if self.cursor < len(self.years):
            year, value = self.years[self.cursor]
            self.tooltip = f"{year}: {grouped(value.count if value else 0)}"

    def action_move(self, step: int) -> None:
        """Move along the years."""
        self.cursor = min(max(self.cursor + step, 0), max(len(self.years) - 1, 0))

    def _choose(self, how: How) -> None:
        if self.cursor < len(self.years):
            year, value = self.years[self.cursor]
            row = Row(str(year), str(year), value.count if value else 0)
            self.post_message(FacetRows.Chosen("year", row, how))

    def action_include(self) -> None:
        """Keep the year, or let it go."""
        self._choose("include")

    def action_exclude(self) -> None:
        """Drop the year, or let it go."""
        self._choose("exclude")

    def on_click(self, event: events.Click) -> None:
        """A click keeps the year."""
        first, _, each = self._columns()
        at = first + (event.x - 1) // each
        if 0 <= at < len(self.years):
            self.cursor = at
            self._choose("exclude" if event.ctrl or event.shift or event.button != 1 else "include")
