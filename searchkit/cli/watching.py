"""What `watch` does: look at the sources again and again, and index when they have changed.

It looks rather than being told: that works on every system and on network drives, sees what changed before it was
started, and a look costs a fraction of the pass that follows a change.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from searchkit import config, ingest, pipeline
from searchkit.cli import indexing, messages
from searchkit.errors import LockedError
from searchkit.labelling import default_extractor
from searchkit.model import BuildReport, Failure

#: Seconds between two looks; files are left alone until two looks in a row see the same.
INTERVAL: Final = 1.0

#: Path -> when it was changed, its size and its inode; or why it cannot be read.
Look = dict[str, object]


def watch(
    paths: Sequence[Path],
    index: Path | None,
    *,
    jobs: int | None,
    memory: int | None,
    encoding: str | None,
    people: str | None,
    as_json: bool,
) -> None:
    """Keep the index current until interrupted; a line for each pass that changed it."""
    settings = config.load() if not paths or index is None else config.Config()
    into = config.index_directory(index, settings)
    given = pipeline.sources(paths or settings.paths, into)
    extractor = default_extractor(people) if people else None

    def once() -> BuildReport:
        return pipeline.build(
            given,
            into,
            jobs=jobs,
            memory=memory or pipeline.DEFAULT_MEMORY,
            encoding=encoding,
            curation=config.curation_file(index, settings),
            extractor=extractor,
        )

    told: set[tuple[str, str]] = set()
    generation: int | None = None
    indexed: Look | None = None
    while True:
        now = settled(given, into, time.sleep)
        if now != indexed:
            report = patiently(once, time.sleep)
            failed = {(failure.path, failure.reason) for failure in report.failed}
            for path, reason in sorted(failed - told):
                messages.failed(path, reason)
            told, indexed = failed, now
            if report.generation != generation:
                indexing.write(report, as_json=as_json)
                sys.stdout.flush()  # whoever reads along waits for the line
                generation = report.generation
        time.sleep(INTERVAL)


def look(given: Sequence[str], into: Path) -> Look:
    """What is under the given paths now."""
    base = Path(os.path.realpath(into)).parent
    found: Look = {}
    for one in ingest.discover(given, base=base, exclude=[into]):
        if isinstance(one, Failure):
            found[one.path] = one.reason
            continue
        try:
            status = one.path.stat()
        except OSError as error:  # gone since it was found
            found[one.name] = str(error)
        else:
            found[one.name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def settled(given: Sequence[str], into: Path, sleep: Callable[[float], None]) -> Look:
    """What is under the given paths once it no longer changes from one look to the next."""
    before, now = None, look(given, into)
    while now != before:
        before = now
        sleep(INTERVAL / 4)
        now = look(given, into)
    return now


def patiently(once: Callable[[], BuildReport], sleep: Callable[[float], None]) -> BuildReport:
    """The report of a pass, which waits for another writer to end and says so once."""
    waiting = False
    while True:
        try:
            return once()
        except LockedError as error:
            if not waiting:
                messages.note(f"{error}; waiting")
            waiting = True
            sleep(INTERVAL)
