"""The results: ranked paragraphs with title, source, date, the passage that matches, and facet chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from searchkit.terminal import safe, safe_spans
from searchkit.tui.bindings import bindings
from searchkit.tui.lines import RowList
from searchkit.tui.paint import Span, clip, fit, line, passage, strip, styled
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType

    from searchkit.model import Hit, Results

#: Hits that one request brings.
PAGE: Final = 40
Doing = Literal["open", "mark"]


class ResultsList(RowList):
    """All hits of the present search, as far as they were seen; pages are asked for as they come into view."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("results", "hit")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        *(f"{name}-chip" for name in DIMENSION_STYLES),
        "sk--cursor",
        "sk--muted",
        "sk--hit",
        "sk--title",
        "sk--mark",
        "sk--gutter",
    }

    class PageWanted(Message):
        """A page of hits came into view that is not there yet."""

        def __init__(self, offset: int) -> None:
            super().__init__()
            self.offset = offset

    class Do(Message):
        """The hit under the cursor is to be read, or was marked."""

        def __init__(self, what: Doing) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(row_height=4, id="results", classes="pane")
        self.total = 0
        self.hits: dict[int, Hit] = {}
        self.marked: dict[str, Hit] = {}
        self.text_lines = 2
        self.by_document = False
        self._wanted: set[int] = set()
        #: From which row and which document another one is looked for, forward or back.
        self._sought: tuple[int, str, int] | None = None

    @property
    def row_count(self) -> int:
        """As many as there are hits, seen or not."""
        return self.total

    @property
    def current(self) -> Hit | None:
        """The hit under the cursor, once its page is there."""
        return self.hits.get(self.cursor)

    def set_density(self, text_lines: int, *, gap: bool) -> None:
        """How much room a hit takes: lines of its passage, and whether an empty line follows."""
        self.text_lines = text_lines
        height = text_lines + 2 + gap
        if height != self.row_height:
            self.row_height = height
            self.rows_changed()
            self.show_cursor()

    def show(self, results: Results, *, keep: str | None = None) -> None:
        """Show the first page of an answer; the cursor goes to the paragraph `keep` if it is there, else to the top."""
        self.hits = dict(enumerate(results.hits))
        self.total, self.by_document = results.total, results.scope == "document"
        self._wanted.clear()
        self._sought = None
        at = next((at for at, hit in self.hits.items() if hit.id == keep), 0)
        self.set_reactive(RowList.cursor, -1)  # the same row may hold another hit now: say that it moved
        self.rows_changed(cursor=at, top=at == 0)

    def add(self, offset: int, hits: tuple[Hit, ...]) -> None:
        """Take in one more page."""
        self.hits.update(enumerate(hits, offset))
        self._painted.clear()
        self.refresh()
        if offset <= self.cursor < offset + len(hits):
            self.post_message(self.Moved(self, self.cursor))
        self._seek()

    def page_failed(self, offset: int) -> None:
        """A page did not come: it may be asked for again."""
        self._wanted.discard(offset)
        self._sought = None

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """Title and date; the passage; chips and source; perhaps an empty line."""
        base = self.base
        blank = Strip.blank(width, base)
        if current:
            base += self.style("sk--cursor")
        muted = base + self.style("sk--muted")
        hit = self.hits.get(row)
        if hit is None:
            self._want(row)
            return [line([("  …", muted)], width, base)] + [blank] * (self.row_height - 1)
        gutter = ("▌ " if current else "  ", base + self.style("sk--gutter"))
        inner = width - 3
        if self._goes_on(row):
            same = ("★ " if hit.id in self.marked else "") + f"⋮ paragraph {hit.paragraph + 1} of the same document"
            lines = [line([gutter, (same, muted)], width, base)]
        else:
            lines = [self._head(hit, gutter, base, muted, inner)]
        text, places = safe_spans(hit.text, [*hit.highlights, *hit.named])
        spans = [Span(start, end, self.style("sk--hit")) for start, end in places]
        shown = passage(text, places, inner - 1, self.text_lines)
        for start, end in shown:
            before = start == shown[0][0] > 0
            after = end == shown[-1][1] < len(text)
            segments = [
                Segment(gutter[0][0] + ("…" if before else " "), gutter[1]),
                *styled(text, start, end, spans, base),
                Segment("…" if after else "", muted),
            ]
            lines.append(strip(segments, width, base))
        lines += [line([gutter], width, base)] * (self.text_lines - len(shown))
        lines.append(self._foot(hit, gutter, base, muted, inner))
        return lines + [blank] * (self.row_height - len(lines))

    def _goes_on(self, row: int) -> bool:
        """Whether a row is of the same document as the one before, where hits stand by document."""
        before = self.hits.get(row - 1)
        return self.by_document and before is not None and before.document == self.hits[row].document

    def _head(self, hit: Hit, gutter: tuple[str, Style], base: Style, muted: Style, inner: int) -> Strip:
        date = safe(hit.date or "")
        tail = f"  {date}" if date else ""
        mark = "★ " if hit.id in self.marked else ""
        if hit.document_hits is not None and hit.document_hits > 1:
            tail = f"  {hit.document_hits} paragraphs{tail}"
        room = max(inner - cell_len(tail) - cell_len(mark), 0)
        title = fit(safe(hit.title or hit.document), room)
        parts = [
            gutter,
            (mark, base + self.style("sk--mark")),
            (title, base + self.style("sk--title")),
            (tail, muted),
        ]
        return line(parts, inner + 3, base)

    def _foot(self, hit: Hit, gutter: tuple[str, Style], base: Style, muted: Style, inner: int) -> Strip:
        source = clip(safe(hit.source or ""), inner // 4)
        room = inner - cell_len(source) - 1
        parts: list[tuple[str, Style]] = [gutter]
        used, left_out = 0, 0
        for text, name in self._chips(hit):
            size = cell_len(text) + 3
            if used + size > room - 4:
                left_out += 1
                continue
            style = base + self.style(name) + self.style(f"{name}-chip")
            parts += [(f" {text} ", style), (" ", base)]
            used += size
        if left_out:
            parts.append((f"+{left_out}", muted))
            used += len(f"+{left_out}")
        parts += [(" " * max(inner - used - cell_len(source), 0), base), (source, muted)]
        return line(parts, inner + 3, base)

    def _chips(self, hit: Hit) -> Iterator[tuple[str, str]]:
        for dimension, labels in hit.facets.items():
            for label in labels:
                yield clip(safe(label), 24), dimension_style(dimension)

    def _want(self, row: int) -> None:
        offset = row // PAGE * PAGE
        if offset not in self._wanted:
            self._wanted.add(offset)
            self.post_message(self.PageWanted(offset))

    def to_document(self, step: int) -> None:
        """Go to the first row of the next document, or of the one before (-1), wherever its page is."""
        hit = self.current
        self._sought = None if hit is None else (self.cursor, hit.document, step)
        self._seek()

    def _seek(self) -> None:
        """Go on looking for another document, as far as the pages are there; who moved away has given it up."""
        sought, self._sought = self._sought, None
        if sought is None or sought[0] != self.cursor:
            return
        at, document, step = sought
        while 0 <= (at := at + step) < self.total:
            missing = [row for row in (at, at - 1) if row >= 0 and row not in self.hits]
            if missing:
                self._sought = sought
                self._want(missing[0])
                return
            here = self.hits[at].document
            if here != document and (at == 0 or self.hits[at - 1].document != here):
                self.cursor = at
                return
        self.app.bell()

    def _do(self, what: Doing) -> None:
        if self.current is not None:
            self.post_message(self.Do(what))

    def action_open(self) -> None:
        """Read the paragraph in its document."""
        self._do("open")

    def action_mark(self) -> None:
        """Mark the paragraph, or take the mark off, and go on to the next."""
        hit = self.current
        if hit is None:
            return
        if self.marked.pop(hit.id, None) is None:
            self.marked[hit.id] = hit
        self.refresh_row(self.cursor)
        self.action_move(1)
        self.post_message(self.Do("mark"))

    def action_unmark(self) -> None:
        """Take the mark off every paragraph, those of earlier searches too."""
        self.marked.clear()
        self._painted.clear()
        self.refresh()
        self.post_message(self.Do("mark"))

    def on_click(self, event: events.Click) -> None:
        """A click goes to the hit, a second one opens it."""
        at = self.row_under(event)
        if at is None:
            return
        self.cursor = at
        if event.chain > 1:
            self._do("open")
