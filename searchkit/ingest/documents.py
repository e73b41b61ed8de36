"""Put a document together from its text and metadata, whatever format they came in."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, NamedTuple

import orjson

from searchkit.ingest import dates
from searchkit.ingest.encodings import without_surrogates
from searchkit.model import EMPTY, ENTITY_DIMENSIONS, Document, Paragraph, Selection

#: Part of every content hash: raise it when the same file is to give other paragraphs, titles or dates than before.
RULES: Final = "1"
#: Names whose plain form is kept.
_MOST_NAMES: Final = 1 << 16


class Article(NamedTuple):
    """What a reader makes of a text, before it has an identity."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    title: str | None = None
    metadata: Mapping[str, object] = MappingProxyType({})


def document(identity: str, article: Article, *, title: str | None = None, date: str | None = None) -> Document:
    """The document of that identity; `title` and `date` are for an article that states none itself."""
    text, paragraphs, stated, metadata = article
    title = stated or title
    if "date" in metadata:
        date = dates.parse(metadata["date"]) or date
    source = text_of(metadata["source"]) if "source" in metadata else None
    given = given_values(metadata)
    digest = blake2b(orjson.dumps((RULES, title, date, source, given or None, text)), digest_size=8).digest()
    return Document(identity, paragraphs, digest, title, date, source, given)


def text_of(value: object) -> str | None:
    """A title, source or name as one line, or None where there is none."""
    if isinstance(value, str):
        return " ".join(without_surrogates(value).split()) or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else None


def given_values(metadata: Mapping[str, object]) -> Selection:
    """The facet values that metadata brings, per dimension; a dimension that it does not state is absent.

    A value is a string, or an object that has the string as its `value` (what `extract` prints); one string may hold
    several, with `;` between. Where anything else stands, the dimension counts as not stated, and is extracted.
    """
    given = {}
    for name in ENTITY_DIMENSIONS:
        if name in metadata and (names := _names(metadata[name])) is not None:
            given[name] = names
    return given or EMPTY


def _names(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = value.split(";")
    elif not isinstance(value, list):
        return None
    if not value:
        return ()
    try:
        names = tuple(map(_plain, value))
    except TypeError:  # an object, which is no key, or something else that is no string
        strings = [one.get("value") if isinstance(one, dict) else one for one in value]
        if not all(isinstance(one, str) for one in strings):
            return None
        names = tuple(map(_plain, strings))
    if len(names) == 1 and names[0]:
        return names
    return tuple(dict.fromkeys(filter(None, names)))


class _Plain(dict[object, str]):
    """Name -> `text_of` it, or nothing: records have the same ones again and again."""

    def __missing__(self, name: object) -> str:
        if not isinstance(name, str):
            raise TypeError
        if len(self) >= _MOST_NAMES:
            self.clear()
        plain = self[name] = text_of(name) or ""
        return plain


_plain: Final = _Plain().__getitem__
