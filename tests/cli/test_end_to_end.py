"""The command line as people meet it: a process of its own over an index of real files."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyte
import pytest

from searchkit.cli import main

ROOT = Path(__file__).parents[2]
ARTICLES = {
    "kyiv.md": "---\ntitle: Long-range missiles for Kyiv\ndate: 2024-11-17\nsource: Desk\n---\n"
    "Joe Biden allowed Ukraine to fire long-range missiles into Russia.\n\n"
    "Volodymyr Zelensky thanked Biden. Tanks were not mentioned.\n\n"
    "Moscow called the missiles a provocation.\n",
    "paris.md": "---\ntitle: Talks in Paris\ndate: 2023-05\nsource: Wire\n---\n"
    "Emmanuel Macron met Zelensky in Paris to speak about tanks.\n\n"
    "France will send no missiles for now.\n",
    "hos\x1b]0;owned\x07\u202etile.txt": "Of escapes\n\n"
    "The missiles \x1b]52;c;ZWNobw==\x07 and \x1b[2J then \x9b6n for the clipboard and \u202etxt.exe\u202c in Kyiv.\n\n"
    '=HYPERLINK("http://example.org") sold missiles to nobody.\n',
}


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


class Stream(io.TextIOWrapper):
    """Text over bytes, as a process has it; `terminal` says whether it takes itself for one."""

    def __init__(self, data: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def searchkit(*arguments: str, cwd: Path, stdin: str = "", check: int = 0, terminal: bool = False) -> Ran:
    """Run the command line in this process, in the folder `cwd`."""
    streams = [Stream(stdin.encode()), Stream(terminal=terminal), Stream()]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        patch.delenv("SEARCHKIT_INDEX", raising=False)
        patch.setenv("COLUMNS", "80")
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        code = main(arguments)
    out, err = (stream.buffer.getvalue().decode() for stream in streams[1:] if stream.flush() is None)
    assert "Traceback" not in err
    assert code == check, err
    return Ran(code, out, err)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A folder with three articles and their index in `./index`."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    searchkit("index", "articles", cwd=folder)
    return folder


def search(project: Path, *arguments: str) -> dict:
    return json.loads(searchkit("search", "--format", "json", *arguments, cwd=project).stdout)


def ids(answer: dict) -> list[tuple[str, int]]:
    return [(hit["document"], hit["paragraph"]) for hit in answer["hits"]]


def test_indexing_again_skips_adds_changes_and_removes(tmp_path):
    articles = tmp_path / "articles"
    articles.mkdir()
    for name, text in ARTICLES.items():
        (articles / name).write_text(text, encoding="utf-8")
    report = json.loads(searchkit("index", "articles", "--json", cwd=tmp_path).stdout)
    assert (report["added"], report["documents"], report["failed"]) == (3, 3, [])
    assert list(report) == [
        "added", "changed", "removed", "unchanged", "failed", "documents", "paragraphs", "generation", "seconds",
    ]  # fmt: skip
    (articles / "new.txt").write_text("Tanks again.")
    (articles / "kyiv.md").write_text("Other words about Berlin.")
    (articles / "paris.md").unlink()
    report = json.loads(searchkit("index", "articles", "--json", cwd=tmp_path).stdout)
    assert [report[key] for key in ("added", "changed", "removed", "unchanged", "documents")] == [1, 1, 1, 1, 3]
    ran = searchkit("rebuild", "articles/new.txt", cwd=tmp_path)
    assert "1 documents" in ran.stdout or "1 document" in ran.stdout
    assert searchkit("check", cwd=tmp_path).stdout == "index: no damage found\n"


def test_inputs_that_fail_are_named_and_the_rest_is_indexed(tmp_path):
    (tmp_path / "good.txt").write_text("Missiles over Kyiv.")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02" * 100)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "lines.jsonl").write_text('{"id": "a", "text": "Tanks."}\n{"id": "b", "text\n')
    ran = searchkit("index", ".", "missing", "--index", "built", "--json", cwd=tmp_path, check=3)
    failed = {failure["path"]: failure["reason"] for failure in json.loads(ran.stdout)["failed"]}
    assert len(failed) == 4
    for name in ("missing", "binary.txt", "empty.txt", "lines.jsonl:2"):
        assert any(path.endswith(name) for path in failed), failed
        assert name in ran.stderr
    assert len(ran.stderr.splitlines()) == 4
    assert (
        json.loads(searchkit("status", "--index", "built", "--format", "json", cwd=tmp_path).stdout)["documents"] == 2
    )


@pytest.mark.parametrize(
    "arguments", [["search", "x"], ["facets"], ["batch", "missing.txt"], ["show", "abc"], ["status"], ["check"]]
)
def test_no_index_is_4_and_says_what_to_do(tmp_path, arguments):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "README.md").write_text("The index goes here.")
    ran = searchkit(*arguments, cwd=tmp_path, check=4)
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert "searchkit index" in ran.stderr


def test_a_damaged_index_is_5(project, tmp_path):
    shutil.copytree(project / "index", tmp_path / "index")
    victim = max((tmp_path / "index" / "segments").rglob("*.npy"), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-10])
    ran = searchkit("search", "missiles", cwd=tmp_path, check=5)
    assert victim.name in ran.stderr
    assert victim.name in searchkit("check", cwd=tmp_path, check=5).stdout
    assert searchkit("search", "missiles", "--filter", "planet=Mars", cwd=tmp_path, check=2).stdout == ""


def test_a_locked_index_is_6(project, tmp_path):
    shutil.copytree(project / "index", tmp_path / "index")
    hold = (
        "import sys\nfrom pathlib import Path\nfrom searchkit.index.writer import IndexWriter\n"
        "with IndexWriter(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / "index")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == b"held\n"
        ran = searchkit("index", str(project / "articles"), "missing", cwd=tmp_path, check=6)
        assert str(holder.pid) in ran.stderr
    finally:
        holder.communicate()


def test_search_filters_and_facets(project):
    answer = search(project, "missiles")
    assert answer["total"] == 5
    assert ("articles/kyiv.md", 0) in ids(answer)
    assert answer["hits"][0]["highlights"]
    for hit in answer["hits"]:
        for start, end in hit["highlights"]:
            assert hit["text"][start:end].lower().startswith("missile")
    only = search(project, "missiles", "--country", "Ukraine", "--person", "Joe Biden")
    assert ids(only) == [("articles/kyiv.md", 0)]
    [selected] = [value for value in only["facets"]["people"]["values"] if value["selected"]]
    assert selected["value"] == "Joe Biden"
    assert search(project, "missiles", "--not-person", "Joe Biden")["total"] == 4
    assert search(project, "", "--source", "Wire")["total"] == 2
    assert search(project, "--from", "2024")["total"] == 3
    assert search(project, "--to", "2023")["total"] == 2
    assert search(project, "-tanks", "--source", "Desk")["total"] == 2
    counts = json.loads(searchkit("facets", "missiles", "--dimension", "year", "--format", "json", cwd=project).stdout)[
        "facets"
    ]["year"]["values"]
    assert {value["value"]: value["count"] for value in counts} == {"2024": 2, "2023": 1}


def test_an_unknown_value_gives_nothing_and_says_so(project):
    ran = searchkit("search", "missiles", "--country", "Ruritania", cwd=project)
    assert "0 paragraphs" in ran.stdout
    assert "Ruritania" in ran.stderr


def test_live_and_batch_agree_with_search(project):
    queries = ["missiles", "zelens", "", "-tanks", "nothing at all", '"long-range missiles"']
    rows = "\n".join(json.dumps({"query": query}) for query in queries)
    (project / "queries.jsonl").write_text(rows)
    for extra in ([], ["--live"], ["--country", "Ukraine"], ["--scope", "document"]):
        ran = searchkit("batch", "queries.jsonl", *extra, cwd=project)
        for query, line in zip(queries, ran.stdout.splitlines(), strict=True):
            answer, alone = json.loads(line), search(project, *extra, "--", query)
            assert answer.pop("status") == ("ok" if alone["total"] else "zero")
            del answer["id"], answer["took_ms"], alone["took_ms"]
            assert answer == alone
    assert search(project, "--live", "zelens")["total"] == 2
    assert search(project, "zelens")["total"] == 0


def test_show_gives_the_paragraph_that_search_found(project):
    hit = search(project, "provocation")["hits"][0]
    shown = json.loads(searchkit("show", hit["id"], "--format", "json", "--context", "1", cwd=project).stdout)
    assert {key: shown[key] for key in ("id", "document", "paragraph", "text", "facets")} == {
        key: hit[key] for key in ("id", "document", "paragraph", "text", "facets")
    }
    assert [near["paragraph"] for near in shown["context"]] == [1]
    assert "provocation" in searchkit("show", hit["id"], cwd=project).stdout
    ran = searchkit("show", "no-such-id", cwd=project, check=1)
    assert "no-such-id" in ran.stderr


def test_extract_keeps_lines_and_names_bad_ones(project):
    lines = [
        '{"id": "1", "text": "Zelensky spoke.", "document": "d"}',
        '{"id": "2", "text": ""}',
        "not json",
        '{"id": "3", "text": "Volodymyr Zelensky left Paris.", "document": "d"}',
    ]
    ran = searchkit("extract", cwd=project, stdin="\n".join(lines) + "\n", check=3)
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(one["id"], one["text"]) for one in found] == [
        ("1", "Zelensky spoke."), ("2", ""), ("3", "Volodymyr Zelensky left Paris."),
    ]  # fmt: skip
    assert [one["value"] for one in found[2]["countries"]] == ["France"]
    assert ran.stderr.startswith("searchkit: standard input:3: not JSON")
    assert ran.stderr.count("\n") == 1


def test_extract_cuts_text_as_the_index_does(project):
    ran = searchkit("extract", "articles/kyiv.md", cwd=project)
    texts = [json.loads(line)["text"] for line in ran.stdout.splitlines()]
    indexed = search(project, "--source", "Desk")["hits"]
    assert texts == [hit["text"] for hit in sorted(indexed, key=lambda hit: hit["paragraph"])]
    assert json.loads(searchkit("extract", "-", cwd=project, stdin="Plain text of Kyiv.").stdout)["paragraph"] == 0
    forced = searchkit("extract", "--input", "text", cwd=project, stdin='{"text": "Kyiv"}')
    assert json.loads(forced.stdout)["text"] == '{"text": "Kyiv"}'


def test_extract_names_what_it_cannot_read(project):
    ran = searchkit("extract", "missing.txt", cwd=project, check=3)
    assert ran.stderr == "searchkit: missing.txt: cannot be read: no such file or directory\n"
    (project / "bytes.jsonl").write_bytes(b'{"id": "1", "text": "M\xfcnchen"}\n{"id": "2", "text": "Kyiv"}\n')
    ran = searchkit("extract", "bytes.jsonl", cwd=project, check=3)
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["2"]
    assert "bytes.jsonl:1: not UTF-8" in ran.stderr


def test_csv_of_hostile_text(project):
    ran = searchkit("search", "missiles", "--format", "csv", cwd=project)
    rows = list(csv.DictReader(io.StringIO(ran.stdout, newline="")))
    assert list(rows[0]) == [
        "id", "document", "paragraph", "date", "source", "title", "score", "people", "countries", "weapons", "text",
    ]  # fmt: skip
    assert [row["text"][:12] for row in rows if "HYPER" in row["text"]] == ["'=HYPERLINK("]


def test_the_environment_and_the_file_name_the_index(project, tmp_path):
    (tmp_path / "searchkit.toml").write_text(f"index = {str(project / 'index')!r}\n")
    (tmp_path / "below").mkdir()
    assert searchkit("status", cwd=tmp_path / "below").stdout
    (tmp_path / "searchkit.toml").write_text("indx = 1\n")
    ran = searchkit("status", cwd=tmp_path, check=2)
    assert "unknown key 'indx'" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "reader"),
    [
        ("search '' --format jsonl", "head -c 1"),
        ("search '' --format json", "true"),
        ("search '' --format csv", "true"),
        ("search ''", "true"),
        ("extract long.txt", "true"),
    ],
)
def test_a_closed_pipe_is_no_error(project, arguments, reader):
    (project / "long.txt").write_text("Kyiv was there.\n\n" * 2000)
    script = f"'{sys.executable}' -m searchkit.cli {arguments} | {reader} >/dev/null; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", script], cwd=project, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("0\n", "")


@pytest.mark.parametrize("arguments", ["search missiles --format json", "search missiles", "extract long.txt"])
def test_a_full_disk_is_1(project, arguments):
    (project / "long.txt").write_text("Kyiv was there.\n\n" * 2000)
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "searchkit.cli", *arguments.split()],
            cwd=project, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    assert ran.stderr == "searchkit: No space left on device\n"
    assert ran.returncode == 1


def test_an_interrupt_is_130(project):
    process = subprocess.Popen(
        [sys.executable, "-m", "searchkit.cli", "extract", "--input", "text"],
        cwd=project, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(1)  # it waits for its input by now, and where it does not yet, the signal ends it all the same
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err


def on_a_terminal(*arguments: str, cwd: Path) -> tuple[int, bytes]:
    """Run on a pseudo-terminal of 80 columns; gives the exit code and every byte that reached the terminal."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.environ.update(PYTHONPATH=str(ROOT), TERM="xterm", COLUMNS="80")
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [sys.executable, "-m", "searchkit.cli", *arguments])  # noqa: S606 - the child's one task
    received = b""
    while select.select([master], [], [], 60)[0]:
        try:
            chunk = os.read(master, 65_536)
        except OSError:  # Linux: the other side is closed
            break
        if not chunk:
            break
        received += chunk
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), received


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # exec follows at once
def test_hostile_text_on_a_real_terminal(project):
    code, received = on_a_terminal("search", "missiles", cwd=project)
    assert code == 0, received.decode()
    shown = received.decode()
    plain = shown.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[22m", "")
    assert "\x1b" not in plain
    assert not set("\x07\x9b\u202e\u202c") & set(plain)
    screen = pyte.Screen(80, 500)
    stream = pyte.ByteStream(screen)
    stream.feed(received)
    assert any("missiles" in line for line in screen.display)
    assert "\x1b[1mmissiles\x1b[22m" in shown
    assert any("<U+001B>[2J" in line for line in screen.display)


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "markdown"])
def test_hostile_text_in_every_format(project, form):
    shown = searchkit("search", "missiles", "--format", form, cwd=project, terminal=True).stdout
    assert "clipboard" in shown
    assert not set("\x1b\x07\x9b\u202e\u202c") & set(re.sub(r"\x1b\[(?:1|2|22)m", "", shown))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # as above
def test_a_bar_is_drawn_on_a_terminal_and_gone_afterwards(project, tmp_path):
    code, received = on_a_terminal("index", str(project / "articles"), "--index", str(tmp_path / "i"), cwd=tmp_path)
    assert code == 0, received.decode()
    assert "Indexing" in received.decode()
    screen = pyte.Screen(80, 100)
    pyte.ByteStream(screen).feed(received)
    assert screen.display[0].startswith("3 added;")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # as above
def test_hostile_names_and_paragraphs_on_a_real_terminal(project, tmp_path):
    hit = next(hit for hit in search(project, "clipboard")["hits"])
    (tmp_path / "bad\x1b[2J\x9b6n.txt").write_bytes(b"\0\1" * 50)
    for arguments, code in (
        (["show", hit["id"]], 0),
        (["index", str(tmp_path), "--index", str(tmp_path / "i")], 3),
        (["search", "\x1b[2J", "--country", "\x1b[2J\u202e"], 0),
    ):
        ended, received = on_a_terminal(*arguments, cwd=project)
        assert ended == code, received.decode()
        # The bar hides and shows the cursor, colours and erases its own line; nothing else may be in the way.
        plain = re.sub(r"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|1A)", "", received.decode())
        assert not set("\x1b\x07\x9b\u202e\u202c") & set(plain), arguments


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # as above
def test_the_user_interface_needs_an_index(tmp_path):
    code, received = on_a_terminal("tui", cwd=tmp_path)
    assert code == 4
    assert b"\x1b" not in received
