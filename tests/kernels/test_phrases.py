"""Phrases in numbered words, against all places tried."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import phrases
from searchkit.kernels.phrases import CAPITAL, NOTHING, Columns, Trie

#: Words by number, as symbol, spelling and capital: two spellings of each of four symbols, and one without.
SYMBOLS = [-1, 0, 0, 1, 1, 2, 2, 3, 3, -1]
SPELLINGS = [0, 1, 2, 3, 0, 0, 4, 0, 0, 0]
CAPITALS = [0, 1, 0, 1, 1, 0, 1, 0, 1, 1]

STEPS = st.tuples(st.integers(0, 3), st.one_of(st.sampled_from([NOTHING, CAPITAL]), st.integers(1, 4)))
PHRASES = st.lists(st.tuples(st.integers(0, 2), st.lists(STEPS, min_size=1, max_size=4)), max_size=20)
WORDS = st.lists(st.integers(0, len(SYMBOLS) - 1), max_size=20)


def trie(listed):
    """A trie of phrases (a group, and a symbol and a need for each word), with a row for each."""
    keys = [tuple(symbol for symbol, _ in steps) for _, steps in listed]
    nodes = sorted({key[:size] for key in [(), *keys] for size in range(len(key) + 1)}, key=lambda key: (len(key), key))
    ended = [[number for number, key in enumerate(keys) if key == node] for node in nodes]
    sizes = [len(steps) for _, steps in listed]
    children = [
        1 + sum(key[:-1] < node if len(key) - 1 == len(node) else len(key) <= len(node) for key in nodes[1:])
        for node in nodes
    ]
    tree = Trie(
        np.array([*children, len(nodes)], np.int32),
        np.array([-1, *(key[-1] for key in nodes[1:])], np.int32),
        np.cumsum([0, *map(len, ended)], dtype=np.int32),
        np.array([number for some in ended for number in some], np.int32),
        np.array([sum(sizes[:number]) for some in ended for number in some], np.int32),
        np.array([need for _, steps in listed for _, need in steps], np.int32),
        np.array([group for group, _ in listed], np.uint8),
    )
    begins = [nodes.index((symbol,)) if (symbol,) in nodes else 0 for symbol in SYMBOLS]
    return tree, Columns(
        np.array(begins, np.int32),
        np.array(SYMBOLS, np.int32),
        np.array(SPELLINGS, np.int32),
        np.array(CAPITALS, np.uint8),
    )


def fits(steps, words):
    return len(steps) == len(words) and all(
        SYMBOLS[word] == symbol
        and (need == NOTHING or (CAPITALS[word] if need == CAPITAL else SPELLINGS[word] == need))
        for (symbol, need), word in zip(steps, words, strict=True)
    )


@given(listed=PHRASES, words=WORDS)
def test_the_longest_that_begins_first_is_found_in_each_group(both, listed, words):
    expected = []
    for group in range(3):
        free = 0
        for first in range(len(words)):
            for last in range(len(words), first, -1):
                here = [
                    (first, last, row)
                    for row, (owner, steps) in enumerate(listed)
                    if owner == group and fits(steps, words[first:last])
                ]
                if here:
                    if free <= first:
                        expected += here
                        free = last
                    break
    tree, columns = trie(listed)
    found = both(phrases.match, np.array(words, np.int32), columns, tree)
    assert sorted(zip(*(array.tolist() for array in found), strict=True)) == sorted(expected)
    assert found.first.tolist() == sorted(found.first.tolist())


def test_many_matches(both):
    tree, columns = trie([(0, [(0, NOTHING)])])
    assert both(phrases.match, np.ones(1000, np.int32), columns, tree).last.tolist() == list(range(1, 1001))


def test_long_phrases(both):
    tree, columns = trie([(0, [(0, NOTHING)] * 200)])
    assert both(phrases.match, np.ones(401, np.int32), columns, tree).last.tolist() == [200, 400]
