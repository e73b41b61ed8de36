"""The main screen: what is typed is searched, values toggle, paragraphs open, errors are survived."""

from __future__ import annotations

from dataclasses import replace

import pytest
from driving import NARROW, TINY, WIDE, screen, shown, typed
from fake_engine import FakeEngine, many
from textual import events

from searchkit.errors import DamagedIndexError
from searchkit.model import Request
from searchkit.tui.app import SearchkitApp
from searchkit.tui.chips import Chip
from searchkit.tui.messages import empty_text
from searchkit.tui.searching import Answered
from searchkit.tui.state import State


async def test_the_first_answer_is_there_without_a_key(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert screen(app).list.total == 17
        text = shown(app)
        assert "17 paragraphs" in text
        assert "Volodymyr Zelensky" in text


async def test_every_letter_searches_and_the_last_word_is_a_prefix(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "missil")
        await settle(pilot)
        assert engine.requests[-1].live
        assert screen(app).results.query == "missil"
        assert screen(app).list.total == 7
        assert "↳ missil*" in shown(app)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("d", "r", "o", "n", "e", "s"), "drones"),
        (("x", "ctrl+u", "d", "r", "o"), "dro"),
        (("d", "x", "backspace", "r", "o"), "dro"),
        (("r", "o", "home", "d", "end", "n"), "dron"),
    ],
)
async def test_keys_that_come_at_once_are_taken_in_their_order(app, settle, keys, value):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert screen(app).box.value == screen(app).results.query == value


async def test_the_terminal_is_resized_while_one_types(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        sizes = [NARROW, TINY, (200, 50), (70, 20), (1, 1), WIDE]
        for letter, size in zip("drones", sizes, strict=True):
            app.post_message(events.Key(letter, letter))
            await pilot.resize_terminal(*size)
        await settle(pilot)
        main = screen(app)
        assert main.box.value == main.results.query == "drones"
        assert main.preview.hit.id == main.list.current.id
        assert "drones" in shown(app)


async def test_what_is_shown_never_takes_back_what_was_typed(app, settle):
    """An answer comes, or an older letter is dealt with, when the box is further already."""
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.box.value = "drones"
        main.change(State("dr"), typed=True)
        main.show_answer(Answered(main.asker.newest, app.engine.search(main.request())))
        assert main.box.value == "drones"
        await settle(pilot)
        assert main.box.value == main.state.query == "drones"


async def test_answers_that_come_too_late_are_dropped(settle):
    engine = FakeEngine(delay=0.05)
    app = SearchkitApp(engine)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "dron")
        await settle(pilot)
        assert screen(app).results.query == "dron"
        assert screen(app).results.parsed == "dron*"


async def test_space_includes_x_excludes_and_both_let_go_again(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2")
        await pilot.pause()
        assert app.focused is screen(app).panes[1].rows
        first = screen(app).panes[1].rows.current
        await pilot.press("space")
        await settle(pilot)
        assert screen(app).state.filters == {"countries": (first.id,)}
        assert screen(app).panes[1].rows.current.id == first.id
        assert f"{first.label} ✕" in shown(app)
        await pilot.press("x")
        await settle(pilot)
        assert screen(app).state.filters == {}
        assert screen(app).state.exclude == {"countries": (first.id,)}
        await pilot.press("x")
        await settle(pilot)
        assert screen(app).state.exclude == {}


async def test_a_selected_value_stays_listed_at_zero(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        screen(app).change(screen(app).state.toggled("people", "p1"))
        await typed(pilot, "market")
        await settle(pilot)
        rows = screen(app).panes[0].rows.rows
        assert [(row.label, row.count, row.selected) for row in rows] == [("Joe Biden", 0, True)]


async def test_a_paragraph_opens_in_its_document_and_escape_comes_back(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await typed(pilot, "maryino")
        await settle(pilot)
        assert not screen(app).preview.display
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        assert app.focused is screen(app).preview
        text = shown(app)
        assert "Britain has let Kyiv fire" in text
        assert "2 of 3" in text
        await pilot.press("escape")
        await settle(pilot)
        assert app.focused is screen(app).list


async def test_an_engine_that_fails_is_named_and_survived(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        engine.error = DamagedIndexError("segments/1/terms.npy is cut short: run searchkit check")
        await typed(pilot, "d")
        await settle(pilot)
        assert "terms.npy is cut short" in shown(app)
        assert "No answer." in shown(app)
        assert not screen(app).list.display  # it would pass for the answer
        engine.error = ZeroDivisionError("oops")
        await typed(pilot, "r")
        await settle(pilot)
        assert "ZeroDivisionError: oops" in shown(app)
        engine.error = None
        await typed(pilot, "o")
        await settle(pilot)
        assert "oops" not in shown(app)
        assert screen(app).list.display
        assert screen(app).list.total == 2


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_first_search_that_fails_says_so(app, engine, settle, size):
    engine.error = DamagedIndexError("segments/1/document.npy is damaged")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "No answer." in shown(app)
        assert "document.npy is damaged" in shown(app)
        await pilot.press("d", "enter", "5")
        await settle(pilot)
        engine.error = None
        await pilot.press("slash", "d", "r")
        await settle(pilot)
        assert screen(app).list.total == 3
        assert "No answer." not in shown(app)


async def test_nothing_found_says_what_to_do(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "misiles")
        await settle(pilot)
        text = shown(app)
        assert "Nothing found for misiles" in text
        assert "Did you mean  missiles" in text


async def test_an_empty_index_says_how_to_fill_it(settle):
    app = SearchkitApp(FakeEngine(()))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "searchkit index" in shown(app)


async def test_pages_come_as_one_scrolls(settle):
    engine = many(2000)
    app = SearchkitApp(engine)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await pilot.press("escape", "G")
        await settle(pilot)
        assert screen(app).list.cursor == 1999
        assert screen(app).list.current is not None
        assert max(request.offset for request in engine.requests) == 1960
        assert len(screen(app).list.hits) < 200


@pytest.mark.parametrize("size", [WIDE, NARROW, TINY, (40, 15), (1, 1), (220, 60)])
async def test_every_size_is_survived(app, settle, size):
    async with app.run_test(size=size) as pilot:
        await typed(pilot, "missiles")
        await settle(pilot)
        for key in ("escape", "1", "space", "2", "x", "f", "a", "escape", "8", "enter", "n", "escape", "question_mark"):
            await pilot.press(key)
            await settle(pilot)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert app.is_running


async def test_a_preview_that_comes_into_view_shows_the_hit_under_the_cursor(app, engine, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(80, 24)
        await typed(pilot, "market")
        await settle(pilot)
        await pilot.resize_terminal(160, 50)
        await settle(pilot)
        assert screen(app).preview.hit.id == screen(app).list.current.id
        assert "9 A quiet year on the border" in shown(app)
        engine.error = DamagedIndexError("broken")
        await typed(pilot, "x")
        await settle(pilot)
        assert "9 Preview" in shown(app)


async def test_q_quits_outside_the_box_and_types_inside(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await typed(pilot, "q")
        assert screen(app).box.value == "q"
        await pilot.press("backspace")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running


async def test_ctrl_y_takes_the_suggestion(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "misiles")
        await settle(pilot)
        await pilot.press("ctrl+y")
        await settle(pilot)
        assert screen(app).state.query == "missiles"
        assert screen(app).list.total == 5


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


async def test_where_nothing_is_found_its_advice_can_be_followed(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("people", "p1"))
        await typed(pilot, "zzz")
        await settle(pilot)
        assert "clears them" in shown(app)
        await pilot.press("escape", "c")
        await settle(pilot)
        assert not main.state.filters
        assert main.state.query == "zzz"
        assert app.focused is main.answer
        await pilot.press("escape")
        assert app.focused is main.box
        await pilot.press("escape", "u", "u")
        await settle(pilot)
        assert app.focused is main.list
        assert main.list.total > 1


async def test_keys_stay_with_the_results_when_there_are_none_any_more(app, settle):
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        main = screen(app)
        await pilot.press("escape", "enter")
        await settle(pilot)
        assert app.focused is main.preview
        main.change(main.state.written("zzz"))
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert main.list.total > 1
        assert app.focused in (main.list, main.preview)
        assert main.box.value == ""


def test_where_nothing_is_found_filters_are_called_as_people_know_them():
    results = replace(FakeEngine().search(Request("zzz")), notes=("none has the countries value 'm49-145' or 'IL'",))
    chips = (
        Chip("countries", "m49-145", "Western Asia", excludes=False),
        Chip("countries", "IL", "Israel", excludes=False),
    )
    assert "none has the countries value Western Asia or Israel" in str(empty_text(results, State("zzz"), chips))
