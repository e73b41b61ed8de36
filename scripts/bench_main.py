"""Measure searchkit beside its peers: `scripts/bench [--sizes 10000 100000 1000000] [--corpus FILE.jsonl] ...`.

`scripts/bench growth FILE.json...` draws the growth of each cost from the results of earlier runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import bench_corpus
import bench_measure
import bench_queries
import bench_report
import numpy as np
from bench_engines import TOP, Engine, Tantivy, available

SIZES: Final = (10_000, 100_000, 1_000_000)
HUGE: Final = 10_000_000
#: Sets of searches that are asked once each, after those that are repeated.
OTHERS: Final = 3


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["--step"]:
        run_step(sys.argv[2], *sys.argv[3:])
        return
    if sys.argv[1:2] == ["growth"]:
        results = [result for path in sys.argv[2:] for result in json.loads(Path(path).read_text())["results"]]
        results.sort(key=lambda result: result["paragraphs"])
        growth(results)
        bench_report.draw(results, Path("bench-growth.png"))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="paragraphs of the made-up corpora")
    parser.add_argument("--huge", action="store_true", help=f"also {HUGE:,} paragraphs")
    parser.add_argument("--corpus", type=Path, help="a JSONL file with text and given facets, instead of made-up ones")
    parser.add_argument("--engines", nargs="+", help="only these")
    parser.add_argument("--exact-peer", action="store_true", help="have Tantivy count exactly over its segments")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "searchkit-bench",
        help="where corpora and indexes go",
    )
    parser.add_argument("--output", type=Path, default=Path("bench"), help="results: OUTPUT.json and OUTPUT.png")
    parser.add_argument(
        "--keep", action="store_true", help="search the indexes of the last run, do not build them anew"
    )
    options = parser.parse_args()
    sizes = [*options.sizes, *([HUGE] if options.huge else [])]
    corpora = [options.corpus] if options.corpus else [bench_corpus.make(size, options.folder) for size in sizes]
    Tantivy.exact = options.exact_peer
    results = []
    for corpus in corpora:
        engines = [engine for engine in available() if not options.engines or engine.name in options.engines]
        results.append(measure(corpus, options.folder, engines, keep=options.keep, made_up=not options.corpus))
        bench_report.show(results[-1])
        report = {"machine": machine(), "results": results}
        options.output.with_suffix(".json").write_text(json.dumps(report, indent=1) + "\n")
    growth(results)
    bench_report.draw(results, options.output.with_suffix(".png"))


def measure(corpus: Path, folder: Path, engines: list[Engine], *, keep: bool, made_up: bool) -> bench_report.Result:
    """Build, open and search one corpus with every engine that takes so many paragraphs."""
    paragraphs = text_bytes = 0
    for record in bench_corpus.read(corpus):
        paragraphs += 1
        text_bytes += len(str(record["text"]).encode())
    engines = [engine for engine in engines if engine.limit is None or paragraphs <= engine.limit]
    queries, *others = bench_queries.choose(corpus, 1 + OTHERS)
    figures: dict[str, dict[str, float]] = {}
    process: dict[str, float] = {}
    for engine in engines:
        index = folder / f"{corpus.stem}-{engine.name}"
        figure = index.with_suffix(".built.json")
        if not (keep and figure.exists()):
            built = bench_measure.build(engine, corpus, index)
            figure.write_text(
                json.dumps(
                    {
                        "build_seconds": built.seconds,
                        "build_cpu_seconds": built.cpu_seconds,
                        "build_peak_bytes": built.peak_bytes,
                    }
                )
            )
        figures[engine.name] = {
            **json.loads(figure.read_text()),
            "index_bytes": bench_measure.size(index),
            "open_ms": float(bench_measure.step("--step", "open", engine.name, str(index)).output),
        }
        print(f"{engine.name}: {figures[engine.name]['build_seconds']:.1f} s", file=sys.stderr)
        engine.open(index)
        if engine.name == "searchkit":
            process = commands(index, corpus, queries)
    table = bench_measure.race(engines, queries)
    new = [query for some in others for query in some if query.words]
    names = [engine.name for engine in engines]
    return {
        "corpus": corpus.name,
        "paragraphs": paragraphs,
        "text_bytes": text_bytes,
        "engines": figures,
        "process": process,
        "kinds": bench_report.summary(queries, table, names),
        "asked_once": bench_report.summary(new, bench_measure.once(engines, new), names),
        "searches": bench_report.searches(queries, table),
        # With real text the engines cut words differently, so that totals differ and say nothing.
        "disagreements": bench_measure.disagreements(queries, table) if made_up else [],
    }


def commands(index: Path, corpus: Path, queries: list[bench_queries.Query]) -> dict[str, float]:
    """What a command costs that starts cold, and what memory a reader keeps."""
    one = next(query for query in queries if query.kind == "and")
    place = ("--index", str(index))
    memory = bench_measure.step("--step", "memory", "searchkit", str(index), str(corpus)).output
    return {
        "command --help (ms)": bench_measure.command("--help"),
        "command search, two words (ms)": bench_measure.command("search", one.text, *place, "--format", "json"),
        "command search, prefix (ms)": bench_measure.command(
            "search", one.words[0][:3], "--live", *place, "--format", "json"
        ),
        "reader's private memory (MiB)": float(memory) / 2**20,
    }


def run_step(name: str, engine_name: str, *arguments: str) -> None:
    """One step in this process, for the one that measures it."""
    engine = next(engine for engine in available() if engine.name == engine_name)
    if name == "build":
        engine.build(Path(arguments[0]), Path(arguments[1]))
        return
    engine.open(Path(arguments[0]))  # imports what it needs, which is no matter of the index
    started = time.perf_counter()
    engine.open(Path(arguments[0]))
    if name == "open":
        print(1000 * (time.perf_counter() - started))
        return
    before = bench_measure.private_bytes()
    for query in bench_queries.choose(Path(arguments[1]))[0]:
        engine.search(query)
    print(bench_measure.private_bytes() - before)


def growth(results: list[bench_report.Result]) -> None:
    """Print what a hit costs at each size, and what a search costs apart from its hits: lines through the medians.

    Of searches for words and for any of several words that fill a page, without selections: there a posting read is a
    hit, or nearly so. A hit costs the same in both kinds, and a search apart from that does not.
    """
    print("\nnanoseconds a hit, and milliseconds a search for a word, and for any of several, apart from that")
    for result in results:
        some = [s for s in result["searches"] if s["kind"] in {"term", "or"} and not s["filters"] and s["total"] >= TOP]
        cells = ""
        for name in result["engines"]:
            known = [[s["total"], s["kind"] == "term", s["kind"] == "or"] for s in some]
            medians = [s["median_ms"][name] for s in some]
            cost, word, any_of = np.linalg.lstsq(np.array(known, float), np.array(medians), rcond=None)[0]
            cells += f"  {name} {1e6 * cost:7.1f} + {word:.2f}, {any_of:.2f}"
        print(f"  {result['paragraphs']:>10,}{cells}")


def machine() -> dict[str, str]:
    """What was measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": str(os.cpu_count()),
        "measured": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    main()
