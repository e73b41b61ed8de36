"""A facet pane: the values of one dimension with counts and bars, as a list or a tree, with a search in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from searchkit.model import Facet, FacetOrder, FacetValue
from searchkit.terminal import safe
from searchkit.tui.bindings import bindings
from searchkit.tui.boxes import SafeInput
from searchkit.tui.lines import RowList
from searchkit.tui.listing import Row, flat_rows, tree_rows
from searchkit.tui.paint import bar, fit, grouped, line, short
from searchkit.tui.state import ORDERS
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

#: Dimensions that are a tree from the start.
TREES: Final = ("countries", "weapons")
How = Literal["include", "exclude", "only", "why", "merge", "rename", "reject"]


class FacetRows(RowList):
    """The rows of one facet and what the keys do with the value under the cursor."""

    reserved = 1  # the counts stand in the same column with and without a scroll bar
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("facet")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        *(f"{name}-bar" for name in DIMENSION_STYLES),
        "sk--cursor",
        "sk--muted",
        "sk--excluded",
        "sk--chosen",
    }

    class Chosen(Message):
        """Something is to be done with a value."""

        def __init__(self, dimension: str, row: Row, how: How) -> None:
            super().__init__()
            self.dimension = dimension
            self.row = row
            self.how = how

    class Asked(Message):
        """Something is to be done with the facet: `any_all`, `order`, `find`, `more`, `all`, or (a tree) `again`."""

        def __init__(self, dimension: str, what: Literal["any_all", "order", "find", "more", "all", "again"]) -> None:
            super().__init__()
            self.dimension = dimension
            self.what = what

    def __init__(self, dimension: str) -> None:
        super().__init__(classes="facet-rows")
        self.dimension = dimension
        self.as_tree = dimension in TREES
        self.folded: frozenset[tuple[str, ...]] = frozenset()
        self.values: tuple[FacetValue, ...] = ()
        self.rows: list[Row] = []
        self.more = 0
        self.searching = False
        self.answered = False
        self._top = 1
        self._count_width = 1
        self._branched = False
        self._to_end = False

    @property
    def row_count(self) -> int:
        """Values, and one line that says how many more there are (or that there is none)."""
        return len(self.rows) + bool(self.more or not self.rows)

    @property
    def current(self) -> Row | None:
        """The row under the cursor, if a value is there."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def show(self, values: tuple[FacetValue, ...], more: int, *, searching: bool = False, used: bool = True) -> None:
        """Show these values: from the top, or where the pane is `used` with the cursor on the value it was on."""
        self.values, self.more, self.searching, self.answered = values, more, searching, True
        self.lay_out(used=used)

    def lay_out(self, *, used: bool = True) -> None:
        """Lay the rows out again; where the pane is `used` the cursor stays with its value, else it goes to the top."""
        before = self.current if used else None
        treed = self.as_tree and not self.searching
        self.rows = tree_rows(self.values, self.folded) if treed else flat_rows(self.values)
        self._branched = treed and any(row.branch for row in self.rows)
        counts = [row.count for row in self.rows if row.count is not None]
        self._top = max(counts, default=0) or 1
        self._count_width = min(len(grouped(self._top)), 7)
        cursor = self.cursor if used else 0
        if self._to_end:
            cursor, self._to_end = len(self.rows) - 1, False
        elif before is not None:
            same = [at for at, row in enumerate(self.rows) if row.id == before.id]
            if same:
                cursor = min(same, key=lambda at: (self.rows[at].pinned != before.pinned, at))
        self.rows_changed(cursor=cursor, top=not used)

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`● Ukraine ███▌ 123`: marker, label, bar, count."""
        base = self.base
        if current and self.has_focus:
            base += self.style("sk--cursor")
        muted = base + self.style("sk--muted")
        if row >= len(self.rows):
            text = f"+{grouped(self.more)} more" if self.more else (self._nothing())
            if self.more:
                self.post_message(self.Asked(self.dimension, "more"))
            return [line([("  " + text, muted)], width, base)]
        item = self.rows[row]
        colour = base + self.style(dimension_style(self.dimension))
        label_style = base
        marker = "  "
        if item.selected:
            marker, label_style = "● ", colour + self.style("sk--chosen")
        elif item.excluded:
            marker, label_style = "✕ ", base + self.style("sk--excluded")
        elif item.count == 0:
            label_style = muted
        lead = " " * item.depth
        if self._branched and not item.pinned:
            lead += ("▸ " if item.folded else "▾ ") if item.branch else "  "
        bar_width = 0 if width < 20 else max(width // 7, 4)
        if item.count is None:
            count, drawn = "", " " * bar_width
        else:
            count, drawn = short(item.count, self._count_width), bar(item.count / self._top, bar_width)
        gap = " " if bar_width else ""
        room = width - len(marker) - len(lead) - bar_width - self._count_width - 1 - len(gap)
        parts = [
            (marker, colour if item.selected else base + self.style("sk--excluded") if item.excluded else base),
            (lead, muted),
            (fit(safe(item.label), room), label_style),
            (" ", base),
            (drawn, base + self.style(dimension_style(self.dimension) + "-bar")),
            (gap, base),
            (count.rjust(self._count_width), muted if not item.selected else colour),
        ]
        return [line(parts, width, base)]

    def _nothing(self) -> str:
        if not self.answered:
            return "…"
        return "no such value" if self.searching else "none here"

    def _choose(self, how: How) -> None:
        row = self.current
        if row is not None:
            self.post_message(self.Chosen(self.dimension, row, how))

    def action_include(self) -> None:
        """Include the value, or let it go."""
        self._choose("include")

    def action_exclude(self) -> None:
        """Exclude the value, or let it go."""
        self._choose("exclude")

    def action_only(self) -> None:
        """Include this value alone."""
        self._choose("only")

    def action_why(self) -> None:
        """Ask what makes the count."""
        self._choose("why")

    def action_decide(self, what: Literal["merge", "rename", "reject"]) -> None:
        """Merge the value into another one, give it another name, or say that there is no such value."""
        self._choose(what)

    def action_any_all(self) -> None:
        """Exchange any and all."""
        self.post_message(self.Asked(self.dimension, "any_all"))

    def action_next_order(self) -> None:
        """The next order of the values."""
        self.post_message(self.Asked(self.dimension, "order"))

    def action_find(self) -> None:
        """Open the box that searches in the values."""
        self.post_message(self.Asked(self.dimension, "find"))

    def action_last(self) -> None:
        """To the last value there is, listed yet or not."""
        super().action_last()
        if self.more:
            self._to_end = True
            self.post_message(self.Asked(self.dimension, "all"))

    def action_tree(self) -> None:
        """Tree or list."""
        self.as_tree = not self.as_tree
        self.post_message(self.Asked(self.dimension, "again"))

    def action_fold(self, shut: bool) -> None:
        """Fold or unfold the branch under the cursor; folding a leaf goes to its branch."""
        row = self.current
        if row is None or not self.as_tree or row.pinned:
            return
        if row.branch is not None and row.folded != shut:
            self.folded = self.folded | {row.branch} if shut else self.folded - {row.branch}
            self.lay_out()
        elif shut:
            above = [at for at in range(self.cursor) if not self.rows[at].pinned and self.rows[at].depth < row.depth]
            if above:
                self.cursor = above[-1]

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click toggles the value; on the triangle it folds; with ctrl, shift or another button it excludes.

        The press does it: by the time the button is let go the pane has grown, and another value is under the mouse.
        """
        at = self.row_under(event)
        if at is None:
            return
        self.cursor = at
        row = self.current
        if row is None:
            return
        if self.as_tree and row.branch and not row.pinned and row.depth + 2 <= event.x <= row.depth + 3:
            self.action_fold(not row.folded)
        elif event.ctrl or event.shift or event.button != 1:
            self.action_exclude()
        else:
            self.action_include()


class FacetPane(Vertical):
    """The frame of a facet: number and name, how many values, any or all, and the box that searches in them."""

    class Find(Message):
        """Values are wanted whose name holds `text`; empty when the search is over."""

        def __init__(self, dimension: str, text: str) -> None:
            super().__init__()
            self.dimension = dimension
            self.text = text

    def __init__(self, dimension: str, number: int) -> None:
        super().__init__(classes=f"pane facet {dimension_style(dimension)}-pane")
        self.dimension = dimension
        self.number = number
        self.order: FacetOrder = "count"
        self.all_of = False
        self.facet = Facet()
        self._titles = ("", "")
        self._bare = True
        self.rows = FacetRows(dimension)
        self.box = SafeInput(placeholder="find a value, enter keeps it, esc leaves", classes="find", compact=True)

    def compose(self) -> ComposeResult:
        """The box (hidden until it is asked for) over the rows."""
        yield self.box
        yield self.rows

    def on_mount(self) -> None:
        """The title stands before the first answer."""
        self._retitle()

    def show(self, facet: Facet, *, all_of: bool) -> None:
        """Show the counts of an answer; while values are searched, the found ones stay until found again."""
        self.facet, self.all_of = facet, all_of
        self._retitle()
        self._bare = self._bare and not facet.values
        self.set_class(self._bare, "-bare")
        if self.finding:
            self.post_message(self.Find(self.dimension, self.box.value))
        else:
            self.rows.show(facet.values, facet.more, used=self.has_focus_within)

    def show_found(self, values: tuple[FacetValue, ...]) -> None:
        """Show the values that a search in the facet found."""
        if self.finding:
            self.rows.show(values, 0, searching=True)

    @property
    def finding(self) -> bool:
        """Whether the values are being searched."""
        return self.has_class("-finding")

    def open_find(self) -> None:
        """Open the box."""
        self.add_class("-finding")
        self.box.focus()
        self.post_message(self.Find(self.dimension, self.box.value))

    def close_find(self) -> None:
        """Close the box and show all values again."""
        self.remove_class("-finding")
        with self.prevent(Input.Changed):
            self.box.value = ""
        self.rows.show(self.facet.values, self.facet.more)
        self.rows.focus()

    def next_order(self) -> FacetOrder:
        """Go on to the next order of the values."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self._retitle()
        return self.order

    def on_input_changed(self, event: Input.Changed) -> None:
        """Every letter searches."""
        event.stop()
        self.post_message(self.Find(self.dimension, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the values found."""
        event.stop()
        self.rows.focus()

    def on_key(self, event: events.Key) -> None:
        """Down leaves the box for the rows."""
        if self.box.has_focus and event.key == "down":
            event.stop()
            self.rows.focus()

    def _retitle(self) -> None:
        name = safe(self.dimension).capitalize()
        extra = [*(["all of"] if self.all_of else []), *([f"by {self.order}"] if self.order != "count" else [])]
        titles = (
            f"{self.number} {name}" + "".join(f" · {each}" for each in extra),
            grouped(self.facet.distinct) if self.facet.distinct else "",
        )
        if titles != self._titles:  # a new title paints the whole pane
            self._titles = titles
            self.border_title, self.border_subtitle = map(Content, titles)
