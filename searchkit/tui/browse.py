"""What the keys do among the panes of the main screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input

from searchkit.tui.boxes import SearchBox
from searchkit.tui.chips import Chip, Chips
from searchkit.tui.facets import FacetPane, FacetRows
from searchkit.tui.messages import suggested
from searchkit.tui.panes import RESULTS_NUMBER, BrowsePanes
from searchkit.tui.preview import NUMBER as PREVIEW_NUMBER
from searchkit.tui.preview import Preview
from searchkit.tui.results import ResultsList
from searchkit.tui.timeline import Timeline

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

    from searchkit.tui.curating import Kind
    from searchkit.tui.listing import Row


class BrowseScreen(BrowsePanes):
    """What the keys do among the panes."""

    # Focus.

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the facet that is used; leaving the box ends a step of undo."""
        pane = next(
            (each for each in event.widget.ancestors_with_self if isinstance(each, (FacetPane, Timeline))), None
        )
        if pane is not None:
            self._open_pane(pane)
        else:
            self.remove_class("-choosing")
            self.timeline.remove_class("-open")  # where there is room it stays
        if event.widget is not self.box:
            self.look_at()

    def _open_pane(self, pane: FacetPane | Timeline) -> None:
        for each in (*self.panes, self.timeline):
            each.set_class(each is pane, "-open")
        self.set_class(pane is not self.timeline, "-choosing")

    def go(self, widget: Widget) -> None:
        """Give the keys to a widget: at once if it is in view, else as soon as it is."""
        if widget.display and widget.is_on_screen:
            self.set_focus(widget)
        else:
            self.call_after_refresh(widget.focus)

    def action_focus_search(self) -> None:
        """To the search box, its text selected: typing replaces it, an arrow keeps it."""
        self.box.focus()
        self.box.action_select_all()

    def action_focus_chips(self) -> None:
        """To the active filters."""
        if self.chips.chips:
            self.chips.focus()

    def action_pane(self, number: int) -> None:
        """To the pane with this number."""
        if number == RESULTS_NUMBER:
            self.close_reading()
        elif number == PREVIEW_NUMBER:
            self.open_reading()
        elif number == self.timeline.number:
            self._open_pane(self.timeline)
            self.go(self.timeline)
        elif number <= len(self.panes):
            pane = self.panes[number - 1]
            self._open_pane(pane)
            self.go(pane.rows)

    def action_to_results(self) -> None:
        """From the box to the results."""
        self.look_at()
        self.go(self.answer)

    def action_back(self) -> None:
        """Out of a search in a facet; out of preview, facet or box to the results; out of the results to the box."""
        finding = next((pane for pane in self.panes if pane.finding and pane.has_focus_within), None)
        if finding is not None:
            finding.close_find()
        elif self.has_class("-reading"):
            self.close_reading()
        elif self.focused is self.answer:
            self.remove_class("-choosing")
            self.go(self.box)
        else:
            self.remove_class("-choosing")
            self.go(self.answer)

    def open_reading(self) -> None:
        """Read the hit under the cursor."""
        self.look_at()
        self.add_class("-reading", "-preview")
        self.read()
        self.go(self.preview)

    def close_reading(self) -> None:
        """Back to the results."""
        self.remove_class("-reading", "-choosing")
        self.go(self.answer)

    def action_toggle_preview(self) -> None:
        """Show or hide the preview; where there is no room beside the results, in their place."""
        if not self.is_wide:
            self.close_reading() if self.has_class("-reading") else self.open_reading()
            return
        self.remove_class("-reading")
        self.toggle_class("-preview")
        if self.preview_seen:
            self.read()
        elif self.focused is self.preview:
            self.go(self.answer)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what has nothing to do just now, hide what is not there."""
        match action:
            case "undo":
                return self.history.can_undo or None
            case "redo":
                return self.history.can_redo or None
            case "next_step":
                return self.tour.running or None
            case "clear_filters" | "focus_chips":
                return bool(self.chips.chips) or None
            case "pane":
                return parameters[0] in (RESULTS_NUMBER, PREVIEW_NUMBER, *range(1, self.timeline.number + 1))
            case _:
                return True

    # The box, the chips, the facets.

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        self.change(replace(self.state, query=event.value), typed=True)

    @on(SearchBox.Do)
    def _from_box(self, event: SearchBox.Do) -> None:
        match event.what:
            case "move":
                self.list.action_move(event.step)
            case "drop_filter":
                if self.chips.chips:
                    self._let_go(self.chips.chips[-1])
            case "recall":
                self.recall(event.step)

    def recall(self, step: int) -> None:
        """An earlier or a later query."""

    @on(Chips.Removed)
    def _remove_chip(self, event: Chips.Removed) -> None:
        self._let_go(event.chip)
        if not self.chips.chips:
            self.go(self.answer)

    def _let_go(self, chip: Chip) -> None:
        if chip.id:
            self.change(self.state.toggled(chip.dimension, chip.id, exclude=chip.excludes))
        else:
            self.change(self.state.within(None, None))

    @on(FacetRows.Chosen)
    def _choose_value(self, event: FacetRows.Chosen) -> None:
        dimension, row = event.dimension, event.row
        self.labels[dimension, row.id] = row.label
        match event.how:
            case "include" | "exclude":
                self.change(self.state.toggled(dimension, row.id, exclude=event.how == "exclude"))
            case "only":
                self.change(self.state.only(dimension, row.id))
                self.close_reading()
            case "why":
                self.explain(dimension, row.id)
            case "merge" | "rename" | "reject" as kind:
                self.decide(kind, dimension, row)

    @on(Timeline.Chosen)
    def _choose_time(self, event: Timeline.Chosen) -> None:
        state, time = self.state, event.id
        match event.how, "month" if "-" in time else "year":
            case "by", _:
                self.change(replace(state, by="month" if state.by == "year" else "year"))
            case "out", _:
                self.change(state.out_of_year())
            case ("include" | "exclude") as how, "year":
                self.change(state.toggled("year", time, exclude=how == "exclude"))
            case "into", "year":
                self.change(state.into_year(time))
            case "include", "month":
                self.change(state.with_month(time))
            case "into", "month":
                self.change(state.within(time, time))
                self.close_reading()
            case _:
                self.app.bell()

    def decide(self, kind: Kind, dimension: str, row: Row) -> None:
        """Decide something about a value."""

    def explain(self, dimension: str, value: str) -> None:
        """Show what makes a count."""

    def action_accept(self) -> None:
        """Take the first suggestion: a spelling replaces the word that is most like it, a value becomes a filter."""
        taken = suggested(self.results, self.state)
        if taken is None:
            self.app.bell()
            return
        suggestion, state = taken
        if suggestion.dimension is not None and suggestion.id is not None:
            self.labels[suggestion.dimension, suggestion.id] = suggestion.text
        self.change(state)

    # Results and preview.

    def action_document(self, step: int) -> None:
        """To the next document among the results, or the one before."""
        self.list.to_document(step)

    @on(ResultsList.Do)
    def _from_results(self, event: ResultsList.Do) -> None:
        match event.what:
            case "open":
                self.open_reading()
            case "mark":
                self.retitle_results()

    @on(Preview.Do)
    def _from_preview(self, event: Preview.Do) -> None:
        match event.what:
            case "close":
                self.close_reading()
            case "neighbour":
                self.list.action_move(event.step)
