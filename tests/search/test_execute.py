"""Compiled execution: hits and scores are those of Whoosh's own searcher, whichever twin of the kernels runs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from corpora import Article, Corpus, corpora, document, examples, write
from expressions import expressions
from hypothesis import given
from hypothesis import strategies as st
from oracle import Expr
from stock import stock_errs
from whoosh import query as q
from whoosh.query.spans import SpanNear2

from searchkit import kernels
from searchkit.errors import CancelledError
from searchkit.index.snapshot import Snapshot
from searchkit.kernels.coding import Admitted
from searchkit.search import execute, lists
from searchkit.search.execute import Executor
from searchkit.search.matching import Budget, Matches, whoosh_matches
from searchkit.search.plan import plan

BUDGET = Budget(1e9)


def same(found: Matches, expected: Matches, at: object) -> None:
    assert found.docs.tolist() == expected.docs.tolist(), at
    assert found.docs.dtype == np.uint32
    assert found.scores.dtype == np.float64
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-9, atol=1e-12, err_msg=str(at))


@pytest.fixture(params=[False, True], ids=["whole", "narrowed"])
def narrowing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Later parts of a group are run on what the earlier ones left, however little that is; or side by side."""
    if request.param:
        monkeypatch.setattr(execute, "_FEW", 0)
        monkeypatch.setattr(execute, "_ALIKE", 0)
    else:
        monkeypatch.setattr(execute, "_MANY", 0)
        monkeypatch.setattr(execute, "_ALIKE", 1 << 30)


def test_what_adds_to_a_score_does_so_wherever_the_rest_is_met(tmp_path: Path):
    opened = Snapshot.open(
        write(tmp_path / "index", *(document(f"{n}.txt", t) for n, t in enumerate(["a", "b c", "y", "a b c"])))
    )
    a, b, c = (q.Term("text", word) for word in "abc")
    tree = q.And([q.AndMaybe(a, b), c])
    found = Executor(opened).matches(tree, BUDGET)
    every = Executor(opened).matches(q.And([a, b, c]), BUDGET)
    assert found.docs.tolist() == every.docs.tolist() == [3]
    assert found.scores.tolist() == pytest.approx(every.scores.tolist())
    assert whoosh_matches(opened, tree, BUDGET).scores[0] < found.scores[0] - 0.5, "Whoosh is right now"
    opened.close()


@pytest.mark.usefixtures("narrowing")
@pytest.mark.parametrize("compiled", [False, True])
def test_hits_and_scores_are_those_of_the_stock_searcher(compiled: bool):
    @examples(40)
    @given(corpora(), st.lists(expressions(), min_size=6, max_size=6))
    def check(corpus: Corpus, asked: Sequence[Expr]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = Snapshot.open(corpus.write(Path(folder)))
            for expr in asked:
                tree = plan(snapshot, expr.written()).scoring
                found = Executor(snapshot).matches(tree, BUDGET)
                if not stock_errs(tree):
                    same(found, whoosh_matches(snapshot, tree, BUDGET), tree)
            snapshot.close()

    before = kernels.compiled()
    kernels.use(compiled)
    try:
        check()
    finally:
        kernels.use(before)


@pytest.fixture
def snapshot(tmp_path: Path):
    texts = ["a b c", "b c a a", "c a b", "a a a b", "c", "", "a x b"]
    opened = Snapshot.open(write(tmp_path / "index", *(document(f"{n}.txt", text) for n, text in enumerate(texts))))
    yield opened
    opened.close()


TREES = [
    q.NullQuery,
    q.Every(),
    q.Every(boost=2.0),
    q.Term("text", "a", boost=2.5),
    q.Term("text", "absent"),
    q.Term("nowhere", "a"),
    q.Term("text", "\ud800"),
    q.And([q.Term("text", "a"), q.Term("text", "b")], boost=3.0),
    q.And([q.Term("text", "a"), q.Not(q.Term("text", "x"))]),
    q.And([q.Not(q.Term("text", "x")), q.Not(q.Term("text", "c"))]),
    q.Not(q.Term("text", "a")),
    q.Or([q.Term("text", "a"), q.Term("text", "c"), q.Term("text", "absent")], boost=0.5),
    q.Or([q.Term("text", "a"), q.And([q.Term("text", "b"), q.Term("text", "c")])]),
    q.AndMaybe(q.Term("text", "b"), q.Term("text", "x")),
    q.AndMaybe(q.Term("text", "b"), q.Or([q.Term("text", "x"), q.Term("text", "c")])),
    q.AndMaybe(q.Term("text", "absent"), q.Term("text", "c")),
    q.Phrase("text", ["a", "b"]),
    q.Phrase("text", ["a", "a", "b"], boost=2.0),
    q.Phrase("text", ["a", "b"], slop=2),
    q.Phrase("text", ["a", "absent"]),
    SpanNear2([q.Term("text", "a", boost=2.0), q.Term("text", "b")], slop=2),
    # These have no form of their own.
    SpanNear2([q.Term("text", "b"), q.Term("text", "a")], slop=1, ordered=False),
    SpanNear2([q.Or([q.Term("text", "a"), q.Term("text", "x")]), q.Term("text", "b")], slop=1),
    q.DisjunctionMax([q.Term("text", "a"), q.Term("text", "b")]),
    q.And([q.Prefix("text", "a"), q.Term("text", "b")]),
]


@pytest.mark.usefixtures("narrowing")
@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_every_kind_of_node(snapshot: Snapshot, tree: q.Query):
    same(Executor(snapshot).matches(tree, BUDGET), whoosh_matches(snapshot, tree, BUDGET), tree)


def test_subtraction_and_requirement_where_whoosh_errs(snapshot: Snapshot):
    run = Executor(snapshot)
    has_b, has_x = (run.matches(q.Term("text", term), BUDGET) for term in "bx")
    without = run.matches(q.AndNot(q.Term("text", "b"), q.Term("text", "x")), BUDGET)
    assert without.docs.tolist() == sorted({*has_b.docs.tolist()} - {*has_x.docs.tolist()})
    assert without.scores.tolist() == has_b.scores[~np.isin(has_b.docs, has_x.docs)].tolist()
    needed = run.matches(q.Require(q.Term("text", "b"), q.Term("text", "x")), BUDGET)
    assert needed.docs.tolist() == has_x.docs.tolist()
    assert needed.scores.tolist() == has_b.scores[np.isin(has_b.docs, has_x.docs)].tolist()


def test_the_boost_of_a_group_of_one_counts(snapshot: Snapshot):
    run = Executor(snapshot)
    plain, boosted = (run.matches(q.Or([q.Term("text", "a")], boost=boost), BUDGET) for boost in (1.0, 3.0))
    np.testing.assert_allclose(boosted.scores, 3 * plain.scores)


def test_words_that_are_needed_end_the_search_when_nothing_is_left(snapshot: Snapshot, monkeypatch):
    asked = []
    term = execute._Run._term
    monkeypatch.setattr(execute._Run, "_term", lambda run, *rest: asked.append(rest[1]) or term(run, *rest))
    tree = q.And([q.Term("text", "a"), q.Term("text", "absent"), q.Term("text", "b")])
    assert not len(Executor(snapshot).matches(tree, BUDGET).docs)
    assert asked == ["absent"]


def test_nobody_waits_any_more(snapshot: Snapshot):
    with pytest.raises(CancelledError):
        Executor(snapshot).matches(q.Term("text", "a"), Budget(1e9, lambda: True))


def test_a_long_step_looks_at_the_budget_within_it(snapshot: Snapshot, monkeypatch):
    monkeypatch.setattr(lists, "_STEP", 1)
    asked: list[None] = []
    budget = Budget(1e9, lambda: asked.append(None) is not None)
    tree = plan(snapshot, "[a TO x]").matching
    assert len(Executor(snapshot).hits(tree, budget).docs) == 6
    assert len(asked) > 4  # once for the node, and once for each word or so
    with pytest.raises(CancelledError):
        Executor(snapshot).hits(tree, Budget(1e9, lambda: len(asked) > 2))


@pytest.mark.usefixtures("narrowing")
def test_what_is_not_admitted_is_found_by_no_kind_of_node(snapshot: Snapshot):
    verdicts = np.array([1, 0, 2, 1, 0, 1, 0], np.uint8)
    for tree in TREES:
        every, some = (
            Executor(snapshot).hits(tree, BUDGET),
            Executor(snapshot).hits(tree, BUDGET, Admitted(len(verdicts), verdicts=verdicts)),
        )
        rows = np.flatnonzero(verdicts[every.docs])
        assert some.docs.tolist() == every.docs[rows].tolist(), tree
        np.testing.assert_allclose(some.scores(None), every.scores(None)[rows], rtol=1e-12)
        np.testing.assert_allclose(some.scores(np.arange(len(rows))), every.scores(rows), rtol=1e-12)
        assert some.constant is None or set(some.scores(None)) <= {some.constant}


def test_an_index_without_segments(tmp_path: Path):
    gone = Corpus((((Article(document("a.txt", "a"), ({},)),), ()), ((), ("a.txt",))))
    snapshot = Snapshot.open(gone.write(tmp_path / "index"))
    found = Executor(snapshot).matches(q.Or([q.Term("text", "a"), q.Every()]), BUDGET)
    assert found.docs.tolist() == found.scores.tolist() == []
    snapshot.close()
