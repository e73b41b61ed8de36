"""Markdown, one document a file: its headings, rules and fences are understood, the rest is read as plain text.

A heading before any text is the title; later ones are paragraphs, without their number signs. Marks within a line
(`*`, links) stay as they are, so that offsets point into the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from searchkit.ingest import frontmatter, paragraphs, streams, titles
from searchkit.ingest.discover import SourceFile
from searchkit.ingest.documents import Article, text_of
from searchkit.ingest.paragraphs import Line
from searchkit.ingest.readers.text import read_article
from searchkit.model import Document, Failure, Paragraph

_FENCE: Final = re.compile(r"```+|~~~+")
_RULE: Final = re.compile(r"=+|-+|(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,}")
_MAX_RULE: Final = 200


class _Piece(NamedTuple):
    """Characters [start, end) of the text that hold paragraphs, or one heading."""

    start: int
    end: int
    heading: bool = False


def read(
    source: SourceFile, *, encoding: str | None = None, advance: streams.Advance | None = None
) -> Iterator[Document | Failure]:
    """The document that a file is, or why it is none."""
    yield read_article(source, parse, encoding=encoding, advance=advance)


def parse(text: str) -> Article:
    """A text in Markdown as an article."""
    metadata, start = frontmatter.split(text)
    stated = text_of(metadata.get("title"))
    pieces = [piece for piece in _pieces(text, start) if piece.heading or text[piece.start : piece.end].strip()]
    title = stated
    if pieces and pieces[0].heading:
        first = text_of(text[pieces[0].start : pieces[0].end])
        if len(pieces) > 1 and stated in {None, first}:
            title = first
            del pieces[0]
    elif pieces and (len(pieces) > 1 or stated is None):
        first, after = titles.take(text[: pieces[0].end], pieces[0].start)
        if first is not None and stated in {None, text_of(first)}:
            title = text_of(first)
            pieces[0] = _Piece(after, pieces[0].end)
    return Article(text, tuple(_paragraphs(text, pieces)), title, metadata)


def _paragraphs(text: str, pieces: list[_Piece]) -> Iterator[Paragraph]:
    number = 0
    for start, end, heading in pieces:
        found = [Paragraph(0, text[start:end], start, end)] if heading else paragraphs.split(text, start, end)
        for paragraph in found:
            yield Paragraph(number, paragraph.text, paragraph.start, paragraph.end)
            number += 1


def _pieces(text: str, start: int) -> Iterator[_Piece]:
    """The text without its rules and fences, cut at the headings."""
    fence = ""
    before = previous = Line("", start, start)
    for line in paragraphs.lines(text, start):
        marker = _FENCE.match(line.text)
        if fence or marker:
            if marker and (not fence or line.text.startswith(fence)):
                fence = "" if fence else marker[0]
                yield _Piece(start, line.start)
                start = line.end
        elif (heading := titles.heading(line.text)) is not None:
            left = line.start + line.text.index(heading, 1)
            yield _Piece(start, line.start)
            yield _Piece(left, left + len(heading), heading=True)
            start = line.end
        elif len(line.text) <= _MAX_RULE and _RULE.fullmatch(line.text):
            alone = previous.start >= start and not before.text
            underlined = alone and 0 < len(previous.text) <= titles.MAX_HEADING
            yield _Piece(start, previous.start if underlined else line.start)
            if underlined:
                yield _Piece(previous.start, previous.end, heading=True)
            start = line.end
        before, previous = previous, line
    yield _Piece(start, len(text))
