from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import pytest

from searchkit import labelling
from searchkit.labelling import Labeller, label_documents, new_value
from searchkit.model import Document, Failure, Label, Labels, Paragraph, Value


class Counting:
    """Labels each paragraph with its text, and fails at some."""

    fingerprint = "1"

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        return [[self._labels(text) for text in texts] for texts in documents]

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        known = {"UA": (Value("UA", "Ukraine"),), "Congo": (Value("CG", "Congo"), Value("CD", "DR Congo"))}
        return known.get(name, ()) if dimension == "countries" else ()

    def _labels(self, text: str) -> Labels:
        if text == "fail":
            raise ValueError("of no use")
        return {"people": (Label(Value(text, text)),), "countries": (Label(Value("XX", "X")),)}


def documents(texts: Sequence[str], **given: tuple[str, ...]) -> Iterator[Document]:
    for number, text in enumerate(texts):
        yield Document(f"{number}", (Paragraph(0, text, 0, len(text)),), b"", given=given)


def labels(texts: Sequence[str]) -> list[str]:
    """Per document its identity and the label it got, or `!reason`."""
    results = label_documents(documents(texts), Counting())
    return [
        f"{result.path} !{result.reason}"
        if isinstance(result, Failure)
        else f"{result[0].identity} {result[1][0]['people'][0].value.id}"
        for result in results
    ]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "BATCH_PARAGRAPHS", 2)


@pytest.mark.usefixtures("small_batches")
def test_documents_come_in_order():
    texts = [f"text {number}" for number in range(25)]
    assert labels(texts) == [f"{number} {text}" for number, text in enumerate(texts)]


@pytest.mark.usefixtures("small_batches")
def test_a_document_that_fails_is_named_alone():
    texts = ["a", "b", "c", "fail", "e"]
    expected = ["0 a", "1 b", "2 c", "3 !extraction failed: ValueError: of no use", "4 e"]
    assert labels(texts) == expected


@pytest.mark.usefixtures("small_batches")
def test_documents_are_taken_as_they_are_needed():
    taken = 0

    def endless() -> Iterator[Document]:
        nonlocal taken
        for document in documents(["a"] * 1000):
            taken += 1
            yield document

    results = label_documents(endless(), Counting())
    next(results)
    assert taken == 2
    results.close()


def test_given_values_take_the_place_of_what_was_found():
    given = {"countries": ("UA", "Congo", "Ruritania", "UA"), "weapons": ()}
    ((_, (found,)),) = label_documents(documents(["a"], **given), Counting())  # type: ignore[misc]
    assert [label.value.id for label in found["countries"]] == ["UA", "CG", "CD", "ruritania"]
    assert all(not label.mentions for label in found["countries"])
    assert found["weapons"] == ()
    assert [label.value.id for label in found["people"]] == ["a"]


def test_a_document_that_brings_everything_is_not_extracted():
    given = {"people": ("A",), "countries": (), "weapons": ("B",)}
    items = [*documents(["fail"], **given), *documents(["b"]), *documents(["fail"], **given)]
    results = list(label_documents(items, Counting()))
    assert [isinstance(result, Failure) for result in results] == [False] * 3
    assert [
        [label.value.id for label in result[1][0]["people"]] for result in results if isinstance(result, tuple)
    ] == [
        ["a"],
        ["b"],
        ["a"],
    ]


@pytest.mark.parametrize("names", [("A", "B", "C"), ("A", "a", "B"), ("UA", "Congo", "CG")])
@pytest.mark.parametrize("text", ["found", "fail"])
def test_columns_are_the_labels_of_each_paragraph(names: tuple[str, ...], text: str):
    a, b, c = names
    batch = [
        Document(f"{number}", tuple(Paragraph(i, text, 0, len(text)) for i in range(1 + number)), b"", given=given)
        for number, given in enumerate(
            [
                {"people": (a,), "countries": (a, b), "weapons": ()},
                {"people": (), "countries": (c, a, b), "weapons": (a,)},
                {"people": (b, a, c), "countries": (), "weapons": ()},
                {"countries": (b,)},
            ]
        )
    ]
    for some in (batch[:3], batch):
        labeller = Labeller(Counting())
        columns, failures = labeller.columns(some)
        expected = list(labeller.label(some))
        assert failures == {place: one for place, one in enumerate(expected) if isinstance(one, Failure)}
        labels = [one for result in expected if isinstance(result, tuple) for one in result[1]]
        for dimension in {*columns, *chain.from_iterable(labels)}:
            counts, flat = columns[dimension]
            assert counts == [len(one.get(dimension, ())) for one in labels]
            assert flat == [label for one in labels for label in one.get(dimension, ())]


def test_new_values():
    assert new_value("António  Guterres") == Value("antonio-guterres", "António  Guterres")
    assert new_value("ANTONIO GUTERRES").id == "antonio-guterres"
    assert new_value("金正恩").id == "金正恩"
    assert new_value("!?").id == "!?"
