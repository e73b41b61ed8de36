"""Every error that searchkit raises on purpose, as one tree.

    SearchkitError                  base; `exit_code` is what the command line ends with
    ├── UsageError            2     a wrong argument: unknown dimension, bad date, negative limit
    ├── QueryLimitError       1     a query past the limits (clauses, depth, expansions, length)
    ├── DeadlineError         1     the time allowed for a search ran out
    ├── CancelledError        1     a search was no longer wanted (a newer keystroke)
    ├── NotFoundError         1     no paragraph of that id
    ├── InputError            3     an input is missing or cannot be read
    └── IndexStateError       -     something about the index itself
        ├── NoIndexError      4     there is no index in that folder
        ├── DamagedIndexError 5     a file of the index is not what its manifest says
        ├── FormatError       1     the index was written by another version of the format
        ├── IndexWriteError   1     the disk refused; the previous generation stands
        └── LockedError       6     another process is writing

Messages say what happened, where, and what to do next, in one line and without markup.
"""

from __future__ import annotations

from typing import ClassVar


class SearchkitError(Exception):
    """Base of the tree; catching it catches whatever searchkit reports on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(SearchkitError):
    """An argument is wrong in itself, whatever the index holds."""

    exit_code = 2


class QueryLimitError(SearchkitError):
    """The query is larger than the engine agrees to run."""


class DeadlineError(SearchkitError):
    """The search took longer than it was allowed to."""


class CancelledError(SearchkitError):
    """The search was given up because nobody waits for it any more."""


class NotFoundError(SearchkitError):
    """No paragraph or document of that name is in the index."""


class InputError(SearchkitError):
    """An input cannot be used; the run goes on with the others."""

    exit_code = 3


class IndexStateError(SearchkitError):
    """Base of what concerns the index as a whole."""


class NoIndexError(IndexStateError):
    """There is no index where one was looked for."""

    exit_code = 4


class DamagedIndexError(IndexStateError):
    """A file of the index is missing, cut short, or does not have the checksum that its manifest says."""

    exit_code = 5


class FormatError(IndexStateError):
    """The index has a `format_version` that this build cannot read."""


class IndexWriteError(IndexStateError):
    """A write, fsync or rename failed; nothing was committed and the previous generation stands."""


class LockedError(IndexStateError):
    """Another process holds the writer's lock."""

    exit_code = 6
