"""Finders that a user plugs in: a stand-in for spaCy, and what is said where it is not there."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from searchkit.entities.extract import TableExtractor, extractor
from searchkit.entities.finders import finder
from searchkit.errors import UsageError
from searchkit.labelling import default_extractor


class Pipeline:
    """Says, as spaCy would, that Zxqv is a person, and that the first characters are an organisation."""

    def __init__(self):
        self.meta = {"version": "1.2"}

    def pipe(self, texts):
        for text in texts:
            start = text.find("Zxqv")
            person = SimpleNamespace(label_="PERSON", start_char=start, end_char=start + 4)
            yield SimpleNamespace(
                ents=[*[person] * (start >= 0), SimpleNamespace(label_="ORG", start_char=0, end_char=3)]
            )


@pytest.fixture
def spacy(monkeypatch):
    def load(name):
        if name != "there":
            raise OSError(name)
        return Pipeline()

    module = ModuleType("spacy")
    module.load = load
    monkeypatch.setitem(sys.modules, "spacy", module)
    yield module
    extractor.cache_clear()
    default_extractor.cache_clear()


def people(using, text):
    [[labels]] = using.extract([[text]])
    return [(label.value.label, [one.text for one in label.mentions]) for label in labels["people"]]


@pytest.mark.usefixtures("spacy")
def test_the_finder_takes_the_place_of_the_model_and_the_tables_stay():
    text = "The minister Zxqv met Frank Ostrander and Vladimir Putin."
    assert people(extractor("spacy:there"), text) == [("Zxqv", ["Zxqv"]), ("Vladimir Putin", ["Vladimir Putin"])]
    assert ("Frank Ostrander", ["Frank Ostrander"]) in people(extractor(), text)


@pytest.mark.usefixtures("spacy")
def test_its_fingerprint_tells_it_from_ours():
    assert extractor("spacy:there").fingerprint != extractor().fingerprint
    assert "there 1.2" in extractor("spacy:there").fingerprint


@pytest.mark.usefixtures("spacy")
def test_it_goes_to_another_process_by_name():
    there = default_extractor("spacy:there")
    make, arguments = there.__reduce__()
    assert make(*arguments) is there
    assert isinstance(extractor("spacy:there"), TableExtractor)


@pytest.mark.parametrize("spec", ["spacy", "spacy:", "stanza:en", ""])
def test_what_is_no_finder_is_refused(spec):
    with pytest.raises(UsageError, match="spacy:NAME"):
        finder(spec)


@pytest.mark.usefixtures("spacy")
def test_a_model_that_is_not_installed_is_named():
    with pytest.raises(UsageError, match="spacy download elsewhere"):
        finder("spacy:elsewhere")


def test_spacy_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(UsageError, match="pip install spacy"):
        finder("spacy:en_core_web_sm")
