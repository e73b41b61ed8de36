"""Which twin of a kernel runs: the compiled one or the numpy one.

The compiled twin is chosen where numba is installed, unless `SEARCHKIT_NUMBA=0` is set in the environment or
`use(compiled=False)` was called, which a one-shot command does because numba's import costs it more than it saves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Final, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

from searchkit.kernels.folder import cache_folder

P = ParamSpec("P")
R = TypeVar("R")

U8Array = npt.NDArray[np.uint8]
U16Array = npt.NDArray[np.uint16]
U32Array = npt.NDArray[np.uint32]
U64Array = npt.NDArray[np.uint64]
I32Array = npt.NDArray[np.int32]
I64Array = npt.NDArray[np.int64]
F64Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

#: Kinds of kernel arguments: one-dimensional contiguous arrays of a type, and scalars.
U8: Final = np.dtype(np.uint8)
U16: Final = np.dtype(np.uint16)
U32: Final = np.dtype(np.uint32)
U64: Final = np.dtype(np.uint64)
I32: Final = np.dtype(np.int32)
I64: Final = np.dtype(np.int64)
F64: Final = np.dtype(np.float64)
BOOL: Final = np.dtype(np.bool_)
#: Arrays of either type, all such arguments of a call of the same.
NARROW: Final = (U16, U32)


@dataclass(frozen=True)
class Changed:
    """An array that the kernel writes to."""

    dtype: np.dtype[np.generic]


Kind = np.dtype[np.generic] | Changed | tuple[np.dtype[np.generic], ...] | type[int] | type[float]

#: The modules of `searchkit.kernels.jit`, in the order in which `warm` compiles them.
COMPILED_MODULES: Final = (
    "counts", "sets", "scoring", "coding", "postings", "tokens", "dictionaries", "words", "phrases", "sequence",
)  # fmt: skip

_signatures: dict[tuple[str, str], tuple[Kind, ...]] = {}
_chosen: bool | None = None


def use(compiled: bool) -> None:
    """Run the compiled twins from now on, or the numpy ones; these too where numba is absent or switched off."""
    global _chosen  # noqa: PLW0603 - one switch for the process is what this is
    _chosen = compiled and _available()


def compiled() -> bool:
    """Whether the next call of a kernel runs its compiled twin."""
    if _chosen is None:
        use(compiled=True)
    return bool(_chosen)


def warm() -> bool:
    """Compile every kernel, or load it from the cache, and run the compiled twins from then on; says whether it did.

    The first run of an installation takes about a minute, later ones some tenths of a second. Does nothing where numba
    is absent or switched off. May run in a thread of its own, beside searches on the numpy twins.
    """
    if not _available():
        return False
    _load()
    use(compiled=True)
    return True


@cache
def _load() -> None:
    """Import every compiled twin, which compiles it or reads it from the cache."""
    folder = cache_folder("numba")
    if folder is None or not any(folder.iterdir()):
        import logging  # noqa: PLC0415 - a search on the command line does without

        logging.getLogger("searchkit").warning("compiling the kernels, which takes about half a minute, once")
    for module in COMPILED_MODULES:
        import_module(f"searchkit.kernels.jit.{module}")


def prepare(*modules: str) -> None:
    """Have the chosen twins ready, so that nothing compiles in the middle of what is timed or has a deadline.

    Those of the modules that are named, or all.
    """
    if compiled() and not modules:
        _load()
    elif compiled():
        for module in modules:
            import_module(f"searchkit.kernels.jit.{module}")


def _available() -> bool:
    return os.environ.get("SEARCHKIT_NUMBA", "1") != "0" and find_spec("numba") is not None


def kernel(*kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make of a numpy function a kernel whose arguments, all positional, are of these kinds.

    The compiled twin is the function of the same name in the module of the same name below `searchkit.kernels.jit`.
    An array of another type or layout raises `TypeError`, whichever twin runs: a silent conversion would be slow.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        module, name = function.__module__.rpartition(".")[2], function.__name__
        _signatures[module, name] = kinds
        fast: Callable[P, R] | None = None
        interpreted = False

        @wraps(function)
        def dispatch(*args: P.args, **kwargs: P.kwargs) -> R:
            nonlocal fast, interpreted
            if not compiled():
                _check(name, args)
                return function(*args, **kwargs)
            if fast is None:
                fast = getattr(import_module(f"searchkit.kernels.jit.{module}"), name)
                interpreted = not hasattr(fast, "signatures")  # the JIT is off
            if interpreted:
                _check(name, args)
            try:
                return fast(*args, **kwargs)
            except TypeError:  # it knows its types itself, but not how to say what is wrong with them
                _check(name, args)
                raise

        def _check(name: str, args: tuple[object, ...]) -> None:
            for number, (argument, kind) in enumerate(zip(args, kinds, strict=True)):
                if not isinstance(kind, type) and not (
                    isinstance(argument, np.ndarray)
                    and argument.dtype in (kind if isinstance(kind, tuple) else (getattr(kind, "dtype", kind),))
                    and argument.ndim == 1
                    and argument.flags.c_contiguous
                ):
                    raise TypeError(f"{name}: argument {number} has to be a contiguous array of {kind}")

        return dispatch

    return decorate


def signature(module: str, name: str) -> tuple[Kind, ...]:
    """The kinds of the arguments of a kernel, for whoever compiles its twin."""
    import_module(f"searchkit.kernels.{module}")  # where it is declared
    return _signatures[module, name]
