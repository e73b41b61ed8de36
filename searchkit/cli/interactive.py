"""What `tui` does: hand the terminal to the user interface."""

from __future__ import annotations

import sys
from pathlib import Path

from searchkit import config, tui
from searchkit.cli.opening import open_engine
from searchkit.errors import UsageError


def run(index: Path | None) -> int:
    """Run the terminal UI over the index and return its exit code; it opens the index before it takes the screen."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the user interface needs a terminal; `searchkit search` does without")
    directory = config.index_directory(index)
    return tui.run(lambda: open_engine(directory))
