"""The sequence model that finds names of people: which tokens are part of one.

Trained by `scripts/train_people`; what it is made from, and under which licence, stands in `data/people/README.md`.
Weights are kept in 1024ths, so that sums are exact whatever their order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from searchkit.entities.match import twice
from searchkit.entities.names import CLAIMS, DATA, Names
from searchkit.kernels.sequence import FIRST, INSIDE, LABELS, OFFSETS, OUTSIDE, PAD, decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchkit.entities.match import Vocabulary
    from searchkit.kernels.dispatch import I32Array, I64Array, U8Array

MODEL: Final = DATA / "model"
#: Weights are stored as integers, in these parts of one.
UNIT: Final = 1024
_ROW: Final = len(OFFSETS) * LABELS


class Tagger:
    """The model, with a row of weights for each pair of a word and a claim that was met so far."""

    def __init__(self, names: Names, folder: Path = MODEL) -> None:
        self.names = names
        features = (folder / "features.txt").read_text("utf-8").split("\n")
        self._features = {feature: row for row, feature in enumerate(features, 1)}
        weights = np.load(folder / "weights.npy", allow_pickle=False).reshape(-1, _ROW)
        self._weights = np.concatenate([np.zeros((1, _ROW), np.int32), weights])
        kinds = (folder / "classes.txt").read_text("utf-8").split("\n")
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._pairs = np.load(folder / "pairs.npy", allow_pickle=False).astype(np.int32).ravel()
        self._transitions = np.load(folder / "transitions.npy", allow_pickle=False).astype(np.int32).ravel()
        self._words: list[str] = []
        self._start([])

    def _start(self, words: list[str]) -> None:
        """Begin with the row of no token alone; `words` are those of the vocabulary that is read now."""
        self._words = words
        self._numbers = np.full(CLAIMS << 12, PAD, np.int32)
        self._rows = np.zeros((1 << 12, _ROW), np.int32)
        self._classes = np.zeros(1 << 12, np.int32)
        self._count = 0
        self._add([("PAD",)], ["PAD"])

    def _add(self, features: Sequence[Sequence[str]], kinds: Sequence[str]) -> None:
        """A row for each of some words, by their features and classes."""
        end = self._count + len(features)
        while end > len(self._classes):
            self._rows, self._classes = twice(self._rows), twice(self._classes)
        # Number 0 has no weights: each word has it as its first feature, so that none is without.
        known = [[0, *filter(None, map(self._features.get, found))] for found in features]
        begins = np.cumsum([0, *map(len, known[:-1])])
        weights = self._weights[[number for found in known for number in found]]
        self._rows[self._count : end] = np.add.reduceat(weights, begins, axis=0)
        self._classes[self._count : end] = [self._kinds.get(kind, 0) for kind in kinds]
        self._count = end

    def _numbered(self, ids: I32Array, claims: U8Array) -> I32Array:
        """The rows of words with claims; those that are new are made."""
        keys = ids * CLAIMS + claims
        while len(self._numbers) <= keys.max(initial=0):
            self._numbers = twice(self._numbers)
        new = np.unique(keys[(self._numbers[keys] == PAD) & (ids != PAD)])
        if len(new):
            features = [self.names.features(self._words[key // CLAIMS], key % CLAIMS) for key in new.tolist()]
            self._numbers[new] = np.arange(self._count, self._count + len(new))
            self._add(features, [found[0].removeprefix("c=") for found in features])
        rows: I32Array = self._numbers[keys]
        return rows

    def tag(self, vocabulary: Vocabulary, ids: I32Array, claims: U8Array) -> tuple[I64Array, I64Array]:
        """The names among words of a vocabulary, as the places [first, last) of each; `PAD` is between sequences."""
        if vocabulary.words is not self._words:
            self._start(vocabulary.words)
        tokens = self._numbered(ids, claims)
        rows = self._rows[: self._count].ravel()
        labels = decode(tokens, rows, self._classes, self._pairs, len(self._kinds), self._transitions)
        inside = labels != OUTSIDE
        before = np.concatenate(([False], inside[:-1]))
        after = np.concatenate((labels[1:] == INSIDE, [False]))
        firsts = np.flatnonzero((labels == FIRST) | (inside & ~before))
        return firsts, np.flatnonzero(inside & ~after) + 1
