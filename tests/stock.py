"""Where stock Whoosh's own searcher is known to err: the second witness, not asked there."""

from __future__ import annotations

from collections.abc import Iterator

import whoosh
from whoosh import query as q


def stock_errs(tree: q.Query) -> bool:
    """Whether Whoosh's own searcher is known to go wrong on a tree.

    It drops the boost of a group of one; in classic Whoosh, `Require` gives what its first part gives. Skipped to a
    paragraph that its first part does not have, `AndMaybe` skips its second part to that one too, and so loses what it
    adds to the paragraph where the first part goes on.
    """
    selecting = (node for node in tree_nodes(tree) if isinstance(node, (q.And, q.Require)))
    if any(isinstance(inner, q.AndMaybe) for node in selecting for inner in tree_nodes(node)):
        return True
    if whoosh.__version__ < (3,) and any(isinstance(node, q.Require) for node in tree_nodes(tree)):
        return True
    groups = (node for node in tree_nodes(tree) if isinstance(node, (q.And, q.Or)))
    return any(len(group.subqueries) == 1 and group.boost != 1.0 for group in groups)


def tree_nodes(node: q.Query) -> Iterator[q.Query]:
    yield node
    for child in node.children():
        yield from tree_nodes(child)
