"""The ranked list of sections: which ones, in which order, under which number."""

from __future__ import annotations

import pandas as pd

from geo import columns as c
from geo.columns import of_window
from geo.hazard.reference import score_classes
from geo.parameters import HazardParameters

TOO_FEW = "too_few"

SCORES = {"harm": c.HAZARD_SCORE, "count": c.COUNT_SCORE, "walk": c.BURDEN_SCORE}
RANKS = {"harm": (c.RANK_LOW, c.RANK_HIGH), "walk": (c.BURDEN_RANK_LOW, c.BURDEN_RANK_HIGH)}


def ranked_sections(sections: pd.DataFrame, *, view: str, window: str, limit: int) -> pd.DataFrame:
    """Choose and order sections for the list.

    The harm of the whole day is listed by the posterior probability of lying in the worst 5 %;
    a month, a window and the other views by their score, ties by the unrounded hazard. What has
    too few records stands last and bears no number.

    Returns
    -------
    DataFrame
        ``section_id``, ``rank`` (missing where unnumbered), ``score`` and ``hazard_class`` of
        the view, ``confidence``, and the rank range where there is one.
    """
    score = score_column(view, window)
    if score not in sections or sections[score].isna().all():
        return _empty()
    by = c.P_TOP if view == "harm" and window == "day" and c.P_TOP in sections else score
    order = [by, score, c.HAZARD, c.SECTION_ID]
    chosen = sections.sort_values(order, ascending=[False, False, False, True]).head(limit)
    confidence = chosen[_named(c.CONFIDENCE, window)]
    chosen = chosen.assign(below=confidence.eq(TOO_FEW)).sort_values(
        ["below", score, c.HAZARD, c.SECTION_ID], ascending=[True, False, False, True]
    )
    numbered = ~chosen["below"].to_numpy()
    low, high = RANKS.get(view, (None, None)) if window == "day" else (None, None)
    missing = pd.Series(pd.NA, chosen.index)
    return pd.DataFrame(
        {
            c.SECTION_ID: chosen[c.SECTION_ID],
            "rank": pd.Series(range(1, len(chosen) + 1), chosen.index).where(numbered),
            "score": chosen[score],
            c.HAZARD_CLASS: _classes(chosen, view, window),
            c.CONFIDENCE: chosen[_named(c.CONFIDENCE, window)],
            "rank_low": chosen.get(low, missing),
            "rank_high": chosen.get(high, missing),
        }
    ).reset_index(drop=True)


def score_column(view: str, window: str) -> str:
    """Name the score that a view shows in a window; only harm is known by window."""
    return _named(SCORES[view], window if view == "harm" else "day")


# -------------------------------------------------------------------------------------------


def _named(column: str, window: str) -> str:
    return column if window == "day" else of_window(column, window)


def _classes(chosen: pd.DataFrame, view: str, window: str) -> pd.Series:
    """Return the class of harm, which is held between runs; other views cut their own score."""
    if view == "harm":
        return chosen[_named(c.HAZARD_CLASS, window)]
    score = chosen[SCORES[view]].to_numpy(float)
    return pd.Series(score_classes(score, HazardParameters().breaks), chosen.index)


def _empty() -> pd.DataFrame:
    columns = [c.SECTION_ID, "rank", "score", c.HAZARD_CLASS, c.CONFIDENCE, "rank_low", "rank_high"]
    return pd.DataFrame({column: [] for column in columns})
