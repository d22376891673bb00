"""The walk to one school as a card tells it: its sections, their light, the child-minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo import columns as c
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.alternatives import LIGHT_M, light_shares
from geo.streets.exposure import minutes_of_walk, walks_by_window


@dataclass(frozen=True)
class WalkTotals:
    """What all pupils of a school walk together.

    Attributes
    ----------
    pupils
        Who walk, None where their number is not known.
    street_m
        Metres of street that any of them walks on, by lit_m, unlit_m, unknown_light_m.
    mean_m
        Metres of one pupil's walk by the same, and ``metres``; None where pupils are not known.
    child_minutes
        On a school day, by window; both ways together are Σ of them.
    """

    pupils: float | None
    street_m: dict[str, float]
    mean_m: dict[str, float] | None
    child_minutes: dict[str, float]


def walked_sections(
    routes: pd.DataFrame, sections: pd.DataFrame, school: pd.DataFrame, parameters: HazardParameters
) -> pd.DataFrame:
    """Return the sections on which pupils of one school walk, the busiest first.

    Parameters
    ----------
    routes
        section_id, school_id, pupils, metres.
    sections
        section_id, lit_m, unlit_m, unknown_light_m.
    school
        One row of the SCHOOLS contract.

    Returns
    -------
    DataFrame
        section_id, pupils, metres (mean metres that each walks there), walked_<light> (of these
        metres, in proportion to the section's length), lit_m, unlit_m, unknown_light_m (of the
        whole section) and child_minutes_<window> on a school day.
    """
    own = routes[(routes[c.SCHOOL_ID] == school[c.SCHOOL_ID].iloc[0]).to_numpy(bool)]
    light = sections[[c.SECTION_ID, *LIGHT_M]]
    rows = own[[c.SECTION_ID, c.PUPILS, "metres"]].merge(light, on=c.SECTION_ID, how="inner")
    walked = rows["metres"].to_numpy()[:, None] * light_shares(rows)
    once = minutes_of_walk(rows[c.PUPILS].to_numpy(float), rows["metres"].to_numpy(), parameters)
    daily = once[:, None] * walks_by_window(school, parameters)
    rows[[f"walked_{name}" for name in LIGHT_M]] = walked
    rows[[c.of_window(c.CHILD_MINUTES, window) for window in WINDOWS]] = daily
    return rows.sort_values([c.PUPILS, c.SECTION_ID], ascending=[False, True], ignore_index=True)


def walk_totals(rows: pd.DataFrame, pupils: float | None) -> WalkTotals:
    """Add up the sections of a walk, as `walked_sections` returns them."""
    minutes = {
        window: float(rows[c.of_window(c.CHILD_MINUTES, window)].sum()) for window in WINDOWS
    }
    mean = None
    if pupils is not None and np.isfinite(pupils) and pupils > 0:
        weight = rows[c.PUPILS].to_numpy(float) / pupils
        mean = {"metres": float(weight @ rows["metres"].to_numpy(float))}
        mean |= {name: float(weight @ rows[f"walked_{name}"].to_numpy(float)) for name in LIGHT_M}
    return WalkTotals(
        pupils=pupils,
        street_m={name: float(rows[name].sum()) for name in LIGHT_M},
        mean_m=mean,
        child_minutes=minutes,
    )
