"""The timeline: years, months, and back."""

from __future__ import annotations

from driving import WIDE, screen, shown
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp


async def test_the_timeline_keeps_a_year(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert [column.id for column in screen(app).timeline.columns] == ["2022", "2023", "2024"]
        assert "2        5        8" in shown(app)  # the counts, under the columns
        await pilot.press("escape", "5", "right", "space")
        await settle(pilot)
        assert screen(app).state.filters == {"year": ("2023",)}
        assert screen(app).list.total == 5
        assert "2023 ✕" in shown(app)


async def test_the_timeline_goes_into_a_year_and_a_month_and_back(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await settle(pilot)
        await pilot.press("escape", "5", "right", "enter")
        await settle(pilot)
        assert main.state.filters == {"year": ("2023",)}
        assert [(column.id, column.count) for column in main.timeline.columns] == [
            ("2023-06", 3), ("2023-07", 0), ("2023-08", 2)
        ]  # fmt: skip
        assert "5 Month" in shown(app)
        await pilot.press("space", "right", "right", "space")
        await settle(pilot)
        assert (main.state.date_from, main.state.date_to) == ("2023-06", "2023-08")
        assert all(column.selected for column in main.timeline.columns)
        assert "2023 ✕   2023-06 to 2023-08 ✕" in shown(app)  # not one or the other
        await pilot.press("enter")
        await settle(pilot)
        assert main.list.total == 2
        assert app.focused is main.list
        assert main.state.period == "2023-08"
        for _ in range(4):
            await pilot.press("u")
        await settle(pilot)
        assert main.state.period is None
        assert main.list.total == 17
        assert "5 Year" in shown(app)


async def test_where_dates_are_years_the_years_stay(settle):
    engine = FakeEngine((("A", "2022", None, ("one",)), ("B", "2023", None, ("two",))))
    engine.months = lambda *_, **__: {}
    app = SearchkitApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await settle(pilot)
        await pilot.press("escape", "5", "right", "enter")
        await settle(pilot)
        assert [(column.id, column.selected) for column in main.timeline.columns] == [("2022", False), ("2023", True)]
        assert any("years without a month" in str(each.message) for each in app._notifications)
        await pilot.press("x")
        await settle(pilot)
        assert main.state.exclude == {"year": ("2023",)}


async def test_backspace_leaves_the_months_and_t_shows_all_of_them(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await settle(pilot)
        await pilot.press("escape", "5", "t")
        await settle(pilot)
        assert [column.id for column in main.timeline.columns if column.count] == [
            "2022-05", "2023-06", "2023-08", "2024-11"
        ]  # fmt: skip
        await pilot.press("end", "x")
        await settle(pilot)
        assert main.state.period is None
        await pilot.press("space")
        await settle(pilot)
        assert main.state.period == "2024-11"
        await pilot.press("escape", "F", "x")
        await settle(pilot)
        assert main.state.period is None
        main.change(main.state.into_year("2024"))
        await settle(pilot)
        await pilot.press("5", "backspace")
        await settle(pilot)
        assert (main.state.by, main.state.filters) == ("year", {})


async def test_home_and_end_go_to_the_first_and_the_last_column(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        timeline = screen(app).timeline
        await pilot.press("escape", "5", "end")
        assert timeline.cursor == len(timeline.columns) - 1 > 0
        await pilot.press("home")
        assert timeline.cursor == 0
