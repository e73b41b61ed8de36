"""Full-text search over paragraphs, with exact facets for people, countries and weapons.

    import searchkit

    searchkit.build(["seeds"], into="index")
    with searchkit.open("index") as index:
        results = index.search("long-range missiles", filters={"countries": ["Ukraine"]})

Importing this loads nothing heavy: what is here is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchkit.api import Index, build
    from searchkit.api import open_index as open  # noqa: A004 - `searchkit.open` is the contract's name
    from searchkit.errors import SearchkitError
    from searchkit.model import Request, Results

__all__ = ["Index", "Request", "Results", "SearchkitError", "build", "open"]
__version__ = "0.1.0"

_HOMES = {
    "Index": ("searchkit.api", "Index"),
    "Request": ("searchkit.model", "Request"),
    "Results": ("searchkit.model", "Results"),
    "SearchkitError": ("searchkit.errors", "SearchkitError"),
    "build": ("searchkit.api", "build"),
    "open": ("searchkit.api", "open_index"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'searchkit' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
