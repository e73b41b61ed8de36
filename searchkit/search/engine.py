"""The `Engine` protocol: what a face may ask, whichever engine answers (the local index, an OpenSearch cluster)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from searchkit.model import Evidence, Explanation, Request, Results, Status, StoredDocument, Value
from searchkit.search.similar import WORDS


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

    def explain(self, request: Request) -> Explanation:
        """Answer a request, and say how: the time of each step, the hits of each clause. Errors as of `search`."""

    def document(self, paragraph_id: str, request: Request | None = None) -> StoredDocument:
        """The whole document that holds the paragraph, with its mentions. `NotFoundError` where there is none.

        The words of the request's query, if there is one, are marked in all its paragraphs.
        """

    def why(self, request: Request, dimension: str, value: str, *, examples: int = 3) -> Evidence:
        """The surface forms behind a value's count over the hits of `request`."""

    def similar(self, paragraph_id: str, *, words: int = WORDS) -> str:
        """A query for paragraphs like this one: its most telling words, joined by OR. `NotFoundError`."""

    def months(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Mapping[str, int]:
        """How many hits (documents, in document scope) each month has, `2024-11`, whatever dates are asked for.

        Only months that have hits are there, the earliest first; a document whose date is a year alone is in none.
        """

    def values(self, dimension: str) -> tuple[Value, ...]:
        """The values of a dimension that the index knows, ordered by id."""

    def status(self) -> Status:
        """What the index holds."""

    def warm(self) -> None:
        """Make now, in a thread beside searches, what the first of them would have to wait for."""

    def refresh(self) -> bool:
        """Move on to a newer generation if there is one; says whether it did."""

    def close(self) -> None:
        """Let go of the index's files."""
