"""A program in a terminal of our own: what it writes is kept with the moment at which it came."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import tempfile
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

#: What terminals are asked at the start, and what one with synchronized output says.
QUESTION: Final = b"\x1b[?2026$p"
ANSWER: Final = b"\x1b[?2026;2$y"


class PtySession:
    """A program under a pty of `columns` by `lines`, with state folders of its own; ended on leaving the context."""

    def __init__(self, command: list[str], columns: int, lines: int) -> None:
        self.chunks: list[tuple[float, bytes]] = []
        self._folder = tempfile.TemporaryDirectory()
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_STATE_HOME": self._folder.name,
        }
        self.started = time.monotonic()
        self.pid, self._terminal = pty.fork()
        if not self.pid:  # the child
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execvpe(command[0], command, environment)  # noqa: S606 - the program that is measured
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        self._reader.join(10)
        with suppress(ChildProcessError, ProcessLookupError):
            if os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self._terminal)
        self._folder.cleanup()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._terminal, 1 << 16)
            except OSError:  # the program has ended
                return
            self.chunks.append((time.monotonic(), chunk))
            if QUESTION in chunk:
                os.write(self._terminal, ANSWER)

    def write(self, text: str) -> float:
        """Press keys; says when."""
        at = time.monotonic()
        os.write(self._terminal, text.encode())
        return at

    def rest(self, seconds: float, *, limit: float = 60.0) -> None:
        """Wait until the program has written hardly more than a blinking cursor for so many seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            time.sleep(0.05)
            since = time.monotonic() - seconds
            recent = sum(len(chunk) for at, chunk in self.chunks if at > since)
            if self.chunks and self.chunks[0][0] < since and recent < 4000:
                return

    def cpu_seconds(self) -> float:
        """Processor time that the program has had."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
