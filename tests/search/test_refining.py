"""What refines a search is answered from its hits, and no otherwise than if it had been asked first."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from corpora import QUICK, Corpus, corpora, document, examples, write
from expressions import WORDS, expressions
from hypothesis import given
from hypothesis import strategies as st
from oracle import Group

from searchkit.index.snapshot import Snapshot
from searchkit.model import Request, Results
from searchkit.search import finding
from searchkit.search.local import LocalEngine
from searchkit.search.plan import plan
from searchkit.search.refining import refines

OPERATORS = ("AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE")
TEXT = "the missile war was a long-range attack; attacking missiles range wide"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return Snapshot.open(write(tmp_path_factory.mktemp("index"), document("a.txt", TEXT, title="Missiles")))


@pytest.mark.parametrize(
    ("later", "earlier", "does"),
    [
        ("missile attack", "missile", True),
        ("missile", "missile attack", False),
        ("missile attack wide", "wide missile", True),
        ("missiles attack", "missile", True),  # one term
        ("miss*", "mis*", True),
        ("mis*", "miss*", False),
        ("missile", "mis*", True),
        ("attack", "mis*", False),
        ("attack", "attacking*", False),  # the term stands for other words too
        ("missile OR attack", "mis* OR attack OR wide", True),
        ("missile OR attack", "missile", False),
        ('"missile war"', "war", True),
        ('"missile war was"', '"missile war"', True),
        ('"missile war"', '"missile war"~3', True),
        ('"missile war"~3', '"missile war"', False),
        ('"war missile"', '"missile war"', False),
        ("missile -war", "missile", True),
        ("missile -war", "-war", True),
        ("missile", "missile -war", False),
        ("missile ANDMAYBE war", "missile", True),
        ("missile ANDMAYBE war", "war", False),
        ("missile REQUIRE war", "war", True),
        ("missile^2 war", "missile", False),  # it is another leaf, and not looked into
        ("year:2024 war", "year:2024", True),
        ("title:missile war", "missile", False),
        ("missile", "", True),
        (" ".join(["missile"] * 3 + [f"w{n}" for n in range(80)]), "missile", False),  # too much to look at
    ],
)
def test_refinements_are_told_by_their_form(snapshot: Snapshot, later: str, earlier: str, does: bool):
    trees = [plan(snapshot, query).matching for query in (later, earlier)]
    assert refines(trees[0], trees[1], snapshot.words_of) is does


def test_what_is_typed_refines_what_was_typed_before(snapshot: Snapshot):
    typed = 'mis "long range att'
    steps = [plan(snapshot, typed[:end], live=True).matching for end in range(1, len(typed) + 1)]
    told = [refines(later, earlier, snapshot.words_of) for earlier, later in pairwise(steps)]
    assert told.count(False) <= 2, list(zip(typed[1:], told, strict=True))  # where a word ends and where a phrase opens


@examples(60)
@given(
    corpora(commits=2), expressions(), expressions(), st.sampled_from(("AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"))
)
def test_hits_of_a_refinement_are_hits(corpus: Corpus, one, other, joined: str):
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        snapshot = Snapshot.open(corpus.write(Path(folder)))
        finder = finding.Finder(snapshot)
        queries = [one, other, Group(joined, (one, other)), Group("AND", (other, one))]
        trees = [plan(snapshot, query.written()).matching for query in queries]
        hits = [set(finder.run(tree, finding.Budget(60)).docs.tolist()) for tree in trees]
        for later, mine in zip(trees, hits, strict=True):
            for earlier, those in zip(trees, hits, strict=True):
                assert mine <= those or not refines(later, earlier, snapshot.words_of), (later, earlier)
        snapshot.close()


@examples(30)
@given(corpora(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), st.sampled_from(("", '"')), st.data())
def test_answers_are_the_same_whatever_was_asked_before(corpus: Corpus, words, quote: str, data: st.DataObject):
    typed = quote + " ".join(words)
    whole = data.draw(expressions()).written()
    asked = [Request(typed[:end], live=True, limit=100) for end in range(1, len(typed) + 1)]
    asked += [Request(whole), Request(f"({whole}) {typed.strip(quote)}"), Request(f"({whole}) {words[0]}")]
    with (
        tempfile.TemporaryDirectory(dir=QUICK) as folder,
        pytest.MonkeyPatch.context() as patched,
        LocalEngine.open(corpus.write(Path(folder)), deadline=60) as engine,
        LocalEngine.open(engine._directory, deadline=60) as plain,
    ):
        patched.setattr(finding, "_NARROW", 0)
        patched.setattr(plain._generation.finder._recent, "last", lambda: None)
        for request in asked:
            assert untimed(engine.search(request)) == untimed(plain.search(request)), request.query


def untimed(results: Results) -> Results:
    return replace(results, took_ms=0.0)
