"""Readers, one per format: each turns a file into documents, and into failures that name what it could not use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from searchkit.ingest.discover import Format, SourceFile, classify
from searchkit.ingest.documents import Article
from searchkit.ingest.readers import jsonl, markdown, text
from searchkit.ingest.streams import Advance
from searchkit.model import Document, Failure


class Reader(Protocol):
    """Reads the files of one format."""

    def __call__(
        self, source: SourceFile, *, encoding: str | None = None, advance: Advance | None = None
    ) -> Iterator[Document | Failure]:
        """The documents of a file in its order, and what is wrong with what is none."""


READERS: Final[dict[Format, Reader]] = {"text": text.read, "markdown": markdown.read, "jsonl": jsonl.read}


def read(
    source: SourceFile, *, encoding: str | None = None, advance: Advance | None = None
) -> Iterator[Document | Failure]:
    """The documents of a file, streamed, and a `Failure` for whatever in it is none.

    `encoding` overrides detection. `advance` is told how many bytes of the file were read.
    """
    return READERS[source.format](source, encoding=encoding, advance=advance)


def parser_for(name: str) -> Callable[[str], Article]:
    """What cuts the text of a file of that name: the parser for Markdown or for plain text."""
    return markdown.parse if classify(name)[0] == "markdown" else text.parse
