"""Applying decisions of the curation file: what a value has become, and where an added alias stands in a text.

A name in the file means the values that have it as id or label, case and accents aside. For a mention the order is:
splits, then merges (followed to their end), then rejections, then new labels; what is decided of a value holds for what
was merged into it as well. Added aliases come last: an added mention takes the place of those that are no longer than
it and share characters with it, and yields to a longer one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple, TypeVar

from searchkit.entities.curation import Alias, Curation, Define, Entry, Merge, Reject, Rename, Split, key
from searchkit.model import ENTITY_DIMENSIONS, Value

_E = TypeVar("_E", bound=Entry)

#: Dimension, name -> the values that have it as id or label.
Known = Callable[[str, str], Sequence[Value]]

#: The kind of an added alias's mentions where nothing is said.
KINDS: Final[Mapping[str, str]] = {"people": "known", "countries": "name", "weapons": "system"}
ALIAS_RULE: Final = "curation: alias"


class Fate(NamedTuple):
    """What a value has become, or None; how, for the rule of its mentions; the entries behind that."""

    value: Value | None
    how: str
    entries: tuple[Entry, ...]


class Span(NamedTuple):
    """Characters [start, end) of a text that name a value."""

    dimension: str
    start: int
    end: int
    id: str


class Decisions:
    """What is decided in one dimension, its names resolved among the values that are known."""

    def __init__(self, curation: Curation, dimension: str, known: Known) -> None:
        self.dimension = dimension
        self._known = known
        self._merges: dict[str, Merge] = {}
        self._renames: dict[str, Rename] = {}
        self._rejects: dict[str, Reject] = {}
        self._defines: dict[str, Define] = {}
        self._splits: defaultdict[str, list[Split]] = defaultdict(list)
        entries = [entry for entry in curation.entries if entry.dimension == dimension]
        # The label that a value is given is one of its names in the rest of the file.
        self._called = {key(entry.label): key(entry.value) for entry in entries if isinstance(entry, Rename)}
        self.aliases = [entry for entry in entries if isinstance(entry, Alias)]
        for entry in entries:
            self._note(entry, self._name(entry.value))
        self._decided = frozenset({*self._merges, *self._renames, *self._rejects, *self._defines, *self._splits})
        self._concerned: dict[tuple[str, str], bool] = {}
        #: What the file says that cannot be followed, by entry; to be told, not to be stumbled over.
        self.problems: dict[Entry, str] = {}
        self._targets: dict[str, Value] = {}
        self._chains: dict[Value, tuple[Value, ...]] = {}
        self._placed: dict[Value, Value] = {}

    def _note(self, entry: Entry, name: str) -> None:
        match entry:
            case Merge():
                self._merges.setdefault(name, entry)
            case Rename():
                self._renames[name] = entry
            case Reject():
                self._rejects[name] = entry
            case Split():
                self._splits[name].append(entry)
            case Define():
                self._defines[name] = self._defines[self._name(entry.label)] = entry
            case _:
                pass

    def _name(self, name: str) -> str:
        return self._called.get(key(name), key(name))

    # Values

    def target(self, name: str, entry: Entry | None = None) -> Value:
        """The value that a name in the file means: one that is known, else one that the file adds, else a new one."""
        name = self.label_of(name)
        found = self._targets.get(key(name))
        if found is None:
            defined = self._defines.get(key(name))
            among = self._called_so(name)
            if not among and defined is not None:
                among = self._called_so(defined.label)
            if len(among) > 1 and entry is not None:
                exact = [value for value in among.values() if key(value.id) == key(name)]
                if not exact:
                    self.problems[entry] = f"{name!r} is the label of {', '.join(sorted(among))}; name one by its id"
                among = {value.id: value for value in exact or among.values()}
            label = defined.label if defined else name
            found = next(iter(among.values()), None) or Value(_id(defined.value if defined else name), label)
            self._targets[key(name)] = found
        return found

    def _called_so(self, name: str) -> dict[str, Value]:
        """The known values of a name by id; where two have one id, the first."""
        found: dict[str, Value] = {}
        for value in self._known(self.dimension, name):
            found.setdefault(value.id, value)
        return found

    def label_of(self, name: str) -> str:
        """The name as other entries have it, where it is a label that this file gives."""
        renamed = self._called.get(key(name))
        return self._renames[renamed].value if renamed in self._renames else name

    def targets(self) -> list[str]:
        """Every name in the file that is to mean one value."""
        into = [merge.into for merge in self._merges.values()]
        into += [split.into for some in self._splits.values() for split in some if split.into is not None]
        parents = [entry.parent for entry in self._defines.values() if entry.parent is not None]
        return sorted({*into, *parents, *(entry.value for entry in self.aliases)})

    def follow(self) -> None:
        """Follow every entry, so that all problems are known."""
        for merge in self._merges.values():
            self.fate(self.target(merge.value))
        for name in self.targets():
            self.fate(self.target(name))
        for define in self._defines.values():
            self.fate(self.target(define.value, define))

    def concerns(self, value: Value) -> bool:
        """Whether anything is decided of the value or of one above it."""
        found = self._concerned.get((value.id, value.label))
        if found is None:
            found = not self._decided.isdisjoint(_names(value))
            found = found or (value.parent is not None and self.concerns(value.parent))
            self._concerned[value.id, value.label] = found
        return found

    def chain(self, value: Value) -> tuple[Value, ...]:
        """The value, what it is merged into, what that is merged into, and so on."""
        found = self._chains.get(value)
        if found is None:
            steps = [value]
            while (entry := self._of(self._merges, steps[-1])) is not None:
                into = self.target(entry.into, entry)
                if into.id in {step.id for step in steps}:
                    if into.id != steps[-1].id:
                        self.problems[entry] = f"leads back to {into.label}"
                    break
                if steps[-1].id in {above.id for above in into.ancestors}:
                    self.problems[entry] = f"{into.label} is below {steps[-1].label}"
                    break
                steps.append(into)
            found = self._chains[value] = tuple(steps)
        return found

    def _of(self, table: Mapping[str, _E], value: Value) -> _E | None:
        return next((table[name] for name in _names(value) if name in table), None)

    def fate(self, value: Value) -> Fate:
        """What has become of a value, whatever its mentions."""
        chain = self.chain(value)
        merges = tuple(merge for step in chain[:-1] if (merge := self._of(self._merges, step)) is not None)
        rejected = next((reject for step in chain if (reject := self._of(self._rejects, step)) is not None), None)
        if rejected is not None:
            return Fate(None, "", (rejected,))
        kept = self._of(self._renames, chain[-1]), self._of(self._defines, chain[-1])
        how = f"curation: merged from {value.label}" if len(chain) > 1 else ""
        return Fate(self.placed(chain[-1]), how, (*merges, *(entry for entry in kept if entry is not None)))

    def placed(self, value: Value) -> Value:
        """A value at the end of its chain, with its label and the values above it as decided."""
        found = self._placed.get(value)
        if found is None:
            renamed, above = self._of(self._renames, value), self._above(value)
            if above is not None and value.id == min(self._circle(value, above), default=None):
                above = None  # a circle is cut at one place, wherever one comes from
            parent = None if above is None else self.placed(above)
            found = self._placed[value] = Value(value.id, renamed.label if renamed else value.label, parent)
        return found

    def _above(self, value: Value) -> Value | None:
        """The value that one stands below: what has become of the nearest that is not rejected."""
        defined = self._of(self._defines, value)
        above = value.parent
        if defined is not None and defined.parent is not None:
            above = self.target(defined.parent, defined)
        while above is not None:
            chain = self.chain(above)
            if chain[-1].id != value.id and not any(self._of(self._rejects, step) for step in chain):
                return chain[-1]
            above = above.parent
        return None

    def _circle(self, value: Value, above: Value | None) -> set[str]:
        """The ids that lead from a value up to itself, if they do."""
        met = {value.id}
        while above is not None and above.id not in met:
            met.add(above.id)
            above = self._above(above)
        if above is None or above.id != value.id:
            return set()
        if (defined := self._of(self._defines, value)) is not None:
            self.problems[defined] = f"{defined.parent} is below {value.label}"
        return met

    # Mentions

    def splits(self, value: Value) -> list[Split]:
        """The entries that may move single mentions of a value, in the order of the file."""
        names = dict.fromkeys(name for step in self.chain(value) for name in _names(step))
        found = [entry for name in names if name in self._splits for entry in self._splits[name]]
        return sorted(found, key=lambda entry: (str(entry.file), entry.line)) if len(found) > 1 else found

    def fate_of_mention(self, value: Value, text: str, document: str, source: str | None) -> Fate:
        """What has become of a mention of the value that is written `text` in a document."""
        for entry in self.splits(value):
            if holds(entry, text, document, source):
                if entry.into is None:
                    return Fate(None, "", (entry,))
                moved = self.fate(self.target(entry.into, entry))
                return Fate(moved.value, f"curation: split from {value.label}", (entry, *moved.entries))
        return self.fate(value)


def holds(entry: Split, text: str, document: str, source: str | None) -> bool:
    """Whether a mention written `text` in a document is one that the entry speaks of."""
    return (
        (not entry.forms or key(text) in map(key, entry.forms))
        and (not entry.documents or any(fnmatchcase(document, pattern) for pattern in entry.documents))
        and (not entry.sources or any(fnmatchcase(key(source or ""), key(pattern)) for pattern in entry.sources))
    )


def _names(value: Value) -> tuple[str, ...]:
    return (key(value.id), key(value.label))


def _id(name: str) -> str:
    """The id of a value that nothing is known of, as one for a person whom no table knows."""
    return re.sub(r"[^a-z0-9]+", "-", key(name).replace("'", "")).strip("-") or key(name)


def settle(added: Sequence[Span], standing: Sequence[Span]) -> tuple[list[int], list[int]]:
    """Which added spans (their places) count beside those that stand, and which of the standing ones they displace.

    Spans compete within a dimension, and those of the built-in dimensions with each other: a character belongs to one
    mention. An added span that says what stands there already is not needed.
    """
    taken: list[int] = []
    displaced: dict[int, None] = {}
    for place, one in enumerate(added):
        rivals = [i for i, other in enumerate(standing) if _compete(one, other)]
        longer = any(standing[i].end - standing[i].start > one.end - one.start for i in rivals)
        if not longer and one not in (standing[i] for i in rivals):
            taken.append(place)
            displaced.update(dict.fromkeys(rivals))
    return taken, list(displaced)


def _compete(one: Span, other: Span) -> bool:
    together = one.dimension in ENTITY_DIMENSIONS and other.dimension in ENTITY_DIMENSIONS
    return one.start < other.end and other.start < one.end and (together or one.dimension == other.dimension)
