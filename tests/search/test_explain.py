"""Explanations: each clause with what it finds by itself, in each segment, and the time of each step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpora import document, write

from searchkit.cli.explaining import write_explanation
from searchkit.model import ExplainedClause, Request
from searchkit.output import explanation_object
from searchkit.search.local import LocalEngine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    directory: Path = tmp_path_factory.mktemp("index")
    write(directory, document("a", "long range missiles", "missiles", date="2024"))
    write(directory, document("b", "a long war", date="2023"))
    with LocalEngine.open(directory) as engine:
        yield engine


def flat(clause: ExplainedClause) -> list[tuple[str, int]]:
    return [(clause.text, clause.hits), *(one for part in clause.parts for one in flat(part))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("missiles", [("missiles", 2)]),
        ("", [("*:*", 3)]),
        (
            "long-range -war",
            [("all of", 1), ('"long range"', 1), ("long", 2), ("range", 1), ("without", 2), ("war", 1)],
        ),
        ("war OR mis*", [("any of", 3), ("war", 1), ("mis* (1 words)", 2)]),
        ("zebra", [("zebra", 0)]),
    ],
)
def test_each_clause_has_what_it_finds(engine: LocalEngine, query: str, expected: list[tuple[str, int]]):
    assert flat(engine.explain(Request(query)).plan) == expected


def test_the_answer_is_that_of_a_search_and_its_steps_are_timed(engine: LocalEngine):
    request = Request("long", date_from="2024")
    explanation = engine.explain(request)
    found = engine.search(request)
    assert (explanation.results.total, explanation.results.hits) == (found.total, found.hits)
    assert explanation.plan.hits == 2, "whatever dates are asked for"
    assert sum(explanation.plan.per_segment) == 2
    assert len(explanation.plan.per_segment) == len(explanation.segments)
    assert {"parse and plan", "match", "count and rank", "list the facets"} <= explanation.steps.keys()
    assert all(took >= 0 for took in explanation.steps.values())


@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(engine: LocalEngine, width: int, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(width))
    write_explanation(engine.explain(Request('"long range" OR war\x1b[31m', date_from="2024")))
    lines = capsys.readouterr().err.splitlines()
    assert any("any of" in line for line in lines)
    assert "\x1b" not in "".join(lines)
    assert max(map(len, lines)) <= width


def test_as_data(engine: LocalEngine):
    made = json.loads(json.dumps(explanation_object(engine.explain(Request("war missiles")))))
    assert made["plan"]["clause"] == "all of"
    assert [part["hits"] for part in made["plan"]["parts"]] == [1, 2]
    assert made["steps_ms"]
