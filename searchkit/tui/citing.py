"""What leaves the program: citations, exported hits, and the same search as a command line. Pure functions."""

from __future__ import annotations

import csv
import json
import re
import shlex
from io import StringIO
from typing import TYPE_CHECKING, Final

from searchkit.model import ENTITY_DIMENSIONS
from searchkit.terminal import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from searchkit.model import Hit
    from searchkit.tui.state import State

#: The flags that the command line has for a dimension of its own.
_FLAGS: Final = {"people": "person", "countries": "country", "weapons": "weapon"}
_COLUMNS: Final = ("id", "document", "paragraph", "date", "source", "title", "score", *ENTITY_DIMENSIONS, "text")
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def citation(hit: Hit) -> str:
    """`“text” — Title, Source, 2024-11-17, paragraph 3 (seeds/a.txt)`, on two lines."""
    where = [hit.title, hit.source, hit.date, f"paragraph {hit.paragraph + 1}"]
    about = ", ".join(each for each in where if each)
    return safe(f"“{hit.text.strip()}”", multiline=True) + "\n" + safe(f"— {about} ({hit.document})")


def command_line(state: State, index: str | None = None) -> str:
    """The `searchkit search` that asks the same."""
    words = ["searchkit", "search", state.query]
    for dimension, value, excludes in state.chosen():
        if dimension in _FLAGS:
            words += [f"--{'not-' if excludes else ''}{_FLAGS[dimension]}", value]
        else:
            words += ["--not" if excludes else "--filter", f"{dimension}={value}"]
    for dimension in state.all_of:
        words += ["--all-of", dimension]
    if state.scope != "paragraph":
        words += ["--scope", state.scope]
    if state.sort != "relevance":
        words += ["--sort", state.sort]
    if state.query.strip():
        words.append("--live")
    if index is not None:
        words += ["--index", index]
    return safe(shlex.join(words))


def to_jsonl(hits: Iterable[Hit]) -> str:
    """A hit a line, as `search --format jsonl` prints it."""
    return "".join(json.dumps(_record(hit), ensure_ascii=False) + "\n" for hit in hits)


def _record(hit: Hit) -> dict[str, object]:
    names = ("id", "score", "document", "title", "date", "source", "paragraph", "text")
    record: dict[str, object] = {name: getattr(hit, name) for name in names}
    record["highlights"] = [list(span) for span in hit.highlights]
    record["facets"] = {name: list(values) for name, values in hit.facets.items()}
    if hit.document_hits is not None:
        record["document_hits"] = hit.document_hits
    return record


def to_csv(hits: Iterable[Hit]) -> str:
    """The columns of `search --format csv`; no cell can be a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for hit in hits:
        cells = {
            **{name: getattr(hit, name, None) for name in _COLUMNS},
            **{name: "; ".join(hit.facets.get(name, ())) for name in ENTITY_DIMENSIONS},
        }
        writer.writerow([_cell(cells[name]) for name in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA) else text


def to_markdown(hits: Iterable[Hit]) -> str:
    """Quotations with their sources."""
    parts = []
    for hit in hits:
        quoted = "\n".join(f"> {_plain(line)}" for line in hit.text.splitlines() or [""])
        where = [hit.title, hit.source, hit.date, f"paragraph {hit.paragraph + 1}", hit.document]
        parts.append(f"{quoted}\n>\n> — {_plain(', '.join(each for each in where if each))}\n")
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", safe(text))


FORMATS: Final[dict[str, Callable[[Iterable[Hit]], str]]] = {".md": to_markdown, ".csv": to_csv, ".jsonl": to_jsonl}


def file_name(state: State) -> str:
    """A name for a file of this search's hits."""
    words = re.findall(r"\w+", state.query.casefold())[:5]
    return "-".join(["searchkit", *(words or ["hits"])]) + ".md"
