"""The main screen: search box, facets, results and preview, and the state that they all show."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from searchkit.errors import SearchkitError
from searchkit.model import ENTITY_DIMENSIONS, Facet, Request, Results, Scope
from searchkit.terminal import safe
from searchkit.tui.bindings import bindings
from searchkit.tui.boxes import SearchBox
from searchkit.tui.chips import Chip, Chips
from searchkit.tui.facets import FacetPane, FacetRows
from searchkit.tui.keybar import KeyBar
from searchkit.tui.lines import RowList
from searchkit.tui.messages import about_line, empty_text, total_text
from searchkit.tui.preview import Preview
from searchkit.tui.results import PAGE, ResultsList
from searchkit.tui.searching import (
    FACET_GROWTH,
    FACET_LIMIT,
    Answered,
    Asker,
    DocumentCame,
    FacetCame,
    Failed,
    PageCame,
    ValuesFound,
)
from searchkit.tui.state import SORTS, History, State
from searchkit.tui.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer
    from textual.widget import Widget

    from searchkit.search.engine import Engine

#: A search that takes longer than this says so.
BUSY_AFTER = 0.15


class BrowseScreen(Screen[None]):
    """Everything that is seen while one searches. `engine` answers; this screen only asks and shows."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("browse")]
    AUTO_FOCUS = "#query"

    def __init__(self, engine: Engine, *, refresh_seconds: float = 0.0) -> None:
        super().__init__(classes="-preview")
        self.engine = engine
        self.asker = Asker(engine, self)
        self.history = History(State())
        self.results: Results | None = None
        self.labels: dict[tuple[str, str], str] = {}
        self._refresh_seconds = refresh_seconds
        self._asked = 0
        self._failing = False
        self._busy: Timer | None = None
        self._limits: dict[str, int] = {}
        self._about = Static("", id="about", markup=False)
        self._total = Static("", id="total", markup=False)
        self._empty = Static("", id="empty", markup=False)
        self.box = SearchBox(placeholder="Search…", id="query", compact=True)
        self.chips = Chips()
        self.list = ResultsList()
        self.preview = Preview()
        self.timeline = Timeline()
        shown = [name for name in engine.dimensions if name != "year"]
        self.panes = [FacetPane(name, number) for number, name in enumerate(shown[:7], 1)]

    # ------------------------------------------------------------------ layout

    def compose(self) -> ComposeResult:
        """Box, filters, facets beside results and preview, keys."""
        with Vertical(id="box") as box:
            box.border_title = Content("searchkit")
            with Horizontal():
                yield self.box
                yield self._total
        yield self._about
        yield self.chips
        with Horizontal(id="body"):
            with Vertical(id="side"):
                for pane in self.panes:
                    pane.set_class(pane.dimension not in ENTITY_DIMENSIONS, "-meta")
                    yield pane
            with Vertical(id="main"):
                yield self.list
                yield self._empty
                yield self.timeline
            yield self.preview
        yield KeyBar()

    def on_mount(self) -> None:
        """Ask for everything at once: the first answer is there before the first key."""
        self.list.border_title = Content("8 Results")
        self.preview.border_title = Content("9 Preview")
        self.search()
        if self._refresh_seconds:
            self.set_interval(self._refresh_seconds, self._look_for_news)

    def on_resize(self, event: events.Resize) -> None:
        """The room a result takes follows the room there is."""
        wide = event.size.width >= 120
        tall = event.size.height >= 34
        self.list.set_density(3 if wide and tall else 2 if event.size.height >= 12 else 1, gap=tall)

    def pane_of(self, pane: str) -> Widget | None:
        """The widget that an action of the table belongs to; a facet is the one that was used last."""
        opened = next((each for each in self.panes if each.has_class("-open")), self.panes[0])
        widgets: dict[str, Widget] = {
            "search": self.box,
            "facet": opened.rows,
            "results": self.list,
            "list": self.list,
            "preview": self.preview,
            "chips": self.chips,
            "timeline": self.timeline,
            "browse": self,
        }
        return widgets.get(pane)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remember the facet that is used; leaving the box ends a step of undo."""
        pane = next((each for each in event.widget.ancestors_with_self if isinstance(each, FacetPane)), None)
        if pane is not None:
            self._open_pane(pane)
        else:
            self.remove_class("-choosing")
        if event.widget is not self.box:
            self.history.settle()

    def _open_pane(self, pane: FacetPane) -> None:
        for each in self.panes:
            each.set_class(each is pane, "-open")
        self.add_class("-choosing")

    # ------------------------------------------------------------------ asking

    @property
    def state(self) -> State:
        """What is asked at present."""
        return self.history.state

    def request(self, *, limit: int = PAGE, offset: int = 0) -> Request:
        """The request for what is asked at present."""
        return replace(
            self.state.request(limit=limit, offset=offset),
            facet_limit=FACET_LIMIT,
            dimensions=self.engine.dimensions,
        )

    def ask(self, group: str, work: Callable[[], None]) -> None:
        """Run a question in a thread; a newer one of the same group takes its place."""
        self.run_worker(work, thread=True, exclusive=True, group=group, exit_on_error=False)

    def change(self, state: State, *, typed: bool = False) -> None:
        """Make `state` the present one, show it, and search."""
        if self.history.change(state, typed=typed):
            if not typed:
                self.history.settle()
            self.show_state()
            self.search()

    def show_state(self) -> None:
        """Bring box and chips in line with the state."""
        if self.box.value != self.state.query:
            with self.prevent(Input.Changed):
                self.box.value = self.state.query
                self.box.cursor_position = len(self.state.query)
        self.chips.show(
            tuple(Chip(d, v, self.labels.get((d, v), v), out) for d, v, out in self.state.chosen()),
            self.state.all_of,
        )
        self.refresh_bindings()

    def search(self) -> None:
        """Ask for the present state; what was asked before is of no interest any more."""
        self._asked += 1
        self.asker.newest = self._asked
        self._limits.clear()
        if self._busy is None:
            self._busy = self.set_timer(BUSY_AFTER, self._show_busy)
        orders = {pane.dimension: pane.order for pane in self.panes}
        self.ask("search", partial(self.asker.search, self._asked, self.request(), orders))

    def _show_busy(self) -> None:
        self._total.add_class("-busy")
        self._total.update(Content("searching…"))

    def _rest(self) -> None:
        if self._busy is not None:
            self._busy.stop()
            self._busy = None
        self._total.remove_class("-busy")

    @on(Answered)
    def show_answer(self, event: Answered) -> None:
        """Show an answer, unless a newer question stands."""
        if self.asker.stale(event.number):
            return
        self._rest()
        self._failing = False
        results = event.results
        self.results = results
        for name, facet in results.facets.items():
            for value in facet.values:
                if value.selected or value.excluded:
                    self.labels[name, value.id] = value.value
        self._total.update(Content(total_text(results)))
        self._show_about()
        self.show_state()
        for pane in self.panes:
            pane.show(results.facets.get(pane.dimension, Facet()), all_of=pane.dimension in self.state.all_of)
        self.timeline.show(results.facets.get("year", Facet()))
        keep = self.list.current
        self.list.show(results, keep=keep.id if keep and not self.box.has_focus else None)
        self.list.border_subtitle = Content(f"by {self.state.sort}" if self.state.sort != "relevance" else "")
        self.set_class(not results.total, "-nothing")
        if not results.total:
            self._empty.update(empty_text(results, self.state, self.chips.chips))
            self.preview.clear("")
            if self.focused in (self.list, self.preview):
                self.box.focus()

    def _show_about(self, error: str = "") -> None:
        self._about.set_class(bool(error), "-error")
        self._about.update(about_line(self.results, error))

    @on(Failed)
    def show_failure(self, event: Failed) -> None:
        """Say what went wrong where the answer would stand; the last answer stays in view."""
        error = event.error
        text = str(error) if isinstance(error, SearchkitError) else f"{type(error).__name__}: {error}"
        if event.what == "search":
            if self.asker.stale(event.number):
                return
            self._rest()
            self._failing = True
            self._total.update(Content("no answer"))
            self._show_about(safe(text))
        else:
            if event.what == "page":
                self.list.page_failed(event.offset)
            self.complain(text)

    def complain(self, text: str) -> None:
        """A message about something that went wrong."""
        self.notify(safe(text), severity="error", markup=False)

    def say(self, text: str) -> None:
        """A message about something that was done."""
        self.notify(safe(text), markup=False, timeout=3)

    def _look_for_news(self) -> None:
        self.ask("news", self._refresh_engine)

    def _refresh_engine(self) -> None:
        try:
            moved = self.engine.refresh()
        except Exception as error:  # noqa: BLE001 - whatever it is, the last generation goes on serving
            if not self._failing:
                self._failing = True
                self.post_message(Failed(self._asked, "news", error))
            return
        if moved:
            self.app.call_later(self._show_news)

    def _show_news(self) -> None:
        self.say("The index has changed: showing its newest state.")
        self.search()

    # ------------------------------------------------------------------ the search box

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        self.change(replace(self.state, query=event.value), typed=True)

    @on(SearchBox.Do)
    def _from_box(self, event: SearchBox.Do) -> None:
        match event.what:
            case "move":
                self.list.action_move(event.step)
            case "open":
                self.history.settle()
                self.app.call_later(self.list.focus)
            case "drop_filter":
                if self.chips.chips:
                    self._let_go(self.chips.chips[-1])
            case "recall":
                self.action_walk(event.step)

    # ------------------------------------------------------------------ facets and filters

    @on(FacetRows.Chosen)
    def _choose_value(self, event: FacetRows.Chosen) -> None:
        dimension, row = event.dimension, event.row
        self.labels[dimension, row.id] = row.label
        match event.how:
            case "include" | "exclude":
                self.change(self.state.toggled(dimension, row.id, exclude=event.how == "exclude"))
            case "only":
                self.change(self.state.only(dimension, row.id))
                self.list.focus()
            case "why":
                self.action_why(dimension, row.id)

    def action_why(self, dimension: str, value: str) -> None:
        """Ask what makes a count."""

    @on(FacetRows.Asked)
    def _ask_facet(self, event: FacetRows.Asked) -> None:
        pane = next(each for each in self.panes if each.dimension == event.dimension)
        match event.what:
            case "any_all":
                self.change(self.state.switched(event.dimension))
            case "order":
                pane.next_order()
                self._fetch_facet(pane, FACET_LIMIT)
            case "find":
                pane.open_find()
            case "more":
                self._fetch_facet(pane, self._limits.get(event.dimension, FACET_LIMIT) * FACET_GROWTH)

    def _fetch_facet(self, pane: FacetPane, limit: int) -> None:
        if self._limits.get(pane.dimension) == limit and pane.facet.more:
            return
        self._limits[pane.dimension] = limit
        work = partial(self.asker.facet, self._asked, self.request(), pane.dimension, pane.order, limit)
        self.ask(f"facet-{pane.dimension}", work)

    @on(FacetCame)
    def _show_facet(self, event: FacetCame) -> None:
        for pane in self.panes:
            if pane.dimension == event.dimension and not self.asker.stale(event.number):
                pane.show(event.facet, all_of=pane.dimension in self.state.all_of)

    @on(FacetPane.Find)
    def _find_values(self, event: FacetPane.Find) -> None:
        pane = next(each for each in self.panes if each.dimension == event.dimension)
        work = partial(self.asker.find, self._asked, self.request(), event.dimension, pane.order, event.text)
        self.ask(f"find-{event.dimension}", work)

    @on(ValuesFound)
    def _show_found(self, event: ValuesFound) -> None:
        for pane in self.panes:
            if pane.dimension == event.dimension and pane.box.value == event.text:
                pane.show_found(event.values)

    @on(Chips.Removed)
    def _remove_chip(self, event: Chips.Removed) -> None:
        self._let_go(event.chip)
        if not self.chips.chips:
            self.list.focus()

    def _let_go(self, chip: Chip) -> None:
        self.change(self.state.toggled(chip.dimension, chip.id, exclude=chip.excludes))

    # ------------------------------------------------------------------ results and preview

    @on(ResultsList.PageWanted)
    def _fetch_page(self, event: ResultsList.PageWanted) -> None:
        work = partial(self.asker.page, self._asked, self.request(offset=event.offset))
        self.run_worker(work, thread=True, group="page", exit_on_error=False)

    @on(PageCame)
    def _show_page(self, event: PageCame) -> None:
        if not self.asker.stale(event.number):
            self.list.add(event.offset, event.hits)

    @on(RowList.Moved)
    def _follow_cursor(self, event: RowList.Moved) -> None:
        if event.rows is self.list:
            self._retitle_results()
            if self._preview_seen:
                self._read()

    def _retitle_results(self) -> None:
        marks = f" · {len(self.list.marked)} marked" if self.list.marked else ""
        self.list.border_title = Content(f"8 Results{marks}")

    @property
    def _preview_seen(self) -> bool:
        return self.has_class("-reading") or (self._is_wide and self.has_class("-preview"))

    @property
    def _is_wide(self) -> bool:
        return self.has_class("-wide") or self.has_class("-huge")

    def _read(self) -> None:
        hit = self.list.current
        if hit is None:
            return
        document = self.preview.document
        if document is not None and any(each.id == hit.id for each in document.paragraphs):
            self.preview.show(document, hit, self._matches(hit.document))
        else:
            self.ask("document", partial(self.asker.document, self._asked, hit))

    def _matches(self, document: str) -> Mapping[str, tuple[tuple[int, int], ...]]:
        return {hit.id: hit.highlights for hit in self.list.hits.values() if hit.document == document}

    @on(DocumentCame)
    def _show_document(self, event: DocumentCame) -> None:
        current = self.list.current
        if current is not None and current.id == event.hit.id:
            self.preview.show(event.document, event.hit, self._matches(event.hit.document))

    @on(ResultsList.Do)
    def _from_results(self, event: ResultsList.Do) -> None:
        match event.what:
            case "open":
                self._open_reading()
            case "mark":
                self._retitle_results()
            case _:
                self.work_with(event.what)

    @on(Preview.Do)
    def _from_preview(self, event: Preview.Do) -> None:
        match event.what:
            case "close":
                self._close_reading()
            case "neighbour":
                self.list.action_move(event.step)
            case _:
                self.work_with(event.what)

    def work_with(self, what: str) -> None:
        """Copy, cite or edit the present hit."""

    def _open_reading(self) -> None:
        self.history.settle()
        self.add_class("-reading", "-preview")
        self._read()
        self.call_after_refresh(self.preview.focus)

    def _close_reading(self) -> None:
        self.remove_class("-reading")
        self.call_after_refresh(self.list.focus)

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Dim what has nothing to do just now."""
        match action:
            case "undo":
                return self.history.can_undo or None
            case "redo":
                return self.history.can_redo or None
            case "clear_filters":
                return bool(self.chips.chips) or None
            case "pane":
                number = parameters[0]
                return number in (8, 9) or number in [pane.number for pane in self.panes]
            case _:
                return True

    def action_focus_search(self) -> None:
        """To the search box, its text selected: typing replaces it, an arrow keeps it."""
        self.box.focus()
        self.box.action_select_all()

    def action_pane(self, number: int) -> None:
        """To the pane with this number."""
        if number == 8:
            self._close_reading()
        elif number == 9:
            self._open_reading()
        else:
            for pane in self.panes:
                if pane.number == number:
                    self._open_pane(pane)
                    self.call_after_refresh(pane.rows.focus)

    def action_back(self) -> None:
        """Out of the preview, a facet or the box to the results; out of the results to the box."""
        if self.has_class("-reading"):
            self._close_reading()
        elif self.focused is self.list:
            self.box.focus()
        elif self.list.total:
            self.remove_class("-choosing")
            self.call_after_refresh(self.list.focus)
        else:
            self.remove_class("-choosing")
            self.call_after_refresh(self.box.focus)

    def _moved_in_history(self, moved: bool) -> None:
        if moved:
            self.show_state()
            self.search()
        else:
            self.app.bell()

    def action_undo(self) -> None:
        """Take back the last change."""
        self._moved_in_history(self.history.undo())

    def action_redo(self) -> None:
        """Do again what was taken back."""
        self._moved_in_history(self.history.redo())

    def action_walk(self, step: int) -> None:
        """To an earlier or a later search."""
        self._moved_in_history(self.history.walk(step))

    def action_clear_filters(self) -> None:
        """Remove every filter."""
        self.change(self.state.cleared())

    def action_focus_chips(self) -> None:
        """To the active filters."""
        if self.chips.chips:
            self.chips.focus()

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

    def action_toggle_preview(self) -> None:
        """Show or hide the preview."""
        if not self._is_wide:
            if self.has_class("-reading"):
                self._close_reading()
            else:
                self._open_reading()
            return
        self.toggle_class("-preview")
        self.remove_class("-reading")
        if self._preview_seen:
            self._read()
        elif self.focused is None or self.focused is self.preview:
            self.list.focus()
