"""The query language as a table (`queries.toml`), and whatever else may be typed."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from corpora import document, examples, write
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import QueryLimitError
from searchkit.model import Label, Request, Value
from searchkit.search import syntax
from searchkit.search.local import LocalEngine

TABLE = tomllib.loads((Path(__file__).parent / "queries.toml").read_text("utf-8"))
QUERIES = TABLE["query"]

#: Queries that are hard to read at some point of being typed.
NASTY = [
    '"long-range missiles"~3 AND (title:kyiv OR country:"United States") NOT person:biden^2',
    "date:[2024-11 TO 2024-12] -source:Reuters",
    "date:{2024 TO ]x] [a TO b} {TO} [TO [ TO ]",
    "((((a OR (b AND (c NOT d))))))",
    "a ANDMAYBE b REQUIRE c ANDNOT d OR NOT NOT e",
    "NOT OR AND ANDNOT REQUIRE ANDMAYBE",
    '- -- -a --a -(a) -"b" -title:c a- a-b -a-b +a +-b',
    '* ? ** *? a* *a a*b a?b *a* "a*" title:a* title:*',
    'a~ a~1 a~2/1 a~9 a~1/9 ~ ~1 a~b "a"~ "a b"~0 "a b"~99999 misile~2^3',
    'a^ a^2 a^-1 a^2.5.5 ^ ^2 (a b)^2 "a b"^2 a^999999999999999999999999',
    ': a: :a a:b: title: title:: title:title:a *:* *: a:* person: person:"" person:* person:a~1 person:[a TO b]',
    "\u201cquoted\u201d \u2018single\u2019 \u00abguillemets\u00bb \u201elow\u201c 'a b' `c`",
    "U.S. U.S U. .S. ... a.b.c 1.2.3 1,2,3 12,000.5 ,,, a,b",
    'S-300 S 300 S- 300 S -300 F-16s Kh-47M2 M 1 A 1 s 300^2 "S 300" S 300* S 300~1',
    '(a b "c d (e f" g) h) i ( ) () (()) )( ) (',
    '\\ \\" a\\b \\* / // a/b /a/ | || && & ! !a a! @ # $ % = == <a> {a} ; a;b',
    "\u0000\u0001\t\n\r\x1f\x7f \ud800 \udfff a\ud800b \ue000 a\ue000b \uffff \ufeff",
    '導彈 ミサイル* 미사일~1 "導彈" שלום العربية हिन्दी e\u0301lan \u0301 \u200d \u00ad',
    "https://example.org/a?b=c&d=e#f user@example.org C:\\x 10:30 a::b",
    'TO [a TO b] to [to TO to] ["a b" TO c] title:[a TO b] country:[a TO b] date:[2024]',
]


def value(text: str) -> Value:
    """`id|label|parent id:parent label`."""
    one, label, *above = text.split("|")
    parent = Value(*above[0].split(":")) if above else None
    return Value(one, label, parent)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    articles = []
    for name, text in TABLE["paragraphs"].items():
        more = {key[:-1]: TABLE[key].get(name) for key in ("titles", "dates", "sources")}
        values: Mapping[str, list[str]] = TABLE["values"].get(name, {})
        labels = {dimension: tuple(Label(value(one)) for one in some) for dimension, some in values.items()}
        articles.append((document(name, text, **more), [labels]))
    with LocalEngine.open(write(tmp_path_factory.mktemp("index"), *articles), deadline=60) as engine:  # however busy
        yield engine


@pytest.mark.parametrize("row", QUERIES, ids=[f"{row['query']}{' (live)' * row.get('live', False)}" for row in QUERIES])
def test_a_query_of_the_table(engine: LocalEngine, row: dict):
    results = engine.search(Request(row["query"], live=row.get("live", False), limit=100))
    expected = TABLE["paragraphs"] if row["hits"] == "all" else row["hits"]
    assert sorted(hit.document for hit in results.hits) == sorted(expected), results.parsed
    assert row.get("parsed") in (None, results.parsed)
    assert row.get("first") in (None, *(hit.document for hit in results.hits[:1]))
    for part in row.get("notes", ()):
        assert any(part in note for note in results.notes), results.notes
    if "notes" not in row:
        assert not [note for note in results.notes if "no field" in note or "no date" in note or "means any" in note]
        assert not [note for note in results.notes if "nothing to work on" in note]


def read(engine: LocalEngine, query: str, *, live: bool) -> None:
    try:
        results = engine.search(Request(query, live=live))
    except QueryLimitError:
        pass
    else:
        assert results.total == len(results.hits) or len(results.hits) == 20


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("query", NASTY)
def test_whatever_is_typed_so_far_is_answered(engine: LocalEngine, query: str, live: bool):
    for end in range(len(query) + 1):
        read(engine, query[:end], live=live)


@examples(150)
@given(
    st.text(max_size=12)
    | st.lists(st.sampled_from([*"ab\"()[]{}:*?~^-+ .'", " TO ", " OR ", " NOT ", "title:", "~1"]), max_size=12).map(
        "".join
    ),
    st.booleans(),
)
def test_nothing_that_is_typed_raises(engine: LocalEngine, query: str, live: bool):
    read(engine, query, live=live)


@examples(60)
@given(st.text(max_size=20) | st.text(st.characters(categories=("Cs",)), min_size=1, max_size=3))
def test_no_name_of_a_value_raises(engine: LocalEngine, name: str):
    results = engine.search(Request(filters={"people": (name,)}, exclude={"countries": (name,), "source": (name,)}))
    assert [one.id for one in results.facets["people"].values if one.selected] != []


LETTERS = str.maketrans("0123456789", "abcdefghij")
BOMBS = {
    "20,000 ORs": " OR ".join(["a"] * 20_000),
    "as many ORs as a query may be long": " OR ".join("x" + str(i).translate(LETTERS) for i in range(3000)),
    "in the middle of everything": "*a*",
    "depth 10,000": "(" * 10_000 + "x" + ")" * 10_000,
    "negations": "NOT " * 8000 + "x",
    "a regular expression": "(a+)+$",
    "open brackets": "[" * 10_000,
    "ranges": "[a TO " * 64,
    "2 MB": "word " * 400_000,
    "NUL bytes": "a\0b\0" * 1000,
    "lone surrogates": "\ud800\udc00 \udfff" * 100,
    "quotes": '"' * 10_001,
    "a long space": " " * 32_000 + "x",
    "a long space behind": "x" + " " * 32_000,
    "a long word": "a" * 32_000,
    "a long fuzzy word": "a" * 32_000 + "~2",
    "many fuzzy words": " ".join(f"word{i}~2" for i in range(100)),
    "a word of many parts": "a-" * 16_000,
    "a wild card": "*a" * 8000,
    "dashes": "- " * 16_000,
    "marks": "e" + "\u0301" * 32_000,
    "colons": "a:" * 16_000,
    "a range that never ends": "[" * 60 + "a TO " * 6000,
    "question marks": "?" * 32_000,
    "phrases": '"a b"~1000 ' * 1000,
    "operators": "a AND b OR c ANDNOT d ANDMAYBE e REQUIRE f " * 700,
}


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_or_refused(engine: LocalEngine, name: str, live: bool):
    """`scripts` measure how long that takes; here it has to end as anything else does."""
    read(engine, BOMBS[name], live=live)


def test_a_boost_beyond_all_bounds_is_a_large_one(engine: LocalEngine):
    one, other = (engine.search(Request(f"missiles^{boost}")) for boost in ("9" * 400, "1000000"))
    assert [hit.score for hit in one.hits] == [hit.score for hit in other.hits]
    assert all(map(math.isfinite, (hit.score for hit in one.hits)))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (BOMBS["2 MB"], "2,000,000 characters"),
        (BOMBS["depth 10,000"][:21_000], "10,000 deep"),
        (BOMBS["as many ORs as a query may be long"], "clauses, the limit is 1,024"),
        (BOMBS["open brackets"], "ranges"),
        ('"' + "word " * 2000 + '"', "2,000 clauses"),
    ],
    ids=["length", "depth", "clauses", "ranges", "phrase"],
)
def test_limits_say_what_they_are(engine: LocalEngine, query: str, message: str):
    with pytest.raises(QueryLimitError, match=message):
        engine.search(Request(query))


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("a", f"a{syntax.TYPING}"),
        ("a ", "a "),
        ("a -", "a"),
        ("a - ", "a"),
        ("a OR ", "a"),
        ("a AND", "a"),
        ("a AND NOT", "a"),
        ("a AND NOT -", "a"),
        ("AND", ""),
        ("(-", "("),
        ("(a AND", "(a"),
        ("a (NOT", "a ("),
        ("sand", f"sand{syntax.TYPING}"),
        ("a-", f"a-{syntax.TYPING}"),
        ("a*", "a*"),
        ("a~1", "a~1"),
        ("a^2", "a^2"),
        ("a^2.5", "a^2.5"),
        ('"a', f'"a{syntax.TYPING}"'),
        ('"a b"', '"a b"'),
        ('"a b"~2', '"a b"~2'),
        ("title:", "title:"),
        ("\ue000", " "),
    ],
)
def test_what_is_being_typed_is_marked(typed: str, prepared: str):
    assert syntax.prepare(typed, live=True) == prepared
