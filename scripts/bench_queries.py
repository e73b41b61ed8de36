"""What is asked: searches of every kind, taken from the corpus itself so that they have hits of every number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from bench_corpus import DIMENSIONS, read

#: Paragraphs that are looked at to choose the words.
SAMPLE: Final = 20_000
#: The share of paragraphs that a word of each band is in.
BANDS: Final = (0.4, 0.15, 0.07, 0.03, 0.01, 0.003, 0.001)
_WORD: Final = re.compile(r"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Query:
    """A search in no engine's language: its kind, its words, and the values selected in some dimensions."""

    kind: str
    words: tuple[str, ...]
    filters: Mapping[str, str]

    @property
    def text(self) -> str:
        """The search in searchkit's language."""
        one, *rest = self.words or ("",)
        forms = {
            "term": one,
            "and": " ".join(self.words),
            "or": " OR ".join(self.words),
            "not": f"{one} NOT {' '.join(rest)}",
            "phrase": f'"{" ".join(self.words)}"',
            "prefix": one,  # as it is typed: what ends with `*` may mean 10,000 words at most
            "every": "",
        }
        return forms[self.kind]


def choose(path: Path, sets: int = 1) -> list[list[Query]]:
    """Sets of searches for the corpus in a file, of the same kinds and of other words.

    In each set every kind comes without selections and with two dimensions selected.
    """
    seen, pairs, bears = Counter[str](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    paragraphs = 0
    for record in islice(read(path), SAMPLE):
        paragraphs += 1
        words = _WORD.findall(str(record["text"]).lower())
        seen.update(set(words))
        pairs.update(set(pairwise(words)))
        for name in DIMENSIONS[:2]:
            bears.update((name, str(value)) for value in record[name] or ())  # type: ignore[attr-defined] # a list
    top = {name: [value for (d, value), _ in bears.most_common() if d == name] for name in DIMENSIONS[:2]}
    two = {name: values[min(2, len(values) - 1)] for name, values in top.items() if values}
    common = [pair for pair, _ in pairs.most_common(400)]
    asked = [_asked(seen, paragraphs, common[i::100]) for i in range(sets)]
    return [[Query(kind, words, filters) for filters in ({}, two) for kind, words in some] for some in asked]


def _asked(seen: Counter[str], paragraphs: int, phrases: list[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Searches of every kind for words in about as many paragraphs as the bands say; these words are taken out."""
    words, other = [[_take(seen, share * paragraphs) for share in BANDS] for _ in range(2)]
    return [
        *(("term", (word,)) for word in words),
        *(("and", pair) for pair in zip(words, other, strict=True)),
        ("and", (words[1], other[4])),
        ("and", (words[1], words[2], words[3])),
        *(("or", pair) for pair in zip(words, other, strict=True)),
        ("or", (*words[2:5], other[3])),
        ("not", (words[2], words[0])),
        ("not", (words[1], other[3])),
        *(("phrase", pair) for pair in phrases),
        *(
            ("prefix", (word[:length],))
            for word, length in ((words[1], 3), (words[3], 3), (words[4], 3), (words[6], 4))
        ),
        ("every", ()),
    ]


def _take(seen: Counter[str], wanted: float) -> str:
    """The word that is in about so many paragraphs; it is not taken twice."""
    found = min(sorted(seen), key=lambda word: abs(seen[word] - wanted))
    del seen[found]
    return found
