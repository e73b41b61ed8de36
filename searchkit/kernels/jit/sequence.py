"""Compiled twin of `searchkit.kernels.sequence`."""

# ruff: noqa: D103, PLR0917 - what a kernel does is said at its public twin; compiled functions take positions only

from __future__ import annotations

import numpy as np

from searchkit.kernels.dispatch import F64Array, I32Array, U8Array
from searchkit.kernels.jit import compile_kernel, inner


@inner
def _score(
    tokens: I32Array, weights: F64Array, classes: I32Array, pairs: F64Array, kinds: int, place: int, label: int
) -> float:
    score = 0.0
    for number in range(5):
        score += weights[(np.int64(tokens[place + number - 2]) * 5 + number) * 3 + label]
    size = kinds * kinds * 3
    before2, before, here, after = (
        np.int64(classes[tokens[place - 2]]),
        np.int64(classes[tokens[place - 1]]),
        np.int64(classes[tokens[place]]),
        np.int64(classes[tokens[place + 1]]),
    )
    score += pairs[(before * kinds + here) * 3 + label]
    score += pairs[size + (here * kinds + after) * 3 + label]
    score += pairs[2 * size + (before * kinds + after) * 3 + label]
    score += pairs[3 * size + (before2 * kinds + here) * 3 + label]
    score += pairs[4 * size + (before2 * kinds + before) * 3 + label]
    return float(score)


@inner
def _follow(tokens: I32Array, back: U8Array, best: F64Array, at: int, labels: U8Array) -> None:
    """Write the labels of the sequence that ends at `at`, from its end to its start."""
    label = np.int64(np.argmax(best))
    while tokens[at] != 0:
        labels[at] = label
        label = np.int64(back[at * 3 + label])
        at -= 1


@compile_kernel
def decode(
    tokens: I32Array, weights: F64Array, classes: I32Array, pairs: F64Array, kinds: int, transitions: F64Array
) -> U8Array:
    count = len(tokens)
    labels = np.zeros(count, np.uint8)
    if count < 5:
        return labels
    back = np.zeros(count * 3, np.uint8)
    best, following = np.zeros(3, np.float64), np.zeros(3, np.float64)
    for place in range(2, count):
        if tokens[place] == 0:
            if tokens[place - 1] != 0:
                _follow(tokens, back, best, place - 1, labels)
            continue
        for label in range(3):
            score = _score(tokens, weights, classes, pairs, kinds, place, label)
            if tokens[place - 1] != 0:
                before = 0
                for other in range(1, 3):
                    if best[other] + transitions[other * 3 + label] > best[before] + transitions[before * 3 + label]:
                        before = other
                back[place * 3 + label] = before
                score += best[before] + transitions[before * 3 + label]
            following[label] = score
        best[:] = following
    return labels
