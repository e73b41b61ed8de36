"""An engine that is opened while the first frame is already on the screen."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from searchkit.search.engine import Engine


class LateEngine:
    """Stands for the engine that `factory` opens; whoever asks it something waits until it is open.

    What the factory raises, each of them is told.
    """

    def __init__(self, factory: Callable[[], Engine]) -> None:
        self._factory = factory
        self._lock = Lock()
        self._engine: Engine | None = None
        self.error: Exception | None = None

    def open(self) -> Engine:
        """The engine, opened by the first who calls this."""
        with self._lock:
            if self.error is not None:
                raise self.error
            if self._engine is None:
                try:
                    self._engine = self._factory()
                except Exception as error:
                    self.error = error
                    raise
            return self._engine

    def close(self) -> None:
        """Close the engine if it was opened."""
        if self._engine is not None:
            self._engine.close()

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of the engine; as long as it is not open, those that every index has."""
        return self._engine.dimensions if self._engine else (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)

    def __getattr__(self, name: str) -> object:
        """Everything else is the engine's."""
        return getattr(self.open(), name)
