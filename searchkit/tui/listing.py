"""The values of a facet as rows: one under another, or each under what stands above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchkit.model import FacetValue


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the pane. `count` is None for a branch that the engine did not count."""

    id: str
    label: str
    count: int | None = None
    selected: bool = False
    excluded: bool = False
    depth: int = 0
    branch: tuple[str, ...] | None = None
    folded: bool = False
    pinned: bool = False


def flat_rows(values: Sequence[FacetValue]) -> list[Row]:
    """The values one under another, the selected and excluded first."""
    pinned = [value for value in values if value.selected or value.excluded]
    rest = [value for value in values if not (value.selected or value.excluded)]
    return [_row(value, pinned=True) for value in pinned] + [_row(value) for value in rest]


def tree_rows(values: Sequence[FacetValue], folded: frozenset[tuple[str, ...]]) -> list[Row]:
    """The values under their parents, siblings in the order given; above them, pinned, the selected and excluded."""
    nodes: dict[tuple[str, ...], FacetValue | None] = {}
    for value in values:
        twin = value.path in nodes
        nodes[(*value.path[:-1], f"{value.path[-1]}\0{value.id}") if twin else value.path] = value
    for value in values:
        for depth in range(1, len(value.path)):
            nodes.setdefault(value.path[:depth], None)
    children: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for path in nodes:
        children.setdefault(path[:-1], []).append(path)
    roots = children.get((), [])
    # A single root would push everything to the right and say nothing.
    step = 1 if len(roots) == 1 and children.get(roots[0]) else 0
    rows = [_row(value, pinned=True) for value in values if value.selected or value.excluded]
    waiting = list(reversed(roots))
    while waiting:
        path = waiting.pop()
        below = children.get(path)
        depth = max(len(path) - 1 - step, 0)
        node, branch, shut = nodes[path], path if below else None, path in folded
        if node is None:
            rows.append(Row(path[-1], path[-1], depth=depth, branch=branch, folded=shut))
        else:
            rows.append(_row(node, depth=depth, branch=branch, folded=shut))
        if below and not shut:
            waiting.extend(reversed(below))
    return rows


def _row(
    value: FacetValue,
    *,
    depth: int = 0,
    branch: tuple[str, ...] | None = None,
    folded: bool = False,
    pinned: bool = False,
) -> Row:
    return Row(value.id, value.value, value.count, value.selected, value.excluded, depth, branch, folded, pinned)
