"""Plain text, one document a file, with front matter if it has any."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from searchkit.errors import InputError
from searchkit.ingest import dates, encodings, frontmatter, paragraphs, streams, titles
from searchkit.ingest.discover import SourceFile
from searchkit.ingest.documents import Article, document, text_of
from searchkit.model import Document, Failure


def read(
    source: SourceFile, *, encoding: str | None = None, advance: streams.Advance | None = None
) -> Iterator[Document | Failure]:
    """The document that a file is, or why it is none."""
    yield read_article(source, parse, encoding=encoding, advance=advance)


def read_article(
    source: SourceFile,
    parse: Callable[[str], Article],
    *,
    encoding: str | None = None,
    advance: streams.Advance | None = None,
) -> Document | Failure:
    """The one document of a file, by the parser of its format. Its name gives the title and date that it lacks."""
    try:
        with streams.opened(source, advance) as stream:
            data = streams.read_all(stream)
        article = parse(encodings.decode(data, encoding))
    except InputError as error:
        return Failure(source.name, str(error))
    if not article.paragraphs:
        return Failure(source.name, "empty: there is no text in it")
    name = source.identity.rpartition("/")[2]
    return document(source.identity, article, title=name, date=dates.from_name(name))


def parse(text: str) -> Article:
    """A plain text as an article. A first line that says the title, or repeats the stated one, is no paragraph."""
    metadata, start = frontmatter.split(text)
    stated = text_of(metadata.get("title"))
    first, after = titles.take(text, start)
    if stated is None:
        return Article(text, tuple(paragraphs.split(text, after)), text_of(first), metadata)
    repeated = first is not None and text_of(first) == stated
    return Article(text, tuple(paragraphs.split(text, after if repeated else start)), stated, metadata)
