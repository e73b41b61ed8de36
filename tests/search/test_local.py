"""The engine: pages, order, generations that move on, evidence, and the notes of a query without hits."""

from __future__ import annotations

import gc
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import ATACMS, VALUES, document, write

from searchkit.errors import CancelledError, DeadlineError, NoIndexError, NotFoundError, UsageError
from searchkit.index.current import Current
from searchkit.index.writer import IndexWriter
from searchkit.model import Label, Mention, Request, Value
from searchkit.search import finding
from searchkit.search.local import LocalEngine

UKRAINE = VALUES["countries"][0]


def label(value: Value, text: str, start: int, end: int, kind: str = "name") -> Label:
    return Label(value, (Mention(start, end, text[start:end], kind, "table"),))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    kyiv, ukraine = "Kyiv was hit by ATACMS", "Ukraine was hit and hit"
    write(
        tmp_path,
        (
            document("a", kyiv, "quiet", date="2024-11-17", source="Reuters"),
            [{"countries": (label(UKRAINE, kyiv, 0, 4, "capital"),), "weapons": (label(ATACMS, kyiv, 16, 22),)}, {}],
        ),
        (document("b", ukraine, date="2024-11", source="BBC"), [{"countries": (label(UKRAINE, ukraine, 0, 7),)}]),
        document("c", "the hit parade"),
    )
    return tmp_path


@pytest.fixture
def engine(index: Path):
    with LocalEngine.open(index) as engine:
        yield engine


def names(engine: LocalEngine, **options: object) -> list[str]:
    return [hit.document for hit in engine.search(Request("hit", **options)).hits]  # type: ignore[arg-type]


def test_pages(engine: LocalEngine):
    everything = names(engine)
    assert sorted(everything) == ["a", "b", "c"]
    assert [names(engine, limit=1, offset=at) for at in range(4)] == [[name] for name in everything] + [[]]
    assert names(engine, limit=0) == []
    assert engine.search(Request("hit", limit=0)).total == 3


def test_orders(engine: LocalEngine):
    assert names(engine, sort="date") == ["a", "b", "c"]  # the day, then the month that begins before it, then none
    assert names(engine, sort="source") == ["b", "a", "c"]
    assert names(engine)[0] == "b"  # twice


@pytest.mark.parametrize("commits", [1, 4])
def test_scores_are_the_same_in_every_order(tmp_path: Path, commits: int):
    """By date the page is no ascending list of paragraphs, nor one that takes a segment after the other."""
    dates = ("2022", "2024", "2021", "2023", "2020", "2025", None, "2019")
    every = [document(str(i), "x " * (i + 1) + "y", date=date) for i, date in enumerate(dates)]
    for at in range(commits):
        write(tmp_path, *every[at::commits])
    with LocalEngine.open(tmp_path) as engine:
        for query in ("x", "x y", "x OR z", "x -z", "x*", '"x y"'):
            scores = [
                {hit.document: hit.score for hit in engine.search(Request(query, sort=sort)).hits}
                for sort in ("relevance", "date", "source")
            ]
            assert len(scores[0]) == len(dates)
            assert scores[0] == scores[1] == scores[2]


def test_ties_are_newest_first_undated_last_then_by_id(tmp_path: Path):
    dates = (None, "2022", "2024-11-17", "2024-11-17", None, "2023-05")
    write(tmp_path, *(document(f"{number}", "x", date=date) for number, date in enumerate(dates)))
    with LocalEngine.open(tmp_path) as engine:
        hits = engine.search(Request("x")).hits
        assert [hit.date for hit in hits] == ["2024-11-17", "2024-11-17", "2023-05", "2022", None, None]
        assert hits[0].id < hits[1].id
        assert hits[4].id < hits[5].id
        assert len({hit.score for hit in hits}) == 1


def test_what_a_hit_says(engine: LocalEngine):
    (hit,) = engine.search(Request("kyiv")).hits
    assert (hit.document, hit.paragraph, hit.text, hit.date, hit.source, hit.title) == (
        *("a", 0, "Kyiv was hit by ATACMS", "2024-11-17", "Reuters", None),
    )
    assert hit.facets == {"people": (), "countries": ("Ukraine",), "weapons": ("ATACMS",)}
    assert hit.highlights == ((0, 4),)
    assert hit.document_hits is None
    stored = engine.document(hit.id)
    assert [paragraph.text for paragraph in stored.paragraphs] == ["Kyiv was hit by ATACMS", "quiet"]
    assert stored.paragraphs[0].id == hit.id
    assert [paragraph.highlights for paragraph in stored.paragraphs] == [(), ()]
    marked = engine.document(hit.id, Request("quiet OR hit"))
    assert [paragraph.highlights for paragraph in marked.paragraphs] == [((9, 12),), ((0, 5),)]


def test_where_selected_values_are_named(engine: LocalEngine):
    hits = engine.search(Request("", filters={"countries": ("UA",), "year": ("2024",)})).hits
    assert {hit.document: hit.named for hit in hits} == {"a": ((0, 4),), "b": ((0, 7),)}
    assert [hit.named for hit in engine.search(Request("", filters={"year": ("2024",)})).hits] == [()] * 3
    region = UKRAINE.parent.id
    assert {hit.named for hit in engine.search(Request("", filters={"countries": (region,)})).hits} == {
        ((0, 4),),
        ((0, 7),),
    }


@pytest.mark.parametrize("bad", ["", "x", "0" * 16, "f" * 17, "\ud800", "0x00000000000000", " " * 16])
def test_an_unknown_id(engine: LocalEngine, bad: str):
    with pytest.raises(NotFoundError, match="no paragraph has the id"):
        engine.document(bad)


def test_an_id_is_only_found_as_it_is_written(engine: LocalEngine):
    written = next(hit.id for hit in engine.search(Request("")).hits if hit.id != hit.id.upper())
    assert engine.document(written)
    with pytest.raises(NotFoundError):
        engine.document(written.upper())


def test_dates_are_inclusive_and_partial_ones_cover_their_period(engine: LocalEngine):
    assert sorted(names(engine, date_from="2024-11-17", date_to="2024-11-17")) == ["a", "b"]
    assert names(engine, date_from="2024-11-18") == ["b"]
    assert sorted(names(engine, date_to="2024")) == ["a", "b"]
    assert names(engine, date_to="2023") == []


def test_months(engine: LocalEngine):
    assert engine.months(Request("hit")) == {"2024-11": 2}
    assert engine.months(Request("", scope="document", date_from="2025")) == {"2024-11": 2}
    assert engine.months(Request("", filters={"source": ("Reuters",)})) == {"2024-11": 2}
    assert engine.months(Request("parade")) == {}


def test_a_dimension_that_is_not_there(engine: LocalEngine):
    for options in ({"filters": {"x": ("y",)}}, {"exclude": {"x": ()}}, {"all_of": ("x",)}, {"dimensions": ("x",)}):
        with pytest.raises(UsageError, match="there is no dimension 'x'; there are people"):
            engine.search(Request(**options))


def test_listed_values(engine: LocalEngine):
    found = engine.search(Request("hit", filters={"countries": ("UA", "Narnia")}, exclude={"weapons": ("x-drones",)}))
    assert found.total == 2
    values = [(one.id, one.count, one.selected, one.excluded) for one in found.facets["countries"].values]
    assert values == [("UA", 2, True, False), ("Narnia", 0, True, False)]
    assert [(one.value, one.path) for one in found.facets["weapons"].values if one.id == "x-atacms"] == [
        ("ATACMS", ("Weapons", "Missiles", "Ballistic missiles", "ATACMS"))
    ]
    assert [(one.id, one.count, one.excluded) for one in found.facets["weapons"].values][-1] == ("x-drones", 0, True)
    assert any("Narnia" in note for note in found.notes)
    regions = engine.search(Request("hit", filters={"countries": ("151",)})).facets["countries"]
    assert [(one.id, one.count, one.selected) for one in regions.values] == [("151", 2, True), ("UA", 2, False)]


def test_groups_are_listed_and_counted_where_they_are_asked_for(tmp_path: Path):
    ukraine, russia, korea = VALUES["countries"]
    both = {"countries": (Label(ukraine), Label(russia))}
    write(
        tmp_path,
        (document("a", "x", "x", "x"), [both, {"countries": (Label(russia),)}, {"countries": (Label(korea),)}]),
    )
    with LocalEngine.open(tmp_path) as engine:
        plain = engine.search(Request("x")).facets["countries"]
        found = engine.search(Request("x", groups=("countries",))).facets["countries"]
        first = engine.search(Request("x", groups=("countries",), facet_limit=1)).facets["countries"]
        by_name = engine.search(Request("x", groups=("countries",), facet_order="name")).facets["countries"]
    assert [(one.value, one.count) for one in plain.values] == [("Russia", 2), ("North Korea", 1), ("Ukraine", 1)]
    assert [(one.value, one.count) for one in found.values] == [
        ("Eastern Europe", 2), ("Europe", 2), ("Russia", 2), ("Asia", 1), ("North Korea", 1), ("Ukraine", 1),
    ]  # fmt: skip
    assert (found.distinct, found.more) == (plain.distinct, plain.more) == (3, 0)
    assert [one.value for one in first.values] == ["Eastern Europe", "Europe", "Russia"]
    assert (first.distinct, first.more) == (3, 2)
    assert [one.value for one in by_name.values][:3] == ["Asia", "Eastern Europe", "Europe"]


def test_counts_may_heed_their_own_selection(engine: LocalEngine):
    chosen = Request("", filters={"year": ("2024",), "source": ("BBC",)}, dimensions=("source",))
    sideways, straight = (engine.search(replace(chosen, sideways=way)).facets["source"].values for way in (True, False))
    assert [(one.value, one.count) for one in sideways] == [("Reuters", 2), ("BBC", 1)]
    assert [(one.value, one.count) for one in straight] == [("BBC", 1)]


def test_facets_by_name_and_by_distinctiveness(tmp_path: Path):
    often, rare, other = VALUES["people"][0], VALUES["people"][3], VALUES["people"][1]
    mixed = [(often, "x")] * 6 + [(often, "y")] * 6 + [(rare, "y")] * 4 + [(other, "x")]
    write(tmp_path, *((document(f"{n}", text), [{"people": (Label(value),)}]) for n, (value, text) in enumerate(mixed)))
    with LocalEngine.open(tmp_path) as engine:
        orders = {
            order: [v.id for v in engine.search(Request("y", facet_order=order)).facets["people"].values]
            for order in ("count", "name", "distinctiveness")
        }
    assert orders == {"count": ["p0", "p3"], "name": ["p0", "p3"], "distinctiveness": ["p3", "p0"]}


def test_evidence(engine: LocalEngine):
    for name in ("UA", "ukraine", "Kyiv"):
        evidence = engine.why(Request("hit"), "countries", name)
        assert (evidence.id, evidence.value, evidence.count) == ("UA", "Ukraine", 2)
        assert [(form.text, form.kind, form.count) for form in evidence.forms] == [
            *(("Kyiv", "capital", 1), ("Ukraine", "name", 1)),
        ]
        assert evidence.forms[0].examples == ("Kyiv was hit by ATACMS",)
    assert engine.why(Request("hit"), "weapons", "x-missiles").forms[0].text == "ATACMS"
    assert engine.why(Request("quiet"), "countries", "UA").count == 0
    with pytest.raises(NotFoundError, match="no weapons value 'Narnia'"):
        engine.why(Request(), "weapons", "Narnia")
    with pytest.raises(UsageError, match="no dimension 'x'"):
        engine.why(Request(), "x", "UA")


def test_values_and_status(engine: LocalEngine):
    assert [value.id for value in engine.values("countries")] == ["150", "151", "UA"]
    status = engine.status()
    assert (status.documents, status.paragraphs, status.generation, status.segments) == (3, 4, 1, 1)
    assert status.bytes > 0
    assert engine.dimensions == ("people", "countries", "weapons", "source", "year")


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("zebra", "no paragraph has zebra"),
        ("zebras", "no paragraph has zebras"),
        ('"long zebras"', 'no paragraph has "long zebras"'),
        ("hit zebra", "no paragraph has zebra"),
        ("quiet parade", "no paragraph has quiet"),
    ],
)
def test_a_query_without_hits_says_why(engine: LocalEngine, query: str, note: str):
    results = engine.search(Request(query))
    assert results.total == 0
    assert any(note in one for one in results.notes), results.notes


def test_an_empty_index_says_so(tmp_path: Path):
    write(tmp_path, document("a", "hit"))
    with IndexWriter(tmp_path) as writer:
        writer.remove("a")
        writer.commit()
    with LocalEngine.open(tmp_path) as engine:
        assert engine.search(Request("")).notes == ("the index is empty",)
        assert engine.search(Request("hit", filters={"year": ("2024",)})).notes[-1] == "the index is empty"


def test_spellings_that_occur_are_offered(engine: LocalEngine):
    offered = engine.search(Request("paradde")).suggestions
    assert ("spelling", "parade") in [(one.kind, one.text) for one in offered]
    assert [(one.dimension, one.id) for one in engine.search(Request("ukra")).suggestions] == [("countries", "UA")]


def test_refreshing(index: Path):
    engine = LocalEngine.open(index)
    assert not engine.refresh()
    write(index, document("d", "another hit"))
    assert engine.search(Request("hit")).total == 3
    assert engine.refresh()
    assert (engine.generation, engine.search(Request("hit")).total) == (2, 4)
    engine.close()
    engine.close()
    with pytest.raises(NoIndexError):
        LocalEngine.open(index / "nothing")


def test_of_two_refreshes_the_slower_one_does_not_lead_back(index: Path, monkeypatch: pytest.MonkeyPatch):
    engine = LocalEngine.open(index)
    opened, overtaken, open_current = threading.Event(), threading.Event(), Current.open

    def slow_the_first_time(*where: Path | None) -> Current:
        current = open_current(*where)
        if not opened.is_set():
            opened.set()
            overtaken.wait(0.3)
        return current

    monkeypatch.setattr(Current, "open", slow_the_first_time)
    write(index, document("d", "another hit"))
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(engine.refresh)
        opened.wait()
        write(index, document("e", "another hit"))
        threads.submit(engine.refresh).add_done_callback(lambda _: overtaken.set())
        assert slow.result()
    assert (engine.generation, engine.search(Request("hit")).total) == (3, 5)
    engine.close()


def test_an_index_that_was_deleted_and_made_anew_is_another_one(index: Path):
    engine = LocalEngine.open(index)
    generation = engine.generation
    shutil.rmtree(index)
    with pytest.raises(NoIndexError):
        engine.refresh()
    write(index, document("d", "another hit"))
    assert engine.refresh()
    assert (engine.generation, engine.search(Request("hit")).total) == (generation, 1)
    assert not engine.refresh()
    engine.close()


def test_a_search_keeps_the_generation_that_it_began_with(index: Path):
    """Refreshed and closed meanwhile, and two newer generations written."""
    engine = LocalEngine.open(index, deadline=3600)  # what is written meanwhile counts as time of the search

    def meanwhile() -> bool:
        nonlocal done
        if not done:
            done = True
            for name in "xyz":
                write(index, document(name, "hit"), document("a", "hit"))
                engine.refresh()
        return False

    done = False
    assert engine.search(Request("hit"), cancelled=meanwhile).total == 3
    assert engine.search(Request("hit")).total == 6
    engine.close()


def test_threads(engine: LocalEngine):
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert engine.search(Request("hit OR mis*", filters={"countries": ("UA",)})).total == 2
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_giving_up(index: Path):
    with LocalEngine.open(index, deadline=-1.0) as engine, pytest.raises(DeadlineError):
        engine.search(Request("hit"))
    with LocalEngine.open(index) as engine, pytest.raises(CancelledError):
        engine.search(Request("hit"), cancelled=lambda: True)


def test_a_title_raises_and_never_selects(tmp_path: Path):
    write(
        tmp_path,
        document("a", "war and peace"),
        document("b", "war and quiet", title="War"),
        document("c", "x", title="War"),
    )
    with LocalEngine.open(tmp_path) as engine:
        hits = engine.search(Request("war")).hits
        assert [hit.document for hit in hits] == ["b", "a"]
        assert hits[0].score > hits[1].score
        assert sorted(hit.document for hit in engine.search(Request("title:war")).hits) == ["b", "c"]


def test_a_closed_engine_has_no_file_open(index: Path):
    """At once, whatever the garbage collector does: readers that reopen often would run out of descriptors."""
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("this system does not list open files")
    gc.collect()
    gc.disable()
    try:
        before = len(list(descriptors.iterdir()))
        for _ in range(3):
            with LocalEngine.open(index) as engine:
                engine.search(Request("hit", filters={"countries": ("UA",)}, scope="document"))
                engine.search(Request("par* -quiet", exclude={"countries": ("UA",)}, sort="date"))
                engine.search(Request("zebra"))
            del engine
        assert len(list(descriptors.iterdir())) == before
    finally:
        gc.enable()


def test_a_warm_engine_answers_as_a_cold_one(index: Path, monkeypatch):
    monkeypatch.setattr(finding, "_MANY", 0)
    asked = [Request("m", live=True), Request("missiles OR b", live=True), Request("missil*")]
    with LocalEngine.open(index) as cold, LocalEngine.open(index) as warm:
        warm.warm()
        for request in asked:
            assert replace(warm.search(request), took_ms=0) == replace(cold.search(request), took_ms=0)
