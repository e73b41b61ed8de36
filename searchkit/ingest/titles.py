"""The title that a text gives itself: a heading, or a first line that is no sentence."""

from __future__ import annotations

import re
from typing import Final

from searchkit.ingest.paragraphs import Line, blocks, is_one_line, wrap_width

#: The longest line that is taken for a title, in code points.
MAX_TITLE: Final = 120
#: The longest heading; a longer line with number signs before it is text.
MAX_HEADING: Final = 500
#: How far the first block is looked at, in code points: enough to see how its lines are.
_OPENING: Final = 10_000

_VISIBLE: Final = re.compile(r"\S")
_HEADING: Final = re.compile(r"#{1,6}\s+(?P<text>.*?)(?:\s+#+)?$")
#: What announces more to come: such a line belongs to what follows.
_CONTINUES: Final = (",", ";", ":", "—", "\u2013")


def heading(line: str) -> str | None:
    """The text of a heading that is marked by number signs, or None."""
    found = _HEADING.match(line) if len(line) <= MAX_HEADING else None
    return found["text"] if found and found["text"].strip("#") else None


def take(text: str, start: int = 0) -> tuple[str | None, int]:
    """The title with which `text[start:]` begins, or None, and where the rest begins.

    A first line of at most `MAX_TITLE` characters that does not end a sentence is the title, unless the next line
    continues it. A text that is nothing but such a line keeps it: there would be nothing left to search.
    """
    if start == 0 and is_one_line(text):
        return None, start
    block = next(blocks(text, start, start + _OPENING), None)
    if block is None or not _VISIBLE.search(text, block[0].end):
        return None, start
    first = block[0]
    marked = heading(first.text)
    if marked is not None:
        return marked, first.end
    if not _is_title(first) or (len(block) > 1 and _is_continued(block)):
        return None, start
    return first.text, first.end


def _is_title(line: Line) -> bool:
    return (
        len(line.text) <= MAX_TITLE
        and not line.ends_sentence
        and not line.is_bullet
        and not line.text.endswith(_CONTINUES)
        and any(character.isalnum() for character in line.text)
    )


def _is_continued(block: list[Line]) -> bool:
    return block[0].runs_on(block[1], wrap_width(block, first=True) if len(block) > 2 else 0)
