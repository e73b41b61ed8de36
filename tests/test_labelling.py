from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from searchkit import labelling
from searchkit.labelling import label_documents, new_value
from searchkit.model import Document, Failure, Label, Labels, Paragraph, Value


class Counting:
    """Labels each paragraph with its text; fails at some, and ends its process at others."""

    fingerprint = "1"

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        return [[self._labels(text) for text in texts] for texts in documents]

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        known = {"UA": (Value("UA", "Ukraine"),), "Congo": (Value("CG", "Congo"), Value("CD", "DR Congo"))}
        return known.get(name, ()) if dimension == "countries" else ()

    def _labels(self, text: str) -> Labels:
        if text == "fail":
            raise ValueError("of no use")
        if text == f"die unless {os.getpid()}" or not text.startswith("die"):
            return {"people": (Label(Value(text, str(os.getpid()))),), "countries": (Label(Value("XX", "X")),)}
        os._exit(1)


def documents(texts: Sequence[str], **given: tuple[str, ...]) -> Iterator[Document]:
    for number, text in enumerate(texts):
        yield Document(f"{number}", (Paragraph(0, text, 0, len(text)),), "", given=given)


def labels(texts: Sequence[str], *, jobs: int = 1) -> list[str]:
    """Per document its identity and the label it got, or `!reason`."""
    results = label_documents(documents(texts), Counting(), jobs=jobs)
    return [
        f"{result.path} !{result.reason}"
        if isinstance(result, Failure)
        else f"{result[0].identity} {result[1][0]['people'][0].value.id}"
        for result in results
    ]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "BATCH_PARAGRAPHS", 2)
    monkeypatch.setattr(labelling, "BATCHES_ALONE", 1)
    monkeypatch.syspath_prepend(Path(__file__).parents[1])  # workers import this module


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("jobs", [1, 2])
def test_documents_come_in_order(jobs: int):
    texts = [f"text {number}" for number in range(25)]
    assert labels(texts, jobs=jobs) == [f"{number} {text}" for number, text in enumerate(texts)]


@pytest.mark.usefixtures("small_batches")
def test_workers_do_the_work_once_it_is_worth_it():
    results = list(label_documents(documents(["a"] * 40), Counting(), jobs=2))
    processes = [result[1][0]["people"][0].value.label for result in results if not isinstance(result, Failure)]
    assert set(processes[:2]) == {str(os.getpid())}
    assert str(os.getpid()) not in processes[2:]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_that_fails_is_named_alone(jobs: int):
    texts = ["a", "b", "c", "fail", "e"]
    expected = ["0 a", "1 b", "2 c", "3 !extraction failed: ValueError: of no use", "4 e"]
    assert labels(texts, jobs=jobs) == expected


@pytest.mark.usefixtures("small_batches")
def test_when_a_worker_is_killed_the_rest_is_done_here():
    texts = ["a", "b", f"die unless {os.getpid()}", *"cdefghijkl"]
    assert labels(texts, jobs=2) == [f"{number} {text}" for number, text in enumerate(texts)]


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


def test_new_values():
    assert new_value("António  Guterres") == Value("antonio-guterres", "António  Guterres")
    assert new_value("ANTONIO GUTERRES").id == "antonio-guterres"
    assert new_value("金正恩").id == "金正恩"
    assert new_value("!?").id == "!?"
