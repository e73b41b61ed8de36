from __future__ import annotations

import contextlib
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.entities import curation_edit
from searchkit.entities.curation import Alias, Define, Merge, Reject, Rename, Split, beside, describe
from searchkit.entities.curation_file import load, parse
from searchkit.errors import UsageError

FILE = Path("facets.toml")
EVERYTHING = """
# what we know better
[people.merge]
"Volodymyr Zelensky" = [
    "V. Zelenskii",
    "Zelensky Volodymyr",  # as the wire has it
]
[people.rename]
joe-biden = "Joseph R. Biden"
[people.reject]
"Storm Ciaran" = true
"Paris Hilton" = ["Paris"]
"Ed" = { documents = "notes/*" }
[people.split]
"George Bush" = { forms = ["Dubya"], documents = ["2003/*"], into = "George W. Bush" }
[people.aliases]
"Joe Biden" = ["Uncle Joe", { alias = "the Big Guy", case = "exact" }]
[weapons.values]
"Sapsan" = { parent = "Ballistic missiles", aliases = ["Sapsan", "Hrim-2"] }
"Palianytsia" = {}
[dimensions.companies]
gazetteer = "companies.csv"
[dimensions.companies.values]
BAE = ["BAE Systems", "BAE"]
[companies.merge]
BAE = "British Aerospace"
"""


def read(text: str):
    return parse(FILE, textwrap.dedent(text).encode())


def wrong(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(text)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "companies.csv").write_text("id,label,parent,aliases\nlmt,Lockheed Martin,,Lockheed; LMT\n,Saab,,\n")
    path = tmp_path / "facets.toml"
    path.write_text(EVERYTHING)
    return path


def test_every_kind_of_decision_is_read_with_the_line_where_it_stands(file: Path):
    curation = load(file)
    rows = file.with_name("companies.csv")
    assert curation.dimensions == ("companies",)
    assert curation.files == (file, rows)
    assert curation.entries == (
        Define("companies", "lmt", rows, 2, "Lockheed Martin"),
        Alias("companies", "lmt", rows, 2, "Lockheed"),
        Alias("companies", "lmt", rows, 2, "LMT"),
        Define("companies", "Saab", rows, 3, "Saab"),
        Alias("companies", "Saab", rows, 3, "Saab"),
        Define("companies", "BAE", file, 24, "BAE"),
        Alias("companies", "BAE", file, 24, "BAE Systems"),
        Alias("companies", "BAE", file, 24, "BAE"),
        Merge("people", "V. Zelenskii", file, 5, "Volodymyr Zelensky"),
        Merge("people", "Zelensky Volodymyr", file, 6, "Volodymyr Zelensky"),
        Rename("people", "joe-biden", file, 9, "Joseph R. Biden"),
        Reject("people", "Storm Ciaran", file, 11),
        Split("people", "Paris Hilton", file, 12, None, ("Paris",)),
        Split("people", "Ed", file, 13, None, (), ("notes/*",)),
        Split("people", "George Bush", file, 15, "George W. Bush", ("Dubya",), ("2003/*",)),
        Alias("people", "Joe Biden", file, 17, "Uncle Joe"),
        Alias("people", "Joe Biden", file, 17, "the Big Guy", "exact"),
        Define("weapons", "Sapsan", file, 19, "Sapsan", "Ballistic missiles"),
        Alias("weapons", "Sapsan", file, 19, "Sapsan"),
        Alias("weapons", "Sapsan", file, 19, "Hrim-2"),
        Define("weapons", "Palianytsia", file, 20, "Palianytsia"),
        Alias("weapons", "Palianytsia", file, 20, "Palianytsia"),
        Merge("companies", "British Aerospace", file, 26, "BAE"),
    )
    assert all(describe(entry) for entry in curation.entries)


def test_the_digest_is_that_of_the_file_and_of_the_tables_that_it_names(file: Path):
    before = load(file)
    with file.with_name("companies.csv").open("a") as rows:
        rows.write(",Thales,,\n")
    after = load(file)
    assert before.digest
    assert after.digest != before.digest
    assert load(file).digest == after.digest


def test_no_file_decides_nothing(tmp_path: Path):
    assert load(tmp_path / "none.toml").entries == ()
    assert load(tmp_path / "none.toml").digest == ""
    assert beside(tmp_path / "index") == tmp_path / "facets.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[people.merge]\nA = 3\n", "facets.toml:2: people.merge.A: has to be a string"),
        ("[people.merge]\nA = []\n", "facets.toml:2: people.merge.A: the list is empty"),
        ("[people.merge\n", "facets.toml:1: is not TOML: "),
        ("[people.merge]\nA = \n", "facets.toml:2: is not TOML: "),
        ("[people.merge]\nA = ['b'", "facets.toml:2: is not TOML: "),
        ("\n[people.marge]\n", "facets.toml:2: people.marge: unknown key; known are merge, rename,"),
        ("people = 3\n", "facets.toml:1: people: has to be a table"),
        ("[poeple.merge]\n", "facets.toml:1: poeple: no dimension is called 'poeple': there are people, countries,"),
        ("[dimensions.weapons]\n", "facets.toml:1: dimensions.weapons: every index has weapons"),
        ("[dimensions.year]\n", "facets.toml:1: dimensions.year: choose another name"),
        ("[dimensions.'a b']\n", "facets.toml:1: dimensions.a b: choose another name"),
        ("[dimensions.firms]\ngazetteer = 'no.csv'\n", "facets.toml:2: dimensions.firms.gazetteer: no.csv cannot be"),
        ("[people.split]\nA = { into = 'B' }\n", "facets.toml:2: people.split.A: say where"),
        ("[people.split]\nA = { forms = 'a' }\n", "facets.toml:2: people.split.A.into: is missing"),
        ("[people.split]\nA = { forms = 'a', form = 'b', into = 'B' }\n", "people.split.A.form: unknown key; known"),
        ("[people.reject]\nA = false\n", "facets.toml:2: people.reject.A.forms: has to be a string"),
        (
            "[people.aliases]\nA = [\n  'b',\n  '...',\n  '\\n',\n  ' - '\n]\n[people.rename]\nB = ' '",
            "people.rename.B",
        ),
        (
            "[people.aliases]\nA = [\n  'b',\n  { alias = 'c', case = 'x' }]",
            "facets.toml:4: people.aliases.A: the case",
        ),
        ("[people.merge]\nA = 'b'\nD = ['c',\n'x']\nC='b'", "facets.toml:5: people: 'b' is already merged into 'A' in"),
        ("[people.merge]\nA = 'b'\nB = 'c'\nC = 'a'", "a circle: 'b' is merged into 'A' is merged into 'C'"),
        ("[people.merge]\nA = 'á'", "a circle: 'á' is merged into 'A'"),
        ("[weapons.values]\nA = { parent = 'B' }\nB = { parent = 'A' }", "a circle: 'A' is below 'B' is below 'A'"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_key_and_what_to_do(text: str, said: str):
    assert said in wrong(text)


def test_a_chain_of_merges_is_no_circle():
    assert [entry.into for entry in read("[people.merge]\nA = ['b', 'c']\nD = 'A'").entries] == [*"AAD"]


@pytest.mark.parametrize("table", ["id,name\n", "label\nA,B\n", "label\n''\n,\n", 'label\n"a\n', "label,case\na,b\n"])
def test_a_gazetteer_that_is_none_is_named_with_its_line(tmp_path: Path, table: str):
    (tmp_path / "t.csv").write_text(table)
    with pytest.raises(UsageError, match=r"t\.csv:?[0-9]*: "):
        parse(tmp_path / "facets.toml", b"[dimensions.firms]\ngazetteer = 't.csv'\n")


@given(st.text(alphabet="[]{}=\"#',.\nabAtrue people.merge dimensions", max_size=80))
def test_any_file_is_read_or_refused_with_its_name(text: str):
    said = "facets.toml:"
    with contextlib.suppress(UsageError):
        try:
            parse(FILE, text.encode())
        except UsageError as error:
            said = str(error)
            raise
    assert said.startswith("facets.toml:")


# Edits


def test_a_merge_keeps_comments_and_order_and_can_be_undone(file: Path):
    edit = curation_edit.merge(file, "people", ["zelensky-v"], into="Volodymyr Zelensky")
    text = file.read_text()
    assert "# what we know better" in text
    assert '"Zelensky Volodymyr",  # as the wire has it' in text
    assert "zelensky-v" in text
    assert [e.value for e in load(file).entries if isinstance(e, Merge)][:3] == [
        "V. Zelenskii",
        "Zelensky Volodymyr",
        "zelensky-v",
    ]
    edit.undo()
    assert file.read_text() == EVERYTHING


def test_the_first_edit_makes_the_file_and_its_undoing_takes_it_away(tmp_path: Path):
    file = tmp_path / "facets.toml"
    edit = curation_edit.merge(file, "people", ["a", "b"], into="c")
    assert [(e.value, e.into) for e in load(file).entries] == [("a", "c"), ("b", "c")]
    assert [path.name for path in tmp_path.iterdir()] == ["facets.toml"]
    edit.undo()
    assert not file.exists()


def test_each_edit_adds_its_decision(file: Path):
    before = load(file).entries
    curation_edit.rename(file, "countries", "UA", "Ukraina")
    curation_edit.reject(file, "weapons", "Sapsan")
    curation_edit.reject(file, "people", "Paris Hilton", ["Hilton"])
    curation_edit.reject(file, "people", "Ed", ["ed"])
    curation_edit.add_alias(file, "people", "Joe Biden", "Sleepy Joe")
    curation_edit.add_alias(file, "companies", "BAE", "B.A.E.")
    curation_edit.merge(file, "companies", ["Saab"], into="BAE")
    added = {(type(e), e.dimension, e.value) for e in load(file).entries} - {
        (type(e), e.dimension, e.value) for e in before
    }
    assert added == {
        (Rename, "countries", "UA"),
        (Reject, "weapons", "Sapsan"),
        (Merge, "companies", "Saab"),
    }
    forms = {e.value: e.forms for e in load(file).entries if isinstance(e, Split)}
    assert forms["Paris Hilton"] == ("Paris", "Hilton")
    assert forms["Ed"] == ("ed",)
    aliases = [e.alias for e in load(file).entries if isinstance(e, Alias)]
    assert {"Sleepy Joe", "B.A.E."} <= set(aliases)


def test_an_edit_that_would_be_wrong_leaves_the_file(file: Path):
    curation_edit.merge(file, "people", ["a"], into="b")
    before = file.read_bytes()
    with pytest.raises(UsageError, match="a circle"):
        curation_edit.merge(file, "people", ["b"], into="a")
    with pytest.raises(UsageError, match="no dimension is called"):
        curation_edit.merge(file, "planets", ["b"], into="a")
    assert file.read_bytes() == before


def test_what_was_changed_since_is_not_undone(file: Path):
    edit = curation_edit.merge(file, "people", ["a"], into="b")
    with file.open("a") as more:
        more.write("# mine\n")
    with pytest.raises(UsageError, match="was changed since"):
        edit.undo()


def test_an_edit_goes_through_a_link(file: Path):
    link = file.with_name("link.toml")
    link.symlink_to(file)
    curation_edit.merge(link, "people", ["a"], into="b")
    assert link.is_symlink()
    assert "a" in [entry.value for entry in load(file).entries]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["people", "weapons", "countries"]),
            st.sampled_from(["merge", "reject", "rename", "alias"]),
            st.text(alphabet="aB é\"'.#[]=ß\\", min_size=1, max_size=6).map("x{}".format),
        ),
        max_size=8,
    )
)
def test_edits_of_any_names_in_any_order_are_read_again(tmp_path_factory, edits):
    file = tmp_path_factory.mktemp("edits") / "facets.toml"
    wanted = set()
    for dimension, kind, name in edits:
        try:
            if kind == "merge":
                curation_edit.merge(file, dimension, [name], into="the one")
            elif kind == "reject":
                curation_edit.reject(file, dimension, name)
            elif kind == "rename":
                curation_edit.rename(file, dimension, name, "another")
            else:
                curation_edit.add_alias(file, dimension, name, "alias")
        except UsageError:
            continue
        wanted.add((dimension, name))
    assert {(e.dimension, e.value) for e in load(file).entries} == wanted
