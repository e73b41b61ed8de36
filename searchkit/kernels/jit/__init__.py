"""The compiled twins of the kernels, and how they are compiled.

Each has the signature of the public kernel, or one for each type that an array may have there: it is compiled (or
loaded from the cache) when its module is imported and never again, so that no query pays for a new specialisation. The
cache is made of pickles, so it lies in a folder that only its owner may enter.

Integers read from arrays are widened to int64 at once: numba would make floats of int64 with uint64, and the same
source has to run with the compiler switched off (`NUMBA_DISABLE_JIT=1`), where narrow numpy scalars overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

from searchkit.kernels.dispatch import Changed, signature
from searchkit.kernels.folder import cache_folder

F = TypeVar("F", bound=Callable[..., object])


def _caching() -> bool:
    if getattr(config, "CACHE_DIR", ""):  # NUMBA_CACHE_DIR: the user's own choice
        return True
    folder = cache_folder("numba")
    if folder is not None:
        setattr(config, "CACHE_DIR", str(folder))  # noqa: B010 - numba makes its settings at run time
    return folder is not None


_CACHE = _caching()


def compile_kernel(function: F) -> F:
    """Compile a twin for the signature that its public kernel declares."""
    module = function.__module__.rpartition(".")[2]
    kinds = signature(module, function.__name__)
    choices = max((len(kind) for kind in kinds if isinstance(kind, tuple)), default=1)
    signatures = [
        tuple(_type(kind[choice] if isinstance(kind, tuple) else kind) for kind in kinds) for choice in range(choices)
    ]
    return cast("F", numba.njit(signatures, nogil=True, cache=_CACHE)(function))


def inner(function: F) -> F:
    """Compile a function that only other compiled functions of the same file call (the cache looks at one file)."""
    return cast("F", numba.njit(nogil=True, cache=_CACHE)(function))


#: How many steps ahead of its use `prefetch` asks for an element; measured on lists of 10,000 to 400,000 rows.
AHEAD: Final = 64


def _prefetch(_: object, array: types.Array, _index: types.Integer) -> tuple[object, object]:
    """What `prefetch` is compiled to: LLVM's intrinsic, to read (0), and to keep in all caches (3) of data (1)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401 - numba's
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(function, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def _nothing(_array: object, _index: int) -> None:
    """What `prefetch` is where nothing is compiled."""


_INTERPRETED: Final = bool(getattr(config, "DISABLE_JIT", False))  # numba makes its settings at run time


#: Ask for the element of an array before it is used. Hits are scattered over arrays larger than the caches, where a
#: loop would wait for memory most of its time.
prefetch: Final = cast("Callable[[Any, int], None]", _nothing if _INTERPRETED else intrinsic(_prefetch))


def _type(kind: np.dtype[np.generic] | Changed | type[int | float]) -> types.Type:
    if not isinstance(kind, type):
        dtype = kind.dtype if isinstance(kind, Changed) else kind
        # Read-only arrays are what memory maps are; writable ones are accepted for them.
        element: types.Type = numba.typeof(dtype.type(0))  # type: ignore[no-untyped-call] # numba has no type for it
        return types.Array(element, 1, "C", readonly=not isinstance(kind, Changed))
    return types.int64 if kind is int else types.float64
