"""The rows of a CSV file, read and decoded as they are needed."""

from __future__ import annotations

import contextlib
import csv
import math
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from data.importers.parsing.encodings import find_encoding
from data.importers.parsing.raw_columns import Rows, refusal
from data.importers.parsing.sheet_form import Line, read_sheet
from data.importers.parsing.sheet_heads import count_known

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_LARGEST_FIELD = 1 << 20
_LARGEST_LINE = 1 << 22
_SNIFFED_LINES = 30


def read_csv(path: Path, options: dict[str, Any], facts: dict[str, Any]) -> Rows:
    """Return the rows of a CSV file.

    Parameters
    ----------
    path
        The file.
    options
        ``encoding``: what was declared, or None.
    facts
        Gains ``encoding``, ``encoding_evidence``, ``delimiter`` and what `read_sheet` counts.

    Raises
    ------
    InputRefusedError
        ``encoding_unknown``, ``csv_invalid``, ``header_duplicate``, ``too_many_columns``.
    """
    encoding = find_encoding(path, options.get("encoding"))
    facts["encoding"], facts["encoding_evidence"] = encoding.name, encoding.evidence
    source = _Source(path, encoding.name)
    first = list(islice(source.lines(), _SNIFFED_LINES))
    named = _named_by_excel(first)
    facts["delimiter"] = named or _delimiter(first, path)
    rows = source.rows(facts["delimiter"], skipped=1 if named else 0)
    return read_sheet(rows, path.name, facts)


# -------------------------------------------------------------------------------------------


class _Source:
    """A text file that can be begun anew, and knows how far it has been read."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._line = 0

    def lines(self) -> Iterator[str]:
        """Yield lines as they end in the file; every end of line counts."""
        self._line = 0
        with self._path.open(encoding=self._encoding, newline="") as file:
            try:
                yield from self._checked(file)
            except UnicodeError as error:
                raise refusal(
                    "encoding_unknown",
                    f"{self._path.name} is not {self._encoding} at line {self._broken()}; name "
                    "its encoding, such as --encoding cp1251 or --encoding kz1048.",
                ) from error

    def rows(self, delimiter: str, skipped: int) -> Iterator[Line]:
        """Yield the rows, counted as a spreadsheet does: a quoted line break makes no new one."""
        csv.field_size_limit(_LARGEST_FIELD)
        lines = islice(self.lines(), skipped, None)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            yield from enumerate(reader, start=1)
        except csv.Error as error:
            raise refusal(
                "csv_invalid",
                f"{self._path.name}, near line {self._line}: {error}; check the quotes and the "
                "length of the fields.",
            ) from error

    def _broken(self) -> int:
        """Return the first line that cannot be decoded; text is decoded well ahead of its lines."""
        wide = self._encoding.lower().startswith(("utf-16", "utf_16", "utf-32", "utf_32"))
        with self._path.open("rb") as file:
            for number, line in enumerate(() if wide else file, start=1):
                try:
                    line.decode(self._encoding)
                except UnicodeError:
                    return number
        return self._line + 1

    def _checked(self, file: TextIO) -> Iterator[str]:
        while line := file.readline(_LARGEST_LINE):
            self._line += 1
            if len(line) == _LARGEST_LINE or "\0" in line:
                what = "has a NUL in it" if "\0" in line else "does not end"
                raise refusal(
                    "csv_invalid", f"{self._path.name}: line {self._line} {what}; export it again."
                )
            if "\x1a" in line:  # where old programs end a text
                line = line.rstrip("\x1a")
            yield line


def _named_by_excel(lines: list[str]) -> str | None:
    first = lines[0].strip('\r\n "').lower() if lines else ""
    sign = first.removeprefix("sep=")
    return sign if sign != first and sign in DELIMITERS else None


def _delimiter(lines: list[str], path: Path) -> str:
    """Return the sign that parts the first lines into rows of one length, and into most cells."""
    fits = {sign: _fit(lines, sign) for sign in DELIMITERS}
    best = max(fits, key=lambda sign: fits[sign])
    if fits[best] > 0:
        return best
    if any(count_known([line.strip().strip('"')]) for line in lines):
        return ","  # a single column
    raise refusal(
        "csv_invalid",
        f"{path.name} has no comma, semicolon, tab or bar that parts its lines; accepted are CSV "
        "files with a line of heads.",
    )


def _fit(lines: list[str], delimiter: str) -> float:
    rows: list[list[str]] = []
    csv.field_size_limit(_LARGEST_LINE)
    with contextlib.suppress(csv.Error):  # said of the whole file later
        rows.extend(csv.reader(iter(lines), delimiter=delimiter))
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return 0.0
    width = max(widths, key=lambda width: (widths[width], width))
    share = widths[width] / widths.total()
    return share * math.sqrt(width - 1)
