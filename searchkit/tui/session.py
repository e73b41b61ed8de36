"""A screen that asks: it holds the state of the search, puts the questions, and knows the ways back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.message import Message
from textual.screen import Screen

from searchkit.errors import CancelledError
from searchkit.terminal import safe
from searchkit.tui.bindings import bindings
from searchkit.tui.late import LateEngine
from searchkit.tui.results import PAGE
from searchkit.tui.searching import FACET_LIMIT, Asker, Failed, told
from searchkit.tui.state import SORTS, History, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.binding import BindingType
    from textual.timer import Timer
    from textual.worker import Worker

    from searchkit.model import FacetOrder, Request, Results, Scope
    from searchkit.search.engine import Engine

#: A search that takes longer than so many seconds says so.
BUSY_AFTER = 0.15


class Told(Message):
    """A thread has something for the screen to do."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self.action = action


class SearchSession(Screen[None]):
    """Holds what is asked and what was answered last. What it looks like is the subclass's."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("browse")]

    def __init__(self, engine: Engine, *, refresh_seconds: float = 0.0, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.engine = engine
        self.asker = Asker(engine, self)
        self.history = History(State())
        self.results: Results | None = None
        self.labels: dict[tuple[str, str], str] = {}
        self._refresh_seconds = refresh_seconds
        self._busy: Timer | None = None
        self._trouble = ""

    def on_mount(self) -> None:
        """Once the first frame is painted, ask for everything: the first answer is there before the first key."""
        self.call_after_refresh(self.ask, "open", self._open)
        if self._refresh_seconds:
            self.set_interval(self._refresh_seconds, self.look_for_news)

    def on_unmount(self) -> None:
        """Give up what is still asked: the program ends when its threads have."""
        self.asker.newest += 1

    # What a subclass shows.

    def show_state(self, *, typed: bool = False) -> None:
        """Bring box and chips in line with the state; where it was `typed`, the box is ahead of it."""

    def show_busy(self, busy: bool) -> None:
        """Say that a search takes its time, or no longer."""

    def show_trouble(self, text: str) -> None:
        """Say, as long as it is so, why the index on disk cannot be read; empty once it can."""

    def orders(self) -> Mapping[str, FacetOrder]:
        """In which order each facet's values are wanted."""
        return {}

    def trees(self) -> tuple[str, ...]:
        """The dimensions of which the values above the listed ones are wanted too."""
        return ()

    def opened(self) -> None:
        """Take note of what the engine has, now that it is open, and ask for everything."""
        self.search()

    # Asking.

    @property
    def state(self) -> State:
        """What is asked at present."""
        return self.history.state

    def request(self, *, limit: int = PAGE, offset: int = 0) -> Request:
        """The request for what is asked at present."""
        asked = self.state.request(limit=limit, offset=offset)
        return replace(asked, facet_limit=FACET_LIMIT, dimensions=self.engine.dimensions, groups=self.trees())

    def ask(self, group: str, work: Callable[[], None], *, exclusive: bool = True) -> Worker[None]:
        """Run a question in a thread; unless told otherwise, a newer one of the same group takes its place."""
        return self.run_worker(work, thread=True, exclusive=exclusive, group=group, exit_on_error=False)

    def _open(self) -> None:
        """Wait for an engine that is not open yet; without one there is nothing to show."""
        if isinstance(self.engine, LateEngine):
            try:
                self.engine.open()
            except Exception:  # noqa: BLE001 - whatever it is, `run` raises it
                self.app.call_later(self.app.exit)
                return
        self.app.call_later(self.opened)

    def in_thread(self, group: str, work: Callable[[], Callable[[], None]]) -> Worker[None]:
        """Run `work` in a thread, and what it returns on the screen; what it raises is told."""

        def run() -> None:
            try:
                message: Message = Told(work())
            except CancelledError:
                return
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is told, and the screen stays
                message = Failed(self.asker.newest, group, error)
            self.post_message(message)

        return self.ask(group, run)

    @on(Told)
    def _do_told(self, event: Told) -> None:
        event.action()

    def search(self) -> None:
        """Ask for the present state; what was asked before is of no interest any more."""
        self.asker.newest += 1
        if self._busy is None:
            self._busy = self.set_timer(BUSY_AFTER, partial(self.show_busy, busy=True))
        self.ask("search", partial(self.asker.search, self.asker.newest, self.request(), self.orders()))

    def rested(self) -> None:
        """The newest question is answered."""
        if self._busy is not None:
            self._busy.stop()
            self._busy = None
        self.show_busy(busy=False)

    def change(self, state: State, *, typed: bool = False) -> None:
        """Make `state` the present one, show it, and search."""
        if self.history.change(state, typed=typed):
            if not typed:
                self.look_at()
            self.show_state(typed=typed)
            self.search()

    def look_for_news(self) -> None:
        """Ask whether the index has a newer generation."""
        self.ask("news", self._refresh_engine)

    def _refresh_engine(self) -> None:
        try:
            moved = self.engine.refresh()
        except Exception as error:  # noqa: BLE001 - whatever it is, the generation that is open goes on serving
            self.app.call_later(self._show_news, False, told(error))
        else:
            self.app.call_later(self._show_news, moved, "")

    def _show_news(self, moved: bool, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.show_trouble(trouble)
            if trouble:
                self.complain(f"{trouble}. What is open goes on serving.")
        if moved:
            self.say("The index has changed: this is its newest state.")
            self.search()

    def look_at(self) -> None:
        """The present search is looked at, not only typed past."""
        self.history.settle()

    # Messages.

    def complain(self, text: str) -> None:
        """Tell that something went wrong."""
        self.notify(safe(text), severity="error", markup=False)

    def say(self, text: str) -> None:
        """Tell that something was done."""
        self.notify(safe(text), markup=False, timeout=3)

    def _carry_out(self, step: Callable[[], None]) -> None:
        """Change the curation file and move on to what it makes of the index."""
        try:
            step()
            self.engine.refresh()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the screen stays
            self.post_message(Failed(self.asker.newest, "curation", error))
        else:
            self.app.call_later(self.search)

    # Actions on the state.

    def _moved(self, moved: bool) -> None:
        step, self.history.pending = self.history.pending, None
        if moved and step is not None:
            self.ask("curation", partial(self._carry_out, step), exclusive=False)
        elif moved:
            self.show_state()
            self.search()
        else:
            self.app.bell()

    def action_undo(self) -> None:
        """Take back the last change."""
        self._moved(self.history.undo())

    def action_redo(self) -> None:
        """Do again what was taken back."""
        self._moved(self.history.redo())

    def action_walk(self, step: int) -> None:
        """To an earlier or a later search."""
        self._moved(self.history.walk(step))

    def action_clear_filters(self) -> None:
        """Remove every filter."""
        self.change(self.state.cleared())

    def action_next_sort(self) -> None:
        """The next order of the results."""
        sort = SORTS[(SORTS.index(self.state.sort) + 1) % len(SORTS)]
        self.change(replace(self.state, sort=sort))
        self.say(f"Results by {sort}.")

    def action_toggle_scope(self) -> None:
        """Paragraphs or documents."""
        scope: Scope = "document" if self.state.scope == "paragraph" else "paragraph"
        self.change(replace(self.state, scope=scope))
        self.say(f"Words and filters meet in one {scope}.")
