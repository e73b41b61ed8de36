"""The terminal UI: a thin Textual application over the `Engine` protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchkit.search.engine import Engine

__all__ = ["run"]


def run(engine_factory: Callable[[], Engine]) -> int:
    """Open the engine, show the UI until the user leaves, and return the exit code.

    What the factory raises (`NoIndexError`, `DamagedIndexError`, ...) is the caller's to report: it comes before the
    screen is taken over.
    """
    from searchkit.tui.app import SearchkitApp  # noqa: PLC0415 - textual is loaded only where it is shown

    engine = engine_factory()
    try:
        return SearchkitApp(engine, refresh_seconds=2.0).run() or 0
    finally:
        engine.close()
