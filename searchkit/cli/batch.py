"""What `batch` does: many queries under the same filters, answered in the order of the input."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol, TextIO

from searchkit import output
from searchkit.cli import messages
from searchkit.cli.batch_input import BadRow, Row, read_rows, reader_of
from searchkit.cli.filters import Filters, Page, request_of
from searchkit.cli.opening import opened
from searchkit.cli.options import BatchFormat
from searchkit.cli.progress import progress
from searchkit.errors import IndexStateError, InputError, SearchkitError
from searchkit.model import RESULTS_SCHEMA, Results
from searchkit.search.engine import Engine
from searchkit.search.request import with_added

#: Threads unless --jobs says otherwise: kernels run in parallel, the Python around them does not.
_MOST_JOBS: Final = 4
#: Answers that may be ready, per thread, before the one that is next in order.
_AHEAD: Final = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row: its results, or the error that it ended in."""

    row: Row | BadRow
    results: Results | None = None
    error: str | None = None


def batch(
    index: Path | None, source: str, filters: Filters, page: Page, *, target: Path | None, form: BatchFormat,
    jobs: int | None, raw: bool,
) -> int:  # fmt: skip
    """Answer the queries of `source` (a path, `-` for standard input); the exit code is 3 where one failed."""
    # What is wrong with the command line is so before anything is opened.
    request_of("", filters, page)
    reader_of(source)
    bad = 0
    with opened(index, dimensions=filters.dimensions(), many=True) as engine:
        rows = read_rows(source)
        with _target(target) as stream, progress("Searching", "queries") as advance:
            write = _WRITERS[form](stream, raw)
            answers = _in_order(lambda row: _answer(engine, row, filters, page), rows, jobs)
            for done, answer in enumerate(answers, start=1):
                write(answer)
                if answer.error is not None:
                    bad += 1
                    messages.failed(answer.row.place, answer.error)
                if advance is not None:
                    advance(done, len(rows), done)
    return InputError.exit_code if bad else 0


def _answer(engine: Engine, row: Row | BadRow, filters: Filters, page: Page) -> Answer:
    if isinstance(row, BadRow):
        return Answer(row, error=row.reason)
    if row.limit is not None:
        page = replace(page, limit=row.limit)
    try:
        request = request_of(row.query, filters.merged(row.filters), page)
        return Answer(row, results=engine.search(with_added(request, engine.dimensions)))
    except IndexStateError:  # of the whole run, not of this query
        raise
    except SearchkitError as error:
        return Answer(row, error=str(error))


def _in_order(
    answer: Callable[[Row | BadRow], Answer], rows: Iterable[Row | BadRow], jobs: int | None
) -> Iterator[Answer]:
    """The answers in the order of the rows, worked out by `jobs` threads that run a bounded way ahead."""
    threads = jobs or min(_MOST_JOBS, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Answer]] = deque()
    try:
        for row in rows:
            waiting.append(pool.submit(answer, row))
            if len(waiting) > threads * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _target(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes the place of an older one only when it is complete."""
    if path is None or str(path) == "-":
        yield sys.stdout
        return
    aside = path.with_name(f".{path.name}.{os.getpid()}.part") if path.is_file() or not path.exists() else path
    try:
        with aside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            yield stream
        if aside != path:
            aside.replace(path)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise SearchkitError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        if aside != path:
            aside.unlink(missing_ok=True)


class _Write(Protocol):
    """Writes one answer."""

    def __call__(self, answer: Answer, /) -> None: ...


def _jsonl(stream: TextIO, _raw: bool) -> _Write:
    def write(answer: Answer) -> None:
        head: output.Json = {"id": answer.row.id}
        if answer.results is None:
            query = answer.row.query
            found: output.Json = {"status": "error", "error": answer.error, "schema": RESULTS_SCHEMA, "query": query}
        else:
            status = "ok" if answer.results.total else "zero"
            found = {"status": status, **output.results_object(answer.results)}
        output.write_json({**head, **found}, stream)

    return write


def _csv(stream: TextIO, raw: bool) -> _Write:
    writer = output.CsvWriter(stream, raw=raw, first=("query_id",))

    def write(answer: Answer) -> None:
        if answer.results is not None:
            writer.write(answer.results.hits, str(answer.row.id))

    return write


def _trec(stream: TextIO, _raw: bool) -> _Write:
    """TREC's run format: six fields with one space between, so that none may hold one."""

    def write(answer: Answer) -> None:
        if answer.results is not None:
            name = "_".join(str(answer.row.id).split()) or "_"
            for rank, hit in enumerate(answer.results.hits, start=1):
                line = f"{name} Q0 {hit.id} {rank} {hit.score!r} searchkit"
                stream.write(line + "\n")

    return write


_WRITERS: Final[dict[BatchFormat, Callable[[TextIO, bool], _Write]]] = {"jsonl": _jsonl, "csv": _csv, "trec": _trec}
