"""What was measured, as a table, as JSON and as pictures."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench_measure import Timings
from bench_queries import Query

Result = dict[str, Any]
BASE: Final = "searchkit"


def summary(queries: Sequence[Query], table: Sequence[Mapping[str, Timings]], engines: Sequence[str]) -> Result:
    """Per kind of search and over all, with and without selections: medians, 95th percentiles, ratios to searchkit."""
    result: Result = {}
    for selected in (False, True):
        rows = [(query, row) for query, row in zip(queries, table, strict=True) if bool(query.filters) == selected]
        kinds = list(dict.fromkeys(query.kind for query, _ in rows))
        for kind in (*kinds, "all"):
            some = [row for query, row in rows if kind in {query.kind, "all"}]
            if some:
                result[f"{kind}{' + two selected' if selected else ''}"] = _figures(some, engines)
    return result


def _figures(rows: Sequence[Mapping[str, Timings]], engines: Sequence[str]) -> Result:
    figures: Result = {"searches": len(rows)}
    for name in engines:
        medians = [row[name].median for row in rows]
        every = sorted(time for row in rows for time in row[name].times)
        figures[name] = {
            "median_ms": statistics.median(medians),
            "p95_ms": every[min(len(every) - 1, int(0.95 * len(every)))],
            "geometric_mean_ms": statistics.geometric_mean(medians),
        }
        if name != BASE and BASE in engines:
            ratios = [row[BASE].median / row[name].median for row in rows]
            figures[name]["searchkit_takes"] = statistics.geometric_mean(ratios)
            figures[name]["searchkit_takes_at_worst"] = max(ratios)
    return figures


def searches(queries: Sequence[Query], table: Sequence[Mapping[str, Timings]]) -> list[Result]:
    """Every search with its total and its medians."""
    return [
        {
            "kind": query.kind,
            "text": query.text,
            "filters": dict(query.filters),
            "total": next(iter(row.values())).answer.total,  # type: ignore[union-attr] # every search was run
            "median_ms": {name: timings.median for name, timings in row.items()},
        }
        for query, row in zip(queries, table, strict=True)
    ]


def show(result: Result) -> None:
    """Print one size's figures."""
    print(f"\n{result['paragraphs']:,} paragraphs, {result['text_bytes'] / 1e6:.0f} MB of text")
    for name, engine in result["engines"].items():
        rate = result["paragraphs"] / engine["build_seconds"]
        print(
            f"  {name:12} build {engine['build_seconds']:8.1f} s ({rate:9,.0f}/s)"
            f"  peak {engine['build_peak_bytes'] / 2**20:6.0f} MiB"
            f"  index {engine['index_bytes'] / result['text_bytes']:5.2f} x text  open {engine['open_ms']:7.1f} ms"
        )
    for key, value in result["process"].items():
        print(f"  {key}: {value:,.1f}")
    engines = list(result["engines"])
    print(f"  {'':28}" + "".join(f"{name:>24}" for name in engines))
    for kind, figures in result["kinds"].items():
        cells = []
        for name in engines:
            cell = f"{figures[name]['median_ms']:.2f} ({figures[name]['p95_ms']:.2f})"
            if "searchkit_takes" in figures[name]:
                cell += f" x{figures[name]['searchkit_takes']:.3f}"
            cells.append(f"{cell:>24}")
        print(f"  {kind:28}" + "".join(cells))
    print("  median ms (95th percentile) xshare of its time that searchkit takes, geometric mean")
    for kind in ("all", "all + two selected"):
        some = result["asked_once"][kind]
        shares = [
            f"x{some[name]['searchkit_takes']:.3f} of {name}'s" for name in engines if "searchkit_takes" in some[name]
        ]
        print(f"  {kind}, {some['searches']} other searches asked once: {', '.join(shares)}")
    for line in result["disagreements"][:10]:
        print(f"  DISAGREE {line}")
    if any("tantivy" in line for line in result["disagreements"]):
        print("  (Tantivy's aggregations count rare values too low over several segments, but with --exact-peer)")
    if not result["disagreements"]:
        print("  all engines agree on every total and every count that they list")


def draw(results: Sequence[Result], path: Path) -> None:
    """A picture: time by kind of search at the largest size, and how each cost grows."""
    import matplotlib as mpl  # noqa: PLC0415 - only where somebody measures

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the backend is chosen

    last = results[-1]
    kinds = [kind for kind in last["kinds"] if not kind.startswith("all")]
    figure, (bars, growth) = plt.subplots(1, 2, figsize=(15, 6))
    width = 0.8 / len(last["engines"])
    for i, name in enumerate(last["engines"]):
        bars.bar(
            [x + i * width for x in range(len(kinds))],
            [last["kinds"][kind][name]["geometric_mean_ms"] for kind in kinds],
            width,
            label=name,
        )
    bars.set_yscale("log")
    bars.set_xticks([x + 0.4 for x in range(len(kinds))], kinds, rotation=60, ha="right")
    bars.set_ylabel("ms, geometric mean")
    bars.set_title(f"{last['paragraphs']:,} paragraphs: top 20, exact total, three facets")
    bars.legend()
    for name in {name for result in results for name in result["engines"]}:
        some = [result for result in results if name in result["engines"]]
        sizes = [result["paragraphs"] for result in some]
        growth.plot(
            sizes, [r["kinds"]["all"][name]["geometric_mean_ms"] for r in some], "o-", label=f"{name}, search (ms)"
        )
        growth.plot(sizes, [r["engines"][name]["build_seconds"] for r in some], "s--", label=f"{name}, build (s)")
    growth.set_xscale("log")
    growth.set_yscale("log")
    growth.set_xlabel("paragraphs")
    growth.set_title("How the costs grow")
    growth.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
