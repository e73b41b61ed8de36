"""A made-up engine, and the command line run in this process over it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from searchkit.cli import main, opening
from searchkit.errors import NotFoundError, UsageError
from searchkit.model import (
    ENTITY_DIMENSIONS,
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

UKRAINE = Value("UA", "Ukraine", Value("151", "Eastern Europe"))
TEXTS = (
    "Kyiv asked for long-range missiles again.",
    '=HYPERLINK("http://x") was what the file said, and Ukraine\'s missiles \x1b]52;c;ZWNobw==\x07 flew.',
    "Nothing more was said on the matter.",
)


def made_up_hit(number: int, **changes: object) -> Hit:
    start = TEXTS[number].find("missiles")
    hit = Hit(
        id=f"p{number}",
        score=3.5 - number,
        document="seeds/one.txt",
        title="A title with *stars*",
        date="2024-11-19",
        source=None,
        paragraph=number,
        text=TEXTS[number],
        highlights=((start, start + 8),) if start >= 0 else (),
        facets={"people": (), "countries": ("Ukraine",), "weapons": ("Missiles",)},
    )
    return hit._replace(**changes)


def made_up_facets() -> dict[str, Facet]:
    return {
        "people": Facet(),
        "countries": Facet((FacetValue("UA", "Ukraine", 2, True, False, ("Eastern Europe", "Ukraine")),), 1, 0),
        "weapons": Facet((FacetValue("missile", "Missiles", 2, False, False, ("Weapons", "Missiles")),), 9, 8),
    }


@dataclass
class FakeEngine:
    """Remembers what it was asked, and answers the same two hits to anything but the query `nothing`."""

    requests: list[Request] = field(default_factory=list)
    closed: bool = False
    generation: int = 7
    dimensions: tuple[str, ...] = (*ENTITY_DIMENSIONS, "source", "year", "topic")
    raises: Exception | None = None
    suggestions: tuple[Suggestion, ...] = ()

    def search(self, request: Request, *, cancelled=None) -> Results:  # noqa: ARG002 - of the protocol
        self.requests.append(request)
        if self.raises is not None:
            raise self.raises
        hits = () if request.query == "nothing" else (made_up_hit(0), made_up_hit(1))
        return Results(
            query=request.query,
            parsed=f"text:{request.query}",
            scope=request.scope,
            total=len(hits),
            hits=hits[request.offset : request.offset + request.limit],
            facets={name: facet for name, facet in made_up_facets().items() if name in request.dimensions},
            took_ms=1.23456,
            notes=("a note",) if request.query == "noted" else (),
            suggestions=(Suggestion("spelling", "missile"),) if request.query == "nothing" else self.suggestions,
            total_documents=1 if request.scope == "document" else None,
        )

    def document(self, paragraph_id: str) -> StoredDocument:
        if not paragraph_id.startswith("p"):
            raise NotFoundError(f"no paragraph has the id '{paragraph_id}'")
        labels = {"countries": (Label(UKRAINE, (Mention(0, 4, "Kyiv", "capital", "table"),)),)}
        paragraphs = (StoredParagraph(f"p{number}", number, text, labels) for number, text in enumerate(TEXTS))
        return StoredDocument("seeds/one.txt", "A title", None, "press", tuple(paragraphs))

    def why(self, request: Request, dimension: str, value: str, *, examples: int = 3):  # noqa: ARG002 - of the protocol
        if dimension != "countries":
            raise UsageError(f"no value is called '{value}'")
        if value != "UA":
            return Evidence(dimension, value, value, 0, ())
        return Evidence(dimension, "UA", "Ukraine", 2, (SurfaceForm("Kyiv", "capital", "table", 1, (TEXTS[0],)),))

    def values(self, dimension: str) -> tuple[Value, ...]:
        return (UKRAINE, Value("UG", "Uganda")) if dimension == "countries" else ()

    def status(self) -> Status:
        return Status(documents=1, paragraphs=3, generation=7, bytes=12_345, segments=1, format_version=1)

    def refresh(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def engine(monkeypatch) -> FakeEngine:
    made_up = FakeEngine()
    monkeypatch.setattr(opening, "open_engine", lambda *_: made_up)
    return made_up


@pytest.fixture
def run(capsys):
    """Run the command line; gives the exit code, what stands on standard output and on standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
