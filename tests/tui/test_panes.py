"""How the panes stand beside each other, and which are there."""

from __future__ import annotations

from driving import NARROW, WIDE, screen, shown
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp


async def test_a_pane_for_what_no_document_has_is_not_there(settle):
    app = SearchkitApp(FakeEngine((("A", "2022", None, ("one",)),)))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not screen(app).facet_pane("source").display
        await pilot.press("escape", "4")
        await settle(pilot)
        assert screen(app).facet_pane("source").display


async def test_the_source_pane_opens_where_there_is_little_room(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        assert "Source" not in shown(app)
        await pilot.press("escape", "4", "space")
        await settle(pilot)
        assert screen(app).state.filters == {"source": ("The Daily Sample",)}
        assert "4 Source" in shown(app)
