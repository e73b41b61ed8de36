"""The one sanitiser: every text of a document, file name, facet value or message passes it on its way to a terminal.

A terminal obeys some characters and hides others. What could move the cursor, change the clipboard, end a line early,
reorder the line (CVE-2021-42574) or stand there unseen is shown instead as `<U+202E>`; whatever a reader reads stays as
it is, Arabic, Hebrew, Indic scripts and emoji sequences included. Stored text and JSON are never changed: this is for
the render boundary alone. Sources: Unicode 16, chapter 23 (special characters), UAX #9 (bidi), UTS #51 (emoji).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Characters that are never printed as they are (C0 and C1 controls stand in the pattern itself).
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_SURROGATES: Final = "\ud800-\udfff"
_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
#: Scripts whose letters join or stack, so that a joiner or non-joiner after them is spelling (Hebrew to Thaana, Indic,
#: Myanmar, Khmer, Mongolian, their supplements).
_JOINING: Final = (
    "\u0590-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1bff\ua840-\ua8ff\ua980-\ua9ff"
    "\uaa60-\uaa7f\uabc0-\uabff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010fff\U00011000-\U000119ff"
    "\U0001e900-\U0001e95f"
)
_PICTURES: Final = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IDEOGRAPHS: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

#: Only where one of these occurs is there anything to do; most texts hold none.
_SUSPECT: Final = re.compile(
    f"[\x00-\x1f\x7f-\x9f\xad\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
    f"{_BIDI}{_INVISIBLE}{_SURROGATES}{_NONCHARACTERS}]"
)
#: Suspects that are part of ordinary writing where they stand, tried first at each place.
_SPELLING: Final = re.compile(
    f"(?<=[{_JOINING}])[\u200c\u200d]"  # Persian, Urdu, Hindi, Sinhala...
    f"|(?<=[{_PICTURES}\ufe0f])\u200d(?=[{_PICTURES}])"  # a family, a profession
    f"|(?<=[{_PICTURES}{_IDEOGRAPHS}0-9#*\xa9\xae\u203c\u2049\u2122\u2139])[\ufe00-\ufe0f]"  # text or emoji style
    f"|(?<=[{_IDEOGRAPHS}])[\U000e0100-\U000e01ef]"  # a variant of an ideograph
    "|(?<=[\u1800-\u1878])[\u180b-\u180d\u180f]"  # a variant of a Mongolian letter
    # England, Scotland, Wales: the only flags that are written with tags
    "|(?<=\U0001f3f4)\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
#: Letters of the scripts that run from right to left.
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def safe(text: str, *, multiline: bool = False) -> str:
    """Return `text` as it may be sent to a terminal.

    One line by default: tab and line ends become spaces. With `multiline`, tab and newline stay (CR LF is a newline;
    a lone CR is shown, for it would overprint the line). Idempotent; identity on text without special characters.
    """
    if _SUSPECT.search(text) is None:
        return text
    pieces: list[str] = []
    done = 0
    for start, end, shown in _replacements(text, multiline=multiline):
        pieces += (text[done:start], shown)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def safe_spans(
    text: str, spans: Iterable[tuple[int, int]], *, multiline: bool = False
) -> tuple[str, list[tuple[int, int]]]:
    """Return `safe(text)` and `spans` moved with it.

    Spans are code-point ranges [start, end). A replaced character is taken whole: a span that touched it covers all of
    what is shown in its place.
    """
    if _SUSPECT.search(text) is None:
        return text, list(spans)
    edits = list(_replacements(text, multiline=multiline))
    starts = [start for start, _, _ in edits]
    #: Of each edit: by how much the text after it has moved.
    moved: list[int] = []
    for start, end, shown in edits:
        moved.append((moved[-1] if moved else 0) + len(shown) - (end - start))

    def place(offset: int, *, closing: bool) -> int:
        last = bisect_right(starts, offset - 1) - 1  # the last edit that begins before `offset`
        if last < 0:
            return offset
        start, end, shown = edits[last]
        if offset < end:  # inside an edit: its end closes a span, its start opens one
            before = start + (moved[last - 1] if last else 0)
            return before + len(shown) if closing else before
        return offset + moved[last]

    return safe(text, multiline=multiline), [
        (place(start, closing=False), place(end, closing=True)) for start, end in spans
    ]


def isolated(text: str) -> str:
    """Return `safe(text)` as a field beside others on a line.

    Text that runs from right to left is wrapped in FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9), so that a
    terminal that reorders keeps the neighbours (counts, columns) where they are. Other text gets no extra character.
    """
    shown = safe(text)
    return f"\u2068{shown}\u2069" if _RIGHT_TO_LEFT.search(shown) else shown


def _replacements(text: str, *, multiline: bool) -> Iterator[tuple[int, int, str]]:
    """The ranges of `text` that are not shown as they are, in order, each with what is shown."""
    position = 0
    while (match := _SUSPECT.search(text, position)) is not None:
        start, position = match.span()
        spelling = _SPELLING.match(text, start)
        if spelling is not None:
            position = spelling.end()
            continue
        character = match[0]
        if text.startswith("\r\n", start):
            position += 1
            yield start, position, "\n" if multiline else " "
        elif character in "\t\n":
            if not multiline:
                yield start, position, " "
        elif character == "\xad" and text[start - 1 : start].isalpha() and text[position : position + 1].isalpha():
            yield start, position, ""  # a place where the word may be divided: shown only where it is
        else:
            yield start, position, f"<U+{ord(character):04X}>"


def escaped_json(text: str) -> str:
    """Return JSON text (from `json.dumps`) with the characters that `safe` is about as escapes of four digits.

    It parses to exactly what `text` parses to, and can be read on a terminal and encoded as UTF-8 whatever it holds.
    """
    return _SUSPECT.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    """The escape of one character; the newlines between the items of indented JSON stay."""
    character = match[0]
    if character == "\n":
        return character
    number = ord(character)
    if number < 0x10000:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
