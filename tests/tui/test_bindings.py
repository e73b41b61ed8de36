"""The one table of keys: every action in it exists where it says, and no key means two things at one place."""

from __future__ import annotations

import pytest
from driving import WIDE, screen, shown, typed

from searchkit.tui.app import SearchkitApp
from searchkit.tui.bindings import PANES, actions, clashes, is_typed, read_keymap, rows_of, shown_key


def test_every_action_of_the_table_exists_in_its_pane(engine):
    app = SearchkitApp(engine)
    main = app.get_default_screen()
    for action in actions():
        target = app if action.pane == "app" else main.pane_of(action.pane)
        name = action.action.partition("(")[0]
        if name.startswith("screen."):
            target, name = main, name.removeprefix("screen.")
        assert hasattr(target, f"action_{name}"), action.id
        assert action.help, action.id
        assert action.pane in PANES


@pytest.mark.parametrize("pane", PANES)
def test_no_key_means_two_things_in_one_pane(pane):
    keys = [key for action in actions() if action.pane in rows_of(pane) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_ids_are_unique():
    ids = [action.id for action in actions()]
    assert len(ids) == len(set(ids))


def test_labels_are_unique_so_that_the_palette_names_each_action_once():
    labels = [action.label for action in actions()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("keymap", "expected"),
    [
        ({}, []),
        ({"undo": "z"}, []),
        ({"export": "g"}, [("g", ["export", "grid"])]),
        ({"export": "g", "grid": "z"}, []),
        ({"undo": "x"}, [("x", ["chip-remove", "exclude", "undo", "year-exclude"])]),
    ],
)
def test_clashes_of_a_key_map_are_found(keymap, expected):
    assert clashes(keymap) == expected


def test_a_key_map_names_what_it_cannot_do():
    read, wrong = read_keymap({"undo": "z, ?", "undoo": "y", "export": "g"})
    assert read == {"undo": "z,question_mark", "export": "g"}
    assert wrong == ["there is no action undoo", "g is for export and grid", "? is for help and undo"]


def test_keys_are_shown_as_people_write_them():
    assert [shown_key(key) for key in ("question_mark", "ctrl+p", "space", "left_square_bracket")] == [
        *("?", "ctrl+p", "space", "[")
    ]


def test_letters_belong_to_a_box_and_arrows_do_not():
    assert is_typed("q")
    assert is_typed("slash")
    assert not is_typed("escape")
    assert not is_typed("down")
    assert not is_typed("ctrl+p")


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
