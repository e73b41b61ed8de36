"""The command palette: every action by name, once, done where the focus is."""

from __future__ import annotations

import pytest
from driving import NARROW, WIDE, screen, shown, typed

from searchkit.tui.app import SearchkitApp


async def choose(pilot, settle, text):
    """Open the palette, type, and take what comes first."""
    await pilot.press("ctrl+p")
    await pilot.pause(0.2)
    await typed(pilot, text)
    await pilot.pause(0.5)
    seen = shown(pilot.app)
    await pilot.press("enter")
    await pilot.pause(0.2)
    await settle(pilot)
    return seen


async def test_the_palette_has_every_action_with_its_key_and_does_it(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "1")
        await choose(pilot, settle, "exclude [x]")
        assert screen(app).state.exclude == {"people": ("p1",)}


@pytest.mark.parametrize("reading", [True, False])
async def test_what_is_done_in_results_and_preview_is_named_once_and_done_where_one_is(
    app, settle, monkeypatch, reading
):
    texts = []
    monkeypatch.setattr(SearchkitApp, "copy_to_clipboard", lambda _, text: texts.append(text))
    async with app.run_test(size=NARROW) as pilot:
        await typed(pilot, "maryino")
        await settle(pilot)
        await pilot.press("enter", *(["enter"] if reading else []))
        await settle(pilot)
        focused = app.focused
        assert focused is (screen(app).preview if reading else screen(app).list)
        seen = await choose(pilot, settle, "cite")
        assert seen.count("Cite [Y]") == 1
        assert app.focused is focused
        assert "Storm Shadow strikes reported in Kursk, The Daily Sample" in texts[0]
