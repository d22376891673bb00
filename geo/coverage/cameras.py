"""How much of each street section cameras see, now and over the time before.

A fixed camera whose azimuth is known sees a sector: its angle (90 degrees where not given) out to
its range, 40 m at most. One that turns, or whose azimuth nobody recorded, stands for a circle in
which it looks one way at a time: every metre of it counts a quarter (a view of 90 of 360 degrees;
assumed) and is shown hatched, never as full cover. An entrance camera does not see the street. A
camera that no centre is known to watch counts half (Piza et al. 2019: active more than passive; the
half is assumed), and so does one whose state nobody recorded (assumed).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.coverage.lamp_times import LampTimes, lamp_times
from geo.coverage.street_pieces import (
    StreetPieces,
    metric_points,
    pieces_near,
    samples_in_reach,
    street_samples,
)
from geo.parameters import HazardParameters
from geo.schema import CAMERAS, check_frame
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SECTOR, CIRCLE = "sector", "circle"
BLIND_KINDS = ("entrance",)
TURNING_KINDS = ("ptz",)

_SAMPLE_M = 2.0


@dataclass(frozen=True)
class CameraView:
    """Which points along streets each camera sees, whether it works or not.

    Attributes
    ----------
    samples
        Of `geo.coverage.street_pieces.street_samples`.
    sample, camera
        Pairs (positions).
    sector
        For each camera whether it sees a sector rather than somewhere in a circle.
    """

    samples: pd.DataFrame
    sample: IntArray
    camera: IntArray
    sector: BoolArray


def camera_cover(
    length_m: pd.Series,
    pieces: StreetPieces,
    cameras: pd.DataFrame,
    as_of: date,
    area: StudyArea,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the camera cover of every section at the end of a day.

    Where several cameras see a metre, each sees what the others miss: cover grows with every
    camera, by less each time, and circles alone never make it full.

    Parameters
    ----------
    length_m
        Length of each section; its index is that of the result.
    pieces
        The sections' pieces.
    cameras
        Contract ``CAMERAS``; ``angle_deg``, ``connected`` and ``broken_to`` where known.

    Returns
    -------
    DataFrame
        camera_share (expected share of the length seen now, weighted as above, 0 … 1),
        camera_share_history (its mean over the time before, with a half-life of 1 095 days; what
        is not dated counts as unchanged), camera_confidence (sector | circle, by most of the
        metres that may be seen now; missing where none is).
    """
    check_frame(cameras, CAMERAS, name="cameras")
    view = camera_view(pieces, cameras, area, parameters)
    times = camera_times(cameras, as_of, parameters)
    weight = np.where(view.sector, 1.0, parameters.camera_circle_weight)
    live = _flags(cameras, "connected", missing=False)
    half = parameters.camera_unknown_state_share
    works = np.where(times.unknown_now, half, 1.0) * (times.working_now | times.unknown_now)

    cover = _Cover(view, live, parameters.camera_passive_share)
    now = cover.of(weight * works)
    history = cover.over_time(weight, times.spans, now, half)
    samples = view.samples
    shares = [_by_section(samples, values, length_m) for values in (now, history)]
    return pd.DataFrame(
        {
            c.CAMERA_SHARE: shares[0],
            c.CAMERA_SHARE_HISTORY: shares[1],
            c.CAMERA_CONFIDENCE: _confidence(view, works > 0, len(length_m)),
        },
        index=length_m.index,
    )


def camera_view(
    pieces: StreetPieces, cameras: pd.DataFrame, area: StudyArea, parameters: HazardParameters
) -> CameraView:
    """Return what each camera sees of the streets, two metres at a time.

    A range of nothing is no range, and one beyond 40 m is cut: farther away the effect of cameras
    was not measured.
    """
    reach = camera_reach_m(cameras, parameters)
    spots = metric_points(cameras[c.LAT], cameras[c.LON], area)
    chosen = pieces_near(pieces, spots[reach > 0], parameters.camera_reach_m)
    samples = street_samples(pieces, chosen, _SAMPLE_M)
    sample, camera = samples_in_reach(samples, spots, reach)
    seen = reach[camera] > 0
    sample, camera = sample[seen], camera[seen]

    sector = sees_sector(cameras)
    away = samples[["x", "y"]].to_numpy()[sample] - spots[camera]
    bearing = np.degrees(np.arctan2(away[:, 0], away[:, 1]))
    azimuth = cameras["azimuth_deg"].to_numpy(float)[camera]
    angle = camera_angle_deg(cameras, parameters)[camera]
    off = np.abs((bearing - azimuth + 180) % 360 - 180)
    inside = ~sector[camera] | (off <= angle / 2) | (np.hypot(*away.T) < 1e-9)
    return CameraView(samples, sample[inside], camera[inside], sector)


def camera_reach_m(cameras: pd.DataFrame, parameters: HazardParameters) -> FloatArray:
    """Return how far each camera sees the street, in metres; 0 for one that does not."""
    written = cameras["range_m"].to_numpy(float)
    reach = np.where(written > 0, written, parameters.camera_reach_m)
    blind = cameras["kind"].isin(BLIND_KINDS).to_numpy(bool)
    return np.where(blind, 0.0, np.minimum(reach, parameters.camera_reach_m))


def camera_angle_deg(cameras: pd.DataFrame, parameters: HazardParameters) -> FloatArray:
    """Return how wide each camera's view is, in degrees; 90 where nobody recorded it."""
    if "angle_deg" not in cameras:
        return np.full(len(cameras), parameters.camera_angle_deg)
    written = cameras["angle_deg"].to_numpy(float)
    return np.where(written > 0, written, parameters.camera_angle_deg)


def sees_sector(cameras: pd.DataFrame) -> BoolArray:
    """Tell which cameras look one known way rather than somewhere in a circle."""
    turns = cameras["kind"].isin(TURNING_KINDS).to_numpy(bool)
    return cameras["azimuth_deg"].notna().to_numpy(bool) & ~turns


def camera_times(cameras: pd.DataFrame, as_of: date, parameters: HazardParameters) -> LampTimes:
    """Read when each camera worked, as `lamp_times` reads it of lamps."""
    dated = cameras.assign(commissioned_at=pd.Series(pd.NaT, cameras.index))
    if "broken_to" not in cameras:
        dated = dated.assign(broken_to=pd.Series(pd.NaT, cameras.index))
    return lamp_times(dated, as_of, parameters.long_half_life_days)


def odd_cameras(
    cameras: pd.DataFrame, pieces: StreetPieces, area: StudyArea, parameters: HazardParameters
) -> dict[str, list[str]]:
    """List the ids of cameras to look at: that see no street, or whose range is written as 0.

    Those of entrances, which are not meant to see one, are left out.
    """
    ids = cameras["camera_id"].to_numpy(object)
    view = camera_view(pieces, cameras, area, parameters)
    sees = np.bincount(view.camera, minlength=len(cameras)) > 0
    meant = camera_reach_m(cameras, parameters) > 0
    return {
        "see_no_street": ids[meant & ~sees].tolist(),
        "range_zero": ids[(cameras["range_m"] == 0).to_numpy(bool)].tolist(),
    }


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cover:
    """Cover of samples by cameras, live ones in full and the others at a share."""

    view: CameraView
    live: BoolArray
    passive_share: float

    def of(self, seen: FloatArray) -> FloatArray:
        """Return the cover of each sample, from the chance of each camera to see what it may."""
        any_one, live = self._missed(seen), self._missed(seen * self.live)
        return self.passive_share * (1 - any_one) + (1 - self.passive_share) * (1 - live)

    def over_time(
        self, weight: FloatArray, spans: pd.DataFrame, now: FloatArray, unknown_share: float
    ) -> FloatArray:
        """Return the mean cover over the memory; what no dated camera sees is as it is now."""
        camera = spans["lamp"].to_numpy(np.int64)
        whole = (spans["start"] <= 0) & (spans["end"] >= 1)
        undated = np.bincount(camera[whole.to_numpy(bool)], minlength=len(weight)) > 0
        never = np.bincount(camera, minlength=len(weight)) == 0
        dated = ~(undated | never)
        if not dated[self.view.camera].any():
            return now
        changed = np.unique(self.view.sample[dated[self.view.camera]])
        pairs = pd.DataFrame({"sample": self.view.sample, "lamp": self.view.camera})
        steps = pairs[np.isin(self.view.sample, changed)].merge(spans, on="lamp")
        seen = weight[steps["lamp"]] * np.where(steps["unknown"], unknown_share, 1.0)
        mean = now.copy()
        mean[changed] = self._mean_of_spans(steps, seen)[changed]
        return mean

    def _mean_of_spans(self, steps: pd.DataFrame, seen: FloatArray) -> FloatArray:
        """Return the time mean of each sample's cover from spans in which cameras worked."""
        logs = np.log1p(-np.minimum(seen, 1 - 1e-15))
        of_live = logs * self.live[steps["lamp"]]
        sample = np.tile(steps["sample"].to_numpy(np.int64), 2)
        time = np.concatenate([steps["start"], steps["end"]])
        order = np.lexsort((time, sample))
        sample, time = sample[order], time[order]
        lasts = np.append(np.where(np.diff(sample) == 0, np.diff(time), 0.0), 0.0)
        any_one, live = (
            1 - np.exp(np.minimum(np.cumsum(np.concatenate([one, -one])[order]), 0.0))
            for one in (logs, of_live)
        )
        cover = self.passive_share * any_one + (1 - self.passive_share) * live
        return np.bincount(sample, lasts * cover, len(self.view.samples)).astype(float)

    def _missed(self, seen: FloatArray) -> FloatArray:
        """Return the chance that no camera sees a sample."""
        # Full sight leaves nothing over; the bound keeps its logarithm finite.
        logs = np.log1p(-np.minimum(seen, 1 - 1e-15))[self.view.camera]
        missed = np.exp(np.bincount(self.view.sample, logs, len(self.view.samples)))
        return np.where(missed < 1e-12, 0.0, missed)


def _by_section(samples: pd.DataFrame, values: FloatArray, length_m: pd.Series) -> FloatArray:
    section, metres = samples["section"].to_numpy(np.int64), samples["metres"].to_numpy(float)
    total = np.bincount(section, metres * values, len(length_m)).astype(float)
    length = length_m.to_numpy(float)
    return np.minimum(np.divide(total, length, out=np.zeros_like(total), where=length > 0), 1.0)


def _confidence(view: CameraView, seeing: BoolArray, count: int) -> npt.NDArray[np.object_]:
    """Name each section by what sees most of its metres: sectors, or circles alone."""
    by_sector, by_any = (np.zeros(len(view.samples), bool) for _ in range(2))
    pairs = seeing[view.camera]
    by_any[view.sample[pairs]] = True
    by_sector[view.sample[pairs & view.sector[view.camera]]] = True
    section, metres = view.samples["section"].to_numpy(np.int64), view.samples["metres"].to_numpy()
    seen, sharp = (np.bincount(section, metres * flag, count) for flag in (by_any, by_sector))
    named = np.where(2 * sharp >= seen, SECTOR, CIRCLE).astype(object)
    named[seen <= 0] = None
    return named


def _flags(cameras: pd.DataFrame, column: str, *, missing: bool) -> BoolArray:
    if column not in cameras:
        return np.full(len(cameras), missing)
    return cameras[column].astype("boolean").fillna(missing).to_numpy(bool)
