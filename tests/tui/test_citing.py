"""What is taken out of the UI: text, citations, command lines, names of files."""

from __future__ import annotations

import shlex

import pytest
from driving import WIDE, screen, typed
from fake_engine import FakeEngine

import searchkit
from searchkit.model import Value
from searchkit.search.local import LocalEngine
from searchkit.tui.app import SearchkitApp
from searchkit.tui.citing import command_line, file_name, names
from searchkit.tui.state import State


async def test_copying_text_citation_and_command(engine, settle, copied, tmp_path):
    app = SearchkitApp(engine, state_folder=tmp_path / "state", index="my index")
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "maryino")
        await settle(pilot)
        main = screen(app)
        main.change(main.state.toggled("countries", "RU").toggled("people", "p1", exclude=True))
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("y", "Y", "C")
        await settle(pilot)
    assert copied[0].startswith("Fragments of a Storm Shadow")
    assert copied[1].endswith(
        "— Storm Shadow strikes reported in Kursk, The Daily Sample, 2024-11-21, paragraph 2 (seeds/article-1.txt)"
    )
    assert shlex.split(copied[2]) == [
        *(
            "searchkit",
            "search",
            "maryino",
            "--country",
            "Russia",
            "--not-person",
            "Joe Biden",
            "--live",
            "--index",
            "my index",
        )
    ]
    assert (tmp_path / "state" / "copied.txt").read_text() == copied[2]


LEE, OTHER_LEE, ODD = Value("l1", "Ann Lee"), Value("l2", "Ann Lee"), Value("o1", "Odd\x1b[1m")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Value("p1", "Joe Biden"), "Joe Biden"),
        (LEE, "l1"),  # two bear the name
        (ODD, "o1"),  # a name that cannot be written
        (Value("x", "p9"), "x"),  # another one's id
        (Value("gone", "Nobody"), "gone"),  # in no paragraph any more
    ],
)
def test_a_value_goes_by_its_label_where_that_means_it_alone(value, written):
    surfaces = {
        "people": {
            "Joe": (Value("p1", "Joe Biden"), "full"),
            "Ann": (LEE, "full"),
            "Lee": (OTHER_LEE, "full"),
            "Odd": (ODD, "full"),
            "Pat": (Value("x", "p9"), "full"),
            "Quin": (Value("p9", "Quin"), "full"),
        }
    }
    engine = FakeEngine((("A", None, None, ("Joe Ann Lee Odd Pat Quin",)),), surfaces=surfaces)
    state = State("").toggled("people", value.id)
    words = shlex.split(command_line(state, None, names(engine, state, {("people", value.id): value.label})))
    assert words[-2:] == ["--person", written]


def test_the_index_finds_the_same_by_the_names_of_a_command(tmp_path):
    """Of the real engine: a surname that is an alias of two, a country by its name, a class of weapons."""
    (tmp_path / "a.md").write_text(
        "Joe Biden met Jill Biden and spoke of ATACMS in Ukraine.\n\nBiden left.\n\nTanks in Russia.\n"
    )
    searchkit.build([tmp_path / "a.md"], into=tmp_path / "index")
    with LocalEngine.open(tmp_path / "index") as engine:
        for dimension in ("people", "countries", "weapons"):
            for value in engine.values(dimension):
                state = State().toggled(dimension, value.id)
                named = names(engine, state, {(dimension, value.id): value.label})
                assert named.get((dimension, value.id), value.id) == value.label
                by_name = State().toggled(dimension, value.label)
                assert engine.search(by_name.request(limit=9)).total == engine.search(state.request(limit=9)).total


def test_the_name_that_is_offered_for_a_file_is_free(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    state = State('"Storm Shadow" OR drones')
    assert file_name(state) == "searchkit-storm-shadow-or-drones.md"
    (tmp_path / "searchkit-storm-shadow-or-drones.md").touch()
    (tmp_path / "searchkit-storm-shadow-or-drones-2.md").touch()
    assert file_name(state) == "searchkit-storm-shadow-or-drones-3.md"
    assert file_name(State()) == "searchkit-hits.md"
