"""What makes a record the same record when it comes again.

With an external id: the source and the id. Without: the source, the canonical content and the
row's ordinal among equal rows of its own file, so that a file keeps its twins and a repeated or
overlapping file adds nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.report import RowFaults
from geo.errors import UsageError

LENGTH = 32
_CASE_NUMBER = re.compile(r"[0-9]{15}")
_SEPARATOR = "\x1f"


def identify_rows(
    source: str, external_id: pd.Series, content: pd.Series, id_key: bytes | None
) -> pd.Series:
    """Return the identity of each row, 32 hex characters.

    Parameters
    ----------
    source
        Name of the source.
    external_id
        The source's own id as text, missing where it gives none.
    content
        Canonical content of each row (`content_text`); what makes rows without an id equal.
    id_key
        Secret key for ids that are case numbers.

    Raises
    ------
    UsageError
        ``id_key_missing``: case numbers came without a key to hash them with.
    """
    ordinal = content.groupby(content).cumcount()
    return pd.Series(
        [
            _digest(source, "content", text, str(number))
            if pd.isna(own)
            else _digest(source, "id", hash_case_number(own, id_key))
            for own, text, number in zip(external_id, content, ordinal, strict=True)
        ],
        index=external_id.index,
        dtype=object,
    )


def content_text(*columns: pd.Series) -> pd.Series:
    """Join the columns of each row into one text; missing values are empty."""
    texts = [column.astype("str").fillna("").tolist() for column in columns]
    joined = [_SEPARATOR.join(row) for row in zip(*texts, strict=True)]
    return pd.Series(joined, index=columns[0].index, dtype=object)


def degrees_text(degrees: pd.Series) -> pd.Series:
    """Write degrees with six decimals (0.1 m), so that formats of numbers make no difference."""
    return pd.Series([f"{value:.6f}" for value in degrees], index=degrees.index, dtype=object)


def hash_case_number(text: str, id_key: bytes | None) -> str:
    """Return a text with a case number in it as its hash under the key, any other as it is.

    Fifteen digits could be tried out one by one, so a hash without a key would hide nothing.
    """
    if not _CASE_NUMBER.search(text):
        return text
    if not id_key:
        raise UsageError(
            "Case numbers are kept only as a hash under the workspace's key, and no key was given.",
            code="id_key_missing",
        )
    return hmac.new(id_key, text.encode(), hashlib.sha256).hexdigest()


def mark_repeats(
    identity: pd.Series, content: pd.Series, faults: RowFaults, head: str
) -> npt.NDArray[np.bool_]:
    """Tell which rows repeat an earlier one; rows of one id that differ are marked as faulty.

    Parameters
    ----------
    identity, content
        By row.
    faults
        Takes ``conflicting_duplicate`` for every row of an id whose rows differ.
    head
        The id's column, for the report.
    """
    usable = ~faults.bad
    kinds = content[usable].groupby(identity[usable]).nunique()
    conflicting = identity.isin(kinds.index[kinds > 1]).to_numpy(bool) & usable
    faults.add(conflicting, head, "conflicting_duplicate")
    repeated = np.zeros(len(identity), bool)
    good = ~faults.bad
    repeated[good] = identity[good].duplicated().to_numpy(bool)
    return repeated


# -------------------------------------------------------------------------------------------


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()[:LENGTH]
