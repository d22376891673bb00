"""What makes a record the same record when it comes again.

With an external id: the source and the id. Without: the source, the canonical content and the
row's ordinal among equal rows of its own file, so that a file keeps its twins and a repeated or
overlapping file adds nothing. Identities and digests are kept as 32 hex characters in bytes: a
million of them take 32 MB.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.mapped_columns import MappedColumns, row_blocks
from data.importers.tabular import SourceTable
from geo.errors import UsageError

LENGTH = 32
_CASE_NUMBER = re.compile(r"[0-9]{15}")
_IDLE = re.compile(r"[\W_]+")
_SEPARATOR = "\x1f"

HexArray = npt.NDArray[np.bytes_]


def content_digests(*columns: pd.Series) -> HexArray:
    """Return the digest of each row's canonical content; missing values are empty."""
    digests = np.empty(len(columns[0]), f"S{LENGTH}")
    for block in row_blocks(len(digests)):
        texts = [_canonical(column.iloc[block]) for column in columns]
        digests[block] = [_digest(*row) for row in zip(*texts, strict=True)]
    return digests


def microdegrees(degrees: npt.ArrayLike) -> pd.Series:
    """Return degrees as whole millionths (0.1 m), so that formats of numbers make no difference."""
    return pd.Series(np.rint(np.asarray(degrees, float) * 1e6)).astype("Int64")


def identify_rows(
    table: SourceTable, external_id: pd.Series, content: HexArray, id_key: bytes | None
) -> HexArray:
    """Return the identity of each row.

    Parameters
    ----------
    table
        Names the source, and holds the identities.
    external_id
        The source's own id as text, missing where it gives none.
    content
        Digest of each row's content (`content_digests`); what makes rows without an id equal.
    id_key
        Secret key for ids that are case numbers.

    Raises
    ------
    UsageError
        ``id_key_missing``: case numbers came without a key to hash them with.
    """
    identity = table.columns.zeros(len(content), f"S{LENGTH}")
    ordinal = ordinals(content, table.columns)
    for block in row_blocks(len(content)):
        rows = zip(
            external_id.iloc[block].tolist(), content[block], ordinal[block].tolist(), strict=True
        )
        identity[block] = [
            _digest(table.source, "content", text.decode(), str(number))
            if pd.isna(own)
            else _digest(table.source, "id", hash_case_number(own, id_key))
            for own, text, number in rows
        ]
        table.columns.release()
    return identity


def identity_of_id(source: str, own: str) -> str:
    """Return the identity of a record that bears its source's own id, which is no case number."""
    return _digest(source, "id", own)


def ordinals(content: HexArray, columns: MappedColumns) -> npt.NDArray[np.int64]:
    """Count for each row the earlier rows of equal content."""
    order = digest_order(content, columns)
    starts = np.flatnonzero(_opens(content, order, columns))
    ordinal = np.empty(len(content), np.int64)
    ordinal[order] = np.arange(len(content)) - np.repeat(
        starts, np.diff(starts, append=len(content))
    )
    return ordinal


def hash_case_number(text: str, id_key: bytes | None) -> str:
    """Return a text with a case number in it as its hash under the key, any other as it is.

    Fifteen digits could be tried out one by one, so a hash without a key would hide nothing.
    """
    return number_hash(text, id_key) if _CASE_NUMBER.search(text) else text


def number_hash(text: str, id_key: bytes | None) -> str:
    """Return the hash under the key of a register's number, however it was set in type.

    Raises
    ------
    UsageError
        ``id_key_missing``.
    """
    if not id_key:
        raise UsageError(
            "Case numbers are kept only as a hash under the workspace's key, and no key was given.",
            code="id_key_missing",
        )
    plain = _IDLE.sub("", text).casefold()
    return hmac.new(id_key, plain.encode(), hashlib.sha256).hexdigest()


def mark_repeats(
    identity: HexArray, content: HexArray, table: SourceTable, head: str
) -> npt.NDArray[np.bool_]:
    """Tell which rows repeat an earlier one; rows of one id that differ are marked as faulty.

    Parameters
    ----------
    identity, content
        By row.
    table
        Its faults take ``conflicting_duplicate`` for every row of an id whose rows differ.
    head
        The id's column, for the report.
    """
    repeated, conflicting = np.zeros(len(identity), bool), np.zeros(len(identity), bool)
    order = digest_order(identity, table.columns)
    order = order[~table.faults.bad[order]]
    opens = _opens(identity, order, table.columns)
    if opens.all():
        return repeated
    group = np.cumsum(opens) - 1
    again = order[~opens]
    before = order[opens][group[~opens]]

    # An id whose rows differ is at fault as a whole, the rows that agree with its first one too.
    at_fault = np.unique(group[~opens][content[again] != content[before]])
    conflicting[order[np.isin(group, at_fault)]] = True
    table.faults.add(conflicting, head, "conflicting_duplicate")
    repeated[again] = True
    return repeated & ~conflicting


def first_of_each(
    digests: HexArray, chosen: npt.NDArray[np.bool_], columns: MappedColumns
) -> npt.NDArray[np.int64]:
    """Return the first of the chosen rows with each digest."""
    rows = np.flatnonzero(chosen)
    order = rows[digest_order(digests[rows], columns)]
    return np.sort(order[_opens(digests, order, columns)])


def digest_order(digests: HexArray, columns: MappedColumns) -> npt.NDArray[np.int64]:
    """Return the rows in the order of their digests, equal ones in their own order.

    The first half of a digest nearly always decides; numbers take a quarter of the memory.
    """
    starts = np.empty(len(digests), np.uint64)
    for block in row_blocks(len(digests)):
        whole = np.frombuffer(bytes.fromhex(digests[block].tobytes().decode()), ">u8")
        starts[block] = whole[::2]
        columns.release()
    order = np.argsort(starts, kind="stable")
    tied = np.flatnonzero(~_opens(starts, order, columns))
    if (digests[order[tied]] != digests[order[tied - 1]]).any():
        return np.argsort(digests, kind="stable")
    return order


# -------------------------------------------------------------------------------------------


def _opens(
    keys: HexArray | npt.NDArray[np.uint64],
    order: npt.NDArray[np.int64],
    columns: MappedColumns,
) -> npt.NDArray[np.bool_]:
    """Tell which of the sorted rows open a group of equal ones."""
    opens = np.ones(len(order), bool)
    for block in row_blocks(len(order) - 1):
        opens[1:][block] = keys[order[1:][block]] != keys[order[:-1][block]]
        columns.release()
    return opens


def _canonical(values: pd.Series) -> list[str]:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "M":
        # pandas writes a time differently where all its neighbours are midnights.
        seconds = values.to_numpy("datetime64[s]")
        texts = seconds.astype(np.int64).astype(str).tolist()
        return ["" if empty else text for empty, text in zip(np.isnat(seconds), texts, strict=True)]
    missing = values.isna().tolist()
    return ["" if empty else str(v) for empty, v in zip(missing, values.tolist(), strict=True)]


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:LENGTH]
