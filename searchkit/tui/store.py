"""What is kept between two starts: earlier queries, saved searches and how facets are shown, in one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
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

    @classmethod
    def load(cls, folder: Path | None) -> Store:
        """What the folder holds; a file that cannot be understood is as good as none."""
        store = cls(folder)
        if folder is None:
            return store
        try:
            read: object = json.loads((folder / "searches.json").read_text("utf-8"))
        except (OSError, ValueError):
            return store
        if isinstance(read, dict):
            store.queries = [each for each in _listed(read.get("queries")) if isinstance(each, str)][-REMEMBERED:]
            store.toured = read.get("toured") is True
            store.facets = dict(_arranged(read.get("facets")))
            entries = (_saved(each) for each in _listed(read.get("saved")))
            store.saved = {each.name: each for each in entries if each is not None}
        return store

    def remember(self, query: str) -> None:
        """Keep a query that was looked at."""
        query = query.strip()
        if query and (not self.queries or self.queries[-1] != query):
            self.queries = [*[each for each in self.queries if each != query][-REMEMBERED + 1 :], query]
            self._write()

    def keep(self, saved: Saved) -> None:
        """Keep a search under its name."""
        self.saved[saved.name] = saved
        self._write()

    def forget(self, name: str) -> None:
        """Let a saved search go."""
        if self.saved.pop(name, None) is not None:
            self._write()

    def arrange(self, dimension: str, order: FacetOrder, *, as_tree: bool) -> None:
        """Keep how a facet is shown."""
        self.facets[dimension] = order, as_tree
        self._write()

    def tour_taken(self) -> None:
        """The tour was shown: it does not come by itself again."""
        self.toured = True
        self._write()

    def _write(self) -> None:
        content = {
            "toured": self.toured,
            "facets": {name: {"order": order, "tree": as_tree} for name, (order, as_tree) in self.facets.items()},
            "queries": self.queries,
            "saved": [_entry(each) for each in self.saved.values()],
        }
        self.put("searches.json", json.dumps(content, ensure_ascii=False, indent=1))

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
