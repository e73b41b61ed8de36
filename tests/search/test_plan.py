"""Plans: what a tree is tidied to, how it is shown, and that dates are read as they are meant."""

from __future__ import annotations

import datetime as dt

import pytest
from whoosh import query as q
from whoosh.query.spans import SpanNear2

from searchkit.search.plan import leaves, parse_date, positive, show, tidy

A, B, C = (q.Term("text", word) for word in "abc")
NULL = q.NullQuery


def term(word: str, boost: float) -> q.Query:
    return q.Term("text", word, boost=boost)


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        (A, "a"),
        (q.And([A, B]), "(a b)"),
        (q.And([A, q.And([B, C])]), "(a b c)"),
        (q.Or([A, q.Or([B, C])]), "(a OR b OR c)"),
        (q.And([A, q.Or([B, C])]), "(a (b OR c))"),
        (q.And([A, q.And([B, C], boost=2)]), "(a (b c)^2)"),
        (q.And([A]), "a"),
        (q.And([A], boost=2), "a^2"),
        (q.And([]), ""),
        (q.And([A, NULL]), "a"),
        (q.Or([NULL, NULL]), ""),
        (q.And([A, A, B]), "(a^2 b)"),
        (q.Or([A, term("a", 3)]), "a^4"),
        (q.Not(A), "-a"),
        (q.Not(NULL), "*:*"),
        (q.And([q.Not(A), q.Not(B)]), "(*:* -a -b)"),
        (q.Or([q.Not(A)]), "(-a)"),
        (q.AndNot(A, B), "(a -b)"),
        (q.AndNot(NULL, B), ""),
        (q.AndNot(A, NULL), "a"),
        (q.AndMaybe(A, B), "(a ANDMAYBE b)"),
        (q.AndMaybe(A, NULL), "a"),
        (q.And([q.AndMaybe(A, B)], boost=2), "(a^2 ANDMAYBE b^2)"),
        (q.Or([q.And([q.AndMaybe(A, q.Require(B, C))], boost=2), C]), "((a^2 ANDMAYBE (b^2 REQUIRE c^2)) OR c)"),
        (q.AndMaybe(NULL, B), "b"),
        (q.Require(A, B), "(a REQUIRE b)"),
        (q.Phrase("text", ["a", "b"]), '"a b"'),
        (q.Phrase("title", ["a", "b"], slop=3, boost=2), 'title:"a b"~3^2'),
        (SpanNear2([A, B]), '"a b"'),
        (q.Term("title", "a"), "title:a"),
        (q.Every(), "*:*"),
    ],
)
def test_trees_are_tidied_and_shown(tree: q.Query, shown: str):
    assert show(tidy(tree)) == shown
    assert show(tidy(tidy(tree))) == shown


def test_leaves():
    tree = q.And([A, q.Not(B), q.AndNot(C, A), SpanNear2([A, B]), q.Phrase("text", ["x"])])
    assert len(list(leaves(tree))) == 6
    assert [show(leaf) for leaf in positive(tree)] == ["a", "c", '"a b"', '"x"']


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2024", "2024-01-01", "2024-12-31"), ("2024-2", "2024-02-01", "2024-02-29"), ("2024-02-29", *["2024-02-29"] * 2)],
)
def test_dates(text: str, first: str, last: str):
    assert parse_date(text) == (dt.date.fromisoformat(first).toordinal(), dt.date.fromisoformat(last).toordinal())


@pytest.mark.parametrize(
    "text", ["", "24", "2024-", "2024-13", "2023-02-29", "0000", "2024-1-1-1", "x", "٢٠٢٤", "2024\n"]
)
def test_what_is_no_date(text: str):
    assert parse_date(text) is None
