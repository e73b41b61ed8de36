"""The compiled aliases: every spelling of every alias of every dimension, as arrays that a kernel can follow.

A phrase is the folded words of a spelling. Words are numbered (symbols: those that begin a phrase first), the phrases
are a trie of symbols, and what each needs of a text's words besides (a capital, an exact spelling) stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from searchkit.entities import compiled
from searchkit.entities.tokens import folded, unaccented
from searchkit.kernels.phrases import CAPITAL, NOTHING, Trie
from searchkit.kernels.words import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from searchkit.entities.compiled import Array

Key = tuple[str, ...]


class Row(NamedTuple):
    """An alias as the tables give it: `ids` of the values that it names, `case` and `rule` as in `aliases.csv`."""

    dimension: str
    text: str
    kind: str
    case: str
    rule: str
    ids: tuple[str, ...]


class Phrases:
    """The compiled aliases of a gazetteer.

    `symbols` numbers the folded words that occur in phrases, the first `beginnings` of which begin one; `spellings`
    numbers, from 1, the unaccented words of those that must be written exactly so; `trie` is what the kernel follows.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """Take compiled arrays (`arrays`), which are read as they are: they have to be whole."""
        self._arrays = dict(arrays)
        tree = (self._arrays[name].astype(np.int32, copy=False) for name in Trie._fields[:-1])
        children, symbols, entries, rows, places, needs = tree
        groups = self._arrays["groups"].astype(np.uint8, copy=False)
        self.trie = Trie(children, symbols, entries, rows, places, needs, groups)
        self.symbols = _numbered(compiled.lines(self._arrays["symbol-names"]), 0)
        self.spellings = _numbered(compiled.lines(self._arrays["spelling-names"]), 1)
        self.beginnings = int(self.trie.children[1]) - 1
        self._rows, self._ends = self._arrays["alias-rows"], self._arrays["alias-ends"].tolist()

    def arrays(self) -> Mapping[str, Array]:
        """What the phrases are made of, to be kept."""
        return self._arrays

    def __len__(self) -> int:
        """How many aliases there are."""
        return len(self._ends)

    def row(self, number: int) -> Row:
        """The alias of that number."""
        start, end = (self._ends[number - 1] if number else 0), self._ends[number]
        dimension, text, kind, case, rule, ids = self._rows[start:end].tobytes().decode().split("\t")
        return Row(dimension, text, kind, case, rule, tuple(ids.split()))

    def named(self, words: Sequence[str]) -> list[int]:
        """The numbers of the aliases that are spelled with these words but for case and accents."""
        trie, node = self.trie, 0
        for word in map(folded, words):
            low, high = trie.children[node : node + 2].tolist()
            node = low + int(np.searchsorted(trie.symbols[low:high], self.symbols.get(word, -1)))
            if node == high or trie.symbols[node] != self.symbols.get(word, -1):
                return []
        first, last = trie.entries[node : node + 2].tolist()
        found: list[int] = trie.rows[first:last].tolist()
        return found

    @classmethod
    def compile(cls, rows: Iterable[Row], spell: Callable[[Row], Iterable[str]]) -> Phrases:
        """Compile aliases; `spell` gives the ways in which each is written."""
        listed = list(rows)
        spelled: dict[Key, list[tuple[int, Key]]] = {}
        for number, row in enumerate(listed):
            for spelling in spell(row):
                words = tuple(map(unaccented, TOKEN.findall(spelling)))
                spelled.setdefault(tuple(map(folded, words)), []).append((number, words))
        firsts = {key[0] for key in spelled}
        every = sorted({word for key in spelled for word in key}, key=lambda word: (word not in firsts, word))
        exact = {
            word for found in spelled.values() for row, key in found if listed[row].case == "exact" for word in key
        }
        spellings = sorted(exact)
        needs = _Needs({word: number for number, word in enumerate(spellings, 1)})
        symbols = {word: number for number, word in enumerate(every)}
        phrases = {
            tuple(map(symbols.__getitem__, key)): [(row, needs.place(listed[row].case, words)) for row, words in found]
            for key, found in spelled.items()
        }
        lines = ["\t".join((*row[:-1], " ".join(row.ids))).encode() for row in listed]
        dimensions = {name: number for number, name in enumerate(dict.fromkeys(row.dimension for row in listed))}
        return cls(
            {
                **_tree(phrases),
                "needs": np.array(needs.flat, np.int32),
                "groups": np.array([dimensions[row.dimension] for row in listed], np.uint8),
                "symbol-names": compiled.text(every),
                "spelling-names": compiled.text(spellings),
                "alias-rows": np.frombuffer(b"".join(lines), np.uint8),
                "alias-ends": np.cumsum([*map(len, lines)], dtype=np.int64),
            }
        )


class _Needs:
    """What the phrases need of their words, the same for all that need the same."""

    def __init__(self, spellings: Mapping[str, int]) -> None:
        self.flat: list[int] = []
        self._spellings = spellings
        self._places: dict[tuple[int, ...], int] = {}

    def place(self, case: str, words: Key) -> int:
        """Where the needs of a phrase stand in `flat`."""
        if case == "exact":
            needs = tuple(self._spellings[word] for word in words)
        else:
            needs = tuple(CAPITAL if case == "caps" and word[0].isupper() else NOTHING for word in words)
        if needs not in self._places:
            self._places[needs] = len(self.flat)
            self.flat += needs
        return self._places[needs]


def _tree(phrases: Mapping[tuple[int, ...], Sequence[tuple[int, int]]]) -> dict[str, Array]:
    """The trie of phrases: nodes by depth, then by the symbols that lead to them; so children are neighbours."""
    prefixes = {key[:size] for key in phrases for size in range(1, len(key) + 1)}
    nodes = sorted({(), *prefixes}, key=lambda key: (len(key), key))
    numbers = {key: number for number, key in enumerate(nodes)}
    parents = np.array([numbers[key[:-1]] for key in nodes[1:]], np.int64)
    entries = [phrases.get(key, ()) for key in nodes]
    return {
        "children": (1 + np.searchsorted(parents, np.arange(len(nodes) + 1))).astype(np.int32),
        "symbols": np.array([-1, *(key[-1] for key in nodes[1:])], np.int32),
        "entries": np.cumsum([0, *map(len, entries)], dtype=np.int32),
        "rows": np.array([row for found in entries for row, _ in found], np.int32),
        "places": np.array([place for found in entries for _, place in found], np.int32),
    }


def _numbered(words: Iterable[str], first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words, first)}
