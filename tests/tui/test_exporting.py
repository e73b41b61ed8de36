"""Exports: marked or all, whole or not at all, with progress, given up by escape."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import pytest
from driving import NARROW, WIDE, screen, shown, typed
from fake_engine import ARTICLES, FakeEngine

from searchkit.errors import CancelledError, DamagedIndexError
from searchkit.tui.app import SearchkitApp
from searchkit.tui.exporting import ExportDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchkit.model import Request, Results


async def test_marked_paragraphs_are_exported(app, settle, tmp_path):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "drones")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("m", "m", "U")
        assert screen(app).list.marked == {}
        await pilot.press("k", "m", "e")
        await settle(pilot)
        assert "Export 1 marked" in shown(app)
        app.screen.box.value = str(tmp_path / "out.csv")
        await pilot.press("enter")
        await settle(pilot)
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1
    assert list(rows[0]) == [
        "id",
        "document",
        "paragraph",
        "date",
        "source",
        "title",
        "score",
        "people",
        "countries",
        "weapons",
        "text",
    ]


async def test_all_hits_are_exported_and_no_file_is_overwritten(app, settle, tmp_path):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        for name in ("all.jsonl", "all.md"):
            main = screen(app)
            main.list.focus()
            await pilot.press("e")
            await settle(pilot)
            app.screen.box.value = str(tmp_path / name)
            await pilot.press("enter")
            await settle(pilot)
        lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
        assert len(lines) == 17
        assert set(lines[0]) >= {"id", "text", "facets", "highlights", "paragraph", "document"}
        assert (
            "> — *White House lifts limits on long-range missiles*, The Daily Sample"
            in (tmp_path / "all.md").read_text()
        )
        (tmp_path / "all.md").write_text("mine")
        await pilot.press("e")
        await settle(pilot)
        app.screen.box.value = str(tmp_path / "all.md")
        await pilot.press("enter")
        await settle(pilot)
        assert (tmp_path / "all.md").read_text() == "mine"
        assert any("there already" in str(each.message) for each in app._notifications)


@dataclass
class Gated(FakeEngine):
    """An engine whose second batch of an export waits until it is let through, or given up."""

    through: Event = field(default_factory=Event)

    def search(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Results:
        while request.offset and not self.through.wait(0.01):
            if cancelled is not None and cancelled():
                raise CancelledError("The search was given up.")
        return super().search(request, cancelled=cancelled)


@pytest.fixture
def gated(monkeypatch):
    monkeypatch.setattr("searchkit.tui.exporting.BATCH", 10)
    monkeypatch.setattr("searchkit.tui.exporting.SHOWN_AFTER", 0.001)
    return Gated(ARTICLES)


async def until(pilot, condition):
    """Wait for what a thread or a timer does."""
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


async def begin(pilot, settle, path):
    """Start an export of everything, up to the batch that has to wait."""
    app = pilot.app
    await settle(pilot)
    screen(app).list.focus()
    await pilot.press("e")
    await pilot.pause()
    app.screen.box.value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, ExportDialog) and app.screen._progress.done == 10)
    app.screen._show()
    await pilot.pause()


async def closed(pilot, settle):
    """Wait until the dialog has noticed that the export is over."""
    await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
    await settle(pilot)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_long_export_shows_how_far_it_is(gated, settle, tmp_path, size):
    app = SearchkitApp(gated)
    async with app.run_test(size=size) as pilot:
        await begin(pilot, settle, tmp_path / "all.jsonl")
        assert "10 of 17 paragraphs" in shown(app)
        assert "esc gives it up" in shown(app)
        assert not (tmp_path / "all.jsonl").exists()
        gated.newer = 2
        screen(app).look_for_news()
        await pilot.pause()
        assert gated.generation == 1  # the file is of one generation
        gated.through.set()
        await closed(pilot, settle)
        assert any("17 paragraphs in" in str(each.message) for each in app._notifications)
        screen(app).look_for_news()
        await settle(pilot)
        assert gated.generation == 2
    assert [each.name for each in tmp_path.iterdir()] == ["all.jsonl"]
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 17


async def test_escape_gives_an_export_up_and_leaves_no_file(gated, settle, tmp_path):
    app = SearchkitApp(gated)
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot, settle, tmp_path / "all.csv")
        assert len(list(tmp_path.iterdir())) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not list(tmp_path.iterdir()))
        await settle(pilot)
        assert app.screen is screen(app)
        assert app.focused is screen(app).list
        assert any("given up" in str(each.message) for each in app._notifications)


async def test_leaving_the_program_gives_an_export_up(gated, settle, tmp_path):
    app = SearchkitApp(gated)
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot, settle, tmp_path / "all.csv")
        worker = screen(app)._exporting
        app.exit()
        await pilot.pause()
    assert worker.is_cancelled


async def test_an_export_that_fails_leaves_no_file_and_a_new_one_stays(gated, settle, tmp_path):
    app = SearchkitApp(gated)
    async with app.run_test(size=WIDE) as pilot:
        await begin(pilot, settle, tmp_path / "all.md")
        gated.error = DamagedIndexError("segments/1/text.npy is cut short")
        gated.through.set()
        await settle(pilot)
        assert list(tmp_path.iterdir()) == []
        assert any("is cut short" in str(each.message) for each in app._notifications)
        await closed(pilot, settle)
        gated.error = None
        gated.through.clear()
        await begin(pilot, settle, tmp_path / "all.md")
        (tmp_path / "all.md").write_text("mine")
        gated.through.set()
        await settle(pilot)
        assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"]
        assert any("made by someone else" in str(each.message) for each in app._notifications)
