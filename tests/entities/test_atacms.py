"""A long article that is not part of the project, where it is at hand, against a reader's list: `atacms.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from searchkit.entities.extract import extractor

ARTICLE = Path(__file__).parents[3] / "shared" / "seeds" / "atacms.txt"
GOLD = tomllib.loads(Path(__file__).with_name("atacms.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def labelled():
    if not ARTICLE.exists():
        pytest.skip(f"{ARTICLE} is not here")
    paragraphs = [line for line in ARTICLE.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(paragraphs) == 28
    return extractor().extract([paragraphs])[0]


@pytest.mark.parametrize("dimension", GOLD)
def test_every_paragraph_bears_exactly_what_it_names(labelled, dimension):
    for number, labels in enumerate(labelled):
        found = sorted(label.value.label for label in labels[dimension])
        assert found == sorted(GOLD[dimension].get(str(number), [])), f"paragraph {number}"
