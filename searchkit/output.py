"""What leaves the program: the JSON object, JSON lines, CSV, Markdown, citations; every face writes them by these.

Key order and column names are contracts. Data counts paragraphs from 0, what people read from 1.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

from searchkit.model import (
    ENTITY_DIMENSIONS,
    RESULTS_SCHEMA,
    BuildReport,
    Evidence,
    ExplainedClause,
    Explanation,
    Facet,
    Hit,
    Results,
    StoredDocument,
    StoredParagraph,
)
from searchkit.terminal import escaped_json, safe, safe_spans

Json = dict[str, Any]

#: The columns of CSV.
CSV_COLUMNS: Final = (
    "id", "document", "paragraph", "date", "source", "title", "score", "people", "countries", "weapons", "text",
)  # fmt: skip
#: How a cell begins that a spreadsheet may run (OWASP, "CSV injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN_SYNTAX: Final = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def results_object(results: Results) -> Json:
    """The object that `search --format json` prints; with scope `document` it has `total_documents` too."""
    return {
        "schema": results.schema,
        "query": results.query,
        "parsed": results.parsed,
        "scope": results.scope,
        "total": results.total,
        **({} if results.total_documents is None else {"total_documents": results.total_documents}),
        "exact": results.exact,
        "took_ms": round(results.took_ms, 3),
        "notes": list(results.notes),
        "suggestions": [
            {"kind": suggestion.kind, "text": suggestion.text, "dimension": suggestion.dimension, "id": suggestion.id}
            for suggestion in results.suggestions
        ],
        "hits": [hit_object(hit) for hit in results.hits],
        "facets": facets_object(results.facets),
    }


def hit_object(hit: Hit) -> Json:
    """One hit; also a line of `--format jsonl`."""
    return {
        "id": hit.id,
        "score": hit.score,
        "document": hit.document,
        "title": hit.title,
        "date": hit.date,
        "source": hit.source,
        "paragraph": hit.paragraph,
        "text": hit.text,
        "highlights": [list(span) for span in hit.highlights],
        "facets": {name: list(values) for name, values in hit.facets.items()},
        **({} if hit.document_hits is None else {"document_hits": hit.document_hits}),
    }


def facets_object(facets: Mapping[str, Facet]) -> Json:
    """The counts of each dimension."""
    return {
        name: {
            "values": [
                {
                    "id": value.id,
                    "value": value.value,
                    "count": value.count,
                    "selected": value.selected,
                    "excluded": value.excluded,
                    "path": list(value.path),
                }
                for value in facet.values
            ],
            "distinct": facet.distinct,
            "more": facet.more,
        }
        for name, facet in facets.items()
    }


def facets_answer(results: Results) -> Json:
    """The object that `facets --format json` prints."""
    return {
        "schema": results.schema,
        "query": results.query,
        "total": results.total,
        "facets": facets_object(results.facets),
    }


def evidence_object(evidence: Evidence) -> Json:
    """The surface forms behind one value's count (`search --why`)."""
    return {
        "dimension": evidence.dimension,
        "id": evidence.id,
        "value": evidence.value,
        "count": evidence.count,
        "forms": [
            {
                "text": form.text,
                "kind": form.kind,
                "rule": form.rule,
                "count": form.count,
                "examples": list(form.examples),
                "ambiguous": form.ambiguous,
                "also": list(form.also),
            }
            for form in evidence.forms
        ],
    }


def explanation_object(explanation: Explanation) -> Json:
    """The key `explain` of `--format json`."""
    return {
        "steps_ms": {step: round(took, 3) for step, took in explanation.steps.items()},
        "segments": list(explanation.segments),
        "plan": _clause_object(explanation.plan),
    }


def _clause_object(clause: ExplainedClause) -> Json:
    return {
        "clause": clause.text,
        "hits": clause.hits,
        "per_segment": list(clause.per_segment),
        "parts": [_clause_object(part) for part in clause.parts],
    }


def shown_object(document: StoredDocument, paragraph: StoredParagraph, context: Sequence[StoredParagraph]) -> Json:
    """The object that `show --format json` prints: the paragraph as a hit of no query, and those around it."""
    hit = Hit(
        id=paragraph.id,
        score=0.0,
        document=document.identity,
        title=document.title,
        date=document.date,
        source=document.source,
        paragraph=paragraph.number,
        text=paragraph.text,
        highlights=(),
        facets={name: label_names(paragraph, name) for name in (*ENTITY_DIMENSIONS, *_added(paragraph))},
    )
    return {
        "schema": RESULTS_SCHEMA,
        **hit_object(hit),
        "context": [{"id": near.id, "paragraph": near.number, "text": near.text} for near in context],
    }


def label_names(paragraph: StoredParagraph, dimension: str) -> tuple[str, ...]:
    """The labels of the values that a stored paragraph bears in a dimension."""
    return tuple(label.value.label for label in paragraph.labels.get(dimension, ()))


def report_object(report: BuildReport) -> Json:
    """The object that `index --json` prints."""
    return {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failed": [{"path": failure.path, "reason": failure.reason} for failure in report.failed],
        "documents": report.documents,
        "paragraphs": report.paragraphs,
        "generation": report.generation,
        "seconds": round(report.seconds, 3),
    }


def write_json(value: object, stream: TextIO) -> None:
    """Write one JSON value and a newline. Exact, and harmless on a terminal; in any encoding of `stream`."""
    plain = (stream.encoding or "utf-8").lower().replace("-", "") != "utf8"
    stream.write(escaped_json(json.dumps(value, ensure_ascii=plain)) + "\n")


def write_jsonl(hits: Iterable[Hit], stream: TextIO) -> None:
    """Write a hit a line."""
    for hit in hits:
        write_json(hit_object(hit), stream)


class _Lines:
    """Takes rows that end in CR LF, so that a CR within a cell is quoted, and passes them on ending in LF."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, row: str) -> int:
        return self._stream.write(row.removesuffix("\r\n") + "\n")


class CsvWriter:
    """Writes hits as CSV rows under the columns of the contract, `first` before them.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it, unless `raw`. On a terminal the
    text is sanitised as well.
    """

    def __init__(self, stream: TextIO, *, raw: bool = False, first: tuple[str, ...] = ()) -> None:
        self._writer = csv.writer(_Lines(stream))
        self._raw = raw
        self._terminal = stream.isatty()
        self._writer.writerow((*first, *CSV_COLUMNS))

    def write(self, hits: Iterable[Hit], *first: str) -> None:
        """Write a row for each hit, the cells `first` before it."""
        for hit in hits:
            values = ("; ".join(hit.facets.get(name, ())) for name in ENTITY_DIMENSIONS)
            before = (hit.id, hit.document, str(hit.paragraph), hit.date or "", hit.source or "", hit.title or "")
            self._writer.writerow(self._cell(text) for text in (*first, *before, repr(hit.score), *values, hit.text))

    def _cell(self, text: str) -> str:
        if self._terminal:
            text = safe(text)
        return f"'{text}" if not self._raw and text.startswith(_FORMULA) else text


def citation(hit: Hit) -> str:
    """`“text”`, and below it `— Title, Source, 2024-11-17, paragraph 3 (seeds/a.txt)`."""
    return safe(f"“{hit.text.strip()}”", multiline=True) + "\n" + safe("— " + ", ".join((_named(hit), *_details(hit))))


def write_markdown(hits: Iterable[Hit], stream: TextIO) -> None:
    """Write the hits as quotations with their sources, the words found in bold."""
    for hit in hits:
        text, spans = safe_spans(hit.text, hit.highlights)
        stream.write(f"> {_bold_markdown(text, spans)}\n>\n")
        about = ", ".join(map(_markdown, _details(hit)))
        stream.write(f"> — *{_markdown(_named(hit))}*, {about}\n\n")


def _named(hit: Hit) -> str:
    return hit.title or hit.document


def _details(hit: Hit) -> list[str]:
    """Source, date and place of a hit, as far as they are known, the document last."""
    where = "" if _named(hit) == hit.document else f" ({hit.document})"
    return [detail for detail in (hit.source, hit.date, f"paragraph {hit.paragraph + 1}{where}") if detail]


def _bold_markdown(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        pieces += (_markdown(text[done:start]), f"**{_markdown(text[start:end])}**")
        done = end
    return "".join((*pieces, _markdown(text[done:])))


def _markdown(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown or HTML would take for markup."""
    return _MARKDOWN_SYNTAX.sub(r"\\\1", safe(text))


def _added(paragraph: StoredParagraph) -> tuple[str, ...]:
    """The dimensions of a paragraph that a user has added."""
    return tuple(name for name in paragraph.labels if name not in ENTITY_DIMENSIONS)
