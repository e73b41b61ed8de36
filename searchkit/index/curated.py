"""Decisions of the curation file over whole columns: what `Curator.apply` says of one paragraph, for a segment at once.

Nothing is extracted anew. Values are mapped once each, mentions as arrays; texts are read only where an entry asks how
a mention is written, and in the paragraphs that hold all words of an added alias, which the postings tell.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np

from searchkit.entities.curating import Decisions, Fate, Known, Span, settle
from searchkit.entities.curation import Alias, Curation, Entry, Merge, Split, beside, key
from searchkit.entities.curator import Curator, tables_known
from searchkit.entities.gazetteer import Gazetteer, spellings
from searchkit.entities.phrases import Row
from searchkit.index import analysis
from searchkit.index.columns import Mentions, facet_arrays, values_of
from searchkit.index.format import Array
from searchkit.index.manifest import CurationFile, Manifest
from searchkit.index.segment import TEXT, Segment
from searchkit.model import ENTITY_DIMENSIONS, Value


class Curated(NamedTuple):
    """The arrays of a segment that decisions change, and how many mentions each entry of the file was about."""

    arrays: dict[str, Array]
    matched: tuple[int, ...]


def file_of(directory: Path, manifest: Manifest, named: Path | None = None) -> Path:
    """The curation file of an index: the one that is named, else that of the generation, else the one beside it."""
    if named is not None:
        return named.absolute()
    if manifest.curation is not None:
        recorded = directory.absolute().parent / manifest.curation.file
        if recorded.exists():
            return recorded
    return beside(directory)


def recorded_as(directory: Path, file: Path, curation: Curation) -> CurationFile | None:
    """What a manifest says of the curation file that its generation is made with."""
    folder = directory.absolute().parent
    if not curation.digest:
        return None
    return CurationFile(str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file), curation.digest)


def bind(curation: Curation, segments: Sequence[Segment]) -> Curator:
    """The curation with its names resolved among the values of segments (as extracted) and of the tables."""
    in_index: dict[str, dict[str, dict[str, Value]]] = {}

    def names(dimension: str) -> dict[str, dict[str, Value]]:
        if dimension not in in_index:
            found: defaultdict[str, dict[str, Value]] = defaultdict(dict)
            for segment in segments:
                for value in values_of(segment, dimension) if dimension in segment.dimensions else ():
                    for name in (key(value.id), key(value.label)):
                        found[name][value.id] = value
            in_index[dimension] = found
        return in_index[dimension]

    @cache
    def tables() -> Known:
        return tables_known(Gazetteer.load().resolve)

    def known(dimension: str, name: str) -> list[Value]:
        in_tables = tables()(dimension, name) if dimension in ENTITY_DIMENSIONS else ()
        return [*names(dimension).get(key(name), {}).values(), *in_tables]

    return Curator(curation, known)


def digest_of(curator: Curator) -> str:
    """Changes whenever the curated columns of a segment may: with the file, and with what its names mean."""
    digest = hashlib.blake2b(curator.curation.digest.encode(), digest_size=16)
    for dimension, decisions in curator.decisions.items():
        for name in decisions.targets():
            value = decisions.target(name)
            digest.update("\0".join((dimension, name, value.id, *value.path, "\n")).encode("utf-8", "replace"))
    return digest.hexdigest()


def curate(segment: Segment, curator: Curator) -> Curated:
    """The facets of a segment, given as extracted, with the curator's decisions."""
    return _Segment(segment, curator).curated()


class _Segment:
    """One segment while decisions are applied to it."""

    def __init__(self, segment: Segment, curator: Curator) -> None:
        self._segment = segment
        self._curator = curator
        self._mentions: dict[str, Mentions] = {}
        self._changed = dict.fromkeys(curator.decisions)
        self._names: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        self._matched: Counter[Entry] = Counter()

    def curated(self) -> Curated:
        """The arrays of every dimension that something is decided about, or that lost a mention to an added alias."""
        for decisions in self._curator.decisions.values():
            self._decide(decisions)
        self._add_aliases()
        arrays: dict[str, Array] = {}
        for dimension in self._changed:
            mentions = self._of(dimension)
            arrays |= facet_arrays(dimension, mentions, self._segment.paragraph_count, sorted(self._names[dimension]))
        return Curated(arrays, tuple(self._matched[entry] for entry in self._curator.curation.entries))

    def _of(self, dimension: str) -> Mentions:
        if dimension not in self._mentions:
            self._mentions[dimension] = Mentions.of(self._segment, dimension)
        return self._mentions[dimension]

    # What is there already

    def _decide(self, decisions: Decisions) -> None:
        mentions = self._of(decisions.dimension)
        raw = list(mentions.values)
        named = np.bincount(mentions.value, minlength=len(raw)).tolist()
        fates: dict[int, Fate] = {}
        splits: list[int] = []
        for ordinal, value in enumerate(raw):
            if not decisions.concerns(value):
                continue
            fates[ordinal] = decisions.fate(value)
            self._count(decisions, value, fates[ordinal], named[ordinal])
            if decisions.splits(value):
                splits.append(ordinal)
        moved = self._split(decisions, mentions, raw, splits)
        places = np.arange(len(raw) + 1)
        places[-1] = -1
        hows: dict[int, str] = {}
        for ordinal, fate in fates.items():
            places[ordinal] = -1 if fate.value is None else mentions.place(fate.value)
            if fate.how:
                hows[ordinal] = fate.how
            self._note_names(decisions.dimension, raw[ordinal], fate.value)
        rule = _rules(mentions, hows)
        mentions.value, mentions.rule = places[mentions.value], rule
        for row, fate, how in moved:
            mentions.value[row] = -1 if fate.value is None else mentions.place(fate.value)
            mentions.rule[row] = how
        for entry in self._curator.curation.entries:
            if isinstance(entry, Merge) and entry.dimension == decisions.dimension:
                into = decisions.fate(decisions.target(entry.into, entry)).value
                if into is not None:
                    self._names[entry.dimension].add((analysis.fold(entry.value), into.id))

    def _count(self, decisions: Decisions, value: Value, fate: Fate, mentions: int) -> None:
        for entry in dict.fromkeys((*fate.entries, *(e for a in value.ancestors for e in decisions.fate(a).entries))):
            self._matched[entry] += mentions

    def _note_names(self, dimension: str, raw: Value, now: Value | None) -> None:
        """Let a value be found by the names that it has no more."""
        if now is not None:
            own = {analysis.fold(now.id), analysis.fold(now.label)}
            self._names[dimension] |= {
                (name, now.id) for name in map(analysis.fold, (raw.id, raw.label)) if name not in own
            }

    def _split(
        self, decisions: Decisions, mentions: Mentions, raw: Sequence[Value], ordinals: Sequence[int]
    ) -> list[tuple[int, Fate, int]]:
        """The mentions that an entry moves one by one: row, fate, and its rule."""
        moved: list[tuple[int, Fate, int]] = []
        segment = self._segment
        rows = np.flatnonzero(np.isin(mentions.value, np.array(ordinals, np.int64)) & (mentions.length > 0))
        for row in rows.tolist():
            paragraph, start = int(mentions.paragraph[row]), int(mentions.start[row])
            value = raw[int(mentions.value[row])]
            text = segment.text(paragraph)[start : start + int(mentions.length[row])]
            document = segment.document_of(paragraph)
            identity = segment.identities.text(document)
            source = segment.strings("document.source").optional(document)
            fate = decisions.fate_of_mention(value, text, identity, source)
            if fate.entries and isinstance(fate.entries[0], Split):
                self._matched.update(fate.entries)
                self._matched.subtract(decisions.fate(value).entries)
                moved.append((row, fate, mentions.rule_after(int(mentions.rule[row]), fate.how)))
        return moved

    # What is added

    def _add_aliases(self) -> None:
        curator, segment = self._curator, self._segment
        for entry, value in curator.aliases:
            self._names[entry.dimension].add((analysis.fold(entry.alias), value.id))
        if not curator.aliases:
            return
        competing = {entry.dimension for entry, _ in curator.aliases}
        competing |= set(ENTITY_DIMENSIONS) if competing & set(ENTITY_DIMENSIONS) else set()
        starts = {d: np.searchsorted(self._of(d).paragraph, np.arange(segment.paragraph_count + 1)) for d in competing}
        given = {dimension: segment.given(dimension) for dimension in competing}
        added: defaultdict[str, list[tuple[int, int, int, int, int]]] = defaultdict(list)
        places: dict[tuple[str, str], int] = {}
        for paragraph in self._candidates():
            document = segment.document_of(paragraph)
            without = {dimension for dimension, documents in given.items() if documents[document]}
            found = curator.find(segment.text(paragraph), without)
            if not found:
                continue
            rows = [
                (dimension, row)
                for dimension in competing
                for row in range(int(starts[dimension][paragraph]), int(starts[dimension][paragraph + 1]))
                if self._of(dimension).value[row] >= 0
            ]
            taken, displaced = settle([one.span for one in found], [self._span(*row) for row in rows])
            for one in (found[place] for place in taken):
                dimension, mention = one.entry.dimension, one.mention
                where = dimension, one.value.id
                if where not in places:
                    places[where] = self._of(dimension).place(one.value)
                rule = self._of(dimension).rule_number(f"{mention.kind}\0{mention.rule}")
                added[dimension].append((paragraph, places[where], mention.start, mention.end - mention.start, rule))
                decisions = curator.decisions[dimension]
                self._matched.update((one.entry, *decisions.fate(decisions.target(one.entry.value)).entries))
            for dimension, row in (rows[place] for place in displaced):
                self._of(dimension).value[row] = -1
                self._changed[dimension] = None
        for dimension, some in added.items():
            self._of(dimension).append(some)

    def _span(self, dimension: str, row: int) -> Span:
        mentions = self._of(dimension)
        start = int(mentions.start[row])
        return Span(dimension, start, start + int(mentions.length[row]), mentions.values[int(mentions.value[row])].id)

    def _candidates(self) -> list[int]:
        """The paragraphs that have all the words of some added alias."""
        sought = {terms for entry, _ in self._curator.aliases for terms in _terms(entry)}
        if () in sought:
            return list(range(self._segment.paragraph_count))
        postings = cache(self._postings)
        found = [reduce(np.intersect1d, map(postings, sorted(terms))) for terms in sought]
        return [int(one) for one in np.unique(np.concatenate(found))] if found else []

    def _postings(self, term: str) -> Array:
        number = self._segment.terms(TEXT).index(term.encode())
        return self._segment.counts(TEXT, number)[0] if number >= 0 else np.zeros(0, np.uint32)


def _rules(mentions: Mentions, hows: dict[int, str]) -> Array:
    """The rule of each mention, those of merged values with how they came there."""
    rule = mentions.rule.copy()
    if hows:
        rows = np.flatnonzero(np.isin(mentions.value, np.array(list(hows), np.int64)))
        for row, value, before in zip(rows.tolist(), mentions.value[rows].tolist(), rule[rows].tolist(), strict=True):
            rule[row] = mentions.rule_after(before, hows[value])
    return rule


def _terms(entry: Alias) -> Iterator[frozenset[str] | tuple[()]]:
    """The terms of each way to write an alias, of which a paragraph must have all; nothing where it has no terms."""
    row = Row(entry.dimension, entry.alias, entry.kind, entry.case, "", ())
    for kind in (entry.kind, "system"):  # with the plurals, which a paragraph may not need
        for spelled in spellings(row._replace(kind=kind)):
            for cased in (spelled, spelled.lower(), spelled.upper()):
                _, terms, _ = analysis.pieces_of(analysis.RAW_TOKEN.findall(cased))
                yield frozenset(terms) or ()
