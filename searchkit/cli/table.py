"""Results as a person reads them in a terminal: hits with the words found in bold, facets in columns under them.

Plain text but for bold, which stays away where the output is no terminal, where NO_COLOR is set and on dumb terminals.
Every text passes the sanitiser here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat, zip_longest
from typing import Final, TextIO

from rich.cells import cell_len, chop_cells, set_cell_size

from searchkit.model import Evidence, Facet, Hit, Results, StoredDocument, StoredParagraph
from searchkit.output import label_names
from searchkit.terminal import isolated, safe, safe_spans

Span = tuple[int, int]
_INDENT: Final = "    "
#: Lines of a hit's text that are shown; `searchkit show ID` shows all.
_LINES: Final = 4
_WIDEST: Final = 110  # longer lines are hard to read
#: Cells of the longest bar, and the narrowest column that has bars: labels come first.
_BAR: Final = 6
_WIDTH_WITH_BARS: Final = 34


@dataclass(frozen=True, slots=True)
class Style:
    """The width of the output in cells, and whether it may be made bold and dim."""

    width: int
    plain: bool

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """What fits `stream`."""
        plain = not stream.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(width=max(40, shutil.get_terminal_size((80, 24)).columns), plain=plain)

    def bold(self, text: str) -> str:
        """`text`, bold if that is possible."""
        return text if self.plain or not text else f"\x1b[1m{text}\x1b[22m"

    def dim(self, text: str) -> str:
        """`text`, dim if that is possible."""
        return text if self.plain or not text else f"\x1b[2m{text}\x1b[22m"


def write_results(results: Results, stream: TextIO, *, offset: int = 0) -> None:
    """Write the hits and, under them, the facets; `offset` is the number of hits skipped."""
    style = Style.of(stream)
    for number, hit in enumerate(results.hits, start=offset + 1):
        stream.writelines(line.rstrip() + "\n" for line in _hit_lines(number, hit, style))
        stream.write("\n")
    write_facets(results, stream)
    write_totals(results, stream, offset=offset)


def write_totals(results: Results, stream: TextIO, *, offset: int = 0) -> None:
    """Write how many paragraphs match, and which of them are shown."""
    stream.write(_totals(results, offset) + "\n")


def write_facets(results: Results, stream: TextIO) -> None:
    """Write the counted dimensions side by side, or one under the other where it is too narrow."""
    style = Style.of(stream)
    facets = {name: facet for name, facet in results.facets.items() if facet.values}
    if not facets:
        return
    side_by_side = max(1, min(len(facets), (style.width + 2) // 26))
    width = min(44, (style.width + 2) // side_by_side - 2)
    columns = [list(_facet_lines(name, facet, width, style)) for name, facet in facets.items()]
    for start in range(0, len(columns), side_by_side):
        for row in zip_longest(*columns[start : start + side_by_side], fillvalue=("", "")):
            line = "  ".join(shown + " " * (width - cell_len(text)) for text, shown in row)
            stream.write(line.rstrip() + "\n")
        stream.write("\n")


def write_evidence(evidence: Evidence, stream: TextIO) -> None:
    """Write the surface forms behind a value's count, with examples."""
    style = Style.of(stream)
    stream.write(
        style.bold(f"{isolated(evidence.value)} ({safe(evidence.dimension)})") + f": {_count(evidence.count, 'hit')}\n"
    )
    for form in evidence.forms:
        doubt = f", ambiguous: also {', '.join(map(isolated, form.also))}" if form.also else ", ambiguous"
        how = f"{safe(form.kind)}, {safe(form.rule)}{doubt if form.ambiguous else ''}"
        stream.write(f"  {form.count:>6}  {isolated(form.text)}  {style.dim(how)}\n")
        for example in form.examples:
            at = example.casefold().find(form.text.casefold())
            text, spans = safe_spans(example, [(at, at + len(form.text))] if at >= 0 else [])
            stream.writelines(f"          {line}\n" for line in _wrapped(text, spans, style.width - 12, 2, style))
    if not evidence.forms:
        stream.write("  given by the records themselves\n" if evidence.count else "  no hit names it\n")


def write_document(
    document: StoredDocument, paragraph: StoredParagraph, context: Sequence[StoredParagraph], stream: TextIO
) -> None:
    """Write a paragraph whole, with those around it and what it names."""
    style = Style.of(stream)
    where = (document.source, document.date, document.identity)
    stream.write(style.bold(isolated(document.title or document.identity)) + "\n")
    stream.write(style.dim(" · ".join(isolated(part) for part in where if part)) + "\n\n")
    for shown in sorted((paragraph, *context), key=lambda one: one.number):
        mark, spans = (">", _mentions(shown)) if shown is paragraph else (" ", [])
        lines = _wrapped(safe(shown.text), spans, min(style.width, _WIDEST) - 7, None, style)
        margins = chain([f"{mark} {shown.number + 1:>4}  "], repeat(f"{mark}       "))
        stream.writelines(f"{margin}{line}\n" for margin, line in zip(margins, lines, strict=False))
        stream.write("\n")
    for name in paragraph.labels:
        values = label_names(paragraph, name)
        if values:
            stream.write(f"{safe(name)}: {', '.join(isolated(value) for value in values)}\n")


def _mentions(paragraph: StoredParagraph) -> list[Span]:
    """Where the sanitised text of a paragraph names something: sorted, disjoint."""
    found = sorted(
        (mention.start, mention.end)
        for labels in paragraph.labels.values()
        for label in labels
        for mention in label.mentions
    )
    spans: list[Span] = []
    for start, end in safe_spans(paragraph.text, found)[1]:
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _hit_lines(number: int, hit: Hit, style: Style) -> Iterator[str]:
    width = min(style.width, _WIDEST)
    before = f"{number}. "
    yield style.bold(before + _field(hit.title or hit.document, width - len(before)))
    where = [hit.date, hit.source, f"¶{hit.paragraph + 1}", hit.document]
    if hit.document_hits is not None:
        where.insert(2, _count(hit.document_hits, "paragraph"))
    yield _INDENT + style.dim(_field(" · ".join(part for part in where if part), width - len(_INDENT)))
    text, spans = safe_spans(hit.text, hit.highlights)
    for line in _wrapped(text, spans, width - len(_INDENT), _LINES, style):
        yield _INDENT + line
    values = [isolated(value) for name in hit.facets for value in hit.facets[name]]
    if values:
        yield from (_INDENT + style.dim(line) for line in _wrapped(" · ".join(values), (), width - 4, 2, style))
    yield _INDENT + style.dim(f"searchkit show {safe(hit.id)}")


def _facet_lines(name: str, facet: Facet, width: int, style: Style) -> Iterator[tuple[str, str]]:
    """The lines of a facet's column: as measured, and as written."""
    heading = _field(f"{name.capitalize()} ({facet.distinct:,})", width)
    yield heading, style.bold(heading)
    most = max((value.count for value in facet.values), default=0)
    digits = len(str(most))
    bars = _BAR if width >= _WIDTH_WITH_BARS else 0
    for value in facet.values:
        mark = "+" if value.selected else "-" if value.excluded else " "
        room = width - digits - (bars + 1 if bars else 0) - 3
        label = _field(value.value, room)
        label += " " * (room - cell_len(label))
        bar = "█" * -(-value.count * bars // most) if most else ""
        line = f"{mark} {label} {value.count:>{digits}} {bar}".rstrip()
        yield line, style.bold(line) if value.selected or value.excluded else line
    if facet.more:
        line = f"  {facet.more} more"
        yield line, style.dim(line)


def _totals(results: Results, offset: int) -> str:
    about = "" if results.exact else "about "
    total = about + _count(results.total, "paragraph")
    if results.total_documents is not None:
        total += f" in {_count(results.total_documents, 'document')}"
    if results.hits and len(results.hits) < (results.total_documents or results.total):
        total += f", {offset + 1:,} to {offset + len(results.hits):,} shown"
    return f"{total} ({results.took_ms:.1f} ms)"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _field(text: str, width: int) -> str:
    """`text`, sanitised and isolated, in at most `width` cells."""
    shown = safe(text)
    return isolated(shown if cell_len(shown) <= width else set_cell_size(shown, max(0, width - 1)).rstrip() + "…")


def _wrapped(text: str, spans: Iterable[Span], width: int, most: int | None, style: Style) -> Iterator[str]:
    """`text` in lines of at most `width` cells, `spans` in bold; not more than `most`, those around the first span."""
    lines = list(_lines(text, max(10, width - 2)))
    spans = list(spans)
    first = 0
    if most is not None and len(lines) > most and spans:
        found = next(number for number, (_, end) in enumerate(lines) if end > spans[0][0] or number == len(lines) - 1)
        first = max(0, min(found - 1, len(lines) - most))
    last = len(lines) if most is None else min(len(lines), first + most)
    for number in range(first, last):
        before = "…" if number == first and first else ""
        after = " …" if number == last - 1 and last < len(lines) else ""
        yield before + _emphasised(text, lines[number], spans, style) + after


def _lines(text: str, width: int) -> Iterator[Span]:
    """Ranges of `text` that fit `width` cells, broken at spaces where there are any."""
    start = 0
    while start < len(text):
        taken = len(chop_cells(text[start : start + width + 1], width)[0])
        end = start + taken
        if end < len(text) and text[end] != " ":
            space = text.rfind(" ", start, end)
            end = space if space > start else end
        yield start, end
        start = end
        while start < len(text) and text[start] == " ":
            start += 1


def _emphasised(text: str, line: Span, spans: Sequence[Span], style: Style) -> str:
    pieces: list[str] = []
    done, stop = line
    for start, end in spans:
        first, last = max(start, done), min(end, stop)
        if first < last:
            pieces += (text[done:first], style.bold(text[first:last]))
            done = last
    return "".join((*pieces, text[done:stop]))


def write_pairs(pairs: Iterable[tuple[str, str]], stream: TextIO) -> None:
    """Write names and what they are, one a line, aligned."""
    listed = list(pairs)
    width = max(len(name) for name, _ in listed)
    stream.writelines(f"{name:<{width}}  {safe(text)}\n" for name, text in listed)
