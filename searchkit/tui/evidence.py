"""Why this count? The words that name a value in the hits, by which rule, and paragraphs that show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from searchkit.terminal import safe, safe_spans
from searchkit.tui.lines import RowList
from searchkit.tui.messages import counted
from searchkit.tui.paint import bar, clip, fit, grouped, line
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

    from searchkit.model import Evidence, SurfaceForm


@dataclass(frozen=True, slots=True)
class Example:
    """A paragraph that shows a form; `first` where the line before is the form itself."""

    form: SurfaceForm
    text: str


class FormRows(RowList):
    """Each form with its count, its examples below it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        *(f"{name}-bar" for name in DIMENSION_STYLES),
        "sk--muted",
        "sk--title",
        "sk--hit",
        "sk--cursor",
    }

    class Opened(Message):
        """The paragraphs of the form under the cursor are wanted."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self.evidence = evidence
        self.rows: list[SurfaceForm | Example] = []
        for form in evidence.forms:
            self.rows += [form, *(Example(form, text) for text in form.examples)]
        self._top = max((form.count for form in evidence.forms), default=1)

    @property
    def row_count(self) -> int:
        """Forms and examples."""
        return len(self.rows) or 1

    @property
    def current(self) -> SurfaceForm | None:
        """The form under the cursor, or the one that the example there shows."""
        row = self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None
        return row.form if isinstance(row, Example) else row

    def on_mount(self) -> None:
        """The first form has the cursor."""
        self.rows_changed(cursor=0)

    def on_click(self, event: events.Click) -> None:
        """A click goes to a row, a second one opens its paragraphs."""
        at = self.row_under(event)
        if at is not None:
            self.cursor = at
            if event.chain > 1:
                self.post_message(self.Opened())

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`Kremlin  ████  12  capital · rule · ambiguous`, or the passage of an example."""
        base = self.rich_style + (self.style("sk--cursor") if current else self.rich_style.null())
        muted = base + self.style("sk--muted")
        if not self.rows:
            return [line([("  no words: the documents brought this value themselves", muted)], width, base)]
        item = self.rows[row]
        name = dimension_style(self.evidence.dimension)
        if isinstance(item, Example):
            before, form, after = in_context(*_shown(item), max(width - 4, 1))
            return [line([("   " + before, muted), (form, base + self.style("sk--hit")), (after, muted)], width, base)]
        room = max(min(width - 44, 36), 12)
        parts = [
            (" " + fit(safe(item.text), room), base + self.style(name) + self.style("sk--title")),
            (bar(item.count / self._top, 12) + " ", base + self.style(f"{name}-bar")),
            (grouped(item.count).rjust(6) + "  ", base),
            (safe(f"{item.kind} · {item.rule}"), muted),
            (_doubt(item), base + self.style("sk--hit")),
        ]
        return [line(parts, width, base)]


def in_context(text: str, place: tuple[int, int], width: int) -> tuple[str, str, str]:
    """What stands before a place in a text, in it, and behind it, `width` cells in all: from two fifths on."""
    form = clip(text[slice(*place)], width)
    left = max(min(width * 2 // 5, width - cell_len(form)), 0)
    before = text[max(place[0] - left, 0) : place[0]]
    while cell_len(before) > left:
        before = before[1:]
    if before and len(before) < place[0]:
        before = "…" + before[1:]
    before = " " * (left - cell_len(before)) + before
    return before, form, clip(text[place[1] :], width - left - cell_len(form))


def _doubt(form: SurfaceForm) -> str:
    """What else a form may name, or only that its context decided."""
    if not form.ambiguous:
        return ""
    return f" · also {', '.join(map(safe, form.also))}" if form.also else " · ambiguous"


def _shown(example: Example) -> tuple[str, tuple[int, int]]:
    start = max(example.text.find(example.form.text), 0)
    text, (place,) = safe_spans(example.text, [(start, min(start + len(example.form.text), len(example.text)))])
    return text, place


class EvidenceScreen(ModalScreen["SurfaceForm | None"]):
    """The evidence of one value. Dismissed with the form whose paragraphs are wanted, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss", "Close", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self.evidence = evidence

    def compose(self) -> ComposeResult:
        """A list of forms."""
        evidence = self.evidence
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Why {safe(evidence.value)}?  {counted(evidence.count, 'paragraph')}")
            forms = counted(len(evidence.forms), "form")
            dialog.border_subtitle = Content(f"{forms} · esc closes · enter opens the paragraphs of one")
            yield FormRows(evidence)

    @on(FormRows.Opened)
    def action_choose(self) -> None:
        """Leave for the paragraphs of the form under the cursor."""
        self.dismiss(self.query_one(FormRows).current)
