"""Query trees run by kernels: each node becomes a sorted list of paragraphs, scored where it survives.

What has no form here runs on Whoosh's matchers (`searchkit.search.matching`), node by node. Hits and scores are those
of Whoosh's own searcher with our weighting (scores to within rounding); where it is known to err, this is right:
the boost of a group of one counts, and a clause that scores nothing is not lost in a large OR.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final, NamedTuple

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit import kernels
from searchkit.index.schema import TITLE_FIELD, WORD_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import kept
from searchkit.kernels import sets
from searchkit.kernels.coding import Admitted, offsets_of
from searchkit.kernels.dispatch import BoolArray, F64Array, I64Array, U32Array
from searchkit.search.clauses import Clause, Words
from searchkit.search.facets import alive
from searchkit.search.lists import Lists, Posted
from searchkit.search.matching import Budget, Matches, beside, whoosh_matches
from searchkit.search.ranking import Ranking, rarity

#: What Whoosh gives a paragraph for not matching a negated part.
_NEGATED: Final = 1.0
_RANKING: Final = Ranking()
_NO_DOCS: Final = np.zeros(0, np.uint32)

#: A node of fewer hits is run whole: telling it which paragraphs are of interest would take longer.
_FEW: Final = 4096
#: A term of no more than so many times the paragraphs that are of interest is read whole and merged with them; a set
#: of paragraphs is gone through whole where no more than so many times those that are admitted are there at all.
_ALIKE: Final = 8
#: Terms of so many postings are worth a thread of their own beside what else there is to do.
_MANY: Final = 1 << 16

#: Scores of the hits that stand in these places, which ascend, or of all.
Scores = Callable[[I64Array | None], F64Array]


@dataclass(frozen=True, slots=True)
class Hits:
    """Paragraphs, ascending, whose scores are not worked out yet; `constant` is the one score that all have, if so."""

    docs: U32Array
    scores: Scores
    constant: float | None = None


class Placed(NamedTuple):
    """Hits that know where in each paragraph they are.

    `occurrences(rows, ends, slop)` are those in the hits that stand in these places; where there is a slop, those will
    do that come at most so much after one of `ends`. Those of a common term are read without regard to that.
    """

    hits: Hits
    occurrences: Callable[[I64Array, I64Array, int], I64Array]
    is_common: bool = False


class Executor:
    """Runs query trees over one snapshot. What it keeps of the index is shared by all searches on it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._segments = [Lists(segment) for segment in snapshot.segments]
        self.weight = kept(self._inverse_document_frequency, 1 << 14)
        self._average = kept(self._average_length)
        self.norms = kept(self._norms)

    def hits(self, query: Query, budget: Budget, admitted: Admitted | None = None) -> Hits:
        """The paragraphs that match, by global number, of those that are admitted (None: of all).

        Errors are those of `Budget` and of damaged files.
        """
        elsewhere: dict[int, Matches] = {}
        found: list[Hits] = []
        for data, base in zip(self._segments, self._snapshot.bases, strict=False):
            own = admitted
            if admitted is not None and len(self._segments) > 1:
                own = admitted.between(base, base + data.segment.paragraph_count)
            found.append(_Run(self, data, base, budget, own, elsewhere).hits(query))
        if len(found) == 1:
            return found[0]
        docs = [hits.docs + np.uint32(base) for hits, base in zip(found, self._snapshot.bases, strict=False)]
        ends = np.cumsum([0, *(len(some) for some in docs)], dtype=np.int64)

        def scores(rows: I64Array | None) -> F64Array:
            if rows is None:
                return np.concatenate([np.zeros(0), *(hits.scores(None) for hits in found)])
            cuts = np.searchsorted(rows, ends)
            runs = zip(found, ends, cuts, cuts[1:], strict=False)
            return np.concatenate([np.zeros(0), *(hits.scores(rows[a:b] - low) for hits, low, a, b in runs)])

        constants = {hits.constant for hits in found if len(hits.docs)}
        return Hits(np.concatenate([_NO_DOCS, *docs]), scores, constants.pop() if len(constants) == 1 else None)

    def keep(self, words: Collection[bytes]) -> None:
        """Find what has any of some words, and keep it for the searches that ask for them."""
        for data in self._segments:
            data.bearing(WORD_FIELD, words, lambda: None)

    def matches(self, query: Query, budget: Budget) -> Matches:
        """The live paragraphs that match, with their scores."""
        hits = self.hits(query, budget, self._live)
        return Matches(hits.docs, hits.scores(None))

    @cached_property
    def _live(self) -> Admitted | None:
        if all(segment.deleted is None for segment in self._snapshot.segments):
            return None
        return Admitted(self._snapshot.paragraph_count, verdicts=alive(self._snapshot).astype(np.uint8))

    def fallback(self, query: Query, budget: Budget) -> Matches:
        """The same by Whoosh's own searcher."""
        return whoosh_matches(self._snapshot, query, budget)

    def _inverse_document_frequency(self, field: str, term: bytes) -> float:
        frequency = sum(data.doc_frequency(field, term) for data in self._segments)
        return rarity(self._snapshot.paragraph_count, frequency)

    def _average_length(self, field: str) -> float:
        total = sum(int(data.lengths(field).sum(dtype=np.int64)) for data in self._segments)
        return total / (self._snapshot.paragraph_count or 1) or 1.0

    def _norms(self, field: str) -> F64Array:
        """What BM25 holds against each length that a field has; an empty one counts as one word, as in Whoosh."""
        b = _RANKING.B if field != TITLE_FIELD else 0.0
        lengths = np.maximum(np.arange(1 + max((data.largest(field) for data in self._segments), default=0)), 1)
        norms: F64Array = _RANKING.K1 * ((1 - b) + b * lengths / self._average(field))
        return norms


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on one segment. Every list of paragraphs in it has admitted ones only."""

    executor: Executor
    data: Lists
    base: int
    budget: Budget
    admitted: Admitted | None
    #: What Whoosh found in all segments, by the identity of the node.
    elsewhere: dict[int, Matches]

    def hits(self, node: Query) -> Hits:  # noqa: PLR0911, C901 - one line for each kind of node
        """The paragraphs that match a node."""
        self.budget.spend()
        if isinstance(node, q.Term):
            return self._term(node.fieldname, node.text, node.boost)[0]
        if isinstance(node, Words):
            return constant(self._bearing(node), node.score)
        if isinstance(node, Clause):
            return constant(self._admitted(node.paragraphs(self.data.segment).astype(np.uint32)), node.score)
        if isinstance(node, q.Phrase):
            return boosted(self._near([q.Term(node.fieldname, word) for word in node.words], node.slop), node.boost)
        if isinstance(node, SpanNear2) and node.ordered and node.mindist == 1:
            return self._near(node.qs, node.slop)
        if isinstance(node, q.Not):
            return constant(self._without(self.hits(node.query).docs), _NEGATED)
        if isinstance(node, q.Every) and node.fieldname in (None, "", "*"):
            return constant(self._every(), node.boost)
        if isinstance(node, q.And):
            return boosted(self._all(list(node.subqueries)), node.boost)
        if type(node) is q.Or and not node.scale:
            return boosted(union(self._each(list(node.subqueries))), node.boost)
        if isinstance(node, (q.AndNot, q.AndMaybe, q.Require)):
            return self._pair(node)
        if node == q.NullQuery:
            return constant(_NO_DOCS, 0.0)
        return self._by_whoosh(node)

    def _admitted(self, docs: U32Array) -> U32Array:
        return docs if self.admitted is None else docs[self.admitted.verdicts[docs] != 0]

    def _marked(self, marks: BoolArray) -> U32Array:
        if self.admitted is not None:
            marks = marks & (self.admitted.verdicts != 0)
        return np.flatnonzero(marks).astype(np.uint32)

    def _bearing(self, node: Words) -> U32Array:
        """The paragraphs that have any of a clause's words."""
        bits = self.data.bearing(node.field_name, node.words, self.budget.spend)
        if self.admitted is not None and self.admitted.count * _ALIKE < self.data.segment.paragraph_count:
            return sets.having(self.admitted.docs, bits)
        return self._marked(np.unpackbits(bits, count=self.data.segment.paragraph_count).view(np.bool_))

    def _every(self) -> U32Array:
        if self.admitted is None:
            return np.arange(self.data.segment.paragraph_count, dtype=np.uint32)
        return self.admitted.docs

    def _within(self, docs: U32Array, node: Query) -> _Run:
        """What runs a node that is of interest in these paragraphs only; other hits may be among its own."""
        size = self._size(node)
        if isinstance(node, q.Term) and size < _ALIKE * len(docs):
            return self._whole()
        if size < max(_FEW, len(docs)):
            return self
        return replace(self, admitted=Admitted(self.data.segment.paragraph_count, docs=docs))

    def _whole(self) -> _Run:
        """What runs a node whole that is about as large as what it is merged with, unless little of it is admitted."""
        if self.admitted is None or self.admitted.count * _ALIKE < self.data.segment.paragraph_count:
            return self
        return replace(self, admitted=None)

    def _term(self, field: str, text: str | bytes, boost: float) -> tuple[Hits, Posted | None, int]:
        """The hits of a term with its postings and its number; none where the segment does not have it."""
        term = _encoded(text)
        number = -1 if term is None else self.data.number(field, term)
        if term is None or number < 0:
            return constant(_NO_DOCS, 0.0), None, number
        posted = self.data.postings(field, number, self.admitted)

        def scores(rows: I64Array | None) -> F64Array:
            norms, idf = self.executor.norms(field), self.executor.weight(field, term)
            return posted.bm25(rows, self.data.lengths(field), norms, idf * boost)

        return Hits(posted.docs, scores), posted, number

    def _each(self, nodes: list[Query]) -> list[Hits]:
        """The hits of each node, with their scores; those of common terms are found side by side."""

        def scored(node: Query) -> Hits:
            hits = self.hits(node)
            scores = hits.scores(None)
            return Hits(hits.docs, lambda rows: scores if rows is None else scores[rows], hits.constant)

        common = [i for i, node in enumerate(nodes) if self._is_common(node)]
        aside = {i: beside(scored, nodes[i]) for i in common[:-1]}
        own = {i: scored(node) for i, node in enumerate(nodes) if i not in aside}
        return [own[i] if i in own else aside[i].result() for i in range(len(nodes))]

    def _is_common(self, node: Query) -> bool:
        """Whether a node is worth a thread of its own."""
        return isinstance(node, q.Term) and self._size(node) >= _MANY and kernels.compiled()

    def _all(self, nodes: list[Query]) -> Hits:
        """The paragraphs that match every node, the rarest first: the sooner nothing is left, the sooner it ends."""
        negated = [node.query for node in nodes if isinstance(node, q.Not)]
        parts = sorted((node for node in nodes if not isinstance(node, q.Not)), key=self._size)
        found: list[Hits] = [] if parts else [constant(self._every(), 0.0)]
        docs, places = found[0].docs if found else _NO_DOCS, list[I64Array | None]([None])
        whole = self._whole()
        alike = [
            node for node in parts[1:] if self._is_common(node) and self._size(node) < _ALIKE * self._size(parts[0])
        ]
        aside = {id(node): beside(whole.hits, node) for node in alike}
        for number, node in enumerate(parts):
            if number == 0:
                found.append(self.hits(node))
                docs = found[0].docs
            else:
                found.append(aside[id(node)].result() if id(node) in aside else self._within(docs, node).hits(node))
                here, there = sets.common(docs, found[number].docs)
                docs = docs[here]
                places = [here if rows is None else rows[here] for rows in places] + [there]
            if not len(docs):
                return constant(_NO_DOCS, 0.0)
        for node in negated:
            kept = sets.difference(docs, self._within(docs, node).hits(node).docs)
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
        everything = self.data.segment.paragraph_count
        if isinstance(node, (q.AndNot, q.AndMaybe, q.Require)):
            return self._size(node.a)
        if isinstance(node, q.And):
            return min((self._size(child) for child in node.subqueries), default=everything)
        if isinstance(node, q.Or):
            return min(everything, sum(self._size(child) for child in node.subqueries))
        return everything

    def _pair(self, node: q.AndNot | q.AndMaybe | q.Require) -> Hits:
        first = self.hits(node.a)
        if not len(first.docs):
            return first
        second = self._within(first.docs, node.b).hits(node.b)
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
        return self._marked(left)

    def _near(self, nodes: Sequence[Query], slop: int) -> Hits:
        """Words one after another: terms, or clauses over many words."""
        words = {node: number for number, node in enumerate(dict.fromkeys(nodes))}  # one that is repeated is read once
        parts: list[Placed] = []
        for node in words:
            run = self._within(parts[-1].hits.docs, node) if parts else self
            placed = run._placed(node)  # noqa: SLF001 - its own, of fewer paragraphs
            if placed is None:
                return self._by_whoosh(SpanNear2(list(nodes), slop=slop, ordered=True, mindist=1))
            if not len(placed.hits.docs):
                return constant(_NO_DOCS, 0.0)
            parts.append(placed)
        shared, rows = parts[0].hits.docs, [np.arange(len(parts[0].hits.docs))]
        for part in parts[1:]:
            here, there = sets.common(shared, part.hits.docs)
            shared, rows = shared[here], [row[here] for row in rows] + [there]
            self.budget.spend()
        # Positions are read of the paragraphs that have all the words, and of no others.
        order, anywhere = [words[node] for node in nodes], (np.zeros(0, np.int64), 0)
        later = [i for i in range(len(parts)) if i != order[0] and parts[i].is_common]
        aside = {i: beside(parts[i].occurrences, rows[i], *anywhere) for i in later}
        ends = parts[order[0]].occurrences(rows[order[0]], *anywhere)
        read = {order[0]: ends}
        for i in order[1:]:
            if i in aside:
                read[i] = aside[i].result()
            elif i not in read:  # all of a word that comes again, else what will do here
                read[i] = parts[i].occurrences(rows[i], ends, slop if order.count(i) == 1 else 0)
            ends = sets.near(ends, read[i], slop)
        hit = sets.documents(ends)
        at = [row[hit] for row in rows]
        return Hits(shared[hit], lambda rows: _sum([parts[i].hits for i in order], [at[i] for i in order], rows))

    def _placed(self, node: Query) -> Placed | None:
        if isinstance(node, Words):
            return self._words(node)
        if not isinstance(node, q.Term):
            return None
        field = node.fieldname
        hits, posted, number = self._term(field, node.text, node.boost)
        if posted is None:
            return Placed(hits, lambda *_: np.zeros(0, np.int64))
        occurrences = partial(self.data.occurrences, field, number, posted)
        return Placed(hits, lambda rows, *_: occurrences(rows), self._is_common(node))

    def _words(self, node: Words) -> Placed:
        docs = self._bearing(node)
        if node.field_name == WORD_FIELD:
            return Placed(
                constant(docs, node.score),
                lambda rows, ends, slop: self.data.occurrences_of_many(
                    node.words, docs[rows], ends, slop, self.budget.spend
                ),
            )
        found, counts, positions = node.matched(self.data.segment)
        offsets, places = offsets_of(counts), np.searchsorted(found, docs)

        def some(rows: I64Array, *_: object) -> I64Array:
            starts, sizes = offsets[places[rows]], counts[places[rows]].astype(np.int64)
            own = offsets_of(sizes)
            where: I64Array = positions[np.arange(own[-1]) + np.repeat(starts - own[:-1], sizes)].astype(np.int64)
            return np.repeat(np.arange(len(rows)) << 32, sizes) | where

        return Placed(constant(docs, node.score), some)

    def _by_whoosh(self, node: Query) -> Hits:
        found = self.elsewhere.get(id(node))
        if found is None:
            found = self.elsewhere[id(node)] = self.executor.fallback(node, self.budget)
        low, high = np.searchsorted(found.docs, [self.base, self.base + self.data.segment.paragraph_count])
        docs, scores = (found.docs[low:high] - self.base).astype(np.uint32), found.scores[low:high]
        if self.admitted is not None:
            kept = np.flatnonzero(self.admitted.verdicts[docs])
            docs, scores = docs[kept], scores[kept]
        return Hits(docs, lambda rows: scores if rows is None else scores[rows])


def constant(docs: U32Array, score: float) -> Hits:
    """Hits that all have one score."""
    return Hits(docs, lambda rows: np.full(len(docs) if rows is None else len(rows), score), score)


def boosted(hits: Hits, boost: float) -> Hits:
    """The same hits, their scores multiplied."""
    if boost == 1.0:
        return hits
    one = None if hits.constant is None else hits.constant * boost
    return Hits(hits.docs, lambda rows: hits.scores(rows) * boost, one)


def chosen(hits: Hits, places: I64Array) -> Hits:
    """Some of the hits."""
    return Hits(hits.docs[places], lambda rows: hits.scores(places if rows is None else places[rows]), hits.constant)


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
    wanted = [at if rows is None else rows if at is None else at[rows] for at in places]
    pairs = list(zip(parts, wanted, strict=True))
    many = sum(len(part.docs) if at is None else len(at) for part, at in pairs) >= _MANY
    aside = [beside(part.scores, at) for part, at in pairs[1:]] if many else []
    total = pairs[0][0].scores(wanted[0]) if pairs else np.zeros(0)
    for number, (part, at) in enumerate(pairs[1:]):
        total = total + (aside[number].result() if many else part.scores(at))
    return total


def _encoded(text: str | bytes) -> bytes | None:
    """A term as the dictionary has it; none where it is no text at all (a lone surrogate)."""
    try:
        return text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError:
        return None
