"""The data that the command line writes, key by key."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit import output
from searchkit.model import BuildReport, Facet, FacetValue, Failure, Hit, Results, Suggestion

HIT = Hit(
    id="p0", score=3.1, document="seeds/atacms.txt", title="T", date=None, source=None, paragraph=0, text="the text",
    highlights=((4, 8),), facets={"people": ("Joe Biden",), "countries": (), "weapons": ()},
)  # fmt: skip
RESULTS = Results(
    query="missiles", parsed="text:missil", scope="paragraph", total=5, hits=(HIT,), took_ms=1.23456, notes=("n",),
    suggestions=(Suggestion("value", "joe b", "people", "joe-biden"),),
    facets={"people": Facet((FacetValue("joe-biden", "Joe Biden", 2, False, True, ("Joe Biden",)),), 3, 2),
            "countries": Facet(), "weapons": Facet()},
)  # fmt: skip


def test_the_search_object_has_the_keys_of_the_contract_in_its_order():
    assert json.dumps(output.results_object(RESULTS)) == (
        '{"schema": 1, "query": "missiles", "parsed": "text:missil", "scope": "paragraph", "total": 5, "exact": true, '
        '"took_ms": 1.235, "notes": ["n"], "suggestions": '
        '[{"kind": "value", "text": "joe b", "dimension": "people", "id": "joe-biden"}], '
        '"hits": [{"id": "p0", "score": 3.1, "document": "seeds/atacms.txt", "title": "T", "date": null, '
        '"source": null, "paragraph": 0, "text": "the text", "highlights": [[4, 8]], '
        '"facets": {"people": ["Joe Biden"], "countries": [], "weapons": []}}], '
        '"facets": {"people": {"values": [{"id": "joe-biden", "value": "Joe Biden", "count": 2, "selected": false, '
        '"excluded": true, "path": ["Joe Biden"]}], "distinct": 3, "more": 2}, '
        '"countries": {"values": [], "distinct": 0, "more": 0}, "weapons": {"values": [], "distinct": 0, "more": 0}}}'
    )


def test_document_scope_adds_its_two_keys():
    shown = output.results_object(
        replace(RESULTS, scope="document", total_documents=2, hits=(HIT._replace(document_hits=4),))
    )
    assert shown["total_documents"] == 2
    assert shown["hits"][0]["document_hits"] == 4
    assert "total_documents" not in output.results_object(RESULTS)
    assert "document_hits" not in output.hit_object(HIT)


def test_the_report_of_a_build():
    report = BuildReport(1, 2, 3, 4, (Failure("a.txt", "empty"),), 5, 6, 7, 0.12345)
    assert json.dumps(output.report_object(report)) == (
        '{"added": 1, "changed": 2, "removed": 3, "unchanged": 4, "failed": [{"path": "a.txt", "reason": "empty"}], '
        '"documents": 5, "paragraphs": 6, "generation": 7, "seconds": 0.123}'
    )


class Stream(io.StringIO):
    """A stream in an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__(newline="")
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding


@given(st.text(st.characters(codec=None)), st.sampled_from(["utf-8", "UTF-8", "ascii", "latin-1"]))
def test_json_is_exact_on_one_line_encodable_and_without_controls(text, encoding):
    stream = Stream(encoding)
    output.write_json({"text": text}, stream)
    written = stream.getvalue()
    assert json.loads(written) == {"text": text} or any("\ud800" <= c <= "\udfff" for c in text)
    assert json.loads(written)["text"].encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    written.encode(encoding)
    assert all(c.isprintable() or c.isspace() or ord(c) > 0xFF for c in written)
    assert "\x1b" not in written
    assert written.count("\n") == 1
    assert "\u202e" not in written


def csv_of(hits, *, raw=False):
    stream = io.StringIO(newline="")
    output.CsvWriter(stream, raw=raw).write(hits)
    return list(csv.reader(io.StringIO(stream.getvalue(), newline="")))


def test_csv_has_the_columns_of_the_contract():
    hit = HIT._replace(facets={**HIT.facets, "countries": ("Russia", "Ukraine")})
    assert csv_of([hit]) == [
        ["id", "document", "paragraph", "date", "source", "title", "score", "people", "countries", "weapons", "text"],
        ["p0", "seeds/atacms.txt", "0", "", "", "T", "3.1", "Joe Biden", "Russia; Ukraine", "", "the text"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cells_that_a_spreadsheet_would_run_are_defused(start):
    hit = HIT._replace(text=f"{start}cmd", title=f"{start}1", document="a=b")
    row = csv_of([hit])[1]
    assert row[-1] == f"'{start}cmd"
    assert row[5] == f"'{start}1"
    assert row[1] == "a=b"
    assert csv_of([hit], raw=True)[1][-1] == f"{start}cmd"


@given(st.text(st.characters(codec="utf-8")))
def test_csv_brings_every_text_through(text):
    hit = HIT._replace(text=text)
    assert csv_of([hit], raw=True)[1][-1] == text
    assert csv_of([hit])[1][-1] in {text, f"'{text}"}


def test_markdown_quotes_the_hit_and_its_source_without_foreign_markup():
    stream = io.StringIO()
    hit = HIT._replace(
        text="a <b> word\nof [x](y)", highlights=((6, 10),), title="On *it*", date="2024", source="press"
    )
    output.write_markdown([hit], stream)
    assert stream.getvalue() == (
        "> a \\<b\\> **word** of \\[x\\](y)\n>\n> — *On \\*it\\**, press, 2024, paragraph 1 (seeds/atacms.txt)\n\n"
    )
