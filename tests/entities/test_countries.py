"""Countries in context: kinds, rules, and what the rest of a document says."""

from __future__ import annotations

import csv
from typing import NamedTuple

import pytest

from searchkit.entities import countries
from searchkit.entities.country_rules import RULES
from searchkit.entities.gazetteer import DATA, Gazetteer
from searchkit.entities.match import Matcher
from searchkit.entities.tokens import Tokens

FOLDER = DATA / "countries"


class Person(NamedTuple):
    first: int
    last: int


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer.load()


@pytest.fixture(scope="module")
def decide(gazetteer):
    matcher = Matcher(gazetteer)

    def run(text, people=(), named=()):
        paragraph = Tokens(text)
        found = [one for one in matcher.match(paragraph) if one.alias.dimension == "countries"]
        labels = countries.decide(paragraph, found, people, frozenset(named))
        return {label.value.id: [(one.text, one.kind) for one in label.mentions] for label in labels}

    return run


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_rule_of_the_tables_is_a_function_and_every_function_is_used():
    used = {row["rule"] for name in ("aliases.csv", "aliases-places.csv") for row in rows(name)} - {""}
    assert used == set(RULES)


def test_every_country_has_a_name_and_the_tables_have_sources():
    named = {row["id"] for row in rows("aliases.csv") if row["kind"] == "name"}
    ids = {row["id"] for row in rows("values.csv") if not row["id"].startswith("m49-")}
    assert ids <= named
    assert all(row["source"] for name in ("values.csv", "aliases.csv", "aliases-places.csv") for row in rows(name))
    assert {"XK", "PS", "TW", "SU", "YU", "CS", "DD"} <= ids
    assert len(ids) == 249 + 5


def test_kinds_are_those_of_the_contract():
    kinds = {row["kind"] for name in ("aliases.csv", "aliases-places.csv") for row in rows(name)}
    assert kinds == {"name", "abbrev", "demonym", "capital", "place"}


def test_regions_are_parents_and_are_found_by_name(gazetteer):
    assert gazetteer.values["countries"]["UA"].path == ("Europe", "Eastern Europe", "Ukraine")
    assert [value.id for value in gazetteer.resolve("countries", "europe")] == ["m49-150"]
    assert [value.id for value in gazetteer.resolve("countries", "Cote d'Ivoire")] == ["CI"]
    assert [value.id for value in gazetteer.resolve("countries", "burma")] == ["MM"]


def test_mentions_of_one_country_are_one_label_in_order_with_their_kinds(decide):
    found = decide("Kyiv said Ukraine needs the Ukrainian port of Odesa.")
    assert found == {
        "UA": [("Kyiv", "capital"), ("Ukraine", "name"), ("Ukrainian", "demonym"), ("Odesa", "place")],
    }


def test_an_abbreviation_knows_what_it_is(decide):
    assert decide("U.S. and UAE officials") == {"US": [("U.S.", "abbrev")], "AE": [("UAE", "abbrev")]}


def test_a_name_inside_a_person_is_no_country(decide):
    assert decide("Denzel Washington smiled", [Person(0, 2)]) == {}
    assert decide("Ms. Denzel met Washington", [Person(0, 3)]) == {"US": [("Washington", "capital")]}


def test_a_lesser_place_counts_where_its_country_is_named(decide):
    assert decide("Fighting reached Puli Khumri.") == {}
    assert decide("Fighting reached Puli Khumri.", named=["AF"]) == {"AF": [("Puli Khumri", "place")]}
    assert decide("Fighting reached Puli Khumri, Afghanistan.").keys() == {"AF"}
    assert decide("Shops near Puli Khumri closed.").keys() == {"AF"}


def test_a_place_of_two_countries_is_the_one_named(decide):
    assert decide("A mosque in Tripoli burned.").keys() == {"LY"}
    assert decide("A mosque in Tripoli burned.", named=["LB"]).keys() == {"LB"}


def test_korea_and_congo_alone_are_those_that_the_document_names(decide):
    assert decide("Korea fired a missile.", named=["KP"]).keys() == {"KP"}
    assert decide("Korea fired a missile.", named=["KP", "KR"]).keys() == {"KR"}
    assert decide("Congo exports oil.", named=["CG"]).keys() == {"CG"}


def test_what_is_certain_has_no_rule_and_no_rival(gazetteer):
    found = Matcher(gazetteer).match(Tokens("Jordan, Tripoli, Korea and Iraq"))
    assert countries.certain(one for one in found if one.alias.dimension == "countries") == {"IQ"}
