"""What the walks to school have lost with each lamp and camera that is down.

A metre counts as lost where the dead one reached it and no other of its kind that is known to work
does; where two dead ones reached the same metre, each has lost it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.coverage.cameras import CIRCLE, SECTOR, camera_times, camera_view
from geo.coverage.lamp_times import LampTimes, lamp_times
from geo.coverage.lighting import lamp_reach_m
from geo.coverage.street_pieces import (
    metric_points,
    pieces_near,
    pieces_of_lines,
    samples_in_reach,
    street_samples,
)
from geo.parameters import HazardParameters
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

LAMP, CAMERA = "lamp", "camera"
COLUMNS = (
    *("asset_id", "number", "asset", c.LAT, c.LON, "down_since"),
    *("school_ids", "metres", c.CHILD_MINUTES, "view"),
)

_SAMPLE_M = 2.0


@dataclass(frozen=True)
class WalkedStreets:
    """The streets on which children walk to school.

    Attributes
    ----------
    sections
        section_id, length_m, geometry and child_minutes (a month).
    routes
        section_id, school_id: every section on a way to each school.
    area
        The study area, for its plane.
    """

    sections: gpd.GeoDataFrame
    routes: pd.DataFrame
    area: StudyArea

    def walked(self) -> gpd.GeoDataFrame:
        """Return the sections that lie on any way to school, numbered from 0."""
        on_route = self.sections[c.SECTION_ID].isin(self.routes[c.SECTION_ID])
        return self.sections[on_route].reset_index(drop=True)


def dead_assets(
    streets: WalkedStreets,
    lamps: pd.DataFrame,
    cameras: pd.DataFrame,
    as_of: date,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return every lamp and camera that is down, the one that costs most child-minutes first.

    Parameters
    ----------
    lamps, cameras
        Contracts ``LAMPS`` and ``CAMERAS``; ``number`` where known.

    Returns
    -------
    DataFrame
        asset_id, number (None where it has none), asset (lamp | camera), lat, lon, down_since
        (missing where nobody recorded it), school_ids (ids of the schools whose ways lost metres,
        ``;`` between them), metres (of those ways that lost light or view), child_minutes (a month
        spent on them), view (sector | circle; of a circle only a part was ever seen; missing for
        lamps).
    """
    down = [
        _dead_cameras(streets, cameras, as_of, parameters),
        _dead_lamps(streets, lamps, as_of, parameters),
    ]
    found = [frame for frame in down if len(frame)] or down[:1]
    return (
        pd.concat(found, ignore_index=True)
        .sort_values(
            [c.CHILD_MINUTES, "metres", "asset", "asset_id"],
            ascending=[False, False, True, True],
            kind="stable",
        )
        .reset_index(drop=True)[list(COLUMNS)]
    )


# -------------------------------------------------------------------------------------------


def _dead_cameras(
    streets: WalkedStreets, cameras: pd.DataFrame, as_of: date, parameters: HazardParameters
) -> pd.DataFrame:
    walked = streets.walked()
    view = camera_view(pieces_of_lines(walked, streets.area), cameras, streets.area, parameters)
    times = camera_times(cameras, as_of, parameters)
    lost = _lost(view.samples, view.sample, view.camera, times)
    named = cameras.rename(columns={"camera_id": "asset_id"})
    found = _impact(streets, walked, lost, named, times, as_of)
    views = np.where(view.sector, SECTOR, CIRCLE)[found.pop("row").to_numpy(np.int64)]
    return found.assign(asset=CAMERA, view=views.astype(object))


def _dead_lamps(
    streets: WalkedStreets, lamps: pd.DataFrame, as_of: date, parameters: HazardParameters
) -> pd.DataFrame:
    walked, reach = streets.walked(), lamp_reach_m(lamps, parameters)
    times = lamp_times(lamps, as_of, parameters.long_half_life_days)
    pieces = pieces_of_lines(walked, streets.area)
    spots = metric_points(lamps[c.LAT], lamps[c.LON], streets.area)
    near = pieces_near(pieces, spots[_down(times)], float(reach.max(initial=0.0)))
    samples = street_samples(pieces, near, _SAMPLE_M)
    lost = _lost(samples, *samples_in_reach(samples, spots, reach), times)
    named = lamps.rename(columns={"lamp_id": "asset_id"})
    found = _impact(streets, walked, lost, named, times, as_of)
    return found.drop(columns="row").assign(asset=LAMP, view=None)


def _down(times: LampTimes) -> BoolArray:
    return times.standing & ~times.working_now & ~times.unknown_now


def _lost(
    samples: pd.DataFrame, sample: IntArray, asset: IntArray, times: LampTimes
) -> pd.DataFrame:
    """Return the metres of each section that each dead asset alone reached."""
    held = np.zeros(len(samples), bool)
    held[sample[times.working_now[asset]]] = True
    gone = _down(times)[asset] & ~held[sample]
    rows = pd.DataFrame(
        {
            "row": asset[gone],
            "section": samples["section"].to_numpy(np.int64)[sample[gone]],
            "metres": samples["metres"].to_numpy(float)[sample[gone]],
        }
    )
    return rows.groupby(["row", "section"], as_index=False).sum()


def _impact(
    streets: WalkedStreets,
    walked: gpd.GeoDataFrame,
    lost: pd.DataFrame,
    assets: pd.DataFrame,
    times: LampTimes,
    as_of: date,
) -> pd.DataFrame:
    """Add up what each dead asset costs; those that cost nothing are listed too."""
    place = walked.iloc[lost["section"].to_numpy(np.int64)].reset_index(drop=True)
    share = lost["metres"] / place[c.LENGTH_M]
    rows = lost.assign(
        **{c.CHILD_MINUTES: share * place[c.CHILD_MINUTES], c.SECTION_ID: place[c.SECTION_ID]}
    )
    sums = rows.groupby("row")[["metres", c.CHILD_MINUTES]].sum()
    schools = (
        rows[["row", c.SECTION_ID]]
        .merge(streets.routes[[c.SECTION_ID, c.SCHOOL_ID]], on=c.SECTION_ID)
        .groupby("row")[c.SCHOOL_ID]
        .agg(lambda ids: ";".join(sorted(set(ids))))
    )
    down = np.flatnonzero(_down(times))
    chosen = assets.iloc[down]
    since = pd.to_datetime(chosen["broken_from"])
    known = since < pd.Timestamp(as_of + timedelta(days=1))
    number = chosen["number"] if "number" in chosen else pd.Series(None, chosen.index, dtype=object)
    return pd.DataFrame(
        {
            "row": down,
            "asset_id": chosen["asset_id"].to_numpy(object),
            "number": number.astype(object).where(number.notna(), None).to_numpy(),
            c.LAT: chosen[c.LAT].to_numpy(float),
            c.LON: chosen[c.LON].to_numpy(float),
            "down_since": since.where(known).to_numpy(),
            "school_ids": schools.reindex(down).fillna("").to_numpy(object),
            "metres": sums["metres"].reindex(down).fillna(0.0).to_numpy(float),
            c.CHILD_MINUTES: sums[c.CHILD_MINUTES].reindex(down).fillna(0.0).to_numpy(float),
        }
    )
