"""What lists of streets and outages of whole streets say of the light along them.

Both are known by a line on the map. A street runs along the line where it lies within 25 m of it
and the same way within 30 degrees: a street that only crosses it is not meant.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.coverage.lamp_times import memory_before
from geo.coverage.light_belief import STATES
from geo.coverage.outage_spans import SPAN, covered_share, lasts_over
from geo.coverage.record_age import record_belief
from geo.coverage.street_pieces import StreetPieces, pieces_near
from geo.parameters import HazardParameters
from geo.streets.line_overlap import stretches_beside
from geo.streets.network import StreetNetwork
from geo.streets.snapping import snap_to_edges
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Lines = npt.NDArray[np.object_]

_STATE_OF_WORD = {"yes": STATES.index("lit"), "no": STATES.index("unlit"), "partly": 0}
_STEP_M = 25.0


def metric_lines(lines: pd.Series, area: StudyArea) -> Lines:
    """Return lines (longitude, latitude) in metres of the area's plane; a missing one is empty."""
    known = [line if line is not None else shapely.LineString() for line in lines]
    return np.asarray(
        shapely.transform(
            np.array(known, object), lambda xy: np.column_stack(area.to_metric(xy[:, 1], xy[:, 0]))
        ),
        object,
    )


def pieces_near_lines(pieces: StreetPieces, lines: Lines, reach_m: float) -> IntArray:
    """Return the pieces of street that may run along any of the lines."""
    points = shapely.get_coordinates(shapely.segmentize(lines, _STEP_M))
    return pieces_near(pieces, points, reach_m + _STEP_M / 2)


def spots_along(
    spots: pd.DataFrame, pieces: StreetPieces, lines: Lines, reach_m: float
) -> tuple[IntArray, IntArray]:
    """Return each pair of a spot on a street and a line (positions) that the street runs along.

    Parameters
    ----------
    spots
        piece (position), at_m (metres from the piece's start).
    lines
        In metres.
    """
    own = np.unique(spots["piece"].to_numpy(np.int64))
    if not len(own) or not len(lines):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = np.stack([pieces.start[own], pieces.end[own]], axis=1)
    beside = stretches_beside(np.asarray(shapely.linestrings(ends), object), lines, reach_m)
    beside["piece"] = own[beside["line"].to_numpy(np.int64)]
    numbered = spots[["piece", "at_m"]].assign(spot=np.arange(len(spots)))
    pairs = numbered.merge(beside, on="piece")
    pairs = pairs[(pairs["at_m"] >= pairs["from_m"]) & (pairs["at_m"] <= pairs["to_m"])]
    pairs = pairs[["spot", "other"]].drop_duplicates()
    return pairs["spot"].to_numpy(np.int64), pairs["other"].to_numpy(np.int64)


def listed_light(
    spot: IntArray, row: IntArray, lit_streets: pd.DataFrame, count: int
) -> tuple[IntArray, IntArray]:
    """Return what the lists say at each spot and which row says it.

    Of several rows the one of the latest year counts. Rows of one year that contradict each other
    leave the spot lit in part.

    Parameters
    ----------
    spot, row
        Pairs from `spots_along`.
    count
        How many spots there are.

    Returns
    -------
    State (position in `STATES`; ``unknown`` is "in part") and row, −1 where no list speaks.
    """
    state, source = np.zeros(count, np.int64), np.full(count, -1)
    if not len(spot):
        return state, source
    latest = _latest(spot, row, lit_streets)
    latest["said"] = lit_streets[c.LIT].map(_STATE_OF_WORD).to_numpy(np.int64)[latest["row"]]
    grouped = latest.groupby("spot").agg({"said": ["min", "max"], "row": "min"})
    at = grouped.index.to_numpy(np.int64)
    least, most = grouped["said", "min"].to_numpy(), grouped["said", "max"].to_numpy()
    state[at] = np.where(least == most, least, 0)
    source[at] = grouped["row", "min"].to_numpy(np.int64)
    return state, source


def listed_left(
    spot: IntArray, row: IntArray, lit_streets: pd.DataFrame, left: FloatArray, count: int
) -> FloatArray:
    """Return the share of its light that the listed street gives at each spot; 1 without a list.

    Of several rows of the latest year the one that leaves most counts.

    Parameters
    ----------
    left
        What each row leaves, 0 … 1.
    """
    kept = np.ones(count)
    if len(spot) and (left < 1).any():
        latest = _latest(spot, row, lit_streets)
        most = pd.Series(left[latest["row"]]).groupby(latest["spot"].to_numpy(np.int64)).max()
        kept[most.index] = most
    return kept


def list_belief(lit_streets: pd.DataFrame, as_of: date, parameters: HazardParameters) -> FloatArray:
    """Return how far each row of the lists is believed: 0.9, less where its year is long ago.

    A row stands as it was at the end of its year; one without a year is taken as it is.
    """
    year = years_of(lit_streets)
    seen = pd.to_datetime(year.map(lambda one: f"{one:.0f}-12-31", na_action="ignore"))
    return parameters.lit_list_confidence * record_belief(seen, as_of, parameters)


def years_of(lit_streets: pd.DataFrame) -> pd.Series:
    """Return the year of each row, missing where the list has none."""
    if "year" not in lit_streets:
        return pd.Series(np.nan, lit_streets.index)
    return lit_streets["year"].astype(float)


def time_out(
    spot: IntArray,
    row: IntArray,
    outages: pd.DataFrame,
    memory: tuple[date, float],
    count: int,
) -> tuple[BoolArray, FloatArray]:
    """Return which spots an outage of their street puts out now, and for what share of the memory.

    Outages add up; where they overlap they count once.

    Parameters
    ----------
    spot, row
        Pairs from `spots_along`.
    memory
        The day at whose end now is, and the half-life of the memory in days.
    count
        How many spots there are.
    """
    now = np.zeros(count, bool)
    now[spot[lasts_over(outages, memory[0])[row]]] = True
    since = memory_before(outages["broken_from"], *memory)
    until = memory_before(outages["broken_to"], *memory, missing=1.0)
    spans = pd.DataFrame({"spot": spot, "start": since[row], "end": until[row]})
    return now, covered_share(spans, "spot", count)


def street_hits(
    lamps: pd.DataFrame,
    outages: pd.DataFrame,
    pieces: StreetPieces,
    network: StreetNetwork,
    ground: tuple[StudyArea, HazardParameters],
) -> pd.DataFrame:
    """Pair the outages of whole streets with the lamps that stand on them.

    A lamp stands on the street nearest to it, as far as `stray_lamps` would not call it stray.

    Parameters
    ----------
    outages
        ``line`` (longitude, latitude), ``broken_from``, ``broken_to``.

    Returns
    -------
    DataFrame
        asset_row (label in the index of the lamps), broken_from, broken_to.
    """
    area, parameters = ground
    found, edge = np.zeros(0, np.int64), np.zeros(0, np.int64)
    spot, row = found, found
    if len(lamps) and len(outages):
        reach = parameters.lamp_reach_m + parameters.lamp_stray_m
        places = snap_to_edges(lamps[c.LAT], lamps[c.LON], network, reach)
        found = np.flatnonzero(places.edge >= 0)
        edge = places.edge[found]
        spots = pd.DataFrame(
            {"piece": edge, "at_m": places.share[found] * network.edge_length_m[edge]}
        )
        lines = metric_lines(outages["line"], area)
        spot, row = spots_along(spots, pieces, lines, parameters.lit_line_reach_m)
    return outages[SPAN].iloc[row].assign(asset_row=lamps.index[found[spot]])


def unplaced_streets(
    lit_streets: pd.DataFrame,
    pieces: StreetPieces,
    area: StudyArea,
    parameters: HazardParameters,
) -> list[str]:
    """List the ids of rows whose line no street of the map runs along; they say nothing."""
    lines = metric_lines(lit_streets["line"], area)
    near = pieces_near_lines(pieces, lines, parameters.lit_line_reach_m)
    ends = np.stack([pieces.start[near], pieces.end[near]], axis=1)
    beside = stretches_beside(
        np.asarray(shapely.linestrings(ends), object), lines, parameters.lit_line_reach_m
    )
    found = np.unique(beside["other"].to_numpy(np.int64))
    lost = np.setdiff1d(np.arange(len(lit_streets)), found)
    return lit_streets["lit_street_id"].to_numpy(object)[lost].tolist()


# -------------------------------------------------------------------------------------------


def _latest(spot: IntArray, row: IntArray, lit_streets: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of a spot and a row of the latest year that any row there has."""
    year = np.nan_to_num(years_of(lit_streets).to_numpy(float)[row])
    rows = pd.DataFrame({"spot": spot, "row": row, "year": year})
    return rows[rows["year"] == rows.groupby("spot")["year"].transform("max")].copy()
