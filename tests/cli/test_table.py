"""What people see: within the width, bold only where it can be, and never a character that steers the terminal."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from searchkit.cli import table
from searchkit.model import Evidence, Facet, FacetValue, Hit, Results, SurfaceForm

STYLING = re.compile("\x1b\\[(?:1|2|22)m")
HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x9b\r\n\t\u202e\u2066\u200b[/]朝鲜👨\u200d👩שלום ab "), st.characters(codec=None)
    ),
    max_size=60,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("NO_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)


def results_of(text: str, highlights=(), *, value: str = "Ukraine", title: str | None = "Title") -> Results:
    hit = Hit("p0", 1.0, "a.txt", title, None, None, 0, text, highlights, {"countries": (value,)})
    facet = Facet(
        (FacetValue("UA", value, 3, False, False, (value,)), FacetValue("RU", value, 0, True, False, (value,))), 9, 8
    )
    return Results("q", "q", "paragraph", 12, (hit,), {"countries": facet, "people": facet, "weapons": Facet()})


def written(results: Results, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    table.write_results(results, stream)
    return stream.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOSTILE, HOSTILE, st.sampled_from([40, 60, 80, 160]), st.booleans())
def test_whatever_the_text_lines_fit_and_nothing_steers(monkeypatch, text, value, width, terminal):
    monkeypatch.setenv("COLUMNS", str(width))
    shown = written(
        results_of(text, ((0, len(text)),) if text else (), value=value, title=value or None),
        Terminal() if terminal else None,
    )
    plain = STYLING.sub("", shown)
    assert max(cell_len(line) for line in plain.split("\n")) <= width
    assert not [c for c in plain if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067") & set(plain)
    assert shown.count("\x1b[1m") + shown.count("\x1b[2m") == shown.count("\x1b[22m")


def test_bold_is_for_terminals_that_can(monkeypatch):
    results = results_of("long-range missiles", ((11, 19),))
    assert "\x1b[1mmissiles\x1b[22m" in written(results, Terminal())
    assert "\x1b" not in written(results)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in written(results, Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in written(results, Terminal())


def test_a_long_paragraph_is_shown_around_the_first_word_found(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = "start " + "before " * 60 + "missiles " + "after " * 60
    at = text.index("missiles")
    shown = written(results_of(text, ((at, at + 8),)))
    assert "missiles" in shown
    assert "start" not in shown
    assert "    …" in shown
    assert " …\n" in shown


def test_a_short_paragraph_is_shown_whole():
    shown = written(results_of("One two three."))
    assert "    One two three.\n" in shown
    assert "…" not in shown


def test_facets_stand_side_by_side_or_below_each_other(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert re.search(r"^Countries \(9\) +People \(9\)$", written(results_of("x")), re.MULTILINE)
    monkeypatch.setenv("COLUMNS", "40")
    shown = written(results_of("x"))
    assert re.search(r"^Countries \(9\)$", shown, re.MULTILINE)
    assert "Weapons" not in shown
    assert "+ Ukraine" in shown
    assert "  8 more" in shown


def test_the_totals():
    results = results_of("x")
    assert written(results).endswith("12 paragraphs, 1 to 1 shown (0.0 ms)\n")
    assert written(replace(results, hits=(), total=0, facets={})) == "0 paragraphs (0.0 ms)\n"
    documents = replace(results, total=1, total_documents=1)
    assert written(documents).endswith("1 paragraph in 1 document (0.0 ms)\n")
    assert written(replace(results, exact=False)).endswith("about 12 paragraphs, 1 to 1 shown (0.0 ms)\n")


def test_evidence():
    stream = io.StringIO()
    forms = (SurfaceForm("Kyiv", "capital", "table", 2, ("Kyiv said.",)),)
    table.write_evidence(Evidence("countries", "UA", "Ukraine", 2, forms), stream)
    assert stream.getvalue() == "Ukraine (countries): 2 hits\n       2  Kyiv  capital, table\n          Kyiv said.\n"
