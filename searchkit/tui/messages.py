"""What the screen says about an answer: totals, the query as it was understood, what to do where nothing was found."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from textual.content import Content

from searchkit.terminal import safe
from searchkit.tui.names import folded
from searchkit.tui.paint import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchkit.model import Results, Suggestion
    from searchkit.tui.chips import Chip
    from searchkit.tui.state import State


def counted(number: int, word: str) -> str:
    """`1 paragraph`, `2 paragraphs`."""
    return f"{grouped(number)} {word}{'' if number == 1 else 's'}"


def total_text(results: Results) -> str:
    """`1 234 paragraphs · 1.2 ms`."""
    took = f"{results.took_ms:.1f} ms" if results.took_ms < 100 else f"{results.took_ms / 1000:.1f} s"
    at_least = "" if results.exact else "≥ "
    if results.total_documents is not None:
        return f"{at_least}{counted(results.total_documents, 'document')} · {took}"
    return f"{at_least}{counted(results.total, 'paragraph')} · {took}"


def about_line(results: Results | None, *, error: str = "") -> Content:
    """The query as it was understood, the notes on it, a value that it may mean; or the error."""
    if error:
        return Content.assemble(("✗ ", "bold $error"), (error, "$error"))
    if results is None:
        return Content("")
    parts: list[tuple[str, str]] = []
    if results.query.strip():
        parts.append(("↳ " + safe(results.parsed), ""))
    else:
        parts.append(("Everything, newest first", ""))
    if results.total:  # else they stand where the results would
        parts += [("   ⚠ " + safe(note), "$warning") for note in results.notes]
    value = next((each for each in results.suggestions if each.kind == "value"), None)
    if value is not None and results.total:
        parts += [
            ("   ctrl+y", "bold $primary"),
            (f" filters by {safe(value.text)} ({safe(value.dimension or '')})", ""),
        ]
    return Content.assemble(*parts)


def suggested(results: Results | None, state: State) -> tuple[Suggestion, State] | None:
    """The first suggestion and the state it leads to: another spelling of a word, or a filter in place of the words."""
    if results is None or not results.suggestions:
        return None
    first = results.suggestions[0]
    if first.kind == "value" and first.dimension is not None and first.id is not None:
        chosen = (
            state if first.id in state.filters.get(first.dimension, ()) else state.toggled(first.dimension, first.id)
        )
        return first, replace(chosen, query="")
    words = state.query.split()
    if not words:
        return None
    meant = folded(first.text)
    at = max(range(len(words)), key=lambda place: SequenceMatcher(None, folded(words[place]), meant).ratio())
    return first, replace(state, query=" ".join([*words[:at], first.text, *words[at + 1 :]]))


def failed_text(error: str) -> Content:
    """What went wrong, and that nothing is lost by it."""
    lines = [("No answer.\n\n", "bold"), (f"{error}\n\n", "$error")]
    lines.append(("The query, the filters and what is marked stay as they are.\n\n", ""))
    return Content.assemble(*lines, *_key("u", "takes the last step back (esc first, while typing)"))


def empty_text(results: Results, state: State, chips: Sequence[Chip]) -> Content:
    """Why there is nothing, and what can be done about it."""
    if not state.query.strip() and not chips:
        return Content.assemble(
            ("There is nothing in this index yet.\n\n", "bold"),
            ("Leave with ctrl+q and fill it:  searchkit index FOLDER", "$sk-muted"),
        )
    what = f" for {safe(state.query.strip())}" if state.query.strip() else ""
    lines: list[tuple[str, str]] = [(f"Nothing found{what}.\n", "bold")]
    lines += [(f"{safe(_by_label(note, chips))}\n", "$warning") for note in results.notes]
    meant = {kind: [each for each in results.suggestions if each.kind == kind] for kind in ("spelling", "value")}
    if meant["spelling"]:
        names = ", ".join(safe(each.text) for each in meant["spelling"])
        lines += [("\nDid you mean  ", ""), (names, "bold $primary"), ("?\n", "")]
    if meant["value"]:
        names = ", ".join(f"{safe(each.text)} ({safe(each.dimension or '')})" for each in meant["value"])
        lines += [("\nAs a filter  ", ""), (names, "bold $primary"), ("\n", "")]
    if results.suggestions:
        lines += _key("ctrl+y", f"takes {safe(results.suggestions[0].text)}")
    if chips:
        names = ", ".join(("not " if chip.excludes else "") + safe(chip.label) for chip in chips)
        lines.append((f"\nFiltered by {names}.\n", ""))
    keys = _key("F", "goes to the filters") + _key("c", "clears them") if chips else []
    words = len(state.query.split())
    if state.scope == "paragraph" and words + len(chips) > 1:
        keys += _key("D", "searches whole documents: words and filters may be met in different paragraphs")
    if words > 1:
        lines += [("\n", ""), *_key("OR", "between words finds either of them")]
    if keys:
        lines += [("\nOutside the box (esc leaves it)\n", "$sk-muted"), *keys]
    return Content.assemble(*lines)


def _by_label(note: str, chips: Sequence[Chip]) -> str:
    """A note names filters as they were asked by: by id."""
    for chip in chips:
        note = note.replace(repr(chip.id), chip.label)
    return note


def _key(key: str, does: str) -> list[tuple[str, str]]:
    return [(f"{key:<7}", "bold $primary"), (f"{does}\n", "$sk-muted")]
