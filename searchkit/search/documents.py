"""Document scope: clauses and facets may be met anywhere in a document, in different paragraphs.

Each leaf is run over paragraphs as always; the operators then combine sets of documents.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from whoosh import query as q
from whoosh.query.qcore import Query

from searchkit.index.format import Array
from searchkit.kernels.sets import distinct
from searchkit.search.plan import positive


def matching_documents(tree: Query, run: Callable[[Query], Array], documents: Array, live: Array) -> Array:
    """Documents, ascending, that meet a tree; `documents` maps paragraphs to them, `live` are those there are."""
    match tree:
        case q.Not():
            return np.setdiff1d(live, matching_documents(tree.query, run, documents, live), assume_unique=True)
        case q.AndMaybe():
            return matching_documents(tree.a, run, documents, live)
        case q.And() | q.Require() | q.Or():
            parts = [matching_documents(child, run, documents, live) for child in tree.children()]
            return _fold(_either, parts, live[:0]) if isinstance(tree, q.Or) else _fold(_both, parts, live)
        case _:
            return distinct(documents[run(tree)])


def _either(one: Array, other: Array) -> Array:
    return distinct(np.concatenate([one, other]))


def _both(one: Array, other: Array) -> Array:
    return np.intersect1d(one, other, assume_unique=True)


def _fold(operation: Callable[[Array, Array], Array], parts: list[Array], empty: Array) -> Array:
    result = parts[0] if parts else empty
    for part in parts[1:]:
        result = operation(result, part)
    return result


def showing(tree: Query) -> Query | None:
    """The tree of the paragraphs that meet any part of a query: these are shown of a document. None without parts."""
    parts = [leaf for leaf in positive(tree) if not isinstance(leaf, q.Every)]
    return q.Or(parts) if parts else None
