"""What passes between the readers of formats and the dispatcher: rows as text, in blocks.

Every reader of a format is one function ``read_…(path, options, facts) -> Rows``. It yields text
just as it is written in the file; `data.importers.parsing.table_parsers` trims it, searches it for
personal data and writes it to Arrow, block by block, so that no file is ever held whole. The
reader may complete ``facts`` until its last block is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.errors import InputRefusedError

ROW = "@row"  # as a person sees it: a CSV counts from its first line, features count from 1
SHEET = "@sheet"  # name of the sheet or layer; null where the file has only one
RAW = "@raw"  # SHA-256 of the row's cells as written: tells two refused rows apart, shows nothing
FAULT = "@fault"  # null, or column and code, with a tab between, of what is wrong with the form
X = "@x"  # position of a feature, as written
Y = "@y"
GEOMETRY = "@geometry"  # Point, "not a point" or null
LINE = "@line"  # WKT of a feature that is one line; X and Y are null there
AREA = "@area"  # WKT of a feature that is a polygon, or several; X and Y are null there

BLOCK_ROWS = 20_000
"""Rows of a block: enough to be quick, few enough to stay small."""

Block = dict[str, Sequence[Any]]
"""Columns of equal length by head; a head that a block lacks is null there.

``ROW`` (whole numbers) and ``RAW`` (`row_digest`) must be there; ``SHEET`` and ``FAULT`` may be,
and ``X``, ``Y``, ``GEOMETRY`` (``LINE``, ``AREA`` where there are such) where `Rows.positioned`
says so."""


@dataclass(frozen=True)
class Rows:
    """A table on its way out of a file.

    Attributes
    ----------
    heads
        The file's own heads, each once; none is empty or begins with ``@``.
    blocks
        The rows; taken once, in order.
    parents
        Head → the head above it, where heads stand in two rows.
    positioned
        Whether the blocks hold positions of features.
    """

    heads: tuple[str, ...]
    blocks: Iterator[Block]
    parents: dict[str, str] = field(default_factory=dict)
    positioned: bool = False


def row_digest(cells: Sequence[str | None]) -> bytes:
    """Return what tells a row from others by its cells as written."""
    text = "\x1f".join([cell or "" for cell in cells]).rstrip("\x1f")  # as if cut after the last
    # A lone surrogate can stand in JSON; it is refused later, but must not stop this.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def refusal(code: str, message: str) -> InputRefusedError:
    """Return the error that refuses a whole file."""
    return InputRefusedError(message, code=code)
