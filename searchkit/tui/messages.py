"""What the screen says about an answer: totals, the query as it was understood, and what to do about none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from searchkit.terminal import safe
from searchkit.tui.paint import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchkit.model import Results
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


def about_line(results: Results | None, error: str) -> Content:
    """The query as it was understood, and the notes on it; or the error."""
    if error:
        return Content.assemble(("✗ ", "bold $error"), (error, "$error"))
    if results is None:
        return Content("")
    parts: list[Content | tuple[str, str]] = []
    if results.query.strip():
        parts.append(("↳ " + safe(results.parsed), ""))
    for note in results.notes:
        parts += [("   ", ""), ("⚠ " + safe(note), "$warning")]
    if not parts:
        parts.append(('every paragraph · type words, "a phrase", prefix*, person:biden', ""))
    return Content.assemble(*parts)


def empty_text(results: Results, state: State, chips: Sequence[Chip]) -> Content:
    """Why there is nothing, and what can be done about it."""
    lines: list[tuple[str, str]] = []
    if not state.query.strip() and not chips:
        return Content.assemble(
            ("There is nothing in this index yet.\n\n", "bold"),
            ("Leave with q and fill it:  searchkit index FOLDER", "$text-muted"),
        )
    what = f" for {safe(state.query.strip())}" if state.query.strip() else ""
    lines.append((f"Nothing found{what}.\n\n", "bold"))
    lines += [(f"{safe(note)}\n", "$warning") for note in results.notes]
    spellings = [each for each in results.suggestions if each.kind == "spelling"]
    values = [each for each in results.suggestions if each.kind == "value"]
    if spellings:
        lines.append(("Did you mean  ", ""))
        lines.append(("  ".join(safe(each.text) for each in spellings), "bold $primary"))
        lines.append(("   ctrl+y takes the first\n", "$text-muted"))
    if values:
        lines.append(("As a filter  ", ""))
        lines.append(("  ".join(f"{safe(each.text)} ({each.dimension})" for each in values), "bold $primary"))
        lines.append(("\n" if spellings else "   ctrl+y takes the first\n", "$text-muted"))
    if chips:
        names = ", ".join(("not " if chip.excludes else "") + safe(chip.label) for chip in chips)
        lines.append((f"\nFiltered by {names}.\n", ""))
        lines.append(("c clears the filters · u takes back the last change\n", "$text-muted"))
    if state.scope == "paragraph" and (len(state.query.split()) > 1 or len(chips) > 1):
        lines.append(("D searches whole documents: words may stand in different paragraphs\n", "$text-muted"))
    if " " in state.query.strip():
        lines.append(("Fewer words find more · OR between words finds either\n", "$text-muted"))
    return Content.assemble(*lines)
