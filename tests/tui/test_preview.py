"""Reading: from match to match, from mention to mention, selecting text."""

from __future__ import annotations

from driving import WIDE, screen, typed


async def test_n_goes_from_match_to_match_and_dot_from_mention_to_mention(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "missile")
        await settle(pilot)
        main = screen(app)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        seen = []
        for key in ("n", "n", "N", "full_stop", "full_stop"):
            await pilot.press(key)
            here = main.preview._here
            seen.append(main.preview.document.paragraphs[here.paragraph].text[here.start : here.end])
        assert all(text.startswith("missile") for text in seen[:3])
        assert seen[3] != seen[4]


async def test_what_names_a_chosen_value_is_shown_and_gone_to(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("countries", "KP").toggled("weapons", "missiles"))
        await settle(pilot)
        assert main.list.total == 1
        await pilot.press("escape", "enter")
        await settle(pilot)
        seen = set()
        for _ in range(6):
            await pilot.press("n")
            here = main.preview._here
            seen.add(main.preview.document.paragraphs[here.paragraph].text[here.start : here.end])
        assert "North Korean" in seen
        assert not seen & {"Putin", "Ukraine", "Russia"}


async def test_the_mouse_selects_text_in_the_preview_and_ctrl_c_copies_it(app, settle, copied):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await typed(pilot, "maryino")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        preview = main.preview
        rows = [at for at, (row, start, _) in enumerate(preview._lines) if row == preview.hit_row and start >= 0]
        first = rows[0] - int(preview.scroll_offset.y) + 1  # below the border
        await pilot.mouse_down(preview, offset=(3, first))
        await pilot.hover(preview, offset=(20, first + 1))
        await pilot.mouse_up(preview, offset=(20, first + 1))
        await pilot.press("ctrl+c")
        whole = preview.document.paragraphs[preview.hit.paragraph].text
        assert copied
        assert whole.startswith(copied[-1])
        assert len(copied[-1]) > preview._lines[rows[0]][2]
        preview.focus()
        await pilot.press("y")
        assert copied[-1] == copied[0]
