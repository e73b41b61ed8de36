"""More like this: the words that tell a paragraph apart, as a query that one can read and edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from math import log
from typing import Final

from whoosh.lang.stopwords import stoplists

from searchkit.index import analysis
from searchkit.index.snapshot import Snapshot
from searchkit.search.suggest import frequency

#: Words of a query that is made from a paragraph.
WORDS: Final = 12
#: How much more a word tells that belongs to a name of a person, a country or a weapon.
_NAMED: Final = 2
#: What share of the first word's weight the last one has at least: what tells less brings many hits and says nothing.
_LEAST: Final = 1 / 3
#: In a small index these are not frequent enough to be known by that (Snowball's list).
_STOP: Final = frozenset(map(analysis.fold, stoplists["en"]))


def telling(snapshot: Snapshot, text: str, named: Collection[tuple[int, int]] = (), *, words: int = WORDS) -> str:
    """A query for paragraphs like `text`: its `words` most telling words joined by OR, the most telling first.

    A word weighs the more, the more often it is in the text and the fewer paragraphs have it (tf-idf; Spärck Jones
    1972, Salton and Buckley 1988), and twice as much in a name (`named` says where they stand); of a designation
    (`S-300`), its rarest part counts. What no other paragraph has finds nothing and is left out, as are words of one
    or two letters, function words, and what weighs next to nothing. Empty where nothing is left.
    """
    in_names: set[tuple[str, ...]] = set()
    times: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], str] = {}
    for match in analysis.RAW_TOKEN.finditer(text):
        raw, parts = match.group(), analysis.pieces(match.group())
        if sum(len(part.word) for part in parts) > 2 and not _STOP.issuperset(part.word for part in parts):
            terms = tuple(part.term for part in parts)
            times[terms] += 1
            if any(start < match.end() and end > match.start() for start, end in named):
                in_names.add(terms)
            phrase = raw if raw.isascii() else f'"{" ".join(part.word for part in parts)}"'
            spelled.setdefault(terms, phrase if len(parts) > 1 else parts[0].word)
    weights = {}
    for terms, count in times.items():
        found = min(frequency(snapshot, term) for term in terms)
        if found > 1:
            rarity = log(snapshot.paragraph_count / found)
            weights[terms] = (1 + log(count)) * rarity * (_NAMED if terms in in_names else 1)
    least = _LEAST * max(weights.values(), default=0.0)
    best = sorted((terms for terms in weights if weights[terms] > least), key=lambda terms: (-weights[terms], terms))
    return " OR ".join(spelled[terms] for terms in best[:words])
