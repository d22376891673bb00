"""The first rows of a file as they were understood, for the person who brings it."""

from __future__ import annotations

import pandas as pd

PREVIEW_ROWS = 20
PERSONAL = "pii_in_text"
"""Rows with this fault are shown nowhere."""


def preview_of(frame: pd.DataFrame) -> tuple[dict[str, str | None], ...]:
    """Return a frame's first rows as texts by field, None where missing."""
    return tuple(
        {str(name): None if pd.isna(value) else str(value) for name, value in row.items()}
        for row in frame.head(PREVIEW_ROWS).to_dict("records")
    )
