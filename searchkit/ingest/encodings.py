"""From bytes to text: byte order mark, then strict UTF-8, then what the text declares, then what is detected.

A NUL byte means that a file is no text, unless it is UTF-16 or UTF-32. An encoding that the caller states overrides
all but a byte order mark. Nothing is ever decoded with replacements: what fits no encoding is refused.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import Final

from searchkit.errors import InputError, UsageError

#: What is looked at to detect an encoding, in bytes.
SAMPLE_BYTES: Final = 65_536

# The marks of UTF-32 come first, since the little-endian one begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION: Final = re.compile(rb"\b(?:coding|encoding|charset)\s{0,4}[:=]\s{0,4}[\"']?([A-Za-z][\w.-]{1,30})")
# Encodings of text within text, which no file is written in.
_ESCAPES: Final = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7"})
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# Controls that no text has, in hundreds: one in ten makes a file binary.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_CONTROL_SHARE: Final = 0.1


def check(name: str | None) -> None:
    """Raise `UsageError` unless `name` is an encoding of text that Python knows, or None."""
    if name is not None and _text_codec(name) is None:
        raise UsageError(f"unknown encoding {name!r}; use a name such as utf-8, cp1252 or koi8-r")


def marked(data: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark at the beginning of `data` states, and the mark's length."""
    return next(((name, len(mark)) for mark, name in _MARKS if data.startswith(mark)), None)


def is_utf8(name: str | None) -> bool:
    """Whether an encoding is UTF-8, which is what none stands for."""
    return name is None or codecs.lookup(name).name == "utf-8"


def decode(data: bytes, encoding: str | None = None) -> str:
    """The text of `data`, without its byte order mark.

    `encoding` is the one that the caller states, or None. Raises `InputError` with a plain reason where the bytes are
    no text, or none in that encoding.
    """
    if mark := marked(data):
        return _plain(_strict(data[mark[1] :], mark[0]))
    if encoding is not None:
        return _plain(_strict(data, encoding))
    if b"\0" in data:
        return _plain(_wide(data))
    try:
        return _plain(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _plain(_declared(data) or _detected(data))


def without_surrogates(text: str) -> str:
    """The text with each lone surrogate, which no encoding can write, replaced by U+FFFD."""
    try:
        if not text.isascii():
            text.encode()  # many times faster than looking for what hardly ever is there
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def _text_codec(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
        "".encode(info.name)  # refuses codecs that are no encodings of text, as `hex`
    except (LookupError, ValueError):  # a UnicodeError is a ValueError
        return None
    return info.name


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"not valid {encoding}: byte {error.start + 1} fits nothing in it") from None
    except UnicodeError:
        raise InputError(f"not valid {encoding}") from None


def _plain(text: str) -> str:
    if "\0" in text:
        raise InputError("binary, not text: it has NUL characters")
    sample = text[:SAMPLE_BYTES]
    if len(_CONTROL.findall(sample)) > _CONTROL_SHARE * len(sample):
        raise InputError("binary, not text: it is full of control characters")
    return text


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: text in Latin letters has a NUL in every second byte, and hardly any in the others."""
    sample = data[:SAMPLE_BYTES]
    half = max(len(sample) // 2, 1)
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if max(even, odd) > 0.4 and min(even, odd) < 0.05:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-16-le" if odd > even else "utf-16-be")
    raise InputError("binary, not text: it has NUL bytes")


def _declared(data: bytes) -> str | None:
    """The text by the encoding that one of its first lines names, or None where it names none or a wrong one."""
    found = _DECLARATION.search(data, 0, 1_024)
    name = _text_codec(found[1].decode("ascii")) if found else None
    if found is None or name is None or name.replace("-", "_") in _ESCAPES:
        return None
    try:
        text = data.decode(name)
    except UnicodeError:
        return None
    # The declaration was read as ASCII: what it names must read it so too.
    return text if found[1].decode("ascii") in text[:1_024] else None


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  most runs never need it

    # A sample that ends inside a character would count against the right encoding, so it ends with a line.
    end = len(data) if len(data) <= SAMPLE_BYTES else data.rfind(b"\n", 0, SAMPLE_BYTES) + 1 or SAMPLE_BYTES
    sample = data[:end]
    if sample.isascii():  # the first bytes tell nothing: look around the first that does
        start = next(re.finditer(rb"[\x80-\xff]", data)).start()
        sample = data[max(0, start - 1_000) : start + SAMPLE_BYTES]
    best = from_bytes(sample).best()
    if best is None:
        raise InputError("not text in any known encoding; if it is text, state its encoding")
    try:
        return data.decode(best.encoding)
    except UnicodeDecodeError:
        raise InputError(
            f"mixed encodings: it begins as {best.encoding} and does not go on so; state its encoding"
        ) from None
