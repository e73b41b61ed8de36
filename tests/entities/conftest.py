"""A small gazetteer of one's own."""

from __future__ import annotations

import pytest

from searchkit.entities.gazetteer import Gazetteer

TABLES = {
    "countries/values.csv": """\
id,label,parent,source
m49-150,Europe,,UN M49
FR,France,m49-150,ISO 3166-1
US,United States,,ISO 3166-1
""",
    "countries/aliases.csv": """\
id,alias,kind,case,rule,source
FR,France,name,caps,,x
FR,Élysée Palace,capital,caps,,x
US,US,abbrev,exact,,x
US,American,demonym,caps,,x
,French toast,name,any,,x
FR,French,demonym,caps,,x
""",
    "weapons/values.csv": """\
id,label,parent,source,year
s-300,S-300,missiles,public record,1978
missiles,Missiles,,public record,
""",
    "weapons/aliases.csv": """\
id,alias,kind,case,rule,source
s-300,S-300,system,caps,,x
missiles,missile,class,any,,x
missiles,missile battery,class,any,,x
missiles,American missile,class,caps,,x
""",
}


@pytest.fixture
def tables(tmp_path):
    for name, text in TABLES.items():
        table = tmp_path / "tables" / name
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(text, encoding="utf-8")
    return tmp_path / "tables"


@pytest.fixture
def gazetteer(tables, tmp_path):
    return Gazetteer.load(tables, cache=tmp_path / "cache")
