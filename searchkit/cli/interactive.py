"""What `tui` does: hand the terminal to the user interface."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

from searchkit import config, tui
from searchkit.cli.opening import open_engine
from searchkit.errors import UsageError
from searchkit.kernels import dispatch


def run(index: Path | None) -> int:
    """Run the terminal UI over the index and return its exit code; it opens the index before it takes the screen."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the user interface needs a terminal; `searchkit search` does without")
    settings = config.load()
    directory = config.index_directory(index, settings)
    # The first screen is there sooner on the numpy twins of the kernels; the compiled ones take over once loaded.
    dispatch.use(compiled=False)
    Thread(target=dispatch.warm, daemon=True).start()
    return tui.run(
        lambda: open_engine(directory),
        root=directory.absolute().parent,
        index=None if index is None else str(index),
        keymap=settings.keys,
    )
