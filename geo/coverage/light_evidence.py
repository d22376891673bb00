"""Lay each kind of evidence of street light over the one below it, for all hours or for a window.

The ranks are those of `geo.coverage.lighting`. In a window in which lamps are dimmed, what a lamp
or a listed street is believed to give is only the share that is left of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.columns import of_window
from geo.coverage.dimming import dimmed_windows, light_left
from geo.coverage.lamp_light import LampReach, dimmed_reach, light_under_lamps
from geo.coverage.light_belief import (
    STATES,
    Evidence,
    LightBelief,
    learnt,
    light_by_section,
    prior_light,
    unknown_light,
)
from geo.coverage.lit_streets import list_belief, listed_left, listed_light, time_out
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.sections import Sections

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LIT_TAGS = ("yes", "24/7", "automatic", "sunset-sunrise", "interval", "limited")
UNLIT_TAGS = ("no", "disused")

_UNLIT = STATES.index("unlit")


@dataclass(frozen=True)
class AlongStreets:
    """Rows of records that lie along streets.

    Attributes
    ----------
    rows
        The records, numbered from 0.
    spot, row
        Pairs of a sample and a row that the sample's street runs along.
    """

    rows: pd.DataFrame
    spot: IntArray
    row: IntArray


@dataclass(frozen=True)
class LightEvidence:
    """All that speaks of the light of some sections.

    Attributes
    ----------
    sections
        The sections.
    samples
        Places along them of which any record may speak.
    reach
        The lamps that reach these places.
    lamps
        The lamps.
    lists, outages
        Listed streets, and outages of whole streets.
    survey
        For each section the belief that the lamps recorded are all there are.
    as_of
        The day whose end is meant.
    """

    sections: Sections
    samples: pd.DataFrame
    reach: LampReach
    lamps: pd.DataFrame
    lists: AlongStreets
    outages: AlongStreets
    survey: FloatArray
    as_of: date


def light_of_sections(evidence: LightEvidence, parameters: HazardParameters) -> pd.DataFrame:
    """Return the light of each section, and what is left of it in the windows that dim it.

    Returns
    -------
    DataFrame
        As `geo.coverage.lighting.street_light` describes it.
    """
    of_lamps = light_left(evidence.lamps, parameters)
    of_lists = light_left(evidence.lists.rows, parameters)
    light = _light(evidence, evidence.reach, np.ones(len(of_lists)), parameters)
    for window in dimmed_windows(of_lamps, of_lists):
        number = list(WINDOWS).index(window)
        reach = dimmed_reach(evidence.reach, of_lamps[:, number])
        dimmed = _light(evidence, reach, of_lists[:, number], parameters)
        for column in (c.LIT_SHARE, c.LIT_SHARE_HISTORY):
            light[of_window(column, window)] = dimmed[column]
    return light


# -------------------------------------------------------------------------------------------


def _light(
    evidence: LightEvidence,
    reach: LampReach,
    left_of_lists: FloatArray,
    parameters: HazardParameters,
) -> pd.DataFrame:
    """Return the light of each section in hours in which lamps and lists give what is left."""
    prior, survey = prior_light(parameters), evidence.survey
    section = evidence.samples["section"].to_numpy(np.int64)
    tagged = _light_by_tag(evidence.sections, parameters)
    unlit = np.full(len(survey), _UNLIT)
    between = learnt(tagged, Evidence("lamps", unlit, survey), prior)

    light = tagged.take(section).where(reach.reached, between.take(section))
    light = _with_lists(light, evidence, left_of_lists, parameters)
    light = _with_outages(light, evidence, parameters)
    light = light_under_lamps(light, reach, survey[section] > 0, prior)
    length_m = evidence.sections.frame[c.LENGTH_M]
    return light_by_section(length_m, evidence.samples, light, between)


def _light_by_tag(sections: Sections, parameters: HazardParameters) -> LightBelief:
    """Return the light of sections as the map's tag tells it; a tag says nothing of change."""
    tag = sections.frame[c.LIT]
    lit, unlit = tag.isin(LIT_TAGS).to_numpy(bool), tag.isin(UNLIT_TAGS).to_numpy(bool)
    state = np.where(lit, STATES.index("lit"), _UNLIT)
    belief = (lit | unlit) * parameters.lit_tag_confidence
    nothing = unknown_light(len(tag), parameters)
    return learnt(nothing, Evidence("tag", state, belief), prior_light(parameters))


def _with_lists(
    light: LightBelief, evidence: LightEvidence, left: FloatArray, parameters: HazardParameters
) -> LightBelief:
    lists = evidence.lists
    if not len(lists.spot):
        return light
    count = len(light.mean)
    state, row = listed_light(lists.spot, lists.row, lists.rows, count)
    belief = np.where(row >= 0, list_belief(lists.rows, evidence.as_of, parameters)[row], 0.0)
    kept = listed_left(lists.spot, lists.row, lists.rows, left, count)
    return learnt(light, Evidence("list", state, belief, kept), prior_light(parameters))


def _with_outages(
    light: LightBelief, evidence: LightEvidence, parameters: HazardParameters
) -> LightBelief:
    """Darken the streets that are out; they were as recorded in the time before, outages apart."""
    rows, count = evidence.outages, len(light.mean)
    if not len(rows.spot):
        return light
    half_life = parameters.long_half_life_days
    now, share = time_out(rows.spot, rows.row, rows.rows, (evidence.as_of, half_life), count)
    state = np.full(count, _UNLIT)
    dark = learnt(light, Evidence("outage", state, now.astype(float)), prior_light(parameters))
    return dark.with_history(light.history * (1 - share))
