from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest

from searchkit import ingest
from searchkit.ingest.discover import SourceFile
from searchkit.ingest.readers import jsonl
from searchkit.model import Document, Failure


def read(path: Path, data: bytes | str, **options: str) -> list[Document | Failure]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (source,) = ingest.discover([path], base=path.parent)
    assert isinstance(source, SourceFile)
    return list(ingest.read(source, **options))


def one(tmp_path: Path, **record: object) -> Document:
    (item,) = read(tmp_path / "a.jsonl", json.dumps(record))
    assert isinstance(item, Document), item
    return item


def texts(item: Document) -> list[str]:
    return [paragraph.text for paragraph in item.paragraphs]


def failures(items: list[Document | Failure]) -> list[tuple[str, str]]:
    return [(Path(item.path).name, item.reason) for item in items if isinstance(item, Failure)]


def identities(items: list[Document | Failure]) -> list[str]:
    return [item.identity for item in items if isinstance(item, Document)]


def test_a_record(tmp_path: Path):
    item = one(
        tmp_path,
        id="x/1",
        title="T",
        text="One.\n\nTwo.",
        date="2024-11",
        source="S",
        people=["A"],
        weapons=[],
        country=1,
    )
    assert (item.identity, item.title, item.date, item.source) == ("a.jsonl#x/1", "T", "2024-11", "S")
    assert texts(item) == ["One.", "Two."]
    assert item.given == {"people": ("A",), "weapons": ()}


def test_what_is_missing_is_none(tmp_path: Path):
    item = one(tmp_path, text="One.")
    assert (item.identity, item.title, item.date, item.source, item.given) == ("a.jsonl#1", None, None, None, {})


def test_titles(tmp_path: Path):
    assert (one(tmp_path, text="The title\n\nOne.").title, one(tmp_path, text="No title").title) == ("The title", None)
    assert texts(one(tmp_path, title="The title", text="The title\n\nOne.")) == ["One."]
    assert texts(one(tmp_path, title="Other", text="The title\n\nOne.")) == ["The title", "One."]


def test_paragraphs_that_are_cut_already(tmp_path: Path):
    item = one(tmp_path, paragraphs=["A b", "", "c d " * 600, "e"])
    assert texts(item)[0] == "A b"
    assert len(texts(item)) == 4, "the long one is cut in two, the empty one dropped"
    assert [paragraph.number for paragraph in item.paragraphs] == [0, 1, 2, 3]
    assert item.title is None


def test_identities(tmp_path: Path):
    lines = [{"id": 7, "text": "A."}, {"text": "B."}, {"id": "", "text": "C."}, {"id": None, "text": "D."}]
    items = read(tmp_path / "a.jsonl", "\n\n".join(map(json.dumps, lines)))
    assert identities(items) == ["a.jsonl#7", "a.jsonl#3", "a.jsonl#5", "a.jsonl#7"][:3]
    assert failures(items) == [("a.jsonl:7", "id '7' was there before in this file")]


def test_a_broken_line_costs_itself(tmp_path: Path):
    data = b"\n".join(
        [
            b'{"id": "a", "text": "One."}',
            b'{"id": "b", "text": ',
            b'["a list"]',
            b'{"id": "c"}',
            b'{"id": "d", "text": 5}',
            b'{"id": "e", "text": " "}',
            b'{"id": ["f"], "text": "One."}',
            b'{"id": "' + b"g" * 1000 + b'", "text": "One."}',
            b'{"id": "h", "text": "\xff"}',
            b"[" * 100_000,
            b'{"id": "i", "text": "One.", "n": ' + b"9" * 10_000 + b"}",
            b"\0\0\0",
            b'{"id": "a", "text": "One again."}',
            b'{"id": "z", "text": "Last."}',
        ]
    )
    items = read(tmp_path / "a.jsonl", data)
    assert identities(items) == ["a.jsonl#a", "a.jsonl#z"]
    found = dict(failures(items))
    assert list(found) == [f"a.jsonl:{number}" for number in range(2, 14)]
    assert found["a.jsonl:3"] == "not a JSON object"
    assert found["a.jsonl:4"] == "it has no text"
    assert found["a.jsonl:9"].startswith("not UTF-8")
    assert all("\n" not in reason for reason in found.values())


def test_lone_surrogates_are_replaced(tmp_path: Path):
    (item,) = read(tmp_path / "a.jsonl", r'{"id": "\ud800", "title": "\udfff", "text": "a\ud83d b \ud83d\ude00."}')
    assert isinstance(item, Document)
    assert (item.identity, item.title, texts(item)) == ("a.jsonl#\ufffd", "\ufffd", ["a\ufffd b 😀."])


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(tmp_path: Path, mark: str):
    data = '{"text": "Žižek."}\r\n{"text": "Two."}\n'.encode(mark)
    assert identities(read(tmp_path / "a.jsonl", data)) == ["a.jsonl#1", "a.jsonl#2"]


def test_a_stated_encoding(tmp_path: Path):
    data = '{"text": "Žižek."}\n'.encode("cp1250")
    (item,) = read(tmp_path / "a.jsonl", data, encoding="cp1250")
    assert isinstance(item, Document)
    assert texts(item) == ["Žižek."]
    assert failures(read(tmp_path / "a.jsonl", data, encoding="ascii"))[0][1].startswith("not valid ascii")


def test_compressed_files_are_streamed_and_what_came_before_the_damage_counts(tmp_path: Path):
    data = "".join(json.dumps({"id": n, "text": f"Text {n}."}) + "\n" for n in range(5_000)).encode()
    assert len(read(tmp_path / "a.jsonl.xz", lzma.compress(data))) == 5_000
    items = read(tmp_path / "a.jsonl.gz", gzip.compress(data)[:-1000])
    assert 100 < len(items) < 5_000
    assert failures(items)[0][1].startswith("damaged .gz file")


def test_a_line_that_is_too_long_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jsonl, "MAX_LINE", 100)
    long = json.dumps({"text": "x" * 950})
    items = read(tmp_path / "a.jsonl", f'{{"text": "A."}}\n{long}\n{{"text": "B."}}\n')
    assert identities(items) == ["a.jsonl#1", "a.jsonl#3"]
    assert failures(items)[0][0] == "a.jsonl:2"


def test_an_empty_file_is_named(tmp_path: Path):
    assert failures(read(tmp_path / "a.jsonl", "")) == [("a.jsonl", "empty: there is no record in it")]
    assert failures(read(tmp_path / "a.jsonl", "\n \n")) == [("a.jsonl", "empty: there is no record in it")]
