"""Worker processes of a build: each takes tasks and writes segments of its own.

A worker that dies takes with it what it had in memory: those tasks are done again. The task that it was at is tried
alone, and cut in halves for as long as its reader dies, until one file or line is left, which is then named.
"""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Self

from searchkit import ingest
from searchkit.errors import SearchkitError
from searchkit.intake import Counts, Done, Intake, Outcome, Settings, Task
from searchkit.model import Failure

#: Tasks that a worker is given ahead, so that it never waits for one.
_AHEAD: Final = 2
#: Objects that a worker makes between two looks for garbage: batches of documents come and go, and hold no cycles.
_COLLECTED: Final = 1 << 17
# The program of a worker: it finds its modules where we do, and does not run the main module of whoever uses us.
_PROGRAM: Final = "import sys; sys.path[:] = {path!r}; from searchkit.workers import serve; serve({handle})"


class _Worker:
    """A process and the connection to it. `at` are the tasks it has not finished, `held` those not yet on disk."""

    def __init__(self, settings: Settings) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            handle = theirs.fileno()
            program = _PROGRAM.format(path=[path or str(Path.cwd()) for path in sys.path], handle=handle)
            # A group of its own: Ctrl+C is for the parent, which ends its workers.
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-c", program], stdin=subprocess.DEVNULL, pass_fds=[handle], process_group=0
            )
        self.connection = Connection(ours.detach())
        self.at: deque[Task] = deque()
        self.held: list[Task] = []
        self.ending = False
        self._send(settings)

    def give(self, task: Task | None) -> None:
        """Have a task done; None is the end."""
        if task is None:
            self.ending = True
        else:
            self.at.append(task)
        self._send(task)

    def _send(self, message: object) -> None:
        with suppress(OSError):  # it died, which the next look at the connection tells
            self.connection.send(message)

    def reason(self) -> str:
        """Why it ended."""
        code = self._process.wait()
        if code < 0:
            with suppress(ValueError):
                return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self.connection.close()


class Workers:
    """As many processes as `jobs` says. A context manager, so that none is left behind."""

    def __init__(self, settings: Settings, jobs: int, tell: Callable[[Counts], None]) -> None:
        self._settings = replace(settings, memory=settings.memory // jobs)
        self._jobs = jobs
        self._tell = tell
        self._running: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._running:
            worker.end()

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """What becomes of the tasks, as it is on disk."""
        again: deque[Task] = deque()
        suspects: deque[Task] = deque()
        self._running = [_Worker(self._settings) for _ in range(self._jobs)]
        exhausted = False
        while self._running:
            for worker in self._running:
                while not worker.ending and len(worker.at) < _AHEAD:
                    task = again.popleft() if again else next(tasks, None)
                    exhausted = exhausted or task is None
                    worker.give(task)
            for worker in self._ready():
                try:
                    yield from self._receive(worker)
                except (EOFError, OSError):
                    self._running.remove(worker)
                    worker.end()
                    held, at = worker.held, list(worker.at)
                    suspects.extend(at[:1] if at else held)  # one that died while it wrote may have been at any
                    again.extend([*held, *at[1:]] if at else [])
                    if again or not exhausted:
                        self._running.append(_Worker(self._settings))
        for task in suspects:
            yield from self._alone(task)

    def _ready(self) -> list[_Worker]:
        connections = wait([worker.connection for worker in self._running])
        return [worker for worker in self._running if worker.connection in connections]

    def _receive(self, worker: _Worker) -> Iterator[Done]:
        """Take one message of a worker."""
        message = worker.connection.recv()
        if isinstance(message, Counts):
            self._tell(message)
        elif isinstance(message, SearchkitError):
            raise message
        else:
            if worker.at:
                worker.held.append(worker.at.popleft())
            if isinstance(message, Done):
                worker.held.clear()
                yield message
                if worker.ending and not worker.at:
                    self._running.remove(worker)
                    worker.end()

    def _alone(self, task: Task) -> Iterator[Done]:
        """Do a task in a process for itself; where that dies, in halves, and name what cannot be halved."""
        worker = _Worker(self._settings)
        self._running = [worker]
        worker.give(task)
        worker.give(None)
        try:
            while self._running:
                yield from self._receive(worker)
        except (EOFError, OSError):
            reason = worker.reason()
        else:
            return
        worker.end()
        self._running = []
        halves = _halves(task)
        if len(halves) > 1:
            for half in halves:
                yield from self._alone(half)
            return
        source = task.sources[0]
        where = source.name if source.end is None else f"{source.name}:{source.line}"
        failure = Failure(where, f"the process that read it died ({reason})")
        yield Done(None, [Outcome(task, [failure])])


def _halves(task: Task) -> list[Task]:
    """The task in two; alone where it cannot be cut."""
    middle = len(task.sources) // 2
    if middle:
        parts = [task.sources[:middle], task.sources[middle:]]
    else:
        (source,) = task.sources
        parts = [(part,) for part in ingest.split(source, max(source.size // 2, 1))]
    return [Task(task.number, part) for part in parts]


def serve(handle: int) -> None:
    """Be a worker: take tasks from the connection until it ends."""
    connection = Connection(handle)
    gc.set_threshold(_COLLECTED)
    with suppress(EOFError, OSError):  # the parent is gone
        try:
            intake = Intake(connection.recv(), connection.send)
            while (task := connection.recv()) is not None:
                connection.send(intake.take(task))
            connection.send(intake.finish())
            connection.recv()  # wait to be ended
        except SearchkitError as error:
            connection.send(error)
