"""Opening documents outside: where they came from, the page that is made of one, and the browser that is asked."""

from __future__ import annotations

import webbrowser
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from driving import WIDE, screen, typed
from fake_engine import FakeEngine

from searchkit.model import Label, Mention, StoredDocument, StoredParagraph, Value
from searchkit.tui import opening
from searchkit.tui.app import SearchkitApp


class Browser:
    """Opens nothing, and remembers what it should have opened."""

    def __init__(self, *, works: bool = True) -> None:
        self.links: list[str] = []
        self.works = works

    def open(self, link: str) -> bool:
        self.links.append(link)
        return self.works


@pytest.fixture
def browser(monkeypatch):
    made = Browser()
    monkeypatch.setattr(webbrowser, "get", lambda: made)
    return made


def document(identity: str = "a.txt", source: str | None = None, *texts: str) -> StoredDocument:
    paragraphs = tuple(StoredParagraph(f"id{n}", n, text, {}) for n, text in enumerate(texts))
    return StoredDocument(identity, None, None, source, paragraphs)


@pytest.mark.parametrize(
    ("identity", "source", "link"),
    [
        ("a.txt", None, None),
        ("a.txt", "Reuters", None),
        ("a.txt", "https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        ("a.jsonl#http://example.org/1", "Reuters", "http://example.org/1"),
        ("https://example.org/1", None, "https://example.org/1"),
        ("a.txt", "javascript:alert(1)", None),
        ("a.txt", "file:///etc/passwd", None),
        ("a.txt", "https://", None),
        ("a.txt", "https://[", None),
        ("a.txt", "https://example.org/\x1b[2J", None),
        ("a.txt", "https://example.org/ --flag", None),
    ],
)
def test_where_a_document_says_that_it_came_from(identity: str, source: str | None, link: str | None):
    assert opening.address(document(identity, source), None) == link


def test_the_front_matter_of_the_file_may_say_it(tmp_path: Path):
    file = tmp_path / "a.md"
    file.write_text("---\ntitle: A\nURL: https://example.org/a\n---\n\ntext\n")
    assert opening.address(document("a.md"), file) == "https://example.org/a"
    file.write_bytes(b"---\nlink: \xff\n---\n")
    assert opening.address(document("a.md"), file) is None


class Read(HTMLParser):
    """The text of the paragraphs of a page, and all of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: set[str] = set()
        self.marked: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.elements.add(tag)
        self._open.append(tag)
        if tag == "p":
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "p" in self._open:
            self.texts[-1] += data
        if "mark" in self._open:
            self.marked.append(data)


def test_the_page_has_the_text_and_the_marks_and_nothing_that_runs():
    text = "Kyiv <script>alert(1)</script> & \u202eKyiv"
    kyiv = Label(Value("UA", "Ukraine"), (Mention(0, 4, "Kyiv", "capital", "listed"),))
    hostile = StoredParagraph("id0", 0, text, {"countries": (kyiv,)}, ((0, 2), (5, 13)))
    page = opening.page(StoredDocument('a"><b>.txt', "<i>T", "2024", None, (hostile,)), {})
    read = Read(page)
    assert read.texts == ["Kyiv <script>alert(1)</script> & <U+202E>Kyiv"]
    assert read.marked == ["Ky", "<script>"]
    assert read.elements == {
        *("html", "head", "meta", "title", "style", "body", "h1", "header", "p", "span", "mark"),
    }
    assert 'class="countries"' in page
    assert "default-src 'none'" in page
    assert Read(opening.page(document("a.txt", None, "Kyiv"), {})).texts == ["Kyiv"]


async def opened(app, settle, query="mayor"):
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, query)
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("O")
        await settle(pilot)
        return screen(app).list.current, [str(each.message) for each in app._notifications]


async def test_without_an_address_a_page_is_made(settle, tmp_path, browser):
    hit, _ = await opened(SearchkitApp(FakeEngine(), root=tmp_path, state_folder=tmp_path / "state"), settle)
    (link,) = browser.links
    assert link.startswith("file://")
    assert urlsplit(link).fragment == hit.id
    assert Path(unquote(urlsplit(link).path)) == tmp_path / "state" / "document.html"
    read = Read((tmp_path / "state" / "document.html").read_text())
    assert hit.text in read.texts
    assert "mayor" in read.marked


async def test_the_page_that_a_document_came_from_is_opened(settle, tmp_path, browser):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "article-2.txt").write_text("---\nurl: https://example.org/drones\n---\n")
    await opened(SearchkitApp(FakeEngine(), root=tmp_path), settle)
    assert browser.links == ["https://example.org/drones"]


async def test_no_browser_is_said_with_the_link(settle, tmp_path, browser, monkeypatch):
    browser.works = False
    engine = FakeEngine((("A", None, "https://example.org/a", ("one",)),))
    _, told = await opened(SearchkitApp(engine, root=tmp_path), settle, "one")
    assert any("open https://example.org/a" in text for text in told)

    def none():
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    _, told = await opened(SearchkitApp(engine, root=tmp_path), settle, "one")
    assert any("$BROWSER" in text for text in told)


async def test_read_only_starts_no_browser(settle, tmp_path, browser):
    _, told = await opened(SearchkitApp(FakeEngine(), root=tmp_path, read_only=True), settle)
    assert browser.links == []
    assert any("no browser" in text for text in told)


async def test_the_document_opens_in_the_editor(engine, settle, tmp_path, monkeypatch):
    @contextmanager
    def lent(_):
        yield

    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "article-2.txt").write_text("x")
    monkeypatch.setattr(SearchkitApp, "suspend", lent)
    monkeypatch.setenv("VISUAL", f"sh -c 'echo \"$0\" > {tmp_path}/opened'")
    app = SearchkitApp(engine, root=tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        await typed(pilot, "mayor")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert (tmp_path / "opened").read_text().strip() == str(tmp_path / "seeds" / "article-2.txt")
        await pilot.press("slash")
        await typed(pilot, "market")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert any("No file seeds/article-4.txt" in str(each.message) for each in app._notifications)
