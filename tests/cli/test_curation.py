"""The curation file as a user meets it: change it, ask again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from searchkit import api

ROOT = Path(__file__).parents[2]
ARTICLE = """Joe Biden met Olaf Scholz in Berlin.

The Delawarean spoke of Saab AB and of long-range missiles.

Olaf Scholz said nothing of Saab.
"""


def searchkit(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("SEARCHKIT_INDEX", None)
    ran = subprocess.run(
        [sys.executable, "-m", "searchkit.cli", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == code, ran.stderr
    return ran


def counts(cwd: Path, dimension: str = "people") -> dict[str, int]:
    ran = searchkit("facets", "--dimension", dimension, "--format", "json", cwd=cwd)
    return {value["value"]: value["count"] for value in json.loads(ran.stdout)["facets"][dimension]["values"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(ARTICLE)
    searchkit("index", "seeds", cwd=tmp_path)
    return tmp_path


def test_counts_follow_the_file_at_the_next_search_and_survive_a_rebuild(project: Path):
    assert counts(project) == {"Joe Biden": 1, "Olaf Scholz": 2}
    (project / "facets.toml").write_text(
        '[people.aliases]\n"Joe Biden" = ["the Delawarean"]\n[people.merge]\n"Joe Biden" = "Olaf Scholz"\n'
        '"Nobody" = "No One"\n[dimensions.firms.values]\nSaab = ["Saab AB", "Saab"]\n'
    )
    assert counts(project) == {"Joe Biden": 3}
    found = json.loads(searchkit("search", "--filter", "firms=saab ab", "--format", "json", cwd=project).stdout)
    assert found["total"] == 2
    assert [value["count"] for value in found["facets"]["firms"]["values"]] == [2]
    by_old_name = json.loads(searchkit("search", "--person", "olaf scholz", "--format", "json", cwd=project).stdout)
    assert by_old_name["total"] == 3
    searchkit("rebuild", "seeds", cwd=project)
    assert counts(project) == {"Joe Biden": 3}
    why = searchkit("search", "--why", "Joe Biden", cwd=project).stdout
    assert "curation: alias" in why
    assert "curation: merged from Olaf Scholz" in why
    extracted = [json.loads(line) for line in searchkit("extract", "seeds/a.txt", cwd=project).stdout.splitlines()]
    assert [[value["value"] for value in line["people"]] for line in extracted] == [["Joe Biden"]] * 3
    assert [[value["value"] for value in line["firms"]] for line in extracted] == [[], ["Saab"], ["Saab"]]
    (project / "facets.toml").unlink()
    assert counts(project) == {"Joe Biden": 1, "Olaf Scholz": 2}


def test_status_lists_the_entries_and_warns_of_idle_ones(project: Path):
    (project / "facets.toml").write_text('[people.merge]\n"Joe Biden" = ["Olaf Scholz",\n"No One"]\n')
    shown = json.loads(searchkit("status", "--format", "json", cwd=project).stdout)
    assert shown["labels_current"] is True
    assert [(one["line"], one["matched"]) for one in shown["curation"]["entries"]] == [(2, 2), (3, 0)]
    ran = searchkit("status", cwd=project)
    assert "people: Olaf Scholz is Joe Biden" in ran.stdout
    assert "facets.toml:3: people: No One is Joe Biden: matches nothing" in ran.stderr
    assert "Olaf" not in ran.stderr


def test_a_mistake_is_named_and_ends_with_2(project: Path):
    (project / "facets.toml").write_text('[people.merge]\n"Joe Biden" = 3\n')
    for command in (("facets",), ("status",), ("index", "seeds"), ("extract", "seeds/a.txt")):
        assert (
            "facets.toml:2: people.merge.Joe Biden: has to be a string"
            in searchkit(*command, cwd=project, code=2).stderr
        )


def test_the_configuration_may_name_the_file(project: Path):
    (project / "searchkit.toml").write_text('curation = "mine.toml"\n')
    (project / "mine.toml").write_text('[people.rename]\n"Joe Biden" = "Joe"\n')
    assert counts(project) == {"Joe": 1, "Olaf Scholz": 2}
    with api.open_index(project / "index") as index:
        assert {value.value for value in index.search().facets["people"].values} == {"Joe", "Olaf Scholz"}
