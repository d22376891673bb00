"""The columns of a CSV file: comma, semicolon or tab, with one line of heads."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from data.importers.parsing.raw_columns import FAULT, ROW, cell_text, refusal

_LARGEST_FIELD = 1 << 20
_MOST_COLUMNS = 1000


def csv_columns(
    content: bytes, path: Path, declared: str | None
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the columns of a CSV file, and its encoding and delimiter.

    Parameters
    ----------
    content
        The file's bytes.
    path
        For messages.
    declared
        Encoding; without it a byte order mark decides, else UTF-8.

    Raises
    ------
    InputRefusedError
        ``encoding_unknown``, ``csv_invalid``, ``header_duplicate``, ``too_many_columns``.
    """
    text, encoding = _decode(content, path, declared)
    text = text.rstrip("\x1a")
    delimiter = _delimiter(text, path)
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise refusal(
            "csv_invalid",
            f"{path.name}, near line {reader.line_num}: {error}; check the quotes and the length "
            "of the fields.",
        ) from error

    heads = [head.strip() for head in rows[0]]
    while heads and not heads[-1]:  # a delimiter at the end of each line
        heads.pop()
    _check_heads(heads, path)
    body = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    columns: dict[str, list[Any]] = {
        head: [cell_text(row[place]) if place < len(row) else None for _, row in body]
        for place, head in enumerate(heads)
    }
    columns[ROW] = [number for number, _ in body]
    columns[FAULT] = [
        None if len(row) >= len(heads) and not any(row[len(heads) :]) else "\trow_shape"
        for _, row in body
    ]
    return columns, {"encoding": encoding, "delimiter": delimiter}


# -------------------------------------------------------------------------------------------


def _decode(content: bytes, path: Path, declared: str | None) -> tuple[str, str]:
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = next((name for mark, name in marks.items() if content.startswith(mark)), None)
    encoding = declared or marked or "utf-8"
    try:
        return content.decode(encoding), encoding
    except LookupError as error:
        raise refusal("encoding_unknown", f"There is no encoding {encoding[:40]!r}.") from error
    except UnicodeError as error:
        raise refusal(
            "encoding_unknown",
            f"{path.name} is not {encoding}; name its encoding, such as --encoding cp1251 or "
            "--encoding kz1048.",
        ) from error


def _delimiter(text: str, path: Path) -> str:
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(head.split('"')[::2])  # what stands outside quotes
    counts = Counter({sign: bare.count(sign) for sign in (",", ";", "\t")})
    sign, count = counts.most_common(1)[0]
    if not count:
        raise refusal(
            "csv_invalid",
            f"{path.name} has no comma, semicolon or tab in its first line; accepted are CSV files "
            "with a line of heads.",
        )
    return sign


def _check_heads(heads: list[str], path: Path) -> None:
    if len(heads) > _MOST_COLUMNS:
        raise refusal(
            "too_many_columns",
            f"{path.name} has {len(heads)} columns; at most {_MOST_COLUMNS} are read.",
        )
    twice = sorted(head for head, count in Counter(heads).items() if count > 1)
    if twice or any(head.startswith("@") for head in heads):
        raise refusal(
            "header_duplicate" if twice else "csv_invalid",
            f"{path.name}: "
            + (f"the head {twice[0][:64]!r} stands twice" if twice else "a head begins with @")
            + "; rename it.",
        )
