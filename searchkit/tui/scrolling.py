"""A view that makes only the lines that are seen, and paints its scroll bar with them.

Textual's own scroll bars are widgets: each change of a list's length would lay out the screen anew and paint twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.geometry import Region


class _Frame(NamedTuple):
    """What the lines of a view have in common when they are painted: the first of them, their width, the scroll bar.

    `bar` is None where a line takes all the width; the thumb is on the lines of the view from `top` to before `end`.
    """

    first: int
    width: int
    bar: Segment | None = None
    thumb: Segment = Segment("")
    top: int = 0
    end: int = 0


class LineView(ScrollView):
    """Scrolls over `line_count` lines of which a subclass makes one at a time (`line_at`)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--bar"}

    DEFAULT_CSS = "LineView { overflow: hidden hidden; }"

    virtual_size = Reactive(Size(0, 0), layout=False)

    #: Cells that are kept free for the scroll bar where there is none; lines that are broken by width need it always.
    reserved = 0
    _base: Style | None = None
    _frame: _Frame | None = None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._colours: dict[str, Style] = {}

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
        """The colours of one component class alone, to be laid over a row's own.

        Kept here, for Textual forgets them at every repaint.
        """
        style = self._colours.get(name)
        if style is None:
            style = self._colours[name] = self.get_component_rich_style(name, partial=True)
        return style

    def notify_style_update(self) -> None:
        """Forget the old colours."""
        super().notify_style_update()
        self._base = None
        self._colours.clear()

    def measure(self) -> None:
        """Take note of how many lines there are, and paint them."""
        self.virtual_size = Size(self.content_size.width, self.line_count)
        self.scroll_to(y=min(self.scroll_y, self.max_scroll_y), animate=False, immediate=True, force=True)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines of the view; what they have in common is worked out once."""
        self._frame = None
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the view, with its piece of the scroll bar."""
        frame = self._frame
        if frame is None:
            frame = self._frame = self._framed()
        painted = self.line_at(y + frame.first, frame.width)
        if frame.bar is None:
            return painted
        return Strip(
            [*painted, frame.thumb if frame.top <= y < frame.end else frame.bar], frame.width + len(frame.bar.text)
        )

    def _framed(self) -> _Frame:
        size, width, first = self.content_size, self.line_width, self.scroll_offset.y
        gap = " " * (size.width - width)
        if not gap:
            return _Frame(first, width)
        bar, thumb = Segment(gap, self.base), Segment(gap, self.base + self.style("sk--bar"))
        if not self.scrolls:
            return _Frame(first, width, bar, thumb)
        length = max(1, round(size.height * size.height / self.line_count))
        top = round(self.scroll_y / max(self.max_scroll_y, 1) * (size.height - length))
        return _Frame(first, width, bar, thumb, top, top + length)

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
