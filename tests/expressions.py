"""Random queries and requests, for the tests that compare the engine with the naive evaluator."""

from __future__ import annotations

from collections.abc import Sequence

from corpora import DATES, PARENTS, SOURCES, VALUES
from hypothesis import strategies as st
from oracle import Bears, Boosted, Dated, Everything, Expr, Fuzzy, Group, Not, Pattern, Phrase, Typed, Word

from searchkit.model import Request

WORDS = (
    *("missile", "missiles", "MISSILE", "range", "long", "long-range", "attack", "attacking", "US", "us", "U.S."),
    *("S-300", "S300", "F-16", "F16", "F-16s", "elan", "Élan", "don't", "12,000", "12000", "Ukraine", "київ", "導彈"),
    *("war", "wars", "warm", "the", "O'Brien", "zebra"),
)
PATTERNS = ("mis*", "MIS*", "w*", "*s", "m?ssile", "*a*", "wa?", "é*", "導*", "1*", "zz*", "f*", "att*k*")
BITS = ("m", "mi", "missil", "missile", "missiles", "US", "u", "long-r", "S-3", "F-1", "w", "attacks", "él", "zz", "ки")


def nested(part: Expr) -> Expr:
    """A negation that stands inside another one needs brackets to be read as such."""
    return Group("AND", (part, Everything())) if isinstance(part, Not) else part


def leaves() -> st.SearchStrategy[Expr]:
    """Leaves of the query language."""
    words = st.sampled_from(WORDS)
    phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
    dates = st.sampled_from([date for date in DATES if date])
    fields = {"person": "people", "country": "countries", "weapon": "weapons"}
    values = [(name, v.id) for name, of in fields.items() for v in (*VALUES[of], *PARENTS.get(of, ()))]
    return st.one_of(
        words.map(Word),
        words.map(Word),
        words.map(lambda word: Word(word, title=True)),
        st.builds(Phrase, phrases, st.sampled_from((1, 1, 2, 3, 8)), st.sampled_from((False, False, True))),
        st.sampled_from(PATTERNS).map(Pattern),
        st.builds(
            Fuzzy, st.sampled_from(("missile", "mssile", "wra", "war", "elan", "zebra")), st.sampled_from((1, 2))
        ),
        st.sampled_from([*values, ("source", "BBC"), ("source", "Reuters"), ("year", "2024")]).map(lambda v: Bears(*v)),
        dates.map(lambda date: Dated(date, date)),
        st.builds(Dated, st.just("") | dates, dates),
        st.builds(Dated, dates, st.just("")),
        st.just(Everything()),
    )


def expressions() -> st.SearchStrategy[Expr]:
    """Whole queries."""

    def larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        several = st.lists(parts, min_size=2, max_size=4).map(tuple)
        pairs = st.tuples(parts, parts)
        boosts = st.sampled_from((0.5, 2.0, 3.0))
        plain = parts.filter(lambda part: isinstance(part, (Word, Phrase, Group)))
        return st.one_of(
            st.builds(Group, st.sampled_from((" ", "AND", "OR", "OR")), several),
            st.builds(Group, st.sampled_from(("ANDNOT", "ANDMAYBE", "REQUIRE")), pairs),
            st.builds(Not, parts.map(nested), st.sampled_from(("NOT ", "-"))),
            st.builds(Boosted, plain, boosts),
        )

    return st.recursive(leaves(), larger, max_leaves=8)


def scored_expressions() -> st.SearchStrategy[Expr]:
    """Queries whose scores can be told by hand: without negations."""

    def larger(parts: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        several = st.lists(parts, min_size=2, max_size=4, unique=True).map(tuple)
        return st.one_of(
            st.builds(Group, st.sampled_from((" ", "AND", "OR", "OR")), several),
            st.builds(Group, st.sampled_from(("ANDMAYBE", "REQUIRE")), st.tuples(parts, parts)),
        )

    words = st.builds(Word, st.sampled_from(WORDS))
    boosted = st.builds(Boosted, words, st.sampled_from((0.5, 2.0, 3.0)))
    return st.recursive(st.one_of(words, words, boosted, leaves()), larger, max_leaves=6)


def live_expressions() -> st.SearchStrategy[Expr]:
    """Queries whose last word is being typed, without brackets around them."""
    return st.builds(
        lambda parts, last: Group(" ", (*parts, Typed(last))),
        st.lists(expressions(), max_size=2).map(tuple),
        st.sampled_from(BITS),
    )


@st.composite
def requests(draw: st.DrawFn, dimensions: Sequence[str]) -> Request:
    """Selections, exclusions and dates, the values named by id; every dimension is counted."""
    values = {
        name: [value.id for value in (*VALUES[name], *PARENTS.get(name, ()))] for name in dimensions if name in VALUES
    }
    values |= {"source": [source for source in SOURCES if source], "year": ["2022", "2024"]}
    chosen = {
        name: st.lists(st.sampled_from(some), min_size=1, max_size=2, unique=True).map(tuple)
        for name, some in values.items()
    }
    names = draw(st.lists(st.sampled_from(sorted(chosen)), max_size=3, unique=True))
    filters = {name: draw(chosen[name]) for name in names if draw(st.booleans())}
    exclude = {name: draw(chosen[name]) for name in names if draw(st.booleans())}
    return Request(
        filters=filters,
        exclude=exclude,
        all_of=tuple(draw(st.lists(st.sampled_from(sorted(chosen)), max_size=2, unique=True))),
        date_from=draw(st.none() | st.none() | st.sampled_from(DATES)),
        date_to=draw(st.none() | st.none() | st.sampled_from(DATES)),
        scope=draw(st.sampled_from(("paragraph", "paragraph", "document"))),
        limit=1000,
        facet_limit=draw(st.sampled_from((0, 1, 2, 100))),
        dimensions=tuple(dimensions),
    )
