"""A view that makes only the lines that are seen, and paints its scroll bar with them.

Textual's own scroll bars are widgets: each change of a list's length would lay out the screen anew and paint twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events


class LineView(ScrollView):
    """Scrolls over `line_count` lines of which a subclass makes one at a time (`line_at`)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--bar"}

    DEFAULT_CSS = "LineView { overflow: hidden hidden; }"

    virtual_size = Reactive(Size(0, 0), layout=False)

    #: Cells that are kept free for the scroll bar where there is none; lines that are broken by width need it always.
    reserved = 0
    _base: Style | None = None

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line_at(self, at: int, width: int) -> Strip:
        """One line, `width` cells wide. `at` may lie behind the last."""
        raise NotImplementedError

    @property
    def scrolls(self) -> bool:
        """Whether there are more lines than are seen."""
        return self.line_count > self.content_size.height

    @property
    def line_width(self) -> int:
        """The cells of a line: all but those of the scroll bar."""
        return max(self.content_size.width - max(int(self.scrolls), self.reserved), 0)

    @property
    def allow_vertical_scroll(self) -> bool:
        """Whether the mouse wheel moves the lines."""
        return self.scrolls

    @property
    def base(self) -> Style:
        """The colours of the view itself."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def style(self, name: str) -> Style:
        """The colours of one component class alone, to be laid over a row's own."""
        return self.get_component_rich_style(name, partial=True)

    def notify_style_update(self) -> None:
        """Forget the old colours."""
        super().notify_style_update()
        self._base = None

    def measure(self) -> None:
        """Take note of how many lines there are, and paint them."""
        self.virtual_size = Size(self.content_size.width, self.line_count)
        self.scroll_to(y=min(self.scroll_y, self.max_scroll_y), animate=False, immediate=True, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the view, with its piece of the scroll bar."""
        width = self.line_width
        painted = self.line_at(y + self.scroll_offset.y, width)
        gap = self.content_size.width - width
        if not gap:
            return painted
        top, size = self._thumb()
        style = self.base + self.style("sk--bar") if top <= y < top + size else self.base
        return Strip([*painted, Segment(" " * gap, style)], width + gap)

    def _thumb(self) -> tuple[int, int]:
        """Where the scroll bar's thumb begins, and how many lines it has."""
        height = self.content_size.height
        if not self.scrolls:
            return 0, 0
        size = max(1, round(height * height / self.line_count))
        return round(self.scroll_y / max(self.max_scroll_y, 1) * (height - size)), size

    def line_under(self, event: events.MouseEvent) -> int | None:
        """The line under the mouse, None beside the lines."""
        place = event.get_content_offset(self)
        if place is None or not 0 <= place.x < self.line_width:
            return None
        at = place.y + self.scroll_offset.y
        return at if at < self.line_count else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """On the scroll bar: the thumb goes with the mouse until it is let go."""
        place = event.get_content_offset(self)
        if place is not None and place.x >= self.line_width and self.scrolls:
            self.capture_mouse()
            self._drag(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The thumb goes along."""
        if self.app.mouse_captured is self:
            self._drag(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the thumb go."""
        del event
        self.release_mouse()

    def _drag(self, event: events.MouseEvent) -> None:
        share = (event.y - self.gutter.top) / max(self.content_size.height - 1, 1)
        self.scroll_to(y=round(min(max(share, 0), 1) * self.max_scroll_y), animate=False, immediate=True, force=True)
