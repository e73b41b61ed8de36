"""From files to documents: find them, decode them, cut them into paragraphs.

`discover` finds the files under given paths, `read` turns one into `model.Document`s; both report what they cannot
use as `model.Failure` and go on.
"""

from __future__ import annotations

from searchkit.ingest.discover import SourceFile, discover, exists, identity_of
from searchkit.ingest.parts import split
from searchkit.ingest.readers import read

__all__ = ["SourceFile", "discover", "exists", "identity_of", "read", "split"]
