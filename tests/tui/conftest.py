"""The terminal UI is tested on a small engine in memory; nothing here waits for a clock."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.worker import WorkerCancelled

sys.path.insert(0, str(Path(__file__).parent))

from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp

if TYPE_CHECKING:
    from textual.pilot import Pilot


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("NO_COLOR", "TEXTUAL_THEME", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr("searchkit.tui.panes.PREVIEW_AFTER", 0.0)


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def app(engine):
    return SearchkitApp(engine)


@pytest.fixture
def copied(monkeypatch):
    """What is copied to the clipboard."""
    texts = []
    monkeypatch.setattr(SearchkitApp, "copy_to_clipboard", lambda _, text: texts.append(text))
    return texts


async def settle(pilot: Pilot) -> None:
    """Wait until every question is answered and every message dealt with."""
    for _ in range(3):
        with suppress(WorkerCancelled):  # a newer question took its place
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture(name="settle")
def _settle():
    return settle
