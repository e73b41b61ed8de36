"""What `tui` and `serve` do: hand the terminal, or a browser, to the user interface."""

# ruff: noqa: PLC0415 - the first frame is painted before the engine is loaded, and a server by who serves

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit import config, tui
from searchkit.cli.messages import note
from searchkit.errors import SearchkitError, UsageError

if TYPE_CHECKING:
    from searchkit.search.engine import Engine


def run(index: Path | None, *, read_only: bool = False) -> int:
    """Run the terminal UI over the index and return its exit code."""
    # Behind `serve`, the server is the terminal.
    if "TEXTUAL_DRIVER" not in os.environ and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the user interface needs a terminal; `searchkit search` does without")
    settings = config.load()
    directory = config.index_directory(index, settings)
    if not (directory / "CURRENT").is_file():  # said before the screen is taken; the UI opens what is there later
        _open(directory, settings, index).close()
    opened: list[Engine] = []

    def opens() -> Engine:
        opened.append(_open(directory, settings, index))
        return opened[-1]

    def warm() -> None:
        from searchkit.kernels import dispatch

        dispatch.warm()
        with suppress(SearchkitError):  # an index that is gone or damaged is the next search's to tell
            opened[-1].warm()

    return tui.run(
        opens,
        root=directory.absolute().parent,
        index=None if index is None else str(index),
        keymap=settings.keys,
        read_only=read_only,
        once_answered=warm,
    )


def _open(directory: Path, settings: config.Config, option: Path | None) -> Engine:
    """The engine. The first answer is there sooner on the numpy twins of the kernels, until the others are loaded."""
    from searchkit.cli.opening import open_engine
    from searchkit.kernels import dispatch

    dispatch.use(compiled=False)
    return open_engine(directory, config.curation_file(option, settings))


def serve(index: Path | None, *, host: str, port: int, tls_proxy: str | None, sessions: int) -> None:
    """Show the user interface to browsers until interrupted; the address to open goes to standard output."""
    from searchkit.tui.serve_gate import check_address

    public = check_address(host, tls_proxy)
    try:
        from searchkit.tui import serve
    except ModuleNotFoundError as error:
        raise SearchkitError(f"there is no package {error.name} here; install searchkit-facets[serve]") from None
    settings = config.load()
    directory = config.index_directory(index, settings)
    _open(directory, settings, index).close()  # what is wrong with the index is said here, not to every visitor
    command = [sys.executable, "-m", "searchkit.cli", "tui", "--read-only", "--index", str(directory)]

    def started(address: str) -> None:
        print(address, flush=True)  # noqa: T201 - what was asked for
        note("open the address above in a browser; it is good for one. Ctrl+C ends all sessions.")

    serve.run(command, serve.Address(host, port, public), sessions=sessions, started=started)
