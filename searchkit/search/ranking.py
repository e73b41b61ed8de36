"""Ranking: one weighting model for every engine, so that Whoosh's own searcher gives the scores that ours gives."""

from __future__ import annotations

from typing import Final

from whoosh.scoring import BM25F

from searchkit.index.schema import TITLE_FIELD

#: How much a word of the query counts when it stands in the title, beside the text where it must stand.
TITLE_BOOST: Final = 0.25


class Ranking(BM25F):
    """BM25F (Robertson and Zaragoza 2009), a title's length not held against it."""

    def __init__(self) -> None:
        super().__init__(B=0.75, K1=1.2, **{f"{TITLE_FIELD}_B": 0.0})
