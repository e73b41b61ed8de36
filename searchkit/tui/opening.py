"""Opening a document outside: its file in an editor, or in a browser the page it came from, else one made of it."""

from __future__ import annotations

import os
import shlex
import subprocess
import webbrowser
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from searchkit.errors import SearchkitError
from searchkit.ingest import frontmatter
from searchkit.terminal import safe
from searchkit.tui.preview import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from searchkit.model import Selection, StoredDocument
    from searchkit.tui.preview import Prepared

#: Keys of front matter under which people write where a text came from.
_LINKS: Final = ("url", "link", "permalink")
#: Nothing of a document is run or fetched: the page has its own style, and no more.
_HEAD: Final = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --people: #8f5e15; --countries: #3d6b1f; --weapons: #b3233d; --other: #2e5cc5;
  --match: #ffe9a8 }}
@media (prefers-color-scheme: dark) {{ :root {{ --people: #e0af68; --countries: #9ece6a; --weapons: #f7768e;
  --other: #7aa2f7; --match: #5c4a1e }} }}
body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif }}
header {{ opacity: .75; font-size: .9rem }}
p {{ white-space: pre-wrap; overflow-wrap: anywhere; padding-left: .8rem; border-left: 3px solid transparent }}
p:target {{ border-color: var(--other) }}
span {{ text-decoration: underline; text-underline-offset: .2em; color: var(--other) }}
.people {{ color: var(--people) }} .countries {{ color: var(--countries) }} .weapons {{ color: var(--weapons) }}
mark {{ background: var(--match); color: inherit }}
</style></head><body>
"""


def file_of(root: Path, document: str) -> Path | None:
    """The file that holds a document: its identity, without `#record` where there is no such file."""
    for name in (document, document.rpartition("#")[0]):
        path = (root / name).absolute()
        if name and path.is_file():
            return path
    return None


def address(document: StoredDocument, file: Path | None) -> str | None:
    """Where a document came from, if it says so: by its identity, its record's id, its source, or its front matter."""
    given: list[object] = [document.identity, document.identity.partition("#")[2], document.source]
    if file is not None and file.suffix.casefold() in {".md", ".markdown", ".txt"}:
        with file.open(encoding="utf-8", errors="replace") as text:
            metadata, _ = frontmatter.split(text.read(frontmatter.MAX_LENGTH))
        given += [metadata.get(key) for key in _LINKS]
    return next((each for each in given if isinstance(each, str) and _is_link(each)), None)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and text.isprintable() and " " not in text


def page(document: StoredDocument, chosen: Selection) -> str:
    """A document as HTML, marked as in the preview. The id of a paragraph is its anchor."""
    title = escape(safe(document.title or document.identity))
    about = " · ".join(escape(safe(each)) for each in (document.source, document.date, document.identity) if each)
    paragraphs = [prepare(each, chosen) for each in document.paragraphs]
    body = "\n".join(f'<p id="{escape(each.id)}">{_marked(each)}</p>' for each in paragraphs)
    return f"{_HEAD.format(title=title)}<h1>{title}</h1>\n<header>{about}</header>\n{body}\n</body></html>\n"


def _marked(paragraph: Prepared) -> str:
    """The text of a paragraph with its mentions and matches, which may overlap, in elements of their own."""
    text = paragraph.text
    spans = [(start, end) for start, end, _ in paragraph.mentions]
    edges = sorted({0, len(text), *(edge for span in (*spans, *paragraph.matches) for edge in span)})
    pieces = []
    for start, end in pairwise(edges):
        piece = escape(text[start:end])
        name = next((style for s, e, style in paragraph.mentions if s <= start and end <= e), None)
        if name is not None:
            piece = f'<span class="{name.removeprefix("sk--")}">{piece}</span>'
        if any(s <= start and end <= e for s, e in paragraph.matches):
            piece = f"<mark>{piece}</mark>"
        pieces.append(piece)
    return "".join(pieces)


def edit(app: App[int], path: Path) -> None:
    """Lend the terminal to the user's editor. `SearchkitError` where there is none such."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        with app.suspend():
            subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603 - the user's own editor
    except (OSError, ValueError) as error:
        raise SearchkitError(f"{editor}: {error}. Set $EDITOR to a program that is there.") from error


def browse(app: App[int], link: str) -> None:
    """Open a link in the user's browser; one that runs in the terminal is lent it. `SearchkitError` without one."""
    try:
        browser = webbrowser.get()
        if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(browser, webbrowser.BackgroundBrowser):
            with app.suspend():
                opened = browser.open(link)
        else:
            opened = browser.open(link)
    except webbrowser.Error:
        opened = False
    if not opened:
        raise SearchkitError(f"No browser is known here: open {link} in one, or name it in $BROWSER.")
