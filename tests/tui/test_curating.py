"""Values are merged, renamed and rejected from the facets, in the curation file; undo takes it back."""

from __future__ import annotations

import pytest
from driving import WIDE, screen, shown

import searchkit
from searchkit.errors import UsageError
from searchkit.model import Value
from searchkit.search.local import LocalEngine
from searchkit.tui.app import SearchkitApp
from searchkit.tui.curating import alike, decision

KNOWN = (Value("p1", "Joe Biden"), Value("p2", "Biden"), Value("p3", "Ann Lee"), Value("p4", "ann lee"))


def test_values_are_written_by_label_and_by_id_where_two_have_it(tmp_path):
    file = tmp_path / "facets.toml"
    decision("merge", file, "people", "p2", name="joe biden", known=KNOWN).do()
    decision("reject", file, "people", "p3", name="", known=KNOWN).do()
    text = file.read_text()
    assert '"Joe Biden" = ["Biden"]' in text
    assert "p3 = true" in text


@pytest.mark.parametrize("name", ["Nobody", "Ann Lee", "Biden"])
def test_a_name_that_is_none_or_two_or_itself_is_refused(tmp_path, name):
    with pytest.raises(UsageError):
        decision("merge", tmp_path / "facets.toml", "people", "p2", name=name, known=KNOWN)


def test_the_guess_is_the_label_that_shares_a_word():
    assert alike("Biden", ["Ann Lee", "Bidet", "Joe Biden", "Biden"]) == "Joe Biden"
    assert alike("Zelensky", ["Ann Lee", "Zelenskyy"]) == "Zelenskyy"
    assert alike("Joe Biden", ["Antony Blinken", "Joe Biden"]) == ""
    assert alike("Biden", ["Biden"]) == ""


async def test_merging_renaming_rejecting_and_back(settle, tmp_path):
    (tmp_path / "a.md").write_text("Ukraine and Russia spoke.\n\nUkraine was there.\n\nRussia left.\n")
    searchkit.build([tmp_path / "a.md"], into=tmp_path / "index")
    file = tmp_path / "facets.toml"
    with LocalEngine.open(tmp_path / "index") as engine:
        app = SearchkitApp(engine)
        async with app.run_test(size=WIDE) as pilot:
            await settle(pilot)
            main = screen(app)

            def counts():
                return {row.label: row.count for row in main.panes[1].rows.rows if row.branch is None}

            async def press(*keys):
                for key in keys:
                    await pilot.press(key)
                    await settle(pilot)

            assert counts() == {"Russia": 2, "Ukraine": 2}
            await press("escape", "2", "down", "down")
            assert main.panes[1].rows.current.label == "Russia"
            await press("equals_sign")
            app.screen.box.value = ""
            await press("u", "k", "r", "right")
            assert app.screen.box.value == "Ukraine"
            await press("enter")
            assert counts() == {"Ukraine": 3}
            assert file.exists()
            await press("u")
            assert counts() == {"Russia": 2, "Ukraine": 2}
            assert not file.exists()
            await press("ctrl+r")
            assert counts() == {"Ukraine": 3}
            await press("u")
            gone = main.panes[1].rows.current.label
            await press("delete")
            assert len(counts()) == 1
            assert gone not in counts()
            await press("u")
            assert counts() == {"Russia": 2, "Ukraine": 2}


async def test_where_nothing_can_be_decided_it_is_said(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("escape", "2", "delete")
        await settle(pilot)
        assert any("cannot be changed here" in str(each.message) for each in app._notifications)


async def test_what_is_written_can_be_taken_back_though_the_index_does_not_follow(settle, tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text("Ukraine and Russia spoke.\n")
    searchkit.build([tmp_path / "a.md"], into=tmp_path / "index")
    with LocalEngine.open(tmp_path / "index") as engine:
        app = SearchkitApp(engine)
        async with app.run_test(size=WIDE, notifications=True) as pilot:
            await settle(pilot)

            def full():
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(engine, "refresh", full)
            await pilot.press("escape", "2", "down", "down", "delete")
            await settle(pilot)
            assert "No space left" in shown(app)
            assert "true" in (tmp_path / "facets.toml").read_text()
            monkeypatch.undo()
            await pilot.press("u")
            await settle(pilot)
            assert not (tmp_path / "facets.toml").exists() or "true" not in (tmp_path / "facets.toml").read_text()
