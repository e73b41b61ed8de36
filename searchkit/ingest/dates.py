"""Dates of documents, as ISO 8601, perhaps partial: `2024`, `2024-11`, `2024-11-17`."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final

#: Years that are taken for the date of an article.
_YEARS: Final = range(1000, 3000)
#: A number in a file's name is a date only near our time.
_NAME_YEARS: Final = range(1900, 2100)

_ISO: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T\s].*)?$", re.DOTALL)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_SLASHED: Final = re.compile(r"(\d{4})[/.](\d{1,2})(?:[/.](\d{1,2}))?$")
_DAY_FIRST: Final = re.compile(r"(?:[^\W\d]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?\.?\s+([^\W\d]+)\.?,?\s+(\d{4})(?:\s.*)?$")
_MONTH_FIRST: Final = re.compile(r"([^\W\d]+)\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})$")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"), 1)
    for name in (names, names[:3], names[:4])
}  # fmt: skip
_IN_NAME: Final = re.compile(
    r"(?<!\d)(\d{4})(?:([-_.])(\d{2})\2(\d{2})|(\d{2})(\d{2}))(?!\d)|(?<!\d)(\d{4})[-_](\d{2})(?![-_.]?\d)"
)


def parse(value: object) -> str | None:
    """The date that a record or front matter states, or None where it is none.

    Understood are ISO dates and times (the time is dropped), `20241117`, `2024/11/17`, English dates with the month
    in words, a year as a number, and the dates of TOML. Orders that differ between countries (`3/4/2024`) are not
    guessed.
    """
    if isinstance(value, dt.date):  # a datetime is one too
        return value.strftime("%Y-%m-%d") if value.year in _YEARS else None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**8:
        value = str(value)
    return _parsed(value) if isinstance(value, str) and len(value) <= 100 else None


@lru_cache(maxsize=1 << 12)
def _parsed(value: str) -> str | None:
    """The date that a text is; kept, for many documents are of one day."""
    text = value.strip()
    if found := _ISO.match(text) or _COMPACT.match(text) or _SLASHED.match(text):
        return _iso(*found.groups())
    if (found := _DAY_FIRST.match(text)) and (month := _MONTHS.get(found[2].lower())):
        return _iso(found[3], str(month), found[1])
    if (found := _MONTH_FIRST.match(text)) and (month := _MONTHS.get(found[1].lower())):
        return _iso(found[3], str(month), found[2])
    return None


def from_name(name: str) -> str | None:
    """The date in a file's name (`2024-11-17-kyiv.txt`, `kyiv_20241117.txt`, `2024-11.md`), or None."""
    for found in _IN_NAME.finditer(name):
        year, _, month, day, month_, day_, year_, month__ = found.groups()
        date = _iso(year or year_, month or month_ or month__, day or day_)
        if date and int(date[:4]) in _NAME_YEARS:
            return date
    return None


def _iso(year: str, month: str | None = None, day: str | None = None) -> str | None:
    try:
        date = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if date.year not in _YEARS:
        return None
    return date.isoformat()[: 10 if day else 7 if month else 4]
