"""Text is data: nothing in a document, name or message moves the cursor, sets the clipboard or becomes markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import NARROW, WIDE, screen, shown, typed
from fake_engine import FakeEngine
from pseudo import Terminal

from searchkit.errors import DamagedIndexError
from searchkit.model import Value
from searchkit.terminal import safe
from searchkit.tui.app import SearchkitApp

HERE = Path(__file__).parent
CONTROLS = [chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))]
#: Each is put into text, title, source and the name of a value.
HOSTILE = [
    "\x1b]52;c;aGFja2Vk\x07",
    "\x1b[2J\x1b[H",
    "\x1b[6n",
    "\x1b]0;owned\x07",
    "\x1bP$qm\x1b\\",
    "\x9b2J",
    "\x9d52;c;aGFja2Vk\x9c",
    "one\rtwo",
    "\x1b]8;;http://x/",
    "[@click=app.quit]x[/]",
    "[/",
    "[bold",
    "[red]x[/red]",
    "\\[",
    "\u202eevil\u202c",
    "\u2066a\u2069",
    "zero\u200bwidth",
    "\ufeffbom",
    "$primary",
    "{x}",
    "é" + "\u0301" * 40,
    "日本語のテキスト" * 3,
    "👩‍👩‍👧",
    "\U000e0041tag",
    "\u2028line",
    "\tTab",
    "שלום עולם",
    "نص عربي",
    "",
    " ",
    *CONTROLS,
    *[f"\x1b[{code}" for code in ("A", "1;1H", "?1049l", "?25l", "31m", "5i", "c", "!p", "20t", "=5h")],
    *[f"\x1b{code}" for code in "789=>cDEHMNOVWXZ"],
    *[f"\x1b]{code};x\x1b\\" for code in (1, 2, 4, 7, 9, 10, 11, 50, 104, 133, 777, 1337)],
    *[f"\x1b[{chr(final)}" for final in range(0x40, 0x7F)],
    *[f"\x9b{code}" for code in ("A", "1;1H", "31m", "6n", "?1000h")],
]


def hostile_engine(strings):
    surfaces = {
        "people": {f"Name{n}": (Value(f"h{n}", f"Who {text}"), "full") for n, text in enumerate(strings)},
        "countries": {"Land": (Value("L\x1b[2J", "Land\x1b[2J", Value("R[/", "Region [/")), "name")},
        "weapons": {},
    }
    return FakeEngine(
        tuple(
            (
                f"Title {text}",
                f"2024\x1b[{n}",
                f"Source {text}",
                (f"Name{n} in Land says {text} word.", f"{text}\n{text}"),
            )
            for n, text in enumerate(strings)
        ),
        surfaces=surfaces,
    )


def test_there_are_enough_hostile_strings():
    assert len(set(HOSTILE)) >= 190


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_hostile_text_is_shown_as_text(settle, size):
    strings = HOSTILE[:34]
    app = SearchkitApp(hostile_engine(strings))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        main = screen(app)
        await typed(pilot, "word")
        await settle(pilot)
        await pilot.press("enter")
        for number in range(len(strings)):
            main.list.cursor = number
            await settle(pilot)
            painted = shown(app)
            assert not set(painted) & set(CONTROLS)
            assert "\u202e" not in painted
        for key in ("enter", "n", "full_stop", "escape", "1", "w", "escape", "2", "w", "escape", "space", "x", "g"):
            await pilot.press(key)
            await settle(pilot)
            assert not set(shown(app)) & set(CONTROLS)
        await pilot.press("escape", "question_mark", "escape")
        await settle(pilot)
        assert app.is_running


async def test_hostile_errors_notes_and_names_are_shown_as_text(settle):
    app = SearchkitApp(hostile_engine(HOSTILE[:5]), state_folder=None)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        app.engine.error = DamagedIndexError("bad \x1b[2J [/ \u202e file")
        await typed(pilot, "x")
        await settle(pilot)
        assert "bad <U+001B>[2J [/ <U+202E> file" in shown(app)
        screen(app).complain("[/ \x1b]52;c;x\x07")
        screen(app).say("[@click=app.quit]x[/]")
        await settle(pilot)
        assert "[@click=app.quit]x[/]" in shown(app)
        assert "[/ <U+001B>]52;c;x<U+0007>" in shown(app)


async def test_a_hostile_paste_is_shown_before_it_is_searched(app, settle):
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        screen(app).box.value = "a\x1b[2Jb\u202ec"
        await settle(pilot)
        assert screen(app).box.value == safe("a\x1b[2Jb\u202ec")
        assert not set(shown(app)) & set(CONTROLS)


#: On SIGUSR1 it says where it stands, for a run that does not end.
RUNNER = """
import asyncio, faulthandler, signal, sys
def tell(*_):
    faulthandler.dump_traceback(sys.__stderr__)
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.__stderr__)
signal.signal(signal.SIGUSR1, tell)
sys.path.insert(0, {folder!r})
from fake_engine import FakeEngine
from test_hostile import HOSTILE, hostile_engine
from searchkit.tui.app import SearchkitApp
SearchkitApp(hostile_engine(HOSTILE)).run()
"""


@pytest.fixture
def terminal():
    made = Terminal(RUNNER.format(folder=str(HERE)), 100, 30)
    yield made
    made.close()


#: What the program itself may send: SGR, cursor places, modes, its own title and queries of the terminal.
OWN = re.compile(rb"\x1b\[[0-9;:?<>=$]*[ -/]*[@-~]")


def test_no_hostile_string_reaches_the_terminal_as_a_control(terminal):
    assert terminal.read("8 Results")
    terminal.press(b"word")
    assert terminal.read("word*")
    terminal.press(b"\r")
    for _ in range(len(HOSTILE)):
        terminal.press(b"j")
        terminal.read("8 Results", 0.2)
    terminal.press(b"\r")
    assert terminal.read("Next match")
    terminal.press(b"\x1b")
    assert terminal.read("8 Results")
    terminal.press(b"1")
    for _ in range(30):
        terminal.press(b"j")
    terminal.read("1 People", 1.0)
    assert terminal.process.poll() is None
    assert "searchkit" in terminal.lines()[0]
    assert not re.search(rb"\x1b\]52|\x1b\[6n|\x1b\]8;|\x1bP\$qm|\x1b\]1337|\x1b\]0;owned", terminal.sent)
    assert not re.search(rb"\x9b|\x9d", terminal.sent.decode("utf-8").encode("latin-1", "ignore"))
    # What is left once the program's own sequences are taken out has no control but line ends.
    rest = re.sub(rb"\x1b\][0-9;]*[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[>=78()][B0]?", b"", OWN.sub(b"", terminal.sent))
    assert not set(rest) & (set(range(32)) - {10, 13})
    terminal.press(b"\x11")
    assert terminal.read(None), terminal.stacks()
    assert terminal.process.wait(10) == 0
