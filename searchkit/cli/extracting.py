"""What `extract` does: text or JSON lines in, JSON lines with mentions and evidence out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Literal

from searchkit import config, extraction, output, pipeline
from searchkit.cli import messages
from searchkit.entities import curation_file
from searchkit.entities.curation import beside
from searchkit.errors import InputError
from searchkit.ingest import encodings, streams
from searchkit.ingest.discover import SourceFile, classify
from searchkit.labelling import Extractor, default_extractor
from searchkit.model import Failure

Input = Literal["text", "jsonl"]
#: How standard input is named on the command line, and in messages.
_STANDARD_INPUT: Final = "-"


def extract(source: str, form: Input | None, people: str | None = None) -> int:
    """Write what is found in `source` (a path, `-` for standard input); the exit code is 3 where something was bad."""
    name = "standard input" if source == _STANDARD_INPUT else source
    bad: list[Failure] = []
    extractor = default_extractor(people) if people else None
    curation = curation_file.load(config.curation_file(None) or beside(config.index_directory(None)))
    if curation.digest:
        extractor = extraction.Curated(extractor or default_extractor(), curation)
    try:
        for line in _lines(source, form, name, bad, extractor):
            if isinstance(line, Failure):
                bad.append(line)
                messages.failed(line.path, line.reason)
            else:
                output.write_json(line, sys.stdout)
    except InputError as error:
        messages.failed(name, str(error))
        return error.exit_code
    return InputError.exit_code if bad else 0


def _lines(
    source: str, form: Input | None, name: str, bad: list[Failure], extractor: Extractor | None
) -> Iterator[dict[str, object] | Failure]:
    """What is to be written. The input is open in here alone: an error of writing is none of reading."""
    with _opened(source) as stream:
        first = stream.readline()
        if (form or _found_form(source, first)) == "jsonl":
            lines, jsonl = _decoded(chain([first], stream), name, bad), True
        else:
            lines, jsonl = iter([encodings.decode(first + streams.read_all(stream))]), False
        yield from pipeline.extract(lines, name=name, jsonl=jsonl, extractor=extractor)


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    """The bytes of the input, decompressed."""
    path = Path(source)
    if source == _STANDARD_INPUT:
        yield sys.stdin.buffer
    elif path.is_file():
        form, compression = classify(source)
        file = SourceFile(path.resolve(), source, source, form or "text", compression, path.stat().st_size)
        with streams.opened(file) as stream:
            yield stream
    else:  # a pipe that the shell has made, or nothing that can be read
        try:
            stream = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
        with stream:
            yield stream


def _found_form(source: str, first: bytes) -> Input:
    """What the input is: by the name of a file, by the first line of standard input."""
    if source != _STANDARD_INPUT:
        return "jsonl" if classify(source)[0] == "jsonl" else "text"
    try:
        record = json.loads(first.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return "text"
    return "jsonl" if isinstance(record, dict) and "text" in record else "text"


def _decoded(lines: Iterator[bytes], name: str, bad: list[Failure]) -> Iterator[str]:
    """The lines as text; one that is not UTF-8 is named, added to `bad` and handed on as an empty one."""
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            bad.append(Failure(f"{name}:{number}", f"not UTF-8: byte {error.start + 1}"))
            messages.failed(bad[-1].path, bad[-1].reason)
            yield "\n"
