"""From a query tree to the paragraphs that match it, with their scores: stock Whoosh's searcher over our reader.

This is the engine's oracle, and its fallback for what is not compiled.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
from whoosh.query.qcore import Query
from whoosh.searching import Searcher

from searchkit import kernels
from searchkit.errors import CancelledError, DeadlineError
from searchkit.index.format import Array
from searchkit.index.reader import reader
from searchkit.index.snapshot import Snapshot
from searchkit.search.ranking import Ranking

P = ParamSpec("P")
R = TypeVar("R")


class Matches(NamedTuple):
    """Global numbers of the live paragraphs that match, ascending, and the score of each (float64)."""

    docs: Array
    scores: Array


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a search may take, and whether anybody still waits for it."""

    seconds: float = 2.0
    cancelled: Callable[[], bool] | None = None
    started: float = field(default_factory=time.monotonic)
    #: The steps, and when each ended.
    ended: list[tuple[str, float]] = field(default_factory=list)
    #: Seconds that making went into which is kept for all searches to come.
    making: list[float] = field(default_factory=list)

    def lap(self, step: str) -> None:
        """To be called at the end of a step; what is not yet another step's time was this one's."""
        self.ended.append((step, time.monotonic()))

    @property
    def laps(self) -> dict[str, float]:
        """Milliseconds that each step took."""
        laps: dict[str, float] = {}
        for (step, end), (_, begun) in zip(self.ended, [("", self.started), *self.ended], strict=False):
            laps[step] = laps.get(step, 0.0) + 1000 * (end - begun)
        return laps

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is made within is kept: the first search after opening does not pay for it with its own time."""
        begun = time.monotonic()
        yield
        self.making.append(time.monotonic() - begun)

    def spend(self) -> None:
        """To be called now and then. `CancelledError` or `DeadlineError` when it is over."""
        if self.cancelled is not None and self.cancelled():
            raise CancelledError("the search was given up")
        if time.monotonic() - self.started - sum(self.making) > self.seconds:
            raise DeadlineError(f"the search took more than {self.seconds:g} s; narrow it, or allow more time")


def whoosh_matches(snapshot: Snapshot, query: Query, budget: Budget) -> Matches:
    """Run a query tree with stock Whoosh's `Searcher`; nothing is skipped for a low rank, since all is counted."""
    docs: list[int] = []
    scores: list[float] = []
    if snapshot.segments:
        searcher = Searcher(reader(snapshot), weighting=Ranking())
        for leaf, base in searcher.leaf_searchers():
            matcher = query.matcher(leaf, searcher.context(needs_current=True))
            is_deleted = leaf.reader().is_deleted
            while matcher.is_active():
                if len(docs) % 512 == 0:
                    budget.spend()
                number = matcher.id()
                if not is_deleted(number):  # Whoosh's `InverseMatcher` gives one where what it negates ends before it
                    docs.append(base + number)
                    scores.append(matcher.score())
                matcher.next()
    return Matches(np.array(docs, np.uint32), np.array(scores, np.float64))


_thread = threading.local()


@cache
def _pool() -> ThreadPoolExecutor:
    def begin() -> None:
        _thread.is_of_pool = True

    return ThreadPoolExecutor(min(8, os.cpu_count() or 1), "searchkit-search", initializer=begin)


def beside(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
    """Begin work in a thread of its own, and go on; kernels let go of the interpreter's lock.

    Without compiled ones the work is done at once. So it is where this is asked for in such a thread: were they to wait
    for each other, all might.
    """
    if kernels.compiled() and not getattr(_thread, "is_of_pool", False):
        return _pool().submit(work, *args, **kwargs)
    done: Future[R] = Future()
    done.set_result(work(*args, **kwargs))
    return done
