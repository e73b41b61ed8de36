"""Posting lists as bytes: in one piece or in several."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchkit.index.coded import coded, coded_in_pieces
from searchkit.kernels.postings import Inverted


@given(
    st.lists(st.integers(0, 1000), max_size=20),
    st.lists(st.integers(0, 600), max_size=4),
    st.integers(0, 1 << 32),
)
def test_a_list_that_comes_in_pieces_is_coded_as_a_whole_one(gaps: list[int], cuts: list[int], seed: int):
    rng = np.random.default_rng(seed)
    gaps += rng.integers(0, 50, rng.integers(0, 500)).tolist()
    docs = (np.cumsum(np.array(gaps, np.int64) + 1) - 1).astype(np.uint32)
    freqs = rng.integers(1, 4, len(docs)).astype(np.uint32)
    ends = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
    positions = np.concatenate(
        [np.zeros(0, np.uint32), *(np.sort(rng.integers(0, 1 << 20, freq)).astype(np.uint32) for freq in freqs)]
    )
    places = [0, *sorted(min(cut, len(docs)) for cut in cuts), len(docs)]
    pieces = [
        Inverted(
            docs[low:high],
            freqs[low:high],
            np.array([0, high - low]),
            positions[ends[low] : ends[high]],
            ends[low : high + 1] - ends[low],
        )
        for low, high in pairwise(places)
    ]
    whole = coded(Inverted(docs, freqs, np.array([0, len(docs)]), positions, ends))
    found = coded_in_pieces(pieces)
    assert found.counts.tolist() == whole.counts.tolist() == [len(docs)]
    for name in ("postings", "positions"):
        one, other = getattr(found, name), getattr(whole, name)
        assert one.data.tobytes() == other.data.tobytes()
        assert one.starts.tolist() == other.starts.tolist()
