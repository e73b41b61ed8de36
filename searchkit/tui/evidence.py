"""Why this count? The words that name a value in the hits, by which rule, and paragraphs that show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from searchkit.terminal import safe, safe_spans
from searchkit.tui.lines import RowList
from searchkit.tui.messages import counted
from searchkit.tui.paint import Span, bar, fit, grouped, line, passage, strip, styled
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
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

    def on_mount(self) -> None:
        """The first form has the cursor."""
        self.rows_changed(cursor=0)

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`Kremlin  ████  12  capital · rule · ambiguous`, or the passage of an example."""
        base = self.rich_style + (self.style("sk--cursor") if current else self.rich_style.null())
        muted = base + self.style("sk--muted")
        if not self.rows:
            return [line([("  no words: the documents brought this value themselves", muted)], width, base)]
        item = self.rows[row]
        name = dimension_style(self.evidence.dimension)
        if isinstance(item, Example):
            text, (place,) = _shown(item)
            ((start, end), *_) = passage(text, [place], max(width - 7, 1), 1) or [(0, 0)]
            segments = [Segment("    " + ("…" if start else " "), muted)]
            segments += styled(text, start, end, [Span(*place, self.style("sk--hit"))], base + self.style("sk--muted"))
            segments.append(Segment("…" if end < len(text) else "", muted))
            return [strip(segments, width, base)]
        room = max(min(width - 44, 36), 12)
        parts = [
            (" " + fit(safe(item.text), room), base + self.style(name) + self.style("sk--title")),
            (bar(item.count / self._top, 12) + " ", base + self.style(f"{name}-bar")),
            (grouped(item.count).rjust(6) + "  ", base),
            (safe(f"{item.kind} · {item.rule}"), muted),
            (_doubt(item), base + self.style("sk--hit")),
        ]
        return [line(parts, width, base)]


def _doubt(form: SurfaceForm) -> str:
    """What else a form may name, or only that its context decided."""
    if not form.ambiguous:
        return ""
    return f" · also {', '.join(map(safe, form.also))}" if form.also else " · ambiguous"


def _shown(example: Example) -> tuple[str, list[tuple[int, int]]]:
    start = max(example.text.find(example.form.text), 0)
    return safe_spans(example.text, [(start, min(start + len(example.form.text), len(example.text)))])


class EvidenceScreen(ModalScreen[None]):
    """The evidence of one value."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,w,enter", "dismiss", "Close", show=False)]

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self.evidence = evidence

    def compose(self) -> ComposeResult:
        """A list of forms."""
        evidence = self.evidence
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Why {safe(evidence.value)}?  {counted(evidence.count, 'paragraph')}")
            dialog.border_subtitle = Content(f"{counted(len(evidence.forms), 'form')} · esc closes")
            yield FormRows(evidence)
