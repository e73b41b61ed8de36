"""Compiled twin of `searchkit.kernels.sequence`."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import I32Array, I64Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner


@inner
def _add(scores: I64Array, weights: I32Array, at: int) -> None:
    """Add what stands at a place for each label."""
    scores[0] += weights[at]
    scores[1] += weights[at + 1]
    scores[2] += weights[at + 2]


@inner
def _step(scores: I64Array, best: I64Array, transitions: I32Array, back: U8Array, place: int) -> None:
    """Add to each label's score that of the best label before it, and note which that is."""
    for label in range(3):
        chosen, most = 0, best[0] + transitions[label]
        for other in range(1, 3):
            reached = best[other] + transitions[other * 3 + label]
            if reached > most:
                chosen, most = other, reached
        back[place * 3 + label] = chosen
        scores[label] += most


@inner
def _follow(tokens: I32Array, back: U8Array, best: I64Array, at: int, labels: U8Array) -> None:
    """Write the labels of the sequence that ends at `at`, from its end to its start."""
    label = int(np.argmax(best))
    while tokens[at] != 0:
        labels[at] = label
        label = int(back[at * 3 + label])
        at -= 1


@compile_kernel
def decode(
    tokens: I32Array, weights: I32Array, classes: I32Array, pairs: I32Array, kinds: int, transitions: I32Array
) -> U8Array:
    count = len(tokens)
    labels = np.zeros(count, np.uint8)
    if count < 5:
        return labels
    back = np.zeros(count * 3, np.uint8)
    best, scores, size = np.zeros(3, np.int64), np.zeros(3, np.int64), kinds * kinds * 3
    before2 = before = here = int(classes[0])
    after = int(classes[tokens[2]])
    for place in range(2, count):
        before2, before, here = before, here, after
        if place + 1 < count:
            after = int(classes[tokens[place + 1]])
        if tokens[place] == 0:
            if tokens[place - 1] != 0:
                _follow(tokens, back, best, place - 1, labels)
            continue
        scores[:] = 0
        for number in range(5):
            _add(scores, weights, (int(tokens[place + number - 2]) * 5 + number) * 3)
        _add(scores, pairs, (before * kinds + here) * 3)
        _add(scores, pairs, size + (here * kinds + after) * 3)
        _add(scores, pairs, 2 * size + (before * kinds + after) * 3)
        _add(scores, pairs, 3 * size + (before2 * kinds + here) * 3)
        _add(scores, pairs, 4 * size + (before2 * kinds + before) * 3)
        if tokens[place - 1] != 0:
            _step(scores, best, transitions, back, place)
        best[:] = scores
    return labels
