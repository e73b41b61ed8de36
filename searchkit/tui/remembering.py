"""What the screen remembers: queries, saved searches, how facets are shown, and how far the tour has come."""

# ruff: noqa: PLC0415 - what opens over the screen is loaded when it does, so that the first frame is there sooner

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from searchkit.tui.browse import BrowseScreen
from searchkit.tui.facets import FacetRows
from searchkit.tui.searching import search_in_worker
from searchkit.tui.state import State
from searchkit.tui.store import Saved, Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from searchkit.model import Request
    from searchkit.search.engine import Engine
    from searchkit.tui.facets import FacetPane


class RememberingScreen(BrowseScreen):
    """Keeps in `store` what is to be there at the next start."""

    def __init__(self, engine: Engine, *, store: Store | None = None, refresh_seconds: float = 0.0) -> None:
        self.store = store or Store()
        super().__init__(engine, refresh_seconds=refresh_seconds)
        self._recalled = 0
        #: What tells this index from others whose totals are kept.
        self.name_of_index = ""
        #: Whether a count was explained since the tour began.
        self.explained = False

    # The tour.

    def on_mount(self) -> None:
        """The tour starts by itself once, where it can be remembered that it did."""
        self.bindings_updated_signal.subscribe(self, self._look_for_steps)
        if self.store.folder is not None and not self.store.toured:
            self.store.tour_taken()
            self.tour.start()

    def _look_for_steps(self, screen: Screen[object]) -> None:
        del screen
        if self.tour.running:
            self.tour.look(self._facts())

    def _facts(self) -> set[str]:
        """What has been done that a step of the tour tells of."""
        focus = self.focused
        facts = {
            "typed": bool(self.state.query.strip()) and self.results is not None,
            "results": focus is self.list,
            "facet": isinstance(focus, FacetRows),
            "filtered": bool(self.state.filters or self.state.exclude),
            "why": self.explained,
            "reading": focus is self.preview,
            "undone": self.history.can_redo,
        }
        return {name for name, true in facts.items() if true}

    def action_tour(self) -> None:
        """Start the tour, or leave it."""
        self.explained = False
        self.tour.stop() if self.tour.running else self.tour.start()

    def action_next_step(self) -> None:
        """The next step of the tour."""
        self.tour.next()

    # Searches that are kept.

    def look_at(self) -> None:
        """A query whose results are looked at is remembered."""
        super().look_at()
        self._recalled = 0
        self.store.remember(self.state.query)

    def recall(self, step: int) -> None:
        """An earlier or a later query than the one in the box."""
        known = [each for each in self.store.queries if each != self.state.query.strip() or self._recalled]
        at = self._recalled - step
        if not 0 <= at <= len(known):
            self.app.bell()
            return
        self._recalled = at
        self.change(replace(self.state, query=known[-at] if at else ""), typed=True)
        self.show_state()

    def action_save(self) -> None:
        """Keep the present search under a name."""
        from searchkit.tui.dialogs import LineDialog

        hint = "H lists the saved searches, with what they have found since."
        self.app.push_screen(
            LineDialog("Save this search as", self.state.query.strip() or "everything", hint), self._save
        )

    def _save(self, name: str | None) -> None:
        if name and self.results is not None:
            kept = self.store.keep(Saved(name, self.state, self.results.total, self.name_of_index))
            if self.store.written:
                self.say(f"Saved as {kept}.")
            else:
                where = f"{self.store.folder} cannot be written" if self.store.folder else "nothing is written here"
                self.complain(f"{kept} is kept until you leave, no longer: {where}.")

    def action_searches(self) -> None:
        """Saved searches and earlier queries."""
        from searchkit.tui.dialogs import SearchesScreen

        self.store.look()
        screen = SearchesScreen(self.store, self.name_of_index)
        self.app.push_screen(screen, self._open_search)
        saved = list(self.store.saved.values())

        def work() -> Callable[[], None]:
            totals = {each.name: search_in_worker(self.engine, _counting(each.state)).total for each in saved}
            return partial(screen.show_totals, totals)

        if saved:
            self.in_thread("saved", work)

    def _open_search(self, chosen: State | str | None) -> None:
        if isinstance(chosen, State):
            self.change(chosen)
            for each in self.store.saved.values():
                if each.state == chosen and self.results is not None:
                    self.in_thread("saved", partial(self._note_total, each))
        elif chosen is not None:
            self.change(replace(self.state, query=chosen))

    def _note_total(self, saved: Saved) -> Callable[[], None]:
        total = search_in_worker(self.engine, _counting(saved.state)).total
        return partial(self.store.note_total, saved.name, total, self.name_of_index)

    # How facets are shown.

    def add_panes(self) -> list[FacetPane]:
        """Panes are shown as they were last."""
        added = super().add_panes()
        for pane in added:
            pane.order, pane.rows.as_tree = self.store.facets.get(pane.dimension, (pane.order, pane.rows.as_tree))
        return added

    def arranged(self, pane: FacetPane) -> None:
        """How a facet is shown is kept for the next start."""
        self.store.arrange(pane.dimension, pane.order, as_tree=pane.rows.as_tree)


def _counting(state: State) -> Request:
    return replace(state.request(limit=0), dimensions=())
