"""The sequence model that finds names of people: which tokens are part of one.

Trained by `scripts/train_people`; what it is made from, and under which licence, stands in `data/people/README.md`.
Weights are kept in 1024ths, so that sums are exact whatever their order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from searchkit.entities.names import DATA, FREE, Names
from searchkit.kernels.sequence import FIRST, INSIDE, LABELS, OFFSETS, OUTSIDE, PAD, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from searchkit.kernels.dispatch import I32Array

MODEL: Final = DATA / "model"
#: Weights are stored as integers, in these parts of one.
UNIT: Final = 1024
_ROW: Final = len(OFFSETS) * LABELS


def key(word: str, claim: int) -> str:
    """A word of which the tables claim something, as one string."""
    return chr(claim) + word


def word_and_claim(key: str) -> tuple[str, int]:
    """What a key is made of; a word without a claim is its own key."""
    return (key[1:], ord(key[0])) if len(key) > 1 and key[0] < " " else (key, FREE)


class Tagger(dict[str, int]):
    """Row numbers of the distinct words met so far, and their weights, made when a word is first met."""

    _LIMIT: Final = 1 << 19

    def __init__(self, names: Names, folder: Path = MODEL) -> None:
        super().__init__()
        self.names = names
        features = (folder / "features.txt").read_text("utf-8").split("\n")
        self._features = {feature: row for row, feature in enumerate(features)}
        self._weights = np.load(folder / "weights.npy", allow_pickle=False).reshape(-1, _ROW)
        kinds = (folder / "classes.txt").read_text("utf-8").split("\n")
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._pairs = np.load(folder / "pairs.npy", allow_pickle=False).astype(np.float64).ravel()
        self._transitions = np.load(folder / "transitions.npy", allow_pickle=False).astype(np.float64).ravel()
        self._forget()

    def _forget(self) -> None:
        """Start with the row of no token alone."""
        self.clear()
        self._rows = np.zeros((1 << 12, _ROW))
        self._classes = np.zeros(1 << 12, np.int32)
        self._count = 1
        self._set(PAD, ("PAD",), "PAD")

    def _set(self, row: int, features: Iterable[str], kind: str) -> None:
        known = [self._features[feature] for feature in features if feature in self._features]
        self._rows[row] = self._weights[known].sum(axis=0, dtype=np.float64)
        self._classes[row] = self._kinds.get(kind, 0)

    def __missing__(self, key: str) -> int:
        row = self._count
        if row == len(self._classes):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._classes = np.concatenate([self._classes, np.zeros_like(self._classes)])
        word, claim = word_and_claim(key)
        self._set(row, self.names.features(word, claim), self.names.word_class(word, claim))
        self._count += 1
        self[key] = row
        return row

    def tag(self, sequences: Sequence[Sequence[str]]) -> list[list[tuple[int, int]]]:
        """The names in each sequence of keys, as [first, last)."""
        if self._count > self._LIMIT:
            self._forget()
        tokens, starts = [PAD, PAD], []
        for sequence in sequences:
            starts.append(len(tokens))
            tokens += map(self.__getitem__, sequence)
            tokens += (PAD, PAD)
        labels = self._decode(np.array(tokens, np.int32))
        inside = labels != OUTSIDE
        before = np.concatenate(([False], inside[:-1]))
        after = np.concatenate((labels[1:] == INSIDE, [False]))
        firsts = np.flatnonzero((labels == FIRST) | (inside & ~before))
        lasts = np.flatnonzero(inside & ~after) + 1
        runs: list[list[tuple[int, int]]] = [[] for _ in sequences]
        owners = np.searchsorted(starts, firsts, side="right") - 1
        for owner, first, last in zip(owners.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
            runs[owner].append((first - starts[owner], last - starts[owner]))
        return runs

    def _decode(self, tokens: I32Array) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        rows = self._rows[: self._count].ravel()
        return decode(tokens, rows, self._classes, self._pairs, len(self._kinds), self._transitions)
