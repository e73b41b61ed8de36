"""Two dimensions against each other."""

from __future__ import annotations

from driving import NARROW, WIDE, screen


async def test_the_grid_counts_pairs_and_opens_their_paragraphs(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "g")
        await settle(pilot)
        grid = app.screen.rows.grid
        pairs = {
            (row.value, column.value): count
            for row, counts in zip(grid.rows, grid.cells, strict=True)
            for column, count in zip(grid.columns, counts, strict=True)
        }
        assert pairs["North Korea", "Ballistic missiles"] == 1
        assert pairs["Ukraine", "F-16"] == 1
        assert pairs["North Korea", "F-16"] == 0
        assert "Myanmar" not in [row.value for row in grid.rows]  # no weapon is named with it
        row, column = grid.rows[0], grid.columns[1]
        await pilot.press("right", "enter")
        await settle(pilot)
        assert screen(app).state.filters == {"countries": (row.id,), "weapons": (column.id,)}
        assert screen(app).list.total == pairs[row.value, column.value]


async def test_the_grid_changes_its_dimensions(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await pilot.press("escape", "g", "a", "t")
        await settle(pilot)
        assert (app.screen.down, app.screen.across) == ("source", "countries")
        assert app.screen.rows.grid.down == "source"
        await pilot.press("a", "a")
        await settle(pilot)
        assert app.screen.across == "year"
        assert [value.id for value in app.screen.rows.grid.columns] == ["2022", "2023", "2024"]
