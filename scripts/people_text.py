"""News-like sentences with the names of people marked: the patterns of people_patterns.txt, filled from the tables."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parent / "searchkit" / "entities" / "data"
Marked = tuple[str, list[tuple[int, int]]]

_SLOT = re.compile(r"\{(\w+)\}")
_PEOPLE = "PSGAEI"
#: Slots of people inside the name of a thing, which then is no person's.
_THING = re.compile(
    r"(?:USS|HMS|carrier|destroyer|frigate|cruiser|submarine|battleship|Order of|Battle of|Operation"
    r"|Camp|Fort|Mount|Lake|Port|Cape|Hurricane|Tropical Storm|Typhoon|Cyclone)"
    r" \{[SPG]\}"
    r"|\{[SP]\} (?:Institute|Act|Prize|Doctrine|Foundation|International Airport|Center|Memorial|County|Street|Inc\."
    r"|Corp\.|University|College|Plan|Bridge|Drive|Boulevard|Avenue|Square|Library|Highway|Tunnel|Brigade|Regiment|Project"
    r"|Amendment|Stiftung|Allee|Medal|Affair|Report|Commission|Line|Canal|Dam|Stadium|Hall|Park|Station)"
    r"|(?:carriers|destroyers|frigates|cruisers|submarines) \{[SP]\} and \{[SP]\}"
    r"|Typhoon \{G\}, called \{G\}"
    r"|\{S\} & \{S\}"
)
_TITLED = re.compile(
    r"(?:King|Queen|Pope|Lord|Sheikh|Ayatollah|Prince|Princess|Mullah|General|Emperor|Sir|Sultan|Chairman|Crown|Tsar|Kaiser|Senior"
    r"|Shah|Archduke|Grand|Maulana|Mother|Archbishop|Patriarch|Metropolitan|Marshal|Saint|Subcomandante|Daw|Baroness|Jaramogi)\b"
)
_ARAB = frozenset(
    ["SY", "IQ", "LB", "PS", "JO", "SA", "YE", "EG", "LY", "KW", "QA", "AE", "DZ", "TN", "MA", "SD", "SO", "BH", "OM"]
)
_EAST = frozenset(["CN", "TW", "KP", "KR", "VN", "MM", "KH"])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lists() -> dict[str, list[str]]:
    """The word lists at the end of people_patterns.txt: `= name`, then items divided by `|`."""
    lists: dict[str, list[str]] = {}
    name = ""
    for line in (HERE / "people_patterns.txt").read_text("utf-8").splitlines():
        if line.startswith("= "):
            name = line[2:].strip()
            lists[name] = []
        elif name and line:
            lists[name] += line.split("|")
    return lists


def patterns() -> list[str]:
    """The sentence patterns, without comments and lists."""
    text = (HERE / "people_patterns.txt").read_text("utf-8").split("\n= ")[0]
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _cased(name: str) -> str:
    if name.startswith("mc") and len(name) > 4:
        return "Mc" + name[2:].capitalize()
    joint = re.sub(r"(^|[-'])(\w)", lambda found: found[1] + found[2].upper(), name)
    return joint[0].upper() + joint[1:]


class Writer:
    """Fills patterns at random, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - text, not secrets
        self._lists = _lists()
        words = {row["word"] for row in _rows(DATA / "people" / "words.csv")}
        self._given = self._table("forenames", words)
        self._family = self._table("surnames", words)
        values = {row["id"]: row for row in _rows(DATA / "people" / "values.csv")}
        aliases = [row for row in _rows(DATA / "people" / "aliases.csv") if row["id"] and " " in row["alias"]]
        aliases = [row for row in aliases if not _TITLED.match(row["alias"])]
        self._figures = [row["alias"] for row in aliases]
        self._arab = [row["alias"] for row in aliases if values[row["id"]]["country"] in _ARAB]
        self._east = [row["alias"] for row in aliases if values[row["id"]]["country"] in _EAST]
        self._places = self._countries()
        self._slots: Mapping[str, Callable[[], str]] = {
            "P": self.full, "S": self.surname, "G": self.given, "A": self.arabic, "E": self.eastern, "I": self.initials,
            "C": self._of("name"), "D": self._of("demonym"), "L": self.place, "F": self.thing,
        }  # fmt: skip

    def _table(self, name: str, words: set[str]) -> tuple[list[str], list[float]]:
        rows = _rows(DATA / "people" / f"{name}.csv")
        weights = [int(row["strength"]) ** 2 * (0.3 if row["name"] in words else 1.0) for row in rows]
        return [_cased(row["name"]) for row in rows], weights

    def _countries(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for table in ("aliases.csv", "aliases-places.csv"):
            for row in _rows(DATA / "countries" / table):
                plain = row["id"] and row["alias"][0].isupper() and row["alias"].isascii() and len(row["alias"]) < 24
                if plain and (row["kind"] in {"place", "capital"} or not row["rule"]):
                    found.setdefault(row["kind"], []).append(row["alias"])
        return found

    def _of(self, kind: str) -> Callable[[], str]:
        return lambda: self._random.choice(self._places[kind])

    def _word(self, name: str) -> str:
        return self._random.choice(self._lists[name])

    def _unheard(self) -> str:
        """A name that no table has: the beginning of one surname, the end of another."""
        one, other = self._random.choice(self._family[0]), self._random.choice(self._family[0])
        joined = one[: self._random.randint(2, 4)] + other[-self._random.randint(2, 5) :]
        return re.sub(r"[-' ]", "", joined).capitalize()

    def given(self) -> str:
        """A forename."""
        return self._random.choices(*self._given)[0] if self._random.random() < 0.95 else self._unheard()

    def family(self) -> str:
        """A surname of the table."""
        return self._random.choices(*self._family)[0]

    def surname(self) -> str:
        """A surname, of the table or not, perhaps with a particle or doubled."""
        chance = self._random.random()
        if chance < 0.60:
            return self.family()
        if chance < 0.74:
            return self._unheard()
        if chance < 0.90:
            return self._random.choice(self._figures).split()[-1]
        if chance < 0.94:
            return self._random.choice(["al-", "Al-", "el-", "al-"]) + self._word("arabic families")
        if chance < 0.97:
            return self._word("particles") + " " + self.family()
        return self.family() + "-" + self.family()

    def arabic(self) -> str:
        """An Arabic name of some form."""
        given, family = (lambda: self._word("arabic forenames")), (lambda: self._word("arabic families"))
        article = self._random.choice(["al", "al", "el", "Al"])
        forms = [
            lambda: self._random.choice(self._arab),
            lambda: f"Abu {given()} {article}-{family()}",
            lambda: f"{given()} {article}-{family()}",
            lambda: f"{given()} bin {given()}",
            lambda: f"{given()} bin {given()} al-{family()}",
            lambda: f"{given()} Abdul {family()}",
            lambda: f"{given()} {given()} {family()}",
        ]
        return self._random.choices(forms, [30, 20, 22, 6, 5, 7, 10])[0]()

    def eastern(self) -> str:
        """A Chinese, Korean or Vietnamese name, family name first."""
        word = self._word
        forms = [
            lambda: self._random.choice(self._east),
            lambda: f"{word('chinese families')} {word('pinyin')}{word('pinyin').lower()}",
            lambda: f"{word('chinese families')} {word('pinyin')}",
            lambda: f"{word('korean families')} {word('korean')}-{word('korean').lower()}",
            lambda: f"{word('korean families')} {word('korean')} {word('korean')}",
            lambda: f"{word('vietnamese families')} {word('vietnamese middles')} {word('vietnamese')}",
            lambda: f"{word('chinese families')} {word('pinyin')}-{word('pinyin').lower()}",
        ]
        return self._random.choices(forms, [30, 17, 6, 15, 12, 12, 8])[0]()

    def initials(self) -> str:
        """Initials and a surname."""
        one, two = self._random.choice("ABCDEFGHJKLMNPRSTW"), self._random.choice("ABCDEFGHJKLMNPRSTW")
        forms = [f"{one}.", f"{one}.{two}.", f"{one}. {two}.", f"{self.given()} {one}.", f"{self.given()} {one}."]
        return f"{self._random.choice(forms)} {self.surname()}"

    def full(self) -> str:
        """A full name of some form."""
        forms = [
            lambda: f"{self.given()} {self.surname()}",
            lambda: f"{self.given()} {self.given()} {self.surname()}",
            self.initials,
            self.arabic,
            self.eastern,
            lambda: f"{self.given()} “{self.given()}” {self.surname()}",
            lambda: f"{self.given()}-{self.given()} {self.surname()}",
            lambda: self._random.choice(self._figures),
            lambda: f"{self.given()} {self.given()} {self._word('particles')} {self.family()} {self.family()}",
            lambda: f"{self.given()} {self.family()} {self.family()}",
            lambda: f"{self.given()}-{self.given()} {self._unheard()}",
        ]
        return self._random.choices(forms, [50, 8, 6, 6, 6, 2, 2, 16, 2, 4, 2])[0]()

    def place(self) -> str:
        """A city or region, seldom one that no table has."""
        chance = self._random.random()
        if chance > 0.93:
            return self._unheard()
        return self._random.choice(self._places["capital" if chance < 0.45 else "place"])

    def thing(self) -> str:
        """A firm, place, prize, law or ship that bears the name of a person or place."""
        return _SLOT.sub(lambda slot: self._slots[slot[1]](), self._word("things"))

    def fill(self, pattern: str) -> Marked:
        """A sentence made from the pattern, and the characters that name people."""
        inside = [found.span() for found in _THING.finditer(pattern)]
        text, spans, done = "", [], 0
        for slot in _SLOT.finditer(pattern):
            text += pattern[done : slot.start()]
            done = slot.end()
            name = slot[1]
            made = self._slots[name]() if name in self._slots else self._word(name)
            if name in _PEOPLE and not any(start <= slot.start() < end for start, end in inside):
                spans.append((len(text), len(text) + len(made)))
            text += made
        text += pattern[done:]
        if text[0].islower() and self._random.random() < 0.7:
            text = text[0].upper() + text[1:]
        if self._random.random() < 0.07 and len(text.upper()) == len(text):
            text = text.upper()
        return text, spans

    def sentences(self, count: int) -> Iterator[Marked]:
        """Sentences from all patterns in turn."""
        every = patterns()
        for number in range(count):
            yield self.fill(every[number % len(every)])
