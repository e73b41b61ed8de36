"""Compiled twin of `searchkit.kernels.phrases`."""

# ruff: noqa: PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner

_GROUPS = 256


@inner
def _child(children: I32Array, reached: I32Array, node: int, symbol: int) -> int:
    """The child that a symbol leads to, 0 if none does."""
    low, high = int(children[node]), int(children[node + 1])
    while low < high:
        middle = (low + high) >> 1
        if reached[middle] < symbol:
            low = middle + 1
        else:
            high = middle
    return low if low < children[node + 1] and reached[low] == symbol else 0


@inner
def _fits(
    ids: I32Array, first: int, last: int, spellings: I32Array, capitals: U8Array, needs: I32Array, place: int
) -> bool:
    for token in range(first, last):
        need = int(needs[place + token - first])
        if need > 0:
            if spellings[ids[token]] != need:
                return False
        elif need < 0 and not capitals[ids[token]]:
            return False
    return True


@inner
def _longer(array: I32Array) -> I32Array:
    """The array with room for as many elements again."""
    longer = np.empty(2 * len(array), array.dtype)
    longer[: len(array)] = array
    return longer


@compile_kernel
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
    firsts, lasts, named = np.empty(64, np.int32), np.empty(64, np.int32), np.empty(64, np.int32)
    path = np.empty(64, np.int32)
    # Per group where its last phrase begins and ends.
    since, until = np.full(_GROUPS, -1, np.int64), np.zeros(_GROUPS, np.int64)
    count = 0
    for first in range(len(ids)):
        node = int(begins[ids[first]])
        if node == 0:
            continue
        length = 0
        while node:
            if length == len(path):
                path = _longer(path)
            path[length] = node
            length += 1
            at = first + length
            node = _child(children, reached, node, int(symbols[ids[at]])) if at < len(ids) else 0
        for nodes in range(length, 0, -1):
            last = first + nodes
            node = int(path[nodes - 1])
            for entry in range(entries[node], entries[node + 1]):
                row = int(rows[entry])
                group = int(groups[row])
                if until[group] > first and (since[group] != first or until[group] != last):
                    continue
                if _fits(ids, first, last, spellings, capitals, needs, int(places[entry])):
                    if count == len(firsts):
                        firsts, lasts, named = _longer(firsts), _longer(lasts), _longer(named)
                    firsts[count], lasts[count], named[count] = first, last, row
                    count += 1
                    since[group], until[group] = first, last
    return firsts[:count].copy(), lasts[:count].copy(), named[:count].copy()
