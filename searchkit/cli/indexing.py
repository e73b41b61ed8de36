"""What `index`, `rebuild`, `compact`, `check` and `status` do."""

# ruff: noqa: PLC0415 - `status` needs no pipeline, and data no tables

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from searchkit import config, output
from searchkit.cli import messages
from searchkit.cli.opening import opened
from searchkit.cli.options import TableOrJson
from searchkit.cli.progress import progress
from searchkit.errors import DamagedIndexError, InputError
from searchkit.model import BuildReport
from searchkit.terminal import safe


def build(
    paths: Sequence[Path],
    index: Path | None,
    *,
    rebuild: bool,
    jobs: int | None,
    encoding: str | None,
    people: str | None,
    as_json: bool,
    memory: int | None = None,
) -> int:
    """Read the inputs into the index, report, and return the exit code: 3 where an input failed."""
    from searchkit import pipeline
    from searchkit.labelling import default_extractor

    extractor = default_extractor(people) if people else None
    settings = config.load() if not paths or index is None else config.Config()
    into = config.index_directory(index, settings)
    with progress("Rebuilding" if rebuild else "Indexing", "paragraphs") as advance:

        def tell(state: pipeline.Progress) -> None:
            if advance is not None:
                advance(state.done_bytes, state.total_bytes, state.paragraphs)

        report = pipeline.build(
            paths or settings.paths,
            into,
            rebuild=rebuild,
            jobs=jobs,
            memory=memory or pipeline.DEFAULT_MEMORY,
            encoding=encoding,
            progress=tell if advance is not None else None,
            curation=config.curation_file(index, settings),
            extractor=extractor,
        )
    for failure in report.failed:
        messages.failed(failure.path, failure.reason)
    write(report, as_json=as_json)
    return InputError.exit_code if report.failed else 0


def write(report: BuildReport, *, as_json: bool) -> None:
    """Write what a build did."""
    if as_json:
        output.write_json(output.report_object(report), sys.stdout)
    else:
        sys.stdout.write(f"{_summary(report)}\n")


def compact(index: Path | None, *, as_json: bool) -> None:
    """Make one segment of the index, and say what that gained."""
    from searchkit.index.writer import compact as make_compact

    directory = config.index_directory(index)
    with progress("Compacting", "segments"):
        done = make_compact(directory)
    if as_json:
        output.write_json(asdict(done), sys.stdout)
        return
    gained = (
        f"{done.segments_before:,} segments are {done.segments:,}, {done.dropped:,} deleted paragraphs are gone; "
        f"{done.bytes_before / 1e6:,.1f} MB are {done.bytes / 1e6:,.1f} MB"
    )
    if done.segments_before == done.segments and not done.dropped:
        gained = "nothing to gain: no segments to merge, no deleted paragraphs"
    sys.stdout.write(f"{gained} (generation {done.generation})\n")


def check(index: Path | None) -> int:
    """Read every byte of the index; name what is wrong, one problem a line, and return the exit code."""
    from searchkit.index.check import check as problems_of

    directory = config.index_directory(index)
    with progress("Checking", "files"):
        problems = problems_of(directory)
    for problem in problems:
        sys.stdout.write(f"{safe(problem)}\n")
    if problems:
        messages.note(f"{directory}: {len(problems)} found; `searchkit rebuild` makes the index anew from its sources")
        return DamagedIndexError.exit_code
    sys.stdout.write(f"{safe(str(directory))}: no damage found\n")
    return 0


def status(index: Path | None, form: TableOrJson) -> None:
    """Write what the index holds."""
    directory = config.index_directory(index)
    with opened(index) as engine:
        held = engine.status()
    if form == "json":
        output.write_json(asdict(held), sys.stdout)
        return
    from searchkit.cli import table

    table.write_pairs(
        (
            ("index", str(directory)),
            ("documents", f"{held.documents:,}"),
            ("paragraphs", f"{held.paragraphs:,}"),
            ("generation", f"{held.generation:,}"),
            ("size", f"{held.bytes / 1e6:,.1f} MB"),
            ("segments", f"{held.segments:,}"),
            ("format version", str(held.format_version)),
            ("labels", "up to date" if held.labels_current else "older than the tables; run `searchkit index`"),
            ("curation", held.curation.file if held.curation else "none"),
        ),
        sys.stdout,
    )
    for one in held.curation.entries if held.curation else ():
        sys.stdout.write(f"  {one.line:>4}  {one.matched:>9,}  {safe(one.dimension)}: {safe(one.decision)}\n")
    for one in held.curation.entries if held.curation else ():
        if one.problem:
            messages.note(f"{one.file}:{one.line}: {one.dimension}: {one.decision}: {one.problem}")


def _summary(report: BuildReport) -> str:
    """What a build did, in a sentence."""
    counts = (
        (report.added, "added"),
        (report.changed, "changed"),
        (report.removed, "removed"),
        (report.unchanged, "unchanged"),
        (len(report.failed), "failed"),
    )
    done = ", ".join(f"{number:,} {name}" for number, name in counts if number) or "nothing to do"
    held = f"{report.documents:,} documents, {report.paragraphs:,} paragraphs"
    return f"{done}; the index holds {held} (generation {report.generation}, {report.seconds:.1f} s)"
