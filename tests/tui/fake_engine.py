"""A small engine in memory, over made-up paragraphs: what the tests of the terminal UI search in.

It answers by the plainest means (a loop over all paragraphs for each question), and by the rules of the `Engine`
protocol: OR within a dimension and AND across, exclusions, drill-sideways counts, ancestors counted once.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from searchkit.errors import CancelledError, NotFoundError
from searchkit.model import (
    Evidence,
    Facet,
    FacetValue,
    Hit,
    Label,
    Mention,
    Request,
    Results,
    Status,
    StoredDocument,
    StoredParagraph,
    Suggestion,
    SurfaceForm,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EUROPE = Value("150", "Europe")
ASIA = Value("142", "Asia")
AMERICAS = Value("019", "Americas")
WEAPONS = Value("weapons", "Weapons")
MISSILES = Value("missiles", "Missiles", WEAPONS)
BALLISTIC = Value("ballistic-missiles", "Ballistic missiles", MISSILES)
CRUISE = Value("cruise-missiles", "Cruise missiles", MISSILES)
AIRCRAFT = Value("aircraft", "Aircraft", WEAPONS)
DRONES = Value("drones", "Drones", AIRCRAFT)

#: dimension -> surface form -> (value, kind): the gazetteer of the made-up world.
SURFACES: dict[str, dict[str, tuple[Value, str]]] = {
    "people": {
        "Joe Biden": (Value("p1", "Joe Biden"), "full"),
        "Biden": (Value("p1", "Joe Biden"), "short"),
        "Volodymyr Zelensky": (Value("p2", "Volodymyr Zelensky"), "full"),
        "Zelensky": (Value("p2", "Volodymyr Zelensky"), "short"),
        "Vladimir Putin": (Value("p3", "Vladimir Putin"), "full"),
        "Putin": (Value("p3", "Vladimir Putin"), "short"),
        "Kim Jong Un": (Value("p4", "Kim Jong Un"), "full"),
        "Keir Starmer": (Value("p5", "Keir Starmer"), "full"),
        "Donald Trump": (Value("p6", "Donald Trump"), "full"),
    },
    "countries": {
        "Ukraine": (Value("UA", "Ukraine", EUROPE), "name"),
        "Ukrainian": (Value("UA", "Ukraine", EUROPE), "demonym"),
        "Kyiv": (Value("UA", "Ukraine", EUROPE), "capital"),
        "Russia": (Value("RU", "Russia", EUROPE), "name"),
        "Russian": (Value("RU", "Russia", EUROPE), "demonym"),
        "Kremlin": (Value("RU", "Russia", EUROPE), "capital"),
        "North Korean": (Value("KP", "North Korea", ASIA), "demonym"),
        "North Korea": (Value("KP", "North Korea", ASIA), "name"),
        "United States": (Value("US", "United States", AMERICAS), "name"),
        "Washington": (Value("US", "United States", AMERICAS), "capital"),
        "Britain": (Value("GB", "United Kingdom", EUROPE), "name"),
        "Myanmar": (Value("MM", "Myanmar", ASIA), "name"),
        "Burma": (Value("MM", "Myanmar", ASIA), "name"),
    },
    "weapons": {
        "ATACMS": (Value("atacms", "ATACMS", BALLISTIC), "system"),
        "Storm Shadow": (Value("storm-shadow", "Storm Shadow", CRUISE), "system"),
        "Shahed": (Value("shahed-136", "Shahed-136", DRONES), "system"),
        "ballistic missiles": (BALLISTIC, "class"),
        "missiles": (MISSILES, "class"),
        "missile": (MISSILES, "class"),
        "drones": (DRONES, "class"),
        "F-16": (Value("f-16", "F-16", AIRCRAFT), "system"),
        "weapons": (WEAPONS, "class"),
    },
}

#: title, date, source, paragraphs
ARTICLES: tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...] = (
    (
        "White House lifts limits on long-range missiles",
        "2024-11-17",
        "The Daily Sample",
        (
            (
                "President Joe Biden has allowed Ukraine to use American-made long-range missiles inside Russia, two "
                "officials in Washington said on Sunday. The ATACMS are likely to be used first in the Kursk region."
            ),
            (
                "Volodymyr Zelensky had asked for the weapons for months. In his evening address he said that missiles "
                "would speak for themselves."
            ),
            (
                "The Kremlin said that the step would add fuel to the fire. Vladimir Putin had warned in September "
                "that it would put the United States at war with Russia."
            ),
            (
                "North Korean troops were sent to the front in October, and Kim Jong Un has promised Putin more shells "
                "and ballistic missiles."
            ),
            "Biden's decision comes two months before Donald Trump returns to office.",
        ),
    ),
    (
        "Storm Shadow strikes reported in Kursk",
        "2024-11-21",
        "The Daily Sample",
        (
            (
                "Britain has let Kyiv fire Storm Shadow cruise missiles at targets inside Russia, a day after the "
                "first ATACMS were used. Keir Starmer declined to comment."
            ),
            (
                "Fragments of a Storm Shadow missile were shown by Russian bloggers. The defence ministry in Kyiv "
                "spoke of a command post near the village of Maryino."
            ),
            (
                "Putin answered with a new missile and said that Russia reserves the right to strike the countries "
                "that let their weapons be used."
            ),
        ),
    ),
    (
        "Drones over the capital for the tenth night",
        "2023-06-02",
        "Wire Two",
        (
            "Ukrainian air defence shot down thirty Shahed drones over Kyiv during the night, the tenth in a row.",
            "Zelensky thanked the crews and asked the United States for F-16 aircraft.",
            "No one was hurt, the mayor said; falling pieces set a roof on fire.",
        ),
    ),
    (
        "F-16 training begins",
        "2023-08-22",
        "Wire Two",
        (
            "Ukrainian pilots have begun to train on the F-16, Washington said.",
            "Joe Biden told Zelensky that the aircraft would come when the training is done.",
        ),
    ),
    (
        "A quiet year on the border",
        None,
        None,
        (
            "Myanmar, which many of its own people still call Burma, closed two crossings.",
            "Trade has halved since spring, and the market by the bridge is empty on most days.",
        ),
    ),
    (
        "What the sanctions left",
        "2022-05-09",
        "Wire Two",
        (
            "A year of sanctions has left Russia with fewer chips for its missiles, a study says.",
            "The drones that North Korea was said to have sent were never seen, Kyiv says.",
        ),
    ),
)


@dataclass
class FakeEngine:
    """The `Engine` protocol over `articles`; `delay` makes each search as slow as that many seconds."""

    articles: tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...] = ARTICLES
    surfaces: dict[str, dict[str, tuple[Value, str]]] = field(default_factory=lambda: SURFACES)
    delay: float = 0.0
    error: Exception | None = None
    trouble: Exception | None = None
    generation: int = 1
    newer: int = 0
    requests: list[Request] = field(default_factory=list)
    closed: bool = False
    curation_file: Path | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        return ("people", "countries", "weapons", "source", "year")

    def __post_init__(self) -> None:
        self._stored = tuple(self._made())
        self._known: dict[str, tuple[Value, ...]] = {}

    def _documents(self) -> tuple[StoredDocument, ...]:
        return self._stored

    def _made(self) -> Iterator[StoredDocument]:
        for number, (title, date, source, texts) in enumerate(self.articles):
            paragraphs = tuple(
                StoredParagraph(f"d{number}-{order}", order, text, self._labels(text))
                for order, text in enumerate(texts)
            )
            yield StoredDocument(f"seeds/article-{number}.txt", title, date, source, paragraphs)

    def _labels(self, text: str) -> dict[str, tuple[Label, ...]]:
        labels: dict[str, tuple[Label, ...]] = {}
        for dimension, surfaces in self.surfaces.items():
            pattern = "|".join(map(re.escape, sorted(surfaces, key=len, reverse=True)))
            found: dict[Value, list[Mention]] = {}
            for match in re.finditer(f"(?<!\\w)(?:{pattern})(?!\\w)", text) if pattern else ():
                value, kind = surfaces[match[0]]
                found.setdefault(value, []).append(Mention(*match.span(), match[0], kind, f"list:{kind}"))
            labels[dimension] = tuple(Label(value, tuple(mentions)) for value, mentions in found.items())
        return labels

    def search(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> Results:
        self.requests.append(request)
        until = time.monotonic() + self.delay
        while time.monotonic() < until:
            if cancelled is not None and cancelled():
                raise CancelledError("The search was given up.")
            time.sleep(0.002)
        if self.error is not None:
            raise self.error
        rows = [
            (document, paragraph, spans)
            for document in self._documents()
            for paragraph in document.paragraphs
            if (spans := _matches(request, paragraph.text)) is not None
        ]
        chosen = [row for row in rows if self._passes(request, row, ())]
        chosen.sort(key=lambda row: (-len(row[2]), row[0].date or "", row[1].id))
        if request.sort == "date":
            chosen.sort(key=lambda row: row[0].date or "", reverse=True)
        documents = len({document.identity for document, _, _ in chosen})
        page = chosen[request.offset : request.offset + request.limit]
        words = request.query.split()
        return Results(
            query=request.query,
            parsed=" AND ".join(words) + ("*" if words and request.live and request.query[-1:] != " " else ""),
            scope=request.scope,
            total=len(chosen),
            hits=tuple(_hit(request, document, paragraph, spans) for document, paragraph, spans in page),
            facets={dimension: self._facet(request, dimension, rows) for dimension in request.dimensions},
            took_ms=1.2,
            notes=("unknown field 'colour' searched as words",) if "colour:" in request.query else (),
            suggestions=(Suggestion("spelling", "missiles"),) if request.query == "misiles" else (),
            total_documents=documents if request.scope == "document" else None,
        )

    def _bears(self, document: StoredDocument, paragraph: StoredParagraph, dimension: str) -> dict[str, Value]:
        """Every value of the paragraph by id, the ancestors included."""
        match dimension:
            case "source":
                values = [Value(document.source, document.source)] if document.source else []
            case "year":
                values = [Value(document.date[:4], document.date[:4])] if document.date else []
            case _:
                values = [label.value for label in paragraph.labels.get(dimension, ())]
        return {each.id: each for value in values for each in (*value.ancestors, value)}

    def _named(self, dimension: str, names: tuple[str, ...]) -> list[set[str]]:
        """Of each name the ids it means: an id, a label or an alias."""
        known = {value.id: value.label for value in self.values(dimension)}
        aliases = {form.lower(): value.id for form, (value, _) in self.surfaces.get(dimension, {}).items()}
        return [
            {key for key, label in known.items() if name.lower() in (key.lower(), label.lower())}
            | ({aliases[name.lower()]} if name.lower() in aliases else set())
            for name in names
        ]

    def _passes(self, request, row, ignored):
        document, paragraph, _ = row
        for dimension in {*request.filters, *request.exclude}:
            ids = set(self._bears(document, paragraph, dimension))
            if any(ids & meant for meant in self._named(dimension, tuple(request.exclude.get(dimension, ())))):
                return False
            wanted = [ids & meant for meant in self._named(dimension, tuple(request.filters.get(dimension, ())))]
            if not wanted or dimension in ignored:
                continue
            if not (all(wanted) if dimension in request.all_of else any(wanted)):
                return False
        date = document.date or ""
        low, high = request.date_from, request.date_to
        return (low is None or date >= low) and (high is None or (date != "" and date[: len(high)] <= high))

    def _facet(self, request: Request, dimension: str, rows) -> Facet:
        # With "all of", choosing one more value narrows what is there: nothing is ignored then.
        ignored = () if dimension in request.all_of else (dimension,)
        counts: dict[str, int] = {}
        for row in rows:
            if self._passes(request, row, ignored):
                for key in self._bears(row[0], row[1], dimension):
                    counts[key] = counts.get(key, 0) + 1
        known = {value.id: value for value in self.values(dimension)}
        selected = set().union(*self._named(dimension, tuple(request.filters.get(dimension, ()))))
        excluded = set().union(*self._named(dimension, tuple(request.exclude.get(dimension, ()))))
        shown = [
            FacetValue(key, value.label, counts.get(key, 0), key in selected, key in excluded, value.path)
            for key, value in known.items()
            if (counts.get(key) and (dimension in request.groups or not _is_region(dimension, value)))
            or key in selected
            or key in excluded
        ]
        for chosen, is_selected in ((request.filters, True), (request.exclude, False)):
            unknown = [name for name in chosen.get(dimension, ()) if not any(self._named(dimension, (name,)))]
            shown += [FacetValue(name, name, 0, is_selected, not is_selected, (name,)) for name in unknown]
        by_count = request.facet_order != "name"
        shown.sort(key=lambda value: (-value.count if by_count else 0, value.value, value.id))
        pinned = [value for value in shown[request.facet_limit :] if value.selected or value.excluded]
        distinct = sum(value.count > 0 and not _is_region(dimension, known[value.id]) for value in shown)
        listed = (*shown[: request.facet_limit], *pinned)
        more = sum(value.count > 0 for value in shown) - sum(value.count > 0 for value in listed)
        return Facet(listed, distinct, more)

    def document(self, paragraph_id: str, request: Request | None = None) -> StoredDocument:
        for document in self._documents():
            if any(paragraph.id == paragraph_id for paragraph in document.paragraphs):
                words = request.query.split() if request is not None else []
                ends = " " if request is not None and request.query.endswith(" ") else ""
                asked = [
                    Request(word + (ends if at + 1 == len(words) else " "), live=True) for at, word in enumerate(words)
                ]
                marked = [
                    replace(one, highlights=tuple(s for ask in asked for s in _matches(ask, one.text) or ()))
                    for one in document.paragraphs
                ]
                return replace(document, paragraphs=tuple(marked))
        raise NotFoundError(f"No paragraph {paragraph_id} in this index.")

    def why(self, request: Request, dimension: str, value: str, *, examples: int = 3) -> Evidence:
        results = self.search(replace(request, limit=1000, offset=0))
        forms: dict[Mention, list[str]] = {}
        known = {each.id: each.label for each in self.values(dimension)}
        for hit in results.hits:
            paragraph = self.document(hit.id).paragraphs[hit.paragraph]
            for label in paragraph.labels.get(dimension, ()):
                if value in [each.id for each in (*label.value.ancestors, label.value)]:
                    for mention in label.mentions:
                        forms.setdefault(replace(mention, start=0, end=0), []).append(hit.text)
        listed = [
            SurfaceForm(mention.text, mention.kind, mention.rule, len(ids), tuple(dict.fromkeys(ids))[:examples])
            for mention, ids in forms.items()
        ]
        listed.sort(key=lambda form: (-form.count, form.text))
        return Evidence(
            dimension, value, known.get(value, value), len({i for ids in forms.values() for i in ids}), tuple(listed)
        )

    def similar(self, paragraph_id: str, *, words: int = 2) -> str:
        """The longest words of the paragraph."""
        found = next(p for d in self._documents() for p in d.paragraphs if p.id == paragraph_id)
        return " ".join(sorted(set(re.findall(r"\w+", found.text)), key=lambda word: (-len(word), word))[:words])

    def months(self, request: Request, *, cancelled: Callable[[], bool] | None = None) -> dict[str, int]:
        found = self.search(
            replace(request, date_from=None, date_to=None, limit=10_000, offset=0), cancelled=cancelled
        ).hits
        months = sorted(hit.date[:7] for hit in found if hit.date)
        return {month: months.count(month) for month in months}

    def values(self, dimension: str) -> tuple[Value, ...]:
        if dimension not in self._known:
            found = {
                key: value
                for document in self._documents()
                for paragraph in document.paragraphs
                for key, value in self._bears(document, paragraph, dimension).items()
            }
            self._known[dimension] = tuple(found[key] for key in sorted(found))
        return self._known[dimension]

    def status(self) -> Status:
        documents = list(self._documents())
        return Status(len(documents), sum(len(each.paragraphs) for each in documents), self.generation, 4096, 1, 1)

    def refresh(self) -> bool:
        if self.trouble is not None:
            raise self.trouble
        moved = self.newer > self.generation
        self.generation = max(self.generation, self.newer)
        return moved

    def close(self) -> None:
        self.closed = True


def _is_region(dimension: str, value: Value) -> bool:
    return dimension == "countries" and value.parent is None


def _matches(request: Request, text: str) -> list[tuple[int, int]] | None:
    """Where the words of the query stand in `text`; None where one of them does not."""
    words = [word.strip('"') for word in request.query.lower().split()]
    spans: list[tuple[int, int]] = []
    for position, word in enumerate(words):
        last = position == len(words) - 1 and request.live and not request.query.endswith(" ")
        found = [match.span() for match in re.finditer(re.escape(word) + (r"\w*" if last else r"\b"), text.lower())]
        if not found:
            return None
        spans += found
    return sorted(set(spans))


def _hit(request: Request, document: StoredDocument, paragraph: StoredParagraph, spans: list[tuple[int, int]]) -> Hit:
    named = tuple(
        (mention.start, mention.end)
        for dimension, ids in request.filters.items()
        for label in paragraph.labels.get(dimension, ())
        if label.value.id in ids
        for mention in label.mentions
    )
    facets = {dimension: tuple(label.value.label for label in labels) for dimension, labels in paragraph.labels.items()}
    return Hit(
        paragraph.id, float(len(spans)), document.identity, document.title, document.date, document.source,
        paragraph.number, paragraph.text, tuple(spans), facets, named=named,
    )  # fmt: skip


def many(count: int) -> FakeEngine:
    """An engine over `count` paragraphs of one document each, for what scrolls."""
    return FakeEngine(
        tuple(
            (
                f"Report {number}",
                f"20{number % 20:02d}-01-01",
                f"Source {number % 7}",
                (f"Paragraph {number} on drones.",),
            )
            for number in range(count)
        )
    )
