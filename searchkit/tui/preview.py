"""The preview: a whole document, the hit marked in it, every mention in the colour of its dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from textual.cache import LRUCache
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from searchkit.terminal import safe, safe_spans
from searchkit.tui.bindings import bindings
from searchkit.tui.paint import Span, line, strip, styled, wrap
from searchkit.tui.scrolling import LineView
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.binding import BindingType
    from textual.selection import Selection as Selected

    from searchkit.model import Hit, Selection, StoredDocument, StoredParagraph

#: The key that leads here.
NUMBER = 9
#: Cells before the text of a line.
GUTTER = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paragraph made safe: its text, its matches, its mentions with the component class that colours each."""

    id: str
    text: str
    matches: tuple[tuple[int, int], ...]
    mentions: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A place that `n` or `.` goes to."""

    paragraph: int
    start: int
    end: int


def prepare(paragraph: StoredParagraph, chosen: Selection) -> Prepared:
    """Make a paragraph safe, its matches and mentions moved with the text.

    Matches are the words of the query, and what names a value that is `chosen`, or something below it.
    """
    named = {
        (mention.start, mention.end)
        for dimension, ids in chosen.items()
        for label in paragraph.labels.get(dimension, ())
        if any(value.id in ids for value in (label.value, *label.value.ancestors))
        for mention in label.mentions
    }
    matches = sorted({*paragraph.highlights, *named})
    mentions = sorted(
        {
            (mention.start, mention.end, dimension_style(dimension))
            for dimension, labels in paragraph.labels.items()
            for label in labels
            for mention in label.mentions
        }
    )
    spans = [*matches, *((start, end) for start, end, _ in mentions)]
    text, moved = safe_spans(paragraph.text, spans)
    cut = len(matches)
    coloured = tuple((*span, name) for span, (_, _, name) in zip(moved[cut:], mentions, strict=True))
    return Prepared(paragraph.id, text, tuple(moved[:cut]), coloured)


class Preview(LineView, can_focus=True):
    """Shows one document; only the lines in view are painted."""

    reserved = 1
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("preview", "hit", "list")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        "sk--muted",
        "sk--hit",
        "sk--title",
        "sk--gutter",
        "sk--here",
        "sk--mention",
    }

    class Do(Message):
        """The preview is to be left, or another hit to be read."""

        def __init__(self, what: Literal["close", "neighbour"], step: int = 0) -> None:
            super().__init__()
            self.what = what
            self.step = step

    def __init__(self) -> None:
        super().__init__(id="preview", classes="pane")
        self.border_title = Content(f"{NUMBER} Preview")
        self.document: StoredDocument | None = None
        self.hit: Hit | None = None
        #: The query whose words are marked in the document.
        self.marked = ""
        self._prepared: list[Prepared] = []
        self._lines: list[tuple[int, int, int]] = []
        self._head: list[tuple[str, str]] = []
        self._wrapped_to = 0
        self._here: Stop | None = None
        self._painted: LRUCache[tuple[int, int], Strip] = LRUCache(512)
        self._empty = "The document of the chosen paragraph is shown here."

    @property
    def hit_row(self) -> int:
        """Which of the document's paragraphs is the hit, -1 if none."""
        return next((at for at, each in enumerate(self._prepared) if self.hit and each.id == self.hit.id), -1)

    def show(self, document: StoredDocument, hit: Hit, query: str, chosen: Selection) -> None:
        """Show a document with `hit` in sight; the words of `query` are marked in it, and so are `chosen` values."""
        self.document, self.hit, self.marked, self._here = document, hit, query, None
        self._prepared = [prepare(paragraph, chosen) for paragraph in document.paragraphs]
        self.border_title = Content(f"{NUMBER} {safe(document.title or document.identity)}")
        about = " · ".join(safe(each) for each in (document.source, document.date) if each)
        self._head = [(safe(document.title or document.identity), "sk--title")]
        self._head += [(text, "sk--muted") for text in (about, safe(document.identity)) if text]
        self._head.append(("", "sk--muted"))
        at = self.hit_row
        place = f"{at + 1} of {len(self._prepared)}" if at >= 0 else f"{len(self._prepared)} paragraphs"
        self.border_subtitle = Content(place)
        self._wrap()
        self._show_paragraph(at)

    def clear(self, message: str = "") -> None:
        """Show no document."""
        self.document = self.hit = self._here = None
        self._prepared, self._head, self._lines = [], [], []
        self._empty = message
        self.border_title = Content(f"{NUMBER} Preview")
        self.border_subtitle = Content("")
        self._wrap()

    def _wrap(self) -> None:
        width = self.line_width
        self._wrapped_to = width
        self._painted.clear()
        self._lines = []
        inner = max(width - 4, 1)
        for at, (text, _) in enumerate(self._head):
            self._lines += [(-1 - at, start, end) for start, end in wrap(text, inner)]
        for at, each in enumerate(self._prepared):
            self._lines += [(at, start, end) for start, end in wrap(each.text, inner)]
            self._lines.append((at, -1, -1))
        self.measure()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew and keep the hit in sight."""
        del event
        self.measure()
        if self.line_width != self._wrapped_to:
            self._wrap()
            if self._here is not None:
                self._show_stop(self._here)
            else:
                self._show_paragraph(self.hit_row)

    def notify_style_update(self) -> None:
        """Paint again in the new colours."""
        super().notify_style_update()
        self._painted.clear()

    @property
    def line_count(self) -> int:
        """Lines of the head and of all paragraphs."""
        return len(self._lines)

    def line_at(self, at: int, width: int) -> Strip:
        """One line of the head or of a paragraph."""
        if at >= len(self._lines):
            if at == 0:
                return line([("  " + self._empty, self.base + self.style("sk--muted"))], width, self.base)
            return Strip.blank(width, self.base)
        painted = self._painted.get((at, width))
        if painted is None:
            painted = self._painted[at, width] = self._paint(*self._lines[at], width)
        return self._selected(painted, at).apply_offsets(0, at)

    # Selecting with the mouse: the screen knows by the offsets of a line's pieces where the mouse is in the text.

    def _selected(self, painted: Strip, at: int) -> Strip:
        """A painted line with its selected part in the colours of the selection."""
        span = None if self.text_selection is None else self.text_selection.get_span(at)
        if span is None:
            return painted
        text = painted.text
        start, end = max(span[0], GUTTER), len(text.rstrip()) if span[1] < 0 else span[1]
        if start >= end:
            return painted
        left, right = cell_len(text[:start]), cell_len(text[:end])
        before, inside, after = painted.divide([left, right, painted.cell_length])
        over = self.screen.get_component_rich_style("screen--selection")
        chosen = Strip([Segment(piece.text, (piece.style or over) + over) for piece in inside])
        return Strip.join([before, chosen, after])

    def get_selection(self, selection: Selected) -> tuple[str, str] | None:
        """The selected text as it was before it was broken into lines."""
        pieces: list[str] = []
        last: tuple[int, int] | None = None
        for at, (row, start, end) in enumerate(self._lines):
            span = selection.get_span(at)
            if span is None or start < 0:
                continue
            text = self._head[-1 - row][0] if row < 0 else self._prepared[row].text
            first = min(start + max(span[0] - GUTTER, 0), end)
            final = end if span[1] < 0 else min(start + max(span[1] - GUTTER, 0), end)
            if first < final:
                if last is not None:
                    pieces.append(text[last[1] : first] if last[0] == row else "\n\n")
                pieces.append(text[first:final])
                last = row, final
        return ("".join(pieces), "\n") if pieces else None

    def selection_updated(self, selection: Selected | None) -> None:
        """Show what is selected."""
        del selection
        self.refresh()

    def _paint(self, row: int, start: int, end: int, width: int) -> Strip:
        base = self.base
        if row < 0:
            text, name = self._head[-1 - row]
            return line([("  ", base), (text[start:end], base + self.style(name))], width, base)
        each = self._prepared[row]
        is_hit = self.hit is not None and each.id == self.hit.id
        if start < 0:
            return Strip.blank(width, base)
        spans = [Span(s, e, self.style("sk--mention") + self.style(name)) for s, e, name in each.mentions]
        spans += [Span(s, e, self.style("sk--hit")) for s, e in each.matches]
        if self._here is not None and self._here.paragraph == row:
            spans.append(Span(self._here.start, self._here.end, self.style("sk--here")))
        gutter = ("▌ " if is_hit else "  ", base + self.style("sk--gutter"))
        segments = [*styled(gutter[0], 0, 2, (), gutter[1]), *styled(each.text, start, end, spans, base)]
        return strip(segments, width, base)

    def _line_of(self, paragraph: int, offset: int = 0) -> int:
        for at, (row, start, end) in enumerate(self._lines):
            if row == paragraph and (offset < end or start < 0):
                return at
        return 0

    def _show_paragraph(self, paragraph: int) -> None:
        """Bring a paragraph into view, a third down, or the whole head where it fits."""
        top = self._line_of(paragraph) if paragraph >= 0 else 0
        height = self.content_size.height
        end = self._line_of(paragraph + 1) if paragraph + 1 < len(self._prepared) else len(self._lines)
        y = 0 if end <= height else max(0, top - height // 4)
        self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def _show_stop(self, stop: Stop) -> None:
        at = self._line_of(stop.paragraph, stop.start)
        height = self.content_size.height
        if not self.scroll_offset.y <= at < self.scroll_offset.y + height:
            self.scroll_to(y=max(0, at - height // 3), animate=False, immediate=True, force=True)
        self._painted.clear()
        self.refresh()

    def _go(self, stops: Iterable[Stop], step: int) -> None:
        ordered = sorted(set(stops), key=lambda stop: (stop.paragraph, stop.start, stop.end))
        if not ordered:
            self.app.bell()
            return
        here = self._here
        if here is None:
            at = next((at for at, stop in enumerate(ordered) if stop.paragraph >= self.hit_row), 0)
            at += 0 if step > 0 else -1
        elif step > 0:
            after = (here.paragraph, here.start)
            at = next((at for at, stop in enumerate(ordered) if (stop.paragraph, stop.start) > after), 0)
        else:
            before = (here.paragraph, here.start)
            earlier = [at for at, stop in enumerate(ordered) if (stop.paragraph, stop.start) < before]
            at = earlier[-1] if earlier else len(ordered) - 1
        self._here = ordered[at % len(ordered)]
        self._show_stop(self._here)

    def _mentions(self) -> list[Stop]:
        return [Stop(at, s, e) for at, each in enumerate(self._prepared) for s, e, _ in each.mentions]

    def action_jump(self, step: int) -> None:
        """To the next match; where nothing matched (no words were asked for), to the next mention."""
        matches = [Stop(at, s, e) for at, each in enumerate(self._prepared) for s, e in each.matches]
        self._go(matches or self._mentions(), step)

    def action_mention(self, step: int) -> None:
        """To the next mention of a facet value."""
        self._go(self._mentions(), step)

    def action_move(self, step: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=step, animate=False, immediate=True)

    def action_page(self, step: int) -> None:
        """Scroll by pages."""
        self.scroll_relative(y=step * max(1, self.size.height - 2), animate=False, immediate=True)

    def action_first(self) -> None:
        """Scroll to the head."""
        self.scroll_to(y=0, animate=False, immediate=True)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.scroll_to(y=self.virtual_size.height, animate=False, immediate=True)

    def action_close(self) -> None:
        """Back to the results."""
        self.post_message(self.Do("close"))

    def action_neighbour(self, step: int) -> None:
        """Read the next or the previous result."""
        self.post_message(self.Do("neighbour", step))
