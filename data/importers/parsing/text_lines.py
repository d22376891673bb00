"""The lines of a plain text, one a row; the function runs in a confined child."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from data.importers.parsing.encodings import find_encoding
from data.importers.parsing.raw_columns import (
    BLOCK_ROWS,
    RAW,
    ROW,
    Block,
    Rows,
    refusal,
    row_digest,
)

LINE_OF_TEXT = "text"
"""The one head of a plain text."""

_LONGEST_LINE = 1 << 20


def read_text_lines(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the lines that hold more than spaces, numbered as in the file.

    Parameters
    ----------
    path
        The file.
    options
        ``encoding``: what was declared, or None.
    facts
        Gains ``encoding`` and ``encoding_evidence``.

    Raises
    ------
    InputRefusedError
        ``encoding_unknown``, ``csv_invalid`` (a line without an end).
    """
    encoding = find_encoding(path, options.get("encoding"))
    facts["encoding"], facts["encoding_evidence"] = encoding.name, encoding.evidence
    return Rows((LINE_OF_TEXT,), _blocks(path, encoding.name))


# -------------------------------------------------------------------------------------------


def _blocks(path: Path, encoding: str) -> Iterator[Block]:
    lines_left = _lines(path, encoding)
    while block := list(islice(lines_left, BLOCK_ROWS)):
        numbers, lines = zip(*block, strict=True)
        yield {LINE_OF_TEXT: lines, ROW: numbers, RAW: [row_digest([line]) for line in lines]}


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    number = 0
    with path.open(encoding=encoding) as file:
        try:
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise refusal("csv_invalid", f"{path.name}: line {number} does not end.")
                if line.strip():
                    yield number, line.strip()
        except UnicodeError as error:
            raise refusal(
                "encoding_unknown",
                f"{path.name} is not {encoding} after line {number}; name its encoding, such as "
                "--encoding cp1251 or --encoding kz1048.",
            ) from error
