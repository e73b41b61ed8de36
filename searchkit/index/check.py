"""Read every byte of an index and say what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from searchkit.errors import DamagedIndexError
from searchkit.index.format import BlockFile
from searchkit.index.manifest import hold_current
from searchkit.index.segment import TEXT, TITLE
from searchkit.index.snapshot import Snapshot, open_segment


def check(directory: Path) -> list[str]:
    """What is damaged in the current generation, a line each and each naming its file; empty where all is well.

    `NoIndexError` where there is no index, `FormatError` for another version of the format.
    """
    try:
        held = hold_current(directory)
    except DamagedIndexError as error:
        return [str(error)]
    problems: list[str] = []
    try:
        for entry in held.manifest.segments:
            try:
                segment = open_segment(directory, entry)
            except DamagedIndexError as error:
                problems.append(str(error))
                continue
            for name, listed in segment.listing.items():
                try:
                    file = BlockFile(segment.folder / f"{name}.npy", listed)
                    file.verify(0, len(file))
                except DamagedIndexError as error:
                    problems.append(str(error))
        if not problems:
            problems += _disagreements(Snapshot(held))
    finally:
        held.close()
    return problems


def _disagreements(snapshot: Snapshot) -> list[str]:
    """Structures whose bytes are as written, but which do not fit together: an error of the program that wrote them."""
    problems = []
    for segment in snapshot.segments:
        count = segment.paragraph_count
        for field in (TEXT, TITLE):
            try:
                segment.all_postings(field)
            except DamagedIndexError as error:
                problems.append(str(error))
        for dimension in segment.dimensions:
            offsets, ordinals = segment.column(dimension)
            values = len(segment.strings(f"facet.{dimension}.ids"))
            if len(offsets) != count + 1 or (len(ordinals) and int(ordinals.max()) >= values):
                problems.append(f"{segment.folder}: the column of {dimension} does not fit its values")
    return problems
