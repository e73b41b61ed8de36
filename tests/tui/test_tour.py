"""The tour: it comes once, goes on by what is done, and can be had again."""

from __future__ import annotations

from driving import TINY, WIDE, screen, shown, typed

from searchkit.tui.app import SearchkitApp
from searchkit.tui.bindings import actions, shown_key
from searchkit.tui.tour import steps


def test_every_step_names_keys_that_there_are():
    keys = {action.id: shown_key(action.keys[0]) for action in actions()}
    for step in steps():
        assert "{" not in step.text.format_map(keys)
    assert not steps()[-1].when


async def test_a_newcomer_can_follow_it_to_the_end(engine, settle, tmp_path):
    app = SearchkitApp(engine, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        seen = []
        for keys in ((*"missiles",), ("enter",), ("2",), ("space",), ("w",), ("escape", "8", "enter"), ("u",)):
            seen.append(steps()[main.tour.at].title)
            assert f"Tour {main.tour.at + 1}/8" in shown(app)
            await pilot.press(*keys)
            await settle(pilot)
            if keys == ("w",):
                await pilot.press("escape")
                await settle(pilot)
        assert seen == [step.title for step in steps()[:-1]]
        assert main.tour.at == len(steps()) - 1
        await pilot.press("ctrl+n")
        assert not main.tour.running
        assert "Tour" not in shown(app)


async def test_it_comes_by_itself_once_and_by_its_key_again(engine, settle, tmp_path):
    for first in (True, False):
        app = SearchkitApp(engine, state_folder=tmp_path)
        async with app.run_test(size=WIDE) as pilot:
            await settle(pilot)
            assert screen(app).tour.running is first
            if not first:
                await pilot.press("f1")
                assert "Tour 1/8" in shown(app)
                await pilot.press("f1")
                assert not screen(app).tour.running


async def test_it_takes_no_room_where_there_is_none(app, settle):
    async with app.run_test(size=TINY) as pilot:
        await settle(pilot)
        await pilot.press("f1")
        await typed(pilot, "x")
        await settle(pilot)
        assert not screen(app).tour.display
