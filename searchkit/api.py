"""The library's face: an index opened for searching, with the options of `contracts.md` as keyword arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from searchkit import pipeline
from searchkit.model import BuildReport, FacetOrder, Results, Scope, Sort, Status, StoredDocument
from searchkit.search.local import LocalEngine
from searchkit.search.request import Named, make_request, with_added
from searchkit.search.similar import WORDS


class Index:
    """An index opened for reading; a context manager. Reads may come from several threads at once."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files."""
        self.engine.close()

    def search(
        self,
        query: str = "",
        *,
        filters: Named | None = None,
        exclude: Named | None = None,
        all_of: Sequence[str] = (),
        date_from: str | None = None,
        date_to: str | None = None,
        sources: str | Iterable[str] | None = None,
        scope: Scope = "paragraph",
        sort: Sort = "relevance",
        live: bool = False,
        limit: int = 20,
        offset: int = 0,
        facet_limit: int = 20,
        facet_order: FacetOrder = "count",
        dimensions: Sequence[str] | None = None,
    ) -> Results:
        """The ranked hits, the exact total and the facet counts.

        `filters` and `exclude` map a dimension's name to values, named by id, label or alias. Raises what
        `make_request` and `Engine.search` raise.
        """
        more = {} if dimensions is None else {"dimensions": dimensions}
        request = make_request(
            query,
            filters=filters,
            exclude=exclude,
            all_of=all_of,
            date_from=date_from,
            date_to=date_to,
            sources=sources,
            scope=scope,
            sort=sort,
            live=live,
            limit=limit,
            offset=offset,
            facet_limit=facet_limit,
            facet_order=facet_order,
            **more,
        )
        return self.engine.search(request if dimensions is not None else with_added(request, self.engine.dimensions))

    def document(self, paragraph_id: str) -> StoredDocument:
        """The document that holds a paragraph. `NotFoundError` where there is none of that id."""
        return self.engine.document(paragraph_id)

    def similar(self, paragraph_id: str, *, words: int = WORDS) -> str:
        """A query for paragraphs like this one: its most telling words, joined by OR. `NotFoundError`."""
        return self.engine.similar(paragraph_id, words=words)

    def status(self) -> Status:
        """What the index holds."""
        return self.engine.status()

    def refresh(self) -> bool:
        """Move on to what was committed since; says whether there was anything."""
        return self.engine.refresh()


def open_index(directory: str | Path = "index") -> Index:
    """Open the index in a folder. `NoIndexError`, `DamagedIndexError`, `FormatError`."""
    return Index(LocalEngine.open(directory))


def build(
    paths: str | Path | Sequence[str | Path],
    into: str | Path = "index",
    *,
    rebuild: bool = False,
    jobs: int | None = None,
) -> BuildReport:
    """Index documents, as the command `index` does (`rebuild`, with that option); see `pipeline.build`."""
    chosen = [paths] if isinstance(paths, (str, Path)) else list(paths)
    return pipeline.build(chosen, Path(into), rebuild=rebuild, jobs=jobs)
