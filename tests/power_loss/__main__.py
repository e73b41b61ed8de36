"""Lose power at many points of many commits, in several ways, and see whether what was committed is there.

    python -m power_loss [POINTS]

For each store the writer's system calls are recorded once and replayed up to each point; what was not made durable by
then is kept, dropped, zeroed, halved or flipped (`disk.py`). The store that is found must open, be whole, and hold the
last commit that was acknowledged, or the one under way.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from power_loss.calls import Operation, record
from power_loss.disk import MODELS, Disk
from power_loss.subjects import SUBJECTS, Subject

TESTS = Path(__file__).parents[1]


def losses(name: str, points: int, place: Path, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """How many losses of power went well with each model, and a line for each that did not."""
    subject = SUBJECTS[name]
    folder = place / "written"
    folder.mkdir()
    # Enough commits that no point is tried twice.
    commits = max(4, points // 20)
    command = [sys.executable, "-m", "power_loss.subjects", name, str(folder), str(commits)]
    done = record(command, folder, place / "calls")
    assert sum(one.kind == "ack" for one in done) == commits, "the writer did not end well"
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    chosen = sorted(chance.sample(range(1, len(done) + 1), min(points, len(done))))
    disk, well, failures, at, acknowledged = Disk(str(folder)), Counter[str](), [], 0, 0
    for point in chosen:
        for operation in done[at:point]:
            disk.apply(operation)
            acknowledged = int(operation.data) if operation.kind == "ack" else acknowledged
        at = point
        for model in MODELS:
            found = place / "found"
            disk.after_power_loss(model, chance, found)
            problem = verdict(subject, found, acknowledged)
            shutil.rmtree(found)
            if problem:
                failures.append(f"{name}, {model}, after call {point} ({_told(done[point - 1])}): {problem}")
            else:
                well[model] += 1
    return well, failures


def verdict(subject: Subject, folder: Path, acknowledged: int) -> str | None:
    """What is wrong with the store in `folder`, None if nothing is."""
    try:
        state = subject.state(folder)
    except Exception as error:  # noqa: BLE001 - whatever a store says of its damage
        return f"{type(error).__name__}: {error}"[:200]
    if state not in {acknowledged, acknowledged + 1}:
        return f"commit {acknowledged} was acknowledged, {state} is there"
    return None


def _told(operation: Operation) -> str:
    return f"{operation.kind} {Path(operation.path).name}"


def main(points: int) -> int:
    """Write a line for each store; the exit code says whether each did as it has to."""
    as_expected = True
    for name in SUBJECTS:
        with tempfile.TemporaryDirectory() as place:
            well, failures = losses(name, points, Path(place))
        total = well.total() + len(failures)
        lines = [f"{name}: {total} losses of power, {len(failures)} with something lost or broken", *failures[:3]]
        sys.stdout.write("\n  ".join(lines) + "\n")
        as_expected &= bool(failures) == (name == "whoosh")
    end = "searchkit and SQLite lose nothing, Whoosh's own index does" if as_expected else "NOT AS IT HAS TO BE"
    sys.stdout.write(f"{end}\n")
    return 0 if as_expected else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
