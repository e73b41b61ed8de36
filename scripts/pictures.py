"""Drive the terminal UI over an index and save what it shows as SVG: pictures.py INDEX FOLDER."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from searchkit.search.local import LocalEngine
from searchkit.tui.app import SearchkitApp

SIZE = (132, 42)
#: Picture -> the keys that lead to what it shows.
PICTURES = {
    "main": (*"missiles", "enter", "2", "down", "down", "space", "8"),
    "grid": (*"missiles", "escape", "g"),
    "evidence": ("escape", "2", "down", "down", "w"),
    "compare": (*"missiles", "enter", "slash", *"drones", "enter", "2", "8", "v"),
}


async def rest(pilot: Pilot[int]) -> None:
    """Wait until every question is answered and painted, however busy the machine is."""
    for _ in range(3):
        with suppress(WorkerCancelled):  # a newer question took its place
            await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.1)


async def take(index: Path, folder: Path) -> None:
    """Take every picture, each from a fresh start."""
    for name, keys in PICTURES.items():
        with LocalEngine.open(index) as engine:
            app = SearchkitApp(engine, index="index")
            app.theme = "searchkit-dark"
            async with app.run_test(size=SIZE) as pilot:
                await rest(pilot)
                for key in keys:
                    await pilot.press({" ": "space", "-": "minus"}.get(key, key))
                    await rest(pilot)
                (folder / f"{name}.svg").write_text(app.export_screenshot(title="searchkit"), "utf-8")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), Path(sys.argv[2])))
