"""Damage an index in ways that libFuzzer thinks up, its checksums right, and search it.

Each input changes one file of a small index: bytes anywhere, elements of an array, its length. Then the index is
checked, opened, searched and read. An answer or one of `searchkit.errors` may come of it, and nothing else: no other
exception, no crash, no more than a gigabyte of memory, no input that takes ten seconds. The input that does is kept.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["searchkit.index", "searchkit.search"]):
    import numpy as np

    import searchkit
    from searchkit import kernels
    from searchkit.errors import SearchkitError
    from searchkit.index.arrays import write_array
    from searchkit.index.check import check
    from searchkit.index.format import pack_json, unpack_json, write_bytes
    from searchkit.index.manifest import LOCK, SEGMENTS
    from searchkit.index.segment import LISTING
    from searchkit.model import Request
    from searchkit.search.local import LocalEngine

SEEDS: Final = sorted(Path("seeds").glob("*"))[:6]
REQUESTS: Final = (
    Request("", limit=100, dimensions=("people", "countries", "weapons", "source", "year")),
    Request('"tanks of" OR mis* OR title:war OR weapns~1', live=True, filters={"countries": ("Ukraine",)}),
    Request("missile -ukraine", scope="document", exclude={"people": ("Joe Biden",)}, date_from="2022"),
)
LIMITS: Final = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=256", "-verbosity=0", "-print_final_stats=0")


class Target:
    """An index whose files are as they were, but for one."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self.directory = folder / "index"
        searchkit.build([str(path) for path in SEEDS], into=self.directory, jobs=1)
        self._files = [path for path in sorted(self.directory.rglob("*")) if path.is_file() and path.name != LOCK]
        self._whole = {path: path.read_bytes() for path in self._files}
        self._ends: Counter[str] = Counter()
        self._began = time.monotonic()
        self._until = self._began + seconds

    def __call__(self, data: bytes) -> None:
        """Try one input, or end where the time is over: libFuzzer itself would say nothing of the others."""
        if time.monotonic() > self._until:
            self._end()
        given = atheris.FuzzedDataProvider(data)
        path = self._files[given.ConsumeIntInRange(0, len(self._files) - 1)]
        listing = path.parent / LISTING
        try:
            if path.suffix == ".npy" and path.parent.parent.name == SEGMENTS:
                self._change_array(path, listing, given)
            else:
                content = bytearray(self._whole[path])
                at = given.ConsumeIntInRange(0, len(content))
                content[at : at + given.ConsumeIntInRange(0, 8)] = given.ConsumeBytes(8)
                _replace(path, bytes(content))
            self._use()
        finally:
            for changed in {path, listing} & self._whole.keys():
                _replace(changed, self._whole[changed])

    def _change_array(self, path: Path, listing: Path, given: atheris.FuzzedDataProvider) -> None:
        """Change elements or the length of an array, and enter it in the listing as if it had been so."""
        array = np.load(path)
        size = given.ConsumeIntInRange(0, 2 * len(array)) if given.ConsumeProbability() < 0.2 else len(array)
        array = np.resize(array, size) if len(array) else array
        largest = int(np.iinfo(array.dtype).max)
        for _ in range(given.ConsumeIntInRange(0, 4) if size else 0):
            first = given.ConsumeIntInRange(0, size - 1)
            last = given.ConsumeIntInRange(first, min(size - 1, first + 8))
            array[first : last + 1] = given.ConsumeIntInRange(0, largest)
        path.unlink()
        entries = unpack_json(listing)
        entries["files"][path.stem] = write_array(path, array)
        listing.unlink()
        write_bytes(listing, pack_json(entries), durable=False)

    def _use(self) -> None:
        found = bool(_problems(self.directory))
        answered = False
        with suppress(SearchkitError), LocalEngine.open(self.directory) as engine:
            engine.status()
            for request in REQUESTS:
                for hit in engine.search(request).hits[:5]:
                    engine.document(hit.id, request)
            engine.months(REQUESTS[0])
            answered = True
        self._ends[f"{'found' if found else 'not found'} by check, {'answered' if answered else 'refused'}"] += 1

    def _end(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        print(f"{self._ends.total():,} damaged indexes in {time.monotonic() - self._began:.0f} s, no finding:")
        for end, count in self._ends.most_common():
            print(f"  {count:8,} {end}")
        sys.stdout.flush()
        os._exit(0)


def _problems(directory: Path) -> list[str]:
    try:
        return check(directory)
    except SearchkitError as error:
        return [str(error)]


def _replace(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def main() -> None:
    """Fuzz for so many seconds."""
    warnings.simplefilter("ignore")
    kernels.warm()
    folder = Path(tempfile.mkdtemp(prefix="searchkit-fuzz-"))
    target = Target(folder, float(sys.argv[1]))
    atheris.Setup([sys.argv[0], f"-artifact_prefix={folder.parent}/searchkit-found-", *LIMITS], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
