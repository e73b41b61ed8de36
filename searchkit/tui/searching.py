"""Asking the engine from worker threads; every answer comes back as a message that bears the number of its question."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.message import Message
from textual.worker import get_current_worker

from searchkit.errors import CancelledError, SearchkitError
from searchkit.tui.names import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.message_pump import MessagePump

    from searchkit.model import Facet, FacetOrder, FacetValue, Hit, Request, Results, StoredDocument
    from searchkit.search.engine import Engine

#: Values of each facet that the first answer brings, and by what more are asked for when one scrolls there.
FACET_LIMIT = 60
FACET_GROWTH = 8
#: As good as all: no dimension has so many values.
ALL_VALUES = 10_000_000


class Answered(Message):
    """The first page of hits and all facets."""

    def __init__(self, number: int, results: Results) -> None:
        super().__init__()
        self.number = number
        self.results = results


class PageCame(Message):
    """One more page of hits."""

    def __init__(self, number: int, offset: int, hits: tuple[Hit, ...]) -> None:
        super().__init__()
        self.number = number
        self.offset = offset
        self.hits = hits


class FacetCame(Message):
    """One facet with more of its values, or in another order."""

    def __init__(self, number: int, dimension: str, facet: Facet) -> None:
        super().__init__()
        self.number = number
        self.dimension = dimension
        self.facet = facet


class ValuesFound(Message):
    """The values of a facet whose name, or another name of theirs, was searched for."""

    def __init__(self, number: int, dimension: str, text: str, values: tuple[FacetValue, ...]) -> None:
        super().__init__()
        self.number = number
        self.dimension = dimension
        self.text = text
        self.values = values


class MonthsCame(Message):
    """How many hits each month has."""

    def __init__(self, number: int, counts: Mapping[str, int]) -> None:
        super().__init__()
        self.number = number
        self.counts = counts


class DocumentCame(Message):
    """A document to be read, the words of `query` marked in it."""

    def __init__(self, hit: Hit, query: str, document: StoredDocument) -> None:
        super().__init__()
        self.hit = hit
        self.query = query
        self.document = document


class Failed(Message):
    """The engine did not answer. `what` says which question: `search`, `page`, `facet`, `document`..."""

    def __init__(self, number: int, what: str, error: Exception, offset: int = 0) -> None:
        super().__init__()
        self.number = number
        self.what = what
        self.error = error
        self.offset = offset


def told(error: Exception) -> str:
    """An error in one line: ours as they are, others with their kind."""
    return str(error) if isinstance(error, SearchkitError) else f"{type(error).__name__}: {error}"


def search_in_worker(engine: Engine, request: Request) -> Results:
    """The answer, asked for by the worker that this runs in. `CancelledError` once the worker is told to stop."""
    worker = get_current_worker()
    return engine.search(request, cancelled=lambda: worker.is_cancelled)


@dataclass(slots=True)
class Asker:
    """Puts questions to the engine. Its methods run in threads, and tell `target` what came of them."""

    engine: Engine
    target: MessagePump
    newest: int = 0

    def stale(self, number: int) -> bool:
        """Whether a newer search was asked for since."""
        return number != self.newest

    def _try(self, number: int, what: str, ask: Callable[[], Message], *, offset: int = 0) -> None:
        if self.stale(number):
            return
        try:
            message = ask()
        except CancelledError:
            return
        except SearchkitError as error:
            message = Failed(number, what, error, offset)
        except Exception as error:  # noqa: BLE001 - a fault in the engine must not take the screen with it
            message = Failed(number, what, error, offset)
        if not self.stale(number):
            self.target.post_message(message)

    def search(self, number: int, request: Request, orders: Mapping[str, FacetOrder]) -> None:
        """The first page; facets in an order of their own are asked for apart, since a request has one order."""

        def ask() -> Message:
            plain = tuple(name for name in request.dimensions if orders.get(name, "count") == "count")
            results = self._search(number, replace(request, dimensions=plain))
            facets = dict(results.facets)
            for name in request.dimensions:
                if name not in plain:
                    facets[name] = self._facet(number, request, name, orders[name], request.facet_limit)
            return Answered(number, replace(results, facets=facets))

        self._try(number, "search", ask)

    def page(self, number: int, request: Request) -> None:
        """One more page of hits, without counting again."""

        def ask() -> Message:
            results = self._search(number, replace(request, dimensions=()))
            return PageCame(number, request.offset, results.hits)

        self._try(number, "page", ask, offset=request.offset)

    def facet(self, number: int, request: Request, dimension: str, order: FacetOrder, limit: int) -> None:
        """More values of one facet, or the same in another order."""
        self._try(
            number,
            "facet",
            lambda: FacetCame(number, dimension, self._facet(number, request, dimension, order, limit)),
        )

    def find(self, number: int, request: Request, dimension: str, order: FacetOrder, text: str) -> None:
        """Values of one facet by name. Other names ("Burma") are the engine's to know: it is asked to select by one."""

        def ask() -> Message:
            every = self._facet(number, request, dimension, order, ALL_VALUES).values
            wanted = folded(text)
            found = [value for value in every if wanted in folded(value.value)]
            if wanted:
                known = {value.id for value in found}
                chosen = {**request.filters, dimension: (text,)}
                named = self._facet(number, replace(request, filters=chosen), dimension, "count", 1).values
                true = {value.id: value for value in every}
                # A name that means nothing comes back as a value of its own, for selections are always listed.
                meant = [v for v in named if v.selected and v.id not in known and (v.id != text or v.id in true)]
                found += [true.get(v.id, v._replace(selected=False)) for v in meant]
            return ValuesFound(number, dimension, text, tuple(found))

        self._try(number, "find", ask)

    def months(self, number: int, request: Request) -> None:
        """The hits of each month."""

        def ask() -> Message:
            return MonthsCame(number, self.engine.months(request, cancelled=lambda: self.stale(number)))

        self._try(number, "months", ask)

    def document(
        self, number: int, request: Request, hit: Hit, *, shown: StoredDocument | None = None, pause: float = 0.0
    ) -> None:
        """The document of a hit, once nothing new was asked for `pause` seconds; perhaps the one that is `shown`."""
        if pause:
            time.sleep(pause)
        holds = shown is not None and any(each.id == hit.id for each in shown.paragraphs)

        def ask() -> Message:
            document = shown if shown and holds else self.engine.document(hit.id, request)
            return DocumentCame(hit, request.query, document)

        self._try(number, "document", ask)

    def _search(self, number: int, request: Request) -> Results:
        return self.engine.search(request, cancelled=lambda: self.stale(number))

    def _facet(self, number: int, request: Request, dimension: str, order: FacetOrder, limit: int) -> Facet:
        asked = replace(request, dimensions=(dimension,), facet_order=order, facet_limit=limit, limit=0, offset=0)
        return self._search(number, asked).facets[dimension]
