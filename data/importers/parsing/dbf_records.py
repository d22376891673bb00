"""The records of a dBASE table as they are written: every field of it is text already.

pyshp reads shapes well, but makes numbers of these texts, and nothing of a text that it cannot
read as a number; here nothing may be lost or rounded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from data.importers.parsing.cell_texts import plain_number

_HEAD = struct.Struct("<xxxxLHH20x")
_FIELD = struct.Struct("<11sc4xBB14x")
_NO_TEXT = b"BGMPO0+"  # pictures, memos in another file, binary numbers


@dataclass(frozen=True)
class DbfField:
    """One field: its name as bytes, its kind and where it stands in a record."""

    name: bytes
    kind: bytes
    start: int
    end: int


class DbfError(ValueError):
    """The table is broken."""


@dataclass(frozen=True)
class DbfTable:
    """A dBASE table of which the head is read."""

    content: bytes
    fields: tuple[DbfField, ...]
    first: int
    length: int
    count: int

    def texts(self) -> bytes:
        """Return all that is text in the table, for judging its encoding."""
        parts = [field.name for field in self.fields]
        parts += [
            record[field.start : field.end].rstrip(b" \0")
            for record in self.records()
            for field in self.fields
            if field.kind == b"C"
        ]
        return b"\n".join(parts)

    def records(self) -> Iterator[bytes]:
        """Yield the records, the deleted ones too; their first byte tells."""
        for number in range(self.count):
            start = self.first + number * self.length
            yield self.content[start : start + self.length]

    def cells(self, record: bytes, encoding: str) -> list[str | None]:
        """Return the texts of a record.

        Raises
        ------
        UnicodeDecodeError
            The table is not in this encoding.
        """
        return [
            _text(record[field.start : field.end], field.kind, encoding) for field in self.fields
        ]


def open_dbf(content: bytes) -> DbfTable:
    """Read the head of a dBASE table.

    Raises
    ------
    DbfError
        The head is broken, or the table is shorter than it says.
    """
    if len(content) < _HEAD.size:
        raise DbfError
    count, first, length = _HEAD.unpack_from(content)
    fields = []
    at, start = _HEAD.size, 1
    while content[at : at + 1] not in (b"\r", b""):
        if at + _FIELD.size > min(first, len(content)):
            raise DbfError
        name, kind, size, decimals = _FIELD.unpack_from(content, at)
        if kind == b"C":  # a long text keeps the upper half of its length in the other byte
            size += decimals << 8
        fields.append(DbfField(name.split(b"\0")[0].strip(), kind, start, start + size))
        at, start = at + _FIELD.size, start + size
    if start > length or first <= at or first + count * length > len(content):
        raise DbfError
    return DbfTable(content, tuple(fields), first, length, count)


# -------------------------------------------------------------------------------------------


def _text(cell: bytes, kind: bytes, encoding: str) -> str | None:
    if kind in _NO_TEXT:
        return None
    if kind == b"C":
        return cell.split(b"\0")[0].decode(encoding).strip() or None
    text = cell.strip(b" \0").decode("ascii", "replace")
    if kind == b"L":
        return {"T": "true", "Y": "true", "F": "false", "N": "false"}.get(text.upper())
    if kind == b"D":
        return _date(text)
    if not text.strip("*"):  # no number
        return None
    return plain_number(text)


def _date(text: str) -> str | None:
    if not text.strip("0"):
        return None
    if len(text) == 8 and text.isascii() and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text
