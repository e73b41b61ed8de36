"""Labels for a stream of documents: in batches, with the values that records bring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import chain, compress
from typing import Final, Protocol, cast

from searchkit.entities import extract as entities
from searchkit.index.build import label_columns
from searchkit.model import (
    ENTITY_DIMENSIONS,
    Document,
    Failure,
    Label,
    LabelColumn,
    LabelColumns,
    Labels,
    Selection,
    Value,
)

#: A batch is closed when it has this many paragraphs, or characters.
BATCH_PARAGRAPHS: Final = 256
BATCH_CHARACTERS: Final = 200_000
#: Names of values whose meaning is kept.
_MOST_NAMES: Final = 1 << 17
_DIMENSIONS: Final = frozenset(ENTITY_DIMENSIONS)

#: The labels of each paragraph of a document, or why there are none.
Outcome = list[Labels] | str


class Extractor(Protocol):
    """Finds the people, countries and weapons in texts, and the values that a name means."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the labels of a text may have."""

    def extract(self, documents: Sequence[Sequence[str]]) -> list[list[Labels]]:
        """The labels of each paragraph; a document is its paragraphs' texts in order."""

    def resolve(self, dimension: str, name: str) -> tuple[Value, ...]:
        """The values of that id, label or alias; none where the name is not known."""


class _Tables:
    """The extractor of `searchkit.entities`, with its gazetteer to say what a given name means.

    It goes to a worker process by the name of its finder of people alone, and is made anew there.
    """

    def __init__(self, tables: entities.TableExtractor, people: str = "") -> None:
        self._people = people
        self.fingerprint = tables.fingerprint
        self.extract = tables.extract
        self.resolve = tables.gazetteer.resolve

    def __reduce__(self) -> tuple[Callable[[str], Extractor], tuple[str]]:
        return default_extractor, (self._people,)


@cache
def default_extractor(people: str = "") -> Extractor:
    """The extractor of `searchkit.entities`, made once in a process.

    `people` names what finds them in place of the model that comes with searchkit (`spacy:NAME`); UsageError where it
    is not installed.
    """
    tables = entities.extractor(people)
    return _Tables(tables, people) if isinstance(tables, entities.TableExtractor) else cast("Extractor", tables)


def label_documents(
    documents: Iterable[Document], extractor: Extractor | None = None
) -> Iterator[tuple[Document, list[Labels]] | Failure]:
    """Each document with the labels of its paragraphs, in the order given, or a failure that names it.

    Documents are taken from the iterable as they are needed: a batch at most is in memory.
    """
    labeller = Labeller(extractor)
    for batch in _batches(documents):
        yield from labeller.label(batch)


class Labeller:
    """Labels batches of documents: with what is found in them, and with the values that records bring."""

    def __init__(self, extractor: Extractor | None = None) -> None:
        self.extractor = extractor or default_extractor()
        self._given = GivenValues(self.extractor)

    def label(self, batch: Sequence[Document]) -> Iterator[tuple[Document, list[Labels]] | Failure]:
        """Each document of the batch with the labels of its paragraphs, or a failure that names it."""
        extracted = [not one.given.keys() >= _DIMENSIONS for one in batch]
        texts = [[paragraph.text for paragraph in one.paragraphs] for one in compress(batch, extracted)]
        outcomes = iter(_extract(self.extractor, texts) if texts else ())
        for one, is_extracted in zip(batch, extracted, strict=True):
            given = self._given.labels(one.given) if one.given else {}
            if not is_extracted:
                yield one, [given] * len(one.paragraphs)
                continue
            outcome = next(outcomes)
            if isinstance(outcome, str):
                yield Failure(one.identity, outcome)
            else:
                yield one, [{**labels, **given} for labels in outcome] if given else outcome

    def columns(self, batch: Sequence[Document]) -> tuple[LabelColumns, dict[int, Failure]]:
        """The labels of all paragraphs of the batch, and by their places the documents that fail and are left out."""
        if all(one.given.keys() >= _DIMENSIONS for one in batch):
            return self._given.columns(batch), {}
        results = list(self.label(batch))
        failures = {place: result for place, result in enumerate(results) if isinstance(result, Failure)}
        labelled = (result[1] for result in results if not isinstance(result, Failure))
        return label_columns(list(chain.from_iterable(labelled))), failures


class GivenValues:
    """The labels that records bring themselves; a name that nothing is known by becomes a value."""

    def __init__(self, extractor: Extractor) -> None:
        self._known = {name: _Known(partial(extractor.resolve, name)) for name in ENTITY_DIMENSIONS}

    def labels(self, given: Selection) -> Labels:
        """The labels of the dimensions that are given: they take the place of what is found, and nothing is added."""
        return {name: self._known[name].labels(names) if names else () for name, names in given.items()}

    def columns(self, documents: Sequence[Document]) -> LabelColumns:
        """The labels of the paragraphs of documents that bring values of all dimensions."""
        owners = [one.given for one in documents for _ in one.paragraphs]
        return {name: known.column([given[name] for given in owners]) for name, known in self._known.items()}


class _Known(dict[str, tuple[Label, ...]]):
    """Name of a value of a dimension -> its labels; kept, for records have the same ones again and again."""

    def __init__(self, resolve: Callable[[str], tuple[Value, ...]]) -> None:
        super().__init__()
        self._resolve = resolve
        # Whether each name so far means one value, and none what another means.
        self._one_to_one = True
        self._names: dict[str, str] = {}

    def __missing__(self, name: str) -> tuple[Label, ...]:
        if len(self) >= _MOST_NAMES:
            self.clear()
            self._names.clear()
        values = {value.id: value for value in self._resolve(name) or (new_value(name),)}
        met = [self._names.setdefault(one, name) for one in values]
        self._one_to_one = self._one_to_one and met == [name]
        found = self[name] = tuple(map(Label, values.values()))
        return found

    def labels(self, names: tuple[str, ...]) -> tuple[Label, ...]:
        """The labels of all of the names, each value once."""
        return tuple({label.value.id: label for name in names for label in self[name]}.values())

    def column(self, given: Sequence[tuple[str, ...]]) -> LabelColumn:
        """The `labels` of the names that each of some paragraphs is given."""
        labels = list(chain.from_iterable(map(self.__getitem__, chain.from_iterable(given))))
        if self._one_to_one:
            return LabelColumn(list(map(len, given)), labels)
        each = list(map(self.labels, given))
        return LabelColumn(list(map(len, each)), list(chain.from_iterable(each)))


def new_value(name: str) -> Value:
    """A value for a name that nothing is known by; names that differ in case, accents or signs only are one."""
    plain = name.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return Value(re.sub(r"[\W_]+", "-", plain).strip("-") or name, name)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    paragraphs = characters = 0
    for one in documents:
        batch.append(one)
        paragraphs += len(one.paragraphs)
        characters += sum(len(paragraph.text) for paragraph in one.paragraphs)
        if paragraphs >= BATCH_PARAGRAPHS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, paragraphs, characters = [], 0, 0
    if batch:
        yield batch


def _extract(extractor: Extractor, texts: list[list[str]]) -> list[Outcome]:
    """The outcome for each document. Where a batch fails its documents are tried alone, so that one is named."""
    try:
        return list(extractor.extract(texts))
    except Exception as error:  # noqa: BLE001  one document that breaks a rule must not stop the run
        if len(texts) > 1:
            return [outcome for one in texts for outcome in _extract(extractor, [one])]
        return [f"extraction failed: {type(error).__name__}: {error}"]
