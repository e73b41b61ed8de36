"""The sequence model that finds names of people: which tokens are part of one.

Trained by `scripts/train_people`; what it is made from, and under which licence, stands in `data/people/README.md`.
Weights are kept in 1024ths, so that sums are exact whatever their order.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from searchkit.entities.names import DATA, FREE, Names
from searchkit.kernels.sequence import LABELS, OFFSETS, PAD, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from searchkit.kernels.dispatch import I32Array

MODEL: Final = DATA / "model"
#: Weights are stored as integers, in these parts of one.
UNIT: Final = 1024
#: A word as it stands (or as it would in a sentence), and what another dimension claims of it.
Key = tuple[str, int]

_ROW: Final = len(OFFSETS) * LABELS


class Tagger(dict[Key, int]):
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

    def __missing__(self, key: Key) -> int:
        row = self._count
        if row == len(self._classes):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._classes = np.concatenate([self._classes, np.zeros_like(self._classes)])
        self._set(row, self.names.features(*key), self.names.word_class(*key))
        self._count += 1
        self[key] = row
        return row

    def tag(self, sequences: Sequence[Sequence[Key]]) -> list[list[int]]:
        """The label (`OUTSIDE`, `FIRST`, `INSIDE`) of each word of each sequence."""
        if self._count > self._LIMIT:
            self._forget()
        tokens = [PAD, PAD]
        for sequence in sequences:
            tokens += map(self.__getitem__, sequence)
            tokens += (PAD, PAD)
        labels = self._decode(np.array(tokens, np.int32)).tolist()
        tagged, place = [], 2
        for sequence in sequences:
            tagged.append(labels[place : place + len(sequence)])
            place += len(sequence) + 2
        return tagged

    def _decode(self, tokens: I32Array) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        rows = self._rows[: self._count].ravel()
        return decode(tokens, rows, self._classes, self._pairs, len(self._kinds), self._transitions)


__all__ = ["FREE", "MODEL", "UNIT", "Key", "Tagger"]
