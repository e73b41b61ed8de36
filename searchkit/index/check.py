"""Read every byte of an index and say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from searchkit.errors import DamagedIndexError
from searchkit.index.format import BlockFile, Listing, Strings, cuts
from searchkit.index.manifest import hold_current
from searchkit.index.segment import TEXT, TITLE, WORD, Segment
from searchkit.index.snapshot import Snapshot, curated_columns, open_segment


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
                segment = open_segment(directory, entry, curated_columns(directory, entry))
            except DamagedIndexError as error:
                problems.append(str(error))
                continue
            for folder, listing in segment.listings.items():
                problems += _damages(folder, listing)
        if not problems:
            problems += disagreements(Snapshot(held))
    finally:
        held.close()
    return problems


def _damages(folder: Path, listing: Listing) -> Iterator[str]:
    for name, listed in listing.items():
        try:
            file = BlockFile(folder / f"{name}.npy", listed)
            file.verify(0, len(file))
        except DamagedIndexError as error:
            yield str(error)


def disagreements(snapshot: Snapshot) -> list[str]:
    """Structures whose bytes are as written, but which do not fit together: an error of the program that wrote them."""
    problems = []
    for segment in snapshot.segments:
        try:
            problems += [f"{segment.folder}: {problem}" for problem in _misfits(segment)]
        except DamagedIndexError as error:
            problems.append(str(error))
        except (IndexError, ValueError, ArithmeticError, RecursionError) as error:
            problems.append(f"{segment.folder}: its arrays do not fit together ({error})")
    return problems


def _misfits(segment: Segment) -> Iterator[str]:
    """What does not fit in a segment, as far as it can be told by reading all of it."""
    for name, length in _lengths(segment):
        if len(segment.array(name)) != length:
            yield f"{name} is not of the length that it should be of"
    for offsets, data in _parted(segment):
        if not cuts(segment.array(offsets).all, len(segment.array(data))):
            yield f"{offsets} does not cut {data} into parts"
    yield from _misfit_strings(segment)
    yield from _misfit_documents(segment)
    yield from _misfit_terms(segment)
    for text in segment.texts:
        text.decode()
    yield from _misfit_facets(segment)


def _misfit_strings(segment: Segment) -> Iterator[str]:
    """Columns of strings that are no text, or are not in the order that they are searched by."""
    for _, name in _parted(segment):
        if name.startswith("stored") or name.endswith(".mentions.ordinal"):
            continue
        strings = list(segment.strings(name))
        if not all(map(_is_text, set(strings))):
            yield f"{name} are no text"
        if name.endswith((".terms", ".ids")) and any(one >= other for one, other in pairwise(strings)):
            yield f"{name} do not ascend"


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw == Strings.NONE
    return True


def _misfit_documents(segment: Segment) -> Iterator[str]:
    first = segment.firsts.astype(np.int64)
    documents = np.repeat(np.arange(segment.document_count), first[1:] - first[:-1])
    if documents.tolist() != segment.array("paragraph.document").all.tolist():
        yield "documents and paragraphs differ"
    runs = segment.array("document.runs").all
    if (runs[1:] < runs[:-1]).any() or (len(documents) and not segment.identities.text(segment.document_count - 1)):
        yield "documents and their identities differ"
    keys, keyed = segment.array("document.keys").all, segment.array("document.keyed").all
    if (keys[1:] < keys[:-1]).any() or sorted(keyed.tolist()) != list(range(segment.document_count)):
        yield "documents and their keys differ"


def _misfit_terms(segment: Segment) -> Iterator[str]:
    for field in (TEXT, TITLE):
        segment.lengths(field)
        segment.all_postings(field)
        if segment.array(f"{field}.postings.offsets").at(0):
            yield f"the postings of {field} do not begin at 0"
    terms, variants = segment.array("word.term").all, segment.array("text.variants").all
    if len(variants) != len(segment.terms(TEXT)) or (segment.array("word.variant").all >= variants[terms]).any():
        yield "words and terms differ"


def _misfit_facets(segment: Segment) -> Iterator[str]:
    for dimension in segment.dimensions:
        name = f"facet.{dimension}"
        segment.column(dimension)
        segment.given(dimension)
        values = len(segment.strings(f"{name}.ids"))
        for value in range(values):
            segment.value(dimension, value)
        mentions = {
            part: segment.array(f"{name}.mentions.{part}").all for part in ("ordinal", "rule", "start", "length")
        }
        for part, limit in (("ordinal", values), ("rule", len(segment.strings(f"{name}.rules")))):
            if len(mentions[part]) and int(mentions[part].max()) >= limit:
                yield f"{name}.mentions.{part} names what is not there"
        if len(set(map(len, mentions.values()))) > 1:
            yield f"{name}.mentions are not of one length"
        for part in ("named", "by_label", "aliased"):
            if segment.has(f"{name}.{part}") and (segment.array(f"{name}.{part}").all >= values).any():
                yield f"{name}.{part} names what is not there"


def _lengths(segment: Segment) -> Iterator[tuple[str, int]]:
    """Names of arrays with the lengths that they have in a segment of so many documents, paragraphs, terms and values.

    Offsets are one more than what they are of.
    """
    documents, paragraphs = segment.document_count, segment.paragraph_count
    text, title, words = (len(segment.terms(field)) for field in (TEXT, TITLE, WORD))
    table = [
        ("document", documents, "first_day last_day keys keyed hash"),
        ("document", documents + 1, "identity.offsets title.offsets date.offsets source.offsets"),
        ("paragraph", paragraphs, "document start end"),
        ("stored", paragraphs + 1, "offsets"),
        ("text", text, "variants"),
        ("text", text + 1, "postings.offsets postings.starts positions.starts"),
        ("title", title + 1, "postings.offsets postings.starts positions.starts"),
        ("word", words, "term variant"),
    ]
    for dimension in segment.dimensions:
        name = f"facet.{dimension}"
        values = len(segment.strings(f"{name}.ids"))
        table += [
            (name, paragraphs + 1, "mentions.offsets"),
            (name, values, "parents stamps by_label named"),
            (name, values + 1, "labels.offsets names.offsets"),
        ]
        if segment.has(f"{name}.aliases"):
            table.append((name, len(segment.strings(f"{name}.aliases")), "aliased"))
    return ((f"{of}.{name}", length) for of, length, names in table for name in names.split())


def _parted(segment: Segment) -> Iterator[tuple[str, str]]:
    """Names of arrays of offsets, each with the array that it cuts into parts. Columns and postings look to theirs."""
    names = {name for listing in segment.listings.values() for name in listing}
    for name in sorted(names):
        if name.endswith(".mentions.offsets"):
            yield name, name.removesuffix("offsets") + "ordinal"
        elif name.endswith(".offsets") and not name.endswith((".postings.offsets", ".positions.offsets")):
            data = name.removesuffix(".offsets")
            if data in names:
                yield name, data
