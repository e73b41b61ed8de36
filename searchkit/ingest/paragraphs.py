"""Cut a text into paragraphs, the unit of search, with their code-point offsets in that text.

Blank lines separate blocks. A block of hard-wrapped lines is one paragraph; in any other block each line is one, so
that a file without blank lines has one paragraph per line. A paragraph of more than `MAX_CHARACTERS` is cut at the
end of a sentence. Nothing is lost but white space.
"""

# ruff: noqa: RUF001  the punctuation of many languages is what is meant here

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from searchkit.model import Paragraph

#: The longest paragraph, in code points.
MAX_CHARACTERS: Final = 2_000
#: The longest line that an editor or mailer is taken to have wrapped, and the share of a block's lines within it.
WRAP_WIDTH: Final = 100
WRAP_SHARE: Final = 0.9
#: A narrower block shows nothing by its lines being full: they are names in a list, or verse.
FULL_WIDTH: Final = 40

# What `str.splitlines` takes for line ends and this does not: separators of data, and a control that is often a wrongly
# decoded ellipsis. CRLF that was converted twice is one line end. All become white space of the same length.
_NO_LINE_ENDS: Final = ("\x1c", "\x1d", "\x1e", "\x85")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？؟۔।][\"'”’»›)\]*_]*$")
# A full stop counts before white space; the ideographic one needs none.
_SENTENCE_STOP: Final = re.compile(r"[.!?…؟۔।][\"'”’»›)\]]*(?=\s)|[。！？][」』）]*")
# Mr. Gen. Sept. U.S. No.: a capital and up to three letters before a stop may be short for something.
_ABBREVIATION: Final = re.compile(r"(?:^|[\s(.\"'“‘])[A-Z][a-z]{0,3}\.$")
_BULLET: Final = re.compile(r"[-*+•–]\s")


class Line(NamedTuple):
    """A line without the white space around it, and its code points [start, end) in the text."""

    text: str
    start: int
    end: int

    @property
    def ends_sentence(self) -> bool:
        """Whether the last sentence of the line is closed in it."""
        return _SENTENCE_END.search(self.text[-8:]) is not None

    @property
    def is_bullet(self) -> bool:
        """Whether the line begins an item of a list."""
        return _BULLET.match(self.text) is not None

    def runs_on(self, following: Line, width: int) -> bool:
        """Whether `following` continues this line's sentence, in a block that is `width` wide (0: not known).

        It does when this line stops in mid-sentence and either the next one goes on in lower case or its first word
        would not have fitted here.
        """
        if self.ends_sentence:
            return False
        full = width >= FULL_WIDTH and len(self.text) + 1 + len(following.text.split(maxsplit=1)[0]) > width
        return full or following.text[0].islower()


def lines(text: str, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """The lines of `text[start:end]`, blank ones too."""
    part = text[start:end].replace("\r\r\n", "  \n")
    for character in _NO_LINE_ENDS:
        part = part.replace(character, " ")
    for raw in part.splitlines(keepends=True):
        right = raw.lstrip()
        stripped = right.rstrip()
        left = start + len(raw) - len(right)
        yield Line(stripped, left, left + len(stripped))
        start += len(raw)


def is_one_line(text: str) -> bool:
    """Whether a text is but one line: most records are, and need no more looking at."""
    return len(text.splitlines()) == 1


def only_paragraph(text: str) -> Paragraph | None:
    """The paragraph that a text of one line is, unless there is nothing in it or it is too long for one."""
    stripped = text.strip()
    if not 0 < len(stripped) <= MAX_CHARACTERS or not is_one_line(text):
        return None
    left = 0 if len(stripped) == len(text) else text.find(stripped)
    return Paragraph(0, stripped, left, left + len(stripped))


def blocks(text: str, start: int = 0, end: int | None = None) -> Iterator[list[Line]]:
    """The lines of `text[start:end]` that have something in them, in runs that blank lines separate."""
    block: list[Line] = []
    for line in lines(text, start, end):
        if line.text:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def wrap_width(block: list[Line], *, first: bool = False) -> int:
    """The width to which the lines of a block were wrapped; 0 if they were not, each being a paragraph of its own.

    Hard-wrapped means that nearly all lines have at most `WRAP_WIDTH` characters and most of them run on. In a `first`
    block of two lines the longer one being full tells nothing: it may be the title.
    """
    if len(block) < 2:
        return 0
    short = [len(line.text) for line in block if len(line.text) <= WRAP_WIDTH]
    if len(short) < WRAP_SHARE * len(block):
        return 0
    width = max(short)
    known = 0 if first and len(block) == 2 else width
    pairs = [(line, following) for line, following in pairwise(block) if not following.is_bullet]
    return width if 2 * sum(line.runs_on(following, known) for line, following in pairs) > len(pairs) else 0


def split(text: str, start: int = 0, end: int | None = None) -> list[Paragraph]:
    """The paragraphs of `text[start:end]`, numbered from 0; their offsets count from the beginning of `text`.

    A paragraph's text differs from `text[paragraph.start:paragraph.end]` by white space only: lines that were
    wrapped are joined by one space, or by nothing after a hyphen.
    """
    if start == 0 and end is None and (only := only_paragraph(text)):
        return [only]
    paragraphs: list[Paragraph] = []
    for number, block in enumerate(blocks(text, start, end)):
        for group in _groups(block, first=number == 0):
            if len(group) == 1 and len(group[0].text) <= MAX_CHARACTERS:
                paragraphs.append(Paragraph(len(paragraphs), *group[0]))
                continue
            joined, offsets = _join(group)
            for left, right in _cut(joined):
                first, last = _origin(group, offsets, left), _origin(group, offsets, right - 1)
                paragraphs.append(Paragraph(len(paragraphs), joined[left:right], first, last + 1))
    return paragraphs


def _groups(block: list[Line], *, first: bool) -> Iterator[list[Line]]:
    """The lines of each paragraph of a block. An item of a list begins a paragraph, wrapped or not."""
    if not wrap_width(block, first=first):
        yield from ([line] for line in block)
        return
    group: list[Line] = []
    for line in block:
        if group and line.is_bullet:
            yield group
            group = []
        group.append(line)
    yield group


def _join(group: list[Line]) -> tuple[str, list[int]]:
    """The lines as one text, and where in it each of them begins."""
    parts: list[str] = []
    offsets: list[int] = []
    length = 0
    for line in group:
        hyphen = bool(parts) and parts[-1][-1:] == "-" and parts[-1][-2:-1].isalpha() and line.text[0].islower()
        if parts and not hyphen:
            parts.append(" ")
            length += 1
        parts.append(line.text)
        offsets.append(length)
        length += len(line.text)
    return "".join(parts), offsets


def _origin(group: list[Line], offsets: list[int], position: int) -> int:
    """Where a character of the joined text, other than the white space of a join, stands in the original."""
    index = bisect_right(offsets, position) - 1
    return group[index].start + position - offsets[index]


def _cut(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of at most `MAX_CHARACTERS` that begin and end with something visible, and hold all that is."""
    start = 0
    while len(text) - start > MAX_CHARACTERS:
        stop = _boundary(text, start, start + MAX_CHARACTERS)
        yield start, start + len(text[start:stop].rstrip())
        while text[stop].isspace():  # the text ends with something visible
            stop += 1
        start = stop
    yield start, len(text)


def _boundary(text: str, start: int, limit: int) -> int:
    """The best place in (start, limit] to cut: the last end of a sentence, else of a word, else the limit."""
    best = 0
    for stop in _SENTENCE_STOP.finditer(text, start + 1, min(limit + 1, len(text))):
        if stop.end() <= limit and not _ABBREVIATION.search(
            text, max(start - 1, stop.start() - 6, 0), stop.start() + 1
        ):
            best = stop.end()
    if best:
        return best
    return next((place for place in range(limit, start, -1) if text[place].isspace()), limit)
