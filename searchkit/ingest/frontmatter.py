"""Front matter: the metadata that a text may begin with, between two lines of `---` or of `+++`.

Between `---` stand lines `key: value`, as a small part of YAML: plain, single- and double-quoted values, comments,
`null` and `~`, lists `[a, "b, c"]` (over several lines too) or lines `- a` beneath the key, and folded text after `>`
or `|`. Between `+++` stands TOML. Whatever else stands there is skipped, and never costs the text that follows. An
opening line without its closing one, or with no `key: value` line next, is text.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: The longest front matter, in code points; a `---` further on is not its end.
MAX_LENGTH: Final = 65_536
NOTHING: Final[Mapping[str, object]] = MappingProxyType({})

_BLOCK: Final = re.compile(
    r"(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<body>.*?)(?<=\n)(?:(?P=fence)|\.\.\.)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL,
)
_YAML_KEY: Final = re.compile(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_TOML_LINE: Final = re.compile(r"\s*(?:[A-Za-z_\"'][\w.\"'-]*\s*=|\[)")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(?P<value>.*)$")
_FLOW: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|[^,\[\]\s](?:[^,\[\]]*[^,\[\]\s])?')


def split(text: str) -> tuple[Mapping[str, object], int]:
    """The metadata of a text, its keys in lower case, and where what follows begins (0 without front matter).

    Values are strings or lists of strings from YAML, and what `tomllib` makes of TOML. A key without a value is not
    there.
    """
    found = _BLOCK.match(text, 0, MAX_LENGTH) if text.startswith(("---", "+++")) else None
    if not found:
        return NOTHING, 0
    body = found["body"]
    first = next((line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("#")), None)
    toml = found["fence"] == "+++"
    # Nothing at all may stand there; comments alone may be headings between two rules.
    if body.strip() and not (first and (_TOML_LINE if toml else _YAML_KEY).match(first)):
        return NOTHING, 0
    return _toml(body) if toml else _yaml(body.splitlines()), found.end()


def _toml(body: str) -> Mapping[str, object]:
    try:
        return {key.lower(): value for key, value in tomllib.loads(body.replace("\r\n", "\n")).items()}
    except (ValueError, RecursionError):  # a number with too many digits is a plain ValueError
        return NOTHING


def _yaml(lines: list[str]) -> Mapping[str, object]:
    metadata: dict[str, object] = {}
    position = 0
    while position < len(lines):
        found = _YAML_KEY.match(lines[position])
        position += 1
        if not found:
            continue
        beneath = position
        while position < len(lines) and not _YAML_KEY.match(lines[position]):
            position += 1
        value = _value((found["value"] or "").strip(), lines[beneath:position])
        if value is not None:
            metadata[found["key"].lower()] = value
    return metadata


def _value(value: str, beneath: list[str]) -> str | list[str] | None:
    """What a key has: `value` stands on its line, `beneath` are the lines up to the next key."""
    if value.startswith("["):
        return _flow(" ".join([value, *beneath]))
    if value[:1] in {">", "|"} and len(value) <= 3:
        return " ".join(" ".join(line.split()) for line in beneath if line.strip()) or None
    if value:
        return _scalar(value)
    items = [found["value"].strip() for line in beneath if (found := _ITEM.match(line))]
    return [item for item in map(_scalar, items) if item is not None] if items else None


def _flow(value: str) -> list[str]:
    inner = value[1:]
    items: list[str | None] = []
    position = 0
    # A bracket inside quotes belongs to the item, so the end is found item by item.
    while found := _FLOW.search(inner, position):
        if "]" in inner[position : found.start()]:
            break
        items.append(_scalar(found[0]))
        position = found.end()
    return [item for item in items if item is not None]


def _scalar(value: str) -> str | None:
    if value.startswith('"'):
        end = re.match(r'"(?:[^"\\]|\\.)*"', value)
        if end:
            try:
                return str(json.loads(end[0]))
            except ValueError:
                return end[0][1:-1]
    if value.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'", value)
        if end:
            return end[1].replace("''", "'")
    plain = re.sub(r"(?:^|\s)#.*$", "", value).strip()
    return None if plain.lower() in {"", "null", "~"} else plain
