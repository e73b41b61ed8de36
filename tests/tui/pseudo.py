"""A terminal for programs that are run as they are by a user."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pyte


class Terminal:
    """A real pty whose other end is read through pyte, and a Python program that runs in it."""

    def __init__(self, program, columns, lines):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.sent = b""
        self.master, slave = pty.openpty()
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TEXTUAL_THEME")},
            "TERM": "xterm-256color",
            "COLUMNS": str(columns),
            "LINES": str(lines),
            "TEXTUAL_ANIMATIONS": "none",
        }
        command = [sys.executable, "-c", program]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, close_fds=True
        )
        os.close(slave)

    def read(self, until, seconds=60.0):
        """Read until `until` is on the screen or the program has ended; whether it came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    data = os.read(self.master, 1 << 16)
                except OSError:
                    return until is None
                if not data:
                    return until is None
                self.sent += data
                self.stream.feed(data)
            elif until is not None and any(until in line for line in self.lines()):
                return True
        return False

    def lines(self):
        """The screen's text. (pyte's own `display` stumbles over a wide character of which half was painted over.)"""
        rows = (self.screen.buffer[row] for row in range(self.screen.lines))
        return ["".join(row[column].data for column in range(self.screen.columns)) for row in rows]

    def press(self, keys):
        os.write(self.master, keys)

    def stacks(self):
        """Where the program stands, if it still runs."""
        told = len(self.sent)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
            self.read(None, 5.0)
        return f"exit code {self.process.poll()}: {self.sent[told:].decode(errors='replace')}"

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self):
        """Close the terminal's end, as when its window is closed."""
        if self.master >= 0:
            os.close(self.master)
        self.master = -1
