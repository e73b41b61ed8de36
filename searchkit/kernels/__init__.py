"""Loops over flat arrays: tokens, postings, their coding, sets, scores, counts, ranks.

Arrays in, arrays out; nothing of the rest of searchkit is known here. Every kernel exists twice: in numpy or plain
Python beside its public name (`kernels/*.py`), and as a compiled loop of the same name (`kernels/jit/*.py`). The two
are written independently and give equal answers; each is the oracle of the other's test. Importing this package
imports no numba: the compiled twin of a kernel is loaded when the kernel is first called.
"""

from __future__ import annotations

from searchkit.kernels.dispatch import compiled, prepare, use, warm

__all__ = ["compiled", "prepare", "use", "warm"]
