"""What is kept between two starts: earlier queries, saved searches and how facets are shown, in one JSON file.

Several windows may have it open. Each change is made to what the file holds by then, under a lock, and the file is
replaced whole: what one window keeps the others keep, and what one forgets is forgotten.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Final, cast

from searchkit.tui.state import ORDERS, SORTS, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from searchkit.model import FacetOrder, Scope, Selection, Sort

#: Queries that are kept.
REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A search under a name, with the total that it had when it was saved or last opened, and in which index."""

    name: str
    state: State
    total: int
    index: str = ""


@dataclass
class Store:
    """Queries, the newest last, and saved searches. Without a folder nothing is written."""

    folder: Path | None = None
    queries: list[str] = field(default_factory=list)
    saved: dict[str, Saved] = field(default_factory=dict)
    toured: bool = False
    #: Dimension -> the order of its values, and whether they are a tree, where that was ever chosen.
    facets: dict[str, tuple[FacetOrder, bool]] = field(default_factory=dict)
    #: Whether the last change is in the file; where it could not be written, what is known here holds until the end.
    written: bool = field(default=True, compare=False)

    @classmethod
    def load(cls, folder: Path | None) -> Store:
        """What the folder holds; a file that cannot be understood is as good as none."""
        store = cls(folder)
        store.look()
        return store

    def look(self) -> None:
        """Take in what the folder holds by now. Where it cannot be read, what was known stays."""
        if self.folder is None or not self.written:
            return
        try:
            read: object = json.loads((self.folder / "searches.json").read_text("utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(read, dict):
            self.queries = [each for each in _listed(read.get("queries")) if isinstance(each, str)][-REMEMBERED:]
            self.toured = read.get("toured") is True
            self.facets = dict(_arranged(read.get("facets")))
            entries = (_saved(each) for each in _listed(read.get("saved")))
            self.saved = {each.name: each for each in entries if each is not None}

    def remember(self, query: str) -> None:
        """Keep a query that was looked at."""
        query = query.strip()
        if query and (not self.queries or self.queries[-1] != query):
            with self._changing():
                self.queries = [*[each for each in self.queries if each != query][-REMEMBERED + 1 :], query]

    def keep(self, saved: Saved) -> str:
        """Keep a search under its name; says under which, for another window may have used that since for another one.

        A search that was known here under the name is replaced.
        """
        known = [each.state for each in (saved, self.saved.get(saved.name)) if each is not None]
        with self._changing():
            name = saved.name
            if name in self.saved and self.saved[name].state not in known:
                name = next(free for n in count(2) if (free := f"{saved.name} ({n})") not in self.saved)
            self.saved[name] = replace(saved, name=name)
        return name

    def note_total(self, name: str, total: int, index: str) -> None:
        """A saved search was opened: what it finds now is nothing new any more."""
        with self._changing():
            if name in self.saved:  # else another window has let it go
                self.saved[name] = replace(self.saved[name], total=total, index=index)

    def forget(self, name: str) -> None:
        """Let a saved search go."""
        with self._changing():
            self.saved.pop(name, None)

    def arrange(self, dimension: str, order: FacetOrder, *, as_tree: bool) -> None:
        """Keep how a facet is shown."""
        with self._changing():
            self.facets[dimension] = order, as_tree

    def tour_taken(self) -> None:
        """The tour was shown: it does not come by itself again."""
        with self._changing():
            self.toured = True

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change what the file holds, whichever window wrote it; the others wait meanwhile."""
        if self.folder is None:
            yield
            self.written = False
            return
        with ExitStack() as held:
            with suppress(OSError):  # a folder that cannot be written, or locked: what is known here is changed
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = held.enter_context((self.folder / "searches.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            self.look()
            yield
            self._write()

    def _write(self) -> None:
        content = {
            "toured": self.toured,
            "facets": {name: {"order": order, "tree": as_tree} for name, (order, as_tree) in self.facets.items()},
            "queries": self.queries,
            "saved": [_entry(each) for each in self.saved.values()],
        }
        self.written = self.put("searches.json", json.dumps(content, ensure_ascii=False, indent=1)) is not None

    def put(self, name: str, text: str) -> Path | None:
        """Write a file of the folder; says where, or None where it cannot be."""
        if self.folder is None:
            return None
        path = self.folder / name
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Whole or not at all: two windows may write at once.
            beside = path.with_name(f"{name}.{os.getpid()}.new")
            beside.write_text(text, "utf-8")
            beside.replace(path)
        except (OSError, UnicodeError):
            return None
        return path


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _entry(saved: Saved) -> dict[str, object]:
    state = saved.state
    return {
        "name": saved.name,
        "total": saved.total,
        "index": saved.index,
        "query": state.query,
        "filters": {name: list(values) for name, values in state.filters.items()},
        "exclude": {name: list(values) for name, values in state.exclude.items()},
        "all_of": list(state.all_of),
        "scope": state.scope,
        "sort": state.sort,
        "date_from": state.date_from,
        "date_to": state.date_to,
        "by": state.by,
    }


def _saved(entry: object) -> Saved | None:
    if not isinstance(entry, dict):
        return None
    name, query, total = entry.get("name"), entry.get("query"), entry.get("total")
    if not (isinstance(name, str) and isinstance(query, str) and isinstance(total, int)):
        return None
    scope = entry.get("scope") if entry.get("scope") in ("paragraph", "document") else "paragraph"
    sort = entry.get("sort") if entry.get("sort") in SORTS else "relevance"
    return Saved(
        name,
        State(
            query,
            _selection(entry.get("filters")),
            _selection(entry.get("exclude")),
            tuple(each for each in _listed(entry.get("all_of")) if isinstance(each, str)),
            cast("Scope", scope),
            cast("Sort", sort),
            _text(entry.get("date_from")),
            _text(entry.get("date_to")),
            "month" if entry.get("by") == "month" else "year",
        ),
        total,
        _text(entry.get("index")) or "",
    )


def _arranged(value: object) -> Iterator[tuple[str, tuple[FacetOrder, bool]]]:
    for name, entry in value.items() if isinstance(value, dict) else ():
        if isinstance(entry, dict) and entry.get("order") in ORDERS:
            yield name, (cast("FacetOrder", entry["order"]), entry.get("tree") is True)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _selection(value: object) -> Selection:
    if not isinstance(value, dict):
        return {}
    pairs = ((name, tuple(each for each in _listed(ids) if isinstance(each, str))) for name, ids in value.items())
    return {name: ids for name, ids in pairs if isinstance(name, str) and ids}
