"""Find records of different registers that tell of the same event, so that it counts once.

A theft called in to 102 is written into the КУИ book and later registered in the ЕРДР: three
records, one event. Records are linked where one names the number of the other; else where they
lie close in place and time and their offence does not speak against it. Nothing is stored: links
follow from the records that are there, whatever the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from data.registers import LINKED_REGISTERS
from geo import columns as c
from geo.study_area import StudyArea

REACH_M = 100
"""Two registers place one event no further apart, beside what their coordinates leave open."""

WIDEST_REACH_M = 300
REACH_HOURS = 2
"""From the event to the call, or between two written times of it."""

Pairs = npt.NDArray[np.int64]


def event_ids(incidents: pd.DataFrame, area: StudyArea) -> pd.Series:
    """Return for each record the id of the record that stands for its event.

    Parameters
    ----------
    incidents
        ``incident_id``, ``register``, ``ext_id_hash``, ``reference_hash``, ``occurred_at``,
        ``occurred_precision``, ``lat``, ``lon``, ``geo_accuracy_m``, ``offence_group``.
    area
        Its plane measures the distances.

    Returns
    -------
    pandas.Series
        On the same index: the ``incident_id`` of the record of the most careful register (its own
        where nothing is linked). An event holds at most one record of each register.
    """
    ids = incidents[c.INCIDENT_ID].to_numpy(object)
    known = incidents["register"].isin(LINKED_REGISTERS).to_numpy(bool)
    rows = incidents[known].reset_index(drop=True)
    if rows["register"].nunique() < 2:
        return pd.Series(ids, index=incidents.index, dtype=object)

    named = _pairs_by_number(rows)
    near = _pairs_by_place_and_time(rows, area)
    events = _join([*_sorted(named, rows), *_nearest_first(near, rows, area)], rows)

    standing = rows[c.INCIDENT_ID].to_numpy(object)[events]
    linked = ids.copy()
    linked[known] = standing
    return pd.Series(linked, index=incidents.index, dtype=object)


# -------------------------------------------------------------------------------------------


def _pairs_by_number(rows: pd.DataFrame) -> Pairs:
    """Pair a record with the one of another register whose number it names."""
    naming = rows["reference_hash"].dropna().rename("number").reset_index()
    named = rows["ext_id_hash"].dropna().rename("number").reset_index()
    pairs = naming.merge(named, on="number")[["index_x", "index_y"]].to_numpy(np.int64)
    register = rows["register"].to_numpy(object)
    return np.asarray(pairs[register[pairs[:, 0]] != register[pairs[:, 1]]])


def _pairs_by_place_and_time(rows: pd.DataFrame, area: StudyArea) -> Pairs:
    # One box of the tree is as wide as any pair may be: metres and days become shares of it.
    east, north, _ = _plane(rows, area)
    days = rows[c.OCCURRED_AT].to_numpy("datetime64[s]").astype(np.int64) / 86_400
    points = np.column_stack([east / WIDEST_REACH_M, north / WIDEST_REACH_M, days])
    pairs = cKDTree(points).query_pairs(1.0, p=np.inf, output_type="ndarray").astype(np.int64)
    first, second = pairs[:, 0], pairs[:, 1]
    register, group = (rows[name].to_numpy(object) for name in ("register", c.OFFENCE_GROUP))
    told = np.array([isinstance(word, str) for word in group], bool)
    agree = (group[first] == group[second]) | ~told[first] | ~told[second]
    fits = (
        (register[first] != register[second])
        & agree
        & _same_time(rows, first, second)
        & _same_place(rows, area, first, second)
    )
    return np.asarray(pairs[fits])


def _same_time(rows: pd.DataFrame, first: Pairs, second: Pairs) -> npt.NDArray[np.bool_]:
    at = rows[c.OCCURRED_AT].to_numpy("datetime64[s]")
    day_only = (rows[c.OCCURRED_PRECISION] == "day").to_numpy(bool)
    by_day = day_only[first] | day_only[second]
    days = at.astype("datetime64[D]")
    hours = np.abs((at[first] - at[second]).astype(np.int64)) / 3600
    same_day = days[first] == days[second]
    return np.asarray(np.where(by_day, same_day, hours <= REACH_HOURS), bool)


def _same_place(
    rows: pd.DataFrame, area: StudyArea, first: Pairs, second: Pairs
) -> npt.NDArray[np.bool_]:
    _, _, accuracy = _plane(rows, area)
    reach = np.minimum(REACH_M + accuracy[first] + accuracy[second], WIDEST_REACH_M)
    return np.asarray(_gap_m(rows, area, first, second) <= reach)


def _gap_m(
    rows: pd.DataFrame, area: StudyArea, first: Pairs, second: Pairs
) -> npt.NDArray[np.float64]:
    east, north, _ = _plane(rows, area)
    return np.hypot(east[first] - east[second], north[first] - north[second])


def _plane(rows: pd.DataFrame, area: StudyArea) -> tuple[npt.NDArray[np.float64], ...]:
    east, north = area.to_metric(rows[c.LAT].to_numpy(float), rows[c.LON].to_numpy(float))
    accuracy = rows[c.GEO_ACCURACY_M].fillna(0).to_numpy(float)
    return np.asarray(east), np.asarray(north), accuracy


def _sorted(pairs: Pairs, rows: pd.DataFrame) -> list[tuple[int, int]]:
    ids = rows[c.INCIDENT_ID].to_numpy(object)
    ordered = [(a, b) if ids[a] < ids[b] else (b, a) for a, b in pairs.tolist()]
    return sorted(ordered, key=lambda pair: (ids[pair[0]], ids[pair[1]]))


def _nearest_first(pairs: Pairs, rows: pd.DataFrame, area: StudyArea) -> list[tuple[int, int]]:
    ordered = _sorted(pairs, rows)
    if not ordered:
        return []
    first, second = np.array(ordered, np.int64).T
    gap = np.round(_gap_m(rows, area, first, second), 2)
    order = np.argsort(gap, kind="stable")  # ties stay in the order of their ids
    return [ordered[place] for place in order]


def _join(pairs: Iterable[tuple[int, int]], rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Grow events pair by pair; a pair that would give one two records of a register is left."""
    rank = (
        rows["register"]
        .map({name: place for place, name in enumerate(LINKED_REGISTERS)})
        .to_numpy()
    )
    members: dict[int, dict[int, int]] = {}
    event = np.arange(len(rows))
    for a, b in pairs:
        one = members.get(event[a], {int(rank[a]): a})
        other = members.get(event[b], {int(rank[b]): b})
        if event[a] == event[b] or one.keys() & other.keys():
            continue
        joined = one | other
        standing = joined[min(joined)]
        for row in joined.values():
            event[row] = standing
        members[standing] = joined
    return event
