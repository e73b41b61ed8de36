"""Which twin runs, and what importing the kernels loads."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from searchkit import kernels
from searchkit.kernels import sets


def run(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_importing_the_kernels_does_not_import_numba():
    code = (
        "import sys, searchkit.kernels, searchkit.kernels.sets, searchkit.kernels.counts; print('numba' in sys.modules)"
    )
    assert run(code) == "False"


def test_the_environment_turns_numba_off():
    code = (
        "import sys, numpy as np; from searchkit import kernels; from searchkit.kernels import sets;"
        "sets.common(np.zeros(1, np.uint32), np.zeros(1, np.uint32));"
        "print(kernels.compiled(), kernels.warm(), 'numba' in sys.modules)"
    )
    assert run(code, SEARCHKIT_NUMBA="0") == "False False False"


def test_both_twins_can_be_chosen(both):
    kernels.use(compiled=False)
    assert not kernels.compiled()
    both(sets.common, np.zeros(0, np.uint32), np.zeros(0, np.uint32))


@pytest.mark.parametrize(
    "wrong", [np.zeros(4, np.uint32)[::2], np.zeros((2, 2), np.uint32), [1, 2], np.zeros(2, np.int64)]
)
def test_arrays_are_not_converted_silently(wrong):
    with pytest.raises(TypeError, match="contiguous array of uint32"):
        sets.common(wrong, np.zeros(1, np.uint32))


def test_every_kernel_has_a_compiled_twin():
    kernels.use(compiled=True)
    if not kernels.compiled():
        pytest.skip("numba is absent or switched off")
    assert kernels.warm()
