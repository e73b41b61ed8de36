"""What outlives the program: queries, saved searches, how facets are shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import WIDE, screen, shown, typed
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp
from searchkit.tui.state import State
from searchkit.tui.store import Saved, Store


async def test_how_a_facet_is_shown_is_kept_for_the_next_start(engine, settle, tmp_path):
    app = SearchkitApp(engine, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "3", "t", "1", "o")
        await settle(pilot)
    app = SearchkitApp(engine, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        assert not main.panes[2].rows.as_tree
        assert main.panes[1].rows.as_tree
        labels = [row.label for row in main.panes[0].rows.rows]
        assert labels == sorted(labels)


async def test_queries_and_saved_searches_outlive_the_program(settle, tmp_path):
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "missiles")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("S")
        await settle(pilot)
        app.screen.box.value = "rockets"
        await pilot.press("enter")
        await settle(pilot)
    again = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with again.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("alt+up")
        await settle(pilot)
        assert screen(again).box.value == "missiles"
        await pilot.press("alt+down")
        await settle(pilot)
        assert screen(again).box.value == ""
        await pilot.press("escape", "H")
        await settle(pilot)
        assert "★ rockets" in shown(again)
        await pilot.press("enter")
        await settle(pilot)
        assert screen(again).results.query == "missiles"


@pytest.mark.parametrize(("index", "news"), [("index", True), ("another", False)])
async def test_a_saved_search_tells_what_is_new_in_its_own_index(settle, tmp_path, index, news):
    store = Store(tmp_path)
    store.keep(Saved("all of it", State("missiles"), 2, str(Path.cwd() / "index")))
    app = SearchkitApp(FakeEngine(), index=index, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "H")
        await settle(pilot)
        assert ("5 (+3)" in shown(app)) is news
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("H")
        await settle(pilot)
        assert "(+3)" not in shown(app)
        assert Store.load(tmp_path).saved["all of it"].total == 5


async def test_a_damaged_file_of_searches_is_no_obstacle(settle, tmp_path):
    (tmp_path / "searches.json").write_text('{"queries": [1, "ok"], "saved": [{"name": 3}, 7]}')
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert screen(app).store.queries == ["ok"]
