"""What is asked and the ways back: undo, redo, earlier searches, sort and scope, newer generations."""

from __future__ import annotations

import asyncio

import pytest
from driving import WIDE, look_at, screen, shown, typed

from searchkit.errors import NoIndexError
from searchkit.tui.app import SearchkitApp


async def test_undo_and_redo_go_through_words_and_filters(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "drones")
        await settle(pilot)
        await pilot.press("escape", "2", "space")
        await settle(pilot)
        main = screen(app)
        assert main.state.filters
        await pilot.press("u")
        await settle(pilot)
        assert (main.state.query, dict(main.state.filters)) == ("drones", {})
        await pilot.press("u")
        await settle(pilot)
        assert main.state.query == ""
        assert main.box.value == ""
        await pilot.press("ctrl+r", "ctrl+r")
        await settle(pilot)
        assert main.state.query == main.box.value == "drones"
        assert main.state.filters


async def test_what_one_began_to_type_from_was_looked_at(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await look_at(pilot, settle, "drones", "market")
        await pilot.press("u", "slash", "f")
        await settle(pilot)
        assert main.state.query == "f"
        assert main.history.before().query == "drones"


async def test_brackets_walk_through_what_was_looked_at(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await look_at(pilot, settle, "drones", "market")
        await pilot.press("left_square_bracket")
        await settle(pilot)
        assert main.results.query == "drones"
        await pilot.press("right_square_bracket")
        await settle(pilot)
        assert main.results.query == "market"


async def test_sort_and_scope_are_part_of_the_search(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "s", "D")
        await settle(pilot)
        assert (engine.requests[-1].sort, engine.requests[-1].scope) == ("date", "document")
        assert "6 documents" in shown(app)
        assert "17 paragraphs by document" in shown(app)
        assert "of the same document" in shown(app)


async def test_a_new_generation_is_picked_up_and_the_selection_kept(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("people", "p1"))
        await settle(pilot)
        before = len(engine.requests)
        main.look_for_news()
        await settle(pilot)
        assert len(engine.requests) == before
        engine.trouble = NoIndexError("there is no index in /x; make one")
        screen(app).look_for_news()
        await settle(pilot)
        assert "⚠ there is no index in /x" in shown(app)
        assert any("goes on serving" in str(each.message) for each in app._notifications)
        engine.trouble = None
        screen(app).look_for_news()
        await settle(pilot)
        assert "⚠" not in shown(app)
        engine.newer = 2
        main.look_for_news()
        await settle(pilot)
        assert len(engine.requests) > before
        assert main.state.filters == {"people": ("p1",)}


@pytest.mark.parametrize("keys", [("x",), ("escape", "g"), ("escape", "v")])
async def test_who_leaves_waits_for_no_search(engine, settle, keys):
    app = SearchkitApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        engine.delay = 30.0
        await pilot.press(*keys)
    # This is what the program waits for once the screen is gone.
    await asyncio.wait_for(asyncio.get_running_loop().shutdown_default_executor(), 15)
