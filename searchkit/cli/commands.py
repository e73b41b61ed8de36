"""The commands: their options, their help, and the module that does each.

What a command needs is imported when it runs, so that `searchkit --help` is there at once.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from searchkit import __version__
from searchkit.cli import complete
from searchkit.cli.dimensions import dimension_name
from searchkit.cli.filters import Filters, Page, request_of
from searchkit.cli.options import (
    BatchFormat,
    Context,
    FacetLimit,
    Group,
    Index,
    Jobs,
    Limit,
    Live,
    Memory,
    Offset,
    Order,
    Outcome,
    Query,
    QueryCommand,
    Raw,
    SearchFormat,
    TableOrJson,
    TextOrJson,
    ValueLimit,
    command,
)
from searchkit.model import ENTITY_DIMENSIONS

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH", help="Files and folders. Default: 'paths' of searchkit.toml, else those of earlier runs."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the report as JSON.")]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Encoding of the files. Default: found out.")
]
People = Annotated[
    str | None,
    typer.Option("--people", metavar="spacy:NAME", help="Find people with this spaCy model instead of our own."),
]

app = typer.Typer(
    name="searchkit",
    cls=Group,
    help="Full-text search over paragraphs, with exact facets for people, countries and weapons.",
    epilog="Start with:  searchkit index FOLDER   then:  searchkit tui",
    rich_markup_mode=None,  # rich takes 0.1 s to import: help must be there at once
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"searchkit {__version__}")  # noqa: T201 - what was asked for
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the command; `main` looks for --debug itself."""


@command(
    app,
    "searchkit index articles/ report.txt",
    "searchkit index articles/ --index ~/press --json",
)
def index(
    *,
    paths: Paths = None,
    index: Index = None,
    jobs: Jobs = None,
    memory: Memory = None,
    encoding: Encoding = None,
    people: People = None,
    as_json: AsJson = False,
) -> Outcome:
    """Add, update and remove documents.

    Unchanged documents are skipped; those that are gone from a given folder are removed. What cannot be read is
    named, the rest is indexed, and the exit code is 3.
    """
    from searchkit.cli import indexing

    return indexing.build(
        paths or [], index, rebuild=False, jobs=jobs, encoding=encoding, people=people, as_json=as_json, memory=memory
    )


@command(
    app,
    "searchkit rebuild articles/",
)
def rebuild(
    *,
    paths: Paths = None,
    index: Index = None,
    jobs: Jobs = None,
    memory: Memory = None,
    encoding: Encoding = None,
    people: People = None,
    as_json: AsJson = False,
) -> Outcome:
    """Build the index anew from the given files alone.

    The old index answers until the new one is complete.
    """
    from searchkit.cli import indexing

    return indexing.build(
        paths or [], index, rebuild=True, jobs=jobs, encoding=encoding, people=people, as_json=as_json, memory=memory
    )


@command(
    app,
    "searchkit watch articles/",
)
def watch(
    *,
    paths: Paths = None,
    index: Index = None,
    jobs: Jobs = None,
    memory: Memory = None,
    encoding: Encoding = None,
    people: People = None,
    as_json: AsJson = False,
) -> None:
    """Keep the index current as files change, until interrupted.

    It indexes once, and again after each change. A line is written for each generation. What cannot be read is named
    once and does not stop it; where another process is writing, it waits.
    """
    from searchkit.cli import watching

    watching.watch(paths or [], index, jobs=jobs, memory=memory, encoding=encoding, people=people, as_json=as_json)


@command(
    app,
    "searchkit compact",
)
def compact(index: Index = None, as_json: AsJson = False) -> None:
    """Merge the index into one segment, without what was deleted.

    Searches go on as before while it runs. What a running search still reads goes with the next change.
    """
    from searchkit.cli import indexing

    indexing.compact(index, as_json=as_json)


@command(
    app,
    "searchkit search 'long-range missiles' --country Ukraine --not-person 'Joe Biden'",
    "searchkit search --weapon Missiles --from 2024-11 --format json",
    "searchkit search drones -tanks",
    cls=QueryCommand,
)
def search(
    *,
    filters: Filters,
    query: Query = None,
    index: Index = None,
    limit: Limit = 20,
    offset: Offset = 0,
    facet_limit: FacetLimit = 20,
    sort: Order = "relevance",
    form: Annotated[SearchFormat, typer.Option("--format", help="How the answer is written.")] = "table",
    raw: Raw = False,
    live: Live = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say how the query was understood and run: its plan, hits, times.")
    ] = False,
    why: Annotated[
        str | None,
        typer.Option("--why", metavar="VALUE", help="Show what in the hits names this value.", show_default=False),
    ] = None,
) -> Outcome:
    """Find paragraphs, and count who and what they name.

    Words are joined by AND; there are OR, -word, "a phrase", prefix*, (groups) and title:word as well. Filters
    select: any of the values given for a dimension, in every dimension that is given.
    """
    from searchkit.cli import searching

    page = Page(limit=limit, offset=offset, facet_limit=facet_limit, sort=sort, live=live)
    request = request_of(" ".join(query or ()), filters, page)
    view = searching.View(format=form, raw=raw, explain=explain, why=why)
    searching.search(index, request, filters.dimensions(), view)
    return None


@command(
    app,
    "searchkit facets missiles --dimension countries --limit 50",
    "searchkit facets --dimension year --person 'Joe Biden'",
    cls=QueryCommand,
)
def facets(
    *,
    filters: Filters,
    query: Query = None,
    index: Index = None,
    dimension: Annotated[
        list[str] | None,
        typer.Option(
            "--dimension",
            metavar="DIM",
            help="Count this dimension; repeatable. Default: people, countries, weapons.",
            show_default=False,
            autocompletion=complete.dimensions,
        ),
    ] = None,
    limit: ValueLimit = 20,
    form: Annotated[TableOrJson, typer.Option("--format", help="How the answer is written.")] = "table",
    live: Live = False,
) -> Outcome:
    """Count the values of each dimension in the paragraphs found."""
    from searchkit.cli import searching

    dimensions = tuple(dict.fromkeys(dimension_name(name) for name in dimension or ENTITY_DIMENSIONS))
    page = Page(limit=0, facet_limit=limit, live=live, dimensions=dimensions)
    request = request_of(" ".join(query or ()), filters, page)
    searching.facets(index, request, {*dimensions, *filters.dimensions()}, form, added=not dimension)
    return None


@command(
    app,
    "searchkit batch queries.txt --country Ukraine --output answers.jsonl",
    "searchkit batch topics.csv --format trec --limit 1000 > run.txt",
)
def batch(
    *,
    filters: Filters,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Queries: .txt, .csv, .jsonl, or - for lines of input.")],
    index: Index = None,
    target: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there. Default: standard output.")
    ] = None,
    form: Annotated[BatchFormat, typer.Option("--format", help="How the answers are written.")] = "jsonl",
    raw: Raw = False,
    limit: Limit = 20,
    facet_limit: FacetLimit = 20,
    sort: Order = "relevance",
    live: Live = False,
    jobs: Jobs = None,
) -> Outcome:
    """Answer many queries, all under the filters given here.

    A .txt file has a query a line; empty lines are passed over. Columns of .csv and keys of .jsonl are id, query,
    person, country, weapon, not_person, not_country, not_weapon, from, to, source, scope and limit, several values
    joined by ';'; they add to the filters given here. A row that cannot be answered is named, the others are
    answered, and the exit code is 3.
    """
    from searchkit.cli import batch as batches

    page = Page(limit=limit, facet_limit=facet_limit, sort=sort, live=live)
    return batches.batch(index, file, filters, page, target=target, form=form, jobs=jobs, raw=raw)


@command(
    app,
    "searchkit extract article.txt",
    'echo \'{"id": "1", "text": "Zelensky was in Paris."}\' | searchkit extract',
)
def extract(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Text or JSONL; - is standard input.")] = "-",
    form: Annotated[
        Literal["text", "jsonl"] | None,
        typer.Option("--input", help="What the input is. Default: found out.", show_default=False),
    ] = None,
    people: People = None,
) -> Outcome:
    """Find people, countries and weapons in a text.

    No index is needed. Text is cut into paragraphs. JSONL has an object with 'text', and perhaps 'id' and
    'document', on each line.
    """
    from searchkit.cli import extracting

    return extracting.extract(file, form, people)


@command(
    app,
    "searchkit show 4f1c22d09b7a --context 5",
)
def show(
    paragraph: Annotated[str, typer.Argument(metavar="ID", help="The id of a paragraph, as search prints it.")],
    index: Index = None,
    context: Context = 2,
    form: Annotated[TextOrJson, typer.Option("--format", help="How it is written.")] = "text",
) -> Outcome:
    """Show one paragraph in its document."""
    from searchkit.cli import searching

    searching.show(index, paragraph, context, form)
    return None


@command(
    app,
    "searchkit status --index ~/press",
)
def status(
    index: Index = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="How it is written.")] = "table",
) -> Outcome:
    """Say what the index holds."""
    from searchkit.cli import indexing

    indexing.status(index, form)
    return None


@command(
    app,
    "searchkit check --index ~/press",
)
def check(index: Index = None) -> Outcome:
    """Read every byte of the index; name what is damaged."""
    from searchkit.cli import indexing

    return indexing.check(index)


@command(
    app,
    "searchkit tui --index ~/press",
)
def tui(
    index: Index = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Write no file, start no editor; `serve` shows it so.")
    ] = False,
) -> Outcome:
    """Search and drill down, live at every keystroke."""
    from searchkit.cli import interactive

    return interactive.run(index, read_only=read_only)


@command(
    app,
    "searchkit serve --index ~/press",
    "searchkit serve --host 0.0.0.0 --port 8000 --tls-proxy https://search.example.org",
)
def serve(
    index: Index = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Listen on this port; 0 is any that is free.")
    ] = 0,
    tls_proxy: Annotated[
        str | None,
        typer.Option(
            "--tls-proxy",
            metavar="URL",
            help="The https address of a proxy before this server; any --host is allowed then.",
            show_default=False,
        ),
    ] = None,
    sessions: Annotated[int, typer.Option("--sessions", min=1, help="Serve at most so many pages at a time.")] = 4,
) -> Outcome:
    """Show the terminal UI in a browser, read-only.

    The address that is printed bears a token which is good for one browser. Others on the network cannot reach the
    server unless a proxy that speaks TLS stands before it (--tls-proxy); the proxy has to pass the Host header on.
    """
    from searchkit.cli import interactive

    interactive.serve(index, host=host, port=port, tls_proxy=tls_proxy, sessions=sessions)
    return None
