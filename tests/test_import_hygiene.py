"""What importing and asking for help must not load: start-up time is felt at every call."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"textual", "typer", "numba", "whoosh", "numpy", "opensearchpy", "rich", "pydantic"}


def loaded_after(code: str) -> set[str]:
    shown = f"import sys\n{code}\nprint('loaded:', *{{name.partition('.')[0] for name in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(ran.stdout.rpartition("loaded:")[2].split())


def test_the_library_is_light():
    assert not HEAVY & loaded_after("import searchkit")


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["--version"]])
def test_help_is_light(arguments):
    loaded = loaded_after(f"from searchkit.cli import main; assert main({arguments}) == 0")
    assert "typer" in loaded
    assert not (HEAVY - {"typer"}) & loaded


def test_a_command_converts_its_values_without_pydantic(tmp_path):
    arguments = ["search", "--index", str(tmp_path), "--limit", "3", "--format", "json", "--person", "Joe Biden", "a"]
    loaded = loaded_after(f"from searchkit.cli import main; assert main({arguments}) == 4")
    assert not {"pydantic", "numba", "rich", "textual"} & loaded


def test_the_first_frame_is_painted_without_the_engine():
    assert not {"numpy", "whoosh", "numba", "typer", "pydantic"} & loaded_after("import searchkit.tui.app")
