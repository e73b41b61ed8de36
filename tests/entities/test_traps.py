"""Sentences in which a name may be read rightly or wrongly: `traps/*.toml`, one file or more a dimension.

An entry has a `text` and, for any of the dimensions, the labels of all values expected in it, in any order.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from searchkit.entities.extract import extractor
from searchkit.model import ENTITY_DIMENSIONS

FILES = sorted((Path(__file__).parent / "traps").glob("*.toml"))


def traps():
    for file in FILES:
        for entries in tomllib.loads(file.read_text(encoding="utf-8")).values():
            for number, entry in enumerate(entries, 1):
                yield pytest.param(entry, id=f"{file.stem}-{number}")


@pytest.mark.parametrize("trap", traps())
def test_a_sentence_bears_exactly_the_values_it_names(trap):
    assert trap.keys() & set(ENTITY_DIMENSIONS), "an entry names a dimension that it is about"
    [[labels]] = extractor().extract([[trap["text"]]])
    for dimension in trap.keys() & set(ENTITY_DIMENSIONS):
        assert sorted(label.value.label for label in labels[dimension]) == sorted(trap[dimension]), trap["text"]
