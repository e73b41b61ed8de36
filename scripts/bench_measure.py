"""Measuring: steps in processes of their own for time and memory, searches in turn for their speed."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench_engines import Answer, Engine
from bench_queries import Query

SCRIPT: Final = Path(__file__).with_name("bench_main.py")
#: One search is repeated until this much time went by, at most `ROUNDS` times.
SECONDS_EACH: Final = 2.0
ROUNDS: Final = 9


@dataclass(frozen=True, slots=True)
class Step:
    """What a process took: seconds by the clock, seconds of all its processors, the most memory (bytes), its output."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def step(*arguments: str) -> Step:
    """Run one step of this script in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(SCRIPT), *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"bench: the step {' '.join(arguments)} failed")
    scale = 1 if sys.platform == "darwin" else 1024
    return Step(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale, output)


def build(engine: Engine, corpus: Path, folder: Path) -> Step:
    """Build an engine's index anew in a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    return step("--step", "build", engine.name, str(corpus), str(folder))


def size(folder: Path) -> int:
    """The bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def private_bytes() -> int:
    """The memory of this process that no file stands behind."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def command(*arguments: str, repeats: int = 5) -> float:
    """Milliseconds that a one-shot searchkit command takes from start to end, median."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-c", "from searchkit.cli import main; main()", *arguments],
            check=True,
            capture_output=True,
        )
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


@dataclass(slots=True)
class Timings:
    """The milliseconds of one search on one engine, and what it answered."""

    answer: Answer | None = None
    times: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the repeats."""
        return statistics.median(self.times)


def race(engines: Sequence[Engine], queries: Sequence[Query], rounds: int = ROUNDS) -> list[dict[str, Timings]]:
    """Run all searches on all engines, round after round, engine after engine for each search.

    No search follows itself, so what an engine keeps from the previous one is of no use to it; what it keeps of the
    latest hundreds is (see `once`). The first round warms everything and is not counted, but for engines that were slow
    in it.
    """
    table: list[dict[str, Timings]] = [{engine.name: Timings() for engine in engines} for _ in queries]
    for number in range(rounds + 1):
        for query, row in zip(queries, table, strict=True):
            for engine in engines:
                timings = row[engine.name]
                if sum(timings.times) > 1000 * SECONDS_EACH:
                    continue
                started = time.perf_counter()
                answer = engine.search(query)
                took = 1000 * (time.perf_counter() - started)
                timings.answer = answer
                if number or took > 1000 * SECONDS_EACH / 4:
                    timings.times.append(took)
    return table


def once(engines: Sequence[Engine], queries: Sequence[Query]) -> list[dict[str, Timings]]:
    """Run searches that no engine was asked before, each once: what is kept of earlier answers is of little use."""
    table: list[dict[str, Timings]] = []
    for query in queries:
        table.append({})
        for engine in engines:
            started = time.perf_counter()
            answer = engine.search(query)
            table[-1][engine.name] = Timings(answer, [1000 * (time.perf_counter() - started)])
    return table


def disagreements(queries: Iterable[Query], table: Iterable[Mapping[str, Timings]]) -> list[str]:
    """Where engines give different totals, or different counts for a value that both list."""
    found = []
    for query, row in zip(queries, table, strict=True):
        answers = {name: timings.answer for name, timings in row.items() if timings.answer is not None}
        (first, reference), *others = answers.items()
        asked = f"{query.kind} {query.text!r} {dict(query.filters)}"
        for name, answer in others:
            if answer.total != reference.total:
                found.append(f"{asked}: {first} {reference.total}, {name} {answer.total}")
            for dimension, counts in answer.counts.items():
                known = reference.counts[dimension]
                wrong = {v: (known[v], n) for v, n in counts.items() if v in known and known[v] != n}
                if wrong:
                    found.append(f"{asked} {dimension}: {first}, {name}: {wrong}")
    return found
