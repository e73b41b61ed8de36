"""What is asked at one moment (query and filters), and the ways back: undo, redo, and a walk through past searches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from searchkit.model import EMPTY, FacetOrder, Request, Scope, Selection, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from searchkit.tui.curating import Decision

SORTS: Final[tuple[Sort, ...]] = ("relevance", "date", "source")
#: Orders of a facet's values.
ORDERS: Final[tuple[FacetOrder, ...]] = ("count", "name", "distinctiveness")


@dataclass(frozen=True, slots=True)
class State:
    """Query, filters and how to look: all that a `Request` needs but for paging. Values are named by id."""

    query: str = ""
    filters: Selection = field(default_factory=lambda: EMPTY)
    exclude: Selection = field(default_factory=lambda: EMPTY)
    all_of: tuple[str, ...] = ()
    scope: Scope = "paragraph"
    sort: Sort = "relevance"
    date_from: str | None = None
    date_to: str | None = None
    by: Literal["year", "month"] = "year"

    def request(self, *, limit: int, offset: int = 0) -> Request:
        """One page of hits. What is typed stays live: the last word is a prefix until a space ends it."""
        return Request(
            query=self.query,
            filters=self.filters,
            exclude=self.exclude,
            all_of=self.all_of,
            date_from=self.date_from,
            date_to=self.date_to,
            scope=self.scope,
            sort=self.sort,
            live=True,
            limit=limit,
            offset=offset,
        )

    def toggled(self, dimension: str, value: str, *, exclude: bool = False) -> State:
        """With `value` included (or excluded), or let go where it was already; never both at once."""
        include, drop = dict(self.filters), dict(self.exclude)
        mine, other = (drop, include) if exclude else (include, drop)
        chosen = mine.get(dimension, ())
        mine[dimension] = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        other[dimension] = tuple(v for v in other.get(dimension, ()) if v != value)
        return replace(self, filters=_filled(include), exclude=_filled(drop))

    def only(self, dimension: str, value: str) -> State:
        """With `value` as the one included value of its dimension."""
        exclude = {k: tuple(v for v in values if (k, v) != (dimension, value)) for k, values in self.exclude.items()}
        return replace(self, filters={**self.filters, dimension: (value,)}, exclude=_filled(exclude))

    def narrowed(self, dimension: str, value: str) -> State:
        """With `value` needed as well as what is chosen in its dimension."""
        chosen = self.filters.get(dimension, ())
        if value in chosen:
            return self
        all_of = (*self.all_of, dimension) if chosen and dimension not in self.all_of else self.all_of
        return replace(self, filters={**self.filters, dimension: (*chosen, value)}, all_of=all_of)

    def counted(self, dimension: str, value: str) -> State:
        """With what the facet counts for `value`: it alone, or where all chosen values are needed, it beside them."""
        return self.narrowed(dimension, value) if dimension in self.all_of else self.only(dimension, value)

    def written(self, form: str) -> State:
        """With the words of `form`, one after another, needed as well as the query."""
        query = self.query.strip()
        query += '"' * (query.count('"') % 2)
        phrase = '"' + form.replace('"', " ") + '" '
        return replace(self, query=" ".join((f"({query})" if " " in query else query, phrase)).lstrip())

    def switched(self, dimension: str) -> State:
        """With `any` and `all` exchanged in a dimension."""
        if dimension in self.all_of:
            return replace(self, all_of=tuple(each for each in self.all_of if each != dimension))
        return replace(self, all_of=(*self.all_of, dimension))

    def cleared(self) -> State:
        """Without filters; the query stays."""
        return replace(self, filters=EMPTY, exclude=EMPTY, all_of=(), date_from=None, date_to=None)

    @property
    def period(self) -> str | None:
        """The dates that are kept, in words; None where all are."""
        first, last = self.date_from, self.date_to
        if first and last:
            return first if first == last else f"{first} to {last}"
        return f"from {first}" if first else f"to {last}" if last else None

    def within(self, first: str | None, last: str | None) -> State:
        """With only the dates between these two, both included."""
        return replace(self, date_from=first, date_to=last)

    def with_month(self, month: str) -> State:
        """With the period stretched to a month outside of it; without any, where the month is in it already."""
        first, last = self.date_from or month, self.date_to or month
        if self.period is not None and first <= month <= last:
            return self.within(None, None)
        return self.within(min(first, month), max(last, month))

    def into_year(self, year: str) -> State:
        """One year, month by month."""
        return replace(self.only("year", year), date_from=None, date_to=None, by="month")

    def out_of_year(self) -> State:
        """All years again, whatever year or months were kept."""
        filters = {name: values for name, values in self.filters.items() if name != "year"}
        return replace(self, filters=filters, date_from=None, date_to=None, by="year")

    def chosen(self) -> Iterator[tuple[str, str, bool]]:
        """Every active filter: dimension, value id, and whether it excludes."""
        for selection, excludes in ((self.filters, False), (self.exclude, True)):
            for dimension, values in selection.items():
                for value in values:
                    yield dimension, value, excludes


def _filled(selection: dict[str, tuple[str, ...]]) -> Selection:
    return {dimension: values for dimension, values in selection.items() if values}


class History:
    """Undo and redo over states, and the list of searches that were looked at.

    Letters typed one after another are one step: `typed` extends the step that is open, anything else closes it.
    """

    def __init__(self, state: State) -> None:
        self._done: list[tuple[State, Decision | None]] = []
        self._undone: list[tuple[State, Decision | None]] = []
        #: What undoing or redoing has to do apart from the state; whoever asked for it does it.
        self.pending: Callable[[], None] | None = None
        self._typing = False
        self._visits: list[State] = []
        self._at = -1
        self.state = state

    def change(self, state: State, *, typed: bool = False) -> bool:
        """Make `state` the present one; says whether that changed anything."""
        if state == self.state:
            return False
        if typed and not self._typing:
            self.settle()  # whoever begins to type has looked at what is there
        if not (typed and self._typing):
            self._done.append((self.state, None))
        self._typing = typed
        self._undone.clear()
        self.state = state
        return True

    def decided(self, decision: Decision) -> None:
        """Something was decided about a value, which can be taken back like a change of the state."""
        self._done.append((self.state, decision))
        self._undone.clear()
        self._typing = False

    def settle(self) -> None:
        """The present search was looked at: typing starts a new step, and walking back comes by here again."""
        self._typing = False
        if self._at >= 0 and self._visits[self._at] == self.state:
            return
        self._visits.append(self.state)
        self._at = len(self._visits) - 1

    def before(self) -> State:
        """The last search that was looked at and asked something else; one for everything where there is none."""
        return next((visit for visit in reversed(self._visits) if visit != self.state), State())

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to do again."""
        return bool(self._undone)

    def undo(self) -> bool:
        """Take back the last change; says whether there was one."""
        if not self._done:
            return False
        before, decision = self._done.pop()
        self._undone.append((self.state, decision))
        self.state = before
        self.pending = decision.undo if decision is not None else None
        self._typing = False
        return True

    def redo(self) -> bool:
        """Do again what was taken back last; says whether there was something."""
        if not self._undone:
            return False
        after, decision = self._undone.pop()
        self._done.append((self.state, decision))
        self.state = after
        self.pending = decision.do if decision is not None else None
        self._typing = False
        return True

    def walk(self, step: int) -> bool:
        """Go to the search `step` visits away (negative: earlier); the move itself can be undone."""
        self.settle()
        target = self._at + step
        if not 0 <= target < len(self._visits):
            return False
        self._at = target
        self.change(self._visits[target])
        return True
