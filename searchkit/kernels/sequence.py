"""The best sequence of labels under a linear-chain model whose scores are sums of what single tokens bring.

A token of a vocabulary has a row of weights, for each of the five places from which it is looked at (two before to two
after) and each label, and a class; pairs of classes have weights too. So nothing is worked out per occurrence but sums.
"""

# ruff: noqa: PLR0917 - kernels take positions only

from __future__ import annotations

from operator import add
from typing import Final

import numpy as np

from searchkit.kernels.dispatch import I32, I32Array, U8Array, kernel

#: Labels: outside, the first token of a name, a later token of it.
OUTSIDE, FIRST, INSIDE = range(3)
LABELS: Final = 3
#: How far from its own place a token is looked at: `weights` has a row of labels for each.
OFFSETS: Final = (-2, -1, 0, 1, 2)
#: The places of the two tokens whose classes are looked at as a pair.
PAIRS: Final = ((-1, 0), (0, 1), (-1, 1), (-2, 0), (-2, -1))
#: The row that stands for no token; two of it go before, between and after sequences.
PAD: Final = 0


@kernel(I32, I32, I32, I32, int, I32)
def decode(
    tokens: I32Array, weights: I32Array, classes: I32Array, pairs: I32Array, kinds: int, transitions: I32Array
) -> U8Array:
    """The labels of sequences of tokens, `uint8`, `OUTSIDE` for pads.

    `tokens` are row numbers, with two `PAD` before, between and after the sequences. `weights` is [rows, 5 offsets, 3
    labels], `classes` [rows] below `kinds`, `pairs` [5 pairs, kinds, kinds, 3], `transitions` [3, 3] from label to
    label, all flat. Weights are whole numbers, so sums are exact whatever their order; those of one token are below
    2^31.
    """
    labels = np.zeros(len(tokens), np.uint8)
    if len(tokens) < 5:
        return labels
    by_row = weights.reshape(-1, len(OFFSETS), LABELS)
    by_pair = pairs.reshape(len(PAIRS), kinds, kinds, LABELS)
    kind = classes[tokens]
    places = np.arange(2, len(tokens) - 2)
    scores = np.zeros((len(tokens), LABELS), np.int64)
    for number, offset in enumerate(OFFSETS):
        scores[places] += by_row[tokens[places + offset], number]
    for number, (one, other) in enumerate(PAIRS):
        scores[places] += by_pair[number, kind[places + one], kind[places + other]]
    # Plain numbers are faster one by one than those of arrays.
    changes, numbers, listed = transitions.reshape(LABELS, LABELS).T.tolist(), tokens.tolist(), scores.tolist()
    back: list[list[int]] = []
    best: list[int] = []
    for place in range(2, len(numbers)):
        if numbers[place] == PAD:
            if back:
                labels[place - len(back) : place] = _path(back, best.index(max(best)))
                back = []
        elif not back:
            back, best = [[]], listed[place]
        else:
            steps = [list(map(add, best, change)) for change in changes]
            back.append([step.index(max(step)) for step in steps])
            best = list(map(add, map(max, steps), listed[place]))
    return labels


def _path(back: list[list[int]], label: int) -> list[int]:
    """The labels that lead to `label` at the end; back[i][l] is the label before label l at place i."""
    path = [label]
    for step in back[:0:-1]:
        path.append(step[path[-1]])
    return path[::-1]
