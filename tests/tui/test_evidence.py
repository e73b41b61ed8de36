"""The evidence of a count: a form that may name something else says so."""

from __future__ import annotations

import pytest

from searchkit.model import Evidence, SurfaceForm
from searchkit.tui.app import SearchkitApp
from searchkit.tui.evidence import EvidenceScreen, FormRows

FORMS = (
    SurfaceForm(
        "Jordan", "name", "listed", 5, ("Jordan closed its border.",), also=("Jordan [red]River",), ambiguous=True
    ),
    SurfaceForm("Amman", "capital", "by context", 2, (), ambiguous=True),
    SurfaceForm("Hashemite Kingdom", "name", "listed", 1, ()),
)


@pytest.mark.parametrize("size", [(120, 30), (80, 24)])
async def test_what_a_form_may_name_besides_is_shown(engine, size):
    app = SearchkitApp(engine, state_folder=None)
    async with app.run_test(size=size) as pilot:
        await app.push_screen(EvidenceScreen(Evidence("countries", "JO", "Jordan", 8, FORMS)))
        await pilot.pause()
        rows = app.screen.query_one(FormRows)
        shown = ["".join(one.text for one in rows.paint(row, 200, current=False)) for row in range(rows.row_count)]
    first, _, second, third = shown
    assert "listed · also Jordan [red]River" in first
    assert "by context · ambiguous" in second
    assert "also" not in third
    assert "ambiguous" not in third
