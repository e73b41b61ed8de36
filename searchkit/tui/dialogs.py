"""Small dialogs: one line to type (a file, a name), and a list of searches to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from searchkit.terminal import safe
from searchkit.tui.boxes import SafeInput
from searchkit.tui.lines import RowList
from searchkit.tui.names import folded
from searchkit.tui.paint import clip, fit, grouped, line
from searchkit.tui.store import Saved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

    from searchkit.tui.state import State
    from searchkit.tui.store import Store


class LineDialog(ModalScreen[str]):
    """Asks for one line; dismissed with it, or with an empty one when left by escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]

    def __init__(self, title: str, value: str, hint: str, *, known: Iterable[str] = ()) -> None:
        """`known` are lines that what is typed is completed to (the right arrow takes it)."""
        super().__init__()
        self._title, self._hint = title, hint
        suggester = SuggestFromList(map(safe, known), case_sensitive=False)
        self.box = SafeInput(value=value, compact=True, suggester=suggester)

    def compose(self) -> ComposeResult:
        """A box and a hint."""
        with Vertical(classes="dialog small") as dialog:
            dialog.border_title = Content(safe(self._title))
            dialog.border_subtitle = Content("enter · esc leaves")
            yield self.box
            yield Static(Content(safe(self._hint)), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the line."""
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Escape takes nothing."""
        self.dismiss("")


class SearchRows(RowList):
    """Saved searches, then earlier queries."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--muted", "sk--title", "sk--cursor", "sk--key"}

    def __init__(self, index: str) -> None:
        super().__init__()
        self.index = index
        self.rows: list[Saved | str] = []
        self.totals: dict[str, int] = {}

    @property
    def row_count(self) -> int:
        """Searches, or one line that says that there are none."""
        return len(self.rows) or 1

    @property
    def current(self) -> Saved | str | None:
        """The search under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def show(self, rows: list[Saved | str]) -> None:
        """Show these searches."""
        self.rows = rows
        self.rows_changed()

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`★ name   query   12 (+3)` or `  query`."""
        base = self.rich_style + (self.style("sk--cursor") if current else self.rich_style.null())
        muted = base + self.style("sk--muted")
        if not self.rows:
            return [line([("  none yet: S saves the present search", muted)], width, base)]
        item = self.rows[row]
        if isinstance(item, str):
            return [line([("  " + clip(safe(item), width - 3), base)], width, base)]
        now = self.totals.get(item.name)
        same = now is None or now == item.total or item.index != self.index  # totals of another index tell nothing
        new = "" if same else f" ({(now or 0) - item.total:+d})"
        count = grouped(item.total if now is None else now) + new
        room = max(width - len(count) - 4, 8)
        name = max(room // 3, 8)
        parts = [
            ("★ ", base + self.style("sk--key")),
            (fit(safe(item.name), name) + " ", base + self.style("sk--title")),
            (fit(safe(described(item.state)), room - name - 1) + " ", muted),
            (count, base + self.style("sk--key") if new else muted),
        ]
        return [line(parts, width, base)]


class SearchesScreen(ModalScreen["State | str | None"]):
    """Choose a saved search or an earlier query; typing narrows the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("ctrl+x", "forget", show=False),
    ]

    def __init__(self, store: Store, index: str) -> None:
        """`index` tells the present index from others whose totals are kept."""
        super().__init__()
        self.store = store
        self.box = SafeInput(placeholder="narrow the list", compact=True)
        self.list = SearchRows(index)

    def compose(self) -> ComposeResult:
        """A box over the list."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Searches")
            dialog.border_subtitle = Content("esc closes · enter opens · ctrl+x forgets a saved one")
            yield self.box
            yield self.list

    def on_mount(self) -> None:
        """All of them at first."""
        self._show("")

    def show_totals(self, totals: dict[str, int]) -> None:
        """What the saved searches find now."""
        self.list.totals.update(totals)
        self.list.rows_changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._show(event.value)

    def on_input_submitted(self) -> None:
        """Enter opens the search under the cursor."""
        item = self.list.current
        self.dismiss(item.state if isinstance(item, Saved) else item)

    def _show(self, text: str) -> None:
        wanted = folded(text)
        saved = [each for each in self.store.saved.values() if wanted in folded(f"{each.name} {each.state.query}")]
        queries = [each for each in reversed(self.store.queries) if wanted in folded(each)]
        self.list.show([*saved, *queries])

    def action_move(self, step: int) -> None:
        """Move in the list while the box has the letters."""
        self.list.action_move(step)

    def action_forget(self) -> None:
        """Let the saved search under the cursor go."""
        item = self.list.current
        if isinstance(item, Saved):
            self.store.forget(item.name)
            self._show(self.box.value)


def described(state: State) -> str:
    """A state in one line: the query and how many filters."""
    count = sum(1 for _ in state.chosen()) + (state.period is not None)
    filters = f" · {count} filter{'' if count == 1 else 's'}" if count else ""
    return (state.query.strip() or "everything") + filters
