"""Exports: hits page by page into a file that is there whole or not at all, with how far it is and a way out."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import get_current_worker

from searchkit.errors import CancelledError, SearchkitError
from searchkit.terminal import safe
from searchkit.tui.messages import counted
from searchkit.tui.paint import bar, grouped
from searchkit.tui.searching import search_in_worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from searchkit.model import Hit, Request
    from searchkit.search.engine import Engine

#: Hits that one request brings.
BATCH: Final = 1000
#: An export that takes longer than so many seconds says how far it is, and does so every so many seconds.
SHOWN_AFTER: Final = 0.3
SHOWN_EVERY: Final = 0.1


@dataclass(slots=True)
class Progress:
    """How many of `total` hits are written."""

    total: int
    done: int = 0

    def of(self, hits: Iterable[Hit]) -> Iterator[Hit]:
        """The hits, each counted once it is dealt with. `CancelledError` where the worker was told to stop."""
        worker = get_current_worker()
        for hit in hits:
            if worker.is_cancelled:
                raise CancelledError("The export was given up: nothing was written.")
            yield hit
            self.done += 1


def every_hit(engine: Engine, request: Request) -> Iterator[Hit]:
    """All hits of a request, asked for in batches by the worker that this runs in."""
    asked = replace(request, dimensions=(), limit=BATCH, offset=0)
    while True:
        hits = search_in_worker(engine, asked).hits
        yield from hits
        if len(hits) < BATCH:
            return
        asked = replace(asked, offset=asked.offset + BATCH)


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A file to write that has its name once all is written; where that fails there is none, and no part of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        if path.exists():
            raise SearchkitError(f"{path} was made by someone else meanwhile: choose another name.")
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


class ExportDialog(ModalScreen[None]):
    """Shows how far an export is, as long as it runs; escape gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Give up", show=False)]

    def __init__(self, name: str, progress: Progress, worker: Worker[None]) -> None:
        super().__init__()
        self._name, self._progress, self._worker = name, progress, worker
        self._line = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """A bar and the numbers."""
        with Vertical(classes="dialog small") as dialog:
            dialog.border_title = Content(safe(f"Export to {self._name}"))
            dialog.border_subtitle = Content("esc gives it up, and writes nothing")
            yield self._line

    def on_mount(self) -> None:
        """Keep up with the export."""
        self._show()
        self.set_interval(SHOWN_EVERY, self._show)

    def _show(self) -> None:
        if self._worker.is_finished:
            self.dismiss()
            return
        done, total = self._progress.done, self._progress.total
        text = f" {grouped(done)} of {counted(total, 'paragraph')}"
        drawn = bar(done / max(total, 1), max(self._line.size.width - len(text), 0))
        self._line.update(Content.assemble((drawn, "$sk-year"), text))

    def action_give_up(self) -> None:
        """Stop; the file is not there then."""
        self._worker.cancel()
        self.dismiss()
