"""The command line: a thin face over the engine and the pipeline. `main` is what the `searchkit` script runs."""

from __future__ import annotations

from searchkit.cli.entry import main

__all__ = ["main"]
