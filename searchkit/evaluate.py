"""How good the extraction is: precision, recall and F1 per dimension over (paragraph, value), with the errors.

Gold comes in two forms.

`*.jsonl`, one paragraph a line: `id`, `doc` (its paragraphs are read together), `text`, and `people`, `countries`,
`weapons`, each a list of entries with `mentions` (strings of the text). An entry and a label match so:

- countries: by `iso`, which is the label's id. Entries whose `kind` is `place`, and labels found by places only, can be
  set aside (neither right nor wrong);
- people: a mention of the label overlaps a mention of the entry, and one of the entry's `name` and the label has all
  the words of the other, or both name one well-known figure. Transliterations and nicknames of a word are the same;
- weapons: a mention of the label overlaps a mention of the entry.

`*.conll`, one token a line with its tag last: `person`, `politician` and `PER` are people, `country` is a country. Each
sentence is a document; matches are by overlapping mention. Only a country's own name outside the names of other things
is a country in these files, so labels without such a mention are set aside.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from searchkit.entities.extract import extractor
from searchkit.entities.figures import alike, figures, parts
from searchkit.errors import InputError
from searchkit.model import ENTITY_DIMENSIONS, Label, Labels, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from searchkit.entities.extract import Extractor

_TAGS: Final = {"person": "people", "politician": "people", "per": "people", "country": "countries"}


class Entry(NamedTuple):
    """One value that a paragraph is said to bear: its name or id, its kind, and where it is mentioned."""

    name: str
    kind: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class GoldParagraph:
    """A paragraph with what it bears, per dimension that was labelled.

    `others` are the spans of other names; they are given where entries are matched by overlap alone.
    """

    id: str
    text: str
    entries: Mapping[str, tuple[Entry, ...]]
    others: tuple[tuple[int, int], ...] | None = None


class Problem(NamedTuple):
    """One error: a value that was `missed`, or one that was found and is not there (`wrong`)."""

    dimension: str
    kind: str
    paragraph: str
    value: str
    text: str


@dataclass(slots=True)
class Score:
    """Counts over (paragraph, value): of `labels`, `found` are right; of `gold`, `there` were found."""

    labels: int = 0
    found: int = 0
    gold: int = 0
    there: int = 0

    @property
    def precision(self) -> float:
        """The part of the labels that is right; 1 where there are none."""
        return self.found / self.labels if self.labels else 1.0

    @property
    def recall(self) -> float:
        """The part of the gold that was found; 1 where there is none."""
        return self.there / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(slots=True)
class Evaluation:
    """Scores by dimension, and every error."""

    scores: dict[str, Score] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_gold(path: Path) -> list[list[GoldParagraph]]:
    """The documents of a gold file (`.jsonl` or `.conll`, perhaps `.xz`); InputError names a line that is wrong."""
    stored = path.read_bytes()
    lines = (lzma.decompress(stored) if path.suffix == ".xz" else stored).decode("utf-8").split("\n")
    return _conll(path.name, lines) if ".conll" in path.suffixes else _jsonl(path, lines)


def evaluate(documents: Sequence[Sequence[GoldParagraph]], using: Extractor, *, places: bool = True) -> Evaluation:
    """Run the extractor over gold documents and compare; `places=False` sets countries named by places only aside."""
    result = Evaluation()
    extracted = using.extract([[paragraph.text for paragraph in document] for document in documents])
    for document, labelled in zip(documents, extracted, strict=True):
        for paragraph, labels in zip(document, labelled, strict=True):
            for dimension in paragraph.entries:
                _compare(result, paragraph, dimension, labels, places=places)
    return result


def _compare(result: Evaluation, paragraph: GoldParagraph, dimension: str, labels: Labels, *, places: bool) -> None:
    entries = paragraph.entries[dimension]
    found = labels.get(dimension, ())
    if dimension == "countries" and paragraph.others is not None:
        found = tuple(label for label in found if _own_name(label, paragraph.others))
    pairs = [(entry, label) for entry in entries for label in found if _match(dimension, entry, label, paragraph)]
    right = {id(one) for pair in pairs for one in pair}
    aside = dimension == "countries" and not places
    score = result.scores.setdefault(dimension, Score())
    for entry in entries:
        if aside and entry.kind == "place":
            continue
        score.gold += 1
        score.there += id(entry) in right
        if id(entry) not in right:
            result.problems.append(
                Problem(dimension, "missed", paragraph.id, entry.name, _around(paragraph, entry.spans))
            )
    set_aside = {id(label) for entry, label in pairs if entry.kind == "place"} if aside else set()
    for label in found:
        spans = tuple((one.start, one.end) for one in label.mentions)
        only_places = all(one.kind == "place" for one in label.mentions)
        if id(label) in set_aside or (aside and only_places and id(label) not in right):
            continue
        score.labels += 1
        score.found += id(label) in right
        if id(label) not in right:
            result.problems.append(
                Problem(dimension, "wrong", paragraph.id, label.value.label, _around(paragraph, spans))
            )


def _match(dimension: str, entry: Entry, label: Label, paragraph: GoldParagraph) -> bool:
    if dimension == "countries" and paragraph.others is None:
        return entry.name == label.value.id
    overlap = any(start < one.end and one.start < end for start, end in entry.spans for one in label.mentions)
    if dimension == "people" and paragraph.others is None:
        return overlap and _same_person(label.value, entry.name)
    return overlap


def _same_person(value: Value, name: str) -> bool:
    ours, theirs = parts(value.label), parts(name)
    if value.id in figures().bearers(theirs):
        return True
    short, long = (ours, theirs) if len(ours) < len(theirs) else (theirs, ours)
    return all(any(alike(one, other) for other in long) for one in short)


def _own_name(label: Label, others: Sequence[tuple[int, int]]) -> bool:
    """Whether a country is named as such, and not only as part of other names."""
    return any(
        one.kind in {"name", "abbrev"} and not any(start < one.end and one.start < end for start, end in others)
        for one in label.mentions
    )


def _around(paragraph: GoldParagraph, spans: Sequence[tuple[int, int]]) -> str:
    """The first mention, marked, with some of the text around it."""
    if not spans:
        return paragraph.text[:90]
    (start, end), text = spans[0], paragraph.text
    return f"{text[max(0, start - 40) : start]}[{text[start:end]}]{text[end : end + 40]}"


def _jsonl(path: Path, lines: Sequence[str]) -> list[list[GoldParagraph]]:
    documents: defaultdict[str, list[GoldParagraph]] = defaultdict(list)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            entries = {
                dimension: tuple(_entry(dimension, entry, row["text"]) for entry in row[dimension])
                for dimension in ENTITY_DIMENSIONS
                if dimension in row
            }
            documents[str(row.get("doc", number))].append(GoldParagraph(str(row["id"]), row["text"], entries))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}:{number}: not a labelled paragraph ({error}); see searchkit/evaluate.py"
            ) from error
    return list(documents.values())


def _entry(dimension: str, entry: Mapping[str, object], text: str) -> Entry:
    mentions = entry["mentions"]
    if not isinstance(mentions, list):
        raise TypeError("mentions are no list")
    spans = tuple(
        match.span() for one in mentions for match in re.finditer(rf"(?<!\w){re.escape(str(one))}(?!\w)", text)
    )
    return Entry(str(entry["iso" if dimension == "countries" else "name"]), str(entry.get("kind", "")), spans)


def _conll(name: str, lines: Sequence[str]) -> list[list[GoldParagraph]]:
    tags = {_dimension(line) for line in lines} - {None}
    documents: list[list[GoldParagraph]] = []
    rows: list[tuple[str, str]] = []
    for number, line in enumerate((*lines, ""), 1):
        fields = line.split()
        if len(fields) >= 2:
            rows.append((fields[0].removeprefix("en:"), fields[-1]))
        elif rows:
            documents.append([_sentence(f"{name}:{number - len(rows)}", rows, sorted(filter(None, tags)))])
            rows = []
    return documents


def _dimension(line: str) -> str | None:
    tag = line.rpartition("-")[2].strip().lower() if line[-1:] not in {"", "O"} or "-" in line else ""
    return _TAGS.get(tag)


def _sentence(name: str, rows: Sequence[tuple[str, str]], dimensions: Sequence[str]) -> GoldParagraph:
    text = " ".join(word for word, _ in rows)
    entries: dict[str, tuple[Entry, ...]] = dict.fromkeys(dimensions, ())
    others: list[tuple[int, int]] = []
    for start, end, tag in _chunks(rows):
        dimension = _TAGS.get(tag.lower())
        if dimension:
            entries[dimension] = (*entries[dimension], Entry(text[start:end], "", ((start, end),)))
        else:
            others.append((start, end))
    return GoldParagraph(name, text, {key: _distinct(value) for key, value in entries.items()}, tuple(others))


def _distinct(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Mentions written alike are one entry."""
    spans: defaultdict[str, tuple[tuple[int, int], ...]] = defaultdict(tuple)
    for entry in entries:
        spans[entry.name] += entry.spans
    return tuple(Entry(name, "", places) for name, places in spans.items())


def _chunks(rows: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans of BIO or IOB1 tags in the text of the words joined by spaces, with the tag's name."""
    start = end = place = 0
    current = ""
    for word, tag in (*rows, ("", "O")):
        prefix, _, name = tag.partition("-")
        if current and (prefix != "I" or name != current):
            yield start, end, current
            current = ""
        if prefix in {"B", "I"} and not current:
            start, current = place, name
        end = place + len(word)
        place = end + 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of `scripts/evaluate`."""
    parser = argparse.ArgumentParser(prog="scripts/evaluate", description="Measure extraction against labelled texts.")
    parser.add_argument("gold", nargs="+", type=Path, help="a .jsonl or .conll file (.xz too)")
    parser.add_argument("--dimension", action="append", choices=ENTITY_DIMENSIONS, help="only this one (repeatable)")
    parser.add_argument("--errors", action="store_true", help="list every error")
    parser.add_argument("--no-places", action="store_true", help="set countries that only places name aside")
    options = parser.parse_args(arguments)
    for path in options.gold:
        result = evaluate(read_gold(path), extractor(), places=not options.no_places)
        for dimension, score in result.scores.items():
            if options.dimension and dimension not in options.dimension:
                continue
            sys.stdout.write(
                f"{path.name}  {dimension:<9}  P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}"
                f"  ({score.found}/{score.labels} right, {score.there}/{score.gold} found)\n"
            )
            for problem in result.problems if options.errors else ():
                if problem.dimension == dimension:
                    sys.stdout.write(f"  {problem.kind}  {problem.paragraph}  {problem.value}: {problem.text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
