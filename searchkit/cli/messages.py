"""What is said on standard error: one line each, sanitised."""

from __future__ import annotations

import sys

from searchkit.terminal import safe


def note(text: str) -> None:
    """Say something that is worth knowing."""
    print(f"searchkit: {safe(text)}", file=sys.stderr)  # noqa: T201 - the one place that does


def failed(name: str, reason: str) -> None:
    """Say that one of several inputs could not be used."""
    note(f"{name}: {reason}")
