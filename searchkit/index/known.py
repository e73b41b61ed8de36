"""Which documents a generation holds already, and whether they are the same: looked up where they lie on disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from searchkit.index.format import Array
from searchkit.index.segment import Segment


class Found(NamedTuple):
    """What is known of some documents: whether they are there, with the same content; `where` segment by segment."""

    there: Array
    same: Array
    where: list[Array]


class Known:
    """The live documents of some segments."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = []
        for segment in segments:
            keys, keyed = segment.array("document.keys").all, segment.array("document.keyed").all
            if segment.deleted is not None:
                alive = np.zeros(segment.document_count, bool)
                alive[segment.alive_documents] = True
                keys, keyed = keys[alive[keyed]], keyed[alive[keyed]]
            if len(keys):
                self._segments.append((keys, keyed, segment.array("document.hash").all))
            else:
                self._segments.append((np.zeros(1, np.uint64), np.zeros(1, np.int64), np.zeros(1, np.uint64)))

    def find(self, wanted: Array, contents: Array) -> Found:
        """Look up documents by the keys of their identities and of their contents, uint64 both."""
        there, same = np.zeros(len(wanted), bool), np.zeros(len(wanted), bool)
        where = []
        for own_keys, keyed, own_hashes in self._segments:
            at = np.minimum(np.searchsorted(own_keys, wanted), len(own_keys) - 1)
            here = np.flatnonzero(own_keys[at] == wanted)
            documents = keyed[at[here]]
            there[here] = True
            same[here] = own_hashes[documents] == contents[here]
            where.append(documents.astype(np.int64))
        return Found(there, same, where)
