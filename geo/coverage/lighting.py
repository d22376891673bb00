"""Which streets are lit: by lamps that work, else by the map's tag, else unknown.

Light has three values. A section near recorded lamps is known from them: what a working lamp
reaches is lit, what only a lamp of unknown state reaches is unknown, the rest is unlit. Without
a lamp the OpenStreetMap tag decides with a confidence of 0.8; without a tag the light is unknown
and stays so: the expected share is then that of a Beta(2, 2) with its spread, never darkness.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geo import columns as c
from geo.coverage.lamp_times import LampTimes, lamp_times, share_of_time
from geo.parameters import HazardParameters
from geo.schema import LAMPS, check_frame
from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections
from geo.streets.snapping import snap_to_edges
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LIT_TAGS = ("yes", "24/7", "automatic", "sunset-sunrise", "interval", "limited")
UNLIT_TAGS = ("no", "disused")

_SAMPLE_M = 5.0


def section_light(
    sections: Sections,
    network: StreetNetwork,
    lamps: pd.DataFrame,
    as_of: date,
    area: StudyArea,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the light of every section at the end of a day.

    Sections are sampled every five metres at most. A lamp reaches 3.5 times its mounting
    height, 25 m where that is not given. A lamp not yet commissioned is no evidence at all; one
    that is broken or on outage is evidence of darkness.

    Parameters
    ----------
    lamps
        Frame of the LAMPS contract; may be empty.
    as_of
        The day whose state is wanted; later dates in the lamps lie in the future.

    Returns
    -------
    DataFrame
        On the sections' index: light (lit | unlit | unknown, by most of the length),
        light_source (lamps | tag | none), lit_m, unlit_m, unknown_light_m (they add up to the
        length), lit_share (expected, 0 … 1), lit_share_sd (of that expectation),
        lit_share_history (expected, averaged over the time before ``as_of`` with a half-life of
        1 095 days; what is not dated counts as unchanged).
    """
    check_frame(lamps, LAMPS, name="lamps")
    times = lamp_times(lamps, as_of, parameters.long_half_life_days)
    samples = _samples(network, sections)
    near = _lamps_at_samples(samples, times, lamps, area, parameters)
    by_lamps = _light_by_lamps(samples, near, times, sections, parameters)
    by_tag = _light_by_tag(sections, parameters)

    known = np.zeros(len(sections.frame), bool)
    known[samples["section"].to_numpy()[near["sample"]]] = True
    light = by_lamps.where(np.broadcast_to(known[:, None], by_lamps.shape), by_tag)
    light.insert(0, c.LIGHT, _state(light))
    light.insert(1, "light_source", np.where(known, "lamps", _tag_source(sections)))
    return light


def lamp_reach_m(lamps: pd.DataFrame, parameters: HazardParameters) -> FloatArray:
    """Return how far each lamp lights the ground, in metres."""
    height = lamps["mount_height_m"].to_numpy(float)
    by_height = parameters.lamp_reach_per_mount_height * height
    return np.where(height > 0, by_height, parameters.lamp_reach_m)


def stray_lamps(
    lamps: pd.DataFrame, network: StreetNetwork, parameters: HazardParameters
) -> list[str]:
    """List the ids of lamps that stand more than 60 m beyond their reach from every street.

    They light no section; most often their coordinates are wrong.
    """
    reach = lamp_reach_m(lamps, parameters) + parameters.lamp_stray_m
    farthest = float(reach.max(initial=0.0))
    distance = snap_to_edges(lamps[c.LAT], lamps[c.LON], network, farthest).distance_m
    stray = ~(distance <= reach)
    return lamps["lamp_id"].to_numpy(object)[stray].tolist()


# -------------------------------------------------------------------------------------------


def _samples(network: StreetNetwork, sections: Sections) -> pd.DataFrame:
    """Return the middles of equal stretches of every edge, with their section and metres."""
    steps = np.maximum(np.ceil(network.edge_length_m / _SAMPLE_M).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(steps)), steps)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (number + 0.5) / steps[edge]
    u, v = network.edge_u[edge], network.edge_v[edge]
    return pd.DataFrame(
        {
            "section": sections.edge_section[edge],
            "metres": network.edge_length_m[edge] / steps[edge],
            "x": network.x[u] + share * (network.x[v] - network.x[u]),
            "y": network.y[u] + share * (network.y[v] - network.y[u]),
        }
    )


def _lamps_at_samples(
    samples: pd.DataFrame,
    times: LampTimes,
    lamps: pd.DataFrame,
    area: StudyArea,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return each (sample, lamp) in reach, for lamps that stand by now."""
    standing = np.flatnonzero(times.standing)
    if not len(standing) or samples.empty:
        return pd.DataFrame({"sample": np.empty(0, np.int64), "lamp": np.empty(0, np.int64)})
    x, y = area.to_metric(lamps[c.LAT].to_numpy(), lamps[c.LON].to_numpy())
    reach = lamp_reach_m(lamps, parameters)
    tree = cKDTree(samples[["x", "y"]].to_numpy())
    found = tree.query_ball_point(np.column_stack([x, y])[standing], reach[standing])
    count = np.fromiter((len(hits) for hits in found), np.int64, len(found))
    return pd.DataFrame(
        {
            "sample": np.concatenate([np.asarray(hits, np.int64) for hits in found]),
            "lamp": np.repeat(standing, count),
        }
    )


def _light_by_lamps(
    samples: pd.DataFrame,
    near: pd.DataFrame,
    times: LampTimes,
    sections: Sections,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the light of all sections as the lamps alone tell it."""
    sample, lamp = near["sample"].to_numpy(), near["lamp"].to_numpy()
    lit, maybe = np.zeros(len(samples), bool), np.zeros(len(samples), bool)
    lit[sample[times.working_now[lamp]]] = True
    maybe[sample[times.unknown_now[lamp]]] = True
    certain = times.spans[~times.spans["unknown"]]
    lit_time = share_of_time(certain, sample, lamp, len(samples))
    maybe_time = share_of_time(times.spans, sample, lamp, len(samples)) - lit_time

    section, metres = samples["section"].to_numpy(), samples["metres"].to_numpy()
    mean, sd = _prior(parameters)
    sums = {
        c.LIT_M: lit,
        c.UNLIT_M: ~lit & ~maybe,
        c.UNKNOWN_LIGHT_M: ~lit & maybe,
        "history_m": lit_time + mean * maybe_time,
    }
    count = len(sections.frame)
    light = pd.DataFrame(
        {name: np.bincount(section, metres * value, count) for name, value in sums.items()},
        index=sections.frame.index,
    )
    length = sections.frame[c.LENGTH_M]
    unknown_share = light[c.UNKNOWN_LIGHT_M] / length
    light[c.LIT_SHARE] = light[c.LIT_M] / length + mean * unknown_share
    light["lit_share_sd"] = sd * unknown_share
    light["lit_share_history"] = light.pop("history_m") / length
    return light


def _light_by_tag(sections: Sections, parameters: HazardParameters) -> pd.DataFrame:
    """Return the light as the map's tag tells it; a tag says nothing of change."""
    length, tag = sections.frame[c.LENGTH_M], sections.frame[c.LIT]
    lit, unlit = tag.isin(LIT_TAGS), tag.isin(UNLIT_TAGS)
    mean, sd = _prior(parameters)
    trust = (lit | unlit) * parameters.lit_tag_confidence
    # With the tag's confidence the street is as tagged, else as any street of unknown light.
    share = trust * lit + (1 - trust) * mean
    square = trust * lit + (1 - trust) * (mean**2 + sd**2)
    return pd.DataFrame(
        {
            c.LIT_M: length * lit,
            c.UNLIT_M: length * unlit,
            c.UNKNOWN_LIGHT_M: length * ~(lit | unlit),
            c.LIT_SHARE: share,
            "lit_share_sd": np.sqrt(square - share**2),
            "lit_share_history": share,
        }
    )


def _prior(parameters: HazardParameters) -> tuple[float, float]:
    """Return mean and standard deviation of the lit share where nothing is known."""
    a, b = parameters.light_prior
    return a / (a + b), float(np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))))


def _state(light: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Name the state of most metres; unlit where it ties with lit, unknown where with both."""
    states = {"unknown": c.UNKNOWN_LIGHT_M, "unlit": c.UNLIT_M, "lit": c.LIT_M}
    most = light[list(states.values())].to_numpy().argmax(axis=1)
    return np.array(list(states), object)[most]


def _tag_source(sections: Sections) -> npt.NDArray[np.object_]:
    tagged = sections.frame[c.LIT].isin(LIT_TAGS + UNLIT_TAGS).to_numpy()
    return np.where(tagged, "tag", "none").astype(object)
