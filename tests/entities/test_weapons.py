"""Weapons: the tables hold together, and the readings that are no matter of one ambiguous word."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchkit.entities import weapons
from searchkit.entities.gazetteer import DATA, Gazetteer
from searchkit.entities.match import Matcher
from searchkit.entities.tokens import Tokens, folded
from searchkit.entities.weapon_rules import Rule, context

FOLDER = DATA / "weapons"
SPECIAL = {"shared", "shipname"}


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer.load()


@pytest.fixture(scope="module")
def decide(gazetteer):
    matcher = Matcher(gazetteer)

    def run(text, people=()):
        paragraph = Tokens(text)
        candidates = [one for one in matcher.match(paragraph) if one.alias.dimension == "weapons"]
        return weapons.decide(paragraph, candidates, people)

    return run


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


VALUES, ALIASES = rows("values.csv"), rows("aliases.csv")


def found(labels):
    return {label.value.label: [mention.text for mention in label.mentions] for label in labels}


class Person:
    def __init__(self, first, last):
        self.first, self.last = first, last


def test_ids_are_slugs_and_differ():
    assert [key for key, count in Counter(row["id"] for row in VALUES).items() if count > 1] == []
    assert [row["id"] for row in VALUES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"])] == []


def test_labels_differ():
    assert [label for label, count in Counter(folded(row["label"]) for row in VALUES).items() if count > 1] == []


def test_every_value_stands_below_the_root():
    parents = {row["id"]: row["parent"] for row in VALUES}
    assert parents["weapons"] == ""
    for key in parents:
        seen = [key]
        while parents[seen[-1]]:
            seen.append(parents[seen[-1]])
            assert len(seen) < 10, seen
        assert seen[-1] == "weapons", seen


def test_every_system_has_a_name_and_every_alias_a_value():
    parents = {row["parent"] for row in VALUES}
    named = {row["id"] for row in ALIASES}
    assert [row["id"] for row in VALUES if row["id"] not in named and row["id"] not in parents] == []
    assert named - {""} <= {row["id"] for row in VALUES}


def test_there_are_enough_systems():
    classes = {row["id"] for row in VALUES if row["source"].startswith("class")}
    assert len(VALUES) - len(classes) >= 900


def test_origins_and_years_are_plausible():
    assert [row for row in VALUES if not re.fullmatch(r"([A-Z]{2}( [A-Z]{2})*)?", row["origin"])] == []
    assert [row for row in VALUES if row["year"] and not 1700 <= int(row["year"]) <= 2026] == []


def test_every_rule_of_the_table_exists_and_every_test_of_a_rule_too():
    rules = context().rules
    assert {row["rule"] for row in ALIASES} - {""} - SPECIAL <= rules.keys()
    assert {test for rule in rules.values() for test in rule} <= set(Rule.__annotations__)
    fields = {
        field
        for rule in rules.values()
        for test in ("near", "near_plural", "reject_near")
        for field in rule.get(test, {})
    }
    assert fields <= context().cues.keys()


def test_no_alias_stands_twice_for_a_value():
    assert [key for key, count in Counter((row["id"], row["alias"]) for row in ALIASES).items() if count > 1] == []


def test_an_alias_of_several_values_has_a_rule():
    bearers = {}
    for row in ALIASES:
        if row["id"]:
            bearers.setdefault((row["alias"], row["case"]), []).append(row)
    clashes = {key: several for key, several in bearers.items() if len({row["id"] for row in several}) > 1}
    assert [key for key, several in clashes.items() if not all(row["rule"] for row in several)] == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ATACMS", ("Weapons", "Missiles", "Ballistic missiles", "ATACMS")),
        ("army tactical missile system", ("Weapons", "Missiles", "Ballistic missiles", "ATACMS")),
        ("AS-24 Killjoy", ("Weapons", "Missiles", "Hypersonic missiles", "Kinzhal")),
        ("T-72B3", ("Weapons", "Armoured vehicles", "Tanks", "T-72", "T-72B3")),
        ("UAV", ("Weapons", "Drones")),
        ("F-16C", ("Weapons", "Aircraft", "Fighters", "F-16", "F-16C")),
    ],
)
def test_names_resolve_to_their_place_in_the_tree(gazetteer, name, path):
    [value] = gazetteer.resolve("weapons", name)
    assert value.path == path


@pytest.mark.parametrize("spelling", ["S-300", "S300", "S 300"])
def test_spellings_of_a_designation_are_one(decide, spelling):
    assert list(found(decide(f"The army moved an {spelling} battery to the border."))) == ["S-300"]


def test_a_class_noun_behind_a_system_of_its_class_belongs_to_it(decide):
    assert found(decide("Two T-72 tanks burned; other tanks withdrew.")) == {"T-72": ["T-72 tanks"], "Tanks": ["tanks"]}


def test_adjectives_of_a_list_share_its_noun(decide):
    labels = found(decide("Strikes by attack, bomber, fighter and remotely piloted aircraft went on."))
    assert list(labels) == ["Attack aircraft", "Bombers", "Fighters", "Drones"]


def test_such_weapons_are_the_ones_named_before(decide):
    text = "Cluster munitions are banned by many; such weapons stay in use."
    assert found(decide(text)) == {"Cluster munitions": ["Cluster munitions", "weapons"]}
    text = "Tanks and howitzers were sent; such weapons need crews."
    assert "Weapons" in found(decide(text))


def test_a_ship_that_no_table_knows_is_a_value_below_its_class(decide):
    labels = decide("The frigate HMCS Testington (FFH 399) left port. Sailors aboard Testington waved.")
    ship = next(label for label in labels if label.value.label == "HMCS Testington")
    assert ship.value.path == ("Weapons", "Naval vessels", "Frigates", "HMCS Testington")
    assert [mention.text for mention in ship.mentions] == ["HMCS Testington (FFH 399)", "Testington"]


def test_the_short_name_of_a_ship_is_found_in_other_paragraphs(decide):
    texts = ["HMCS Testington joined the fleet.", "Testington is a proud ship.", "Testington is a village."]
    paragraphs = [Tokens(text) for text in texts]
    labels = weapons.carry_ships(paragraphs, [decide(text) for text in texts], [()] * 3)
    assert [list(found(one)) for one in labels] == [["HMCS Testington"], ["HMCS Testington"], []]
    people = [(), [Person(0, 1)], ()]
    assert weapons.carry_ships(paragraphs, [decide(text) for text in texts], people)[1] == []


def test_a_name_inside_a_persons_is_no_weapon(decide):
    text = "The war, Creighton Abrams said, was lost in the army's tanks."
    assert list(found(decide(text, [Person(3, 5)]))) == ["Tanks"]


@pytest.mark.parametrize(
    ("text", "first", "last", "left"),
    [
        ("The USS Ronald Reagan sailed.", 2, 4, 0),
        ("They signed away Pershing II for good.", 3, 5, 0),
        ("The aircraft carrier Charles de Gaulle left Toulon.", 3, 6, 0),
        ("Spitfires took off.", 0, 1, 0),
        ("Charles de Gaulle left Toulon.", 0, 3, 1),
        ("General Abrams saw the tanks.", 1, 2, 1),
    ],
)
def test_words_that_are_surely_a_weapons_are_no_persons(gazetteer, text, first, last, left):
    paragraph = Tokens(text)
    candidates = Matcher(gazetteer).match(paragraph)
    assert len(weapons.people_left([paragraph], [candidates], [[Person(first, last)]])[0]) == left


def test_a_mention_says_which_rule_found_it(decide):
    [label] = decide("Russian tanks crossed the river.")
    assert label.mentions[0].rule == "tank: after a nation"
    assert label.mentions[0].kind == "class"


SCRAPS = st.sampled_from(
    ["such", "weapons", "USS", "Cole", "(", ")", "-", ",", "and", "tanks", "Patriot", "anti", "The", "to", "bomb", "A"]
)


@cache
def matcher():
    return Matcher(Gazetteer.load())


# No deadline: the first example loads the tables.
@settings(deadline=None)
@given(st.lists(SCRAPS, max_size=14))
def test_mentions_are_the_text_and_do_not_overlap(words):
    text = " ".join(words)
    paragraph = Tokens(text)
    candidates = [one for one in matcher().match(paragraph) if one.alias.dimension == "weapons"]
    spans = []
    for label in weapons.decide(paragraph, candidates, ()):
        for mention in label.mentions:
            assert mention.text == text[mention.start : mention.end] != ""
            spans.append((mention.start, mention.end))
    spans.sort()
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
