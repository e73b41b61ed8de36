"""What `search --explain` says: the plan as a tree with the hits of each clause, and where the time went."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

from rich.cells import chop_cells

from searchkit.model import ExplainedClause, Explanation
from searchkit.terminal import safe


def write_explanation(explanation: Explanation) -> None:
    """Write it on standard error, no line wider than the terminal."""
    width = max(20, shutil.get_terminal_size((80, 24)).columns)
    for line in _lines(explanation):
        sys.stderr.write((chop_cells(safe(line), width) or [""])[0].rstrip() + "\n")


def _lines(explanation: Explanation) -> Iterator[str]:
    several = len(explanation.segments) > 1
    yield f"understood as {explanation.results.parsed or 'everything'}"
    yield f"{'hits':>9}  clause" + (f" (in each of {len(explanation.segments)} segments)" if several else "")
    yield from _tree(explanation.plan, several, "", "")
    if explanation.results.total != explanation.plan.hits:
        yield f"{explanation.results.total:>9,}  of these with what is selected, dates and scope"
    yield f"answered in {explanation.results.took_ms:.1f} ms:"
    for step, took in explanation.steps.items():
        yield f"{took:>9.2f}  {step}"


def _tree(clause: ExplainedClause, several: bool, before: str, below: str) -> Iterator[str]:
    split = f" ({' + '.join(f'{hits:,}' for hits in clause.per_segment)})" if several else ""
    yield f"{clause.hits:>9,}  {before}{clause.text}{split}"
    for number, part in enumerate(clause.parts, start=1):
        last = number == len(clause.parts)
        yield from _tree(part, several, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))
