from __future__ import annotations

import gzip
from pathlib import Path

from searchkit import ingest
from searchkit.ingest.discover import SourceFile
from searchkit.ingest.readers import parser_for
from searchkit.model import Document, Failure


def read(path: Path, data: bytes | str, **options: str) -> Document | Failure:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    (source,) = ingest.discover([path], base=path.parent)
    assert isinstance(source, SourceFile)
    (item,) = ingest.read(source, **options)
    return item


def document(path: Path, data: bytes | str, **options: str) -> Document:
    item = read(path, data, **options)
    assert isinstance(item, Document)
    return item


def texts(item: Document) -> list[str]:
    return [paragraph.text for paragraph in item.paragraphs]


def test_a_first_line_that_is_a_title_is_no_paragraph(tmp_path: Path):
    item = document(tmp_path / "2024-11-17.txt", "The title\n\nOne.\n\nTwo.")
    assert (item.identity, item.title, item.date) == ("2024-11-17.txt", "The title", "2024-11-17")
    assert texts(item) == ["One.", "Two."]
    assert item.paragraphs[0].start == 11


def test_without_a_title_it_is_the_name_of_the_file(tmp_path: Path):
    item = document(tmp_path / "a.txt", "One.\nTwo.")
    assert (item.title, texts(item), item.date) == ("a.txt", ["One.", "Two."], None)


def test_front_matter_comes_first(tmp_path: Path):
    head = "---\ntitle: T\ndate: 2023-05\nsource: S\npeople: []\ncountries: [UA]\n---\n"
    item = document(tmp_path / "2024-11-17.txt", f"{head}A first line\n\nOne.")
    assert (item.title, item.date, item.source) == ("T", "2023-05", "S")
    assert item.given == {"people": (), "countries": ("UA",)}
    assert texts(item) == ["A first line", "One."]
    assert item.paragraphs[0].start == len(head)
    assert texts(document(tmp_path / "a.txt", f"{head}T\n\nOne.")) == ["One."], "the title again is no paragraph"


def test_empty_files_are_named(tmp_path: Path):
    for data in (b"", b"\n \t\r\n", b"\xef\xbb\xbf", b"---\ntitle: T\n---\n"):
        assert read(tmp_path / "a.txt", data) == Failure(str(tmp_path / "a.txt"), "empty: there is no text in it")


def test_compressed_and_encoded(tmp_path: Path):
    item = document(tmp_path / "a.txt.gz", gzip.compress("Žižek spoke.".encode("cp1250")), encoding="cp1250")
    assert texts(item) == ["Žižek spoke."]


def test_binary_files_are_named(tmp_path: Path):
    item = read(tmp_path / "a.txt", b"a\0b")
    assert isinstance(item, Failure)
    assert "binary" in item.reason


def test_the_hash_is_that_of_the_content(tmp_path: Path):
    first = document(tmp_path / "a.txt", "One.")
    assert document(tmp_path / "a.txt", "One.").content_hash == first.content_hash
    assert document(tmp_path / "a.txt", "One. ").content_hash != first.content_hash


def test_parsers_are_chosen_by_name():
    assert parser_for("a.md")("# T\n\nOne.\n\n## H\n\nTwo.").title == "T"
    assert [p.text for p in parser_for("-")("One.\n\n## H\n\nTwo.").paragraphs] == ["One.", "## H", "Two."]
