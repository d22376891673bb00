"""The gates of one school in an answer: where they are and how many pupils go in by each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from api.answers import as_rows
from api.dependencies import OpenedSnapshot
from geo import columns as c
from geo.disclosure_walks import disclose_gates
from geo.streets.school_gates import GATE, GATE_KNOWN

FRAME = "school_gates"
CALM_PUPILS = "calm_pupils"


def gates_answer(
    opened: OpenedSnapshot, school_id: str, compared: pd.Series | None, role: str
) -> list[dict[str, Any]]:
    """Return the gates of a school by their numbers; none in a run that did not keep them.

    Parameters
    ----------
    compared
        The school's row of ``school_walks`` at the light of the moment; None where there is none.
    """
    if f"{FRAME}.parquet" not in opened.snapshot.manifest["files"]:
        return []
    frame = opened.frame(FRAME)
    own = frame[(frame[c.SCHOOL_ID] == school_id).to_numpy(bool)].sort_values(GATE)
    own = own.assign(**{CALM_PUPILS: _calm_pupils(compared, len(own))})
    shown = disclose_gates(own, role)[[GATE, c.LAT, c.LON, GATE_KNOWN, c.PUPILS, CALM_PUPILS]]
    rows = as_rows(shown.assign(**{name: shown[name].round(6) for name in (c.LAT, c.LON)}))
    return [dict(row) for row in rows]


# -------------------------------------------------------------------------------------------


def _calm_pupils(compared: pd.Series | None, gates: int) -> list[float]:
    text = None if compared is None else compared.get("gate_pupils")
    counts = [float(count) for count in text.split(";")] if isinstance(text, str) else []
    return counts if len(counts) == gates else [np.nan] * gates
