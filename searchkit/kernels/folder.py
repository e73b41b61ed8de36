"""Where what is compiled is kept between runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def cache_folder(name: str) -> Path | None:
    """A folder of that name in the user's cache that is ours alone and can be written to, or none."""
    uid = os.getuid() if hasattr(os, "getuid") else 0
    for folder in _places(name, uid):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)  # refused where the folder is another user's
            status = folder.lstat()
        except OSError:
            continue
        ours = os.name == "nt" or (status.st_uid == uid and stat.S_IMODE(status.st_mode) == 0o700)
        if ours and stat.S_ISDIR(status.st_mode) and os.access(folder, os.W_OK):
            return folder
    return None


def _places(name: str, uid: int) -> Iterator[Path]:
    from platformdirs import user_cache_path  # noqa: PLC0415 - a search on the command line does without

    yield user_cache_path("searchkit") / name
    import tempfile  # noqa: PLC0415 - it loads much, and is hardly ever needed

    yield Path(tempfile.gettempdir()) / f"searchkit-{name}-{uid}"
