"""Finding every phrase of a trie in texts of numbered words: leftmost-longest in each group of phrases.

The phrases are a tree of nodes: the root is node 0, the children of node n are the nodes [children[n], children[n + 1])
in the order of their symbols, so a step is a binary search and the time depends on the texts, not on the phrases.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import numpy as np

from searchkit.kernels.dispatch import I32, U8, I32Array, U8Array, kernel

#: What a phrase may need of a word besides its symbol: nothing, or a capital; a number above is that of a spelling.
NOTHING, CAPITAL = 0, -1


class Trie(NamedTuple):
    """N nodes, E phrases at them, R rows that these belong to.

    `children` int32[N + 1] and `symbols` int32[N] are the tree: the node's symbol is the one that leads to it. The
    phrases [entries[n], entries[n + 1]) end at node n, `entries` int32[N + 1]; phrase e is of row rows[e], int32[E],
    and needs of its words what stands at needs[places[e]:], int32 each. The row's group is groups[r], uint8[R].
    """

    children: I32Array
    symbols: I32Array
    entries: I32Array
    rows: I32Array
    places: I32Array
    needs: I32Array
    groups: U8Array


class Columns(NamedTuple):
    """What matching has to know of each distinct word.

    `begins` is the child of the root that it leads to (0: none), `symbols` its symbol (-1: none), `spellings` its
    spelling (0: none that a phrase needs), int32 each; `capitals` uint8 whether it has a capital.
    """

    begins: I32Array
    symbols: I32Array
    spellings: I32Array
    capitals: U8Array


class Matches(NamedTuple):
    """Phrases found at the tokens [first[i], last[i]), of row rows[i]; int32 each, in the order of `first`."""

    first: I32Array
    last: I32Array
    rows: I32Array


def match(ids: I32Array, words: Columns, trie: Trie) -> Matches:
    """The phrases in a sequence of words: per group those that begin at a token no earlier one of the group covers.

    Of those that begin at one token, the longest of each group; all of them where several phrases are equally long.
    """
    return Matches(*_match(ids, *words, *trie[:-1], trie.groups))


@kernel(I32, I32, I32, I32, U8, I32, I32, I32, I32, I32, I32, U8)
def _match(
    ids: I32Array,
    begins: I32Array,
    symbols: I32Array,
    spellings: I32Array,
    capitals: U8Array,
    children: I32Array,
    reached: I32Array,
    entries: I32Array,
    rows: I32Array,
    places: I32Array,
    needs: I32Array,
    groups: U8Array,
) -> tuple[I32Array, I32Array, I32Array]:
    found: list[tuple[int, int, int]] = []
    free: dict[int, int] = {}
    # Plain numbers are faster one by one than those of arrays.
    nodes, steps, ends = children.data, reached.data, entries.data
    symbol, spelling, capital = symbols.data, spellings.data, capitals.data
    tokens: list[int] = ids.tolist()

    def fits(entry: int, first: int, last: int) -> bool:
        wanted = needs[places[entry] :][: last - first].tolist()
        return all(
            need == NOTHING or (capital[word] != 0 if need == CAPITAL else spelling[word] == need)
            for need, word in zip(wanted, tokens[first:last], strict=True)
        )

    for first in np.flatnonzero(begins[ids]).tolist():
        node, last = int(begins[tokens[first]]), first + 1
        phrases: list[tuple[int, int]] = []
        while node:
            phrases += [(last, entry) for entry in range(ends[node], ends[node + 1])]
            wanted = symbol[tokens[last]] if last < len(tokens) else -1
            child = bisect_left(steps, wanted, nodes[node], nodes[node + 1])
            node = child if child < nodes[node + 1] and steps[child] == wanted else 0
            last += 1
        longest: dict[int, int] = {}
        for last, entry in sorted(phrases, key=lambda phrase: (-phrase[0], phrase[1])):
            group = int(groups[rows[entry]])
            if free.get(group, 0) <= first and longest.get(group, last) == last and fits(entry, first, last):
                longest[group] = last
                found.append((first, last, int(rows[entry])))
        free |= longest
    columns = np.array(found, np.int32).reshape(-1, 3).T.copy()
    return columns[0], columns[1], columns[2]
