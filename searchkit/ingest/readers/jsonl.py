"""JSON Lines, one document a line; the file is streamed, and a broken line costs that line only.

A record has `text`, or `paragraphs` (a list of texts), and may have `id`, `title`, `date`, `source`, `people`,
`countries` and `weapons`. Whatever else it has is metadata, and not used.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final, cast

import orjson

from searchkit.errors import InputError
from searchkit.ingest import encodings, paragraphs, streams, titles
from searchkit.ingest.discover import SourceFile
from searchkit.ingest.documents import Article, document, text_of
from searchkit.model import Document, Failure, Paragraph

#: The longest line, in bytes (in characters where the file is not UTF-8).
MAX_LINE: Final = 100_000_000
#: The longest id of a record, in code points.
MAX_ID: Final = 500
_ID: Final = re.compile(rb'"id"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.){1,2000}"|-?[0-9]{1,18})')


def read(
    source: SourceFile, *, encoding: str | None = None, advance: streams.Advance | None = None
) -> Iterator[Document | Failure]:
    """The documents that the records of a file are, and what is wrong with the others, in the order of the file."""
    ids: set[str] = set()
    number = source.line - 1
    try:
        with streams.opened(source, advance) as stream:
            for number, line in enumerate(_lines(stream, encoding), source.line):
                if line is None:
                    reason = f"longer than {MAX_LINE // 1_000_000} MB"
                    yield Failure(f"{source.name}:{number}", reason, (f"{source.identity}#{number}",))
                elif not line.isspace():
                    yield _document(source, number, line, ids)
    except InputError as error:
        yield Failure(source.name, f"{error} (after line {number})" if number >= source.line else str(error))
        return
    if not ids and source.end is None:
        yield Failure(source.name, "empty: there is no record in it")


def parse_record(line: str | bytes) -> Mapping[str, object]:
    """The object on a line; `InputError` with a plain reason where there is none."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        record = _refused(line)
    if not isinstance(record, dict):
        raise InputError("not a JSON object")
    return record


def _refused(line: str | bytes) -> object:
    """What `json` reads on a line that orjson refuses (its numbers are too large); else its fault is named."""
    try:
        return json.loads(line if isinstance(line, str) else line.decode())
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8: byte {error.start + 1}; state the encoding") from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}") from None
    except RecursionError:
        raise InputError("not usable JSON: nested too deeply") from None
    except ValueError:
        raise InputError("not usable JSON: a number has too many digits") from None


def _document(source: SourceFile, number: int, line: str | bytes, ids: set[str]) -> Document | Failure:
    key = None
    try:
        record = parse_record(line)
        key = _id(record) or str(number)
        article = _article(record)
    except InputError as error:
        meant = tuple(f"{source.identity}#{one}" for one in _meant(key, number, line))
        return Failure(f"{source.name}:{number}", str(error), meant)
    if key in ids:
        return Failure(f"{source.name}:{number}", f"id {key!r} was there before in this file")
    ids.add(key)
    if not article.paragraphs:
        reason = "empty: there is no text in it"
        return Failure(f"{source.name}:{number}", reason, (f"{source.identity}#{key}",))
    return document(f"{source.identity}#{key}", article)


def _meant(key: str | None, number: int, line: str | bytes) -> Iterator[str]:
    """The keys that a broken record may have had: its number, or the id that can still be read in it."""
    if key is not None:
        yield key
        return
    yield str(number)
    found = _ID.search(line if isinstance(line, bytes) else line.encode("utf-8", "replace"))
    if found:
        with contextlib.suppress(ValueError):
            if name := text_of(json.loads(found[1])):
                yield name


def _id(record: Mapping[str, object]) -> str | None:
    value = record.get("id")
    key = text_of(value)
    if key is None and value not in (None, ""):
        raise InputError("its id is neither a string nor a whole number")
    if key is not None and len(key) > MAX_ID:
        raise InputError(f"its id is longer than {MAX_ID} characters")
    return key


def _article(record: Mapping[str, object]) -> Article:
    title = text_of(record["title"]) if "title" in record else None
    text = record.get("text")
    if not isinstance(text, str):
        parts = record.get("paragraphs") if text is None else None
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            return _from_parts([encodings.without_surrogates(part) for part in parts], title, record)
        raise InputError("it has no text" if text is None else "its text is not a string")
    text = encodings.without_surrogates(text)
    if only := paragraphs.only_paragraph(text):  # most records are a line, whose title stands elsewhere
        return Article(text, (only,), title, record)
    start = 0
    if title is None or text.lstrip().startswith(title):  # else no line of the text is its title
        first, after = titles.take(text)
        if text_of(first) == title or title is None:
            title, start = text_of(first), after
    return Article(text, tuple(paragraphs.split(text, start)), title, record)


def _from_parts(parts: list[str], title: str | None, record: Mapping[str, object]) -> Article:
    """A record that has its paragraphs cut already: they stay apart, and only a longer one is cut again."""
    text = "\n\n".join(parts)
    found: list[Paragraph] = []
    start = 0
    for part in parts:
        for paragraph in paragraphs.split(text, start, start + len(part)):
            found.append(Paragraph(len(found), paragraph.text, paragraph.start, paragraph.end))
        start += len(part) + 2
    return Article(text, tuple(found), title, record)


def _lines(stream: BinaryIO, encoding: str | None) -> Iterator[str | bytes | None]:
    """The lines of a stream; None for one that is too long. UTF-8 stays bytes, so that a wrong line stands alone."""
    buffered = stream if hasattr(stream, "peek") else cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", stream)))
    mark = encodings.marked(cast("io.BufferedReader", buffered).peek(4)[:4])
    if mark:
        buffered.read(mark[1])
        encoding = mark[0]
    if encoding is None or codecs.lookup(encoding).name == "utf-8":
        yield from _bounded(buffered)
        return
    text = io.TextIOWrapper(buffered, encoding=encoding, newline="\n")
    try:
        yield from _bounded(text)
    except UnicodeError as error:
        raise InputError(f"not valid {encoding}: {getattr(error, 'reason', error)}") from None
    finally:
        text.detach()  # the stream is closed by who opened it


def _bounded(stream: BinaryIO | io.TextIOWrapper) -> Iterator[str | bytes | None]:
    while line := stream.readline(MAX_LINE):
        if len(line) < MAX_LINE:
            yield line
            continue
        while (rest := stream.readline(MAX_LINE)) and len(rest) == MAX_LINE:
            pass
        yield None
