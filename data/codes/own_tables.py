"""An office's own tables of codes, laid over those of the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data.codes.code_files import DatedRow, Row, overlap
from geo.errors import UsageError

_LARGEST_TABLE = 1 << 20


def own_text(folder: Path | None, name: str) -> str | None:
    """Return the text of an office's own table; None where the office has none.

    Raises
    ------
    UsageError
        ``code_table_invalid``: too large, or not UTF-8.
    """
    path = folder / name if folder else None
    if path is None or not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_TABLE:
        raise UsageError(f"Code table {name} is larger than 1 MB.", code="code_table_invalid")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"Code table {name} is not text in UTF-8.", code="code_table_invalid"
        ) from error


def layered(
    package: str, own: str | None, read: Callable[[str], tuple[Row, ...]]
) -> tuple[Row, ...]:
    """Put an office's rows over the package's, which hold on where no row of the office does."""
    above = read(own) if own is not None else ()
    covered: dict[tuple[str, ...], list[Row]] = {}
    for row in above:
        covered.setdefault(row.key, []).append(row)
    below = [row for row in read(package) if not _replaced(row, covered.get(row.key, []))]
    return (*below, *above)


# -------------------------------------------------------------------------------------------


def _replaced(row: DatedRow, above: list[Row]) -> bool:
    return any(
        overlap(row, other)
        and (other.valid_from is None or (row.valid_from and other.valid_from <= row.valid_from))
        and (other.valid_to is None or (row.valid_to and row.valid_to <= other.valid_to))
        for other in above
    )
