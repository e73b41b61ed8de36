"""A curation file at work: the decisions of every dimension, the added aliases ready to be looked for, labels curated.

`Curator.apply` is the plain statement of what curated labels are, mention by mention; the index does the same to whole
columns (`searchkit.index.curated`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from searchkit.entities.curating import ALIAS_RULE, KINDS, Decisions, Known, Span, settle
from searchkit.entities.curation import Alias, Curation, Entry, key
from searchkit.entities.gazetteer import Gazetteer, spellings
from searchkit.entities.match import Matcher
from searchkit.entities.phrases import Phrases, Row
from searchkit.entities.tokens import Tokens
from searchkit.model import Label, Labels, Mention, Value


class Added(NamedTuple):
    """An alias of the file that stands in a text, and the value that it names."""

    entry: Alias
    value: Value
    mention: Mention

    @property
    def span(self) -> Span:
        """The characters that it takes."""
        return Span(self.entry.dimension, self.mention.start, self.mention.end, self.value.id)


class Curator:
    """A curation whose names are resolved among known values."""

    def __init__(self, curation: Curation, known: Known) -> None:
        self.curation = curation
        self.decisions = {dimension: Decisions(curation, dimension, known) for dimension in curation.curated}
        #: The aliases of values that are not rejected, with the values that they name in the end.
        self.aliases: list[tuple[Alias, Value]] = []
        for decisions in self.decisions.values():
            for entry in decisions.aliases:
                value = decisions.fate(decisions.target(entry.value, entry)).value
                if value is not None:
                    self.aliases.append((entry, value))

    def problems(self) -> dict[Entry, str]:
        """What the file says that cannot be followed, by entry."""
        found: dict[Entry, str] = {}
        for decisions in self.decisions.values():
            decisions.follow()
            found |= decisions.problems
        return found

    @cached_property
    def _matcher(self) -> Matcher:
        """The aliases as a gazetteer, whose ids are places in `aliases`."""
        rows = [
            Row(
                entry.dimension,
                entry.alias,
                entry.kind or KINDS.get(entry.dimension, "name"),
                entry.case,
                "",
                (str(i),),
            )
            for i, (entry, _) in enumerate(self.aliases)
        ]
        values: dict[str, list[str]] = {}
        for row in rows:
            values.setdefault(row.dimension, []).append(f"{row.ids[0]}\t\t")
        return Matcher(Gazetteer(Path(), "", Phrases.compile(rows, spellings), values))

    def find(self, text: str, without: Collection[str] = ()) -> list[Added]:
        """The added aliases that stand in a text, but those of the dimensions `without`."""
        if not self.aliases:
            return []
        tokens = Tokens(text)
        found: dict[Span, Added] = {}
        for candidate in self._matcher.match(tokens):
            start, end = tokens.starts[candidate.first], tokens.ends[candidate.last - 1]
            for _, place in candidate.alias.values:
                entry, value = self.aliases[int(place.id)]
                if entry.dimension not in without:
                    mention = Mention(start, end, text[start:end], candidate.alias.kind, ALIAS_RULE)
                    added = Added(entry, value, mention)
                    found.setdefault(added.span, added)
        return list(found.values())

    def apply(
        self,
        labels: Labels,
        text: str,
        *,
        document: str = "",
        source: str | None = None,
        given: Collection[str] = (),
    ) -> Labels:
        """The labels of a paragraph as they are with all decisions; `given` are the dimensions that its record brought.

        Mentions are in the order of the text; values that a record gave come first.
        """
        rows = [
            (dimension, *row)
            for dimension, some in labels.items()
            for label in some
            for row in self._rows(dimension, label, document, source)
        ]
        added = self.find(text, given)
        standing = [
            Span(dimension, mention.start, mention.end, value.id) if mention else Span(dimension, 0, 0, value.id)
            for dimension, value, mention in rows
        ]
        taken, displaced = settle([one.span for one in added], standing)
        kept = [row for place, row in enumerate(rows) if place not in displaced]
        kept += [(added[place].entry.dimension, added[place].value, added[place].mention) for place in taken]
        kept.sort(key=lambda row: row[2].start if row[2] else -1)
        found: dict[str, dict[str, tuple[Value, dict[tuple[int, int], Mention]]]] = {
            dimension: {} for dimension in dict.fromkeys((*labels, *self.curation.dimensions))
        }
        for dimension, value, mention in kept:
            _, mentions = found.setdefault(dimension, {}).setdefault(value.id, (value, {}))
            if mention is not None:
                mentions.setdefault((mention.start, mention.end), mention)
        return {
            dimension: tuple(Label(value, tuple(mentions.values())) for value, mentions in values.values())
            for dimension, values in found.items()
        }

    def _rows(
        self, dimension: str, label: Label, document: str, source: str | None
    ) -> Iterator[tuple[Value, Mention | None]]:
        """What has become of a label's mentions, or of the label itself where it has none."""
        decisions = self.decisions.get(dimension)
        for mention in label.mentions or (None,):
            if decisions is None:
                yield label.value, mention
            elif mention is None:
                if (value := decisions.fate(label.value).value) is not None:
                    yield value, None
            else:
                fate = decisions.fate_of_mention(label.value, mention.text, document, source)
                if fate.value is not None:
                    rule = f"{fate.how} ({mention.rule})" if fate.how else mention.rule
                    yield fate.value, Mention(mention.start, mention.end, mention.text, mention.kind, rule)


def tables_known(resolve: Callable[[str, str], Sequence[Value]]) -> Known:
    """The values of tables by id or label, where `resolve` knows them by alias too."""

    def known(dimension: str, name: str) -> list[Value]:
        found = resolve(dimension, name)
        return [value for value in found if key(name) in (key(value.id), key(value.label))]

    return known
