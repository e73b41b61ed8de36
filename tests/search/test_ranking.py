"""The weighting model: what counts for how much, in both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import document, write

from searchkit.model import Request
from searchkit.search.local import LocalEngine
from searchkit.search.matching import Budget, whoosh_matches
from searchkit.search.plan import plan
from searchkit.search.ranking import TITLE_BOOST

FILLER = "one two three four five six seven"


def ranked(directory: Path, query: str) -> list[str]:
    with LocalEngine.open(directory) as engine:
        snapshot = engine._generation.snapshot
        stock = whoosh_matches(snapshot, plan(snapshot, query).scoring, Budget(60))
        hits = engine.search(Request(query)).hits
        assert sorted(hit.score for hit in hits) == pytest.approx(sorted(stock.scores.tolist()))
        return [hit.document for hit in hits]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("war", "war war war", "war near peace"),
        ("war", "war", f"war {FILLER}"),
        ("war OR zebra", f"zebra {FILLER}", f"war {FILLER}"),
        ("war OR peace", "war peace", "war war"),
    ],
    ids=["frequency", "length", "rarity", "how many of the words"],
)
def test_better_paragraphs_come_first(tmp_path: Path, query: str, better: str, worse: str):
    others = [document(f"other{number}", f"war {FILLER}") for number in range(4)]
    write(tmp_path, document("worse", worse), document("better", better), *others)
    order = ranked(tmp_path, query)
    assert order.index("better") < order.index("worse")


def test_a_title_raises_and_its_length_does_not_matter(tmp_path: Path):
    names = {"none": None, "short": "War", "long": f"War {FILLER}"}
    write(tmp_path, *(document(name, "war here", title=title) for name, title in names.items()))
    with LocalEngine.open(tmp_path) as engine:
        scores = {hit.document: hit.score for hit in engine.search(Request("war")).hits}
    assert scores["short"] == scores["long"] > scores["none"]
    assert 0 < TITLE_BOOST < 1
