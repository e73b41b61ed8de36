"""How fast the extraction is: see `--help`. Run it on a machine that does nothing else."""

# ruff: noqa: E402 - searchkit is found beside this script, wherever it is called from

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from searchkit import kernels
from searchkit.entities.extract import extractor
from searchkit.ingest.discover import discover
from searchkit.ingest.readers import read
from searchkit.labelling import BATCH_PARAGRAPHS
from searchkit.model import Failure

#: A new process: the processor time in which numpy and searchkit are imported, and the tables are there and a sentence
#: is read with them, and the memory that each adds. The kernels' numpy twins run: numba does not count as tables.
LOAD = """
import json, os, sys
from time import process_time
sys.path.insert(0, sys.argv[1])
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
times, sizes = [process_time()], [resident()]
def step():
    times.append(process_time())
    sizes.append(resident())
import numpy; step()
from searchkit import kernels
from searchkit.entities.extract import extractor; step()
kernels.use(compiled=False)
extractor().extract([["Gen. Mark Milley said in Kyiv that Biden had sent Javelin missiles."]]); step()
print(json.dumps([[b - a for a, b in zip(of, of[1:])] for of in (times, sizes)]))
"""
PARTS = ("numpy", "modules", "tables")


def documents(paths: list[str]) -> list[list[str]]:
    """The documents of the files, as the texts of their paragraphs."""
    found: list[list[str]] = []
    for source in discover(paths, base=Path.cwd()):
        for result in [source] if isinstance(source, Failure) else read(source):
            if isinstance(result, Failure):
                sys.exit(f"{result.path}: {result.reason}")
            found.append([paragraph.text for paragraph in result.paragraphs])
    return found


def loading(runs: int) -> None:
    """Print what loading costs, the median of new processes; the first fills the caches and is not counted."""
    measured = []
    for _ in range(runs + 1):
        done = subprocess.run([sys.executable, "-c", LOAD, str(ROOT)], check=True, capture_output=True, text=True)  # noqa: S603 - this Python
        measured.append(json.loads(done.stdout))
    for number, part in enumerate(PARTS):
        seconds, size = (statistics.median(run[kind][number] for run in measured[1:]) for kind in (0, 1))
        print(f"{part:<10} {1e3 * seconds:6.0f} ms {size / 1e6:8.1f} MB")


def batches(texts: Sequence[list[str]]) -> Iterator[list[list[str]]]:
    """The documents by the hundreds of paragraphs, as an index is built of them."""
    batch: list[list[str]] = []
    for one in texts:
        batch.append(one)
        if sum(map(len, batch)) >= BATCH_PARAGRAPHS:
            yield batch
            batch = []
    yield batch


def extract(texts: Sequence[list[str]]) -> float:
    """The processor seconds that the extraction of the documents takes here."""
    used = process_time()
    for batch in batches(texts):
        extractor().extract(batch)
    return process_time() - used


def begin() -> None:
    """Make a process ready: what is measured is reading texts."""
    kernels.warm()
    extractor().extract([["Joe Biden met Volodymyr Zelensky in Kyiv."]])


def speeds(texts: Sequence[list[str]], jobs: int, runs: int) -> Iterator[tuple[float, float]]:
    """Paragraphs per second, and per second of a processor, with the documents dealt to that many processes."""
    paragraphs = sum(map(len, texts))
    shares = [texts[job::jobs] for job in range(jobs)]
    for _ in range(runs):
        # New ones each time: what they remember of the words of former runs would be an advantage.
        with ProcessPoolExecutor(jobs, get_context("spawn"), begin) as pool:
            list(pool.map(extract, [[["Kyiv"]]] * (2 * jobs)))
            start = perf_counter()
            used = sum(pool.map(extract, shares))
            yield paragraphs / (perf_counter() - start), paragraphs / used


def main() -> None:
    """The command line of `scripts/extraction_speed`."""
    parser = argparse.ArgumentParser(
        prog="scripts/extraction_speed", description="Measure the speed of the extraction."
    )
    parser.add_argument("files", nargs="+", help="texts, as for searchkit index")
    parser.add_argument("--jobs", type=int, default=2, help="processes, beside the run in one (2)")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (3)")
    options = parser.parse_args()
    loading(options.runs)
    found = documents(options.files)
    print(f"{len(found):,} documents, {sum(map(len, found)):,} paragraphs")
    for jobs in sorted({1, options.jobs}):
        wall, used = (statistics.median(column) for column in zip(*speeds(found, jobs, options.runs), strict=True))
        print(f"{jobs} process{'es' * (jobs > 1):<2} {wall:8,.0f} paragraphs/s, {used:8,.0f} per processor second")


if __name__ == "__main__":
    main()
