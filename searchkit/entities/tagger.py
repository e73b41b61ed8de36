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
    from collections.abc import Iterable

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
        self._features = {feature: row for row, feature in enumerate(features)}
        self._weights = np.load(folder / "weights.npy", allow_pickle=False).reshape(-1, _ROW)
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
        self._add(("PAD",), "PAD")

    def _add(self, features: Iterable[str], kind: str) -> int:
        row = self._count
        if row == len(self._classes):
            self._rows, self._classes = twice(self._rows), twice(self._classes)
        known = [self._features[feature] for feature in features if feature in self._features]
        self._rows[row] = self._weights[known].sum(axis=0, dtype=np.int32)
        self._classes[row] = self._kinds.get(kind, 0)
        self._count += 1
        return row

    def _numbered(self, ids: I32Array, claims: U8Array) -> I32Array:
        """The rows of words with claims; those that are new are made."""
        keys = ids * CLAIMS + claims
        while len(self._numbers) <= keys.max(initial=0):
            self._numbers = twice(self._numbers)
        new = np.unique(keys[(self._numbers[keys] == PAD) & (ids != PAD)])
        for key in new.tolist():
            word, claim = self._words[key // CLAIMS], key % CLAIMS
            self._numbers[key] = self._add(self.names.features(word, claim), self.names.word_class(word, claim))
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
