"""The reference of the command line as Markdown, from the declarations themselves.

python -m searchkit.cli.reference > docs/cli.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, get_args, get_origin

from searchkit.cli.commands import app

_HEAD: Final = """\
# The command line

Written by `python -m searchkit.cli.reference`; the text is that of `searchkit COMMAND --help`.

Data goes to standard output, everything else to standard error. A QUERY may be empty (it finds everything) and may
begin with `-`; everything after `--` is query. A word with two dashes is an option, and a wrong one if unknown.

| exit code | meaning |
|---|---|
| 0 | done; zero hits are no failure, nor is a reader that closes the pipe |
| 1 | failed: a limit, the time allowed, an unknown id, a format that this version cannot read |
| 2 | wrong usage: an unknown option or dimension, a bad date |
| 3 | some or all inputs failed or are missing; each is named, the rest is done |
| 4 | there is no index |
| 5 | the index is damaged |
| 6 | another process is writing |
| 130 | interrupted |
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_command(command.callback, command.help) for command in app.registered_commands)])


def _command(function: Callable[..., object] | None, help_text: str | None) -> str:
    if function is None or help_text is None:
        raise TypeError("every command is registered with its function and its help")
    parameters = [
        (parameter, *get_args(parameter.annotation)[:2])
        for parameter in inspect.signature(function).parameters.values()
    ]
    text, _, examples = help_text.partition("\n\n\b\nExamples:\n")
    arguments = [_argument(parameter, about) for parameter, _, about in parameters if _is_argument(about)]
    rows = [_row(*one) for one in parameters]
    return "\n".join(
        (
            f"## {' '.join(['searchkit', function.__name__, *arguments])}\n",
            text.replace("*", r"\*") + "\n",
            "```sh",
            *(line.strip() for line in examples.splitlines()),
            "```\n",
            "| | |",
            "|---|---|",
            *rows,
            "",
        )
    )


def _is_argument(about: Any) -> bool:  # noqa: ANN401 - Typer's record of an argument or an option
    return type(about).__name__ == "ArgumentInfo"


def _argument(parameter: inspect.Parameter, about: Any) -> str:  # noqa: ANN401 - as above
    return str(about.metavar) if parameter.default is parameter.empty else f"[{about.metavar}]"


def _row(parameter: inspect.Parameter, kind: Any, about: Any) -> str:  # noqa: ANN401 - as above
    choices = "\\|".join(_choices(kind))
    if _is_argument(about):
        name = about.metavar
    else:
        name = " ".join(part for part in (about.default, choices or about.metavar) if part)
    default = parameter.default
    shown = "" if default in (None, False, parameter.empty) else f" Default: `{default}`."
    return f"| `{name}` | {about.help}{shown} |"


def _choices(kind: Any) -> Iterator[str]:  # noqa: ANN401 - an annotation
    """The words that an option takes, where it takes only some."""
    if get_origin(kind) is Literal:
        yield from get_args(kind)
        return
    for part in get_args(kind):
        yield from _choices(part)


if __name__ == "__main__":
    sys.stdout.write(reference())
