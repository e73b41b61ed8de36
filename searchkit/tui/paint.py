"""Text into cells: cutting, wrapping, bars and styled lines. Pure functions; every text given here is already safe."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style

#: A bar is drawn in eighths of a cell.
EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
#: A column of a sparkline, in eighths of its height.
LEVELS: Final = " ▁▂▃▄▅▆▇█"


class Span(NamedTuple):
    """A style over the characters [start, end) of a text; later spans lie over earlier ones."""

    start: int
    end: int
    style: Style


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…"


def clip(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    return text if cell_len(text) <= width else fit(text, width)


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells; anything above nothing shows at least an eighth."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0 and width:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(width)


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Where `text` is broken to stand in `width` cells: ranges of characters, at spaces where there are some."""
    if width <= 0:
        return []
    lines: list[tuple[int, int]] = []
    start, length = 0, len(text)
    narrow = text.isascii()
    while start < length:
        end = min(start + width, length) if narrow else _reach(text, start, width)
        if end < length and text[end] != " ":
            space = text.rfind(" ", start, end)
            if space > start:
                end = space
        lines.append((start, end))
        start = end
        while start < length and text[start] == " ":
            start += 1
    return lines or [(0, 0)]


def _reach(text: str, start: int, width: int) -> int:
    """The end of the longest run of characters from `start` that stands in `width` cells (at least one)."""
    low, high = start + 1, min(start + width * 2 + 8, len(text))
    while low < high:
        middle = (low + high + 1) // 2
        if cell_len(text[start:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def passage(text: str, highlights: Sequence[tuple[int, int]], width: int, lines: int) -> list[tuple[int, int]]:
    """The `lines` lines of the wrapped text that show the most highlights; the first such, one line of run-up kept."""
    broken = wrap(text, width)
    if len(broken) <= lines or not highlights:
        return broken[:lines]
    per_line = [sum(start < end_of and end > start_of for start, end in highlights) for start_of, end_of in broken]
    first = max(range(len(broken) - lines + 1), key=lambda at: (sum(per_line[at : at + lines]), -at))
    if first and lines > 1 and not per_line[first + lines - 1]:
        first -= 1
    return broken[first : first + lines]


def styled(text: str, start: int, end: int, spans: Iterable[Span], base: Style) -> list[Segment]:
    """The characters [start, end) of `text` as segments, each span's style over `base`."""
    inside = [span for span in spans if span.start < end and span.end > start]
    if not inside:
        return [Segment(text[start:end], base)]
    edges = sorted({start, end, *(min(max(edge, start), end) for span in inside for edge in span[:2])})
    segments: list[Segment] = []
    for left, right in itertools.pairwise(edges):
        style = base
        for span in inside:
            if span.start <= left and span.end >= right:
                style += span.style
        segments.append(Segment(text[left:right], style))
    return segments


def line(parts: Iterable[tuple[str, Style]], width: int, fill: Style) -> Strip:
    """One line of exactly `width` cells from pieces of text."""
    return Strip([Segment(text, style) for text, style in parts if text]).adjust_cell_length(width, fill)


def strip(segments: Iterable[Segment], width: int, fill: Style) -> Strip:
    """One line of exactly `width` cells from segments."""
    return Strip(segments).adjust_cell_length(width, fill)


def grouped(number: int) -> str:
    """A count as people read it: `1 234 567`, with a thin gap that no locale mistakes for a decimal point."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def short(number: int, width: int) -> str:
    """A count in at most `width` cells: in full if it fits, else in thousands or millions (`1.2M`)."""
    full = grouped(number)
    if len(full) <= width:
        return full
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            scaled = number / size
            return f"{scaled:.1f}{unit}" if scaled < 10 and width >= 4 else f"{int(scaled)}{unit}"
    return full


def sparkline(counts: Sequence[int]) -> str:
    """One column of eight levels for each count; a count above nothing is always seen."""
    top = max(counts, default=0)
    return "".join(LEVELS[max(1, round(count / top * 8))] if count else LEVELS[0] for count in counts)
