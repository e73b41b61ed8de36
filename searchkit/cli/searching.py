"""What `search`, `facets` and `show` do."""

# ruff: noqa: PLC0415 - tables are for people; data is written without loading what measures cells

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from searchkit import output
from searchkit.cli.dimensions import SINGULAR, dimension_name
from searchkit.cli.messages import note
from searchkit.cli.opening import opened
from searchkit.cli.options import SearchFormat, TableOrJson, TextOrJson
from searchkit.errors import NotFoundError, UsageError
from searchkit.model import METADATA_DIMENSIONS, Evidence, Explanation, Request, Results
from searchkit.search.engine import Engine
from searchkit.search.request import with_added


@dataclass(frozen=True, slots=True)
class View:
    """How the hits of `search` are shown."""

    format: SearchFormat
    raw: bool
    explain: bool
    why: str | None


def search(index: Path | None, request: Request, dimensions: Iterable[str], view: View) -> None:
    """Answer one query on standard output."""
    if view.why is not None and view.format not in ("table", "json"):
        raise UsageError("--why is shown with --format table or json")
    with opened(index, dimensions=dimensions) as engine:
        asked = with_added(request, engine.dimensions)
        explanation = engine.explain(asked) if view.explain else None
        results = explanation.results if explanation else engine.search(asked)
        evidence = _why(engine, request, view.why) if view.why is not None else []
    if explanation and view.format != "json":
        from searchkit.cli.explaining import write_explanation

        write_explanation(explanation)
    _write(results, request, view, evidence, explanation)
    if view.format != "json":
        say_notes(results)


def facets(
    index: Path | None, request: Request, dimensions: Iterable[str], form: TableOrJson, *, added: bool = False
) -> None:
    """Write the counts of the request's dimensions; with `added` also of those that a curation file added."""
    with opened(index, dimensions=dimensions) as engine:
        asked = with_added(request, engine.dimensions) if added else request
        results = engine.search(replace(asked, limit=0, offset=0))
    if form == "json":
        output.write_json(output.facets_answer(results), sys.stdout)
        return
    from searchkit.cli import table

    table.write_facets(results, sys.stdout)
    table.write_totals(results, sys.stdout)
    say_notes(results)


def show(index: Path | None, paragraph_id: str, context: int, form: TextOrJson) -> None:
    """Write one paragraph of the index with `context` paragraphs on either side."""
    with opened(index) as engine:
        document = engine.document(paragraph_id)
    paragraph = next(one for one in document.paragraphs if one.id == paragraph_id)
    near = [one for one in document.paragraphs if 0 < abs(one.number - paragraph.number) <= context]
    if form == "json":
        output.write_json(output.shown_object(document, paragraph, near), sys.stdout)
        return
    from searchkit.cli import table

    table.write_document(document, paragraph, near, sys.stdout)


def say_notes(results: Results) -> None:
    """Say on standard error what the engine remarks on the query, and what may have been meant."""
    for text in results.notes:
        note(text)
    spellings = [one.text for one in results.suggestions if one.kind == "spelling"]
    if spellings:
        note(f"did you mean {' or '.join(spellings)}?")
    for one in results.suggestions:
        if one.kind == "value":
            note(f"'{one.text}' is also a value: {_option(one.dimension or '', one.id or one.text)}")


def _option(dimension: str, value: str) -> str:
    """The option that selects a value, as a shell takes it."""
    singular = SINGULAR.get(dimension)
    return f"--{singular} {quote(value)}" if singular else f"--filter {quote(f'{dimension}={value}')}"


def _write(
    results: Results, request: Request, view: View, evidence: list[Evidence], explanation: Explanation | None
) -> None:
    if view.format == "json":
        more: output.Json = {} if view.why is None else {"why": [output.evidence_object(one) for one in evidence]}
        if explanation:
            more["explain"] = output.explanation_object(explanation)
        output.write_json({**output.results_object(results), **more}, sys.stdout)
    elif view.format == "jsonl":
        output.write_jsonl(results.hits, sys.stdout)
    elif view.format == "csv":
        output.CsvWriter(sys.stdout, raw=view.raw).write(results.hits)
    elif view.format == "markdown":
        output.write_markdown(results.hits, sys.stdout)
    else:
        from searchkit.cli import table

        for one in evidence:
            table.write_evidence(one, sys.stdout)
        if view.why is None:
            table.write_results(results, sys.stdout, offset=request.offset)
        elif not evidence:
            note(f"no hit names '{view.why}'")


def _why(engine: Engine, request: Request, named: str) -> list[Evidence]:
    """The evidence for a value, given as DIM=VALUE or, where only one dimension will have it, as VALUE."""
    dimension, given, value = named.partition("=")
    asked = [(dimension_name(dimension), value)]
    if not given or asked[0][0] not in engine.dimensions:
        asked = [(name, named) for name in engine.dimensions if name not in METADATA_DIMENSIONS]
    found: list[Evidence] = []
    for dimension, value in asked:
        try:
            evidence = engine.why(request, dimension, value)
        except (NotFoundError, UsageError):  # this dimension knows no such value
            continue
        if evidence.count:
            found.append(evidence)
    return found
