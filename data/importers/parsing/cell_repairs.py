"""Text that another program spoiled: read in a wrong encoding, or with letters lost for good."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

# How a lead byte of Cyrillic UTF-8 looks in cp1251, before what any following byte looks like.
_FOLLOWING = "".join(
    sorted({bytes([byte]).decode("cp1251", "ignore") for byte in range(0x80, 0xC0)} | {"\x98"})
)
_DOUBLE = re.compile(f"(?:[РСТУ][{re.escape(_FOLLOWING)}]){{2}}")
_LOST = r"\?[\x{430}-\x{45f}\x{491}-\x{4ff}]"


def repair_text(text: str) -> str:
    """Return what UTF-8 that was read as cp1251 and saved again once said; else the text itself.

    Examples
    --------
    >>> repair_text("РљУ©С€Рµ")
    'Көше'
    """
    if not _DOUBLE.search(text):
        return text
    try:
        content = b"".join(b"\x98" if sign == "\x98" else sign.encode("cp1251") for sign in text)
        return content.decode("utf-8")
    except UnicodeError:
        return text


def repair_column(column: pa.Array) -> tuple[pa.Array, int]:
    """Return a column of text with `repair_text` on each cell, and how many cells changed."""
    likely = pc.fill_null(
        pc.match_substring_regex(column, "[РС][\u00a0-\u00bfЂ-Џђ-џҐґ‘-•€‰†‡]"), False
    )
    if not pc.any(likely).as_py():
        return column, 0
    changed = 0
    texts = column.to_pylist()
    for place in pc.indices_nonzero(likely).to_pylist():
        repaired = repair_text(texts[place])
        changed += repaired != texts[place]
        texts[place] = repaired
    return pa.array(texts, pa.string()), changed


def count_lost(column: pa.Array) -> int:
    """Count the cells where a question mark stands for a letter that an encoding did not have."""
    lost = pc.match_substring_regex(column, _LOST)
    return int(pc.sum(lost).as_py() or 0)
