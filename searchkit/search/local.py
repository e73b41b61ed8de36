"""The embedded engine: requests answered over one generation of an index in a folder."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import numpy as np
from whoosh.query.qcore import NullQuery, Query

from searchkit import kernels
from searchkit.errors import DamagedIndexError, DeadlineError, NotFoundError
from searchkit.index.build import NO_DAY
from searchkit.index.check import disagreements
from searchkit.index.current import Current
from searchkit.index.format import Array
from searchkit.keeping import Latest
from searchkit.model import (
    ENTITY_DIMENSIONS,
    Evidence,
    Explanation,
    Facet,
    Hit,
    Request,
    Results,
    Status,
    StoredDocument,
    Value,
)
from searchkit.search import evidence, facets
from searchkit.search.explain import explained
from searchkit.search.finding import Finder, Found
from searchkit.search.matching import Budget
from searchkit.search.page import Pages
from searchkit.search.plan import Plan, plan, words_typed
from searchkit.search.similar import WORDS, telling
from searchkit.search.suggest import blame, named, narrowings, suggestions
from searchkit.search.values import resolve

#: Seconds that a search may take.
DEADLINE: Final = 2.0
#: Plans and choices that are remembered of a generation.
_REMEMBERED: Final = 64
#: What arrays that do not fit together make of a search.
_MISLED: Final = (ArithmeticError, LookupError, ValueError, MemoryError, RecursionError)
#: The day (`date.toordinal`) that numpy counts from.
_EPOCH: Final = dt.date(1970, 1, 1).toordinal()


class _Generation:
    """A snapshot with what is derived from it, shared by the searches that run on it; closed by the last of them."""

    def __init__(self, current: Current) -> None:
        self.current = current
        self.snapshot = snapshot = current.snapshot
        self.finder = Finder(snapshot)
        self.pages = Pages(snapshot)
        self.users = 1
        self._plans: Latest[tuple[str, bool], Plan] = Latest(_REMEMBERED)
        self._choices: Latest[Hashable, facets.Choices] = Latest(_REMEMBERED)
        self._months: Array | None = None

    def plan(self, request: Request, budget: Budget) -> Plan:
        """What the request's query means; kept, since filters change more often than the query they are put to."""
        asked = request.query, request.live
        found = self._plans.get(asked)
        if found is None:
            made = plan(self.snapshot, request.query, live=request.live, budget=budget)
            offered = (*made.suggestions, *named(self.snapshot, request.query))
            found = self._plans.keep(asked, replace(made, suggestions=offered))
        return found

    def chosen(self, request: Request) -> facets.Choices:
        """The values that the request names; kept, since queries change more often than filters while one types."""
        named = [tuple((d, *names) for d, names in some.items()) for some in (request.filters, request.exclude)]
        asked = (tuple(request.dimensions), tuple(request.all_of), *named)
        found = self._choices.get(asked)
        if found is None:
            found = self._choices.keep(asked, facets.choices(self.snapshot, request))
        return found

    @property
    def months(self) -> Array:
        """Each paragraph's month (int64, 12 for each year); -1 where its date is no day or month."""
        if self._months is None:
            days = [np.zeros((2, 0), np.int32), *(np.stack(s.days) for s in self.snapshot.segments)]
            dated = np.concatenate(days, axis=1)
            since_1970 = (dated.astype(np.int64) - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
            first, last = since_1970.astype(np.int64) + 1970 * 12
            self._months = np.where((first == last) & (dated[0] != NO_DAY), first, -1)
        return self._months


class LocalEngine:
    """The `Engine` over an index folder. Thread-safe: each call holds the generation that it began with."""

    def __init__(self, current: Current, *, named: Path | None = None, deadline: float = DEADLINE) -> None:
        self._directory = current.snapshot.directory
        self._named = named
        self._deadline = deadline
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._generation = _Generation(current)

    @classmethod
    def open(cls, directory: str | Path, *, curation_file: Path | None = None, deadline: float = DEADLINE) -> Self:
        """Open the current generation in a folder, its facets as the curation file decides.

        `curation_file` is where that is, if not where the index remembers it or beside it. `NoIndexError`,
        `DamagedIndexError`, `FormatError`; `UsageError` where the curation file is wrong.
        """
        return cls(Current.open(Path(directory), curation_file), named=curation_file, deadline=deadline)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files once the searches under way have ended."""
        self._release(self._generation)

    def refresh(self) -> bool:
        """Move on to a newer generation, or to what the curation file says now; says whether there was anything."""
        with self._refreshing:  # one after the other, or who was slower would lead back to an older generation
            if self._generation.current.is_current():
                return False
            newer = _Generation(Current.open(self._directory, self._named))
            with self._lock:
                older, self._generation = self._generation, newer
        self._release(older)
        return True

    @contextmanager
    def _held(self) -> Iterator[_Generation]:
        with self._lock:
            generation = self._generation
            generation.users += 1
        try:
            yield generation
        except _MISLED as error:
            # Is it ours? Only an index whose arrays do not fit together, right checksums or not, is to blame.
            if problems := disagreements(generation.snapshot):
                raise DamagedIndexError(f"{problems[0]}; run `searchkit rebuild` to repair") from error
            raise
        finally:
            self._release(generation)

    def _release(self, generation: _Generation) -> None:
        with self._lock:
            generation.users -= 1
            last = generation.users == 0
        if last:
            generation.snapshot.close()

    def warm(self) -> None:
        """Make what searches share: order of equals, names to suggest, paragraphs for the first letter of a word."""
        with self._held() as held:
            held.finder.warm()
            for dimension in ENTITY_DIMENSIONS:
                held.snapshot.names(dimension)

    # What there is

    @property
    def generation(self) -> int:
        """The number of the generation that answers come from."""
        return self._generation.snapshot.generation

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of all dimensions, entity dimensions first."""
        return self._generation.snapshot.dimensions

    @property
    def curation_file(self) -> Path:
        """The file of decisions about values, whether it is there or not."""
        return self._generation.current.file

    def status(self) -> Status:
        """What the index holds."""
        with self._held() as held:
            # Only whoever asks for this reads the tables.
            from searchkit.entities.extract import extractor  # noqa: PLC0415

            made = held.snapshot.manifest.extraction
            current = made == extractor().fingerprint or " " in made or not made  # another finder of people's names
            return replace(held.snapshot.status(), labels_current=current, curation=held.current.status())

    def document(self, paragraph_id: str, request: Request | None = None) -> StoredDocument:
        """The whole document that holds the paragraph, with its mentions. `NotFoundError` where there is none.

        The words of the request's query, if there is one, are marked in all its paragraphs.
        """
        with self._held() as held:
            document = held.snapshot.document(held.snapshot.find(paragraph_id))
            if request is None or not request.query.strip():
                return document
            return held.pages.marked(held.plan(request, Budget(self._deadline)).matching, document)

    def values(self, dimension: str) -> tuple[Value, ...]:
        """The values of a dimension that the index knows, ordered by id."""
        with self._held() as held:
            count = len(held.snapshot.table(dimension).homes)
            return tuple(held.snapshot.value(dimension, ordinal) for ordinal in range(count))

    def similar(self, paragraph_id: str, *, words: int = WORDS) -> str:
        """A query for paragraphs like this one: its most telling words, joined by OR. `NotFoundError`."""
        with self._held() as held:
            segment, local = held.snapshot.locate(held.snapshot.find(paragraph_id))
            text = segment.text(local)
            labels = [label for name in segment.dimensions for label in segment.labels(name, local, text)]
            named = [(mention.start, mention.end) for label in labels for mention in label.mentions]
            return telling(held.snapshot, text, named, words=words)

    # Searching

    def search(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Results:
        """The ranked hits, the exact total and the facet counts for `request`; see `Engine.search` for the errors."""
        kernels.prepare()
        budget = Budget(self._deadline, cancelled)
        with self._held() as held:
            return _answer(held, request, budget)

    def explain(self, request: Request) -> Explanation:
        """Answer a request, and say how: the time of each step, the hits of each clause. Errors as of `search`."""
        kernels.prepare()
        budget = Budget(self._deadline)
        with self._held() as held:
            results = _answer(held, request, budget)
            tree = held.plan(request, budget).matching
            patient = Budget(max(self._deadline, 30.0))
            clause = explained(held.snapshot, held.finder, tree, patient, words_typed(request.query))
            return Explanation(results, budget.laps, tuple(one.name for one in held.snapshot.segments), clause)

    def months(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Mapping[str, int]:
        """How many hits each month has (`2024-11`), whatever dates the request asks for; see `Engine.months`."""
        kernels.prepare()
        budget = Budget(self._deadline, cancelled)
        request = replace(request, date_from=None, date_to=None)
        with self._held() as held:
            chosen = held.chosen(request)
            planned = held.plan(request, budget)
            docs = held.finder.passing(request, planned, chosen, budget)
            if request.scope == "document":
                docs = docs[np.unique(held.finder.tables.documents[docs], return_index=True)[1]]
            counts = np.bincount(held.months[docs] + 1)[1:]  # without those of no month
            return {f"{month // 12:04}-{month % 12 + 1:02}": int(counts[month]) for month in np.flatnonzero(counts)}

    def why(self, request: Request, dimension: str, value: str, *, examples: int = 3) -> Evidence:
        """The surface forms behind a value's count over the hits of `request`. `NotFoundError` for an unknown value."""
        kernels.prepare()
        budget = Budget(max(self._deadline, 30.0))
        with self._held() as held:
            snapshot = held.snapshot
            chosen = facets.choices(snapshot, request)
            facets.known_dimension(snapshot, dimension)
            ordinals = resolve(snapshot, dimension, value).ordinals
            if not ordinals:
                raise NotFoundError(f"the index has no {dimension} value {value!r}")
            planned = plan(snapshot, request.query, live=request.live)
            docs = held.finder.passing(request, planned, chosen, budget)
            return evidence.gather(snapshot, dimension, min(ordinals), docs.tolist(), budget, examples=examples)


def _answer(held: _Generation, request: Request, budget: Budget) -> Results:
    """The answer to a request, its steps timed."""
    chosen = held.chosen(request)
    budget.lap("find the values that are selected")
    planned = held.plan(request, budget)
    budget.lap("parse and plan")
    found = held.finder.find(request, planned, chosen, budget)
    budget.lap("count and rank")
    notes, offered = list(planned.notes), list(planned.suggestions)
    if not len(found.docs):
        with suppress(DeadlineError):  # the answer is there, and is none without them
            reason, selected = _why_nothing(held, request, planned, budget)
            notes += [reason] if reason else []
            if not selected:
                offered += suggestions(held.snapshot, request.query, planned.matching)
    budget.lap("suggest")
    hits = _hits(held, planned, chosen, found)
    budget.lap("read and highlight the hits")
    counted = _facets(held, request, chosen, found)
    budget.lap("list the facets")
    return Results(
        query=request.query,
        parsed=planned.shown,
        scope=request.scope,
        total=len(found.docs),
        hits=hits,
        facets=counted,
        took_ms=round((time.monotonic() - budget.started) * 1000, 3),
        notes=tuple(dict.fromkeys((*chosen.notes, *notes))),
        suggestions=tuple(dict.fromkeys((*chosen.suggestions, *offered))),
        total_documents=found.documents,
    )


def _hits(held: _Generation, planned: Plan, chosen: facets.Choices, found: Found) -> tuple[Hit, ...]:
    """The hits of a page, with texts, highlights and labels."""
    in_document = None
    if found.documents is not None and len(found.page):
        documents = held.finder.tables.documents
        in_document = np.bincount(documents[found.docs])[documents[found.page]].tolist()
    page, scores = found.page.astype(np.int64), found.scores.tolist()
    return tuple(held.pages.hits(planned.matching, chosen.by_dimension, page, scores, in_document))


def _facets(held: _Generation, request: Request, chosen: facets.Choices, found: Found) -> Mapping[str, Facet]:
    """The listed values of the dimensions that the request asks for."""
    by_document = request.scope == "document"
    distinctive = request.facet_order == "distinctiveness"
    return {
        dimension: facets.listed(
            held.snapshot,
            dimension,
            found.counts[dimension],
            chosen.by_dimension[dimension],
            limit=request.facet_limit,
            order=request.facet_order,
            totals=held.finder.tables.totals(dimension, by_document) if distinctive else None,
            groups=dimension in request.groups,
        )
        for dimension in request.dimensions
    }


def _why_nothing(held: _Generation, request: Request, planned: Plan, budget: Budget) -> tuple[str | None, bool]:
    """Why there are no hits, and whether that is for what is selected and not for the query."""
    if not any(entry.live_paragraphs for entry in held.snapshot.manifest.segments):
        return "the index is empty", False
    if planned.matching == NullQuery:
        return None, False
    finder, unit = held.finder, request.scope
    plain = replace(request, filters={}, exclude={}, all_of=(), date_from=None, date_to=None, dimensions=())

    def matching(tree: Query) -> Array:
        return finder.matching(plain, tree, budget)

    found = matching(planned.matching)
    if not len(found):
        return blame(request.query, planned.matching, lambda tree: len(matching(tree)), unit), False
    matched = f"{len(found):,} {unit}{'s' * (len(found) != 1)}"
    for lacking, narrowed in narrowings(request, plain):
        dated = narrowed.date_from or narrowed.date_to
        some = finder.matching(narrowed, planned.matching, budget) if dated else found
        if not finder.passes_any(some, narrowed, held.chosen(narrowed)):
            return f"the query matches {matched}, but none {lacking}", True
    return f"the query matches {matched}, but none that passes all that is selected", True
