"""What `tui` and `serve` do: hand the terminal, or a browser, to the user interface."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread

from searchkit import config, tui
from searchkit.cli.messages import note
from searchkit.cli.opening import open_engine
from searchkit.errors import SearchkitError, UsageError
from searchkit.kernels import dispatch


def run(index: Path | None, *, read_only: bool = False) -> int:
    """Run the terminal UI over the index and return its exit code; it opens the index before it takes the screen."""
    # Behind `serve`, the server is the terminal.
    if "TEXTUAL_DRIVER" not in os.environ and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the user interface needs a terminal; `searchkit search` does without")
    settings = config.load()
    directory = config.index_directory(index, settings)
    # The first screen is there sooner on the numpy twins of the kernels; the compiled ones take over once loaded.
    dispatch.use(compiled=False)
    Thread(target=dispatch.warm, daemon=True).start()
    return tui.run(
        lambda: open_engine(directory, config.curation_file(index, settings)),
        root=directory.absolute().parent,
        index=None if index is None else str(index),
        keymap=settings.keys,
        read_only=read_only,
    )


def serve(index: Path | None, *, host: str, port: int, tls_proxy: str | None, sessions: int) -> None:
    """Show the user interface to browsers until interrupted; the address to open goes to standard output."""
    from searchkit.tui.serve_gate import check_address  # noqa: PLC0415 - loaded only where it serves, as below

    public = check_address(host, tls_proxy)
    try:
        from searchkit.tui import serve  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise SearchkitError(f"there is no package {error.name} here; install searchkit-facets[serve]") from None
    settings = config.load()
    directory = config.index_directory(index, settings)
    open_engine(
        directory, config.curation_file(index, settings)
    ).close()  # what is wrong with the index is said here, not to every visitor
    command = [sys.executable, "-m", "searchkit.cli", "tui", "--read-only", "--index", str(directory)]

    def started(address: str) -> None:
        print(address, flush=True)  # noqa: T201 - what was asked for
        note("open the address above in a browser; it is good for one. Ctrl+C ends all sessions.")

    serve.run(command, serve.Address(host, port, public), sessions=sessions, started=started)
