"""What is done with a result."""

from __future__ import annotations

from driving import WIDE, screen, typed


async def test_more_like_this_searches_by_the_words_of_the_paragraph(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await typed(pilot, "maryino")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("M")
        await settle(pilot)
        assert main.state.query == main.box.value == "Fragments bloggers "
        assert main.list.total == 1
        assert app.focused is main.list
        await pilot.press("u")
        await settle(pilot)
        assert main.box.value == "maryino"
