from __future__ import annotations

from pathlib import Path

import pytest

from searchkit.index.writer import IndexWriter
from searchkit.model import Document, Label, Mention, Paragraph, Request, Value
from searchkit.search.local import LocalEngine


def named(text: str, dimension: str, form: str, value: Value):
    start = text.index(form)
    return {dimension: (Label(value, (Mention(start, start + len(form), form, "short", "rule"),)),)}


@pytest.fixture
def engine(tmp_path: Path):
    ann, bob = Value("ann-smith", "Ann Smith"), Value("bob-smith", "Bob Smith")
    weapons = Value("weapons", "Weapons")
    rows = [
        ("Ann Smith spoke.", "people", "Ann Smith", ann),
        ("Then Smith left.", "people", "Smith", ann),
        ("Here Bob Smith stood.", "people", "Bob Smith", bob),
        ("A tank.", "weapons", "tank", Value("tank", "Tanks", weapons)),
        ("Some weapons.", "weapons", "weapons", weapons),
    ]
    with IndexWriter(tmp_path / "index") as writer:
        for number, (text, dimension, form, value) in enumerate(rows):
            document = Document(f"{number}.txt", (Paragraph(0, text, 0, len(text)),), b"8 bytes.")
            writer.add(document, [named(text, dimension, form, value)])
        writer.commit()
    with LocalEngine.open(tmp_path / "index") as engine:
        yield engine


def test_forms_are_listed_with_examples_and_the_ambiguous_ones_with_whom_else_they_name(engine: LocalEngine):
    evidence = engine.why(Request(), "people", "Ann Smith")
    assert evidence.count == 2
    forms = {form.text: form for form in evidence.forms}
    assert set(forms) == {"Ann Smith", "Smith"}
    assert not forms["Ann Smith"].ambiguous
    assert forms["Smith"].ambiguous
    assert "Bob Smith" in forms["Smith"].also
    assert "Ann Smith" not in forms["Smith"].also
    assert forms["Smith"].examples == ("Then Smith left.",)


def test_evidence_of_a_class_is_that_of_all_below_it(engine: LocalEngine):
    evidence = engine.why(Request(), "weapons", "weapons")
    assert evidence.count == 2
    assert {form.text: form.count for form in evidence.forms} == {"tank": 1, "weapons": 1}
    assert next(form for form in evidence.forms if form.text == "tank").ambiguous
