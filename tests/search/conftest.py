"""What the tests of the search share: helper modules of the folder above, and disks that need not be waited for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture(autouse=True)
def _no_waiting_for_disks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """A test that is not about durability does not wait for it."""
    if "durable" not in request.fixturenames:
        monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def durable():
    """To be asked for by a test that means fsync."""
