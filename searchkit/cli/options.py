"""The options that several commands share, each declared once, and how a command takes a group of them.

A group is a frozen dataclass whose fields are Typer options. A command names the group as one parameter:

    @command(app)
    def search(query: Query = None, filters: Filters, ...) -> None

and `command` replaces that parameter by the group's fields when it registers the function.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from searchkit.model import Sort

#: What a command returns: its exit code, None for 0.
Outcome = int | None


class PipeClosed(Exception):  # noqa: N818 - not an error: whoever read our output has read enough
    """The reader of standard output is gone. As an OSError it would not reach us: Typer ends the run with 1."""


class PlainValues:
    """Takes a parameter's value as it stands where there is next to nothing to convert, and else leaves it to Typer.

    Typer has pydantic convert even a string into a string, and loading that takes longer than a search.
    """

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401 - Typer's interface
        """The value as the command takes it. `typer.BadParameter`."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        kind, parser = param.type_descriptor.annotation, param.type_descriptor.parameter_info.parser
        if several and parser is None and isinstance(value, (list, tuple)):
            (each,) = get_args(kind) or (str,)
            plain = [_plain(one, each) for one in value]
            if _ODD not in plain:
                return plain
        elif not several:
            taken = parser(value) if parser else _plain(value, kind)
            if taken is not _ODD:
                return taken
        param._runtime_param = None  # noqa: SLF001 - as below: Typer makes its own now
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


_ODD: Final = object()


def _plain(value: object, kind: object) -> object:
    """`value` as the kind of thing that it has to be, or `_ODD` where that is not plain."""
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    return value if isinstance(value, str) and value in get_args(kind) else _ODD


def _plainly(parameters: list[Any]) -> list[Any]:
    """The parameters, converted by `PlainValues` if this Typer keeps with each what converts it."""
    for parameter in parameters:
        if getattr(parameter, "_runtime_param", parameter) is None:
            parameter._runtime_param = PlainValues()  # noqa: SLF001 - Typer has no other way in
    return parameters


class Command(TyperCommand):
    """A command that converts its values by `PlainValues`."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - Click's Context, or Typer's copy of it
        """Its own parameters and --help."""
        return _plainly(super().get_params(ctx))


class Group(TyperGroup):
    """The commands together; the options before a command are converted by `PlainValues` too."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401 - as above
        """Its own parameters, Typer's for completion, and --help."""
        return _plainly(super().get_params(ctx))


class QueryCommand(Command):
    """A command whose QUERY may begin with `-`.

    No option of such a command is a single dash and a word, so `-tanks` can only be a query; a word with two dashes
    is an option, and a wrong one if unknown. Everything after `--` is query.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Click's Context, or Typer's copy of it
        """Move the words that begin with one dash behind `--`, where Click takes them as they are."""
        known = {name: parameter for parameter in self.get_params(ctx) for name in parameter.opts}
        options: list[str] = []
        words: list[str] = []
        rest = iter(args)
        for argument in rest:
            if argument == "--":
                words += rest
            elif argument.startswith("--") or argument in known:
                options.append(argument)
                option = known.get(argument)
                if option is not None and not getattr(option, "is_flag", False):
                    value = next(rest, None)
                    if value is None:  # Click says so; it must not take our `--` for the value
                        return super().parse_args(ctx, options)
                    options.append(value)
            else:
                words.append(argument)
        return super().parse_args(ctx, [*options, "--", *words])


def command(
    app: typer.Typer, *examples: str, cls: type[TyperCommand] = Command
) -> Callable[[Callable[..., Outcome]], None]:
    """Register a function as a command of `app`, its option groups spread out; its help ends with the examples."""

    def register(function: Callable[..., Outcome]) -> None:
        hints = get_type_hints(function, include_extras=True)
        groups = {
            name: hint for name, hint in hints.items() if isinstance(hint, type) and dataclasses.is_dataclass(hint)
        }
        parameters: list[inspect.Parameter] = []
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name in groups:
                parameters += _spread(groups[parameter.name])
            else:
                parameters.append(parameter.replace(annotation=hints[parameter.name]))

        def run(**given: object) -> Outcome:
            for name, group in groups.items():
                fields = [parameter.name for parameter in _spread(group)]
                given[name] = group(**{field: given.pop(field) for field in fields})
            try:
                return function(**given)
            except BrokenPipeError as error:
                raise PipeClosed from error

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # PEP 362; mypy does not know it
        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        # \b keeps Click from filling the lines of what follows.
        shown = "\n".join(f"  {example}" for example in examples)
        help_text = f"{inspect.getdoc(function)}\n\n\b\nExamples:\n{shown}"
        app.command(name=function.__name__, help=help_text, cls=cls)(run)

    return register


def _spread(group: type) -> list[inspect.Parameter]:
    """The fields of an option group as parameters of a function."""
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(group)
    ]


Query = Annotated[
    list[str] | None, typer.Argument(metavar="QUERY", help="Words to find; none finds all.", show_default=False)
]
Index = Annotated[
    Path | None,
    typer.Option(
        "--index",
        metavar="DIR",
        help="The index. Default: $SEARCHKIT_INDEX, searchkit.toml, ./index.",
        show_default=False,
    ),
]


def size(given: str | int) -> int:
    """A number of bytes, with K, M or G for powers of 1024."""
    found = re.fullmatch(r"([0-9]{1,12})([kKmMgG]?)(?:i?[bB])?", str(given))
    if not found or not int(found[1]):
        raise typer.BadParameter(f"'{given}' is no size such as 512M or 2G")
    return int(found[1]) << {"": 0, "k": 10, "m": 20, "g": 30}[found[2].lower()]


def number(flag: str, help_text: str, *, least: int = 0) -> Any:  # noqa: ANN401 - what Typer's Option returns
    """An option that takes a whole number."""

    def parse(given: str | int) -> int:
        digits = str(given)
        if not re.fullmatch(r"[0-9]{1,18}", digits) or int(digits) < least:
            raise typer.BadParameter(f"'{given}' is not a whole number from {least} up")
        return int(digits)

    return typer.Option(flag, metavar="N", parser=parse, help=help_text)


Limit = Annotated[int, number("--limit", "Hits to show.")]
Offset = Annotated[int, number("--offset", "Hits to skip.")]
Context = Annotated[int, number("--context", "Paragraphs to show before and after.")]
FacetLimit = Annotated[int, number("--facet-limit", "Values to list in a dimension.")]
ValueLimit = Annotated[int, number("--limit", "Values to list in a dimension.")]
Jobs = Annotated[int | None, number("--jobs", "Workers. Default: one a processor.", least=1)]
Memory = Annotated[
    int | None,
    typer.Option("--memory", metavar="SIZE", parser=size, help="Memory for what is collected: 512M, 2G. Default: 1G."),
]
Order = Annotated[Sort, typer.Option("--sort", help="Order of the hits.")]
Live = Annotated[bool, typer.Option("--live", help="Take the last word as one that is still being typed.")]
Raw = Annotated[bool, typer.Option("--raw", help="In CSV, leave cells that a spreadsheet may run as they are.")]
#: How a search's hits can be written.
SearchFormat = Literal["table", "json", "jsonl", "csv", "markdown"]
TableOrJson = Literal["table", "json"]
TextOrJson = Literal["text", "json"]
BatchFormat = Literal["jsonl", "csv", "trec"]
