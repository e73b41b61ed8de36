"""The help: every key, with a search in them."""

from __future__ import annotations

from driving import WIDE, shown, typed


async def test_help_has_every_key_and_can_be_searched(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "question_mark")
        await settle(pilot)
        assert "Take back the last change" in shown(app)
        await typed(pilot, ["clipboard", "or", "copy"][2])
        await settle(pilot)
        text = shown(app)
        assert "Copy the paragraph" in text
        assert "Take back the last change" not in text


async def test_the_arrows_move_in_the_keys_while_one_searches(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "question_mark")
        await settle(pilot)
        at = app.screen.list.cursor
        await pilot.press("down", "down", "up", "down")
        assert app.screen.list.cursor == at + 2
