"""From documents to a segment: terms and positions are the analyzer's, ids are stable, labels come back."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from corpora import ATACMS, BALLISTIC, MISSILES, QUICK, VALUES, VOCABULARY, WEAPONS, document, examples, texts, write
from hypothesis import given
from hypothesis import strategies as st
from segments import Inverted, inverted

from searchkit.index import build
from searchkit.index.facets import FacetBuilder
from searchkit.index.schema import TEXT_FIELD, TITLE_FIELD, WORD_FIELD, schema
from searchkit.index.segment import Segment, write_segment
from searchkit.index.snapshot import Snapshot
from searchkit.model import Document, Label, LabelColumn, Mention, Value

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
#: What the rules are about, in any order, so that tokens are made that hold several words.
ODD = st.lists(st.sampled_from([*VOCABULARY, *" -'.,\u2019\u00ad\u0301\u200d\u20104sS中é"]), max_size=15).map("".join)


def analysed(field: str, some: Sequence[str]) -> Inverted:
    """Term -> text -> positions, as the field's own Whoosh analyzer has them."""
    found: Inverted = defaultdict(lambda: defaultdict(list))
    for number, text in enumerate(some):
        for token in schema()[field].analyzer(text, positions=True):
            found[token.text][number].append(token.pos)
    return {term: dict(places) for term, places in found.items()}


def segment_of(folder: str | Path, *documents: Document) -> Segment:
    write_segment(Path(folder) / "s", build.segment_arrays([(one, [{}] * len(one.paragraphs)) for one in documents]))
    return Segment(Path(folder) / "s")


def same_as_analysed(some: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        titled = [document(str(number), text, title=text) for number, text in enumerate(some)]
        segment = segment_of(folder, *titled)
        for field in (TEXT_FIELD, WORD_FIELD, TITLE_FIELD):
            expected = analysed(field, some)
            assert inverted(segment, field) == expected
            lengths = [sum(len(places.get(number, ())) for places in expected.values()) for number in range(len(some))]
            assert segment.lengths(field).tolist() == lengths
        assert [segment.text(number) for number in range(len(some))] == list(some)


@examples(50)
@given(st.lists(ANY_TEXT, max_size=4))
def test_terms_and_positions_are_the_analyzers(some: list[str]):
    same_as_analysed(some)


@examples(50)
@given(st.lists(ODD | texts(), max_size=6))
def test_terms_and_positions_of_odd_tokens_are_the_analyzers(some: list[str]):
    same_as_analysed(some)


def test_every_character_of_unicode():
    """Each in the middle of a word, at its ends, and alone: of every block some."""
    everything = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
    step = 1 << 14
    for at in range(0, 0x30000, step):  # what lies beyond is not assigned, but for some rare ideographs
        same_as_analysed([" ".join(f"a{c}b {c}x {c}" for c in everything[at + at // step : at + step : 29])])


def test_ids_are_stable():
    assert f"{build.paragraph_id('a.txt', 'One  two', 0):016x}" == "787d815be307e994"
    assert build.paragraph_id("a.txt", " One\ntwo ", 0) == build.paragraph_id("a.txt", "One two", 0)
    others = [("b.txt", "One two", 0), ("a.txt", "One", 0), ("a.txt", "One two", 1)]
    assert len({build.paragraph_id(*one) for one in others} | {build.paragraph_id("a.txt", "One two", 0)}) == 4


def ids_of(*documents: Document) -> list[int]:
    texts = [paragraph.text.encode() for some in documents for paragraph in some.paragraphs]
    ids: list[int] = build.paragraph_ids(
        [some.identity for some in documents], [len(some.paragraphs) for some in documents], texts
    ).tolist()
    return ids


def test_repeated_paragraphs_have_ids_of_their_own():
    assert len(set(ids_of(document("a", "one", "two", "one", "One", "one"), document("b", "one")))) == 6


def test_paragraphs_that_differ_in_space_only_have_ids_of_their_own():
    assert len(set(ids_of(document("a", "one two", "one  two", "one\ntwo")))) == 3


@given(
    st.lists(st.lists(st.text("ab \t\n\x1f\u00a0\u3000é", max_size=5), min_size=1, max_size=4), min_size=1, max_size=4)
)
def test_ids_of_many_are_those_of_each(texts: list[list[str]]):
    documents = [document(str(i), *some) for i, some in enumerate(texts)]
    expected = []
    for i, some in enumerate(texts):
        plain = [" ".join(text.split()) for text in some]
        expected += [build.paragraph_id(str(i), text, plain[:n].count(plain[n])) for n, text in enumerate(some)]
    assert ids_of(*documents) == expected


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-11-17", "2024-11-17", "2024-11-17"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
    ],
)
def test_partial_dates_cover_their_period(date: str, first: str, last: str):
    assert build.day_range(date) == (dt.date.fromisoformat(first).toordinal(), dt.date.fromisoformat(last).toordinal())


def test_no_date():
    assert build.day_range(None) == (build.NO_DAY, build.NO_DAY)
    for bad in ("2024-13", "2024-02-30", "0000", "x"):
        with pytest.raises(ValueError, match=r".+"):
            build.day_range(bad)


def test_labels_come_back(tmp_path: Path):
    text = "ATACMS, that is missiles, hit Kyiv"
    mentions = (Mention(0, 6, "ATACMS", "system", "table"), Mention(16, 24, "missiles", "class", "table"))
    kyiv = Mention(30, 34, "Kyiv", "capital", "seat")
    labels = {
        "weapons": (Label(ATACMS, mentions[:1]), Label(MISSILES, mentions[1:])),
        "countries": (Label(VALUES["countries"][0], (kyiv,)),),
        "topic": (Label(Value("t", "Topic")),),
        "people": (),
    }
    write(tmp_path, (document("a", "nothing", text, source="BBC", date="2024-11"), [{}, labels]))
    snapshot = Snapshot.open(tmp_path)
    stored = snapshot.document(1)
    assert [paragraph.text for paragraph in stored.paragraphs] == ["nothing", text]
    assert stored.paragraphs[0].labels == dict.fromkeys(("people", "countries", "weapons", "topic"), ())
    assert stored.paragraphs[1].labels == labels
    assert (stored.identity, stored.title, stored.date, stored.source) == ("a", None, "2024-11", "BBC")
    segment = snapshot.segments[0]
    offsets, ordinals = segment.column("weapons")
    assert offsets.tolist() == [0, 0, 4]
    assert {segment.value("weapons", o).id for o in ordinals.tolist()} == {
        one.id for one in (ATACMS, BALLISTIC, MISSILES, WEAPONS)
    }
    assert [segment.value("year", o).label for o in segment.column("year")[1].tolist()] == ["2024", "2024"]
    assert snapshot.dimensions == ("people", "countries", "weapons", "source", "year", "topic")
    snapshot.close()


def test_the_newest_label_of_a_value_is_what_a_segment_keeps():
    one, other = Value("v", "Old", Value("up", "Up")), Value("v", "New", Value("down", "Down"))
    builder = FacetBuilder()
    builder.add(0, LabelColumn([1], [Label(one)]), 1)
    builder.add(1, LabelColumn([1], [Label(other)]), 2)
    arrays = builder.arrays("d", 2)
    assert arrays["facet.d.offsets"].tolist() == [0, 2, 4]
    assert bytes(arrays["facet.d.labels"]) == b"DownNew"
    assert arrays["facet.d.stamps"].tolist() == [2, 2]


def test_the_last_of_two_labels_is_the_newest_whether_found_or_given():
    given, found = Label(Value("v", "Given")), Label(Value("v", "Found"), (Mention(0, 1, "x", "full", "rule"),))
    for labels, shown, stamp in (
        ([[(given,)], [(found,)], [(given,)]], b"Given", 3),
        ([[(found,)], [(given,)], [()], [(found,)]], b"Found", 4),
        ([[(given,), (found,), (given,), (found, given)]], b"Given", 1),
    ):
        builder, first = FacetBuilder(), 0
        for number, batch in enumerate(labels, 1):
            builder.add(first, LabelColumn(list(map(len, batch)), [label for some in batch for label in some]), number)
            first += len(batch)
        arrays = builder.arrays("d", first)
        assert (bytes(arrays["facet.d.labels"]), arrays["facet.d.stamps"].tolist()) == (shown, [stamp])
        assert arrays["facet.d.ordinals"].tolist() == [0] * len([1 for batch in labels for some in batch if some])
        assert len(arrays["facet.d.mentions.start"]) == len([1 for batch in labels for some in batch for _ in some])
