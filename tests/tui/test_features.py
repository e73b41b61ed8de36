"""One test for each thing that the keys do beyond searching and toggling."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_engine import FakeEngine
from test_browse import NARROW, WIDE, screen, shown, typed

from searchkit.errors import NoIndexError
from searchkit.model import SurfaceForm, Value
from searchkit.tui.app import SearchkitApp
from searchkit.tui.state import State
from searchkit.tui.store import Saved, Store


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


async def test_undo_and_redo_go_through_words_and_filters(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "drones")
        await settle(pilot)
        await pilot.press("escape", "2", "space")
        await settle(pilot)
        main = screen(app)
        assert main.state.filters
        await pilot.press("u")
        await settle(pilot)
        assert (main.state.query, dict(main.state.filters)) == ("drones", {})
        await pilot.press("u")
        await settle(pilot)
        assert main.state.query == ""
        assert main.box.value == ""
        await pilot.press("ctrl+r", "ctrl+r")
        await settle(pilot)
        assert main.state.query == main.box.value == "drones"
        assert main.state.filters


async def look_at(pilot, settle, *queries):
    """Search for each of some queries, and stay with it for long enough that it was looked at."""
    box = screen(pilot.app).box
    for query in queries:
        box.focus()
        box.value = query
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)


async def test_what_one_began_to_type_from_was_looked_at(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await look_at(pilot, settle, "drones", "market")
        await pilot.press("u", "slash", "f")
        await settle(pilot)
        assert main.state.query == "f"
        assert main.history.before().query == "drones"


async def test_brackets_walk_through_what_was_looked_at(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await look_at(pilot, settle, "drones", "market")
        await pilot.press("left_square_bracket")
        await settle(pilot)
        assert main.results.query == "drones"
        await pilot.press("right_square_bracket")
        await settle(pilot)
        assert main.results.query == "market"


async def test_chips_go_by_key_by_click_and_by_backspace(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        main = screen(app)
        await settle(pilot)
        for value in ("p1", "p2", "p3"):
            main.change(main.state.toggled("people", value))
        await settle(pilot)
        await pilot.press("escape", "F", "right", "x")
        await settle(pilot)
        assert main.state.filters == {"people": ("p1", "p3")}
        await pilot.click("#chips", offset=(3, 0))
        await settle(pilot)
        assert main.state.filters == {"people": ("p3",)}
        main.box.focus()
        await pilot.press("backspace")
        await settle(pilot)
        assert main.state.filters == {}
        assert not main.chips.display


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


async def test_how_a_facet_is_shown_is_kept_for_the_next_start(engine, settle, tmp_path):
    app = SearchkitApp(engine, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "3", "t", "1", "o")
        await settle(pilot)
    app = SearchkitApp(engine, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        assert not main.panes[2].rows.as_tree
        assert main.panes[1].rows.as_tree
        labels = [row.label for row in main.panes[0].rows.rows]
        assert labels == sorted(labels)


async def test_shift_g_in_a_facet_goes_to_the_last_value_there_is(app, engine, settle, monkeypatch):
    monkeypatch.setattr("searchkit.tui.session.FACET_LIMIT", 2)
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        await pilot.press("escape", "1", "G")
        await settle(pilot)
        rows = screen(app).panes[0].rows
        assert rows.cursor == len(rows.rows) - 1 == len(engine.values("people")) - 1


async def test_a_pane_for_what_no_document_has_is_not_there(settle):
    app = SearchkitApp(FakeEngine((("A", "2022", None, ("one",)),)))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not screen(app).facet_pane("source").display
        await pilot.press("escape", "4")
        await settle(pilot)
        assert screen(app).facet_pane("source").display


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
        assert main.state.period == "2022-05"
        await pilot.press("escape", "F", "x")
        await settle(pilot)
        assert main.state.period is None
        main.change(main.state.into_year("2024"))
        await settle(pilot)
        await pilot.press("5", "backspace")
        await settle(pilot)
        assert (main.state.by, main.state.filters) == ("year", {})


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


async def test_the_source_pane_opens_where_there_is_little_room(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        assert "Source" not in shown(app)
        await pilot.press("escape", "4", "space")
        await settle(pilot)
        assert screen(app).state.filters == {"source": ("The Daily Sample",)}
        assert "4 Source" in shown(app)


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


async def test_the_document_opens_in_the_editor(engine, settle, tmp_path, monkeypatch):
    @contextmanager
    def lent(_):
        yield

    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "article-2.txt").write_text("x")
    monkeypatch.setattr(SearchkitApp, "suspend", lent)
    monkeypatch.setenv("VISUAL", f"sh -c 'echo \"$0\" > {tmp_path}/opened'")
    app = SearchkitApp(engine, root=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "mayor")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert (tmp_path / "opened").read_text().strip() == str(tmp_path / "seeds" / "article-2.txt")
        await pilot.press("slash")
        await typed(pilot, "market")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert any("No file seeds/article-4.txt" in str(each.message) for each in app._notifications)


async def test_queries_and_saved_searches_outlive_the_program(settle, tmp_path):
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "missiles")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("S")
        await settle(pilot)
        app.screen.box.value = "rockets"
        await pilot.press("enter")
        await settle(pilot)
    again = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with again.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("alt+up")
        await settle(pilot)
        assert screen(again).box.value == "missiles"
        await pilot.press("alt+down")
        await settle(pilot)
        assert screen(again).box.value == ""
        await pilot.press("escape", "H")
        await settle(pilot)
        assert "★ rockets" in shown(again)
        await pilot.press("enter")
        await settle(pilot)
        assert screen(again).results.query == "missiles"


@pytest.mark.parametrize(("index", "news"), [("index", True), ("another", False)])
async def test_a_saved_search_tells_what_is_new_in_its_own_index(settle, tmp_path, index, news):
    store = Store(tmp_path)
    store.keep(Saved("all of it", State("missiles"), 2, str(Path.cwd() / "index")))
    app = SearchkitApp(FakeEngine(), index=index, state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "H")
        await settle(pilot)
        assert ("5 (+3)" in shown(app)) is news
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("H")
        await settle(pilot)
        assert "(+3)" not in shown(app)
        assert Store.load(tmp_path).saved["all of it"].total == 5


async def test_a_damaged_file_of_searches_is_no_obstacle(settle, tmp_path):
    (tmp_path / "searches.json").write_text('{"queries": [1, "ok"], "saved": [{"name": 3}, 7]}')
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert screen(app).store.queries == ["ok"]


async def test_a_new_generation_is_picked_up_and_the_selection_kept(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("people", "p1"))
        await settle(pilot)
        before = len(engine.requests)
        main.look_for_news()
        await settle(pilot)
        assert len(engine.requests) == before
        engine.trouble = NoIndexError("there is no index in /x; make one")
        screen(app).look_for_news()
        await settle(pilot)
        assert "⚠ there is no index in /x" in shown(app)
        assert any("goes on serving" in str(each.message) for each in app._notifications)
        engine.trouble = None
        screen(app).look_for_news()
        await settle(pilot)
        assert "⚠" not in shown(app)
        engine.newer = 2
        main.look_for_news()
        await settle(pilot)
        assert len(engine.requests) > before
        assert main.state.filters == {"people": ("p1",)}


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


async def test_help_has_every_key_and_can_be_searched(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "question_mark")
        await settle(pilot)
        assert "Take back the last change" in shown(app)
        await typed(pilot, ["clipboard", "or", "copy"][2])
        await settle(pilot)
        text = shown(app)
        assert "Copy the paragraph" in text
        assert "Take back the last change" not in text


async def test_ctrl_y_takes_the_suggestion(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "misiles")
        await settle(pilot)
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert screen(app).state.query == "missiles"
        assert screen(app).list.total == 5


async def test_sort_and_scope_are_part_of_the_search(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "s", "D")
        await settle(pilot)
        assert (engine.requests[-1].sort, engine.requests[-1].scope) == ("date", "document")
        assert "6 documents" in shown(app)
        assert "17 paragraphs by document" in shown(app)
        assert "of the same document" in shown(app)


async def test_keys_can_be_remapped_and_a_clash_is_named(engine, settle):
    app = SearchkitApp(engine, keymap={"undo": "z,!", "export": "g", "undoo": "y"})
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "drones")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("z")
        await settle(pilot)
        assert screen(app).state.query == ""
        assert "z Undo" not in shown(app)
        await pilot.press("question_mark")
        await settle(pilot)
        await typed(pilot, "undo")
        await settle(pilot)
        assert "z  !" in shown(app)
        assert any(
            "keys in searchkit.toml: there is no action undoo; g is for export and grid" in str(each.message)
            for each in app._notifications
        )


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


async def test_the_mouse_toggles_folds_and_opens(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        await pilot.click(main.panes[0].rows, offset=(6, 0))
        await settle(pilot)
        assert main.state.filters == {"people": ("p1",)}
        await pilot.click(main.panes[0].rows, offset=(6, 1), control=True)
        await settle(pilot)
        assert main.state.exclude["people"]
        await pilot.click(main.list, offset=(6, 2), times=2)
        await settle(pilot)
        assert app.focused is main.preview
