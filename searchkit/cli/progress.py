"""A progress bar with rate and time left, on standard error, and only where that is a terminal."""

# ruff: noqa: PLC0415 - loading rich takes 50 ms: not where no bar is drawn

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with how much is done, of how much, and how many units that was so far.
Advance = Callable[[float, float, int], None]


@contextmanager
def progress(what: str, unit: str) -> Iterator[Advance | None]:
    """Show a bar named `what`, with `unit`s a second, while the block runs; gives None where nobody watches.

    The bar disappears when the block ends, so that only messages stay.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Units so far, and a second while they came."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.fields['count']:,} {unit}, {task.fields['rate']:,.0f}/s", style="dim")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        Rate(),
        TimeRemainingColumn(compact=True),
    )
    started = time.perf_counter()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, count=0, rate=0)

        def advance(done: float, total: float, count: int) -> None:
            rate = count / (time.perf_counter() - started)
            bar.update(task, completed=done, total=total, count=count, rate=rate)

        yield advance
