"""Comparing names as people type them: without case and accents."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import combining, normalize


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """`text` without case and accents."""
    lower = text.casefold()
    if lower.isascii():
        return lower
    return "".join(letter for letter in normalize("NFKD", lower) if not combining(letter))
