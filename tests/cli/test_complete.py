"""Completion in a shell: dimensions, values, and silence where there is nothing to complete from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from searchkit.cli import complete, opening
from searchkit.errors import NoIndexError

CONTEXT = SimpleNamespace(params={"index": None})


def test_dimensions():
    assert complete.dimensions("") == ["people", "countries", "weapons", "source", "year"]
    assert complete.dimensions("C") == ["countries"]


@pytest.mark.usefixtures("engine")
def test_values_by_id_or_label():
    assert complete.values_of("countries")(CONTEXT, "ukr") == [("ukraine", "Ukraine")]
    assert complete.values_of("countries")(CONTEXT, "U") == [("UA", "Ukraine"), ("UG", "Uganda")]
    assert complete.values_of("countries")(CONTEXT, "x") == []
    assert complete.values_of("weapons")(CONTEXT, "") == []


@pytest.mark.usefixtures("engine")
def test_pairs():
    assert complete.pairs(CONTEXT, "y") == [("year=", "")]
    assert complete.pairs(CONTEXT, "country=Uga") == [("country=Uganda", "Uganda")]


def test_without_an_index_nothing_is_offered(monkeypatch):
    def fail(*_):
        raise NoIndexError("none")

    monkeypatch.setattr(opening, "open_engine", fail)
    assert complete.values_of("countries")(CONTEXT, "") == []


def test_a_shell_is_answered(tmp_path):
    environment = os.environ | {
        "_SEARCHKIT_COMPLETE": "complete_zsh",
        "_TYPER_COMPLETE_ARGS": "searchkit facets --dimension ",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    ran = subprocess.run(
        [sys.executable, "-c", "import sys; from searchkit.cli import main; sys.exit(main())"],
        env=environment, capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert "countries" in ran.stdout
    assert ran.stderr == ""
