"""The terminal UI: a thin Textual application over the `Engine` protocol."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from searchkit.search.engine import Engine

__all__ = ["run"]


def run(
    engine_factory: Callable[[], Engine],
    *,
    root: Path | None = None,
    index: str | None = None,
    keymap: Mapping[str, str] | None = None,
    read_only: bool = False,
) -> int:
    """Open the engine, show the UI until the user leaves, and return the exit code.

    What the factory raises (`NoIndexError`, `DamagedIndexError`, ...) is the caller's to report: it comes before the
    screen is taken over. `root` is the folder that documents' relative paths start from (the one that holds the index
    directory), `index` what `--index` was, for commands that are copied, `keymap` other keys for actions, by id;
    `read_only` writes no file, keeps no queries and starts no program.
    """
    # A frame waits for the next tick of so many a second, and is painted only where something changed.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from platformdirs import user_state_path  # noqa: PLC0415 - as below

    from searchkit.tui.app import SearchkitApp  # noqa: PLC0415 - textual is loaded only where it is shown

    engine = engine_factory()
    # What is loaded by now stays to the end. A full collection over it takes a quarter of a second, between two keys.
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    try:
        app = SearchkitApp(
            engine,
            root=root,
            index=index,
            state_folder=None if read_only else user_state_path("searchkit"),
            refresh_seconds=2.0,
            keymap=keymap,
            read_only=read_only,
        )
        return app.run() or 0
    finally:
        engine.close()
