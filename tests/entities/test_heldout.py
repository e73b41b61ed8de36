"""Held-out texts in many registers (`heldout/README.md`): what has been reached there is not lost unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchkit.entities.extract import extractor
from searchkit.evaluate import evaluate, read_gold

FOLDER = Path(__file__).parent / "heldout"
GOLD = {path.stem: read_gold(path) for path in sorted(FOLDER.glob("*.jsonl"))}


@pytest.fixture(scope="module", params=GOLD)
def scores(request):
    return evaluate(GOLD[request.param], extractor(), places=False).scores


def test_the_texts_are_many():
    assert sum(len(document) for documents in GOLD.values() for document in documents) >= 150


@pytest.mark.parametrize(("dimension", "least"), [("people", 0.95), ("countries", 0.97), ("weapons", 0.95)])
def test_what_was_reached_stays(scores, dimension, least):
    assert scores[dimension].f1 >= least
    assert scores[dimension].recall >= 0.9
