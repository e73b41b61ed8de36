"""Put a document together from its text and metadata, whatever format they came in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from searchkit.ingest import dates
from searchkit.ingest.encodings import without_surrogates
from searchkit.model import EMPTY, ENTITY_DIMENSIONS, Document, Paragraph, Selection

#: Part of every content hash: raise it when the same file is to give other paragraphs, titles or dates than before.
RULES: Final = "1"


@dataclass(frozen=True, slots=True)
class Article:
    """What a reader makes of a text, before it has an identity."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    title: str | None = None
    metadata: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def document(identity: str, article: Article, *, title: str | None = None, date: str | None = None) -> Document:
    """The document of that identity; `title` and `date` are for an article that states none itself."""
    title = article.title or title
    date = dates.parse(article.metadata.get("date")) or date
    source = text_of(article.metadata.get("source"))
    given = given_values(article.metadata)
    content = repr((RULES, title, date, source, *given.items()))
    digest = hashlib.blake2b(content.encode(), digest_size=16)
    digest.update(article.text.encode())
    return Document(identity, article.paragraphs, digest.hexdigest(), title, date, source, given)


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
    given = {name: names for name in ENTITY_DIMENSIONS if (names := _names(metadata.get(name))) is not None}
    return MappingProxyType(given) if given else EMPTY


def _names(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = value.split(";")
    if not isinstance(value, list):
        return None
    names = [item.get("value") if isinstance(item, Mapping) else item for item in value]
    if not all(isinstance(name, str) for name in names):
        return None
    return tuple(dict.fromkeys(name for name in map(_name, names) if name))


@lru_cache(maxsize=1 << 16)
def _name(name: str) -> str | None:
    """`text_of` a name: records have the same ones again and again."""
    return text_of(name)
