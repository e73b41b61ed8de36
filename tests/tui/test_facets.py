"""A facet: its order, its tree, the search in it, any or all."""

from __future__ import annotations

from driving import WIDE, screen, shown, typed
from fake_engine import FakeEngine

from searchkit.model import Value
from searchkit.tui.app import SearchkitApp


async def test_a_switches_between_any_and_all(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("people", "p1").toggled("people", "p2"))
        await settle(pilot)
        assert main.list.total == 5
        await pilot.press("escape", "1", "a")
        await settle(pilot)
        assert main.list.total == 1
        assert "all of" in shown(app)
        assert "Joe Biden ✕  and  Volodymyr Zelensky ✕" in shown(app)


async def test_find_in_a_facet_by_name_and_by_another_name(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2", "f")
        await typed(pilot, "kor")
        await settle(pilot)
        rows = screen(app).panes[1].rows
        assert [row.label for row in rows.rows] == ["North Korea"]
        screen(app).panes[1].box.value = "no such"
        await settle(pilot)
        assert rows.rows == []
        screen(app).panes[1].box.value = "Burma"
        await settle(pilot)
        assert [(row.label, row.count) for row in rows.rows] == [("Myanmar", 1)]
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert screen(app).state.filters == {"countries": ("MM",)}
        await pilot.press("escape")
        await settle(pilot)
        assert len(rows.rows) > 3


async def test_a_facet_out_of_use_shows_its_top_and_one_in_use_keeps_the_cursor(app, settle):
    async with app.run_test(size=(160, 34)) as pilot:
        await settle(pilot)
        main = screen(app)
        await pilot.press("escape", "1")
        main.panes[0].rows.cursor = [row.label for row in main.panes[0].rows.rows].index("Keir Starmer")
        await settle(pilot)
        here = main.panes[0].rows.current.label
        main.change(main.state.toggled("countries", "UA"))
        await settle(pilot)
        assert main.panes[0].rows.current.label == here
        await pilot.press("8")
        main.change(main.state.toggled("countries", "UA"))
        await settle(pilot)
        assert main.panes[0].rows.cursor == main.panes[0].rows.scroll_offset.y == 0


async def test_shift_g_in_a_facet_goes_to_the_last_value_there_is(app, engine, settle, monkeypatch):
    monkeypatch.setattr("searchkit.tui.session.FACET_LIMIT", 2)
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "1", "G")
        await settle(pilot)
        rows = screen(app).panes[0].rows
        assert rows.cursor == len(rows.rows) - 1 == len(engine.values("people")) - 1


async def test_o_orders_a_facet_by_name(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "1", "o")
        await settle(pilot)
        labels = [row.label for row in screen(app).panes[0].rows.rows]
        assert labels == sorted(labels)
        assert "by name" in shown(app)
        await typed(pilot, "o")
        await settle(pilot)
        assert engine.requests[-1].facet_order == "distinctiveness"
        main = screen(app)
        main.box.value = "missiles"
        await settle(pilot)
        assert {request.facet_order for request in engine.requests if request.query == "missiles"} == {
            "count",
            "distinctiveness",
        }


async def test_a_tree_folds_and_becomes_a_list(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "3")
        rows = screen(app).panes[2].rows
        assert [(row.label, row.depth) for row in rows.rows][:4] == [
            ("Weapons", 0),
            ("Missiles", 0),
            ("Ballistic missiles", 1),
            ("ATACMS", 2),
        ]
        await pilot.press("down", "left")
        assert "ATACMS" not in [row.label for row in rows.rows]
        await pilot.press("right")
        assert "ATACMS" in [row.label for row in rows.rows]
        await pilot.press("t")
        assert {row.depth for row in rows.rows} == {0}


async def test_countries_are_a_tree_of_regions_with_counts(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        rows = screen(app).panes[1].rows
        assert [(row.label, row.count, row.depth) for row in rows.rows[:3]] == [
            ("Europe", 9, 0), ("Russia", 6, 1), ("Ukraine", 6, 1)
        ]  # fmt: skip
        assert screen(app).panes[1].border_subtitle == "6"
        await pilot.press("escape", "2", "space")
        await settle(pilot)
        assert screen(app).state.filters == {"countries": ("150",)}
        assert screen(app).list.total == 9
        await pilot.press("space", "t")
        await settle(pilot)
        assert rows.rows[0].label == "Russia"
        assert "Europe" not in [row.label for row in rows.rows]


async def test_a_facet_of_very_many_values_loads_as_one_scrolls(settle):
    surfaces = {
        "people": {f"P{n}": (Value(f"v{n:05}", f"P{n}"), "full") for n in range(3000)},
        "countries": {},
        "weapons": {},
    }
    text = " ".join(f"P{n}" for n in range(3000))
    engine = FakeEngine((("All", None, None, (text,)),), surfaces=surfaces)
    app = SearchkitApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        rows = screen(app).panes[0].rows
        assert len(rows.rows) == 60
        await pilot.press("escape", "1")
        for _ in range(3):
            await pilot.press("G")
            await settle(pilot)
        assert len(rows.rows) == 3000


async def test_down_leaves_the_box_for_the_values_found(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2", "f")
        await typed(pilot, "kor")
        await settle(pilot)
        await pilot.press("down", "space")
        await settle(pilot)
        assert screen(app).state.filters == {"countries": ("KP",)}


async def test_a_click_takes_the_value_under_the_mouse_though_the_pane_grows(app, settle):
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "1")
        await settle(pilot)
        rows = screen(app).panes[1].rows
        meant = rows.rows[2]
        await pilot.click(rows, offset=(12, 2))
        await settle(pilot)
        assert screen(app).state.filters == {"countries": (meant.id,)}
