"""Where the `searchkit` script begins, and what becomes of errors: one line on standard error and an exit code."""

# ruff: noqa: PLC0415 - what only failures and some commands need is loaded when it is needed

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Sequence
from copy import copy
from typing import Final

import typer
from typer.models import CommandInfo

from searchkit.cli.commands import app
from searchkit.cli.messages import note
from searchkit.cli.options import PipeClosed
from searchkit.errors import SearchkitError
from searchkit.terminal import safe

#: Typer's usage errors (an unknown option, a bad choice): the base of the one of them that it exports.
_WRONG_USAGE: Final[type[Exception]] = typer.BadParameter.__mro__[2]
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`sys.argv` where no arguments are given) and return its exit code. Raises nothing."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        _settle_process()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the terminal's encoding lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    code = 0
    try:
        code = _run(given)
        sys.stdout.flush()
    except (PipeClosed, BrokenPipeError):  # whoever reads us has seen enough
        _forget_output()
        return 0
    except OSError as error:  # a full disk
        _forget_output()
        if code == 0:
            return _failed(error)
    return code


def _settle_process() -> None:
    """What makes this process start and end sooner, where it is ours alone."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's linear algebra is not used: no threads for it
    # Loading makes next to no garbage, and the end of the process takes what there is.
    gc.set_threshold(50_000, 10, 10)
    atexit.register(gc.freeze)


def _forget_output() -> None:
    """Let what is still buffered go nowhere, so that it does not raise once more when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    debug = arguments[:1] == ["--debug"]
    try:
        outcome = _holding(arguments)(arguments, prog_name="searchkit", standalone_mode=False)
    except SearchkitError as error:
        note(str(error))
        return error.exit_code
    except _WRONG_USAGE as error:
        return _wrong_usage(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        outcome = _INTERRUPTED
    except PipeClosed:
        raise
    except OSError as error:  # a folder that may not be read, a disk that fails
        return _unexpected(error, debug=debug) if debug else _failed(error)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback at a user who did not ask for one
        return _unexpected(error, debug=debug)
    if outcome == _INTERRUPTED:
        note("interrupted")
    return outcome if isinstance(outcome, int) else 0


def _holding(arguments: list[str]) -> typer.Typer:
    """The app with only the command that the arguments name, if they do: the others need not be set up for it."""
    named = _named(arguments)
    if named is None:
        return app
    alone = copy(app)
    alone.registered_commands = [named]
    return alone


def _named(arguments: list[str]) -> CommandInfo | None:
    """The command that the arguments name."""
    name = next((each for each in arguments if not each.startswith("-")), None)
    return next((each for each in app.registered_commands if each.name == name), None)


def _failed(error: OSError) -> int:
    note(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
    return 1


def _wrong_usage(error: Exception, arguments: list[str]) -> int:
    named = _named(arguments)
    path = f"searchkit {named.name}" if named else "searchkit"
    message = getattr(error, "format_message", error.__str__)()
    if not message:  # no command given: Typer has printed the help
        return 2
    # Typer's own checks are pydantic's, and say so.
    message = message.replace("Value error, ", "").rstrip(".")
    note(f"{message[:1].lower()}{message[1:]}{' -' if message.endswith('?') else ';'} see '{path} --help'")
    return 2


def _unexpected(error: Exception, *, debug: bool) -> int:
    if debug:
        import traceback

        print(safe("".join(traceback.format_exception(error)), multiline=True), file=sys.stderr)  # noqa: T201
    hint = "" if debug else " (for the traceback: searchkit --debug COMMAND ...)"
    note(f"unexpected {type(error).__name__}: {error}{hint}")
    return 1
