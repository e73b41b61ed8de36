"""Held-out texts in many registers (`heldout/README.md`): what has been reached there is not lost unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchkit.entities.extract import extractor
from searchkit.evaluate import evaluate, read_gold

GOLD = read_gold(Path(__file__).parent / "heldout" / "mixed.jsonl")


@pytest.fixture(scope="module")
def scores():
    return evaluate(GOLD, extractor(), places=False).scores


def test_the_texts_are_many():
    assert sum(map(len, GOLD)) >= 150


@pytest.mark.parametrize(("dimension", "least"), [("people", 0.95), ("countries", 0.97), ("weapons", 0.95)])
def test_what_was_reached_stays(scores, dimension, least):
    assert scores[dimension].f1 >= least
    assert scores[dimension].recall >= 0.9
