"""The `Engine` protocol: what a face may ask, whichever engine answers (the local index, an OpenSearch cluster)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from searchkit.model import Evidence, Request, Results, Status, StoredDocument, Value


class Engine(Protocol):
    """Answers requests over one generation of an index. Every method may be called from any thread."""

    @property
    def generation(self) -> int:
        """The number of the generation that answers come from."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of all dimensions, entity dimensions first."""

    @property
    def curation_file(self) -> Path | None:
        """The file of decisions about values, whether it is there or not; None where this engine takes none.

        Change it with `searchkit.entities.curation_edit`, then `refresh`.
        """

    def search(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Results:
        """The ranked hits, the exact total and the facet counts for `request`.

        `cancelled` is asked now and then; once it answers true, `CancelledError` is raised. Other errors:
        `UsageError`, `QueryLimitError`, `DeadlineError`, `DamagedIndexError`.
        """

    def document(self, paragraph_id: str) -> StoredDocument:
        """The whole document that holds the paragraph, with its mentions. `NotFoundError` where there is none."""

    def why(self, request: Request, dimension: str, value: str, *, examples: int = 3) -> Evidence:
        """The surface forms behind a value's count over the hits of `request`."""

    def values(self, dimension: str) -> tuple[Value, ...]:
        """The values of a dimension that the index knows, ordered by id."""

    def status(self) -> Status:
        """What the index holds."""

    def refresh(self) -> bool:
        """Move on to a newer generation if there is one; says whether it did."""

    def close(self) -> None:
        """Let go of the index's files."""
