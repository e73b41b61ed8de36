"""From a plan to what is found: the hits that a request's gate admits, their ranks, and the counts over all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from string import ascii_lowercase
from typing import Final, NamedTuple

import numpy as np
from whoosh.query.qcore import Every, NullQuery, Query

from searchkit import kernels
from searchkit.errors import QueryLimitError
from searchkit.index.format import Array
from searchkit.index.schema import WORD_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import Latest
from searchkit.kernels import counts
from searchkit.kernels.coding import Admitted
from searchkit.kernels.dispatch import F64Array, I32Array, I64Array, U32Array, U64Array
from searchkit.kernels.scoring import first_k, least, top_k
from searchkit.kernels.sets import distinct
from searchkit.model import METADATA_DIMENSIONS, Request
from searchkit.search.documents import matching_documents, showing
from searchkit.search.execute import Executor, Hits
from searchkit.search.facets import Choices, FacetTables
from searchkit.search.gates import Gate, Gates, Period
from searchkit.search.matching import Budget, beside
from searchkit.search.patterns import prefixed
from searchkit.search.plan import Plan
from searchkit.search.refining import refines

#: From so many hits on they are counted in a thread of its own, beside scoring: fewer are done before it has begun.
_BESIDE: Final = 50_000
#: Searches whose hits are kept, and of how many hits at most.
_RECENT: Final = 4
_LARGEST: Final = 1 << 21
#: A search is run on the hits of the one before, if it refines that, where there are more paragraphs by so many times.
_NARROW: Final = 8
#: From so many words on that begin with a letter, what has any of them is found before it is asked for.
_MANY: Final = 1000


class Found(NamedTuple):
    """All hits of a request by global number, and those of the page that it asks for, best first, with their scores."""

    docs: U32Array
    page: U32Array
    scores: F64Array
    counts: Mapping[str, Array]
    documents: int | None  # how many documents, in document scope


class Finder:
    """Runs plans over one snapshot. May be asked from any thread; what it keeps is shared by all searches."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.tables = FacetTables(snapshot)
        self._snapshot = snapshot
        self._executor = Executor(snapshot)
        self._gates = Gates(snapshot, self.tables)
        self._recent: Latest[tuple[int, int], tuple[Plan, Gate, Hits]] = Latest(_RECENT)

    @cached_property
    def ties(self) -> U32Array:
        """Each paragraph's place among those of equal score: newest first, undated last, then by id."""
        ties = np.empty(len(self._ids), np.uint32)
        ties[np.lexsort((self._ids, self._ages))] = np.arange(len(self._ids), dtype=np.uint32)
        return ties

    @cached_property
    def _ages(self) -> I32Array:
        """What orders paragraphs by date, the newest first, undated ones last."""
        return ~np.concatenate([np.zeros(0, np.int32), *(s.days[0] for s in self._snapshot.segments)])

    @cached_property
    def _ids(self) -> U64Array:
        return np.concatenate([np.zeros(0, np.uint64), *(s.array("paragraph.id").all for s in self._snapshot.segments)])

    def _first(self, docs: U32Array, k: int, scores: F64Array | None = None) -> I64Array:
        """Where the k best stand, by score if there are scores, then by the order of `ties`."""
        if kernels.compiled():
            return first_k(docs, self.ties, k) if scores is None else top_k(scores, docs, self.ties, k)
        # A single question does without the order of all paragraphs.
        keys: list[Callable[[I64Array], Array]] = [lambda at: self._ages[docs[at]], lambda at: self._ids[docs[at]]]
        return least(keys if scores is None else [lambda at: -scores[at], *keys], len(docs), k)

    def warm(self) -> None:
        """Make what searches share, and the paragraphs of the letters that words most often begin with."""
        _ = self.ties
        for first in ascii_lowercase:
            words = prefixed(self._snapshot, WORD_FIELD, first, limit=None)
            if len(words) > _MANY:
                self._executor.keep(words)

    def run(self, query: Query, budget: Budget, gate: Gate | None = None) -> Hits:
        """The paragraphs that match a tree, of those that a gate admits (without one: that are live)."""
        gate = gate or self._gates.paragraphs((), None)
        return self._run(query, budget, gate.admits)

    def _run(self, query: Query, budget: Budget, admitted: Admitted | None) -> Hits:
        try:
            return self._executor.hits(query, budget, admitted)
        except RecursionError:
            raise QueryLimitError("the query is nested too deep") from None

    def _hits(self, planned: Plan, gate: Gate, budget: Budget) -> Hits:
        """The hits of a plan; those of the latest are kept for the next page, another order, the same by month."""
        asked = id(planned), id(gate)  # both are kept with the answer, so nothing else gets their numbers
        if (recent := self._recent.get(asked)) is not None:
            return recent[2]
        hits = self._run(planned.scoring, budget, self._among(planned, gate))
        if len(hits.docs) <= _LARGEST:
            self._recent.keep(asked, (planned, gate, hits))
        return hits

    def _among(self, planned: Plan, gate: Gate) -> Admitted | None:
        """What the hits of a plan are among: those of the search before if it refines that, or what the gate admits."""
        if (before := self._recent.last()) is not None:
            earlier, same, hits = before
            few = len(hits.docs) * _NARROW < gate.rows
            if few and same is gate and refines(planned.matching, earlier.matching, self._snapshot.words_of):
                return Admitted(gate.rows, docs=hits.docs)
        return gate.admits

    def _gate(self, request: Request, chosen: Choices, budget: Budget) -> Gate:
        """The paragraphs that a request admits. It is kept, so that making it is no part of the search's time."""
        with budget.apart():
            return self._gates.paragraphs(chosen.key, Period.of(request), request.sideways)

    def _live(self, request: Request, budget: Budget) -> Gate:
        """The paragraphs of a request's period, whatever it selects."""
        with budget.apart():
            return self._gates.paragraphs((), Period.of(request))

    def passing(self, request: Request, planned: Plan, chosen: Choices, budget: Budget) -> U32Array:
        """The hits of a request by global number, not counted and in no order but theirs. Errors as of `find`."""
        if request.scope == "document":
            return self.find(request, planned, chosen, budget).docs
        gate = self._gate(request, chosen, budget)
        docs = self._hits(planned, gate, budget).docs
        passed = gate.passed(docs)
        return docs if passed is None else docs[passed]

    def matching(self, request: Request, tree: Query, budget: Budget) -> Array:
        """The paragraphs of a request's period that match a tree, whatever it selects; in document scope, documents."""
        live = self._live(request, budget)
        if request.scope == "document":
            return self._documents(tree, live, budget)
        return self.run(tree, budget, live).docs

    def passes_any(self, rows: Array, request: Request, chosen: Choices) -> bool:
        """Whether one of some paragraphs passes a request's selections; in document scope, of some documents."""
        make = self._gates.documents if request.scope == "document" else partial(self._gates.paragraphs, period=None)
        verdicts = make(chosen.key).verdicts
        return bool(len(rows) if verdicts is None else (verdicts[rows] == counts.PASSES).any())

    def find(self, request: Request, planned: Plan, chosen: Choices, budget: Budget) -> Found:
        """What a request finds. Errors are those of `Budget`, of damaged files, and `QueryLimitError`."""
        dimensions = tuple(chosen.by_dimension)
        if request.scope == "document":
            docs, scores, counted, documents = self._by_document(request, planned, chosen, budget)
            order = self._ranked_by_document(request, docs, scores)[request.offset : request.offset + request.limit]
            return Found(docs, docs[order], scores[order], dict(zip(dimensions, counted, strict=True)), documents)
        gate = self._gate(request, chosen, budget)
        hits = self._hits(planned, gate, budget)
        budget.lap("match")
        budget.spend()
        if gate.selects or len(hits.docs) < _BESIDE or not kernels.compiled():
            kept, counted = gate.count(hits.docs)
            docs, page, scores = self._ranked(request, hits, kept)
        else:
            counting = beside(gate.count, hits.docs)
            docs, page, scores = self._ranked(request, hits, None)
            counted = counting.result()[1]
        return Found(docs, page, scores, dict(zip(dimensions, counted, strict=True)), None)

    def _ranked(self, request: Request, hits: Hits, kept: I64Array | None) -> tuple[U32Array, U32Array, F64Array]:
        """The hits in the kept places (None: all), and the page of them with its scores."""
        docs = hits.docs if kept is None else hits.docs[kept]
        end = min(request.offset + request.limit, len(docs))
        if end <= request.offset:
            return docs, docs[:0], np.zeros(0)
        if request.sort == "date" or (request.sort == "relevance" and hits.constant is not None):
            order = self._first(docs, end)[request.offset :]
            page = order if kept is None else kept[order]
            ascending = np.sort(page)  # as scores are asked for, segment after segment
            return docs, docs[order], hits.scores(ascending)[np.searchsorted(ascending, page)]
        scores = hits.scores(kept)
        if request.sort == "relevance":
            order = self._first(docs, end, scores)
        else:
            order = np.lexsort((self.ties[docs], -scores, self._source_rank(docs)))[:end]
        order = order[request.offset :]
        return docs, docs[order], scores[order]

    def _by_document(
        self, request: Request, planned: Plan, chosen: Choices, budget: Budget
    ) -> tuple[U32Array, F64Array, list[U32Array], int]:
        """The paragraphs that are shown of the documents that match, their scores; the counts, and how many match."""
        live = self._live(request, budget)
        with budget.apart():
            document_of = self.tables.documents
        documents = self._documents(planned.matching, live, budget)
        with budget.apart():
            gate = self._gates.documents(chosen.key, request.sideways)
        admitted = documents[gate.passing[documents]].astype(np.uint32)
        kept, counted = gate.count(admitted)
        documents = admitted if kept is None else admitted[kept]
        named, parts = self._bearing(chosen), showing(planned.matching)
        hits = self.run(parts or (NullQuery if len(named) else Every()), budget, live)
        inside = np.flatnonzero(np.isin(document_of[hits.docs], documents))
        named = np.setdiff1d(live.admitted[np.isin(live.admitted, named)], hits.docs, assume_unique=True)
        named = named[np.isin(document_of[named], documents)]
        # A document that matches by what it lacks (`missiles OR -drones`) has no such paragraph, and shows all it has.
        bare = documents[~np.isin(documents, document_of[np.concatenate([hits.docs, named])])]
        rest = live.admitted[np.isin(document_of[live.admitted], bare)]
        docs = np.concatenate([hits.docs[inside], named, rest])
        scores = np.concatenate([hits.scores(inside), np.zeros(len(named) + len(rest))])
        return docs, scores, counted, len(documents)

    def _documents(self, tree: Query, live: Gate, budget: Budget) -> Array:
        """The documents that match a tree."""
        document_of = self.tables.documents
        found = distinct(document_of[live.admitted])
        return matching_documents(tree, lambda query: self.run(query, budget, live).docs, document_of, found)

    def _bearing(self, chosen: Choices) -> I64Array:
        """The paragraphs that bear a selected value; source and year tell nothing, for a whole document has them."""
        found = [np.zeros(0, np.int64)]
        for dimension, choice in chosen.by_dimension.items():
            if choice.chosen and dimension not in METADATA_DIMENSIONS:
                column = self.tables.column(dimension, False)
                wanted = np.zeros(column.values, np.bool_)
                wanted[list(choice.chosen)] = True
                found.append(counts.bearing(column.offsets, column.ordinals, wanted)[1])
        return distinct(np.concatenate(found))

    def _ranked_by_document(self, request: Request, docs: U32Array, scores: F64Array) -> I64Array:
        """Places grouped by document: documents by their best paragraph, and in each the best paragraph first."""
        documents, ties = self.tables.documents[docs], self.ties[docs]
        if request.sort == "relevance":
            inside = np.lexsort((ties, -scores))
        elif request.sort == "date":
            inside = np.argsort(ties, kind="stable")
        else:
            inside = np.lexsort((ties, -scores, self._source_rank(docs)))
        _, first, group = np.unique(documents[inside], return_index=True, return_inverse=True)
        return inside[np.lexsort((np.arange(len(inside)), first[group]))]

    def _source_rank(self, docs: U32Array) -> I64Array:
        """The place of each hit's source among the sources by label; those without one last."""
        column = self.tables.column("source", False)
        rank = self._snapshot.table("source").rank
        starts = column.offsets[docs].astype(np.int64)
        has = column.offsets[docs + np.uint32(1)] > starts
        places = np.full(len(docs), len(rank), np.int64)
        places[has] = rank[column.ordinals[starts[has]]]
        return places
