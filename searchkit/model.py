"""The frozen shapes that flow from stage to stage: document, paragraph, mention, value, request, results.

Everything here is plain data. No stage adds a private variant of these: an attribute of `Results` and its
relatives is named as the key of the JSON that the command line prints (`contracts.md`). What an answer has many of is a
named tuple, which is made in a fifth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

#: The dimensions read from the text itself.
ENTITY_DIMENSIONS: Final = ("people", "countries", "weapons")
#: The dimensions made from a document's metadata.
METADATA_DIMENSIONS: Final = ("source", "year")
#: The version of the JSON that the faces print.
RESULTS_SCHEMA: Final = 1

Scope = Literal["paragraph", "document"]
Sort = Literal["relevance", "date", "source"]
FacetOrder = Literal["count", "name", "distinctiveness"]
#: Dimension name -> names of values, as the user gave them (id, label or alias).
Selection = Mapping[str, tuple[str, ...]]
EMPTY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Value:
    """One canonical thing in a dimension: an id, a label, and the value above it in the tree, or none."""

    id: str
    label: str
    parent: Value | None = None

    def __hash__(self) -> int:
        """The id's: values are looked up often, and their ancestors need not be gone through for it."""
        return hash(self.id)

    @property
    def ancestors(self) -> tuple[Value, ...]:
        """The values above this one, from the root down."""
        return () if self.parent is None else (*self.parent.ancestors, self.parent)

    @property
    def path(self) -> tuple[str, ...]:
        """The labels from the root down to this value's own."""
        return (*(value.label for value in self.ancestors), self.label)


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) of a paragraph's text that name a value, and the rule that found it.

    Offsets are code points. `text` is always `paragraph.text[start:end]`. `kind` is `name`, `abbrev`, `demonym`,
    `capital` or `place` for a country, `full`, `short` or `known` for a person, `system` or `class` for a weapon.
    """

    start: int
    end: int
    text: str
    kind: str
    rule: str


@dataclass(frozen=True, slots=True)
class Label:
    """A value that a paragraph bears, with the mentions that show it (none where the record gave the value)."""

    value: Value
    mentions: tuple[Mention, ...] = ()


#: Dimension name -> the values that one paragraph bears.
Labels = Mapping[str, tuple[Label, ...]]


class LabelColumn(NamedTuple):
    """The labels of one dimension of successive paragraphs: how many each has, and all of them one after another."""

    counts: Sequence[int]
    labels: Sequence[Label]


#: Dimension name -> the labels of some paragraphs; one in which none has any may be absent.
LabelColumns = Mapping[str, LabelColumn]


class Paragraph(NamedTuple):
    """The unit of search: its 0-based number in the document, its text, its code points [start, end) there."""

    number: int
    text: str
    start: int
    end: int


class Document(NamedTuple):
    """One article. `identity` is unique in an index; `date` is ISO 8601, perhaps partial (`2024`, `2024-11`).

    `content_hash` has 64 bits, of all but the identity. `given` holds the facet values that the record brings of its
    own, per dimension; a dimension that is absent is extracted from the text, an empty tuple means that the document
    has none.
    """

    identity: str
    paragraphs: tuple[Paragraph, ...]
    content_hash: bytes
    title: str | None = None
    date: str | None = None
    source: str | None = None
    given: Selection = EMPTY


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an engine; every face sends this and nothing else.

    `filters` select values (OR within a dimension, AND across; AND within for the dimensions in `all_of`),
    `exclude` removes paragraphs that bear a value. Values are named by id, label or alias. `live` expands the last
    word as it is being typed. `dimensions` are the ones to be counted. Dates are inclusive and may be partial.
    Of the dimensions in `groups`, what stands above the listed values (UN regions) is listed too, with its count, but
    is no part of `distinct` and `more`. Without `sideways`, counts heed their own dimension's selection as well.
    """

    query: str = ""
    filters: Selection = field(default_factory=lambda: EMPTY)
    exclude: Selection = field(default_factory=lambda: EMPTY)
    all_of: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    scope: Scope = "paragraph"
    sort: Sort = "relevance"
    live: bool = False
    limit: int = 20
    offset: int = 0
    facet_limit: int = 20
    facet_order: FacetOrder = "count"
    dimensions: tuple[str, ...] = ENTITY_DIMENSIONS
    groups: tuple[str, ...] = ()
    sideways: bool = True


class Hit(NamedTuple):
    """One paragraph found. `highlights` are code-point ranges of `text`, one a word, sorted and disjoint.

    `facets` has, per dimension, the labels of the values named in the paragraph, without their ancestors; `named` are
    the ranges where the request's selected values are named, or what is below them.
    """

    id: str
    score: float
    document: str
    title: str | None
    date: str | None
    source: str | None
    paragraph: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    facets: Mapping[str, tuple[str, ...]]
    document_hits: int | None = None
    named: tuple[tuple[int, int], ...] = ()


class FacetValue(NamedTuple):
    """A value with the number of paragraphs (documents, in document scope) that choosing it would show."""

    id: str
    value: str
    count: int  # type: ignore[assignment] # hides the tuple's method, which nobody needs
    selected: bool
    excluded: bool
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """The listed values of one dimension; `distinct` have a count above zero, `more` of those are not listed."""

    values: tuple[FacetValue, ...] = ()
    distinct: int = 0
    more: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that the words may have meant: a spelling that occurs, or a facet value that they name."""

    kind: Literal["spelling", "value"]
    text: str
    dimension: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a `Request`: ranked hits, the exact total, and the counts over all the hits."""

    query: str
    parsed: str
    scope: Scope
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Facet]
    exact: bool = True
    took_ms: float = 0.0
    notes: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    total_documents: int | None = None
    schema: int = RESULTS_SCHEMA


@dataclass(frozen=True, slots=True)
class ExplainedClause:
    """A clause of a query as it was understood, and how many paragraphs it finds by itself."""

    text: str
    hits: int
    per_segment: tuple[int, ...]
    parts: tuple[ExplainedClause, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an answer came about: the milliseconds of each step, the names of the segments, the plan."""

    results: Results
    steps: Mapping[str, float]
    segments: tuple[str, ...]
    plan: ExplainedClause


@dataclass(frozen=True, slots=True)
class StoredParagraph:
    """A paragraph as the index keeps it, with every mention: what a preview or `show` needs.

    `highlights` are the words of a query, where one was given.
    """

    id: str
    number: int
    text: str
    labels: Labels
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the index keeps it, its paragraphs in order."""

    identity: str
    title: str | None
    date: str | None
    source: str | None
    paragraphs: tuple[StoredParagraph, ...]


@dataclass(frozen=True, slots=True)
class SurfaceForm:
    """One spelling behind a value's count: how often, by which rule, and paragraphs that show it."""

    text: str
    kind: str
    rule: str
    count: int
    examples: tuple[str, ...]
    #: Labels of some other values that this spelling may name.
    also: tuple[str, ...] = ()
    #: Whether the spelling alone does not say what is meant: it has other meanings, or its context decided.
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a value has the count that it has: the surface forms in the hits of a request, most frequent first."""

    dimension: str
    id: str
    value: str
    count: int
    forms: tuple[SurfaceForm, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be used, and why. `path` names the file, with `:line` where a line is meant.

    `documents` are the identities that it may have been meant for, where that can be told: they stay as they were.
    """

    path: str
    reason: str
    documents: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one run of the indexer did; the keys of `index --json`. Counts are documents unless they say otherwise."""

    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    documents: int
    paragraphs: int
    generation: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DecisionStatus:
    """An entry of the curation file, how many mentions it was about, and what is wrong with it (empty: nothing)."""

    file: str
    line: int
    dimension: str
    decision: str
    matched: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CurationStatus:
    """The curation file of an index, and what each of its entries did."""

    file: str
    entries: tuple[DecisionStatus, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds; the keys of `status --format json`. `bytes` is its size on disk."""

    documents: int
    paragraphs: int
    generation: int
    bytes: int
    segments: int
    format_version: int
    #: Whether the labels are those that the tables and rules of now would give.
    labels_current: bool = True
    curation: CurationStatus | None = None
