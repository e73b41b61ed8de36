"""More like this: which words a paragraph is told by."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpora import document, write

from searchkit.errors import NotFoundError
from searchkit.model import Label, Mention, Request, Value
from searchkit.search.local import LocalEngine

TEXTS = (
    "The S-300 battery was hit near the harbour, and the harbour burned.",
    "The battery of the S-300 was lost.",
    "The minister spoke of the harbour.",
    "The minister spoke of bread; “bread”, he said, the minister.",
    "The xylophone.",
)


@pytest.fixture
def engine(tmp_path: Path):
    write(tmp_path, document("a", *TEXTS))
    with LocalEngine.open(tmp_path) as engine:
        yield engine


def paragraph(engine: LocalEngine, number: int) -> str:
    first = engine.search(Request("the")).hits[0]
    return engine.document(first.id).paragraphs[number].id


def test_the_rare_and_repeated_words_come_first_and_what_is_its_own_is_left_out(engine: LocalEngine):
    assert engine.similar(paragraph(engine, 0)) == "harbour OR battery OR S-300"


def test_what_it_finds_is_the_paragraph_and_those_like_it(engine: LocalEngine):
    found = engine.search(Request(engine.similar(paragraph(engine, 0))))
    assert [hit.paragraph for hit in found.hits] == [0, 1, 2]


def test_a_name_tells_twice_as_much_and_what_tells_little_is_left_out(tmp_path: Path):
    texts = ["Avenov bread milk corn", "bread", "milk Avenov", *["corn"] * 40, *["salt"] * 20]
    name = {"people": (Label(Value("p", "Avenov"), (Mention(0, 6, "Avenov", "full", "test"),)),)}
    write(tmp_path, (document("a", *texts), [name, *[{}] * (len(texts) - 1)]))
    with LocalEngine.open(tmp_path) as engine:
        first = next(hit for hit in engine.search(Request("bread")).hits if hit.paragraph == 0)
        assert engine.similar(first.id) == "avenov OR bread OR milk"


def test_it_can_be_made_shorter_and_may_be_empty(engine: LocalEngine):
    assert engine.similar(paragraph(engine, 0), words=1) == "harbour"
    assert engine.similar(paragraph(engine, 4)) == ""


def test_an_unknown_paragraph(engine: LocalEngine):
    with pytest.raises(NotFoundError):
        engine.similar("0" * 16)
