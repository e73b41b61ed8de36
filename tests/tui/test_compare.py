"""Two searches side by side: counts of both, what differs first, rows that open."""

from __future__ import annotations

from driving import NARROW, WIDE, screen, shown, typed

from searchkit.tui.compare import CompareScreen, compare
from searchkit.tui.state import State


def never():
    return False


def test_counts_are_those_of_the_hits_and_heed_their_own_selection(engine):
    both = State("missiles"), State("drones", filters={"countries": ("UA",)})
    found = compare(engine, both, "countries", never)
    assert found.totals == (5, 2)
    rows = {row.label: (row.counts, [round(share, 1) for share in row.shares]) for row in found.rows}
    assert rows["Ukraine"] == ((2, 2), [0.4, 1.0])
    assert rows["United States"][0][1] == 0
    assert compare(engine, (State("nowhere"), State("drones")), "people", never).totals[0] == 0


def test_orders(engine):
    found = compare(engine, (State("missiles"), State("drones")), "countries", never)
    shares = [abs(row.difference) for row in found.ordered("difference")]
    assert shares == sorted(shares, reverse=True)
    counts = [sum(row.counts) for row in found.ordered("count")]
    assert counts == sorted(counts, reverse=True)
    names = [row.label for row in found.ordered("name")]
    assert names == sorted(names)


async def looked_at(pilot, settle, *words):
    main = screen(pilot.app)
    for word in words:
        main.box.focus()
        main.box.value = word
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)


async def test_v_compares_with_the_search_before_and_enter_opens_a_row(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await looked_at(pilot, settle, "drones", "missiles")
        await pilot.press("2", "8", "v")
        await settle(pilot)
        assert isinstance(app.screen, CompareScreen)
        text = shown(app)
        assert "A missiles" in text
        assert "B drones" in text
        assert "countries by difference" in text
        rows = app.screen.rows
        await pilot.press("o", "right")
        at = next(at for at, row in enumerate(rows.rows) if row.label == "Ukraine")
        await pilot.press(*["down"] * at, "enter")
        await settle(pilot)
        main = screen(app)
        assert app.screen is main
        assert (main.state.query, main.state.filters) == ("drones", {"countries": ("UA",)})
        assert main.list.total == rows.rows[at].counts[1]
        await pilot.press("u")
        await settle(pilot)
        assert main.state == State("missiles")


async def test_both_queries_can_be_typed_into_and_the_dimension_turned(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await looked_at(pilot, settle, "missiles")
        await pilot.press("v")
        await settle(pilot)
        compared = app.screen
        compared.boxes[1].focus()
        await typed(pilot, "market")
        await settle(pilot)
        assert compared.rows.comparison.totals == (5, 1)
        await pilot.press("enter", "d")
        await settle(pilot)
        assert compared.rows.comparison.dimension == "countries"
        assert "A only" in shown(app)
        await pilot.press("escape")
        assert app.screen is screen(app)


async def test_an_error_is_told_and_the_screen_stays(app, engine, settle):
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        engine.error = RuntimeError("no such luck")
        await pilot.press("escape", "v")
        await settle(pilot)
        assert isinstance(app.screen, CompareScreen)
        assert any("no such luck" in str(each.message) for each in app._notifications)
