"""What the tests of the kernels share: both twins of a kernel run and have to agree."""

from __future__ import annotations

import os
from importlib.util import find_spec

import numpy as np
import pytest

from searchkit import kernels

# The first call of a compiled twin compiles it; a test of answers does not look at the clock.

#: Whether there are compiled twins to be tested: asked here once more, lest the switch itself hides them.
COMPILED = find_spec("numba") is not None and os.environ.get("SEARCHKIT_NUMBA") != "0"


def _arrays(result):
    if isinstance(result, np.ndarray):
        return [result]
    return [array for part in result for array in _arrays(part)] if isinstance(result, tuple | list) else [result]


@pytest.fixture(scope="session")
def both():
    """Call a kernel in its numpy twin and, where there is one, its compiled one; the result of the former."""

    def call(function, *args, tolerance=0.0, **kwargs):
        kernels.use(compiled=False)
        expected = function(*args, **kwargs)
        kernels.use(compiled=True)
        assert kernels.compiled() == COMPILED
        if COMPILED:
            result = function(*args, **kwargs)
            assert type(result) is type(expected)
            assert len(_arrays(result)) == len(_arrays(expected))
            for one, other in zip(_arrays(result), _arrays(expected), strict=True):
                if isinstance(one, np.ndarray):
                    assert one.dtype == other.dtype
                    np.testing.assert_allclose(one, other, rtol=tolerance, atol=0)
                else:
                    assert one == other
        return expected

    return call


@pytest.fixture(autouse=True, scope="session")
def _as_it_was():
    before = kernels.compiled()
    yield
    kernels.use(before)
