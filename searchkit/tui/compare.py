"""Two searches side by side: how many hits of each bear a value, where they differ; a row opens its paragraphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from searchkit.errors import CancelledError, SearchkitError
from searchkit.terminal import safe
from searchkit.tui.boxes import SafeInput
from searchkit.tui.dialogs import described
from searchkit.tui.lines import RowList
from searchkit.tui.paint import bar, fit, grouped, line, short
from searchkit.tui.searching import ALL_VALUES
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

    from searchkit.search.engine import Engine
    from searchkit.tui.state import State

Order = Literal["difference", "count", "name"]
ORDERS: Final[tuple[Order, ...]] = ("difference", "count", "name")


@dataclass(frozen=True, slots=True)
class Row:
    """A value with its counts in A and in B, and their shares of the hits (0 to 1)."""

    id: str
    label: str
    counts: tuple[int, int]
    shares: tuple[float, float]

    @property
    def difference(self) -> float:
        """How much greater its share is in A than in B, in percentage points."""
        return 100 * (self.shares[0] - self.shares[1])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The values of one dimension in two searches."""

    dimension: str
    totals: tuple[int, int]
    rows: tuple[Row, ...]

    def ordered(self, order: Order) -> list[Row]:
        """The rows: those that differ most first, or the most frequent, or by name."""
        if order == "difference":
            return sorted(self.rows, key=lambda row: (-abs(row.difference), -sum(row.counts), row.label))
        if order == "count":
            return sorted(self.rows, key=lambda row: (-sum(row.counts), row.label))
        return sorted(self.rows, key=lambda row: (row.label.casefold(), row.id))


def compare(engine: Engine, states: tuple[State, State], dimension: str, cancelled: Callable[[], bool]) -> Comparison:
    """Count a dimension over the hits of both searches."""
    totals: list[int] = []
    counts: list[dict[str, int]] = []
    labels: dict[str, str] = {}
    for state in states:
        asked = replace(state.request(limit=0), dimensions=(dimension,), facet_limit=ALL_VALUES, sideways=False)
        results = engine.search(asked, cancelled=cancelled)
        totals.append(results.total if results.total_documents is None else results.total_documents)
        counts.append({value.id: value.count for value in results.facets[dimension].values if value.count})
        labels |= {value.id: value.value for value in results.facets[dimension].values if value.count}
    a, b = totals
    rows = []
    for key, label in labels.items():
        one, other = counts[0].get(key, 0), counts[1].get(key, 0)
        rows.append(Row(key, label, (one, other), (one / max(a, 1), other / max(b, 1))))
    return Comparison(dimension, (a, b), tuple(rows))


class CompareRows(RowList):
    """The rows; the cursor is in the column of A or of B."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        *(f"{name}-bar" for name in DIMENSION_STYLES),
        "sk--muted",
        "sk--title",
        "sk--cursor",
        "sk--here",
        "sk--key",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "side(1)", show=False),
        Binding("left,h", "side(0)", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    side: reactive[int] = reactive(0, repaint=False)

    class Opened(Message):
        """The paragraphs of a row are wanted, in A (0) or in B (1)."""

        def __init__(self, row: Row, side: int) -> None:
            super().__init__()
            self.row = row
            self.side = side

    def __init__(self) -> None:
        super().__init__(id="compare")
        self.comparison: Comparison | None = None
        self.rows: list[Row] = []
        self._top = 1.0

    @property
    def row_count(self) -> int:
        """The values, or one line that says that there are none."""
        return len(self.rows) or 1

    def show(self, comparison: Comparison, order: Order) -> None:
        """Show a comparison."""
        self.comparison, self.rows = comparison, comparison.ordered(order)
        self._top = max((share for row in self.rows for share in row.shares), default=0) or 1.0
        self.rows_changed(cursor=0, top=True)

    def watch_side(self) -> None:
        """The cursor went to the other column."""
        self.refresh_row(self.cursor)

    @staticmethod
    def widths(width: int) -> tuple[int, int]:
        """Of a row, the cells of the label and of each bar."""
        drawn = min(max((width - 54) // 4, 0), 16)
        return max(width - 2 * (14 + drawn) - 9, 8), drawn

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`Ukraine   12 31% ████    3  5% ▌    A +26`."""
        base = self.rich_style + (self.style("sk--cursor") if current else self.rich_style.null())
        muted = base + self.style("sk--muted")
        if self.comparison is None or not self.rows:
            return [line([("  counting…" if self.comparison is None else "  none in either", muted)], width, base)]
        item, name = self.rows[row], dimension_style(self.comparison.dimension)
        room, drawn = self.widths(width)
        parts = [(" " + fit(safe(item.label), room - 2) + " ", base + self.style(name))]
        for side in (0, 1):
            style = base if item.counts[side] else muted
            if current and side == self.side:
                style += self.style("sk--here")
            parts += [
                (f"{short(item.counts[side], 6):>6} {_percent(item.shares[side]):>4}", style),
                (" ", base),
                (bar(item.shares[side] / self._top, drawn), base + self.style(f"{name}-bar")),
                ("  ", base),
            ]
        parts.append(self._mark(item, base, muted))
        return [line(parts, width, base)]

    def _mark(self, item: Row, base: Style, muted: Style) -> tuple[str, Style]:
        """Where the value is more frequent, by how many percentage points; `only` where the other has none."""
        points = round(abs(item.difference))
        where = "A" if item.difference > 0 else "B"
        if 0 in item.counts:
            return f"{where} only", base + self.style("sk--key")
        return (f"{where} +{points}", base + self.style("sk--key")) if points else ("same", muted)

    def action_side(self, side: int) -> None:
        """To the column of A or of B."""
        self.side = side

    def action_choose(self) -> None:
        """Open the paragraphs of the row."""
        if self.rows and self.rows[self.cursor].counts[self.side]:
            self.post_message(self.Opened(self.rows[self.cursor], self.side))

    def on_click(self, event: events.Click) -> None:
        """A click goes to a row, a second one opens it."""
        at = self.row_under(event)
        if at is None or not self.rows:
            return
        self.cursor = at
        room, drawn = self.widths(self.line_width)
        self.side = int(event.x >= room + 14 + drawn)
        if event.chain > 1:
            self.action_choose()


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


class CompareScreen(ModalScreen["State | None"]):
    """Two searches, A and B, that can both be typed into. Dismissed with the state of the row that was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        Binding("q", "dismiss", show=False),
        Binding("d", "turn", show=False),
        Binding("o", "next_order", show=False),
        Binding("down", "rows", show=False),
    ]

    class Counted(Message):
        """The counts are there, or the reason why not."""

        def __init__(self, number: int, comparison: Comparison | None, error: str = "") -> None:
            super().__init__()
            self.number = number
            self.comparison = comparison
            self.error = error

    def __init__(self, engine: Engine, states: tuple[State, State], dimension: str, names: Sequence[str]) -> None:
        """`names` are the dimensions that there is something to count in, `dimension` the first of them to count."""
        super().__init__()
        self.engine, self.states, self.dimension, self.names = engine, states, dimension, names
        self.boxes = tuple(
            SafeInput(
                value=state.query, placeholder="everything", compact=True, id=f"side-{side}", select_on_focus=False
            )
            for side, state in zip("ab", states, strict=True)
        )
        self.rows = CompareRows()
        self.head = Static("", markup=False, id="compare-head")
        self.order: Order = "difference"
        self._asked = 0

    def compose(self) -> ComposeResult:
        """The two queries over the rows."""
        with Vertical(classes="dialog grid compare") as dialog:
            dialog.border_title = Content("Compare")
            yield from self.boxes
            yield self.head
            yield self.rows

    def on_mount(self) -> None:
        """The rows have the keys, or while there is nothing to compare with, the second box."""
        (self.rows if self.states[0] != self.states[1] else self.boxes[1]).focus()
        self._count()

    def on_resize(self) -> None:
        """The heads stand over their columns."""
        self.call_after_refresh(self._show_head)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        side = int(event.input is self.boxes[1])
        states = list(self.states)
        if states[side].query != event.value:
            states[side] = replace(states[side], query=event.value)
            self.states = states[0], states[1]
            self._count()

    @on(Input.Submitted)
    def action_rows(self) -> None:
        """From the boxes to the rows."""
        self.rows.focus()

    def _count(self) -> None:
        self._asked += 1
        work = partial(self._work, self._asked, self.states, self.dimension)
        self.run_worker(work, thread=True, exclusive=True, group="compare", exit_on_error=False)

    def _work(self, number: int, states: tuple[State, State], dimension: str) -> None:
        worker = get_current_worker()
        try:
            found = compare(self.engine, states, dimension, lambda: worker.is_cancelled)
            message = self.Counted(number, found)
        except CancelledError:
            return
        except SearchkitError as error:
            message = self.Counted(number, None, str(error))
        except Exception as error:  # noqa: BLE001 - a fault in the engine must not take the screen with it
            message = self.Counted(number, None, f"{type(error).__name__}: {error}")
        self.post_message(message)

    def on_compare_screen_counted(self, event: Counted) -> None:
        """Show the counts, if they are still the ones that are wanted."""
        if event.number != self._asked:
            return
        if event.comparison is None:
            self.notify(safe(event.error), severity="error", markup=False)
            return
        self.rows.show(event.comparison, self.order)
        self._show_head()

    def _show_head(self) -> None:
        comparison = self.rows.comparison
        if comparison is None:
            return
        width = self.rows.line_width
        room, drawn = self.rows.widths(width)
        column = 14 + drawn
        name = f" {safe(comparison.dimension)} by {self.order}"
        heads = [f"{side} {grouped(total)}" for side, total in zip("AB", comparison.totals, strict=True)]
        cells = [head.rjust(11) + " " * max(column - max(11, cell_len(head)), 0) for head in heads]
        self.head.update(Content(fit(name, room) + "".join(cells)))
        for side, box, state in zip("AB", self.boxes, self.states, strict=True):
            box.border_title = Content(f"{side} {safe(described(state))}")
        dialog = self.query_one(".compare")
        dialog.border_subtitle = Content("esc closes · enter opens · ← → A or B · tab: queries · d dimension · o order")

    def on_compare_rows_opened(self, event: CompareRows.Opened) -> None:
        """Leave for the paragraphs of the row."""
        self.dismiss(self.states[event.side].narrowed(self.dimension, event.row.id))

    def action_turn(self) -> None:
        """The next dimension."""
        at = self.names.index(self.dimension) if self.dimension in self.names else -1
        self.dimension = self.names[(at + 1) % len(self.names)]
        self.order = "name" if self.dimension == "year" else "difference"
        self._count()

    def action_next_order(self) -> None:
        """The next order of the rows."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        if self.rows.comparison is not None:
            self.rows.show(self.rows.comparison, self.order)
            self._show_head()
