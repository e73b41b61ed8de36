"""Whether a query refines another, told by its form: what is typed narrows what was typed before, word by word.

The hits of the later one are then looked for among those of the earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Final

from whoosh import query as q
from whoosh.query.qcore import Query

from searchkit.index.schema import TEXT_FIELD, WORD_FIELD
from searchkit.search.clauses import Words, phrase
from searchkit.search.patterns import WordRange

#: Nodes of a tree that are looked at; whether larger ones refine others is not asked.
_MOST: Final = 64

WordsOf = Callable[[str], Collection[bytes]]


def refines(later: Query, earlier: Query, words_of: WordsOf) -> bool:
    """Whether every paragraph that matches the later query is sure to match the earlier one.

    `words_of` has the words that a term stands for. Where this cannot be told it is taken not to be so.
    """
    if any(len(list(islice(_nodes(tree), _MOST + 1))) > _MOST for tree in (later, earlier)):
        return False
    return _implies(later, earlier, words_of)


def _nodes(tree: Query) -> Iterator[Query]:
    waiting = [tree]
    while waiting:
        yield (node := waiting.pop())
        waiting.extend(node.children())


def _implies(later: Query, earlier: Query, words_of: WordsOf) -> bool:  # noqa: PLR0911 - one line for each kind of node
    if later == earlier or earlier == q.Every():
        return True
    if isinstance(earlier, q.And):
        return all(_implies(later, part, words_of) for part in earlier.subqueries)
    if isinstance(earlier, q.AndMaybe):
        return _implies(later, earlier.a, words_of)
    if isinstance(later, (q.And, q.Require)):
        return any(_implies(part, earlier, words_of) for part in later.children())
    if isinstance(later, (q.AndNot, q.AndMaybe)):
        return _implies(later.a, earlier, words_of)
    if type(later) is q.Or:
        return all(_implies(part, earlier, words_of) for part in later.subqueries)
    if type(earlier) is q.Or:
        return any(_implies(later, part, words_of) for part in earlier.subqueries)
    if (parts := phrase(later)) is not None:
        known = phrase(earlier)
        if known is None:
            return any(_implies(part, earlier, words_of) for part in parts[0])
        begins = all(_implies(part, one, words_of) for part, one in zip(parts[0], known[0], strict=False))
        return begins and len(known[0]) <= len(parts[0]) and parts[1] <= known[1]
    return isinstance(earlier, Words) and _within(later, earlier, words_of)


def _within(later: Query, earlier: Words, words_of: WordsOf) -> bool:
    """Whether a word of the later leaf is one of the earlier one's, whichever it is."""
    words: Collection[bytes]
    if isinstance(later, Words) and later.field_name == earlier.field_name:
        words = later.words
    elif isinstance(later, q.Term) and (later.fieldname, earlier.field_name) == (TEXT_FIELD, WORD_FIELD):
        words = words_of(later.text)
    else:
        return False
    if isinstance(words, WordRange):
        return isinstance(earlier.words, WordRange) and words.is_within(earlier.words)
    return all(word in earlier.words for word in words)
