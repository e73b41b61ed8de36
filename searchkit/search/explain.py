"""How a query was run: its tree, and how many paragraphs each clause of it finds by itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.index.snapshot import Snapshot
from searchkit.model import ExplainedClause
from searchkit.search.clauses import Words
from searchkit.search.finding import Finder
from searchkit.search.matching import Budget
from searchkit.search.plan import as_typed, show

#: What the operators are called.
_OPERATORS = {q.And: "all of", q.Or: "any of", q.Not: "without", q.AndMaybe: "first, rather with second"}


def explained(
    snapshot: Snapshot, finder: Finder, node: Query, budget: Budget, typed: Mapping[str, str]
) -> ExplainedClause:
    """A node of a plan with the live paragraphs that it finds, in all and in each segment, and its parts likewise.

    `typed` has the words that the query has for its terms, see `plan.words_typed`.
    """
    docs = finder.run(node, budget).docs
    cuts = np.searchsorted(docs, snapshot.bases)
    parts: list[Query] = []
    if isinstance(node, q.Phrase):
        parts = [q.Term(node.fieldname, word) for word in node.words]
    elif isinstance(node, SpanNear2):
        parts = list(node.qs)
    elif not node.is_leaf():
        parts = list(node.children())
    text = show(as_typed(node, typed)) if type(node) not in _OPERATORS else _OPERATORS[type(node)]
    return ExplainedClause(
        f"{text} ({len(node.words):,} words)" if isinstance(node, Words) else text,
        len(docs),
        tuple(np.diff(cuts).tolist()),
        tuple(explained(snapshot, finder, part, budget, typed) for part in parts),
    )
