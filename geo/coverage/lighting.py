"""Which streets are lit: by lamps, by lists, by what is out, by the map's tag, else unknown.

Light has three values, and each place is judged by the best evidence that speaks for it:

1. a lamp that works lights what it reaches;
2. one that is broken or on outage leaves its reach dark, where no other may burn;
3. an outage of a whole street takes away what lists and tags say of it;
4. a list of streets, believed with 0.9;
5. between recorded lamps, out of reach of all of them, a section is unlit;
6. the OpenStreetMap tag, believed with 0.8;
7. else the light is unknown and stays so: a Beta(2, 2) for every class of street, which adds
   spread and never darkness.

Records of long ago are believed less (`geo.coverage.record_age`); the rest falls to what stands
below. A lamp whose state nobody recorded is no evidence of light or darkness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.coverage.lamp_light import LampReach, lamp_reach
from geo.coverage.lamp_times import lamp_times
from geo.coverage.light_evidence import AlongStreets, LightEvidence, light_of_sections
from geo.coverage.lit_streets import metric_lines, pieces_near_lines, spots_along, street_hits
from geo.coverage.outage_spans import lasts_over, past_outages, with_outages
from geo.coverage.record_age import record_belief
from geo.coverage.street_pieces import (
    StreetPieces,
    metric_points,
    pieces_near,
    pieces_of_network,
    samples_in_reach,
    street_samples,
)
from geo.parameters import HazardParameters
from geo.schema import LAMPS, LIT_STREETS, check_frame
from geo.streets.network import StreetNetwork
from geo.streets.sections import Sections
from geo.streets.snapping import snap_to_edges
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SAMPLE_M = 5.0


@dataclass(frozen=True)
class LightRecords:
    """What is recorded of street light.

    Attributes
    ----------
    lamps
        Contract ``LAMPS``; ``inspected_at`` where known.
    lit_streets
        Contract ``LIT_STREETS`` with ``line`` and, where known, ``year``; None: no list.
    street_outages
        Outages of whole streets, past and lasting: ``line``, ``broken_from``, ``broken_to``;
        None: none.
    lamp_outages
        Outages of single lamps that are over: ``lamp_id``, ``broken_from``, ``broken_to``; one
        that lasts stands with the lamp itself. None: none.
    survey
        For each section the belief, 0 … 1, that the lamps recorded are all there are. None: that
        in the best record of any lamp that reaches the section. Who asks what one more lamp would
        do hands over `survey_belief` of the lamps before, so that the new one does not turn the
        rest of a street dark of which nobody knows.
    """

    lamps: pd.DataFrame
    lit_streets: pd.DataFrame | None = None
    street_outages: pd.DataFrame | None = None
    lamp_outages: pd.DataFrame | None = None
    survey: FloatArray | None = None


def street_light(
    sections: Sections,
    network: StreetNetwork,
    records: LightRecords,
    as_of: date,
    area: StudyArea,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the light of every section at the end of a day.

    Streets near a lamp or along a listed line are sampled every five metres at most. A lamp
    reaches 3.5 times its mounting height, 25 m where that is not given. A lamp not yet
    commissioned is no evidence at all.

    Parameters
    ----------
    as_of
        The day whose state is wanted; later dates in the records lie in the future.

    Returns
    -------
    DataFrame
        On the sections' index: light (lit | unlit | unknown, by most of the length),
        light_source (lamps | outage | list | tag | none, by most of the length), lit_m, unlit_m,
        unknown_light_m (they add up to the length), lit_share (expected, 0 … 1), lit_share_sd (of
        that expectation), lit_share_history (expected, averaged over the time before ``as_of``
        with a half-life of 1 095 days; what is not dated counts as unchanged). For each window in
        which any lamp or listed street is dimmed or switched off also ``lit_share_<window>`` and
        ``lit_share_history_<window>``: the same with the light that is left then. Dimming is not
        dated and counts as unchanged.
    """
    check_records(records)
    evidence = light_evidence(sections, network, records, as_of, (area, parameters))
    return light_of_sections(evidence, parameters)


def check_records(records: LightRecords) -> None:
    """Raise where lamps or lists of streets do not keep their contracts, or return."""
    check_frame(records.lamps, LAMPS, name="lamps")
    if records.lit_streets is not None:
        check_frame(records.lit_streets, LIT_STREETS, name="lit_streets")


def light_evidence(
    sections: Sections,
    network: StreetNetwork,
    records: LightRecords,
    as_of: date,
    ground: tuple[StudyArea, HazardParameters],
) -> LightEvidence:
    """Bring records that keep their contracts to the places along the streets that they speak of.

    Parameters
    ----------
    ground
        The area, for its plane, and the numbers of the model.
    """
    area, parameters = ground
    pieces = pieces_of_network(network, sections)
    lists, outages = _lines(records.lit_streets), _lines(records.street_outages)
    hits = street_hits(records.lamps, outages, pieces, network, ground)
    lamps = with_outages(records.lamps, hits[lasts_over(hits, as_of)])
    over = past_outages(records.lamps, hits, as_of, "lamp_id")
    over = over if records.lamp_outages is None else pd.concat([over, records.lamp_outages])

    listed, out = (metric_lines(frame["line"], area) for frame in (lists, outages))
    samples = _samples(pieces, lamps, [listed, out], area, parameters)
    reach = _reach(samples, lamps, over, as_of, ground)
    survey = _survey(samples, reach, len(sections.frame))
    along_m = parameters.lit_line_reach_m
    return LightEvidence(
        sections=sections,
        samples=samples,
        reach=reach,
        lamps=lamps,
        lists=AlongStreets(lists, *spots_along(samples, pieces, listed, along_m)),
        outages=AlongStreets(outages, *spots_along(samples, pieces, out, along_m)),
        survey=survey if records.survey is None else records.survey,
        as_of=as_of,
    )


def survey_belief(
    sections: Sections,
    network: StreetNetwork,
    lamps: pd.DataFrame,
    as_of: date,
    area: StudyArea,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the belief that the lamps recorded on each section are all there are.

    That in the best record of a standing lamp that reaches it; 0 where none does.
    """
    samples = _samples(pieces_of_network(network, sections), lamps, [], area, parameters)
    reach = _reach(samples, lamps, None, as_of, (area, parameters))
    return _survey(samples, reach, len(sections.frame))


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


def _lines(frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows that have a line, numbered from 0."""
    if frame is None:
        return pd.DataFrame({"line": [], c.LIT: [], "broken_from": [], "broken_to": []})
    return frame[frame["line"].notna().to_numpy(bool)].reset_index(drop=True)


def _samples(
    pieces: StreetPieces,
    lamps: pd.DataFrame,
    lines: list[npt.NDArray[np.object_]],
    area: StudyArea,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return points along every piece of street that any record may speak of."""
    reach = float(lamp_reach_m(lamps, parameters).max(initial=0.0))
    near = [pieces_near(pieces, metric_points(lamps[c.LAT], lamps[c.LON], area), reach)]
    near += [pieces_near_lines(pieces, line, parameters.lit_line_reach_m) for line in lines]
    return street_samples(pieces, np.unique(np.concatenate(near)), _SAMPLE_M)


def _reach(
    samples: pd.DataFrame,
    lamps: pd.DataFrame,
    outages: pd.DataFrame | None,
    as_of: date,
    ground: tuple[StudyArea, HazardParameters],
) -> LampReach:
    """Pair the samples with the lamps that stand by now; outages are those of the time before."""
    area, parameters = ground
    if outages is not None:
        position = pd.Series(range(len(lamps)), lamps["lamp_id"].to_numpy(object))
        known = outages[outages["lamp_id"].isin(position.index)]
        outages = known.assign(lamp=known["lamp_id"].map(position).astype(np.int64))
    times = lamp_times(lamps, as_of, parameters.long_half_life_days, outages)
    standing = np.flatnonzero(times.standing)
    spots = metric_points(lamps[c.LAT], lamps[c.LON], area)[standing]
    sample, lamp = samples_in_reach(samples, spots, lamp_reach_m(lamps, parameters)[standing])
    seen = lamps["inspected_at"] if "inspected_at" in lamps else pd.Series(pd.NaT, lamps.index)
    belief = record_belief(seen, as_of, parameters)
    return lamp_reach(sample, standing[lamp], times, belief, len(samples))


def _survey(samples: pd.DataFrame, reach: LampReach, count: int) -> FloatArray:
    belief = np.zeros(count)
    np.maximum.at(belief, samples["section"].to_numpy(np.int64)[reach.sample], reach.belief)
    return belief
