"""Answers of a method that an object keeps for as long as it lives, and that do not keep it alive."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, TypeVar, cast
from weakref import WeakMethod

P = ParamSpec("P")
R = TypeVar("R")


def kept(method: Callable[P, R], maxsize: int | None = None) -> Callable[P, R]:
    """The bound method with its latest answers kept, `maxsize` of them (None: all); arguments have to be hashable.

    An `lru_cache` of a bound method that is an attribute of its object makes a circle: the object, and the files that
    it has mapped, would stay until the garbage collector comes by. Here they go with the last reference from outside.
    """
    weak, name = WeakMethod(method), method.__name__

    @lru_cache(maxsize=maxsize)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        alive = weak()
        if alive is None:
            raise ReferenceError(f"the object of {name} is gone")
        return alive(*args, **kwargs)

    return cast("Callable[P, R]", answer)  # lru_cache loses what the arguments are
