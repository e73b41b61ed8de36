"""Damage: every file of an index, cut short or changed anywhere, is found by `check` and never answered from."""

from __future__ import annotations

import os
import random
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from corpora import ATACMS, VALUES, VOCABULARY, document, labels, write

from searchkit.errors import DamagedIndexError, FormatError, NoIndexError
from searchkit.index.arrays import write_array
from searchkit.index.check import check
from searchkit.index.format import pack_json, unpack_json
from searchkit.index.manifest import LOCK, SEGMENTS
from searchkit.index.snapshot import Snapshot
from searchkit.model import Request
from searchkit.search.local import LocalEngine

#: Places of each file that are changed.
FLIPS = max(1, int(os.environ.get("SEARCHKIT_EXAMPLES", "0")) // 20)

#: Arrays that compiled loops go by: what they say is looked at beforehand.
FOLLOWED = ("facet.people.offsets", "facet.people.ordinals")

REQUESTS = (
    Request("", limit=100, dimensions=("people", "countries", "weapons", "source", "year")),
    Request('"long range" OR mis* OR title:war', limit=100, filters={"weapons": ("x-missiles",)}),
    Request("attack -us", scope="document", exclude={"people": ("p1",)}, date_from="2023"),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index")
    some = labels(people=VALUES["people"][:2], countries=VALUES["countries"], weapons=[ATACMS])
    for number in range(3):
        text = " ".join(VOCABULARY[number:])
        one = document(f"{number}", text, text[::-1], title="The war", date="2024-01", source="BBC")
        write(directory, (one, [some, {}]), document("again", text))
    return directory


def answers(directory: Path) -> object:
    with LocalEngine.open(directory) as engine:
        found = [engine.search(request) for request in REQUESTS]
        whole = [engine.document(hit.id) for hit in found[0].hits]
        return [(one.hits, one.facets, one.total) for one in found], whole


def files(directory: Path) -> list[str]:
    return [
        str(path.relative_to(directory))
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != LOCK
    ]


def current_files(directory: Path) -> list[str]:
    """The files of the current generation; those of the one before may be what they are."""
    snapshot = Snapshot.open(directory)
    manifest = snapshot.manifest
    snapshot.close()
    folders = [f"{SEGMENTS}/{one.name}" for one in manifest.segments]
    names = {"CURRENT", manifest.name, *(str(one.deleted["file"]) for one in manifest.segments if one.deleted)}
    return [name for name in files(directory) if name in names or os.path.dirname(name) in folders]  # noqa: PTH120 - a string


def test_a_sound_index(index: Path):
    assert check(index) == []
    assert answers(index) == answers(index)


def test_no_index(tmp_path: Path):
    with pytest.raises(NoIndexError):
        check(tmp_path)


def test_another_version(index: Path, tmp_path: Path):
    copy = Path(shutil.copytree(index, tmp_path / "copy"))
    path = copy / "manifest-00000003.json"
    path.write_bytes(pack_json(unpack_json(path) | {"format_version": 99}))
    with pytest.raises(FormatError, match="99"):
        check(copy)


def never_answered_from(copy: Path, name: str, expected: object) -> None:
    """`check` names the file, and a search gives what it should or says that there is damage."""
    problems = check(copy)
    assert problems, name
    assert any(name in problem for problem in problems), (name, problems)
    try:
        found = answers(copy)
    except DamagedIndexError:
        return
    assert found == expected, name


def test_damage_is_found_wherever_it_is(index: Path, tmp_path: Path):
    copy = Path(shutil.copytree(index, tmp_path / "copy"))
    expected = answers(copy)
    chance = random.Random(11)  # noqa: S311 - not for secrets
    names = current_files(copy)
    assert len(names) > 150
    if FLIPS == 1:  # some of the arrays, and all of the rest
        names = [name for name in names if not name.endswith(".npy") or "deleted" in name or chance.random() < 0.15]
    for name in names:
        path = copy / name
        whole = path.read_bytes()
        changed = [whole[:-1], whole[: chance.randrange(len(whole))]]
        places = [chance.randrange(len(whole) - (name == "CURRENT")) for _ in range(FLIPS)]
        changed += [whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :] for at in places]
        for content in changed:
            if name == "CURRENT" and content.strip() == whole.strip():
                continue
            path.write_bytes(content)
            never_answered_from(copy, name, expected)
        path.unlink()
        if name != "CURRENT":
            never_answered_from(copy, name, expected)
        path.write_bytes(whole)
    assert check(copy) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("facet.people.ordinals", lambda array: array + np.uint8(100)),
        ("facet.people.offsets", lambda array: array[::-1]),
        ("facet.people.offsets", lambda array: array + np.uint32(7)),
        ("facet.people.offsets", lambda array: array[:-1]),
        ("paragraph.document", lambda array: array + np.uint32(1000)),
        ("document.first", lambda array: array * np.uint32(1000)),
        ("document.keys", lambda array: array[::-1]),
        ("document.keyed", lambda array: array + np.uint32(1000)),
        ("stored.parts", lambda array: array + np.uint8(1)),
        ("text.postings", lambda array: array ^ np.uint8(255)),
        ("text.positions", lambda array: array[:1]),
        ("text.postings.starts", lambda array: array[::-1]),
        ("text.postings.offsets", lambda array: array + np.uint8(100)),
        ("text.lengths", lambda array: array[:1]),
        ("word.term", lambda array: array + np.uint8(200)),
        ("text.variants", lambda array: array * np.uint8(0)),
        ("stored", lambda array: array ^ np.uint8(255)),
        ("stored.offsets", lambda array: array[::-1]),
        ("facet.people.parents", lambda array: array * 0),
        ("facet.people.mentions.offsets", lambda array: array * np.uint32(1000)),
        ("facet.people.mentions.ordinal", lambda array: array + np.uint8(100)),
        ("facet.people.given", lambda array: array[:0]),
        ("facet.people.labels.offsets", lambda array: array[::-1]),
        ("document.identity.offsets", lambda array: array[:2]),
        ("document.runs", lambda array: array + np.uint8(1)),
        ("document.runs", lambda array: array[:0]),
        ("document.first_day", lambda array: array[:0]),
        ("document.hash", lambda array: array[:-1]),
        ("facet.people.stamps", lambda array: array[:-1]),
        ("facet.people.ids", lambda array: np.full_like(array, 97)),
        ("word.terms", lambda array: array[::-1]),
        ("facet.people.rules", lambda array: array ^ np.uint8(0xC0)),
        ("facet.people.named", lambda array: array + np.uint8(100)),
        ("text.terms.offsets", lambda array: array[::-1]),
        ("paragraph.id", lambda array: array.astype(np.float64)),
        ("text.postings.offsets", lambda array: array.astype(np.float64)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_damage(index: Path, tmp_path: Path, name: str, change):
    """A hostile index, its checksums right: `check` finds it; a search may notice, and says so."""
    copy = Path(shutil.copytree(index, tmp_path / "copy"))
    for folder in (copy / SEGMENTS).iterdir():
        path = folder / f"{name}.npy"
        array = change(np.load(path))
        path.unlink()
        listing = unpack_json(folder / "segment.json")
        listing["files"][name] = write_array(path, array)
        (folder / "segment.json").write_bytes(pack_json(listing))
    assert check(copy), "check says nothing of it"
    with pytest.raises(DamagedIndexError) if name in FOLLOWED else suppress(DamagedIndexError, RuntimeWarning):
        answers(copy)


@pytest.mark.parametrize(
    "listing",
    [{}, {"files": []}, {"files": {"x": 1}}, {"files": {"../../../x": {"bytes": 1, "crc32": [1]}}}, {"files": None}],
)
def test_a_hostile_listing_is_damage(index: Path, tmp_path: Path, listing: dict):
    copy = Path(shutil.copytree(index, tmp_path / "copy"))
    for folder in (copy / SEGMENTS).iterdir():
        (folder / "segment.json").write_bytes(pack_json(listing))
    assert all("segment" in problem for problem in check(copy))
    assert check(copy)
    with pytest.raises(DamagedIndexError):
        answers(copy)
