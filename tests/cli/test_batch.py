"""Many queries at once: three ways in, three ways out, and rows that cannot be answered."""

from __future__ import annotations

import csv
import io
import json

import pytest

from searchkit.cli import batch_input
from searchkit.cli.filters import Filters
from searchkit.errors import DamagedIndexError, DeadlineError


def objects(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_lines_of_text_are_answered_in_order(run, engine, tmp_path, jobs):
    queries = [f"query {number}" for number in range(40)]
    queries[7] = "nothing"
    file = tmp_path / "queries.txt"
    file.write_text("\n".join(queries) + "\n")
    code, out, err = run("batch", str(file), "--jobs", jobs, "--limit", "1", "--country", "UA")
    answers = objects(out)
    assert (code, err) == (0, "")
    assert [answer["query"] for answer in answers] == queries
    assert [answer["id"] for answer in answers] == list(range(1, 41))
    assert [answer["status"] for answer in answers] == ["zero" if query == "nothing" else "ok" for query in queries]
    assert all(len(answer["hits"]) <= 1 for answer in answers)
    assert all(dict(request.filters) == {"countries": ("UA",)} for request in engine.requests)


def test_an_answer_is_what_search_prints_with_id_and_status(run, engine, tmp_path):
    (tmp_path / "q.txt").write_text("missiles")
    arguments = ["--person", "Joe Biden", "--scope", "document", "--sort", "date", "--facet-limit", "5", "--live"]
    [answer] = objects(run("batch", str(tmp_path / "q.txt"), *arguments)[1])
    assert list(answer)[:2] == ["id", "status"]
    del answer["id"], answer["status"]
    assert answer == json.loads(run("search", "missiles", *arguments, "--format", "json")[1])
    assert engine.requests[0] == engine.requests[1]


@pytest.mark.usefixtures("engine")
def test_empty_lines_ask_nothing_but_count(run, tmp_path):
    (tmp_path / "q.txt").write_bytes(b"\xef\xbb\xbfone\r\n\r\n  \r\n-four\r\n")
    answers = objects(run("batch", str(tmp_path / "q.txt"))[1])
    assert [(answer["id"], answer["query"]) for answer in answers] == [(1, "one"), (4, "-four")]


def test_columns_add_to_the_filters_of_the_command_line(run, engine, tmp_path):
    (tmp_path / "q.csv").write_text(
        "id,query,person,country,weapon,not_person,not_country,not_weapon,from,to,source,scope,limit\n"
        't1,missiles,Joe Biden; Putin,RU,tanks,A,B,"C;D",2023,2024,press,document,1\n'
        "t2,drones,,,,,,,,,,,\n"
    )
    code, out, _ = run("batch", str(tmp_path / "q.csv"), "--country", "UA", "--from", "2020", "--jobs", "1")
    assert code == 0
    assert [answer["id"] for answer in objects(out)] == ["t1", "t2"]
    first, second = engine.requests
    assert dict(first.filters) == {
        "people": ("Joe Biden", "Putin"), "countries": ("UA", "RU"), "weapons": ("tanks",), "source": ("press",),
    }  # fmt: skip
    assert dict(first.exclude) == {"people": ("A",), "countries": ("B",), "weapons": ("C", "D")}
    assert (first.date_from, first.date_to, first.scope, first.limit) == ("2023", "2024", "document", 1)
    assert dict(second.filters) == {"countries": ("UA",)}
    assert (second.date_from, second.scope, second.limit) == ("2020", "paragraph", 20)


def test_jsonl_takes_lists_and_strings(run, engine, tmp_path):
    rows = [
        {"id": 5, "query": "missiles", "person": ["Smith; Jones", "B"], "country": "UA;RU", "limit": 3, "from": 2024},
        {"query": "tanks", "person": None},
        {},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    code, out, err = run("batch", str(tmp_path / "q.jsonl"), "--jobs", "1")
    assert (code, err) == (0, "")
    assert [(answer["id"], answer["query"]) for answer in objects(out)] == [(5, "missiles"), (2, "tanks"), (3, "")]
    assert dict(engine.requests[0].filters) == {"people": ("Smith; Jones", "B"), "countries": ("UA", "RU")}
    assert (engine.requests[0].limit, engine.requests[0].date_from) == (3, "2024")
    assert dict(engine.requests[1].filters) == {}


BAD = [
    ('{"query": "broken', "not JSON"),
    ("[1]", "not a JSON object"),
    ('{"query": 3}', "'query'"),
    ('{"query": "x", "person": [1]}', "'person'"),
    ('{"query": "x", "limit": "many"}', "'limit'"),
    ('{"query": "x", "limit": -1}', "'limit'"),
    ('{"query": "x", "limit": true}', "'limit'"),
    ('{"query": "x", "scope": "page"}', "'scope'"),
    ('{"query": "x", "from": []}', "'from'"),
    ('{"query": "x", "from": "soon"}', "soon"),
]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("line", "said"), BAD)
def test_a_bad_row_is_named_and_the_rest_is_answered(run, tmp_path, line, said):
    file = tmp_path / "q.jsonl"
    file.write_text(f'{{"query": "one"}}\n{line}\n{{"query": "three"}}\n')
    code, out, err = run("batch", str(file))
    answers = objects(out)
    assert code == 3
    assert [answer["status"] for answer in answers] == ["ok", "error", "ok"]
    assert answers[1]["id"] == 2
    assert said in answers[1]["error"]
    assert err.startswith(f"searchkit: {file}:2: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("engine")
def test_a_row_with_too_many_cells_and_an_unknown_column(run, tmp_path):
    (tmp_path / "q.csv").write_text("id,query,colour\na,one,red\nb,two,blue,3\n")
    code, out, err = run("batch", str(tmp_path / "q.csv"))
    assert code == 3
    assert [(answer["id"], answer["status"]) for answer in objects(out)] == [("a", "ok"), ("b", "error")]
    assert "q.csv: not a filter, so ignored: colour\n" in err
    assert "q.csv:3: more cells than columns\n" in err


def test_a_query_past_its_limits_is_an_error_of_its_row(run, engine, tmp_path):
    (tmp_path / "q.txt").write_text("slow\n")
    engine.raises = DeadlineError("took longer than 2 s")
    code, out, err = run("batch", str(tmp_path / "q.txt"))
    assert code == 3
    assert objects(out) == [{"id": 1, "status": "error", "error": "took longer than 2 s", "schema": 1, "query": "slow"}]
    assert "q.txt:1: took longer than 2 s" in err


def test_damage_ends_the_run(run, engine, tmp_path):
    (tmp_path / "q.txt").write_text("one\ntwo\n")
    engine.raises = DamagedIndexError("segment 3 is cut short")
    assert run("batch", str(tmp_path / "q.txt")) == (5, "", "searchkit: segment 3 is cut short\n")


@pytest.mark.usefixtures("engine")
def test_csv_out_has_the_query_first(run, tmp_path):
    (tmp_path / "q.csv").write_text("id,query\n=a,missiles\nb,nothing\n")
    rows = list(csv.reader(io.StringIO(run("batch", str(tmp_path / "q.csv"), "--format", "csv")[1])))
    assert rows[0][:3] == ["query_id", "id", "document"]
    assert [row[:2] for row in rows[1:]] == [["'=a", "p0"], ["'=a", "p1"]]


@pytest.mark.usefixtures("engine")
def test_trec_out(run, tmp_path):
    (tmp_path / "q.csv").write_text("id,query\ntopic 1,missiles\n2,nothing\n3,tanks\n")
    assert run("batch", str(tmp_path / "q.csv"), "--format", "trec")[1].splitlines() == [
        "topic_1 Q0 p0 1 3.5 searchkit",
        "topic_1 Q0 p1 2 2.5 searchkit",
        "3 Q0 p0 1 3.5 searchkit",
        "3 Q0 p1 2 2.5 searchkit",
    ]


@pytest.mark.usefixtures("engine")
def test_output_goes_to_a_file_when_it_is_complete(run, engine, tmp_path):
    (tmp_path / "q.txt").write_text("one\n")
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    assert run("batch", str(tmp_path / "q.txt"), "--output", str(target)) == (0, "", "")
    assert objects(target.read_text())[0]["query"] == "one"
    engine.raises = DamagedIndexError("broken")
    before = target.read_text()
    assert run("batch", str(tmp_path / "q.txt"), "--output", str(target))[0] == 5
    assert target.read_text() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "q.txt"]
    code, _, err = run("batch", str(tmp_path / "q.txt"), "--output", str(tmp_path / "no" / "out.jsonl"))
    assert code == 1
    assert "out.jsonl: cannot be written" in err


@pytest.mark.usefixtures("engine")
def test_inputs_that_cannot_be_read(run, tmp_path):
    code, out, err = run("batch", str(tmp_path / "missing.txt"))
    assert (code, out) == (3, "")
    assert "missing.txt: cannot be read: no such file or directory" in err
    (tmp_path / "latin.txt").write_bytes(b"one\nM\xfcnchen\n")
    code, _, err = run("batch", str(tmp_path / "latin.txt"))
    assert code == 3
    assert "latin.txt:2: not UTF-8" in err
    (tmp_path / "empty.csv").write_bytes(b"")
    assert run("batch", str(tmp_path / "empty.csv")) == (0, "", "")


def test_filters_given_later_add_up_or_replace():
    first = Filters(person=["A"], scope="document", from_="2020")
    second = Filters(person=["B"], country=["UA"], from_="2021")
    assert first.merged(second) == Filters(person=["A", "B"], country=["UA"], scope="document", from_="2021")


@pytest.mark.parametrize("text", ["missiles\ntanks\n", "id;query\na;missiles\n"])
@pytest.mark.usefixtures("engine")
def test_csv_without_any_known_column_asks_nothing(run, tmp_path, text):
    (tmp_path / "q.csv").write_text(text)
    code, out, err = run("batch", str(tmp_path / "q.csv"))
    assert (code, out) == (3, "")
    assert "q.csv: its first line names no column of queries" in err


def test_rows_of_csv_may_span_lines():
    rows = list(batch_input._csv("q.csv", 'query,id\n"two\nlines",a\nnext,\n'))
    assert [(row.query, row.id, row.place) for row in rows] == [("two\nlines", "a", "q.csv:2"), ("next", 2, "q.csv:4")]
