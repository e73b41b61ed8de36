"""Pictures of the screens at three sizes, dark and light (`pytest --snapshot-update` after a wanted change)."""

from __future__ import annotations

import pytest
from fake_engine import FakeEngine

from searchkit.tui.app import SearchkitApp

SIZES = [(80, 24), (160, 50), (20, 5)]
THEMES = ["searchkit-dark", "searchkit-light"]
#: Screen -> the keys that lead there; the box is always left, for its cursor blinks.
SCREENS = {
    "browse": ("m", "i", "s", "s", "i", "l", "e", "s", "enter", "2", "space", "down", "x"),
    "nothing": ("m", "i", "s", "i", "l", "e", "s", "tab"),
    "preview": ("m", "i", "s", "s", "i", "l", "e", "s", "enter", "enter", "n"),
    "evidence": ("escape", "2", "down", "w"),
    "grid": ("escape", "g"),
    "compare": ("d", "r", "o", "n", "e", "s", "enter", "2", "8", "v", "right"),
    "tour": ("f1", "d", "r", "o", "n", "e", "s", "tab"),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("name", SCREENS)
def test_picture(snap_compare, settle, name, size, theme):
    async def go(pilot):
        await settle(pilot)
        for key in SCREENS[name]:
            await pilot.press(key)
            await settle(pilot)

    app = SearchkitApp(FakeEngine())
    app.theme = theme
    assert snap_compare(app, terminal_size=size, run_before=go)


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "nord", "textual-light", "dracula"])
def test_picture_in_other_themes(snap_compare, settle, monkeypatch, theme):
    async def go(pilot):
        await settle(pilot)
        for key in SCREENS["browse"]:
            await pilot.press(key)
            await settle(pilot)

    monkeypatch.setenv("TEXTUAL_THEME", theme)
    app = SearchkitApp(FakeEngine())
    assert app.theme == theme
    assert snap_compare(app, terminal_size=(100, 30), run_before=go)


def test_picture_without_colour(snap_compare, settle, monkeypatch):
    async def go(pilot):
        await settle(pilot)
        for key in SCREENS["browse"]:
            await pilot.press(key)
            await settle(pilot)

    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(SearchkitApp(FakeEngine()), terminal_size=(100, 30), run_before=go)
