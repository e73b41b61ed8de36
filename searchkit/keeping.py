"""Answers of a method that an object keeps for as long as it lives, and that do not keep it alive."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Generic, ParamSpec, TypeVar, cast
from weakref import WeakMethod

P = ParamSpec("P")
R = TypeVar("R")
Asked = TypeVar("Asked", bound=Hashable)


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


class Latest(Generic[Asked, R]):
    """The answers that were asked for most lately, at most so many. May be asked from any thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Asked, R] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, asked: Asked) -> R | None:
        """The answer that is kept, if it is."""
        with self._lock:
            answer = self._answers.get(asked)
            if answer is not None:
                self._answers.move_to_end(asked)
            return answer

    def get_all(self, asked: Iterable[Asked]) -> dict[Asked, R]:
        """Those of the answers that are kept."""
        with self._lock:
            found = {one: self._answers[one] for one in asked if one in self._answers}
            for one in found:
                self._answers.move_to_end(one)
            return found

    def last(self) -> R | None:
        """The answer that was asked for last, if it is kept."""
        with self._lock:
            return next(reversed(self._answers.values()), None)

    def keep(self, asked: Asked, answer: R) -> R:
        """Keep an answer, and give it back."""
        with self._lock:
            self._answers[asked] = answer
            self._answers.move_to_end(asked)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer
