"""Text that would harm whoever shows or compares it: put aside; the rest in one normal form."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.parsing.raw_columns import AREA, GEOMETRY, LINE, X, Y
from data.importers.report import BoolArray
from data.importers.tabular import SourceTable
from data.importers.values.text_blocks import blocks_of

LONGEST_TEXT = 4_000
MOST_MARKS = 64

_UNSAFE = "[\u0000\u202a-\u202e\u2066-\u2069]"
_MARKS = r"\p{M}"
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_texts(table: SourceTable) -> None:
    """Bring every text into normal form C; mark and empty the cells that are unsafe.

    A cell is ``text_unsafe`` when it holds a zero byte, half a character, a sign that turns the
    direction of writing, more than 64 marks over letters, or more than 4 000 characters.
    """
    for name, texts in table.texts.items():
        if name not in (X, Y, GEOMETRY, LINE, AREA):
            table.texts[name] = _clean(table, name, texts)


# -------------------------------------------------------------------------------------------


def _clean(table: SourceTable, name: str, texts: pd.Series) -> pd.Series:
    unsafe = _halved(texts)
    whole = texts.mask(unsafe) if unsafe.any() else texts
    composed: dict[int, str] = {}
    for rows, column in blocks_of(whole):
        found, normal = _judged(column, unsafe[rows])
        unsafe[rows] = found
        composed |= {rows.start + row: text for row, text in normal.items()}
        table.columns.release()
    table.faults.add(unsafe, table.head(name), "text_unsafe")
    if composed:
        whole = whole.copy()
        whole.iloc[list(composed)] = list(composed.values())
    return whole.mask(unsafe) if unsafe.any() else whole


def _judged(column: pa.Array, unsafe: BoolArray) -> tuple[BoolArray, dict[int, str]]:
    """Tell which texts are unsafe, and what others become in normal form C where that differs."""
    unsafe = unsafe | _mask(pc.greater(pc.utf8_length(column), LONGEST_TEXT))
    foreign = ~_mask(pc.string_is_ascii(column)) & ~unsafe & _mask(pc.is_valid(column))
    unsafe |= _mask(pc.match_substring(column, "\0"))
    if not foreign.any():
        return unsafe, {}
    rows = np.flatnonzero(foreign)
    given = column.take(pa.array(rows))
    normal = pc.utf8_normalize(given, "NFC")
    bad = _mask(pc.match_substring_regex(normal, _UNSAFE))
    bad |= _mask(pc.greater(pc.count_substring_regex(normal, _MARKS), MOST_MARKS))
    unsafe[rows[bad]] = True
    changed = _mask(pc.not_equal(given, normal))
    texts = normal.filter(pa.array(changed)).to_pylist()
    return unsafe, dict(zip(rows[changed].tolist(), texts, strict=True))


def _halved(texts: pd.Series) -> BoolArray:
    """Find half characters: Arrow cannot hold them, so only text of another kind can have them."""
    if isinstance(texts.dtype, pd.StringDtype) and texts.dtype.storage == "pyarrow":
        return np.zeros(len(texts), bool)
    return np.array(
        [isinstance(text, str) and bool(_SURROGATE.search(text)) for text in texts], bool
    )


def _mask(found: pa.Array) -> BoolArray:
    return np.array(pc.fill_null(found, False).to_numpy(zero_copy_only=False), bool)
