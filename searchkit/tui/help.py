"""The help: every key of the table, those of the present pane first, with a search in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from searchkit.tui.bindings import PANES, Action, rows_of, shown_key
from searchkit.tui.boxes import SafeInput
from searchkit.tui.lines import RowList
from searchkit.tui.names import folded
from searchkit.tui.paint import fit, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.strip import Strip

GRAMMAR: Final = (
    'Query: words  "a phrase"  "near words"~5  prefix*  wild?card  fuzzy~1  OR  NOT  -word  ( )  '
    "title:  source:  person:  country:  weapon:  date:[2024-11 TO 2024-12]"
)


class KeyRows(RowList):
    """Rows of keys under the names of their panes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"sk--key", "sk--muted", "sk--title", "sk--cursor"}

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str | Action] = []

    @property
    def row_count(self) -> int:
        """Headings and keys."""
        return len(self.rows)

    def show(self, rows: list[str | Action]) -> None:
        """Show these rows."""
        self.rows = rows
        self.rows_changed(cursor=1 if len(rows) > 1 else 0, top=True)

    def paint(self, row: int, width: int, *, current: bool) -> list[Strip]:
        """`space   Include   Keep paragraphs with this value`."""
        base = self.rich_style
        item = self.rows[row]
        if isinstance(item, str):
            return [line([(f"{item}", base + self.style("sk--title"))], width, base)]
        if current:
            base += self.style("sk--cursor")
        keys = "  ".join(shown_key(key) for key in item.keys)
        parts = [
            (fit(f"  {keys}", 18 if width >= 70 else 14), base + self.style("sk--key")),
            (fit(item.label, 24) if width >= 104 else "", base),  # the sentence says it, too
            (item.help or item.label, base + self.style("sk--muted")),
        ]
        return [line(parts, width, base)]


class HelpScreen(ModalScreen[None]):
    """All keys. Typing searches; the arrows scroll; escape closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark", "dismiss", "Close", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, actions: Sequence[Action], pane: str = "browse") -> None:
        super().__init__()
        self.actions, self.pane = actions, pane
        self.box = SafeInput(placeholder="search the keys")
        self.list = KeyRows()

    def compose(self) -> ComposeResult:
        """A box over the rows."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Keys")
            dialog.border_subtitle = Content("esc closes")
            yield self.box
            yield self.list
            yield Static(GRAMMAR, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Everything is shown at first."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the keys that the letters occur in."""
        self._show(event.value)

    def _show(self, text: str) -> None:
        wanted = folded(text).split()
        rows: list[str | Action] = []
        for pane in sorted(PANES, key=lambda name: name not in rows_of(self.pane)):
            found = [action for action in self.actions if action.pane == pane and _holds(action, wanted)]
            if found:
                rows += [PANES[pane], *found]
        self.list.show(rows or ["No key for that."])

    def action_move(self, step: int) -> None:
        """Move in the rows while the box has the letters."""
        self.list.action_move(step)

    def action_page(self, step: int) -> None:
        """Page in the rows while the box has the letters."""
        self.list.action_page(step)


def _holds(action: Action, wanted: list[str]) -> bool:
    keys = " ".join(shown_key(key) for key in action.keys)
    text = folded(f"{keys} {action.label} {action.help} {PANES[action.pane]}")
    return all(word in text for word in wanted)
