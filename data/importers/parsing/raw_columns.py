"""Names of the columns that a parser adds to a file's own, and its one way to refuse."""

from __future__ import annotations

from geo.errors import InputRefusedError

ROW = "@row"  # as a person sees it: the head of a CSV is row 1, features count from 1
SHEET = "@sheet"  # name of the sheet or layer; null where the file has only one
RAW = "@raw"  # SHA-256 of the row's cells as written: tells two refused rows apart, shows nothing
FAULT = "@fault"  # null, or column and code, with a tab between, of what is wrong with the form
X = "@x"  # position of a feature, as written
Y = "@y"
GEOMETRY = "@geometry"  # Point, "not a point" or null


def refusal(code: str, message: str) -> InputRefusedError:
    """Return the error that refuses a whole file."""
    return InputRefusedError(message, code=code)


def cell_text(text: str) -> str | None:
    """Return a cell's text without the space around it, None where nothing is left."""
    return text.strip() or None
