"""Measuring: what is right, missed, wrong and set aside, on labels made by hand."""

from __future__ import annotations

import json

import pytest

from searchkit.errors import InputError
from searchkit.evaluate import evaluate, main, read_gold
from searchkit.model import Label, Mention, Value

UKRAINE, RUSSIA = Value("UA", "Ukraine"), Value("RU", "Russia")


class Fixed:
    """An extractor that finds what it is told to: (dimension, value, words, kind)."""

    fingerprint = "fixed"

    def __init__(self, *found):
        self.found = found

    def extract(self, documents):
        return [[self.labels(text) for text in document] for document in documents]

    def labels(self, text):
        labels = {"people": [], "countries": [], "weapons": []}
        for dimension, value, words, kind in self.found:
            if words in text:
                start = text.index(words)
                mention = Mention(start, start + len(words), words, kind, "test")
                labels[dimension].append(Label(value, (mention,)))
        return {dimension: tuple(found) for dimension, found in labels.items()}


@pytest.fixture
def gold(tmp_path):
    def write(**labelled):
        row = {"id": "p1", "doc": "d", "people": [], "countries": [], "weapons": [], **labelled}
        (tmp_path / "gold.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
        return read_gold(tmp_path / "gold.jsonl")

    return write


def figures(result, dimension):
    score = result.scores[dimension]
    return (score.found, score.labels, score.there, score.gold)


def test_countries_match_by_code(gold):
    documents = gold(text="Kyiv, Moscow", countries=[{"iso": "UA", "kind": "capital", "mentions": ["Kyiv"]}])
    result = evaluate(
        documents, Fixed(("countries", UKRAINE, "Kyiv", "capital"), ("countries", RUSSIA, "Moscow", "capital"))
    )
    assert figures(result, "countries") == (1, 2, 1, 1)
    assert [(one.kind, one.value) for one in result.problems] == [("wrong", "Russia")]
    assert result.scores["countries"].precision == 0.5
    assert result.scores["countries"].f1 == pytest.approx(2 / 3)


def test_places_can_be_set_aside(gold):
    documents = gold(text="Sumy, Kursk", countries=[{"iso": "UA", "kind": "place", "mentions": ["Sumy"]}])
    using = Fixed(("countries", UKRAINE, "Sumy", "place"), ("countries", RUSSIA, "Kursk", "place"))
    assert figures(evaluate(documents, using), "countries") == (1, 2, 1, 1)
    assert figures(evaluate(documents, using, places=False), "countries") == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("label", "right"),
    [("Volodymyr Zelensky", 1), ("Zelensky", 1), ("volodymyr zélensky", 1), ("Olena Zelensky", 0), ("Biden", 0)],
)
def test_people_match_by_place_and_agreeing_names(gold, label, right):
    documents = gold(text="Zelensky spoke.", people=[{"name": "Volodymyr Zelensky", "mentions": ["Zelensky"]}])
    result = evaluate(documents, Fixed(("people", Value("x", label), "Zelensky", "short")))
    assert figures(result, "people") == (right, 1, right, 1)


def test_weapons_match_by_overlapping_mention(gold):
    documents = gold(text="long-range missiles", weapons=[{"name": "missiles", "mentions": ["missiles"]}])
    whole = Fixed(("weapons", Value("m", "Missiles"), "long-range missiles", "class"))
    other = Fixed(("weapons", Value("m", "Missiles"), "long-range", "class"))
    assert figures(evaluate(documents, whole), "weapons") == (1, 1, 1, 1)
    assert figures(evaluate(documents, other), "weapons") == (0, 1, 0, 1)


def test_a_gold_mention_is_a_whole_word(gold):
    documents = gold(text="Malian Mali", countries=[{"iso": "ML", "kind": "name", "mentions": ["Mali"]}])
    assert documents[0][0].entries["countries"][0].spans == ((7, 11),)


def test_conll_sentences_are_documents_and_tags_are_dimensions(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text(
        "Joe\tB-politician\nBiden\tI-politician\nleft\tO\nUkraine\tB-country\n\nUkraine\tB-election\nvote\tI-election\n",
        encoding="utf-8",
    )
    documents = read_gold(path)
    assert [document[0].text for document in documents] == ["Joe Biden left Ukraine", "Ukraine vote"]
    result = evaluate(
        documents, Fixed(("countries", UKRAINE, "Ukraine", "name"), ("people", Value("b", "B"), "Biden", "x"))
    )
    assert figures(result, "people") == (1, 1, 1, 1)
    assert figures(result, "countries") == (1, 1, 1, 1)


def test_iob1_tags_begin_without_b(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("Joe I-PER\nBiden I-PER\n, O\nBiden I-PER\n", encoding="utf-8")
    [[paragraph]] = read_gold(path)
    assert [entry.name for entry in paragraph.entries["people"]] == ["Joe Biden", "Biden"]


def test_a_line_that_is_no_label_is_named(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('\n{"id": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.jsonl:2"):
        read_gold(path)


def test_the_command_prints_figures_and_errors(tmp_path, capsys):
    path = tmp_path / "gold.jsonl"
    row = {
        "id": "p1",
        "text": "Ukraine and Atlantis",
        "countries": [{"iso": "AT", "kind": "name", "mentions": ["Atlantis"]}],
    }
    path.write_text(json.dumps(row), encoding="utf-8")
    assert main([str(path), "--errors", "--dimension", "countries"]) == 0
    printed = capsys.readouterr().out
    assert "countries  P 0.000  R 0.000" in printed
    assert "missed  p1  AT" in printed
    assert "wrong  p1  Ukraine" in printed
