"""Small corpora for the tests of the index and the search: documents, labels, indexes made of them.

Nothing here knows how an index is laid out. A corpus is a history: runs of the writer, each of which adds, replaces
and removes documents and commits; what is left at the end is known as plain data.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from searchkit.index.writer import IndexWriter
from searchkit.model import Document, Label, Labels, Mention, Paragraph, Value

#: Words that meet, and words that must not: stems, case, accents, designations, abbreviations, other scripts.
VOCABULARY = (
    *("missile", "missiles", "Missile", "range", "ranges", "long", "long-range", "attack", "attacked", "attacks"),
    *("US", "us", "U.S.", "S-300", "S300", "S 300", "F-16", "F16s", "élan", "elan", "don't", "12,000", "12000"),
    *("Ukraine's", "Ukraine", "Київ", "導彈", "war", "wars", "warm", "the", "of", "O'Brien"),
)

#: Where a folder of many small files is quick to make and to remove: in memory, where the system has such a place.
QUICK = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - `tempfile` makes the folder there

WEAPONS = Value("x-weapons", "Weapons")
MISSILES = Value("x-missiles", "Missiles", WEAPONS)
BALLISTIC = Value("x-ballistic", "Ballistic missiles", MISSILES)
ATACMS = Value("x-atacms", "ATACMS", BALLISTIC)
DRONES = Value("x-drones", "Drones", WEAPONS)
EUROPE = Value("150", "Europe")
EAST = Value("151", "Eastern Europe", EUROPE)
ASIA = Value("142", "Asia")
VALUES: Mapping[str, tuple[Value, ...]] = {
    "people": tuple(Value(f"p{i}", name) for i, name in enumerate(("Ann Lee", "Bob Ray", "Bob Ray", "Čeněk Novák"))),
    "countries": (Value("UA", "Ukraine", EAST), Value("RU", "Russia", EAST), Value("KP", "North Korea", ASIA)),
    "weapons": (MISSILES, BALLISTIC, ATACMS, DRONES),
    "topic": (Value("t1", "War"), Value("t2", "Peace")),
}
#: The values above those, which may be selected as well.
PARENTS: Mapping[str, tuple[Value, ...]] = {"countries": (EUROPE, EAST, ASIA), "weapons": (WEAPONS,)}
DATES = (None, "2022", "2023-05", "2024-02-29", "2024-11", "2024-11-17")
SOURCES = (None, "Reuters", "BBC")


def examples(number: int) -> settings:
    """Settings for a property: `number` examples, or as many as `SEARCHKIT_EXAMPLES` says."""
    return settings(
        max_examples=int(os.environ.get("SEARCHKIT_EXAMPLES", number)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        report_multiple_bugs=False,
    )


def document(
    identity: str,
    *texts: str,
    title: str | None = None,
    date: str | None = None,
    source: str | None = None,
) -> Document:
    """A document of these paragraphs."""
    paragraphs, at = [], 0
    for number, text in enumerate(texts):
        paragraphs.append(Paragraph(number, text, at, at + len(text)))
        at += len(text) + 2
    digest = hashlib.blake2b("\0".join((identity, *texts, str(title), str(date))).encode("utf-8", "replace"))
    return Document(identity, tuple(paragraphs), digest.digest()[:8], title, date, source)


def labels(**values: Sequence[Value]) -> Labels:
    """Labels of one paragraph, given by dimension, each with a mention of the first character."""
    return {
        dimension: tuple(Label(value, (Mention(0, 1, "", "name", "test"),)) for value in chosen)
        for dimension, chosen in values.items()
    }


@dataclass(frozen=True)
class Article:
    """A document with its labels, as it was added."""

    document: Document
    labels: tuple[Labels, ...]


@dataclass(frozen=True)
class Corpus:
    """A history of commits: in each, documents to be added (or replaced) and identities to be removed."""

    commits: tuple[tuple[tuple[Article, ...], tuple[str, ...]], ...]
    compact: bool = False

    @property
    def articles(self) -> dict[str, Article]:
        """What is left at the end."""
        left: dict[str, Article] = {}
        for added, removed in self.commits:
            for article in added:
                left[article.document.identity] = article
            for identity in removed:
                left.pop(identity, None)
        return left

    def write(self, directory: Path) -> Path:
        """Make the index."""
        for added, removed in self.commits:
            with IndexWriter(directory) as writer:
                for article in added:
                    writer.add(article.document, article.labels)
                for identity in removed:
                    writer.remove(identity)
                writer.commit()
        if self.compact:
            with IndexWriter(directory) as writer:
                writer.commit(compact=True)
        return directory


def write(directory: Path, *articles: Document | tuple[Document, Sequence[Labels]]) -> Path:
    """An index of one commit; documents without labels have none."""
    with IndexWriter(directory) as writer:
        for article in articles:
            one, some = (article, [{}] * len(article.paragraphs)) if isinstance(article, Document) else article
            writer.add(one, some)
        writer.commit()
    return directory


def texts(words: Sequence[str] = VOCABULARY, most: int = 12) -> st.SearchStrategy[str]:
    """A paragraph of those words, with some punctuation between them."""
    joints = st.sampled_from((" ", " ", " ", ", ", ". ", " \u201c", "\u2019 ", "-"))
    pairs = st.lists(st.tuples(st.sampled_from(words), joints), max_size=most)
    return pairs.map(lambda some: "".join(word + joint for word, joint in some).strip())


def label_sets() -> st.SearchStrategy[Labels]:
    """Labels of one paragraph."""
    chosen = {
        dimension: st.lists(st.sampled_from(values), max_size=2, unique_by=lambda value: value.id)
        for dimension, values in VALUES.items()
    }
    return st.fixed_dictionaries({}, optional=chosen).map(lambda some: labels(**some))


@st.composite
def articles(draw: st.DrawFn, identities: Sequence[str]) -> Article:
    """A document with labels."""
    some = draw(st.lists(texts(), max_size=4, min_size=1))
    one = document(
        draw(st.sampled_from(identities)),
        *some,
        title=draw(st.none() | texts(most=3)),
        date=draw(st.sampled_from(DATES)),
        source=draw(st.sampled_from(SOURCES)),
    )
    return Article(one, tuple(draw(label_sets()) for _ in some))


@st.composite
def corpora(draw: st.DrawFn, commits: int = 4) -> Corpus:
    """A corpus of few documents in several segments, with replacements and deletions, sometimes compacted."""
    identities = tuple(f"{name}.txt" for name in "abcdefgh")
    added = st.lists(articles(identities), max_size=5).map(tuple)
    removed = st.lists(st.sampled_from(identities), max_size=2).map(tuple)
    first = st.lists(articles(identities), min_size=1, max_size=5).map(tuple)  # a commit of nothing makes no index
    later = draw(st.lists(st.tuples(added, removed), max_size=commits - 1))
    return Corpus(((draw(first), draw(removed)), *later), draw(st.booleans()))


@st.composite
def lasting(draw: st.DrawFn) -> Corpus:
    """A corpus in several segments of which nothing is ever replaced or deleted."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True))
    some = [(draw(articles((f"{name}.txt",))),) for name in names]
    return Corpus(tuple((one, ()) for one in some), draw(st.booleans()))


@dataclass(frozen=True)
class Row:
    """A live paragraph as plain data."""

    document: Document
    number: int
    text: str
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int]:
        """What a hit is recognised by."""
        return self.document.identity, self.number


def rows(articles_left: Iterable[Article]) -> list[Row]:
    """The paragraphs of articles, with the dimensions that are made from metadata."""
    made = []
    for article in articles_left:
        one = article.document
        metadata: dict[str, Any] = {
            "source": (Value(one.source, one.source),) if one.source else (),
            "year": (Value(one.date[:4], one.date[:4]),) if one.date else (),
        }
        for paragraph, some in zip(one.paragraphs, article.labels, strict=True):
            values = {dimension: tuple(label.value for label in chosen) for dimension, chosen in some.items()}
            made.append(Row(one, paragraph.number, paragraph.text, values | metadata))
    return made
