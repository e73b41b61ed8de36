"""What is kept between two starts, by any number of windows at once."""

from __future__ import annotations

from threading import Thread

import pytest
from driving import WIDE, screen, shown, typed
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp
from searchkit.tui.state import State
from searchkit.tui.store import Saved, Store


def saved(name, query="x", total=1):
    return Saved(name, State(query), total, "index")


@pytest.fixture
def windows(tmp_path):
    Store(tmp_path).keep(saved("old"))
    return Store.load(tmp_path), Store.load(tmp_path)


def test_what_each_window_keeps_is_kept(windows, tmp_path):
    one, two = windows
    one.keep(saved("a"))
    two.keep(saved("b"))
    one.remember("missiles")
    two.remember("drones")
    one.arrange("people", "name", as_tree=False)
    two.arrange("weapons", "count", as_tree=False)
    one.tour_taken()
    two.remember("tanks")
    read = Store.load(tmp_path)
    assert list(read.saved) == ["old", "a", "b"]
    assert read.queries == ["missiles", "drones", "tanks"]
    assert read.facets == {"people": ("name", False), "weapons": ("count", False)}
    assert read.toured


def test_what_a_window_forgets_stays_forgotten(windows, tmp_path):
    one, two = windows
    one.forget("old")
    two.remember("drones")
    two.note_total("old", 7, "index")
    assert Store.load(tmp_path).saved == {}


def test_a_name_that_another_window_has_used_since_is_not_overwritten(windows, tmp_path):
    one, two = windows
    assert one.keep(saved("new", "drones")) == "new"
    assert two.keep(saved("new", "tanks")) == "new (2)"
    assert two.keep(saved("new", "tanks or drones")) == "new"  # known by now
    two.note_total("old", 9, "index")
    assert one.keep(saved("old", "y")) == "old"  # the same search, looked at there
    read = Store.load(tmp_path).saved
    assert {name: each.state.query for name, each in read.items()} == {
        "old": "y", "new": "tanks or drones", "new (2)": "tanks"
    }  # fmt: skip


def test_nothing_is_lost_where_all_write_at_once(tmp_path):
    stores = [Store.load(tmp_path) for _ in range(4)]

    def work(number):
        for each in range(20):
            stores[number].keep(saved(f"{number}-{each}"))

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Store.load(tmp_path).saved) == 80


def test_what_is_known_stays_where_the_file_is_damaged_or_the_folder_cannot_be_written(windows, tmp_path):
    one, _ = windows
    (tmp_path / "searches.json").write_text("{")
    one.keep(saved("new"))
    assert list(Store.load(tmp_path).saved) == ["old", "new"]
    store = Store(tmp_path / "searches.json" / "below a file")
    store.keep(saved("new"))
    assert list(store.saved) == ["new"]


async def test_a_search_that_another_window_saved_is_listed(settle, tmp_path):
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        Store.load(tmp_path).keep(Saved("theirs", State("drones"), 1))
        await pilot.press("escape", "H")
        await settle(pilot)
        assert "★ theirs" in shown(app)
        await pilot.press("enter")
        await settle(pilot)
        assert screen(app).results.query == "drones"
        await pilot.press("S")
        await settle(pilot)
        app.screen.box.value = "mine"
        await pilot.press("enter")
        await settle(pilot)
        assert list(Store.load(tmp_path).saved) == ["theirs", "mine"]


async def test_a_search_that_another_window_let_go_does_not_come_back(settle, tmp_path):
    Store(tmp_path).keep(Saved("theirs", State("drones"), 1))
    app = SearchkitApp(FakeEngine(), state_folder=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "H")
        await settle(pilot)
        Store.load(tmp_path).forget("theirs")
        await pilot.press("enter")  # opens it, and notes what it finds
        await settle(pilot)
        await pilot.press("slash")
        await typed(pilot, "tanks")
        await pilot.press("enter")
        await settle(pilot)
        assert Store.load(tmp_path).saved == {}


def test_where_the_folder_cannot_be_written_what_is_kept_holds_until_the_end(tmp_path):
    (tmp_path / "state").write_text("a file, no folder")
    store = Store.load(tmp_path / "state")
    assert store.keep(saved("a")) == "a"
    assert not store.written
    store.remember("drones")
    store.look()
    assert list(store.saved) == ["a"]
    assert store.queries == ["drones"]


@pytest.mark.parametrize("is_folder", [True, False])
async def test_a_search_is_saved_only_where_it_is_written(settle, tmp_path, is_folder):
    folder = tmp_path / "state"
    if not is_folder:
        folder.write_text("a file")
    app = SearchkitApp(FakeEngine(), state_folder=folder)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("escape", "S", "enter")
        await settle(pilot)
        assert ("Saved as everything." in shown(app)) is is_folder
        assert ("everything is kept until you leave" in shown(app)) is not is_folder
