"""The page on the command line says what the command line does."""

from __future__ import annotations

import re
from pathlib import Path

from searchkit.cli.commands import app
from searchkit.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == reference(), "run: python -m searchkit.cli.reference > docs/cli.md"


def test_every_command_and_every_option_of_the_contract_is_on_it():
    page = reference()
    assert re.findall(r"^## searchkit (\w+)", page, re.MULTILINE) == [
        command.callback.__name__ for command in app.registered_commands
    ]
    search = page.partition("## searchkit search")[2].partition("\n## ")[0]
    options = set(re.findall(r"^\| `(--[a-z-]+)", search, re.MULTILINE))
    assert options == {
        "--person", "--country", "--weapon", "--not-person", "--not-country", "--not-weapon", "--filter", "--not",
        "--all-of", "--from", "--to", "--source", "--scope", "--index", "--limit", "--offset", "--facet-limit",
        "--sort", "--format", "--raw", "--live", "--explain", "--why",
    }  # fmt: skip
