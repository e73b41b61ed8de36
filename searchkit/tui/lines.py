"""Lists of any length: a scroll view that makes only the rows that are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from searchkit.tui.bindings import bindings
from searchkit.tui.scrolling import LineView

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class RowList(LineView, can_focus=True):
    """A list whose rows all have `row_height` lines and are painted when they come into view.

    A subclass says how many rows there are (`row_count`) and paints one (`paint`). `cursor` is the row under the
    cursor, -1 in an empty list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list")]
    ALLOW_SELECT = False

    cursor: reactive[int] = reactive(-1, repaint=False)

    class Moved(Message):
        """The cursor came to another row, or to another thing in the same row: then the list is `fresh`."""

        def __init__(self, rows: RowList, row: int, *, fresh: bool = False) -> None:
            super().__init__()
            self.fresh = fresh
            self.rows = rows
            self.row = row

        @property
        def control(self) -> RowList:
            """The list."""
            return self.rows

    def __init__(self, *, row_height: int = 1, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.row_height = row_height
        self._painted: LRUCache[tuple[int, int, bool, bool], list[Strip]] = LRUCache(512)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """The lines of one row, each `width` cells; `current` where the cursor is on it."""
        raise NotImplementedError

    @property
    def line_count(self) -> int:
        """The lines of all rows."""
        return self.row_count * self.row_height

    def rows_changed(self, *, cursor: int | None = None, top: bool = False) -> None:
        """Take note of new rows: forget what was painted, keep the cursor inside, measure again."""
        self._painted.clear()
        wanted = self.cursor if cursor is None else cursor
        if top:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.measure()
        self.cursor = min(max(wanted, 0), self.row_count - 1)

    def on_resize(self, event: events.Resize) -> None:
        """Measure again: the rows are as wide as the pane."""
        del event
        self._painted.clear()
        self.measure()
        self.show_cursor()

    def notify_style_update(self) -> None:
        """Paint again in the new colours."""
        super().notify_style_update()
        self._painted.clear()

    def line_at(self, at: int, width: int) -> Strip:
        """One line of a row."""
        row, part = divmod(at, self.row_height)
        if not 0 <= row < self.row_count:
            return Strip.blank(width, self.base)
        current = row == self.cursor
        key = (row, width, current, self.has_focus)
        lines = self._painted.get(key)
        if lines is None:
            lines = self._painted[key] = self.paint(row, width, current=current)
        return lines[part] if part < len(lines) else Strip.blank(width, self.base)

    def watch_has_focus(self, value: bool) -> None:
        """The cursor is brighter in the pane that has the keys."""
        super().watch_has_focus(value)
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint the two rows and keep the cursor in sight."""
        for row in (old, new):
            self.refresh_row(row)
        self.show_cursor()
        if new >= 0:
            self.post_message(self.Moved(self, new, fresh=old < 0))

    def refresh_row(self, row: int) -> None:
        """Paint one row again."""
        for key in [key for key in self._painted.keys() if key[0] == row]:  # noqa: SIM118 - LRUCache is no dict
            self._painted.discard(key)
        self.refresh_lines(row * self.row_height, self.row_height)

    def show_cursor(self) -> None:
        """Scroll so far that the whole row of the cursor is seen."""
        if self.cursor >= 0 and self.content_size.height:
            region = Region(0, self.cursor * self.row_height, 1, self.row_height)
            self.scroll_to_region(region, animate=False, immediate=True, force=True, x_axis=False)

    def row_under(self, event: events.MouseEvent) -> int | None:
        """The row under the mouse, if there is one."""
        at = self.line_under(event)
        return None if at is None else at // self.row_height

    @property
    def page_rows(self) -> int:
        """How many whole rows stand in the view."""
        return max(1, self.content_size.height // self.row_height)

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        if self.row_count:
            self.cursor = min(max(self.cursor + step, 0), self.row_count - 1)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self.action_move(step * self.page_rows)

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.action_move(-self.row_count)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.action_move(self.row_count)
