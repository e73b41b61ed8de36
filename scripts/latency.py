"""How long from a key to its painted answer: `scripts/latency --paragraphs 100000` or `scripts/latency --index DIR`.

The real program runs under a pty, as in a terminal that knows synchronized output. Queries of words of the index are
typed at a person's pace. A key's time runs from its write to the last byte after which everything but the preview
(which is filled once the typing pauses) stays as it is until the next key, and shows the answer to what was typed.
A key whose answer had not come when the next was pressed counts until the first answer to it or to a later key.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyte
from pty_session import PtySession

from searchkit.model import Request
from searchkit.search.local import LocalEngine
from searchkit.terminal import safe

#: Seconds of silence after which the screen is at rest.
QUIET: Final = 2.0
CLEAR: Final = "\x15"
#: Where the preview's frame begins; its number stands before the document's title.
PREVIEW: Final = re.compile("╭─ ?9 ")
TOOK: Final = re.compile(r"· ([\d.]+) (ms|s)\b")


class Key(NamedTuple):
    """A key that was pressed: when (seconds), and what stood in the box after it."""

    at: float
    text: str


class Seen(NamedTuple):
    """What the screen showed from a moment on: its text without the preview."""

    at: float
    text: str
    received: int


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, help="an index that is there, instead of a made-up one")
    parser.add_argument("--paragraphs", type=int, default=100_000, help="paragraphs of the made-up index")
    parser.add_argument("--values", type=int, default=0, help="at least so many distinct people in the made-up index")
    parser.add_argument("--queries", type=int, default=12, help="queries that are typed")
    parser.add_argument("--gap", type=float, default=0.16, help="seconds between two keys, in the middle")
    parser.add_argument("--size", default="160x50", help="columns x lines of the terminal")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "searchkit-bench")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    index = options.index or made_up(options.paragraphs, options.values, options.folder)
    columns, lines = (int(part) for part in options.size.split("x"))
    figures = measure(index, columns, lines, queries=options.queries, gap=options.gap)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def made_up(paragraphs: int, values: int, folder: Path) -> Path:
    """An index over the corpus of scripts/bench; made when it is not there yet."""
    import bench_corpus  # noqa: PLC0415 - it needs what an index that is there does not

    import searchkit  # noqa: PLC0415 - as above

    corpus = bench_corpus.make(paragraphs, folder)
    if values:
        plain, corpus = corpus, folder / f"corpus-{paragraphs}-{values}.jsonl"
        each = -(-values // paragraphs)
        numbers = itertools.cycle(range(values))
        if not corpus.exists():
            with corpus.open("w", encoding="utf-8") as file:
                for record in bench_corpus.read(plain):
                    people = [f"Person Q{number:06d}" for number in itertools.islice(numbers, each)]
                    file.write(json.dumps({**record, "people": [*record["people"], *people]}) + "\n")  # type: ignore[misc] # a list
    index = folder / f"{corpus.stem}-searchkit"
    if not (index / "CURRENT").exists():
        print(f"indexing {corpus} ...", file=sys.stderr)
        searchkit.build([str(corpus)], into=str(index))
    return index


def measure(index: Path, columns: int, lines: int, *, queries: int, gap: float) -> dict[str, float]:
    """Start the program on an index, type, and print how long the keys took."""
    with LocalEngine.open(index) as engine:
        paragraphs = engine.status().paragraphs
        typed = list(itertools.islice(words(engine), queries))
        command = [sys.executable, "-m", "searchkit.cli", "tui", "--index", str(index)]
        with PtySession(command, columns, lines) as session:
            session.rest(QUIET)
            start_cpu = session.cpu_seconds()
            keys = list(type_all(session, typed, gap))
            session.rest(QUIET)
            cpu = session.cpu_seconds() - start_cpu
            chunks, started = session.chunks, session.started
        shown = list(screens(chunks, columns, lines))
        answers = [expected(engine, text) for text in ("", *(key.text for key in keys))]
    first = next((seen for seen in shown if "╭" in seen.text), None)
    answered = next((seen for seen in shown if answers[0] in seen.text), None)
    if first is None or answered is None:
        raise SystemExit(f"the program did not come up: {b''.join(chunk for _, chunk in chunks)[-2000:]!r}")
    waits, engine_ms, late = times(keys, answers[1:], shown)
    figures = {
        "paragraphs": paragraphs,
        "first_paint_s": first.at - started,
        "first_answer_s": answered.at - started,
        "keys": len(keys),
        "late": late,
        **{f"key_ms_{name}": value for name, value in distribution(waits).items()},
        **{f"engine_ms_{name}": value for name, value in distribution(engine_ms).items()},
        "cpu_ms_per_key": 1000 * cpu / len(keys),
        "bytes_per_key": (shown[-1].received - answered.received) / len(keys),
    }
    report(index, figures, f"{columns}x{lines}")
    return figures


def words(engine: LocalEngine) -> Iterator[str]:
    """Queries that find something: one, two or three words of a paragraph, a quarter as a phrase."""
    rng = random.Random(5)  # noqa: S311 - a choice of examples
    total = engine.status().paragraphs
    while True:
        hits = engine.search(Request(limit=1, offset=rng.randrange(min(total, 1000)), dimensions=())).hits
        found = re.findall(r"[a-z]{3,}", hits[0].text)
        if len(found) > 8:
            at, count = rng.randrange(len(found) - 3), rng.choice((1, 2, 2, 3))
            text = " ".join(found[at : at + count])
            yield f'"{text}"' if rng.random() < 0.25 else text


def type_all(session: PtySession, queries: list[str], gap: float) -> Iterator[Key]:
    """Type each query letter by letter, look at its results for a moment, and clear the box."""
    rng = random.Random(7)  # noqa: S311 - a person's pace
    for query in queries:
        for end, letter in enumerate(query, 1):
            time.sleep(min(max(rng.lognormvariate(0, 0.35) * gap, 0.06), 0.6))
            yield Key(session.write(letter), query[:end])
        time.sleep(1.0)
        yield Key(session.write(CLEAR), "")
        time.sleep(0.5)


def expected(engine: LocalEngine, text: str) -> str:
    """The line below the box that the answer to `text` brings."""
    if not text.strip():
        return "Everything, newest first"
    return "↳ " + safe(engine.search(Request(text, live=True, limit=0, dimensions=())).parsed)


def screens(chunks: list[tuple[float, bytes]], columns: int, lines: int) -> Iterator[Seen]:
    """What the terminal showed after each piece of output."""
    screen = pyte.Screen(columns, lines)
    stream = pyte.ByteStream(screen)
    rows = [""] * lines
    received = 0
    for at, chunk in chunks:
        received += len(chunk)
        stream.feed(re.sub(rb"\x1b\[[<>=][\d;]*u", b"", chunk))  # the keyboard protocol, which pyte does not know
        for row in screen.dirty:
            rows[row] = "".join(screen.buffer[row][column].data for column in range(columns))
        screen.dirty.clear()
        head, edge = next(
            ((number, found.start()) for number, row in enumerate(rows) if (found := PREVIEW.search(row))), (0, columns)
        )
        yield Seen(at, "\n".join(row[:edge] if number >= head else row for number, row in enumerate(rows)), received)


def times(keys: list[Key], answers: list[str], shown: list[Seen]) -> tuple[list[float], list[float], int]:
    """Milliseconds from each key to its answer, what the engine had of them, how many came after the next key."""
    waits, engine_ms, late = [], [], 0
    ends = [*(key.at for key in keys[1:]), float("inf")]
    for number, (key, end) in enumerate(zip(keys, ends, strict=True)):
        inside = [seen for seen in shown if key.at < seen.at <= end]
        if inside and _shows(inside[-1], answers[number]):
            last = inside[-1]
            at = last.at
            for seen in reversed(inside):
                if seen.text != last.text:
                    break
                at = seen.at
        else:
            late += 1
            later = (s for s in shown if s.at > key.at and any(_shows(s, answer) for answer in answers[number:]))
            last = next(later, shown[-1])
            at = last.at
        waits.append(1000 * (at - key.at))
        took = TOOK.search(last.text)
        if took:
            engine_ms.append(float(took[1]) * (1000 if took[2] == "s" else 1))
    return waits, engine_ms, late


def _shows(seen: Seen, answer: str) -> bool:
    return answer[:80] in seen.text


def distribution(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum."""
    ordered = sorted(values)
    return {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)], "max": ordered[-1]}


def report(index: Path, figures: dict[str, float], size: str) -> None:
    """Print the figures."""
    print(f"{index}: {figures['paragraphs']:,} paragraphs, terminal of {size}, load {os.getloadavg()[0]:.1f}")
    print(f"start     first paint {figures['first_paint_s']:.2f} s   first answer {figures['first_answer_s']:.2f} s")
    for name, what in (("key", "key to painted answer"), ("engine", "of which the engine")):
        spread = "   ".join(f"{part} {figures[f'{name}_ms_{part}']:6.1f} ms" for part in ("p50", "p95", "max"))
        print(f"{what:24} {spread}")
    print(
        f"{figures['keys']} keys, {figures['late']} of them answered after the next; each takes "
        f"{figures['cpu_ms_per_key']:.0f} ms of processor time and {figures['bytes_per_key'] / 1000:.1f} kB of output"
    )


if __name__ == "__main__":
    main()
