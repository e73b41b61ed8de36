"""Who is who: in one document, and across documents."""

from __future__ import annotations

import pytest

from searchkit.entities.extract import extractor
from searchkit.entities.figures import Context, Figures, figures, parts, skeleton


def people(*texts):
    """The labels of each paragraph of one document."""
    return [{label.value.label for label in labels["people"]} for labels in extractor().extract([list(texts)])[0]]


def mentions(text):
    [[labels]] = extractor().extract([[text]])
    return {mention.text: (mention.kind, mention.rule) for label in labels["people"] for mention in label.mentions}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Stephen J. Townsend", ("stephen", "townsend")),
        ("Bashar al-Assad", ("bashar", "assad")),
        ("al-Assad", ("assad",)),
        ("Martin Luther King, Jr.", ("martin", "luther", "king")),
        ("Kim Jong-un", ("kim", "jong", "un")),
        ("J. Smith", ("j", "smith")),
        ("António Guterres", ("antonio", "guterres")),
        ("Putin", ("putin",)),
    ],
)
def test_parts_tell_names_apart(name, expected):
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zelensky", "zelenskyy"),
        ("zelenskiy", "zelenskyi"),
        ("assad", "asad"),
        ("mohammed", "muhammad"),
        ("lavrow", "lavrov"),
    ],
)
def test_transliterations_share_a_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


def test_other_names_do_not_share_one():
    assert skeleton("mohammed") != skeleton("mahmoud")
    assert skeleton("smith") != skeleton("smythe")


@pytest.mark.parametrize(
    "spelling", ["Zelensky", "Zelenskyy", "Zelenskiy", "Volodymyr Zelenskyy", "Volodymyr Zelenskiy"]
)
def test_one_person_is_one_value_whatever_the_spelling(spelling):
    assert people(f"The {spelling} government asked for more time.", f"“No,” {spelling} said.")[1] == {
        "Volodymyr Zelensky"
    }


@pytest.mark.parametrize("name", ["Joe Biden", "Joseph Biden", "Joseph R. Biden Jr."])
def test_nicknames_and_initials(name):
    assert people(f"{name} spoke in Delaware.") == [{"Joe Biden"}]


def test_accents_do_not_matter():
    assert people("Antonio Guterres spoke.") == people("António Guterres spoke.") == [{"António Guterres"}]


def test_a_surname_is_the_full_name_elsewhere_before_or_after():
    assert (
        people("Ostrander flew home.", "Col. Frank Ostrander was hit twice.", "“I am fine,” Ostrander said.")
        == [{"Frank Ostrander"}] * 3
    )


def test_a_forename_is_too():
    assert (
        people("Abu Talha al-Ansari was killed.", "Abu Talha had planned the attack.") == [{"Abu Talha al-Ansari"}] * 2
    )


def test_an_initial_more_or_less_is_the_same_person():
    assert (
        people("Spc. Isiah L. Booker died in Jordan.", "Isiah Booker was 31.", "Booker came from Cibolo.")
        == [{"Isiah L. Booker"}] * 3
    )


def test_two_holders_of_a_surname_stay_apart():
    [first, second, third] = people(
        "Lech Kaczynski flew to Smolensk.",
        "His twin brother, Jaroslaw Kaczynski, stayed.",
        "Kaczynski was buried in Krakow.",
    )
    assert first == {"Lech Kaczyński"}
    assert second == {"Jarosław Kaczyński"}
    assert third == {"Kaczynski"}


def test_a_title_tells_two_holders_apart():
    labels = people("Bill Clinton and Hillary Clinton arrived.", "President Clinton spoke first.")
    assert labels == [{"Bill Clinton", "Hillary Clinton"}, {"Bill Clinton"}]


def test_a_bare_surname_needs_support():
    assert people("President Hollande of France flew to Bamako.") == [{"François Hollande"}]
    assert people("Mr. Russell thanked the battalion.") == [{"Russell"}]
    assert people("“We got to shoot with them,” said Miller.") == [{"Miller"}]


def test_the_mention_says_why():
    assert mentions("Putin met Narendra Modi, and Modi left.") == {
        "Putin": ("known", "model:dominant"),
        "Narendra Modi": ("full", "model:known-figure"),
        "Modi": ("short", "model:surname-in-document"),
    }


def test_capitals_are_no_part_of_a_label():
    assert people("BY CLARISSA VANDERMEER") == [{"Clarissa Vandermeer"}]


def test_the_best_supported_figure_has_to_be_clear():
    table: Figures = figures()
    bush = ("bush",)
    assert table.meant(bush, Context(frozenset({"US"}), frozenset({"US"}))) is None
    assert table.meant(("lavrov",), Context()) is not None
    assert table.meant(("nobody-at-all",), Context()) is None


@pytest.mark.parametrize(
    ("full", "short", "label"),
    [
        ("Robert Ostrander of Ohio won the vote.", "Bob Ostrander thanked them.", "Robert Ostrander"),
        ("Joe Ferrante flew in.", "Joseph P. Ferrante spoke first.", "Joseph P. Ferrante"),
        ("José Luis Quiñones wrote it.", "Pepe Quiñones denied it.", "José Luis Quiñones"),
        ("Aleksandr Vorontsov was freed.", "Sasha Vorontsov wept.", "Aleksandr Vorontsov"),
        ("William Jefferson Clinton spoke.", "Aides to Bill Clinton smiled.", "Bill Clinton"),
    ],
)
def test_a_nickname_is_the_same_person(full, short, label):
    assert people(full, short) == [{label}] * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ed Marchbanks", "Ted Marchbanks"),
        ("John A. Carmody", "John B. Carmody"),
        ("Harlan Pruitt Jr.", "Harlan Pruitt Sr."),
        ("Edwin Stroud II", "Edwin Stroud III"),
        ("Saddam Hussein", "Uday Saddam Hussein"),
        ("Maria Delgado", "Mario Delgado"),
        ("Flávio Bolsonaro", "Jair Bolsonaro"),
        ("Park Geun-hye", "Park Chung-hee"),
        ("Kim Jong Il", "Kim Jong Un"),
        ("George W. Bush", "George H. W. Bush"),
        ("Rajiv Gandhi", "Sanjay Gandhi"),
        ("Hafez al-Assad", "Bashar al-Assad"),
        ("Robert F. Kennedy Jr.", "Robert F. Kennedy"),
        ("John F. Kennedy Jr.", "John F. Kennedy"),
        ("Martin Luther King III", "Martin Luther King Jr."),
        ("Donald Trump Jr.", "Donald Trump"),
        ("Ngo Dinh Nhu", "Ngo Dinh Diem"),
        ("Abdullah Abdullah", "Abdullah Gul"),
    ],
)
def test_two_people_are_never_made_one(one, other):
    for pair in ((one, other), (other, one)):
        first, second = people(f"{pair[0]} arrived on Monday.", f"{pair[1]} left the same day.")
        assert len(first) == len(second) == 1
        assert first != second


@pytest.mark.parametrize(
    "text",
    [
        "Vladimir Ulyanov, better known as Lenin, spoke.",
        "Golda Meir (born Golda Mabovitch) moved to Milwaukee.",
        "Farid Haddad, also known as Abu Nasser, was shot.",
        "Anneliese Brandt (née Kruse) taught there.",
    ],
)
def test_names_that_the_text_equates_are_one_person(text):
    assert len(people(text)[0]) == 1


def test_an_epithet_with_another_persons_name_equates_nobody():
    assert people("Yevgeny Prigozhin, known as Putin's chef, was dead.") == [{"Yevgeny Prigozhin", "Vladimir Putin"}]


def test_a_forename_behind_kin_is_no_surname():
    assert people("Idi Amin came with his son Sharon.") == [{"Idi Amin", "Sharon"}]
    assert people("Ferdinand Marcos and his wife, Imelda Marcos, left.", "His wife Imelda sang.")[1] == {
        "Imelda Marcos"
    }


def test_a_title_of_the_other_sex_is_another_person():
    assert people("Denis Thatcher waited in the car.", "Mrs. Thatcher spoke to Britain.")[1] == {"Margaret Thatcher"}
    assert people("Harold Ostrander waited.", "Mrs. Ostrander spoke.") == [{"Harold Ostrander"}, {"Ostrander"}]
    assert people("Helen Ostrander waited.", "Mrs. Ostrander spoke.") == [{"Helen Ostrander"}] * 2
    assert people("Helen Ostrander waited.", "Mr. Ostrander and Mrs. Ostrander spoke.")[1] == {
        "Ostrander",
        "Helen Ostrander",
    }
    assert people("Bill Clinton and Hillary Clinton arrived.", "Mrs. Clinton spoke.")[1] == {"Hillary Clinton"}
