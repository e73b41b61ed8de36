"""searchkit and its peers behind one face: build from a JSONL file, open, answer a search with its facet counts.

An answer holds the exact total, the twenty best texts, and for each dimension the twenty most frequent values counted
over all hits; the counts of a dimension ignore its own selection. Engines that cannot do that in one search do as
many as it takes.
"""

# ruff: noqa: D102 - what the methods do is said at the protocol, once

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import Stemmer
import tantivy
from bench_corpus import DIMENSIONS, read
from bench_queries import Query

TOP: Final = 20
stem: Final[Callable[[str], str]] = Stemmer.Stemmer("english").stemWord


class Answer(NamedTuple):
    """The exact total, and the counts of the most frequent values of each dimension."""

    total: int
    counts: Mapping[str, Mapping[str, int]]


class Engine(Protocol):
    """One engine over an index in a folder."""

    name: str
    #: The most paragraphs that it is asked to hold; None is any number.
    limit: int | None

    def build(self, corpus: Path, folder: Path) -> None:
        """Make the index of a corpus, with the facet values that its records bring."""

    def open(self, folder: Path) -> None:
        """Open the index."""

    def search(self, query: Query) -> Answer:
        """Answer a search."""


class Searchkit:
    """The engine that this is about, through its public API."""

    name: str = "searchkit"
    limit: int | None = None

    def build(self, corpus: Path, folder: Path) -> None:
        import searchkit  # noqa: PLC0415 - the peers are measured without it in the process

        searchkit.build([str(corpus)], into=str(folder))

    def open(self, folder: Path) -> None:
        import searchkit  # noqa: PLC0415 - as above

        self._index = searchkit.open(str(folder))

    def search(self, query: Query) -> Answer:
        results = self._index.search(
            query.text,
            live=query.kind == "prefix",
            filters={name: [value] for name, value in query.filters.items()},
            limit=TOP,
            facet_limit=TOP,
            dimensions=DIMENSIONS,
        )
        counts = {name: {value.value: value.count for value in results.facets[name].values} for name in DIMENSIONS}
        return Answer(results.total, counts)


class Tantivy:
    """Tantivy's Python package: terms aggregations, and one search more for each dimension with a selection.

    As it is set up, an aggregation keeps the most frequent values of each of its segments only, so that counts of rare
    values may come out too low; with `exact` it keeps all, and takes about twice as long.
    """

    exact = False

    name: str = "tantivy"
    limit: int | None = None

    def build(self, corpus: Path, folder: Path) -> None:
        builder = tantivy.SchemaBuilder().add_text_field("text", stored=True, tokenizer_name="en_stem")
        for name in DIMENSIONS:
            builder = builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        folder.mkdir(parents=True)
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(1 << 30, 2)
        for record in read(corpus):
            writer.add_document(tantivy.Document(**{name: record[name] for name in ("text", *DIMENSIONS)}))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    def search(self, query: Query) -> Answer:
        selected = {name: self._term(name, value) for name, value in query.filters.items()}
        text = self._text(query)
        everything = self._all(text, list(selected.values()))
        found = self._searcher.search(everything, limit=TOP, count=True)
        for _, address in found.hits:
            self._searcher.doc(address)["text"]
        counts: dict[str, Mapping[str, int]] = {}
        free = [name for name in DIMENSIONS if name not in selected]
        counts.update(self._counts(everything, free))
        for name in selected:
            others = [term for other, term in selected.items() if other != name]
            counts.update(self._counts(self._all(text, others), [name]))
        return Answer(found.count, counts)  # type: ignore[attr-defined] # its stubs do not know it

    def _counts(self, query: tantivy.Query, names: list[str]) -> Iterator[tuple[str, Mapping[str, int]]]:
        kept = {"segment_size": 1 << 16} if self.exact else {}
        asked = {name: {"terms": {"field": name, "size": TOP, **kept}} for name in names}
        for name, answer in self._searcher.aggregate(query, asked).items():
            yield name, {bucket["key"]: int(bucket["doc_count"]) for bucket in answer["buckets"]}

    def _all(self, text: tantivy.Query, filters: list[tantivy.Query]) -> tantivy.Query:
        if not filters:
            return text
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, text),
                *((tantivy.Occur.Must, tantivy.Query.const_score_query(f, 0.0)) for f in filters),
            ]
        )

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value)

    def _text(self, query: Query) -> tantivy.Query:
        if query.kind == "every":
            return tantivy.Query.all_query()
        if query.kind == "prefix":
            return tantivy.Query.regex_query(self._schema, "text", f"{query.words[0]}.*")
        if query.kind == "phrase":
            return tantivy.Query.phrase_query(self._schema, "text", [stem(word) for word in query.words])
        terms = [self._term("text", stem(word)) for word in query.words]
        first, rest = {
            "term": (tantivy.Occur.Must, tantivy.Occur.Must),
            "and": (tantivy.Occur.Must, tantivy.Occur.Must),
            "or": (tantivy.Occur.Should, tantivy.Occur.Should),
            "not": (tantivy.Occur.Must, tantivy.Occur.MustNot),
        }[query.kind]
        if len(terms) == 1:
            return terms[0]
        return tantivy.Query.boolean_query([(first, terms[0]), *((rest, term) for term in terms[1:])])


class Fts5:
    """SQLite FTS5 with the facet values in a table beside it; the words that are put into statements are our own."""

    name: str = "sqlite-fts5"
    limit: int | None = 100_000

    def build(self, corpus: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        with sqlite3.connect(folder / "index.db") as database:
            database.execute("CREATE VIRTUAL TABLE paragraph USING fts5(text, tokenize = 'porter ascii')")
            database.execute("CREATE TABLE bears(paragraph INTEGER, dimension TEXT, value TEXT)")
            rows = []
            for number, record in enumerate(read(corpus), 1):
                database.execute("INSERT INTO paragraph(rowid, text) VALUES (?, ?)", (number, record["text"]))
                rows += [(number, name, value) for name in DIMENSIONS for value in record[name]]  # type: ignore[attr-defined] # a list
            database.executemany("INSERT INTO bears VALUES (?, ?, ?)", rows)
            database.execute("CREATE INDEX of_paragraph ON bears(paragraph, dimension, value)")
            database.execute("CREATE INDEX of_value ON bears(dimension, value, paragraph)")
            database.execute("INSERT INTO paragraph(paragraph) VALUES ('optimize')")

    def open(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "index.db")

    def search(self, query: Query) -> Answer:
        one, *rest = query.words or ("",)
        match = {
            "and": " AND ".join(query.words),
            "or": " OR ".join(query.words),
            "not": f"{one} NOT {' '.join(rest)}",
            "phrase": f'"{" ".join(query.words)}"',
            "prefix": f"{one}*",
        }.get(query.kind, one)
        run = self._database.execute
        run("CREATE TEMP TABLE IF NOT EXISTS hit(paragraph INTEGER PRIMARY KEY, score REAL)")
        run("DELETE FROM hit")
        if match:
            run("INSERT INTO hit SELECT rowid, rank FROM paragraph WHERE paragraph MATCH ? ORDER BY rowid", [match])
        else:
            run("INSERT INTO hit SELECT id, 0 FROM paragraph_docsize")
        where, values = self._where(query, None)
        total = int(run(f"SELECT count(*) FROM hit WHERE {where}", values).fetchone()[0])  # noqa: S608 - our own
        best = f"SELECT paragraph FROM hit WHERE {where} ORDER BY score LIMIT {TOP}"  # noqa: S608 - our own
        run(f"SELECT text FROM paragraph WHERE rowid IN ({best})", values).fetchall()  # noqa: S608 - our own
        counts = {}
        for name in DIMENSIONS:
            where, values = self._where(query, name)
            rows = run(
                "SELECT value, count(*) AS n FROM hit JOIN bears USING (paragraph)"  # noqa: S608 - our own
                f" WHERE dimension = ? AND {where} GROUP BY value ORDER BY n DESC, value LIMIT {TOP}",
                [name, *values],
            )
            counts[name] = dict(rows.fetchall())
        return Answer(total, counts)

    def _where(self, query: Query, ignored: str | None) -> tuple[str, list[str]]:
        filters = [item for item in query.filters.items() if item[0] != ignored]
        one = "paragraph IN (SELECT paragraph FROM bears WHERE dimension = ? AND value = ?)"
        return " AND ".join([one] * len(filters)) or "TRUE", [part for item in filters for part in item]


class Whoosh:
    """Stock Whoosh with its own codec, counting with `groupedby`."""

    name: str = "whoosh"
    limit: int | None = 10_000

    def build(self, corpus: Path, folder: Path) -> None:
        from whoosh import fields, index  # noqa: PLC0415 - slow to import, and only here
        from whoosh.analysis import StemmingAnalyzer  # noqa: PLC0415 - as above

        analyzer = StemmingAnalyzer(stoplist=None, minsize=1)
        schema = fields.Schema(
            text=fields.TEXT(analyzer=analyzer, stored=True),
            **{name: fields.KEYWORD(commas=True) for name in DIMENSIONS},
        )
        folder.mkdir(parents=True)
        writer = index.create_in(str(folder), schema).writer(limitmb=512)
        for record in read(corpus):
            values = {name: ",".join(map(str, record[name])) for name in DIMENSIONS}  # type: ignore[call-overload] # a list
            writer.add_document(text=record["text"], **values)
        writer.commit()

    def open(self, folder: Path) -> None:
        from whoosh import index  # noqa: PLC0415 - as above

        self._searcher = index.open_dir(str(folder)).searcher()

    def search(self, query: Query) -> Answer:
        from whoosh import query as q  # noqa: PLC0415 - as above

        text = self._tree(query)
        filters = {name: q.Term(name, value) for name, value in query.filters.items()}
        results = self._searcher.search(q.And([text, *filters.values()]), limit=TOP)
        for hit in results:
            hit["text"]
        counts = {}
        for name in DIMENSIONS:
            others = [term for other, term in filters.items() if other != name]
            seen: Counter[str] = Counter()
            hits = set(self._searcher.docs_for_query(q.And([text, *others])))
            for value in self._searcher.reader().lexicon(name):
                posted = self._searcher.postings(name, value)
                seen[value.decode()] = sum(number in hits for number in posted.all_ids())
            counts[name] = dict(seen.most_common(TOP))
        return Answer(len(results), counts)

    def _tree(self, query: Query) -> Any:  # noqa: ANN401 - nor have its queries here
        from whoosh import query as q  # noqa: PLC0415 - as above

        terms = [q.Term("text", stem(word)) for word in query.words]
        if query.kind == "every":
            return q.Every()
        if query.kind == "prefix":
            return q.Prefix("text", query.words[0])
        if query.kind == "phrase":
            return q.Phrase("text", [stem(word) for word in query.words])
        if query.kind == "not":
            return q.AndNot(terms[0], terms[1])
        return q.Or(terms) if query.kind == "or" else q.And(terms)


ENGINES: Final[tuple[type[Engine], ...]] = (Searchkit, Tantivy, Fts5, Whoosh)


def available() -> list[Engine]:
    """One of each engine that can run here."""
    engines: list[Engine] = []
    for kind in ENGINES:
        with suppress(ImportError):
            engines.append(kind())
    return engines
