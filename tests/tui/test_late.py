"""The first frame stands before the engine is open, and nothing that is typed by then is lost."""

from __future__ import annotations

import threading

import pytest
from fake_engine import FakeEngine

from searchkit import tui
from searchkit.errors import DamagedIndexError
from searchkit.tui.app import SearchkitApp
from searchkit.tui.late import LateEngine

WIDE = (160, 50)


class Gate:
    """A factory that opens its engine when it is told to."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.told = threading.Event()

    def __call__(self) -> FakeEngine:
        self.told.wait(20)
        return self.engine


class WithTopics(FakeEngine):
    """An engine with a dimension that not every index has."""

    @property
    def dimensions(self):
        return (*super().dimensions, "topic")


@pytest.fixture(autouse=True)
def _no_gc_tuning(monkeypatch):
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    monkeypatch.setenv("TEXTUAL_FPS", "60")


async def test_the_frame_stands_and_keys_are_kept_until_the_engine_is_open(settle):
    gate = Gate(FakeEngine())
    late = LateEngine(gate)
    app = SearchkitApp(late)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("d", "r", "o", "n")
        screen = app.screen
        assert screen.box.value == "dron"
        assert [pane.dimension for pane in screen.panes] == ["people", "countries", "weapons", "source"]
        assert screen.results is None
        gate.told.set()
        await settle(pilot)
        assert screen.results.query == "dron"
        assert screen.list.total == screen.results.total > 0


async def test_dimensions_that_only_this_index_has_get_their_panes(settle):
    gate = Gate(WithTopics())
    app = SearchkitApp(LateEngine(gate))
    async with app.run_test(size=WIDE) as pilot:
        assert app.screen.timeline.number == 5
        gate.told.set()
        await settle(pilot)
        assert [pane.dimension for pane in app.screen.panes][-1] == "topic"
        assert app.screen.panes[-1].is_attached
        assert app.screen.panes[-1].has_class("-meta")
        assert app.screen.timeline.number == 6
        assert "topic" in app.screen.results.facets


async def test_what_waits_for_the_answer_is_run_once_after_it(engine, settle):
    ran = []
    app = SearchkitApp(engine, once_answered=lambda: ran.append(app.screen.results is not None))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
    assert ran == [True]


def test_what_the_factory_raises_ends_the_ui_and_is_told(monkeypatch):
    def damaged():
        raise DamagedIndexError("a file is damaged; run `searchkit rebuild`")

    run = SearchkitApp.run
    monkeypatch.setattr(SearchkitApp, "run", lambda app: run(app, headless=True))
    with pytest.raises(DamagedIndexError, match="a file is damaged"):
        tui.run(damaged, read_only=True)


def test_an_engine_is_opened_once_and_closed_if_it_was(engine):
    opened = []
    late = LateEngine(lambda: opened.append(1) or engine)
    assert late.dimensions == ("people", "countries", "weapons", "source", "year")
    late.close()
    assert not opened
    assert late.generation == engine.generation
    assert late.open() is late.open() is engine
    assert opened == [1]


def test_a_crash_is_no_success(monkeypatch, engine):
    def crashes(app, **_):
        app._return_code = 1  # what Textual sets once it has shown the traceback

    monkeypatch.setattr(SearchkitApp, "run", crashes)
    assert tui.run(lambda: engine, read_only=True) == 1
