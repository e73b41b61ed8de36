"""The tables: loading, what is added to them, resolving names, and errors that name the line."""

from __future__ import annotations

import pytest

from searchkit.entities.gazetteer import Gazetteer, plural, spellings
from searchkit.entities.phrases import Row
from searchkit.errors import InputError


def test_values_hang_below_their_parents_in_any_order(gazetteer):
    assert gazetteer.values["weapons"]["s-300"].path == ("Missiles", "S-300")
    assert gazetteer.values["countries"]["FR"].path == ("Europe", "France")


def test_a_dimension_keeps_columns_of_its_own(gazetteer):
    assert gazetteer.columns["weapons"]["s-300"]["year"] == "1978"


@pytest.mark.parametrize("name", ["fr", "FR", "france", "elysee palace", "ÉLYSÉE PALACE"])
def test_a_name_resolves_by_id_label_and_alias_whatever_its_case(gazetteer, name):
    assert [value.id for value in gazetteer.resolve("countries", name)] == ["FR"]


@pytest.mark.parametrize("name", ["Atlantis", "French toast", "S-300", ""])
def test_what_names_nothing_in_the_dimension_resolves_to_nothing(gazetteer, name):
    assert gazetteer.resolve("countries", name) == ()


def test_an_unknown_dimension_has_no_values(gazetteer):
    assert gazetteer.resolve("planets", "Mars") == ()


def test_designations_are_spelled_with_a_hyphen_a_space_or_nothing_and_in_the_plural():
    row = Row("weapons", "S-300", "system", "caps", "", ("s-300",))
    assert set(spellings(row)) == {"S-300", "S-300s", "S 300", "S 300s", "S300", "S300s"}


def test_a_hyphen_between_letters_is_not_dropped():
    row = Row("weapons", "air-to-air missile", "class", "any", "", ("missiles",))
    assert set(spellings(row)) == {
        "air-to-air missile", "air-to-air missiles", "air to air missile", "air to air missiles",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "many"),
    [("tank", "tanks"), ("battery", "batteries"), ("torch", "torches"), ("F-16", "F-16s"), ("convoy", "convoys")],
)
def test_plurals(one, many):
    assert plural(one) == many


def test_the_fingerprint_follows_the_tables(tables, tmp_path, gazetteer):
    assert Gazetteer.load(tables, cache=tmp_path / "other").fingerprint == gazetteer.fingerprint
    with (tables / "countries" / "aliases.csv").open("a", encoding="utf-8") as file:
        file.write("FR,Gaul,name,caps,,x\n")
    changed = Gazetteer.load(tables, cache=tmp_path / "cache")
    assert changed.fingerprint != gazetteer.fingerprint
    assert [value.id for value in changed.resolve("countries", "Gaul")] == ["FR"]


def test_further_alias_tables_count(tables, tmp_path):
    (tables / "countries" / "aliases-more.csv").write_text("id,alias,kind,case,rule,source\nFR,Gaul,name,caps,,x\n")
    assert Gazetteer.load(tables, cache=tmp_path / "cache").resolve("countries", "gaul")


def test_a_spoilt_or_unwritable_cache_is_done_without(tables, tmp_path, gazetteer):
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_text("nonsense")
    assert Gazetteer.load(tables, cache=tmp_path / "cache").resolve("countries", "élysée palace")
    (tmp_path / "file").write_text("")
    assert Gazetteer.load(tables, cache=tmp_path / "file" / "cache").resolve("countries", "élysée palace")
    assert gazetteer.resolve("countries", "élysée palace")


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("aliases.csv", "XX,Nowhere,name,caps,,x", "XX"),
        ("aliases.csv", "FR,France,name,loud,,x", "loud"),
        ("aliases.csv", "FR,France,name", "fields"),
        ("aliases.csv", "FR,,name,caps,,x", "empty"),
        ("values.csv", "YY,Nowhere,ZZ,x", "ZZ"),
    ],
)
def test_errors_name_the_table_and_what_is_wrong(tables, tmp_path, table, line, says):
    with (tables / "countries" / table).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(InputError, match=says) as error:
        Gazetteer.load(tables, cache=tmp_path / "cache")
    assert table in str(error.value)


def test_a_table_with_other_columns_is_refused(tables, tmp_path):
    (tables / "countries" / "aliases.csv").write_text("alias,id\n")
    with pytest.raises(InputError, match="columns"):
        Gazetteer.load(tables, cache=tmp_path / "cache")
