"""What is taken out of the UI: files of hits, and the same search as a command line."""

from __future__ import annotations

import re
import shlex
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from searchkit.model import Request
from searchkit.output import CsvWriter, write_jsonl, write_markdown
from searchkit.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from searchkit.model import Hit
    from searchkit.search.engine import Engine
    from searchkit.tui.state import State

#: The flags that the command line has for a dimension of its own.
_FLAGS: Final = {"people": "person", "countries": "country", "weapons": "weapon"}


def names(engine: Engine, state: State, labels: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Of the values chosen those whose label means them and nothing else, by what `engine` makes of it."""
    found = {}
    for dimension, value, _ in state.chosen():
        label = labels.get((dimension, value), value)
        asked = Request("", filters={dimension: (label,)}, dimensions=(dimension,), limit=0, facet_limit=1)
        if label == safe(label) != value:
            meant = [each.id for each in engine.search(asked).facets[dimension].values if each.selected]
            if meant == [value]:
                found[dimension, value] = label
    return found


def command_line(state: State, index: str | None, named: Mapping[tuple[str, str], str]) -> str:
    """The `searchkit search` that asks the same; values go by what they are `named`, else by id."""
    words = ["searchkit", "search", state.query]
    for dimension, chosen, excludes in state.chosen():
        value = named.get((dimension, chosen), chosen)
        if dimension in _FLAGS:
            words += [f"--{'not-' if excludes else ''}{_FLAGS[dimension]}", value]
        else:
            words += ["--not" if excludes else "--filter", f"{dimension}={value}"]
    for dimension in state.all_of:
        words += ["--all-of", dimension]
    for flag, date in (("--from", state.date_from), ("--to", state.date_to)):
        words += [flag, date] if date else []
    if state.scope != "paragraph":
        words += ["--scope", state.scope]
    if state.sort != "relevance":
        words += ["--sort", state.sort]
    if state.query.strip():
        words.append("--live")
    if index is not None:
        words += ["--index", index]
    return safe(shlex.join(words))


def _write_csv(hits: Iterable[Hit], stream: TextIO) -> None:
    CsvWriter(stream).write(hits)


#: What each ending of a file's name writes.
FORMATS: Final[dict[str, Callable[[Iterable[Hit], TextIO], None]]] = {
    ".md": write_markdown,
    ".csv": _write_csv,
    ".jsonl": write_jsonl,
}


def file_name(state: State) -> str:
    """A name for a file of this search's hits that no file has yet."""
    words = re.findall(r"\w+", state.query.casefold())[:5]
    stem = "-".join(["searchkit", *(words or ["hits"])])
    names = (f"{stem}{'' if number == 1 else f'-{number}'}.md" for number in count(1))
    return next(name for name in names if not Path(name).exists())
