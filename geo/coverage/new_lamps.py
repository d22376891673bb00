"""What lamps at given points would light: only the streets around them are looked at.

Whatever is not there yet says nothing of what is: how far the recorded lamps are believed to be
all there are stays as it was, so that a new lamp turns no other place dark.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.coverage.light_evidence import light_of_sections
from geo.coverage.lighting import (
    LightRecords,
    check_records,
    lamp_reach_m,
    light_evidence,
    survey_belief,
)
from geo.coverage.lit_streets import metric_lines
from geo.coverage.outage_spans import lasts_over
from geo.coverage.street_pieces import StreetPieces, metric_points, pieces_of_network
from geo.errors import UsageError
from geo.parameters import HazardParameters
from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LightGround:
    """A town's streets and records of light, laid out so that one spot is quickly looked up.

    Attributes
    ----------
    sections, network, pieces
        The streets; edges of the network are the pieces.
    records
        What is recorded of now: outages that are over are left out.
    survey
        For each section the belief that the lamps recorded are all there are.
    widest_m
        How far the farthest-reaching lamp reaches.
    lamp_spots
        x and y of each lamp.
    line_boxes
        left, bottom, right, top of each listed street and of each outage of a street.
    as_of
        The day whose end is meant.
    area, parameters
        The plane, and the numbers of the model.
    """

    sections: Sections
    network: StreetNetwork
    pieces: StreetPieces
    records: LightRecords
    survey: FloatArray
    widest_m: float
    lamp_spots: FloatArray
    line_boxes: tuple[FloatArray, FloatArray]
    as_of: date
    area: StudyArea
    parameters: HazardParameters


@dataclass(frozen=True)
class NewLight:
    """The light of the sections that new lamps reach.

    Attributes
    ----------
    section
        Their positions among the town's sections, in order.
    light
        Frame of `geo.coverage.lighting.street_light` for them, with the new lamps; without what is
        of the memory.
    """

    section: IntArray
    light: pd.DataFrame


def light_ground(
    sections: Sections,
    network: StreetNetwork,
    records: LightRecords,
    as_of: date,
    ground: tuple[StudyArea, HazardParameters],
) -> LightGround:
    """Lay out a town for questions about new lamps; worth keeping, as it walks all of it once."""
    area, parameters = ground
    check_records(records)
    survey = survey_belief(sections, network, records.lamps, as_of, area, parameters)
    lists, outages = _with_lines(records.lit_streets), _with_lines(records.street_outages)
    outages = None if outages is None else outages[lasts_over(outages, as_of)]
    return LightGround(
        sections=sections,
        network=network,
        pieces=pieces_of_network(network, sections),
        records=LightRecords(records.lamps, lists, outages),
        survey=survey,
        widest_m=float(lamp_reach_m(records.lamps, parameters).max(initial=0.0)),
        lamp_spots=metric_points(records.lamps[c.LAT], records.lamps[c.LON], area),
        line_boxes=(_boxes(lists, area), _boxes(outages, area)),
        as_of=as_of,
        area=area,
        parameters=parameters,
    )


def light_with_lamps(ground: LightGround, lamps: pd.DataFrame) -> NewLight:
    """Return the light of the sections that new working lamps would reach.

    Parameters
    ----------
    lamps
        lat, lon, mount_height_m (NaN where not known).

    Raises
    ------
    UsageError
        ``lamp_outside_area``; ``lamp_stray``: more than 60 m beyond its reach from every street.
    """
    new = new_lamp_rows(lamps)
    _check_inside(new, ground.area)
    spots = metric_points(new[c.LAT], new[c.LON], ground.area)
    reach, stray_m = lamp_reach_m(new, ground.parameters), ground.parameters.lamp_stray_m
    near = _edges_in(ground.pieces, _around(spots, float(reach.max()) + stray_m))
    gap = _distances(spots, ground.pieces, near)
    _check_stray(gap.min(axis=1, initial=np.inf) - reach, stray_m)
    section = np.unique(ground.pieces.section[near[(gap <= reach[:, None]).any(axis=0)]])
    return NewLight(section, _local_light(ground, section, new))


def new_lamp_rows(lamps: pd.DataFrame) -> pd.DataFrame:
    """Return points with their mounting height as working lamps of the contract ``LAMPS``."""
    never = pd.Series(pd.NaT, lamps.index, dtype="datetime64[us]")
    return pd.DataFrame(
        {
            "lamp_id": [f"new {number}" for number in range(len(lamps))],
            c.LAT: lamps[c.LAT].to_numpy(float),
            c.LON: lamps[c.LON].to_numpy(float),
            "mount_height_m": lamps["mount_height_m"].to_numpy(float),
            "working": np.full(len(lamps), True, object),
            **{name: never.to_numpy() for name in ("commissioned_at", "broken_from", "broken_to")},
        }
    )


# -------------------------------------------------------------------------------------------


def _with_lines(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    if rows is None:
        return None
    return rows[rows["line"].notna().to_numpy(bool)].reset_index(drop=True)


def _boxes(rows: pd.DataFrame | None, area: StudyArea) -> FloatArray:
    if rows is None or not len(rows):
        return np.zeros((0, 4))
    return np.asarray(shapely.bounds(metric_lines(rows["line"], area)), np.float64)


def _check_inside(lamps: pd.DataFrame, area: StudyArea) -> None:
    outside = np.flatnonzero(~area.contains(lamps[c.LAT], lamps[c.LON]))
    if len(outside):
        raise UsageError(
            f"Lamp {outside[0] + 1} lies outside the study area; check latitude and longitude.",
            code="lamp_outside_area",
        )


def _check_stray(beyond_m: FloatArray, stray_m: float) -> None:
    stray = np.flatnonzero(~(beyond_m <= stray_m))
    if len(stray):
        raise UsageError(
            f"Lamp {stray[0] + 1} stands more than {stray_m:g} m beyond its reach from "
            "every street; check its place or its mounting height.",
            code="lamp_stray",
        )


def _around(points: FloatArray, margin_m: float) -> FloatArray:
    """Return left, bottom, right, top of a box around points, wider by a margin."""
    return np.concatenate([points.min(axis=0) - margin_m, points.max(axis=0) + margin_m])


def _edges_in(pieces: StreetPieces, box: FloatArray) -> IntArray:
    """Return the edges that a box may touch."""
    low, high = np.minimum(pieces.start, pieces.end), np.maximum(pieces.start, pieces.end)
    return np.flatnonzero(((low <= box[2:]) & (high >= box[:2])).all(axis=1))


def _distances(spots: FloatArray, pieces: StreetPieces, edges: IntArray) -> FloatArray:
    """Return the metres from each spot to each edge, spots × edges."""
    start, along = pieces.start[edges], (pieces.end - pieces.start)[edges]
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    share = ((spots[:, None] - start) * along).sum(axis=2) / square
    foot = start + np.clip(share, 0, 1)[:, :, None] * along
    return np.asarray(np.hypot(*np.moveaxis(spots[:, None] - foot, 2, 0)), np.float64)


def _local_light(ground: LightGround, section: IntArray, new: pd.DataFrame) -> pd.DataFrame:
    """Return the light of some sections as the whole town's records and the new lamps have it.

    Streets farther off are left out; those remain that a lamp in reach may stand on instead.
    """
    if not len(section):
        return pd.DataFrame({c.LIT_SHARE: [], c.LIT_M: [], c.UNLIT_M: [], c.UNKNOWN_LIGHT_M: []})
    records, parameters = ground.records, ground.parameters
    own = np.flatnonzero(np.isin(ground.pieces.section, section))
    ends = np.concatenate([ground.pieces.start[own], ground.pieces.end[own]])
    box = _around(ends, ground.widest_m)
    inside = (ground.lamp_spots >= box[:2]) & (ground.lamp_spots <= box[2:])
    lamps = np.flatnonzero(inside.all(axis=1))
    about = ground.widest_m + parameters.lamp_reach_m + parameters.lamp_stray_m
    edges = _edges_in(ground.pieces, _around(ends, about))
    known = np.unique(ground.pieces.section[edges])
    beside = _around(ends, about + 2 * parameters.lit_line_reach_m)
    lists, outages = (
        None if rows is None else rows[_touching(boxes, beside)].reset_index(drop=True)
        for rows, boxes in zip(
            (records.lit_streets, records.street_outages), ground.line_boxes, strict=True
        )
    )
    local = LightRecords(
        lamps=pd.concat([records.lamps.iloc[lamps], new], ignore_index=True),
        lit_streets=lists,
        street_outages=outages,
        survey=ground.survey[known],
    )
    network, sections = _part_of_town(ground, edges, known)
    evidence = light_evidence(sections, network, local, ground.as_of, (ground.area, parameters))
    light = light_of_sections(evidence, parameters)
    light = light[[name for name in light if not str(name).startswith(c.LIT_SHARE_HISTORY)]]
    return light.iloc[np.searchsorted(known, section)].set_axis(section)


def _touching(boxes: FloatArray, box: FloatArray) -> BoolArray:
    return np.asarray(((boxes[:, :2] <= box[2:]) & (boxes[:, 2:] >= box[:2])).all(axis=1))


def _part_of_town(
    ground: LightGround, edges: IntArray, known: IntArray
) -> tuple[StreetNetwork, Sections]:
    """Return some edges and their sections as a town of their own."""
    network, sections = ground.network, ground.sections
    ends = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
    nodes, at = np.unique(ends, return_inverse=True)
    small = replace(
        network,
        **{name: getattr(network, name)[nodes] for name in _OF_NODES},
        edge_u=at[: len(edges)],
        edge_v=at[len(edges) :],
        edge_way=network.edge_way[edges],
        edge_length_m=network.edge_length_m[edges],
    )
    return small, Sections(
        frame=sections.frame.iloc[known].reset_index(drop=True),
        edge_section=np.searchsorted(known, sections.edge_section[edges]),
        edge_start_m=sections.edge_start_m[edges],
        edge_reversed=sections.edge_reversed[edges],
    )


_OF_NODES = ("node_id", "lat", "lon", "x", "y", "component")
