"""The timeline: a column for each year or month, as high as it has hits; it can be kept, dropped and gone into."""

from __future__ import annotations

from calendar import month_abbr
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from searchkit.tui.bindings import bindings
from searchkit.tui.paint import LEVELS, grouped, short, strip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType

    from searchkit.model import Facet

#: More columns than this say nothing: then only those with hits are there.
MOST = 240


@dataclass(frozen=True, slots=True)
class Column:
    """A year (`2024`) or a month (`2024-11`)."""

    id: str
    count: int = 0
    selected: bool = False
    excluded: bool = False

    @property
    def label(self) -> tuple[str, str]:
        """What stands below the column: where there is room for it, and where only some columns can have one."""
        year, _, month = self.id.partition("-")
        if not month:
            return year, year
        return (year if month == "01" else month_abbr[int(month)]), year if month == "01" else ""


def by_year(facet: Facet) -> list[Column]:
    """The years from the first to the last that has hits."""
    found = {
        int(value.id): Column(value.id, value.count, value.selected, value.excluded)
        for value in facet.values
        if value.id.isascii() and value.id.isdigit()
    }
    return [found.get(year, Column(f"{year:04}")) for year in _span(sorted(found))]


def by_month(counts: Mapping[str, int], first: str | None, last: str | None) -> list[Column]:
    """The months from the first to the last that has hits or is asked for; those from `first` to `last` are chosen."""
    chosen = [date[:7] for date in (first, last) if date and len(date) >= 7]
    places = sorted(int(month[:4]) * 12 + int(month[5:7]) - 1 for month in {*counts, *chosen})
    months = [f"{place // 12:04}-{place % 12 + 1:02}" for place in _span(places)]
    return [
        Column(month, counts.get(month, 0), bool(chosen) and (first or month) <= month <= (last or month))
        for month in months
    ]


def _span(places: Sequence[int]) -> Sequence[int]:
    span = range(places[0], places[-1] + 1) if places else range(0)
    return span if len(span) <= MOST else places


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

    class Chosen(Message):
        """Something is to be done with a column: kept, dropped, gone into, left for all years; or months for years."""

        def __init__(self, id: str, how: Literal["include", "exclude", "into", "out", "by"]) -> None:  # noqa: A002
            super().__init__()
            self.id = id
            self.how = how

    def __init__(self, number: int) -> None:
        super().__init__(id="timeline", classes="pane sk--year-pane -empty")
        self.columns: list[Column] = []
        self.renumber(number)

    def renumber(self, number: int) -> None:
        """Have this number among the panes."""
        self.number = number
        self._retitle()

    def _retitle(self) -> None:
        months = bool(self.columns) and "-" in self.columns[0].id
        self.border_title = Content(f"{self.number} {'Month' if months else 'Year'}")

    def show(self, columns: list[Column]) -> None:
        """Show these columns; a timeline comes with the first of them and then stays."""
        before = self.columns[self.cursor].id if self.cursor < len(self.columns) else ""
        near = [at for at, column in enumerate(columns) if column.id.startswith(before[:4])] if before else []
        self.columns = columns
        self.cursor = next((at for at, column in enumerate(columns) if column.id == before), near[0] if near else 0)
        self._retitle()
        self._say()
        self.set_class(not columns and self.has_class("-empty"), "-empty")
        self.refresh()

    def _columns(self) -> tuple[int, int, int]:
        """The first column shown, how many are, and the width of a column."""
        width = max(self.size.width - 2, 1)
        each = min(max(width // max(len(self.columns), 1), 1), 9)
        fits = max(width // each, 1)
        first = min(max(self.cursor - fits // 2, 0), max(len(self.columns) - fits, 0))
        return first, min(fits, len(self.columns) - first), each

    def render_line(self, y: int) -> Strip:
        """Lines of columns, the counts below them where there is room, and the labels."""
        width, base = self.size.width, self.rich_style
        first, count, each = self._columns()
        height = max(self.size.height - 1, 1)
        if counted := height > 2 and each >= 5:
            height -= 1
        top = max((column.count for column in self.columns), default=0) or 1
        segments = [Segment(" ", base)]
        label, skip = "", 0
        for at in range(first, first + count):
            column = self.columns[at]
            style = self._column_style(at, column, base)
            if y < height:
                eighths = max(round(column.count / top * 8 * height), 1 if column.count else 0) - 8 * (height - 1 - y)
                text = LEVELS[min(max(eighths, 0), 8)] * max(each - 1, 1)
                if not (column.selected or column.excluded) and not (self.has_focus and at == self.cursor):
                    style = base + self._style("sk--year-bar")
                segments += [Segment(text, style), Segment(" " * (each > 1), base)]
                continue
            if counted and y == height:
                segments.append(Segment(short(column.count, each - 1).ljust(each), base + self._style("sk--muted")))
                continue
            roomy, sparse = column.label
            if each >= 5:
                label = roomy
            elif skip <= 0 and sparse and (first + count - at) * each >= 5:
                label, skip = sparse, 5
            # A label that is wider than its column runs on under the next ones.
            segments.append(Segment(label[:each].ljust(each), style if each >= 5 else base + self._style("sk--muted")))
            label, skip = label[each:], skip - each
        return strip(segments, width, base)

    def _column_style(self, at: int, column: Column, base: Style) -> Style:
        style = base + self._style("sk--year" if column.count else "sk--muted")
        if column.selected:
            style += self._style("sk--chosen")
        if column.excluded:
            style += self._style("sk--excluded")
        if self.has_focus and at == self.cursor:
            style += self._style("sk--cursor")
        return style

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def watch_cursor(self) -> None:
        """Say what the column stands for."""
        self._say()

    def _say(self) -> None:
        if self.cursor < len(self.columns):
            column = self.columns[self.cursor]
            text = f"{column.id}: {grouped(column.count)}"
            self.tooltip = text
            self.border_subtitle = Content(text)
        else:
            self.border_subtitle = Content("")

    def action_move(self, step: int) -> None:
        """Move along the columns."""
        self.cursor = min(max(self.cursor + step, 0), max(len(self.columns) - 1, 0))

    def _choose(self, how: Literal["include", "exclude", "into"]) -> None:
        if self.cursor < len(self.columns):
            self.post_message(self.Chosen(self.columns[self.cursor].id, how))

    def action_include(self) -> None:
        """Keep the year, or let it go; stretch what is kept to the month."""
        self._choose("include")

    def action_exclude(self) -> None:
        """Drop the year, or let it go."""
        self._choose("exclude")

    def action_into(self) -> None:
        """The months of the year; the paragraphs of the month."""
        self._choose("into")

    def action_out(self) -> None:
        """All years again."""
        self.post_message(self.Chosen("", "out"))

    def action_by(self) -> None:
        """Months or years."""
        self.post_message(self.Chosen("", "by"))

    def on_click(self, event: events.Click) -> None:
        """A click keeps a column, with ctrl, shift or another button drops it; a second click goes into it."""
        first, _, each = self._columns()
        at = first + (event.x - 1) // each
        if 0 <= at < len(self.columns):
            self.cursor = at
            if event.chain > 1:
                self._choose("into")
            else:
                self._choose("exclude" if event.ctrl or event.shift or event.button != 1 else "include")
