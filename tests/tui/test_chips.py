"""The active filters."""

from __future__ import annotations

from driving import WIDE, screen


async def test_chips_go_by_key_by_click_and_by_backspace(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await settle(pilot)
        for value in ("p1", "p2", "p3"):
            main.change(main.state.toggled("people", value))
        await settle(pilot)
        await pilot.press("escape", "F", "right", "x")
        await settle(pilot)
        assert main.state.filters == {"people": ("p1", "p3")}
        await pilot.click("#chips", offset=(3, 0))
        await settle(pilot)
        assert main.state.filters == {"people": ("p3",)}
        main.box.focus()
        await pilot.press("backspace")
        await settle(pilot)
        assert main.state.filters == {}
        assert not main.chips.display
