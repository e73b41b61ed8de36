"""From a query string to a plan: Whoosh's tree with every leaf bound to what it means in one snapshot.

A plan holds terms, phrases, clauses over words, values and dates, and the operators between them. Words search the
text; the same words standing in the title raise the score (`AndMaybe`) and never add a hit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final

from whoosh import query as q
from whoosh.query.qcore import Query
from whoosh.query.spans import SpanNear2

from searchkit.errors import QueryLimitError
from searchkit.index import analysis
from searchkit.index.build import day_range
from searchkit.index.schema import TEXT_FIELD, TITLE_FIELD, WORD_FIELD
from searchkit.index.snapshot import Snapshot
from searchkit.model import METADATA_DIMENSIONS, Suggestion
from searchkit.search import patterns
from searchkit.search.clauses import Clause, Dated, Valued, Words
from searchkit.search.matching import Budget
from searchkit.search.ranking import TITLE_BOOST
from searchkit.search.syntax import TYPING, Parser, prepare
from searchkit.search.values import resolve

CLAUSE_LIMIT: Final = 1_024
#: Fields of the query language that name a value of a dimension.
VALUE_FIELDS: Final = {"person": "people", "country": "countries", "weapon": "weapons"}
DATE_FIELD: Final = "date"
_DATE: Final = re.compile(r"[0-9]{4}(?:-[0-9]{1,2}(?:-[0-9]{1,2})?)?")
_LETTERS: Final = re.compile(r"[A-Za-z]{1,4}")
_DIGITS: Final = re.compile(r"[0-9]{1,4}[A-Za-z0-9-]*")
_FAR: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. `matching` decides the hits, `scoring` is the same with the title's share of the score."""

    matching: Query
    scoring: Query
    shown: str
    notes: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def plan(snapshot: Snapshot, query: str, *, live: bool = False, budget: Budget | None = None) -> Plan:
    """Read a query as one snapshot understands it; half-typed input never fails, `QueryLimitError` past the limits.

    Patterns are looked up in the dictionary here, for as long as the `budget` lasts.
    """
    prepared = prepare(query, live=live)
    bound = _Bound(snapshot, budget)
    tree = q.Every() if not prepared.strip() else tidy(Parser(bound).parsed(prepared))
    if tree == q.NullQuery:
        if live:  # an opening bracket or quote: there is nothing to narrow by as yet
            tree = q.Every()
        else:
            bound.note("nothing in the query can be searched for; it has no words")
    count = sum(len(_parts(leaf)) for leaf in leaves(tree))
    if count > CLAUSE_LIMIT:
        raise QueryLimitError(f"the query has {count:,} clauses, the limit is {CLAUSE_LIMIT:,}; use `batch`")
    titles = [q.Term(TITLE_FIELD, text, boost=boost * TITLE_BOOST) for text, boost in _positive_words(tree).items()]
    scoring = q.AndMaybe(tree, q.Or(titles)) if titles else tree
    return Plan(tree, scoring, show(as_typed(tree, words_typed(query))), tuple(bound.notes), tuple(bound.suggestions))


@dataclass(slots=True)
class _Bound:
    """The meaning of a query's leaves in a snapshot (`syntax.Meaning`), and what there is to say about them."""

    snapshot: Snapshot
    budget: Budget | None = None
    notes: list[str] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)

    @property
    def fields(self) -> Sequence[str]:
        return (*VALUE_FIELDS, DATE_FIELD, *self.snapshot.dimensions)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def spend(self) -> None:
        """To be called before the dictionary is searched."""
        if self.budget is not None:
            self.budget.spend()

    def unknown_field(self, name: str) -> None:
        self.note(f"{name!r} is no field; it is searched as a word (fields: title, {', '.join(self.fields)})")

    def idle_operator(self, word: str) -> None:
        self.note(f"{word} has nothing to work on; it is searched as a word")

    def designation(self, letters: str, digits: str) -> bool:
        if not (_LETTERS.fullmatch(letters) and _DIGITS.fullmatch(digits)):
            return False
        return letters in designation_letters() or (len(letters) == 1 and letters.upper() in designation_letters())

    def word(self, field: str, text: str, boost: float) -> Query | None:
        if field in self.fields:
            return self._selection(field, text.rstrip(TYPING))
        typed = text.endswith(TYPING)
        words = [list(analysis.pieces(match.group())) for match in analysis.RAW_TOKEN.finditer(text.rstrip(TYPING))]
        words = [pieces for pieces in words if pieces]
        parts = [
            self._together(field, [self._term(field, piece) for piece in pieces], 1, boost)
            if not (typed and pieces is words[-1])
            else self._typed(field, pieces, boost)
            for pieces in words
        ]
        return parts[0] if len(parts) == 1 else q.And(parts) if parts else None

    def _term(self, field: str, piece: analysis.Piece) -> Query:
        return q.Term(field, piece.term)

    def _typed(self, field: str, pieces: list[analysis.Piece], boost: float) -> Query:
        """A word of which more letters may come: every word that begins so, or the word itself, stemmed."""
        last = pieces[-1]
        words = patterns.prefixed(self.snapshot, _words_of(field), analysis.fold(last.word), limit=None)
        prefix = Words(f"{last.word}*", words, field=_words_of(field))
        if len(pieces) == 1:
            prefix.boost = boost
            return q.Or([q.Term(field, last.term, boost=boost), prefix])
        head = [self._term(field, piece) for piece in pieces[:-1]]
        whole = self._together(field, [*head, self._term(field, last)], 1, boost)
        return q.Or([whole, self._together(field, [*head, prefix], 1, boost)])

    def _together(self, field: str, parts: list[Query], slop: int, boost: float) -> Query:
        """Parts that stand one after the other."""
        if len(parts) == 1:
            parts[0].boost *= boost
            return parts[0]
        if all(isinstance(part, q.Term) for part in parts):
            return q.Phrase(field, [part.text for part in parts], slop=slop, boost=boost)
        return SpanNear2(parts, slop=slop, ordered=True, mindist=1)

    def phrase(self, field: str, text: str, slop: int, boost: float) -> Query | None:
        if field in self.fields:
            return self._selection(field, " ".join(text.rstrip(TYPING).split()))
        typed = text.endswith(TYPING)
        pieces = [piece for piece, _ in analysis.words(text.rstrip(TYPING))]
        if not pieces:
            return None
        parts = [self._term(field, piece) for piece in pieces]
        if typed:
            words = patterns.prefixed(self.snapshot, _words_of(field), analysis.fold(pieces[-1].word), limit=None)
            prefix = Words(f"{pieces[-1].word}*", words, field=_words_of(field))
            whole = self._together(field, list(parts), slop, boost)
            return q.Or([whole, self._together(field, [*parts[:-1], prefix], slop, boost)])
        return self._together(field, parts, slop, boost)

    def pattern(self, field: str, text: str, boost: float) -> Query | None:
        text = text.rstrip(TYPING)
        if field in self.fields:
            return self._selection(field, text.replace("*", "").replace("?", ""))
        if not text.strip("*?"):
            # A lone star is every paragraph that has a word; a lone `?` is no more use than that.
            return q.Every()
        dictionary = _words_of(field)
        parts: list[Query] = []
        for bit in re.split(r"[^\w*?']+", text):
            word = "".join(part if part in "*?" else analysis.fold(part) for part in re.split(r"([*?])", bit))
            if not word.strip("*?"):
                continue
            if "*" not in word and "?" not in word:
                parts += [self._term(field, piece) for piece in analysis.pieces(bit)]
                continue
            self.spend()
            words: Collection[bytes]
            if word.endswith("*") and word.count("*") == 1 and "?" not in word:
                words = patterns.prefixed(self.snapshot, dictionary, word[:-1])
            else:
                words = patterns.wildcard(self.snapshot, dictionary, word)
            parts.append(Words(word, words, field=dictionary))
        return self._together(field, parts, 1, boost) if parts else None

    def fuzzy(self, field: str, text: str, distance: int, prefix: int, boost: float) -> Query | None:
        if field in self.fields:
            return self._selection(field, text)
        pieces = [piece for piece, _ in analysis.words(text)]
        if distance > 2:
            self.note(f"{text}~{distance} is searched as {text}~2, the widest there is")
        if len(pieces) != 1:
            return self.word(field, text, boost)
        word, distance = pieces[0].word, min(distance, 2)
        self.spend()
        words = patterns.fuzzy(self.snapshot, _words_of(field), word, distance, prefix)
        return Words(f"{word}~{distance}", words, boost, _words_of(field))

    def span(self, field: str, low: str | None, high: str | None, boost: float) -> Query | None:
        if field == DATE_FIELD:
            return self._dates(low, high)
        if field in self.fields:
            self.note(f"a range of {field} is not understood; it is searched as words")
            return self.word(TEXT_FIELD, f"{field} {low or ''} {high or ''}", boost)
        dictionary = _words_of(field)
        low, high = (analysis.fold(end) if end else None for end in (low, high))
        words = patterns.between(self.snapshot, dictionary, low, high)
        return Words(f"[{low or ''} TO {high or ''}]", words, boost, dictionary)

    def _dates(self, low: str | None, high: str | None) -> Query | None:
        days = [parse_date(end.strip()) if end else (0, 0) for end in (low, high)]
        if days[0] is None or days[1] is None:
            return self._no_date(f"{low or ''} {high or ''}")
        return Dated(f"date:[{low or ''} TO {high or ''}]", days[0][0] if low else 1, days[1][1] if high else _FAR)

    def _no_date(self, text: str) -> Query | None:
        self.note(f"{text.strip()!r} is no date (YYYY, YYYY-MM or YYYY-MM-DD); it is searched as words")
        return self.word(TEXT_FIELD, f"{DATE_FIELD} {text}", 1.0)

    def _selection(self, field: str, name: str) -> Query | None:
        if field == DATE_FIELD:
            days = parse_date(name)
            return self._no_date(name) if days is None else Dated(f"date:{name}", *days)
        dimension = VALUE_FIELDS.get(field, field)
        self.spend()
        found = resolve(self.snapshot, dimension, name)
        for note in found.notes:
            self.note(note)
        self.suggestions += found.suggestions
        shown = name
        if len(found.ordinals) == 1 and dimension not in METADATA_DIMENSIONS:
            shown = self.snapshot.value(dimension, next(iter(found.ordinals))).label
        return Valued(
            f'{field}:"{shown}"' if " " in shown else f"{field}:{shown}", self.snapshot, dimension, found.ordinals
        )


def _words_of(field: str) -> str:
    """The field whose dictionary holds the words that a pattern on `field` means; titles have stems only."""
    return WORD_FIELD if field == TEXT_FIELD else field


def parse_date(text: str) -> tuple[int, int] | None:
    """First and last day of a date that may be partial, None where it is no date."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return day_range(text)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def designation_letters() -> frozenset[str]:
    """Letters that designations of weapons begin with, so that `S 300` is read as `S-300` and `in 2022` is not."""
    lines = (files("searchkit.search") / "designations.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


# The tree


def leaves(node: Query) -> Iterator[Query]:
    """Every leaf of a tree; a phrase counts as one."""
    if node.is_leaf() or isinstance(node, SpanNear2):
        yield node
    else:
        for child in node.children():
            yield from leaves(child)


def _parts(leaf: Query) -> Sequence[object]:
    """What a leaf has to look up: one thing, or each word of a phrase."""
    return leaf.words if isinstance(leaf, q.Phrase) else leaf.qs if isinstance(leaf, SpanNear2) else (leaf,)


def positive(node: Query) -> Iterator[Query]:
    """The leaves that a hit may match: those below a negation are left out."""
    if isinstance(node, q.Not):
        return
    if isinstance(node, q.AndNot):
        yield from positive(node.a)
    elif node.is_leaf() or isinstance(node, SpanNear2):
        yield node
    else:
        for child in node.children():
            yield from positive(child)


def _positive_words(tree: Query) -> dict[str, float]:
    """Stems of the text that hits may have, each with its boost: what is looked for in titles as well."""
    found: dict[str, float] = {}
    for leaf in positive(tree):
        if isinstance(leaf, q.Term) and leaf.fieldname == TEXT_FIELD:
            found[leaf.text] = found.get(leaf.text, 0.0) + leaf.boost
        elif isinstance(leaf, q.Phrase) and leaf.fieldname == TEXT_FIELD:
            for word in leaf.words:
                found[word] = found.get(word, 0.0) + leaf.boost
    return found


def tidy(node: Query) -> Query:  # noqa: PLR0911 - one return for each kind of node
    """A tree of the same meaning that every engine runs alike.

    Empty parts go, nested groups of one kind become one, what is repeated is there once and counts as often, and a
    group of negations only is subtracted from everything.
    """
    if isinstance(node, SpanNear2) or node.is_leaf():
        return node
    if isinstance(node, q.Not):
        inner = tidy(node.query)
        return q.Every() if inner == q.NullQuery else q.Not(inner)
    if isinstance(node, (q.AndNot, q.AndMaybe, q.Require)):
        first, second = tidy(node.a), tidy(node.b)
        if q.NullQuery in (first, second):
            left = second if first == q.NullQuery and not isinstance(node, q.AndNot) else first
            return _boosted(left, node.boost)
        if isinstance(node, q.AndNot):
            return q.And([first, q.Not(second)], boost=node.boost)
        return _boosted(type(node)(first, second), node.boost)
    if not isinstance(node, (q.And, q.Or)):
        return node
    parts: list[Query] = []
    for child in map(tidy, node.children()):
        same = type(child) is type(node) and child.boost == 1.0
        parts += child.children() if same else [child] if child != q.NullQuery else []
    parts = _counted(parts)
    if isinstance(node, q.And) and parts and all(isinstance(part, q.Not) for part in parts):
        parts.insert(0, q.Every())
    if len(parts) == 1 and not isinstance(parts[0], q.Not):
        return _boosted(parts[0], node.boost)
    return type(node)(parts, boost=node.boost) if parts else q.NullQuery


def _boosted(node: Query, boost: float) -> Query:
    """The node with its boost multiplied; Whoosh would lose that of a group of one, and knows none of these pairs."""
    if boost == 1.0:
        return node
    if isinstance(node, (q.AndMaybe, q.Require)):
        return type(node)(_boosted(node.a, boost), _boosted(node.b, boost))
    if not hasattr(node, "boost"):
        return node
    raised = copy(node)
    raised.boost *= boost
    return raised


def _counted(parts: Sequence[Query]) -> list[Query]:
    """What is repeated among the parts of a group, merged; it counts as often as it occurs, by its boost."""
    kept: list[Query] = []
    times: list[float] = []
    for part in parts:
        # A term's boosts add up whatever they are.
        plain = q.Term(part.fieldname, part.text) if isinstance(part, q.Term) else part
        count = part.boost if isinstance(part, q.Term) else 1.0
        if plain not in kept or not hasattr(plain, "boost"):
            kept.append(plain)
            times.append(count)
        elif not (isinstance(part, q.Not) or (isinstance(part, Clause) and not part.score)):  # these give no score
            times[kept.index(plain)] += count
    return [_boosted(part, count) for part, count in zip(kept, times, strict=True)]


def words_typed(query: str) -> dict[str, str]:
    """Term -> the word of the query, folded, that it stands for: nobody knows their words by the stem."""
    return {piece.term: piece.word for piece, _ in analysis.words(query)}


def as_typed(tree: Query, typed: Mapping[str, str]) -> Query:
    """A tree with the words that were typed in the place of their terms, to be shown and not to be run."""

    def spelled(leaf: Query) -> Query:
        match leaf:
            case q.Term():
                return q.Term(leaf.fieldname, typed.get(leaf.text, leaf.text), boost=leaf.boost)
            case q.Phrase():
                words = [typed.get(word, word) for word in leaf.words]
                return q.Phrase(leaf.fieldname, words, slop=leaf.slop, boost=leaf.boost)
            case _:
                return leaf

    return tree.accept(spelled)


def show(node: Query) -> str:  # noqa: PLR0911 - one return for each kind of node
    """A tree as text, in the query language."""
    boost = f"^{node.boost:g}" if getattr(node, "boost", 1.0) != 1.0 else ""
    match node:
        case q.Every():
            return "*:*"
        case q.Term():
            return (f"{node.fieldname}:" if node.fieldname == TITLE_FIELD else "") + str(node.text) + boost
        case q.Phrase():
            slop = f"~{node.slop}" if node.slop > 1 else ""
            return (
                f"{node.fieldname}:" if node.fieldname == TITLE_FIELD else ""
            ) + f'"{" ".join(node.words)}"{slop}{boost}'
        case SpanNear2():
            return f'"{" ".join(show(part) for part in node.qs)}"'
        case q.Not():
            return f"-{show(node.query)}"
        case q.AndMaybe():
            return f"({show(node.a)} ANDMAYBE {show(node.b)})"
        case q.Require():
            return f"({show(node.a)} REQUIRE {show(node.b)})"
        case q.And():
            return f"({' '.join(map(show, node.children()))}){boost}"
        case q.Or():
            return f"({' OR '.join(map(show, node.children()))}){boost}"
        case _:
            return "" if node == q.NullQuery else f"{node}{boost}"
