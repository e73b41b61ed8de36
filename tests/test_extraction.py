from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from searchkit import extraction
from searchkit.entities.curation_file import parse
from searchkit.index.build import paragraph_id
from searchkit.model import Failure, Label, Labels, Mention, Value
from searchkit.pipeline import extract


class Fullest:
    """Labels each paragraph with the longest word of its document, as the fullest form of a name."""

    fingerprint = "1"

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        return [[self._labels(text, " ".join(texts)) for text in texts] for texts in documents]

    def resolve(self, _dimension: str, _name: str) -> tuple[Value, ...]:
        return ()

    def _labels(self, text: str, whole: str) -> Labels:
        if "fail" in text:
            raise ValueError("no")
        word = max(whole.split(), key=len, default="")
        mentions = (Mention(0, len(text), text, "full", "longest"),)
        return {"people": (Label(Value(word, word, Value("root", "Root")), mentions),) if text.strip() else ()}


def records(lines: Iterable[object], *, jsonl: bool = True, name: str = "in") -> list[dict[str, object] | Failure]:
    texts = [line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines]
    return list(extract(texts, name=name, jsonl=jsonl, extractor=Fullest()))


def person(record: dict[str, object] | Failure) -> object:
    assert isinstance(record, dict), record
    people = record["people"]
    assert isinstance(people, list)
    return people[0]["value"] if people else None


def test_a_record():
    (record,) = records([{"id": "x", "text": "Joe Biden", "other": 1}])
    assert record == {
        "id": "x",
        "document": None,
        "paragraph": 0,
        "text": "Joe Biden",
        "people": [
            {
                "id": "Biden",
                "value": "Biden",
                "path": ["Root", "Biden"],
                "mentions": [{"start": 0, "end": 9, "text": "Joe Biden", "kind": "full", "rule": "longest"}],
            }
        ],
        "countries": [],
        "weapons": [],
    }


def test_lines_of_one_document_are_its_paragraphs_and_keep_their_place():
    found = records(
        [
            {"id": 1, "document": "d", "text": "Zelensky"},
            {"id": 2, "text": "Biden"},
            {"id": 3, "document": "e", "text": "Putin"},
            {"id": 4, "document": "d", "text": "Volodymyr-Zelensky"},
            {"id": 5, "document": 1, "text": "Xi"},
            {"id": 6, "document": "1", "text": "Scholz"},
        ]
    )
    assert [person(record) for record in found] == [
        "Volodymyr-Zelensky",
        "Biden",
        "Putin",
        "Volodymyr-Zelensky",
        "Xi",
        "Scholz",
    ]
    numbers = [(record["id"], record["document"], record["paragraph"]) for record in found if isinstance(record, dict)]
    assert numbers == [(1, "d", 0), (2, None, 0), (3, "e", 0), (4, "d", 1), (5, 1, 0), (6, "1", 0)]


def test_texts_are_verbatim_and_never_split():
    texts = ["", "  two\n\nparagraphs \r\n", "A. " * 3000, "# T\n\nx"]
    found = records([{"id": number, "text": text} for number, text in enumerate(texts)])
    assert [record["text"] for record in found if isinstance(record, dict)] == texts


def test_bad_lines_are_named_in_their_place():
    found = records(
        ['{"id": "a", "text": "A"}\n', "{\n", "\n", '{"id": "b"}\n', "[]\n", {"text": "C"}, {"id": {}, "text": ""}]
    )
    assert [record.path if isinstance(record, Failure) else record["id"] for record in found] == [
        "a",
        "in:2",
        "in:4",
        "in:5",
        "6",
        "in:7",
    ]


def test_a_line_that_cannot_be_extracted_is_named():
    found = records([{"id": "a", "text": "A"}, {"id": "b", "text": "fail"}, {"id": "c", "text": "C"}])
    assert [person(record) if isinstance(record, dict) else record.path for record in found] == ["A", "in:2", "C"]


def test_given_values_are_kept():
    (record,) = records([{"id": "a", "text": "Biden", "people": ["Olaf Scholz"], "weapons": []}])
    assert isinstance(record, dict)
    assert record["people"] == [{"id": "olaf-scholz", "value": "Olaf Scholz", "path": ["Olaf Scholz"], "mentions": []}]


def test_lines_are_passed_on_as_they_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extraction, "BATCH_PARAGRAPHS", 2)
    taken: list[int] = []

    def lines() -> Iterable[str]:
        for number in range(10):
            taken.append(number)
            yield json.dumps({"id": number, "text": "A"})

    next(extract(lines(), name="in", jsonl=True, extractor=Fullest()))
    assert taken == [0, 1]


def test_a_text_is_cut_as_the_index_would():
    found = records(["The title\n", "\n", "One.\n", "\n", "Two.\n", "\n", "One.\n"], jsonl=False, name="a.txt")
    assert [(r["document"], r["paragraph"], r["text"]) for r in found if isinstance(r, dict)] == [
        ("a.txt", 0, "One."),
        ("a.txt", 1, "Two."),
        ("a.txt", 2, "One."),
    ]
    ids = [record["id"] for record in found if isinstance(record, dict)]
    assert ids[2] == f"{paragraph_id('a.txt', 'One.', 1):016x}"
    assert len(set(ids)) == 3


def test_markdown_is_known_by_its_name_and_front_matter_is_read():
    lines = ["---\n", "people: []\n", "---\n", "# T\n", "One.\n", "## H\n", "Two.\n"]
    found = records(lines, jsonl=False, name="a.md")
    assert [record["text"] for record in found if isinstance(record, dict)] == ["One.", "H", "Two."]
    assert person(found[0]) is None


def test_an_empty_text_is_named():
    assert records(["\n"], jsonl=False) == [Failure("in", "empty: there is no text in it")]
    assert records([]) == []


def test_decisions_hold_for_what_is_found_and_for_what_records_bring():
    curation = parse(
        Path("facets.toml"),
        b"[people.merge]\nAnn = ['Robert', 'Bob']\n[dimensions.firms.values]\nAcme = ['Acme']\n",
    )
    lines = [
        json.dumps({"id": 1, "text": "Acme", "people": ["Bob", "Cid"]}) + "\n",
        json.dumps({"id": 2, "text": "Robert"}) + "\n",
    ]
    found = list(extract(lines, name="in", jsonl=True, extractor=extraction.Curated(Fullest(), curation)))
    shown = [[[value["value"] for value in record[dimension]] for dimension in ("people", "firms")] for record in found]
    assert shown == [[["Ann", "Cid"], ["Acme"]], [["Ann"], []]]
