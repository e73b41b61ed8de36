"""Query trees run by kernels: each node becomes a sorted list of paragraphs, scored where it survives.

What has no form here runs on Whoosh's matchers (`searchkit.search.matching`), node by node. Hits and scores are those
of Whoosh's own searcher with our weighting (scores to within rounding); where it is known to err, this is right:
the boost of a group of one counts, and a clause that scores nothing is not lost in a large OR.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final, NamedTuple

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index.schema import TITLE_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.kernels import scoring, sets
from searchkit.kernels.dispatch import F64Array, I64Array, U32Array
from searchkit.search.clauses import Clause, Words
from searchkit.search.lists import Lists
from searchkit.search.matching import Budget, Matches, whoosh_matches
from searchkit.search.ranking import Ranking

#: What Whoosh gives a paragraph for not matching a negated part.
_NEGATED: Final = 1.0
_RANKING: Final = Ranking()
_NO_DOCS: Final = np.zeros(0, np.uint32)

#: Scores of the hits that stand in these places, or of all.
Scores = Callable[[I64Array | None], F64Array]


@dataclass(frozen=True, slots=True)
class Hits:
    """Paragraphs of a segment, ascending, deleted ones included, whose scores are not worked out yet."""

    docs: U32Array
    scores: Scores


class Placed(NamedTuple):
    """Hits that know where in each paragraph they are: postings with the positions of each."""

    hits: Hits
    positions: U32Array
    offsets: I64Array


class Executor:
    """Runs query trees over one snapshot. What it keeps of the index is shared by all searches on it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._segments = [Lists(segment) for segment in snapshot.segments]
        self._idf = lru_cache(maxsize=1 << 14)(self._inverse_document_frequency)
        self._average = lru_cache(maxsize=None)(self._average_length)

    def matches(self, query: Query, budget: Budget) -> Matches:
        """The live paragraphs that match, with their scores. Errors are those of `Budget` and of damaged files."""
        docs, scores = [_NO_DOCS], [np.zeros(0, np.float64)]
        elsewhere: dict[int, Matches] = {}
        for data, base in zip(self._segments, self._snapshot.bases, strict=False):
            hits = _Run(self, data, base, budget, elsewhere).hits(query)
            deleted, rows = data.segment.deleted, None
            if deleted is not None:
                rows = np.flatnonzero(~deleted[hits.docs])
            docs.append((hits.docs if rows is None else hits.docs[rows]) + np.uint32(base))
            scores.append(hits.scores(rows))
        return Matches(np.concatenate(docs), np.concatenate(scores))

    def fallback(self, query: Query, budget: Budget) -> Matches:
        """The same by Whoosh's own searcher."""
        return whoosh_matches(self._snapshot, query, budget)

    def weights(self, field: str, term: bytes) -> tuple[float, float, float]:
        """What BM25 needs to know of a term beside its postings: idf, mean length of the field, and b."""
        return self._idf(field, term), self._average(field), _RANKING.B if field != TITLE_FIELD else 0.0

    def _inverse_document_frequency(self, field: str, term: bytes) -> float:
        frequency = sum(data.doc_frequency(field, term) for data in self._segments)
        return log(self._snapshot.paragraph_count / (frequency + 1)) + 1

    def _average_length(self, field: str) -> float:
        total = sum(int(data.lengths(field).sum(dtype=np.int64)) for data in self._segments)
        return total / (self._snapshot.paragraph_count or 1) or 1.0


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on one segment."""

    executor: Executor
    data: Lists
    base: int
    budget: Budget
    #: What Whoosh found in all segments, by the identity of the node.
    elsewhere: dict[int, Matches]

    def hits(self, node: Query) -> Hits:  # noqa: PLR0911, C901 - one line for each kind of node
        """The paragraphs that match a node."""
        self.budget.spend()
        if isinstance(node, q.Term):
            return self._term(node.fieldname, node.text, node.boost)
        if isinstance(node, Words):
            return constant(self.data.bearing(node.field_name, node.words), node.score)
        if isinstance(node, Clause):
            return constant(node.paragraphs(self.data.segment).astype(np.uint32), node.score)
        if isinstance(node, q.Phrase):
            return boosted(self._near([q.Term(node.fieldname, word) for word in node.words], node.slop), node.boost)
        if isinstance(node, SpanNear2) and node.ordered and node.mindist == 1:
            return self._near(node.qs, node.slop)
        if isinstance(node, q.Not):
            return constant(self._without(self.hits(node.query).docs), _NEGATED)
        if isinstance(node, q.Every) and node.fieldname in (None, "", "*"):
            return constant(self.data.every(), node.boost)
        if isinstance(node, q.And):
            return boosted(self._all(list(node.subqueries)), node.boost)
        if type(node) is q.Or and not node.scale:
            return boosted(union([self.hits(child) for child in node.subqueries]), node.boost)
        if isinstance(node, (q.AndNot, q.AndMaybe, q.Require)):
            return self._pair(node)
        if node == q.NullQuery:
            return constant(_NO_DOCS, 0.0)
        return self._by_whoosh(node)

    def _term(self, field: str, text: str | bytes, boost: float) -> Hits:
        term = _encoded(text)
        number = -1 if term is None else self.data.number(field, term)
        if term is None or number < 0:
            return constant(_NO_DOCS, 0.0)
        docs, freqs = self.data.postings(field, number)
        return self._scored(field, term, docs, freqs, boost)

    def _scored(self, field: str, term: bytes, docs: U32Array, freqs: U32Array, boost: float) -> Hits:
        def scores(rows: I64Array | None) -> F64Array:
            some, weights = (docs, freqs) if rows is None else (docs[rows], freqs[rows])
            idf, average, b = self.executor.weights(field, term)
            lengths = self.data.scored_lengths(field)[some]
            return scoring.bm25(weights, lengths, idf * boost, average, float(_RANKING.K1), float(b))

        return Hits(docs, scores)

    def _all(self, nodes: list[Query]) -> Hits:
        """The paragraphs that match every node, the rarest first: the sooner nothing is left, the sooner it ends."""
        negated = [node.query for node in nodes if isinstance(node, q.Not)]
        parts = sorted((node for node in nodes if not isinstance(node, q.Not)), key=self._size)
        found: list[Hits] = [constant(self.data.every(), 0.0)] if not parts else []
        docs, places = self.data.every(), list[I64Array | None]([None])
        for number, node in enumerate(parts):
            found.append(self.hits(node))
            if number == 0:
                docs = found[0].docs
            else:
                here, there = sets.common(docs, found[number].docs)
                docs = docs[here]
                places = [here if rows is None else rows[here] for rows in places] + [there]
            if not len(docs):
                return constant(_NO_DOCS, 0.0)
        for node in negated:
            kept = sets.difference(docs, self.hits(node).docs)
            docs = docs[kept]
            places = [kept if rows is None else rows[kept] for rows in places]
        extra = _NEGATED * len(negated)
        return Hits(docs, lambda rows: _sum(found, places, rows) + extra)

    def _size(self, node: Query) -> int:
        """About how many paragraphs match a node: good enough to choose which goes first."""
        if isinstance(node, q.Term):
            term = _encoded(node.text)
            return 0 if term is None else self.data.doc_frequency(node.fieldname, term)
        if isinstance(node, q.Phrase):
            return min((self._size(q.Term(node.fieldname, word)) for word in node.words), default=0)
        return self.data.segment.paragraph_count

    def _pair(self, node: q.AndNot | q.AndMaybe | q.Require) -> Hits:
        first = self.hits(node.a)
        if not len(first.docs):
            return first
        second = self.hits(node.b)
        if isinstance(node, q.AndNot):
            return chosen(first, sets.difference(first.docs, second.docs))
        here, there = sets.common(first.docs, second.docs)
        if isinstance(node, q.Require):
            return chosen(first, here)
        if not len(here):
            return first

        def scores(rows: I64Array | None) -> F64Array:
            added = np.zeros(len(first.docs), np.float64)
            added[here] = second.scores(there)
            return first.scores(rows) + (added if rows is None else added[rows])

        return Hits(first.docs, scores)

    def _without(self, docs: U32Array) -> U32Array:
        left = np.ones(self.data.segment.paragraph_count, np.bool_)
        left[docs] = False
        return np.flatnonzero(left).astype(np.uint32)

    def _near(self, nodes: Sequence[Query], slop: int) -> Hits:
        """Words one after another: terms, or clauses over many words."""
        parts: list[Placed] = []
        for node in nodes:
            placed = self._placed(node)
            if placed is None:
                return self._by_whoosh(SpanNear2(list(nodes), slop=slop, ordered=True, mindist=1))
            if not len(placed.hits.docs):
                return constant(_NO_DOCS, 0.0)
            parts.append(placed)
        docs, places = sets.phrase(
            [part.hits.docs for part in parts], [p.positions for p in parts], [p.offsets for p in parts], slop
        )
        return Hits(docs, lambda rows: _sum([part.hits for part in parts], list(places), rows))

    def _placed(self, node: Query) -> Placed | None:
        if isinstance(node, Words):
            return self._words(node)
        if not isinstance(node, q.Term):
            return None
        term = _encoded(node.text)
        number = -1 if term is None else self.data.number(node.fieldname, term)
        if term is None or number < 0:
            return Placed(constant(_NO_DOCS, 0.0), _NO_DOCS, np.zeros(1, np.int64))
        docs, freqs, positions, offsets = self.data.placed(node.fieldname, number)
        return Placed(self._scored(node.fieldname, term, docs, freqs, node.boost), positions, offsets)

    def _words(self, node: Words) -> Placed:
        docs, counts, positions = node.matched(self.data.segment)
        hits = constant(docs.astype(np.uint32), node.score)
        return Placed(hits, positions.astype(np.uint32), _offsets(counts))

    def _by_whoosh(self, node: Query) -> Hits:
        found = self.elsewhere.get(id(node))
        if found is None:
            found = self.elsewhere[id(node)] = self.executor.fallback(node, self.budget)
        low, high = np.searchsorted(found.docs, [self.base, self.base + self.data.segment.paragraph_count])
        scores = found.scores[low:high]
        return Hits(
            (found.docs[low:high] - self.base).astype(np.uint32), lambda rows: scores if rows is None else scores[rows]
        )


def constant(docs: U32Array, score: float) -> Hits:
    """Hits that all have one score."""
    return Hits(docs, lambda rows: np.full(len(docs) if rows is None else len(rows), score))


def boosted(hits: Hits, boost: float) -> Hits:
    """The same hits, their scores multiplied."""
    return hits if boost == 1.0 else Hits(hits.docs, lambda rows: hits.scores(rows) * boost)


def chosen(hits: Hits, places: I64Array) -> Hits:
    """Some of the hits."""
    return Hits(hits.docs[places], lambda rows: hits.scores(places if rows is None else places[rows]))


def union(parts: Sequence[Hits]) -> Hits:
    """The paragraphs of any part, with the sums of their scores."""
    parts = [part for part in parts if len(part.docs)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return constant(_NO_DOCS, 0.0)
    docs, scores = sets.union(
        np.concatenate([part.docs for part in parts]),
        np.concatenate([part.scores(None) for part in parts]),
        np.cumsum([0, *(len(part.docs) for part in parts)], dtype=np.int64),
    )
    return Hits(docs, lambda rows: scores if rows is None else scores[rows])


def _sum(parts: Sequence[Hits], places: Sequence[I64Array | None], rows: I64Array | None) -> F64Array:
    """The sums of the scores of parts; hit i of the whole stands at places[part][i] in a part."""
    total: F64Array | None = None
    for part, at in zip(parts, places, strict=True):
        wanted = at if rows is None else rows if at is None else at[rows]
        scores = part.scores(wanted)
        total = scores if total is None else total + scores
    return np.zeros(0, np.float64) if total is None else total


def _encoded(text: str | bytes) -> bytes | None:
    """A term as the dictionary has it; none where it is no text at all (a lone surrogate)."""
    try:
        return text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        return None


def _offsets(sizes: U32Array | I64Array) -> I64Array:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
