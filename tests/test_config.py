"""Where the index is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchkit.config import Config, index_directory, load
from searchkit.errors import UsageError


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.delenv("SEARCHKIT_INDEX", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_option_wins_then_the_environment_then_the_file_then_the_default(project, monkeypatch):
    assert index_directory(None) == Path("index")
    (project / "searchkit.toml").write_text('index = "from-file"\n')
    assert index_directory(None) == Path("from-file")
    monkeypatch.setenv("SEARCHKIT_INDEX", "from-environment")
    assert index_directory(None) == Path("from-environment")
    assert index_directory(Path("from-option")) == Path("from-option")


@pytest.mark.usefixtures("project")
def test_an_empty_variable_says_nothing(monkeypatch):
    monkeypatch.setenv("SEARCHKIT_INDEX", "")
    assert index_directory(None) == Path("index")


def test_the_file_is_found_from_below_and_its_paths_are_its_own(project, monkeypatch):
    (project / "searchkit.toml").write_text('index = "built"\npaths = ["seeds", "/elsewhere"]\n')
    below = project / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    config = load()
    assert config == Config(
        index=project / "built", paths=(project / "seeds", Path("/elsewhere")), file=project / "searchkit.toml"
    )
    assert index_directory(None) == project / "built"


def test_the_file_is_not_read_where_it_does_not_matter(project):
    (project / "searchkit.toml").write_text("this is not TOML")
    assert index_directory(Path("here")) == Path("here")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"index = ", "Invalid value"),
        (b"index = 3", "'index' must be"),
        (b"paths = 'seeds'", "'paths' must be"),
        (b"paths = [1]", "'paths' must be"),
        (b"keys = 'u'", "'keys' must be"),
        (b"[keys]\nundo = 3", "'keys' must be"),
        (b"indx = 'x'", "unknown key 'indx'"),
        (b"index = '\xff'", "decode"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(project, content, said):
    file = project / "searchkit.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=said) as caught:
        load()
    assert str(caught.value).startswith(f"{file}: ")


def test_keys_of_the_terminal_ui(project):
    (project / "searchkit.toml").write_text('[keys]\nundo = "z"\n')
    assert load(project).keys == {"undo": "z"}


def test_no_file_is_an_empty_configuration(project):
    assert load(project) == Config()
