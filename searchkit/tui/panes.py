"""The panes of the main screen: search box, facets, results, preview and timeline, in step with the answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from searchkit.model import ENTITY_DIMENSIONS, Facet
from searchkit.terminal import safe
from searchkit.tui.boxes import SearchBox
from searchkit.tui.chips import Chip, Chips
from searchkit.tui.facets import FacetPane, FacetRows
from searchkit.tui.keybar import KeyBar
from searchkit.tui.lines import RowList
from searchkit.tui.messages import about_line, counted, empty_text, failed_text, total_text
from searchkit.tui.preview import Preview
from searchkit.tui.results import ResultsList
from searchkit.tui.searching import (
    ALL_VALUES,
    FACET_GROWTH,
    FACET_LIMIT,
    Answered,
    DocumentCame,
    FacetCame,
    Failed,
    MonthsCame,
    PageCame,
    ValuesFound,
    told,
)
from searchkit.tui.session import SearchSession
from searchkit.tui.timeline import Timeline, by_month, by_year
from searchkit.tui.tour import Tour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from searchkit.model import FacetOrder
    from searchkit.search.engine import Engine

#: The preview follows when so many seconds have passed without a letter.
PREVIEW_AFTER = 0.15
#: The number of the results, beside that of the preview; facets are counted from 1.
RESULTS_NUMBER = 8


class BrowsePanes(SearchSession):
    """Lays out the panes and keeps them in step with the answers."""

    AUTO_FOCUS = "#query"

    #: What the frame of the box says while there is no trouble.
    standing = ""

    def __init__(self, engine: Engine, *, refresh_seconds: float = 0.0) -> None:
        super().__init__(engine, refresh_seconds=refresh_seconds, classes="-preview")
        self._limits: dict[str, int] = {}
        self._said_years = False
        self._about = Static("", id="about", markup=False)
        self._total = Static("", id="total", markup=False)
        self._empty = Static("", id="empty", classes="pane", markup=False)
        self._empty.can_focus = True  # for what it advises is done with keys that the box would take for letters
        self.box = SearchBox(placeholder='Search: words, "a phrase", prefix*, person:biden', id="query", compact=True)
        self.chips = Chips()
        self.list = ResultsList()
        self.preview = Preview()
        self.panes: list[FacetPane] = []
        self.add_panes()
        self.timeline = Timeline(len(self.panes) + 1)
        self.tour = Tour()

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
                yield from self.panes
            with Vertical(id="main"):
                yield self.list
                yield self._empty
                yield self.timeline
            yield self.preview
        yield self.tour
        yield KeyBar()

    def add_panes(self) -> list[FacetPane]:
        """Panes of the dimensions that have none yet, as far as there are numbers for them."""
        there = [pane.dimension for pane in self.panes]
        wanted = [name for name in self.engine.dimensions if name != "year"][: RESULTS_NUMBER - 2]
        new = [name for name in wanted if name not in there]
        added = [FacetPane(name, number) for number, name in enumerate(new, len(there) + 1)]
        for pane in added:
            pane.set_class(pane.dimension not in ENTITY_DIMENSIONS, "-meta")
        self.panes += added
        return added

    def opened(self) -> None:
        """An index may have dimensions that not every index has."""
        if added := self.add_panes():
            self.query_one("#side").mount(*added)
            self.timeline.renumber(len(self.panes) + 1)
        super().opened()

    def on_mount(self) -> None:
        """Titles that do not change."""
        self.retitle_results()

    def on_resize(self, event: events.Resize) -> None:
        """The room a result takes follows the room there is."""
        wide, tall = event.size.width >= 120, event.size.height >= 34
        self.list.set_density(3 if wide and tall else 2 if event.size.height >= 12 else 1, gap=tall)
        self.app.call_later(self._catch_up)

    def _catch_up(self) -> None:
        """A preview that has come into view shows the hit under the cursor."""
        if self.preview_seen and self.list.current != self.preview.hit:
            self.read()

    def pane_of(self, pane: str) -> Widget | None:
        """The widget that an action of the table belongs to; a facet is the one that was used last."""
        opened = next((each for each in self.panes if each.has_class("-open")), self.panes[0])
        widgets: dict[str, Widget] = {
            "search": self.box,
            "facet": opened.rows,
            "results": self.list,
            "list": self.list,
            "preview": self.preview,
            "hit": self,
            "chips": self.chips,
            "timeline": self.timeline,
            "browse": self,
        }
        return widgets.get(pane)

    def facet_pane(self, dimension: str) -> FacetPane:
        """The pane of a dimension."""
        return next(pane for pane in self.panes if pane.dimension == dimension)

    def used_dimensions(self) -> tuple[str, ...]:
        """The dimensions in which any document has a value; all of them where these are less than two."""
        bare = {pane.dimension for pane in self.panes if pane.has_class("-bare")}
        bare |= {"year"} if self.timeline.has_class("-empty") else set()
        used = tuple(name for name in self.engine.dimensions if name not in bare)
        return used if len(used) > 1 else self.engine.dimensions

    def orders(self) -> Mapping[str, FacetOrder]:
        """The order that each facet pane is in."""
        return {pane.dimension: pane.order for pane in self.panes}

    def trees(self) -> tuple[str, ...]:
        """The dimensions that are shown as trees: what stands above their values is counted as well."""
        return tuple(pane.dimension for pane in self.panes if pane.rows.as_tree)

    # What is shown.

    def show_state(self, *, typed: bool = False) -> None:
        """Bring box and chips in line with the state. While one types the box is ahead of it, and is let alone."""
        if not typed and self.box.value != self.state.query:
            with self.prevent(Input.Changed):
                self.box.value = self.state.query
                self.box.cursor_position = len(self.state.query)
        chips = (
            Chip(name, value, self.labels.get((name, value), value), out) for name, value, out in self.state.chosen()
        )
        period = [Chip("year", "", self.state.period, excludes=False)] if self.state.period else []
        self.chips.show((*chips, *period), self.state.all_of)
        self.refresh_bindings()

    def show_busy(self, busy: bool) -> None:
        """Say that a search takes its time, or no longer."""
        self._total.set_class(busy, "-busy")
        if busy:
            self._total.update(Content("searching…"), layout=False)

    @on(Answered)
    def show_answer(self, event: Answered) -> None:
        """Show an answer, unless a newer question stands."""
        if self.asker.stale(event.number):
            return
        self.rested()
        self._limits.clear()
        results = self.results = event.results
        for name, facet in results.facets.items():
            self.labels.update({(name, each.id): each.value for each in facet.values if each.selected or each.excluded})
        self._total.update(Content(total_text(results)), layout=False)
        self._about.update(about_line(results), layout=False)
        self.show_state(typed=True)
        for pane in self.panes:
            pane.show(results.facets.get(pane.dimension, Facet()), all_of=pane.dimension in self.state.all_of)
        if self.state.by == "month":
            self.ask("months", partial(self.asker.months, event.number, self.request()))
        else:
            self.timeline.show(by_year(results.facets.get("year", Facet())))
        keep = None if self.box.has_focus or self.list.current is None else self.list.current.id
        self.list.show(results, keep=keep)
        self.retitle_results()
        self.list.border_subtitle = Content(f"by {self.state.sort}" if self.state.sort != "relevance" else "")
        self.remove_class("-failed")
        if results.total:
            self._put_up(self.list)
        else:
            self._empty.update(empty_text(results, self.state, self.chips.chips))
            self._show_nothing()

    def _show_nothing(self) -> None:
        """In place of the results, why there are none."""
        self.preview.clear()
        self._put_up(self._empty)

    @property
    def answer(self) -> Widget:
        """The results, or what stands in their place."""
        return self.list if self.list.display else self._empty

    def _put_up(self, widget: Widget) -> None:
        """Have the results, or why there are none, in the middle; who was there, or read, has the keys there still."""
        before = self.answer
        widget.display = True
        if widget is not before:
            if self.focused is before or (self.focused is self.preview and widget is self._empty):
                self.set_focus(widget)
            before.display = False

    def show_trouble(self, text: str) -> None:
        """The frame of the box says it."""
        self.query_one("#box").border_subtitle = Content(f"⚠ {safe(text)}" if text else self.standing)

    @on(Failed)
    def show_failure(self, event: Failed) -> None:
        """Say what went wrong, for a search where its answer would stand: an older one would pass for it."""
        text = told(event.error)
        if event.what != "search":
            if event.what == "page":
                self.list.page_failed(event.offset)
            self.complain(text)
        elif not self.asker.stale(event.number):
            self.rested()
            self._total.update(Content("no answer"), layout=False)
            self._about.update(about_line(None, error=safe(text)), layout=False)
            self._empty.update(failed_text(safe(text)))
            self._show_nothing()
            self.add_class("-failed")  # the counts of an older answer step back

    def retitle_results(self) -> None:
        """Say how many are marked, and where whole documents are searched."""
        parts = [f"{RESULTS_NUMBER} Results"]
        if self.results is not None and self.results.total_documents is not None:
            parts.append(f"{counted(self.results.total, 'paragraph')} by document")
        if self.list.marked:
            parts.append(f"{len(self.list.marked)} marked")
        title = " · ".join(parts)
        if str(self.list.border_title) != title:  # a new title paints the whole pane
            self.list.border_title = Content(title)

    @on(MonthsCame)
    def _show_months(self, event: MonthsCame) -> None:
        if self.asker.stale(event.number):
            return
        if event.counts or self.state.period or self.results is None or not self.results.total:
            self.timeline.show(by_month(event.counts, self.state.date_from, self.state.date_to))
        else:
            self.timeline.show(by_year(self.results.facets.get("year", Facet())))
            if not self._said_years:  # at every letter would be too often
                self._said_years = True
                self.say("These dates are years without a month.")

    # Facets.

    @on(FacetRows.Asked)
    def _ask_facet(self, event: FacetRows.Asked) -> None:
        pane = self.facet_pane(event.dimension)
        match event.what:
            case "any_all":
                self.change(self.state.switched(event.dimension))
            case "order":
                pane.next_order()
                self.arranged(pane)
                self._fetch_facet(pane, FACET_LIMIT)
            case "again":
                self.arranged(pane)
                self._fetch_facet(pane, self._limits.get(event.dimension, FACET_LIMIT))
            case "all":
                self._fetch_facet(pane, ALL_VALUES)
            case "find":
                pane.open_find()
            case "more":
                self._fetch_facet(pane, self._limits.get(event.dimension, FACET_LIMIT) * FACET_GROWTH)

    def arranged(self, pane: FacetPane) -> None:
        """A facet has another order, or became a tree or a list."""

    def _fetch_facet(self, pane: FacetPane, limit: int) -> None:
        self._limits[pane.dimension] = limit
        work = partial(self.asker.facet, self.asker.newest, self.request(), pane.dimension, pane.order, limit)
        self.ask(f"facet-{pane.number}", work)

    @on(FacetCame)
    def _show_facet(self, event: FacetCame) -> None:
        if not self.asker.stale(event.number):
            self.facet_pane(event.dimension).show(event.facet, all_of=event.dimension in self.state.all_of)

    @on(FacetPane.Find)
    def _find_values(self, event: FacetPane.Find) -> None:
        pane = self.facet_pane(event.dimension)
        work = partial(self.asker.find, self.asker.newest, self.request(), event.dimension, pane.order, event.text)
        self.ask(f"find-{pane.number}", work)

    @on(ValuesFound)
    def _show_found(self, event: ValuesFound) -> None:
        pane = self.facet_pane(event.dimension)
        if pane.box.value == event.text:
            pane.show_found(event.values)

    # Results and preview.

    @on(ResultsList.PageWanted)
    def _fetch_page(self, event: ResultsList.PageWanted) -> None:
        work = partial(self.asker.page, self.asker.newest, self.request(offset=event.offset))
        self.ask("page", work, exclusive=False)

    @on(PageCame)
    def _show_page(self, event: PageCame) -> None:
        if not self.asker.stale(event.number):
            self.list.add(event.offset, event.hits)

    @on(RowList.Moved)
    def _follow_cursor(self, event: RowList.Moved) -> None:
        if event.rows is self.list and self.preview_seen:
            self.read(pause=PREVIEW_AFTER if event.fresh and self.box.has_focus else 0.0)

    @property
    def is_wide(self) -> bool:
        """Whether results and preview stand side by side."""
        return self.has_class("-wide") or self.has_class("-huge")

    @property
    def preview_seen(self) -> bool:
        """Whether the preview is in view."""
        return self.has_class("-reading") or (self.is_wide and self.has_class("-preview"))

    def read(self, *, pause: float = 0.0) -> None:
        """Show the hit under the cursor in its document, or do so when nothing new was asked for some seconds."""
        hit, request = self.list.current, self.request()
        shown = self.preview.document if self.preview.marked == request.query else None
        if hit is not None:
            work = partial(self.asker.document, self.asker.newest, request, hit, shown=shown, pause=pause)
            self.ask("document", work)

    @on(DocumentCame)
    def _show_document(self, event: DocumentCame) -> None:
        current = self.list.current
        if current is not None and current.id == event.hit.id:
            self.preview.show(event.document, event.hit, event.query, self.state.filters)
