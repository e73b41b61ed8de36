"""The evidence of a count: a form that may name something else says so."""

from __future__ import annotations

import pytest
from driving import WIDE, screen, shown
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from searchkit.model import Evidence, SurfaceForm
from searchkit.terminal import safe
from searchkit.tui.app import SearchkitApp
from searchkit.tui.evidence import EvidenceScreen, FormRows, in_context
from searchkit.tui.state import State

FORMS = (
    SurfaceForm(
        "Jordan", "name", "listed", 5, ("Jordan closed its border.",), also=("Jordan [red]River",), ambiguous=True
    ),
    SurfaceForm("Amman", "capital", "by context", 2, (), ambiguous=True),
    SurfaceForm("Hashemite Kingdom", "name", "listed", 1, ()),
)


@given(st.text(max_size=60), st.text(min_size=1, max_size=20), st.text(max_size=60), st.integers(1, 90))
def test_a_form_stands_at_the_same_place_in_every_example(before, form, after, width):
    before, form, after = map(safe, (before, form, after))
    parts = in_context(before + form + after, (len(before), len(before) + len(form)), width)
    assert cell_len("".join(parts)) <= width
    if cell_len(form) <= width:
        assert parts[1] == form
        assert cell_len(parts[0]) == min(width * 2 // 5, width - cell_len(form))
    assert (" " * width + before).endswith(parts[0].lstrip(" …"))
    assert after.startswith(parts[2].removesuffix("…").rstrip())


@pytest.mark.parametrize(
    "states", [("", '"Kremlin" '), ("missiles", 'missiles "Kremlin" '), ('a OR "b', '(a OR "b") "Kremlin" ')]
)
def test_a_form_is_needed_as_well_as_the_query(states):
    assert State(states[0]).written("Kremlin").query == states[1]


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


async def test_evidence_is_looked_for_where_the_value_is(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("countries", "UA"))
        await settle(pilot)
        main.explain("countries", "RU")
        await settle(pilot)
        assert engine.requests[-1].filters == {"countries": ("RU",)}
        await pilot.press("escape")
        main.change(main.state.switched("countries"))
        await settle(pilot)
        main.explain("countries", "RU")
        await settle(pilot)
        assert engine.requests[-1].filters == {"countries": ("UA", "RU")}


async def test_w_shows_the_words_behind_a_count(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2", "down", "w")
        await settle(pilot)
        text = shown(app)
        assert "Why Russia?" in text
        assert "Kremlin" in text
        assert "capital · list:capital" in text
        await pilot.press("escape")
        assert app.screen is screen(app)


async def test_enter_in_the_evidence_opens_the_paragraphs_of_a_form(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2", "down", "w")
        await settle(pilot)
        rows = app.screen.query_one("FormRows")
        forms = [form.text for form in rows.evidence.forms]
        rows.cursor = [row.text if isinstance(row, SurfaceForm) else "" for row in rows.rows].index("Kremlin") + 1
        assert len(forms) > 2
        await pilot.press("enter")
        await settle(pilot)
        main = screen(app)
        assert app.screen is main
        assert main.state.query == '"Kremlin" '
        assert main.state.filters == {"countries": ("RU",)}
        assert main.list.total == 1
        assert app.focused is main.list
