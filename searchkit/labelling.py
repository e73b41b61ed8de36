"""Labels for a stream of documents: in batches, in worker processes if wanted, with the values that records bring."""

from __future__ import annotations

import re
import signal
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from typing import Final, Protocol, Self, cast

from searchkit.entities import extract as entities
from searchkit.model import ENTITY_DIMENSIONS, Document, Failure, Label, Labels, Selection, Value

#: A batch is closed when it has this many paragraphs, or characters.
BATCH_PARAGRAPHS: Final = 256
BATCH_CHARACTERS: Final = 200_000
#: Batches that are done before worker processes are started: a small run is over before they would be up.
BATCHES_ALONE: Final = 4

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
    documents: Iterable[Document], extractor: Extractor | None = None, *, jobs: int = 1
) -> Iterator[tuple[Document, list[Labels]] | Failure]:
    """Each document with the labels of its paragraphs, in the order given, or a failure that names it.

    Documents are taken from the iterable as they are needed: at most a few batches are in memory. With `jobs` above 1
    that many processes extract, started once it is worth it; they need an extractor that can be pickled, or none.
    """
    values = GivenValues(extractor or default_extractor())
    pending: deque[tuple[list[Document], Callable[[], list[Outcome]]]] = deque()
    with _Extraction(extractor, jobs) as extraction:
        for batch in _batches(documents):
            texts = [[paragraph.text for paragraph in one.paragraphs] for one in batch if _is_extracted(one)]
            pending.append((batch, extraction.submit(texts)))
            while len(pending) > extraction.depth:
                yield from _finished(*pending.popleft(), values)
        while pending:
            yield from _finished(*pending.popleft(), values)


class GivenValues:
    """The labels that records bring themselves; a name that nothing is known by becomes a value."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor
        self._known: dict[tuple[str, str], tuple[Value, ...]] = {}

    def labels(self, given: Selection) -> Labels:
        """The labels of the dimensions that are given: they take the place of what is found, and nothing is added."""
        return {dimension: self._labels(dimension, names) for dimension, names in given.items()}

    def _labels(self, dimension: str, names: tuple[str, ...]) -> tuple[Label, ...]:
        values = {value.id: value for name in names for value in self._values(dimension, name)}
        return tuple(Label(value) for value in values.values())

    def _values(self, dimension: str, name: str) -> tuple[Value, ...]:
        key = dimension, name
        if key not in self._known:
            self._known[key] = self._extractor.resolve(dimension, name) or (new_value(name),)
        return self._known[key]


def new_value(name: str) -> Value:
    """A value for a name that nothing is known by; names that differ in case, accents or signs only are one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
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


def _is_extracted(one: Document) -> bool:
    """Whether a document leaves anything to find."""
    return not all(dimension in one.given for dimension in ENTITY_DIMENSIONS)


def _finished(
    batch: list[Document], result: Callable[[], list[Outcome]], values: GivenValues
) -> Iterator[tuple[Document, list[Labels]] | Failure]:
    outcomes = iter(result())
    for one in batch:
        outcome = next(outcomes) if _is_extracted(one) else [{} for _ in one.paragraphs]
        if isinstance(outcome, str):
            yield Failure(one.identity, outcome)
        else:
            given = values.labels(one.given)
            yield one, [{**labels, **given} for labels in outcome] if given else outcome


class _Extraction:
    """Where batches are extracted: here, or in worker processes. A context manager, so that none is left behind."""

    def __init__(self, extractor: Extractor | None, jobs: int) -> None:
        self._extractor = extractor
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._submitted = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def depth(self) -> int:
        """How many batches may be under way."""
        return 2 * self._jobs if self._pool else 0

    def submit(self, texts: list[list[str]]) -> Callable[[], list[Outcome]]:
        """Begin a batch; the function returned waits for its outcome."""
        if not texts:
            return list
        self._submitted += 1
        if self._jobs > 1 and self._submitted == BATCHES_ALONE + 1:
            self._pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), _start_worker, (self._extractor,))
        if self._pool is None:
            return lambda: self._extract_here(texts)
        try:
            future = self._pool.submit(_extract_in_worker, texts)
        except BrokenProcessPool:
            return lambda: self._extract_here(texts)
        return lambda: self._wait(future, texts)

    def _wait(self, future: Future[list[Outcome]], texts: list[list[str]]) -> list[Outcome]:
        try:
            return future.result()
        except BrokenProcessPool:  # a worker was killed: what it had is done here, and so is the rest
            return self._extract_here(texts)

    def _extract_here(self, texts: list[list[str]]) -> list[Outcome]:
        return _extract(self._extractor or default_extractor(), texts)


_worker_extractor: Extractor | None = None


def _start_worker(extractor: Extractor | None) -> None:
    global _worker_extractor  # noqa: PLW0603  a worker's one piece of state, set as it starts
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends its workers
    _worker_extractor = extractor or default_extractor()


def _extract_in_worker(texts: list[list[str]]) -> list[Outcome]:
    return _extract(_worker_extractor or default_extractor(), texts)


def _extract(extractor: Extractor, texts: list[list[str]]) -> list[Outcome]:
    """The outcome for each document. Where a batch fails its documents are tried alone, so that one is named."""
    try:
        return list(extractor.extract(texts))
    except Exception as error:  # noqa: BLE001  one document that breaks a rule must not stop the run
        if len(texts) > 1:
            return [outcome for one in texts for outcome in _extract(extractor, [one])]
        return [f"extraction failed: {type(error).__name__}: {error}"]
