# ruff: noqa: RUF001  texts in many scripts are what is tested
from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.errors import InputError, UsageError
from searchkit.ingest import encodings
from searchkit.ingest.encodings import decode

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, a vláda schválila nový zákon o obraně státu. " * 3
RUSSIAN = "Президент заявил, что решение было принято в Киеве после долгих переговоров с союзниками. " * 3
FRENCH = "Le président a déclaré que la décision était prise à Paris, après l’été. " * 3


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, name: str):
    assert decode(mark + CZECH.encode(name)) == CZECH
    assert decode(mark + CZECH.encode(name), "cp1252") == CZECH


@given(st.text().filter(lambda text: "\0" not in text and text.isprintable() and text[:1] != "\ufeff"))
def test_utf_8_comes_first(text: str):
    assert decode(text.encode()) == text


@pytest.mark.parametrize(
    ("text", "name"), [(CZECH, "cp1250"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (FRENCH, "cp1252")]
)
def test_others_are_detected(text: str, name: str):
    assert decode(text.encode(name)) == text


def test_what_comes_late_in_a_long_text_is_detected():
    text = "An English line of plain letters.\n" * 5000 + FRENCH
    assert decode(text.encode("cp1252")) == text


def test_a_declared_encoding_comes_before_detection():
    text = "-*- coding: iso-8859-2 -*-\nŽluť.\n"
    assert decode(text.encode("iso-8859-2")) == text


@pytest.mark.parametrize("name", ["hex", "unicode_escape", "nonsense", "utf-16", "ascii", "utf-7", "undefined"])
def test_a_wrong_declaration_is_passed_over(name: str):
    text = f"coding: {name}\n{FRENCH}"
    assert decode(text.encode("cp1252")) == text


def test_a_stated_encoding_overrides():
    assert decode(b"\xe6", "iso-8859-2") == "ć"
    assert decode("ž".encode(), "cp1252") == "Å¾"
    assert decode("žluť".encode("utf-16-le"), "utf-16-le") == "žluť"
    with pytest.raises(InputError, match="not valid ascii: byte 4"):
        decode("abcž".encode(), "ascii")


def test_utf_16_without_its_mark():
    text = "Plain Latin letters, and a dash – or two.\n"
    assert decode(text.encode("utf-16-le")) == text
    assert decode(text.encode("utf-16-be")) == text


@pytest.mark.parametrize(
    "data",
    [
        b"text\0text",
        bytes(range(256)) * 4,
        b"\x7fELF\x02\x01\x01" + bytes(9),
        codecs.BOM_UTF16_LE + b"a\0\0\0",
        b"\x01\x02\x03\x04\x05 control",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    ],
)
def test_binary_is_refused(data: bytes):
    with pytest.raises(InputError, match="binary"):
        decode(data)


def test_mixed_encodings_are_refused_rather_than_guessed():
    with pytest.raises(InputError, match=r"mixed encodings|not text"):
        decode(FRENCH.encode("cp1252") * 500 + b"and then \x81\x8d\x90.")


def test_half_a_character_is_refused():
    with pytest.raises(InputError, match="not valid utf-16-le"):
        decode(codecs.BOM_UTF16_LE + b"a\0b")


@pytest.mark.parametrize("name", ["nonsense", "hex", "rot13", "", "undefined"])
def test_unknown_encodings_are_wrong_usage(name: str):
    with pytest.raises(UsageError, match="unknown encoding"):
        encodings.check(name)


def test_known_encodings_are_right():
    for name in (None, "utf-8", "CP1252", "koi8-r", "utf-16"):
        encodings.check(name)


def test_lone_surrogates_are_replaced():
    assert encodings.without_surrogates("a\ud800b\udfffc😀") == "a\ufffdb\ufffdc😀"
    assert encodings.without_surrogates("plain") == "plain"


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes):
    with contextlib.suppress(InputError):
        decode(data).encode()
