"""The engine against a naive evaluator: hits, totals and every facet count; scores against stock Whoosh's searcher."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import QUICK, Corpus, Row, corpora, examples, lasting, rows
from expressions import expressions, live_expressions, requests, scored_expressions
from hypothesis import given
from hypothesis import strategies as st
from oracle import Expr, answer, days
from scores import Model
from stock import stock_errs

from searchkit import kernels
from searchkit.index.snapshot import Snapshot
from searchkit.model import Facet, Hit, Request, Results
from searchkit.search import execute, finding, gates, lists
from searchkit.search.local import LocalEngine
from searchkit.search.matching import Budget, whoosh_matches
from searchkit.search.plan import plan

UNDATED = dt.date.min


@contextmanager
def engine_over(corpus: Corpus) -> Iterator[LocalEngine]:
    with (
        tempfile.TemporaryDirectory(dir=QUICK) as folder,
        LocalEngine.open(corpus.write(Path(folder)), deadline=60) as engine,
    ):
        yield engine


def key(hit: Hit) -> tuple[str, int]:
    return hit.document, hit.paragraph


def same_facet(found: Facet, expected: Facet, dimension: str, request: Request, at: str) -> None:
    """Equal, but that a chosen value which no live paragraph bears is only known by its name."""
    live = {value.id for value in expected.values}
    chosen = {*request.filters.get(dimension, ()), *request.exclude.get(dimension, ())}
    assert [value for value in found.values if value.id in live] == list(expected.values), at
    rest = [value for value in found.values if value.id not in live]
    assert {value.id for value in rest} == chosen - live, at
    assert all(value.count == 0 for value in rest), at
    assert (found.distinct, found.more) == (expected.distinct, expected.more), at


def compare(engine: LocalEngine, live: Sequence[Row], expr: Expr, request: Request) -> Results:
    results = engine.search(request)
    expected = answer(live, expr, request)
    at = f"{request.query!r} read as {results.parsed}"
    assert sorted(map(key, results.hits)) == sorted(row.key for row in expected.shown), at
    assert results.total == len(expected.shown), at
    assert results.total_documents == (None if request.scope == "paragraph" else len(expected.hits)), at
    for dimension in request.dimensions:
        same_facet(results.facets[dimension], expected.facets[dimension], dimension, request, f"{dimension}: {at}")
    by_key = {row.key: row for row in live}
    for hit in results.hits:
        row = by_key[key(hit)]
        assert (hit.text, hit.title, hit.date) == (row.text, row.document.title, row.document.date)
    return results


def ties(hit: Hit) -> tuple[int, str]:
    """Newest first, undated last, then by id."""
    dated = days(hit.date)
    return -(dated[0] if dated else UNDATED).toordinal(), hit.id


def in_order(results: Results) -> None:
    order = [(-hit.score, *ties(hit)) for hit in results.hits]
    assert order == sorted(order)


def same_scores(engine: LocalEngine, results: Results, request: Request) -> None:
    snapshot: Snapshot = engine._generation.snapshot
    tree = plan(snapshot, request.query, live=request.live).scoring
    if stock_errs(tree):
        return
    stock = whoosh_matches(snapshot, tree, Budget(60))
    located = [snapshot.locate(doc) for doc in stock.docs.tolist()]
    scores = {
        f"{segment.array('paragraph.id').at(at):016x}": s
        for (segment, at), s in zip(located, stock.scores, strict=True)
    }
    for hit in results.hits:
        assert hit.score == pytest.approx(scores[hit.id], rel=1e-6, abs=1e-6)


@examples(60)
@given(corpora(), st.data())
def test_answers_equal_those_of_the_naive_evaluator(corpus: Corpus, data: st.DataObject):
    live = rows(corpus.articles.values())
    with engine_over(corpus) as engine:
        for _ in range(6):
            expr = data.draw(expressions())
            request = replace(data.draw(requests(engine.dimensions)), query=expr.written())
            results = compare(engine, live, expr, request)
            if request.scope == "paragraph":
                in_order(results)
                same_scores(engine, results, request)


@examples(60)
@given(lasting(), st.data())
def test_scores_equal_those_worked_out_by_hand(corpus: Corpus, data: st.DataObject):
    live = rows(corpus.articles.values())
    model, by_key = Model(live), {row.key: row for row in live}
    with engine_over(corpus) as engine:
        for _ in range(6):
            expr = data.draw(scored_expressions())
            results = compare(engine, live, expr, Request(expr.written(), limit=1000))
            for hit in results.hits:
                assert hit.score == pytest.approx(model.score(expr, by_key[key(hit)]), rel=1e-6), results.parsed


@pytest.mark.parametrize("compiled", [False, True])
def test_answers_are_the_same_where_threads_count_and_where_the_others_are_counted(compiled: bool, monkeypatch):
    monkeypatch.setattr(finding, "_BESIDE", 0)
    monkeypatch.setattr(gates, "_MOST", 0.0)
    monkeypatch.setattr(execute, "_FEW", 0)
    monkeypatch.setattr(execute, "_MANY", 0)
    monkeypatch.setattr(execute, "_ALIKE", 1 << 30)
    monkeypatch.setattr(lists, "_STEP", 3)

    @examples(12)
    @given(corpora(), st.data())
    def check(corpus: Corpus, data: st.DataObject) -> None:
        live = rows(corpus.articles.values())
        with engine_over(corpus) as engine:
            selected = data.draw(requests(engine.dimensions))
            for _ in range(4):  # the gate of the selections is kept, and so are the plans
                expr = data.draw(expressions())
                for request in (replace(selected, query=expr.written()), Request(expr.written(), limit=1000)):
                    assert compare(engine, live, expr, request).hits == compare(engine, live, expr, request).hits

    before = kernels.compiled()
    kernels.use(compiled)
    try:
        check()
    finally:
        kernels.use(before)


@pytest.mark.parametrize(("few", "alike"), [(0, 0), (4096, 8)])
def test_live_answers_equal_those_of_the_naive_evaluator(few: int, alike: int, monkeypatch):
    monkeypatch.setattr(execute, "_FEW", few)
    monkeypatch.setattr(execute, "_ALIKE", alike)

    @examples(30)
    @given(corpora(), st.data())
    def check(corpus: Corpus, data: st.DataObject) -> None:
        live = rows(corpus.articles.values())
        with engine_over(corpus) as engine:
            for _ in range(4):
                expr = data.draw(live_expressions())
                written = expr.written()[1:-1]
                compare(engine, live, expr, replace(data.draw(requests(engine.dimensions)), query=written, live=True))

    check()
