"""What holds for every test: how hypothesis looks for counterexamples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test measures time, so none has a deadline. CI runs the same examples each time: a change is to blame for what it
# breaks; whoever works here looks for new counterexamples at every run.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("suite")
