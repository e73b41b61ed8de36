"""The best labels of a sequence, against all of them tried."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import sequence
from searchkit.kernels.sequence import LABELS, OFFSETS, PAD, PAIRS

ROWS, KINDS = 4, 3


def _model(seed):
    numbers = np.random.default_rng(seed)
    weights = numbers.integers(-50, 50, (ROWS, len(OFFSETS), LABELS)).astype(np.int32)
    pairs = numbers.integers(-50, 50, (len(PAIRS), KINDS, KINDS, LABELS)).astype(np.int32)
    classes = numbers.integers(0, KINDS, ROWS).astype(np.int32)
    return weights, classes, pairs, numbers.integers(-50, 50, (LABELS, LABELS)).astype(np.int32)


def _score(tokens, labels, model):
    weights, classes, pairs, transitions = model
    padded = [PAD, PAD, *tokens, PAD, PAD]
    total = 0.0
    for at, label in enumerate(labels):
        place = at + 2
        total += sum(weights[padded[place + offset], number, label] for number, offset in enumerate(OFFSETS))
        total += sum(
            pairs[number, classes[padded[place + one]], classes[padded[place + other]], label]
            for number, (one, other) in enumerate(PAIRS)
        )
    return total + sum(transitions[one, other] for one, other in pairwise(labels))


@given(st.lists(st.lists(st.integers(1, ROWS - 1), min_size=1, max_size=4), max_size=3), st.integers(0, 10))
def test_no_labels_score_better_than_those_found(both, sequences, seed):
    weights, classes, pairs, transitions = model = _model(seed)
    tokens = [PAD, PAD]
    for one in sequences:
        tokens += [*one, PAD, PAD]
    flat = (weights.ravel(), classes, pairs.ravel(), KINDS, transitions.ravel())
    labels = both(sequence.decode, np.array(tokens, np.int32), *flat).tolist()
    assert all(label == sequence.OUTSIDE for token, label in zip(tokens, labels, strict=True) if token == PAD)
    place = 2
    for one in sequences:
        found = labels[place : place + len(one)]
        place += len(one) + 2
        best = max(_score(one, tried, model) for tried in product(range(LABELS), repeat=len(one)))
        assert _score(one, found, model) == best


def test_arrays_of_another_type_are_refused():
    weights, classes, pairs, transitions = _model(0)
    with pytest.raises(TypeError, match="argument 0"):
        sequence.decode(np.zeros(5, np.int64), weights.ravel(), classes, pairs.ravel(), KINDS, transitions.ravel())
