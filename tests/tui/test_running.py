"""The program as a whole, in a terminal of its own."""

from __future__ import annotations

import signal
from pathlib import Path

from pseudo import Terminal

RUNNER = """
import sys
sys.path.insert(0, {folder!r})
from fake_engine import FakeEngine
from searchkit.tui import run
run(FakeEngine, read_only=True)
"""


def test_it_ends_when_its_terminal_is_gone():
    terminal = Terminal(RUNNER.format(folder=str(Path(__file__).parent)), 100, 30)
    try:
        assert terminal.read("Results")
        terminal.hang_up()  # it is not the controlling terminal, so the system itself sends no signal
        assert terminal.process.wait(30) == -signal.SIGHUP
    finally:
        terminal.close()
