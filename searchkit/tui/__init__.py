"""The terminal UI: a thin Textual application over the `Engine` protocol."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

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
    once_answered: Callable[[], object] | None = None,
) -> int:
    """Show the UI until the user leaves, and return the exit code. The engine is opened once the first frame stands.

    What the factory raises (`DamagedIndexError`, ...) ends the UI and is the caller's to report. `root` is the folder
    that documents' relative paths start from (the one that holds the index directory), `index` what `--index` was, for
    commands that are copied, `keymap` other keys for actions, by id; `read_only` writes no file, keeps no queries and
    starts no program; `once_answered` is run in a thread when the first answer is on the screen.
    """
    # A frame waits for the next tick of so many a second, and is painted only where something changed.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from platformdirs import user_state_path  # noqa: PLC0415 - as below

    from searchkit.tui.app import SearchkitApp  # noqa: PLC0415 - textual is loaded only where it is shown
    from searchkit.tui.late import LateEngine  # noqa: PLC0415 - as above

    gc.set_threshold(20_000, 20, 100)
    if sys.stdin.isatty():
        threading.Thread(target=_end_with_terminal, args=[sys.stdin.fileno()], name="hang-up", daemon=True).start()
    late = LateEngine(lambda: _settled(engine_factory))
    try:
        app = SearchkitApp(
            cast("Engine", late),
            root=root,
            index=index,
            state_folder=None if read_only else user_state_path("searchkit"),
            refresh_seconds=2.0,
            keymap=keymap,
            read_only=read_only,
            once_answered=once_answered and partial(_settled, once_answered),
        )
        app.run()
        if late.error is not None:
            raise late.error
        return app.return_code or 0
    finally:
        late.close()


def _end_with_terminal(descriptor: int) -> None:
    """Wait until a terminal is gone, and end as its hang-up would have the program end.

    The system says so to the programs whose controlling terminal it is. Any other would stay: Textual waits for what
    nobody reads any more to be written, and its input thread takes a processor for itself.
    """
    terminal = select.poll()
    terminal.register(descriptor, 0)  # it is asked for nothing but what is always told
    if any(event & select.POLLHUP for _, event in terminal.poll()):
        os.kill(os.getpid(), signal.SIGHUP)


Made = TypeVar("Made")


def _settled(load: Callable[[], Made]) -> Made:
    """Load something; what is loaded by then stays to the end.

    A full collection over it would take a quarter of a second, between two keys.
    """
    made = load()
    gc.freeze()
    return made
