"""The query language: Whoosh's parser, set up leniently, with the decisions that `contracts.md` makes.

The parser only says what was written. What words, names and dates come to in an index is decided by the `Meaning`
that it is given (`searchkit.search.plan`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

from whoosh import query as q
from whoosh.qparser import plugins, syntax
from whoosh.qparser.default import QueryParser
from whoosh.qparser.taggers import RegexTagger
from whoosh.query.qcore import Query

from searchkit.errors import QueryLimitError
from searchkit.index.schema import TEXT_FIELD, TITLE_FIELD, schema

#: Limits of a query, each with a clear error.
LENGTH_LIMIT: Final = 32_768
DEPTH_LIMIT: Final = 20
BRACKET_LIMIT: Final = 64
WILDCARD_LIMIT: Final = 1_024
#: The largest boost; what is larger is taken for it.
LARGEST_BOOST: Final = 1e6
#: Stands behind the last word while it is being typed: a private-use character that no query keeps.
TYPING: Final = "\ue000"

_QUOTES: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"') | {TYPING: " "})
#: Those that Whoosh's parser knows: Armenian, Arabic and Ethiopic question marks are `?` too.
_WILDCARDS: Final = "*?\u055e\u061f\u1367"
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_OPERATORS: Final = frozenset(("AND", "OR", "NOT", "ANDNOT", "ANDMAYBE", "REQUIRE", "-", "+"))
_OPERATOR_WORD: Final = re.compile(r"\b(?:AND|OR|NOT|ANDNOT|ANDMAYBE|REQUIRE)\b")
_TO: Final = re.compile(r"\bto\b", re.IGNORECASE)
_BEING_TYPED: Final = re.compile(r"[^\s()\[\]{}*?~^:\"]$")
_NUMBERED: Final = re.compile(r"[~^][0-9./]{1,16}$")


class Meaning(Protocol):
    """What the leaves of a query come to."""

    @property
    def fields(self) -> Sequence[str]:
        """Names of fields that select values of a dimension, or dates."""

    def word(self, field: str, text: str, boost: float) -> Query | None:
        """Plain text of one leaf, possibly several words. A `TYPING` behind it asks for its expansion."""

    def phrase(self, field: str, text: str, slop: int, boost: float) -> Query | None:
        """Text in quotes."""

    def pattern(self, field: str, text: str, boost: float) -> Query | None:
        """Text with `*` or `?` in it."""

    def fuzzy(self, field: str, text: str, distance: int, prefix: int, boost: float) -> Query | None:
        """A word with `~`."""

    def span(self, field: str, low: str | None, high: str | None, boost: float) -> Query | None:
        """A range `[low TO high]`."""

    def unknown_field(self, name: str) -> None:
        """A word with a colon behind it that is no field."""

    def idle_operator(self, word: str) -> None:
        """An operator with nothing to work on, which is a word."""

    def designation(self, letters: str, digits: str) -> bool:
        """Whether two neighbouring words are one designation (`S 300`)."""


def prepare(text: str, *, live: bool) -> str:
    """The query as the parser gets it. `QueryLimitError` where it is too long or too deep.

    Curly quotes become quotes, an open one is closed, control characters are spaces. In live mode the operator that
    stands at the end is dropped, and the word that stands there marked with `TYPING`.
    """
    if len(text) > LENGTH_LIMIT:
        raise QueryLimitError(f"the query has {len(text):,} characters, the limit is {LENGTH_LIMIT:,}; use `batch`")
    text = _CONTROLS.sub(" ", text.translate(_QUOTES))
    depth = deepest = 0
    for char in text:
        depth += (char == "(") - (char == ")" and depth > 0)
        deepest = max(deepest, depth)
    if deepest > DEPTH_LIMIT:
        raise QueryLimitError(f"the query is nested {deepest:,} deep, the limit is {DEPTH_LIMIT}")
    if text.count("[") + text.count("{") > BRACKET_LIMIT:
        raise QueryLimitError(f"the query has more than {BRACKET_LIMIT} ranges")
    if sum(map(text.count, _WILDCARDS)) > WILDCARD_LIMIT:
        raise QueryLimitError(f"the query has more than {WILDCARD_LIMIT:,} wildcards")
    if live:
        settled = _without_operators(text)
        being_typed = settled == text and _BEING_TYPED.search(text[-1:]) and not _NUMBERED.search(text[-17:])
        text = text + TYPING if being_typed else settled
    return text + '"' if text.count('"') % 2 else text


def _without_operators(text: str) -> str:
    """The text without the operators that stand at its end, which wait for what they are to work on."""
    end = len(text.rstrip(" "))
    while True:
        start = max(text.rfind(" ", 0, end), text.rfind("(", 0, end)) + 1
        if text[start:end] not in _OPERATORS:
            return text if end == len(text.rstrip(" ")) else text[:end]
        end = len(text[:start].rstrip(" "))


class _FieldsPlugin(plugins.FieldsPlugin):
    """Fields that exist; the others are words, and the user is told."""

    class Tagger(plugins.FieldsPlugin.FieldnameTagger):
        def __init__(self, meaning: Meaning) -> None:
            super().__init__(r"(?<![^\s(\-+])(?P<text>\w+|[*]):(?=\S)")
            self._meaning = meaning

        def create(self, parser: QueryParser, match: re.Match[str]) -> syntax.SyntaxNode | None:  # noqa: ARG002 - Whoosh's
            name = match.group("text").casefold()
            if name not in (*self._meaning.fields, TEXT_FIELD, TITLE_FIELD):
                self._meaning.unknown_field(match.group("text"))
                return None
            return syntax.FieldnameNode(name, match.group(0))

    def __init__(self, meaning: Meaning) -> None:
        super().__init__(remove_unknown=False)
        self._meaning = meaning

    def taggers(self, parser: QueryParser) -> list[tuple[Any, int]]:  # noqa: ARG002 - Whoosh's interface
        return [(self.Tagger(self._meaning), 0)]


class _DesignationPlugin(plugins.Plugin):
    """Two neighbouring words that are one designation become one word: `S 300` is `S-300`."""

    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning

    def filters(self, parser: QueryParser) -> list[tuple[Any, int]]:  # noqa: ARG002 - Whoosh's interface
        return [(self._join, 490)]  # while spaces are still there

    def _join(self, parser: QueryParser, group: syntax.GroupNode) -> syntax.GroupNode:
        joined = group.empty_copy()
        for node in group:
            if isinstance(node, syntax.GroupNode):
                joined.append(self._join(parser, node))
                continue
            letters = joined[-2] if len(joined) > 1 and joined[-1].is_ws() else None
            if (
                isinstance(letters, syntax.WordNode)
                and isinstance(node, syntax.WordNode)
                and letters.fieldname == node.fieldname
                and self._meaning.designation(letters.text, node.text.rstrip(TYPING))
            ):
                del joined[-2:]
                node.text = f"{letters.text}-{node.text}"
            joined.append(node)
        return joined


class _PhrasePlugin(plugins.PhrasePlugin):
    """Phrases whose words the `Meaning` finds."""

    class PhraseNode(plugins.PhrasePlugin.PhraseNode):
        def query(self, parser: Parser) -> Query | None:
            return parser.meaning.phrase(self.fieldname or parser.fieldname, self.text, self.slop, self.boost)

    class Tagger(RegexTagger):
        def create(self, parser: QueryParser, match: re.Match[str]) -> syntax.SyntaxNode:  # noqa: ARG002 - Whoosh's
            slop = int(match.group("slop") or 1)
            return _PhrasePlugin.PhraseNode(match.group("text"), match.start("text"), min(slop, 1000))

    def taggers(self, parser: QueryParser) -> list[tuple[Any, int]]:  # noqa: ARG002 - Whoosh's interface
        return [(self.Tagger(r'"(?P<text>[^"]*)"(?:~(?P<slop>[1-9][0-9]{0,3}))?'), 0)]


class _RangePlugin(plugins.RangePlugin):
    """Ranges in brackets, found in time proportional to the text: Whoosh's expression looks back for each `TO`."""

    expr = re.compile(r"(?P<open>[\[{])(?P<inside>[^\[\]{}]*)(?P<close>[\]}])")

    class RangeTagger(plugins.RangePlugin.RangeTagger):
        def create(self, parser: QueryParser, match: re.Match[str]) -> syntax.SyntaxNode | None:  # noqa: ARG002 - Whoosh's
            to = _TO.search(match["inside"])
            if to is None:
                return None
            ends = (match["inside"][: to.start()].strip(), match["inside"][to.end() :].strip())
            low, high = (end[1:-1] if len(end) > 1 and end[0] == end[-1] == "'" else end for end in ends)
            return syntax.RangeNode(low or None, high or None, match["open"] == "{", match["close"] == "}")


class _BoostPlugin(plugins.BoostPlugin):
    """`word^2`. No boost is larger than the limit, so that every score is a number."""

    def create(self, parser: QueryParser, match: re.Match[str]) -> syntax.SyntaxNode:
        node = super().create(parser, match)
        if isinstance(node, self.BoostNode):
            node.boost = min(node.boost, LARGEST_BOOST)
        return node


class Parser(QueryParser):
    """Whoosh's parser with our leaves. One for each query: it holds what the query means."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        operators = plugins.OperatorsPlugin()
        # A minus negates only after a space, a bracket or at the start: `long-range` is one word.
        minus = plugins.OperatorsPlugin.OpTagger(
            r"(?<![^\s(])-(?=[^\s\-)])", syntax.NotGroup, syntax.PrefixOperator, memo="minus"
        )
        operators.ops.append((minus, 0))
        super().__init__(
            TEXT_FIELD,
            schema(),
            plugins=[
                _FieldsPlugin(meaning),
                plugins.WildcardPlugin(),
                _PhrasePlugin(),
                plugins.FuzzyTermPlugin(),
                _RangePlugin(),
                plugins.GroupPlugin(),
                operators,
                _BoostPlugin(),
                plugins.EveryPlugin(),
                _DesignationPlugin(meaning),
            ],
        )

    def term_query(  # noqa: PLR0917 - Whoosh's interface
        self,
        fieldname: str,
        text: str,
        termclass: type[Query],
        boost: float = 1.0,
        tokenize: bool = True,  # noqa: ARG002 - Whoosh's interface
        removestops: bool = True,  # noqa: ARG002 - Whoosh's interface
    ) -> Query | None:
        """A leaf of text: a plain word, a prefix, a wildcard or a fuzzy word."""
        if issubclass(termclass, q.FuzzyTerm):
            # Whoosh sets the distance on the node when this returns; `plan` asks the meaning then.
            return q.FuzzyTerm(fieldname, text, boost=boost)
        if issubclass(termclass, q.Prefix):
            return self.meaning.pattern(fieldname, text + "*", boost)
        if issubclass(termclass, q.Wildcard):
            return self.meaning.pattern(fieldname, text, boost)
        if _OPERATOR_WORD.fullmatch(text):
            self.meaning.idle_operator(text)
        return self.meaning.word(fieldname, text, boost)

    def parsed(self, text: str) -> Query:
        """The tree of a prepared query. `QueryLimitError` where it is too deep."""
        try:
            return self._settle(self.parse(text, normalize=False))
        except RecursionError:
            raise QueryLimitError("the query is nested too deep") from None
        except IndexError:  # classic Whoosh, on an operator that has nothing to work on: then it is a word
            for word in _OPERATOR_WORD.findall(text):
                self.meaning.idle_operator(word)
            return self._settle(self.parse(_OPERATOR_WORD.sub(lambda found: found[0].lower(), text), normalize=False))

    def _settle(self, node: Query) -> Query:
        """Ask what fuzzy words and ranges mean, now that Whoosh has said all of them."""
        if isinstance(node, q.FuzzyTerm):
            found = self.meaning.fuzzy(node.fieldname, node.text, node.maxdist, node.prefixlength, node.boost)
            return found if found is not None else q.NullQuery
        if isinstance(node, q.TermRange):
            found = self.meaning.span(node.fieldname, node.start, node.end, node.boost)
            return found if found is not None else q.NullQuery
        return node if node.is_leaf() else node.apply(self._settle)
