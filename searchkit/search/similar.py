"""More like this: the words that tell a paragraph apart, as a query that one can read and edit."""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Final

from searchkit.index import analysis
from searchkit.index.snapshot import Snapshot
from searchkit.search.suggest import frequency

#: Words of a query that is made from a paragraph.
WORDS: Final = 12


def telling(snapshot: Snapshot, text: str, *, words: int = WORDS) -> str:
    """A query for paragraphs like `text`: its `words` most telling words joined by OR, the most telling first.

    A word weighs the more, the more often it is in the text and the fewer paragraphs have it (tf-idf; Spärck Jones
    1972, Salton and Buckley 1988); of a designation (`S-300`), its rarest part counts. What no other paragraph has
    finds nothing and is left out, as are words of one or two letters. Empty where nothing is left.
    """
    times: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], str] = {}
    for match in analysis.RAW_TOKEN.finditer(text):
        raw, parts = match.group(), analysis.pieces(match.group())
        if sum(len(part.word) for part in parts) > 2:
            terms = tuple(part.term for part in parts)
            times[terms] += 1
            phrase = raw if raw.isascii() else f'"{" ".join(part.word for part in parts)}"'
            spelled.setdefault(terms, phrase if len(parts) > 1 else parts[0].word)
    weights = {}
    for terms, count in times.items():
        found = min(frequency(snapshot, term) for term in terms)
        if found > 1:
            weights[terms] = (1 + log(count)) * log(snapshot.paragraph_count / found)
    best = sorted((terms for terms in weights if weights[terms] > 0), key=lambda terms: (-weights[terms], terms))
    return " OR ".join(spelled[terms] for terms in best[:words])
