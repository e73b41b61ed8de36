"""Boxes to type in. What is pasted is made safe before it is shown or searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from searchkit.terminal import safe
from searchkit.tui.bindings import bindings

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class SafeInput(Input):
    """An input whose value never holds a control character: a paste could bring one to the screen."""

    # As wide as its place whatever stands in it: a letter lays out nothing.
    virtual_size = Reactive(Size(0, 0), layout=False)

    async def _on_key(self, event: events.Key) -> None:
        """A key that edits takes effect before the letters behind it: bound keys wait until the queue is empty.

        A slow connection brings many keys at once.
        """
        active = None if event.is_printable else self.screen.active_bindings.get(event.key)
        if active is None or active.node is not self or not active.enabled:
            return
        if await self.app.run_action(active.binding.action, self):  # else it is a key for what is around the box
            event.stop()

    def validate_value(self, value: str) -> str:
        """Show controls as what they are."""
        return safe(value)


class SearchBox(SafeInput):
    """The query. The arrows move in the results while one types."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("search")]

    class Do(Message):
        """A key that is meant for the results: `move`, `drop_filter`, `recall`."""

        def __init__(self, what: Literal["move", "drop_filter", "recall"], step: int = 0) -> None:
            super().__init__()
            self.what = what
            self.step = step

    def action_move(self, step: int) -> None:
        """Move in the results."""
        self.post_message(self.Do("move", step))

    def action_drop_filter(self) -> None:
        """Backspace: a letter, or in an empty box the last filter."""
        if self.value:
            self.action_delete_left()
        else:
            self.post_message(self.Do("drop_filter"))

    def action_recall(self, step: int) -> None:
        """An earlier or a later query."""
        self.post_message(self.Do("recall", step))
