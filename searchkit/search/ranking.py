"""Ranking: one weighting model for every engine, so that Whoosh's own searcher gives the scores that ours gives."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

from whoosh.scoring import BM25F

from searchkit.index.schema import TITLE_FIELD
from searchkit.kernels.coding import K1

if TYPE_CHECKING:
    from whoosh.searching import Searcher

#: How much a word of the query counts when it stands in the title, beside the text where it must stand.
TITLE_BOOST: Final = 0.25


def rarity(paragraphs: int, having: int) -> float:
    """What a word weighs that so many of all paragraphs have: its inverse document frequency.

    The probabilistic one (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) plus one within the
    logarithm, so that no word counts against a paragraph.
    """
    return log(1 + (paragraphs - having + 0.5) / (having + 0.5))


class Ranking(BM25F):
    """BM25F (Robertson and Zaragoza 2009), a title's length not held against it."""

    def __init__(self) -> None:
        super().__init__(B=0.75, K1=K1, **{f"{TITLE_FIELD}_B": 0.0})

    def idf(self, searcher: Searcher, fieldname: str, text: str | bytes) -> float:
        """`rarity`, over the whole index."""
        parent = searcher.get_parent()
        return rarity(parent.doc_count_all(), parent.doc_frequency(fieldname, text))
