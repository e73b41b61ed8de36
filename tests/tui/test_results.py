"""The results: from document to document, however many pages lie between."""

from __future__ import annotations

import pytest
from driving import NARROW, WIDE, screen
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp


def document(app):
    return screen(app).list.current.document


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_braces_go_from_document_to_document_and_the_preview_follows(app, settle, size):
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("escape", "D")
        await settle(pilot)
        main = screen(app)
        order = list(dict.fromkeys(hit.document for hit in main.list.hits.values()))
        assert len(order) == 6
        await pilot.press("j", "right_curly_bracket", "right_curly_bracket")
        assert document(app) == order[2]
        await pilot.press("j", "left_curly_bracket")  # to the head of the one before, not of this one
        assert document(app) == order[1]
        assert main.list.hits[main.list.cursor - 1].document == order[0]
        await pilot.press("enter")
        await settle(pilot)
        assert app.focused is main.preview
        for key, at in (("right_curly_bracket", 2), ("right_curly_bracket", 3), ("left_curly_bracket", 2)):
            await pilot.press(key)
            await settle(pilot)
            assert app.focused is main.preview
            assert main.preview.document.identity == document(app) == order[at]
        await pilot.press("escape", "home", "left_curly_bracket")
        assert main.list.cursor == 0
        await pilot.press("end", "right_curly_bracket")
        assert document(app) == order[-1]


async def test_another_document_is_found_beyond_the_pages_that_were_seen(settle):
    texts = tuple(f"Paragraph {number} on drones." for number in range(100))
    engine = FakeEngine((("Long", "2022", None, texts), ("Short", "2023", None, ("One on drones.",))))
    app = SearchkitApp(engine)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await pilot.press("escape", "right_curly_bracket")
        await settle(pilot)
        assert screen(app).list.cursor == 100
        await pilot.press("left_curly_bracket")
        await settle(pilot)
        assert screen(app).list.cursor == 0


async def test_who_moves_on_is_not_taken_to_another_document(settle):
    texts = tuple(f"Paragraph {number} on drones." for number in range(100))
    engine = FakeEngine((("Long", "2022", None, texts), ("Short", "2023", None, ("One on drones.",))))
    app = SearchkitApp(engine)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        engine.delay = 0.05
        await pilot.press("escape", "right_curly_bracket", "j")
        await settle(pilot)
        await settle(pilot)
        assert screen(app).list.cursor == 1
