"""The compiled aliases: every spelling of every alias of every dimension, to be looked up by its folded words.

A phrase is the folded words of a spelling, joined by spaces. Compiled phrases are lists of plain text, so that loading
them is splitting lines; a line is taken apart only when a text first needs it. Nothing in them is executed, and
tables that do not have this form are refused with ValueError.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.tokens import Tokens, folded, unaccented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SECTION: Final = "\f\n"


class Row(NamedTuple):
    """An alias as the tables give it: `ids` of the values that it names, `case` and `rule` as in `aliases.csv`."""

    dimension: str
    text: str
    kind: str
    case: str
    rule: str
    ids: tuple[str, ...]


class Spelling(NamedTuple):
    """One way to write an alias: the words as they must be capitalised, and the alias's place in the table of rows."""

    words: tuple[str, ...]
    row: int


class Phrases:
    """The compiled aliases of a gazetteer: `table` has, by phrase, its spellings, not yet taken apart.

    Every beginning of a phrase is in the table too, perhaps with no spellings (an empty string), so that a reader can
    stop at the first word that leads nowhere.
    """

    def __init__(self, table: dict[str, str], small: frozenset[str], rows: Sequence[str]) -> None:
        self.table = table
        self._small, self._rows = small, rows
        self._spellings: dict[str, tuple[Spelling, ...]] = {}

    def spellings(self, phrase: str) -> tuple[Spelling, ...]:
        """The spellings of a phrase, in the order of the tables; empty where no alias is written so."""
        found = self._spellings.get(phrase)
        if found is None:
            entry = self.table.get(phrase)
            fields = entry.split("\t") if entry else []
            pairs = zip(fields[::2], fields[1::2], strict=True)
            found = tuple(Spelling(tuple(words.split(" ")), int(row)) for row, words in pairs)
            self._spellings[phrase] = found
        return found

    def row(self, number: int) -> Row:
        """The alias of that number."""
        dimension, text, kind, case, rule, ids = self._rows[number].split("\t")
        return Row(dimension, text, kind, case, rule, tuple(ids.split()))

    def begins(self, word: str) -> str:
        """The beginning of a phrase that this word is, as it is written; empty where no alias begins so."""
        first = folded(word)
        return first if first in self.table and (word[0].isupper() or first in self._small) else ""

    def dump(self) -> str:
        """The compiled tables as text, which `parse` reads."""
        return _SECTION.join(map("\n".join, (self.table, self.table.values(), sorted(self._small), self._rows)))

    @classmethod
    def parse(cls, text: str) -> Phrases:
        """Read what `dump` wrote."""
        phrases, spellings, small, rows = (section.split("\n") for section in text.split(_SECTION))
        return cls(dict(zip(phrases, spellings, strict=True)), frozenset(small), rows)

    @classmethod
    def compile(cls, rows: Iterable[Row], spell: Callable[[Row], Iterable[str]]) -> Phrases:
        """Compile aliases; `spell` gives the ways in which each is written."""
        phrases: defaultdict[str, list[str]] = defaultdict(list)
        small: set[str] = set()
        lines = []
        for number, row in enumerate(rows):
            lines.append("\t".join((*row[:-1], " ".join(row.ids))))
            for spelling in spell(row):
                words = list(map(unaccented, Tokens(spelling).words))
                key = list(map(folded, words))
                for end in range(1, len(key)):
                    phrases[" ".join(key[:end])] += ()
                phrases[" ".join(key)] += (str(number), " ".join(words))
                if row.case == "any" or not words[0][0].isupper():
                    small.add(key[0])
        return cls({key: "\t".join(entries) for key, entries in phrases.items()}, frozenset(small), lines)
