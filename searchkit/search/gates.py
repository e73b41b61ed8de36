"""Which paragraphs, or documents, a request admits whatever its query: what is deleted, dates and selections.

That is judged once for all rows and kept, since the requests of a session repeat it at every keystroke. A query is then
run on what its gate admits and nothing else, and its hits are counted by their verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from searchkit import kernels
from searchkit.index.snapshot import Snapshot
from searchkit.keeping import kept
from searchkit.kernels import counts, sets
from searchkit.kernels.coding import Admitted
from searchkit.kernels.dispatch import BoolArray, I64Array, U8Array, U32Array
from searchkit.model import Request
from searchkit.search.facets import Choice, FacetTables, alive
from searchkit.search.plan import parse_date

#: Gates that are kept of a snapshot; each takes a byte for each row, and four for each that is admitted.
_KEPT: Final = 8
_FIRST_DAY: Final = 1
_LAST_DAY: Final = 1 << 30
#: Where more than this share of the admitted rows are hits, those that are none are counted instead.
_MOST: Final = 0.75

#: The choices of a request, dimension by dimension.
Chosen = tuple[tuple[str, Choice], ...]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: int
    last: int

    @classmethod
    def of(cls, request: Request) -> Period | None:
        """The period that a request asks for; none where it asks for none."""
        first = parse_date(request.date_from) if request.date_from else None
        last = parse_date(request.date_to) if request.date_to else None
        if first is None and last is None:
            return None
        return cls(first[0] if first else _FIRST_DAY, last[1] if last else _LAST_DAY)


class Gate:
    """What is admitted of `rows` rows: those whose verdict is not `OUT`; all of them where there are no verdicts."""

    def __init__(self, rows: int, table: counts.Table | counts.Loose, judged: counts.Judged | None) -> None:
        self.rows = rows
        self.verdicts: U8Array | None = judged.verdicts if judged else None
        self._table = table
        self._forgiving = judged.forgiving if judged else ()

    @cached_property
    def admitted(self) -> U32Array:
        """The rows that are admitted, ascending."""
        return np.arange(self.rows, dtype=np.uint32) if self.admits is None else self.admits.docs

    @cached_property
    def admits(self) -> Admitted | None:
        """The same as kernels take it; None where all rows are admitted."""
        return None if self.verdicts is None else Admitted(self.rows, verdicts=self.verdicts)

    @cached_property
    def passing(self) -> BoolArray:
        """Which rows are admitted."""
        return np.ones(self.rows, np.bool_) if self.verdicts is None else self.verdicts != counts.OUT

    @property
    def selects(self) -> bool:
        """Whether some that are admitted are no hits, but are counted sideways."""
        return bool(self._forgiving)

    def passed(self, rows: U32Array) -> I64Array | None:
        """The places of the admitted rows that pass everything; None for all of them."""
        if not self._forgiving or self.verdicts is None:
            return None
        return np.flatnonzero(self.verdicts[rows] == counts.PASSES)

    def count(self, rows: U32Array) -> tuple[I64Array | None, list[U32Array]]:
        """The places of the admitted rows that pass everything (None: all do), and each dimension's counts of values.

        A dimension's counts are over the rows that pass the selections of all others.
        """
        if len(rows) > _MOST * len(self.admitted) and len(rows) > 1:
            left = len(self.admitted) - len(rows)
            rest = self.admitted[sets.difference(self.admitted, rows)] if left else rows[:0]
            return self.passed(rows), self._by_dimension(self._totals - self._counted(rest)[1])
        kept, counted = self._counted(rows)
        return kept, self._by_dimension(counted)

    @cached_property
    def _totals(self) -> U32Array:
        return self._counted(self.admitted)[1]

    def _counted(self, rows: U32Array) -> tuple[I64Array | None, U32Array]:
        if self.verdicts is None or not self._forgiving:
            return None, counts.tally(self._table, rows)
        return counts.tally_judged(self._table, rows, self.verdicts, counts.PASSES + len(self._forgiving))

    def _by_dimension(self, counted: U32Array) -> list[U32Array]:
        bases = self._table.bases.tolist()
        outcomes = counted.reshape(1 + len(self._forgiving), -1)
        every = [outcomes[0, low:high] for low, high in pairwise(bases)]
        for outcome, dimension in enumerate(self._forgiving, 1):
            every[dimension] = every[dimension] + outcomes[outcome, bases[dimension] : bases[dimension + 1]]
        return every


class Gates:
    """The gates of a snapshot, made when they are first needed; the latest are kept. May be asked from any thread."""

    def __init__(self, snapshot: Snapshot, tables: FacetTables) -> None:
        self._snapshot = snapshot
        self._tables = tables
        self._paragraphs = kept(self._make_paragraphs, _KEPT)
        self._documents = kept(self._make_documents, _KEPT)

    def paragraphs(self, chosen: Chosen, period: Period | None, sideways: bool = True) -> Gate:
        """The paragraphs that are live, of the period, and pass the selections.

        Without `sideways`, each dimension's counts heed its own selection too.
        """
        return self._paragraphs(chosen, period, sideways, kernels.compiled())

    def documents(self, chosen: Chosen, sideways: bool = True) -> Gate:
        """The documents that pass the selections."""
        return self._documents(chosen, sideways, kernels.compiled())

    def _make_paragraphs(self, chosen: Chosen, period: Period | None, sideways: bool, lasting: bool) -> Gate:
        snapshot = self._snapshot
        table = self._table(chosen, False, lasting)
        judged = _judged(table, chosen, sideways)
        if period or any(segment.deleted is not None for segment in snapshot.segments):
            allowed = alive(snapshot)
            if period:
                meets = [segment.between(period.first, period.last) for segment in snapshot.segments]
                allowed &= np.concatenate([np.zeros(0, np.bool_), *meets])
            verdicts = allowed.astype(np.uint8) if judged is None else judged.verdicts * allowed
            judged = counts.Judged(verdicts, judged.forgiving if judged else ())
        return Gate(snapshot.paragraph_count, table, judged)

    def _make_documents(self, chosen: Chosen, sideways: bool, lasting: bool) -> Gate:
        table = self._table(chosen, True, lasting)
        return Gate(self._tables.document_count, table, _judged(table, chosen, sideways))

    def _table(self, chosen: Chosen, by_document: bool, lasting: bool) -> counts.Table | counts.Loose:
        """What is counted in. A single question, which runs on the numpy twins, is answered before a table is made."""
        dimensions = tuple(dimension for dimension, _ in chosen)
        return (self._tables.table if lasting else self._tables.loose)(dimensions, by_document)


def _judged(table: counts.Table | counts.Loose, chosen: Chosen, sideways: bool) -> counts.Judged | None:
    """The verdicts of the selections; none where nothing is selected or excluded."""
    selections = [
        counts.Selection([sorted(group) for group in choice.selected], sorted(choice.excluded), choice.all_of)
        for _, choice in chosen
    ]
    if not any(selection.selected or selection.excluded for selection in selections):
        return None
    judged = counts.judge(table, selections)
    return judged if sideways else counts.Judged((judged.verdicts == counts.PASSES).astype(np.uint8), ())
