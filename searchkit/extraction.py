"""What `searchkit extract` prints: each paragraph of the input with the values that it names, and their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from searchkit.entities.curation import Curation
from searchkit.entities.curator import Curator, tables_known
from searchkit.errors import InputError
from searchkit.index.build import paragraph_id
from searchkit.ingest.documents import document, given_values
from searchkit.ingest.encodings import without_surrogates
from searchkit.ingest.readers import parser_for
from searchkit.ingest.readers.jsonl import parse_record
from searchkit.labelling import BATCH_PARAGRAPHS, Extractor, GivenValues, default_extractor, label_documents, new_value
from searchkit.model import ENTITY_DIMENSIONS, Document, Failure, Label, Labels, Paragraph, Selection, Value


@dataclass(slots=True)
class _Line:
    """A valid line of the input. `document` is the name that it states, `number` its place among those that do."""

    where: str
    id: str | int
    document: str | int | None
    text: str
    given: Selection
    number: int = 0


class Curated:
    """An extractor with the decisions of a curation file over what it finds."""

    def __init__(self, extractor: Extractor, curation: Curation) -> None:
        self.fingerprint = f"{extractor.fingerprint} {curation.digest}"
        self._extractor = extractor
        self._curator = Curator(curation, tables_known(extractor.resolve))

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        """What has become of the values that a record names."""
        values = self._extractor.resolve(dimension, name) or (new_value(name),)
        decisions = self._curator.decisions.get(dimension)
        if decisions is None:
            return values
        return tuple(value for one in values if (value := decisions.fate(one).value) is not None)

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph of each document, as decided."""
        return [
            [self._curator.apply(labels, text) for labels, text in zip(found, texts, strict=True)]
            for found, texts in zip(self._extractor.extract(documents), documents, strict=True)
        ]


def extract(
    lines: Iterable[str], *, name: str, jsonl: bool, extractor: Extractor | None = None
) -> Iterator[dict[str, object] | Failure]:
    """The output records of `searchkit extract`, in the order of the input, and what is wrong with the other lines.

    With `jsonl` each line is `{"id", "text", "document"?}`, perhaps with facets of its own, and lines with one
    `document` are its paragraphs in their order. Otherwise the lines are a text, cut as the index would; `name` tells
    its format. Lines are passed on as they come, but once one names a document all are read first, since the last
    line of the input may be of that document.
    """
    extractor = extractor or default_extractor()
    if not jsonl:
        yield from _extract_text("\n".join(line.removesuffix("\n") for line in lines), name, extractor)
        return
    pending: list[_Line | Failure] = []
    counts: dict[str | int, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = _line(line, f"{name}:{number}", number)
        if isinstance(found, _Line) and found.document is not None:
            found.number = counts[found.document] = counts.get(found.document, -1) + 1
        pending.append(found)
        if not counts and len(pending) >= BATCH_PARAGRAPHS:
            yield from _extract_lines(pending, extractor)
            pending = []
    yield from _extract_lines(pending, extractor)


def _line(line: str, where: str, number: int) -> _Line | Failure:
    try:
        record = parse_record(line.removeprefix("\ufeff"))
    except InputError as error:
        return Failure(where, str(error))
    text, key, named = record.get("text"), record.get("id"), record.get("document")
    if not isinstance(text, str):
        return Failure(where, "it has no text" if text is None else "its text is not a string")
    if not isinstance(key, str | int | None) or not isinstance(named, str | int | None):
        return Failure(where, "its id and its document must be strings")
    return _Line(where, str(number) if key is None else key, named, without_surrogates(text), given_values(record))


def _extract_lines(lines: Sequence[_Line | Failure], extractor: Extractor) -> Iterator[dict[str, object] | Failure]:
    groups: dict[object, list[_Line]] = {}
    for line in lines:
        if isinstance(line, _Line):
            # A line that names no document is one of its own, under a key that no name equals.
            groups.setdefault((line.where,) if line.document is None else line.document, []).append(line)
    labels: dict[str, Labels | str] = {}
    for group, result in zip(groups.values(), label_documents(map(_document, groups.values()), extractor), strict=True):
        for index, line in enumerate(group):
            labels[line.where] = result.reason if isinstance(result, Failure) else result[1][index]
    values = GivenValues(extractor)
    for line in lines:
        found = line.reason if isinstance(line, Failure) else labels[line.where]
        if isinstance(line, Failure):
            yield line
        elif isinstance(found, str):
            yield Failure(line.where, found)
        else:
            yield _record(line.id, line.document, line.number, line.text, {**found, **values.labels(line.given)})


def _document(group: Sequence[_Line]) -> Document:
    """The lines of one document as its paragraphs, never split."""
    return Document("", tuple(Paragraph(line.number, line.text, 0, len(line.text)) for line in group), b"")


def _extract_text(text: str, name: str, extractor: Extractor) -> Iterator[dict[str, object] | Failure]:
    article = parser_for(name)(without_surrogates(text.removeprefix("\ufeff")))
    if not article.paragraphs:
        yield Failure(name, "empty: there is no text in it")
    repeats: dict[str, int] = {}
    for result in label_documents([document(name, article)] if article.paragraphs else [], extractor):
        if isinstance(result, Failure):
            yield result
            continue
        for paragraph, labels in zip(result[0].paragraphs, result[1], strict=True):
            repeats[paragraph.text] = repeats.get(paragraph.text, -1) + 1
            key = f"{paragraph_id(name, paragraph.text, repeats[paragraph.text]):016x}"
            yield _record(key, name, paragraph.number, paragraph.text, labels)


def _record(key: str | int, named: str | int | None, number: int, text: str, labels: Labels) -> dict[str, object]:
    dimensions = dict.fromkeys((*ENTITY_DIMENSIONS, *labels))
    facets = {dimension: [_value(label) for label in labels.get(dimension, ())] for dimension in dimensions}
    return {"id": key, "document": named, "paragraph": number, "text": text, **facets}


def _value(label: Label) -> dict[str, object]:
    mentions = [
        {"start": mention.start, "end": mention.end, "text": mention.text, "kind": mention.kind, "rule": mention.rule}
        for mention in label.mentions
    ]
    return {"id": label.value.id, "value": label.value.label, "path": list(label.value.path), "mentions": mentions}
