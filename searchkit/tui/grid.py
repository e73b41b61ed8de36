"""The grid: two dimensions against each other over the present hits; each cell opens its paragraphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding
from textual.color import Color, ColorParseError
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen

from searchkit.errors import CancelledError, SearchkitError
from searchkit.model import ENTITY_DIMENSIONS
from searchkit.terminal import safe
from searchkit.tui.lines import RowList
from searchkit.tui.paint import clip, fit, grouped, line, short
from searchkit.tui.searching import search_in_worker
from searchkit.tui.theme import DIMENSION_STYLES, dimension_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

    from searchkit.model import Facet, FacetValue, Request, Selection
    from searchkit.search.engine import Engine

#: Values of each dimension that are set against each other.
ROWS, COLUMNS = 40, 12
CELL = 11


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts of paragraphs that bear a value of `down` and one of `across`; `cells[row][column]`."""

    down: str
    across: str
    rows: tuple[FacetValue, ...]
    columns: tuple[FacetValue, ...]
    cells: tuple[tuple[int, ...], ...]
    #: How many values there are of each, listed or not.
    distinct: tuple[int, int] = (0, 0)


def without(selection: Selection, *dimensions: str) -> dict[str, tuple[str, ...]]:
    """A selection without those of some dimensions."""
    return {name: values for name, values in selection.items() if name not in dimensions}


def count_grid(engine: Engine, request: Request, down: str, across: str) -> Grid:
    """Ask the engine for one row after another: the columns selected, each is listed with its exact count.

    The counts ignore what is selected in the two dimensions themselves, as a facet's counts ignore its own selection.
    """
    base = replace(
        request,
        filters=without(request.filters, down, across),
        all_of=tuple(each for each in request.all_of if each not in (down, across)),
        limit=0,
        offset=0,
        facet_order="count",
        groups=(),
    )
    facets = search_in_worker(engine, replace(base, dimensions=(down, across), facet_limit=ROWS)).facets
    rows, columns = _listed(facets[down], down, ROWS), _listed(facets[across], across, COLUMNS)
    chosen = tuple(value.id for value in columns)
    cells = []
    for row in rows:
        filters = {**base.filters, down: (row.id,), across: chosen}
        asked = replace(base, filters=filters, dimensions=(across,), facet_limit=COLUMNS)
        counts = {value.id: value.count for value in search_in_worker(engine, asked).facets[across].values}
        cells.append(tuple(counts.get(value, 0) for value in chosen))
    seen = [(row, counts) for row, counts in zip(rows, cells, strict=True) if any(counts)]
    rows, cells = tuple(row for row, _ in seen), [counts for _, counts in seen]
    return Grid(down, across, rows, columns, tuple(cells), (facets[down].distinct, facets[across].distinct))


def _listed(facet: Facet, dimension: str, most: int) -> tuple[FacetValue, ...]:
    """The most frequent values; years in their own order."""
    values = [value for value in facet.values if value.count and not value.excluded][:most]
    return tuple(sorted(values, key=lambda value: value.id) if dimension == "year" else values)


class GridRows(RowList):
    """The cells, the darker the more; the first row names the columns and stays in view as the border's title."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *DIMENSION_STYLES,
        "sk--muted",
        "sk--title",
        "sk--cursor",
        "sk--here",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "sideways(1)", show=False),
        Binding("left,h", "sideways(-1)", show=False),
        Binding("enter,space", "choose", show=False),
    ]

    column: reactive[int] = reactive(0, repaint=False)

    class Opened(Message):
        """A cell was chosen."""

        def __init__(self, row: FacetValue, column: FacetValue) -> None:
            super().__init__()
            self.row = row
            self.column = column

    def __init__(self) -> None:
        super().__init__(id="grid")
        self.grid: Grid | None = None
        self._top = 1

    @property
    def row_count(self) -> int:
        """The values of the dimension that goes down."""
        return len(self.grid.rows) if self.grid is not None else 0

    def show(self, grid: Grid) -> None:
        """Show a grid."""
        self.grid = grid
        self._top = max((count for row in grid.cells for count in row), default=0) or 1
        self.column = 0
        self.rows_changed(cursor=0, top=True)

    def watch_column(self) -> None:
        """The cursor went sideways."""
        self.refresh_row(self.cursor)
        self.post_message(self.Moved(self, self.cursor))

    def label_width(self, width: int) -> int:
        """How wide the names of the rows are."""
        longest = max((cell_len(safe(row.value)) for row in self.grid.rows), default=0) if self.grid else 0
        return min(longest + 2, max(width // 3, 12), max(width - CELL, 4), 32)

    def columns_seen(self, width: int) -> range:
        """The columns that stand in the view whole: the one under the cursor always does."""
        fits = max((width - self.label_width(width)) // CELL, 1)
        first = max(self.column - fits + 1, 0)
        return range(first, min(first + fits, len(self.grid.columns) if self.grid else 0))

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`Ukraine      12        3`."""
        base = self.rich_style
        if self.grid is None:
            return [line([("", base)], width, base)]
        name = self.style(dimension_style(self.grid.down))
        label = fit(safe(self.grid.rows[row].value), self.label_width(width) - 1) + " "
        parts = [(label, base + name + (self.style("sk--title") if current else Style.null()))]
        for at in self.columns_seen(width):
            count = self.grid.cells[row][at]
            style = base + self._shade(count) if count else base + self.style("sk--muted")
            if current and at == self.column:
                style += self.style("sk--here")
            parts += [(short(count, CELL - 2).rjust(CELL - 2) + " " if count else "·".rjust(CELL - 2) + " ", style)]
            parts.append((" ", base))
        return [line(parts, width, base)]

    def _shade(self, count: int) -> Style:
        try:
            low = Color.parse(self.app.theme_variables["surface"])
            high = Color.parse(self.app.theme_variables.get(f"sk-{self.grid.across}" if self.grid else "", "blue"))
        except (ColorParseError, KeyError):
            return Style.null()
        if low.ansi is not None or high.ansi is not None:
            return Style(bold=True)
        mixed = low.blend(high, 0.12 + 0.68 * count / self._top)
        return Style(bgcolor=mixed.rich_color, color=mixed.get_contrast_text(1.0).rich_color)

    def action_sideways(self, step: int) -> None:
        """Move along the row."""
        if self.grid is not None and self.grid.columns:
            self.column = min(max(self.column + step, 0), len(self.grid.columns) - 1)
            self._painted.clear()
            self.refresh()

    def action_choose(self) -> None:
        """Open the paragraphs of the cell."""
        if self.grid is not None and self.grid.rows and self.grid.columns:
            self.post_message(self.Opened(self.grid.rows[self.cursor], self.grid.columns[self.column]))

    def on_click(self, event: events.Click) -> None:
        """A click goes to a cell, a second one opens it."""
        at, width = self.row_under(event), self.line_width
        if self.grid is None or at is None or event.x < self.label_width(width):
            return
        self.cursor = at
        seen = self.columns_seen(width)
        self.column = min(seen.start + (event.x - self.label_width(width)) // CELL, seen.stop - 1)
        self._painted.clear()
        self.refresh()
        if event.chain > 1:
            self.action_choose()


class ColumnNames(RowList, can_focus=False):
    """The names of the columns, above the grid."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*DIMENSION_STYLES, "sk--title", "sk--muted"}

    def __init__(self, rows: GridRows) -> None:
        super().__init__(id="columns")
        self.rows = rows

    @property
    def row_count(self) -> int:
        """Two lines: long names have two cells' worth of letters, one over the other."""
        return 2

    def render_line(self, y: int) -> Strip:
        """The first or the second half of each name; where there is but one line, what it holds of the name."""
        width, base, grid = self.size.width, self.rich_style, self.rows.grid
        if grid is None:
            return line([(" counting…" if y == 0 else "", base + self.style("sk--muted"))], width, base)
        inner = self.rows.line_width
        parts = [(" " * self.rows.label_width(inner), base)]
        for at in self.rows.columns_seen(inner):
            name = safe(grid.columns[at].value)
            text = clip(name, CELL - 1) if self.size.height < 2 else _halves(name, CELL - 1)[y]
            style = base + self.style(dimension_style(grid.across))
            parts.append(
                (
                    text.rjust(CELL - 1) + " ",
                    style + (self.style("sk--title") if at == self.rows.column else Style.null()),
                )
            )
        return line(parts, width, base)


def _halves(name: str, width: int) -> tuple[str, str]:
    """A name on two lines of `width` cells, broken at a space where one is near."""
    if len(name) <= width:
        return "", name
    space = name.rfind(" ", 0, width + 1)
    cut = space if space > 0 else name.find(" ") if " " in name else len(name)
    upper, lower = clip(name[:cut], width), clip(name[cut:].strip(), width)
    return (upper, lower) if lower else ("", upper)


class GridScreen(ModalScreen["tuple[str, str, str, str, str, str] | None"]):
    """Two dimensions against each other. Dismissed with (dimension, id, label) of row and column, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,g", "dismiss", "Close", show=False),
        Binding("d", "turn('down')", show=False),
        Binding("a", "turn('across')", show=False),
        Binding("t", "swap", show=False),
    ]

    class Counted(Message):
        """The counts are there, or the reason why not."""

        def __init__(self, number: int, grid: Grid | None, error: str = "") -> None:
            super().__init__()
            self.number = number
            self.grid = grid
            self.error = error

    def __init__(self, engine: Engine, request: Request, names: Sequence[str]) -> None:
        """`names` are the dimensions that there is something to count in."""
        super().__init__()
        self.engine, self.request, self.names = engine, request, names
        self.down = "countries" if "countries" in names else names[0]
        self.across = next(name for name in (*ENTITY_DIMENSIONS[::-1], *names) if name != self.down and name in names)
        self.rows = GridRows()
        self.columns = ColumnNames(self.rows)
        self._asked = 0

    def compose(self) -> ComposeResult:
        """Names of the columns over the cells."""
        with Vertical(classes="dialog grid"):
            yield self.columns
            yield self.rows

    def on_mount(self) -> None:
        """Count at once."""
        self._count()
        self.rows.focus()

    def _count(self) -> None:
        dialog = self.query_one(".dialog")
        self._entitle()
        dialog.border_subtitle = Content("esc closes · enter opens · d, a other dimensions · t turns")
        self._asked += 1
        work = partial(self._work, self._asked, self.down, self.across)
        self.run_worker(work, thread=True, exclusive=True, group="grid", exit_on_error=False)

    def _entitle(self, grid: Grid | None = None) -> None:
        """Name the dimensions, and say where not all of their values stand here."""
        names = [safe(self.down).capitalize(), safe(self.across)]
        for at, listed in enumerate((grid.rows, grid.columns) if grid else ()):
            if grid and len(listed) < grid.distinct[at]:
                names[at] += f" ({len(listed)} of {grouped(grid.distinct[at])})"
        self.query_one(".dialog").border_title = Content(" against ".join(names))

    def _work(self, number: int, down: str, across: str) -> None:
        try:
            message = self.Counted(number, count_grid(self.engine, self.request, down, across))
        except CancelledError:
            return
        except SearchkitError as error:
            message = self.Counted(number, None, str(error))
        except Exception as error:  # noqa: BLE001 - a fault in the engine must not take the screen with it
            message = self.Counted(number, None, f"{type(error).__name__}: {error}")
        self.post_message(message)

    def on_grid_screen_counted(self, event: Counted) -> None:
        """Show the counts, if they are still the ones that are wanted."""
        if event.number != self._asked:
            return
        if event.grid is None:
            self.notify(safe(event.error), severity="error", markup=False)
            return
        self.rows.show(event.grid)
        self._entitle(event.grid)
        self.columns.refresh()

    def on_row_list_moved(self) -> None:
        """The name of the column under the cursor is the brighter one."""
        self.columns.refresh()

    def on_grid_rows_opened(self, event: GridRows.Opened) -> None:
        """Leave for the paragraphs of the cell."""
        row, column = event.row, event.column
        self.dismiss((self.down, row.id, row.value, self.across, column.id, column.value))

    def action_turn(self, side: str) -> None:
        """The next dimension downwards or across."""
        others = [name for name in self.names if name not in (self.down, self.across)]
        if others:
            now = self.down if side == "down" else self.across
            later = [name for name in others if self.names.index(name) > self.names.index(now)]
            setattr(self, side, (later or others)[0])
            self._count()

    def action_swap(self) -> None:
        """Rows become columns."""
        self.down, self.across = self.across, self.down
        self._count()
