"""The tree of everything this project raises on purpose.

::

    SafeRegionError               1  something failed
    ├── UsageError                2  a call, option or setting that cannot be meant
    ├── InputRefusedError         3  a file or its rows were refused
    │   └── FrameError            3  a frame does not keep its contract
    ├── NotFoundError             4  no such cell, section, run, file or data
    │   └── NoDataError           4  the thing exists but holds nothing to work on
    └── DatabaseUnreachableError  5  the database did not answer

The number is the exit code of the command; ``api/errors.py`` turns the same class into an
HTTP status. ``code`` is stable, lower snake case and fit for a machine; the message names what
was wrong, where, and the way out.
"""

from __future__ import annotations

from typing import Any


class SafeRegionError(Exception):
    """Something failed; the message names it and says what to do.

    Parameters
    ----------
    message
        One sentence: what was wrong, in which file, row, field or cell, and the way out.
    code
        Stable machine word, such as ``coord_out_of_range``.
    facts
        Counts that go with the refusal, such as an import report; never values of rows.
    """

    exit_code = 1
    code = "failure"

    def __init__(
        self, message: str, *, code: str | None = None, facts: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.facts = facts or {}


class UsageError(SafeRegionError):
    """A call, option or setting that cannot be meant."""

    exit_code = 2
    code = "usage"


class InputRefusedError(SafeRegionError):
    """A file from outside, or too many of its rows, cannot be taken; nothing was stored."""

    exit_code = 3
    code = "input_refused"


class FrameError(InputRefusedError):
    """A frame does not keep its contract; the message lists every fault."""

    code = "frame_invalid"


class NotFoundError(SafeRegionError):
    """There is no such cell, section, run, file or workspace."""

    exit_code = 4
    code = "not_found"


class NoDataError(NotFoundError):
    """The thing exists but holds nothing to work on."""

    code = "no_data"


class DatabaseUnreachableError(SafeRegionError):
    """The database did not answer in time."""

    exit_code = 5
    code = "database_unreachable"
