"""`python -m searchkit.cli`, for where the `searchkit` script is not on the path."""

from __future__ import annotations

import sys

from searchkit.cli import main

sys.exit(main())
