"""The commands over a made-up engine: what they ask, what they write where, and how they end."""

from __future__ import annotations

import csv
import io
import json

import pytest

from searchkit.cli import opening
from searchkit.errors import (
    DamagedIndexError,
    DeadlineError,
    FormatError,
    LockedError,
    NoIndexError,
    QueryLimitError,
    SearchkitError,
)
from searchkit.model import Suggestion

COMMANDS = ["index", "rebuild", "search", "facets", "batch", "extract", "show", "status", "check", "tui", "serve"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run, command):
    code, out, err = run(command, "--help")
    assert code == 0
    assert f"searchkit {command}" in out.partition("Examples:")[2].partition("Options:")[0]
    assert err == ""


def test_the_filters_become_the_request(run, engine):
    code, _, _ = run(
        "search", "tanks", "--person", "Joe Biden", "--country", "UA", "--country", "RU", "--not-weapon", "Drones",
        "--filter", "topic=war", "--filter", "person=x=y", "--not", "year=2023", "--all-of", "country",
        "--from", "2024", "--to", "2024-11", "--source", "press", "--scope", "document", "--sort", "date", "--live",
        "--limit", "5", "--offset", "1", "--facet-limit", "3",
    )  # fmt: skip
    assert code == 0
    [request] = engine.requests
    assert request.query == "tanks"
    assert dict(request.filters) == {
        "people": ("Joe Biden", "x=y"), "countries": ("UA", "RU"), "topic": ("war",), "source": ("press",),
    }  # fmt: skip
    assert dict(request.exclude) == {"weapons": ("Drones",), "year": ("2023",)}
    assert request.all_of == ("countries",)
    assert (request.date_from, request.date_to) == ("2024", "2024-11")
    assert (request.scope, request.sort, request.live) == ("document", "date", True)
    assert (request.limit, request.offset, request.facet_limit) == (5, 1, 3)
    assert engine.closed


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ([], ""),
        ([""], ""),
        (["-tanks"], "-tanks"),
        (["--limit", "3", "-tanks"], "-tanks"),
        (["-tanks", "--limit", "3"], "-tanks"),
        (["drones", "-tanks", "-5"], "drones -tanks -5"),
        (["--", "-x"], "-x"),
        (["--", "--limit"], "--limit"),
        (["drones", "--", "--x", "-y"], "drones --x -y"),
        (["-"], "-"),
        (["--country", "-UA", "tanks"], "tanks"),
        (["--country=UA", "tanks"], "tanks"),
        (["--live", "zelens "], "zelens "),
        (["long-range missiles"], "long-range missiles"),
    ],
)
@pytest.mark.parametrize("command", ["search", "facets"])
def test_a_query_may_be_empty_absent_or_begin_with_a_dash(run, engine, command, arguments, query):
    code, _, err = run(command, *arguments)
    assert (code, err) == (0, "")
    assert engine.requests[0].query == query


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["search", "x", "--unknown"], "--unknown"),
        (["search", "x", "--limt", "3"], "--limit"),
        (["search", "--limit"], "requires an argument; see 'searchkit search --help'"),
        (["search", "-x", "--country"], "requires an argument"),
        (["search", "x", "--limit", "many"], "many"),
        (["search", "x", "--limit", "-1"], "-1"),
        (["search", "x", "--format", "xml"], "xml"),
        (["search", "x", "--scope", "page"], "page"),
        (["search", "x", "--from", "yesterday"], "yesterday"),
        (["search", "x", "--filter", "countries"], "DIMENSION=VALUE"),
        (["search", "x", "--filter", "planet=Mars"], "planet"),
        (["search", "x", "--not", "planet=Mars"], "planet"),
        (["search", "x", "--all-of", "planets"], "planets"),
        (["search", "x", "--why", "UA", "--format", "csv"], "--why"),
        (["facets", "--dimension", "planet"], "planet"),
        (["batch"], "FILE"),
        (["batch", "queries.xls"], ".csv"),
        (["show"], "ID"),
        (["serch", "x"], "search"),
        (["tui"], "terminal"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_wrong_usage_is_one_line_that_names_it_and_exit_2(run, arguments, said):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("searchkit: ")
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoIndexError("none"), 4),
        (DamagedIndexError("broken"), 5),
        (FormatError("old"), 1),
        (LockedError("locked"), 6),
    ],
)
@pytest.mark.parametrize(
    "arguments", [["search", "x"], ["facets"], ["batch", "missing.txt"], ["show", "p0"], ["status"]]
)
def test_an_index_that_cannot_be_opened(run, monkeypatch, error, code, arguments):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(opening, "open_engine", fail)
    assert run(*arguments) == (code, "", f"searchkit: {error}\n")


@pytest.mark.parametrize("error", [NoIndexError("none"), DamagedIndexError("broken"), LockedError("locked")])
@pytest.mark.parametrize(
    "wrong",
    [
        ["search", "x", "--filter", "planet=Mars"],
        ["search", "x", "--from", "soon"],
        ["search", "x", "--nope"],
        ["search", "x", "--country"],
        ["batch", "queries.xls"],
        ["batch", "missing.txt", "--to", "soon"],
        ["facets", "--dimension", "planet"],
    ],
)
def test_wrong_usage_beats_what_is_wrong_with_the_index(run, monkeypatch, error, wrong):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(opening, "open_engine", fail)
    assert run(*wrong)[0] == 2


@pytest.mark.parametrize("error", [QueryLimitError("too many clauses"), DeadlineError("took 2 s")])
def test_limits_end_with_1(run, engine, error):
    engine.raises = error
    assert run("search", "x") == (1, "", f"searchkit: {error}\n")


def test_the_unexpected_is_one_line_and_a_traceback_on_demand(run, engine):
    engine.raises = ZeroDivisionError("never\x1b[2J")
    code, out, err = run("search", "x")
    assert (code, out) == (1, "")
    assert err == (
        "searchkit: unexpected ZeroDivisionError: never<U+001B>[2J (for the traceback: searchkit --debug COMMAND ...)\n"
    )
    code, _, err = run("--debug", "search", "x")
    assert code == 1
    assert "Traceback" in err
    assert "\x1b" not in err


def test_an_interrupt_ends_with_130(run, engine):
    engine.raises = KeyboardInterrupt()
    assert run("search", "x") == (130, "", "searchkit: interrupted\n")


def test_errors_are_sanitised(run, engine):
    engine.raises = SearchkitError("file \x1b]0;x\x07\u202e.txt\nsearchkit: all is well")
    assert run("search", "x")[2] == ("searchkit: file <U+001B>]0;x<U+0007><U+202E>.txt searchkit: all is well\n")


@pytest.mark.usefixtures("engine")
def test_search_as_json(run):
    code, out, err = run("search", "missiles", "--format", "json", "--limit", "1")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["total"] == 2
    assert [hit["id"] for hit in answer["hits"]] == ["p0"]
    assert "\x1b" not in out


@pytest.mark.usefixtures("engine")
def test_search_as_jsonl_csv_and_markdown(run):
    lines = run("search", "missiles", "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["p0", "p1"]
    rows = list(csv.DictReader(io.StringIO(run("search", "missiles", "--format", "csv")[1])))
    assert rows[1]["text"].startswith("'=HYPERLINK")
    raw = list(csv.DictReader(io.StringIO(run("search", "missiles", "--format", "csv", "--raw")[1])))
    assert raw[1]["text"].startswith("=HYPERLINK")
    assert "**missiles**" in run("search", "missiles", "--format", "markdown")[1]


@pytest.mark.usefixtures("engine")
def test_zero_hits_are_no_failure_and_notes_go_to_standard_error(run):
    code, out, err = run("search", "nothing")
    assert code == 0
    assert "0 paragraphs" in out
    assert err == "searchkit: did you mean missile?\n"
    assert run("search", "noted", "--format", "jsonl")[2] == "searchkit: a note\n"
    assert run("search", "noted", "--format", "json")[2] == ""


def test_a_value_that_the_words_name_is_offered_as_an_option(run, engine):
    suggestions = (
        Suggestion("value", "joe b", "people", "joe-biden"),
        Suggestion("value", "wire", "source", "The Wire"),
    )
    engine.suggestions = suggestions
    assert run("search", "joe b")[2] == (
        "searchkit: 'joe b' is also a value: --person joe-biden\n"
        "searchkit: 'wire' is also a value: --filter 'source=The Wire'\n"
    )


@pytest.mark.usefixtures("engine")
def test_why_a_value_counts(run):
    for named in ("UA", "countries=UA", "country=UA"):
        code, out, err = run("search", "missiles", "--why", named)
        assert (code, err) == (0, "")
        assert "Kyiv" in out
    assert json.loads(run("search", "--why", "UA", "--format", "json")[1])["why"][0]["forms"][0]["kind"] == "capital"
    assert run("search", "missiles", "--why", "Mars") == (0, "", "searchkit: no hit names 'Mars'\n")


def test_facets_as_json(run, engine):
    code, out, _ = run("facets", "missiles", "--dimension", "country", "--limit", "3", "--format", "json")
    assert code == 0
    assert list(json.loads(out)) == ["schema", "query", "total", "facets"]
    assert engine.requests[0].dimensions == ("countries",)
    assert engine.requests[0].facet_limit == 3
    assert engine.requests[0].limit == 0


@pytest.mark.usefixtures("engine")
def test_show_as_json_and_text(run):
    code, out, _ = run("show", "p1", "--context", "1", "--format", "json")
    shown = json.loads(out)
    assert code == 0
    assert shown["id"] == "p1"
    assert shown["facets"] == {"people": [], "countries": ["Ukraine"], "weapons": []}
    assert shown["context"] == [
        {"id": "p0", "paragraph": 0, "text": "Kyiv asked for long-range missiles again."},
        {"id": "p2", "paragraph": 2, "text": "Nothing more was said on the matter."},
    ]
    assert json.loads(run("show", "p1", "--context", "0", "--format", "json")[1])["context"] == []
    code, out, _ = run("show", "p0")
    assert code == 0
    assert ">    1  Kyiv" in out, "people count from 1, as under a hit"
    assert "\x1b" not in out
    assert run("show", "unknown") == (1, "", "searchkit: no paragraph has the id 'unknown'\n")


@pytest.mark.usefixtures("engine")
def test_status(run):
    code, out, _ = run("status", "--format", "json")
    assert code == 0
    assert json.loads(out) == {
        "documents": 1, "paragraphs": 3, "generation": 7, "bytes": 12345, "segments": 1, "format_version": 1,
        "labels_current": True, "curation": None,
    }  # fmt: skip
    assert "paragraphs" in run("status")[1]


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("searchkit ")


def test_no_command_is_help(run):
    code, out, err = run()
    assert code == 2
    assert "Commands:" in out + err


def test_a_folder_that_may_not_be_read_is_named(run, engine):
    engine.raises = PermissionError(13, "Permission denied", "/index/CURRENT")
    assert run("search", "x") == (1, "", "searchkit: /index/CURRENT: Permission denied\n")
