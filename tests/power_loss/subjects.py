"""Stores that lose power: searchkit, and two whose answer is known, so that the simulator is known to be able to tell.

SQLite at `synchronous=EXTRA` has to pass. Whoosh's own index, which makes nothing durable, has to fail.

Each runs in a process of its own, `python -m power_loss.subjects NAME FOLDER COMMITS`, and commits state after state;
state n is known by its content. `ack n` on standard error says that n is committed.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple


class Subject(NamedTuple):
    """`work` commits states 1 to n in an empty folder; `state` checks all that a folder holds and says which it is."""

    work: Callable[[Path, int], None]
    state: Callable[[Path], int]


def acknowledge(state: int) -> None:
    """Tell the world that a state is committed; standard error is not buffered."""
    os.write(2, b"ack %d\n" % state)


# searchkit: documents added, replaced and removed, in several segments; a compaction and a rebuild now and then


def _searchkit_documents(state: int) -> dict[str, list[str]]:
    several = {str(name): [f"state {state}"] for name in range(4) if name != state % 4}
    return {"all": [f"{state} {i} missiles" for i in range(20)], **several}


def _searchkit_work(folder: Path, commits: int) -> None:
    from corpora import document  # noqa: PLC0415 - each subject loads its own

    from searchkit.index.writer import IndexWriter  # noqa: PLC0415

    for state in range(1, commits + 1):
        with IndexWriter(folder, fresh=state % 7 == 6) as writer:
            for name, texts in _searchkit_documents(state).items():
                writer.add(document(name, *texts), [{}] * len(texts))
            writer.remove(str(state % 4))
            writer.commit(compact=state % 5 == 3)
            acknowledge(state)


def _searchkit_state(folder: Path) -> int:
    from searchkit.errors import NoIndexError  # noqa: PLC0415
    from searchkit.index.check import check  # noqa: PLC0415
    from searchkit.index.snapshot import Snapshot  # noqa: PLC0415

    try:
        snapshot = Snapshot.open(folder)
    except NoIndexError:
        return 0
    with closing(snapshot):
        found = {}
        for segment, base in zip(snapshot.segments, snapshot.bases, strict=False):
            for one in segment.alive_documents.tolist():
                stored = snapshot.document(base + segment.paragraphs_of(one).start)
                found[stored.identity] = [paragraph.text for paragraph in stored.paragraphs]
    problems = check(folder)
    state = int(found["all"][0].split()[0])
    if problems or found != _searchkit_documents(state):
        raise AssertionError(f"{problems} {found}")
    return state


# SQLite: a table that is replaced as a whole


def _sqlite_open(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "db", isolation_level=None)
    connection.execute("PRAGMA synchronous=EXTRA")
    return connection


def _sqlite_work(folder: Path, commits: int) -> None:
    with closing(_sqlite_open(folder)) as connection:
        for state in range(1, commits + 1):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER, text TEXT)")
            connection.execute("DELETE FROM t WHERE n % 3 = ?", (state % 3,))
            connection.execute("UPDATE t SET text = ?", (f"{state} " * 200,))
            rows = [(n, f"{state} " * 200) for n in range(10)]
            connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
            connection.execute("COMMIT")
            acknowledge(state)


def _sqlite_state(folder: Path) -> int:
    with closing(_sqlite_open(folder)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchall():
            return 0
        texts = {text for (text,) in connection.execute("SELECT text FROM t")}
    state = int(min(texts).split()[0])
    assert texts == {f"{state} " * 200}
    return state


# Whoosh's own index: one document that is replaced


def _whoosh_work(folder: Path, commits: int) -> None:
    from whoosh import fields, index  # noqa: PLC0415

    schema = fields.Schema(key=fields.ID(unique=True, stored=True), text=fields.TEXT(stored=True))
    whole = index.create_in(str(folder), schema)
    for state in range(1, commits + 1):
        writer = whole.writer()
        writer.update_document(key="all", text=f"state {state}")
        writer.commit()
        acknowledge(state)


def _whoosh_state(folder: Path) -> int:
    from whoosh import index  # noqa: PLC0415

    if not index.exists_in(str(folder)):
        return 0
    with closing(index.open_dir(str(folder))) as whole, whole.searcher() as searcher:
        found = [fields["text"] for fields in searcher.documents()]
    if not found:
        return 0
    (text,) = found
    return int(text.split()[1])


SUBJECTS = {
    "searchkit": Subject(_searchkit_work, _searchkit_state),
    "sqlite": Subject(_sqlite_work, _sqlite_state),
    "whoosh": Subject(_whoosh_work, _whoosh_state),
}

if __name__ == "__main__":
    SUBJECTS[sys.argv[1]].work(Path(sys.argv[2]), int(sys.argv[3]))
