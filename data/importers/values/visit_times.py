"""When a patrol was somewhere: day and time in one column or two, in the zone that is declared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.importers.tabular import SourceTable
from data.importers.values.moments import Moments, read_moments
from geo.study_area import StudyArea

AT, DAY = "arrived_at", "arrived_day"
_HAS_DAY = r"\d[./-]\d"
_HAS_OFFSET = r"(?:[zZ]|[+-]\d{2}:?\d{2})$"


def read_visit_times(table: SourceTable, area: StudyArea) -> Moments:
    """Read the times of visits or fixes as local time of the area.

    Times without an offset are of the mapping's ``time_zone``, else of the area's.
    """
    zone = table.mapping.time_zone
    read_in = replace(area, time_zone=zone) if zone else area
    two = DAY in table.texts and not table.text(AT).str.contains(_HAS_DAY, regex=True).any()
    name, clock = (DAY, AT) if two else (AT, None)
    moments = read_moments(table, name, read_in, required=True, clock=clock)
    if not zone:
        return moments
    known = np.ones(len(moments.at), bool)
    at = moments.at.dt.tz_localize(zone, nonexistent="shift_forward", ambiguous=known)
    local = at.dt.tz_convert(area.time_zone).dt.tz_localize(None)
    return replace(moments, at=local.astype("datetime64[us]"))


def note_zone_of_trace(table: SourceTable, area: StudyArea) -> None:
    """Warn where nothing says of which zone the times of a receiver are."""
    text = table.text(AT).dropna()
    if table.mapping.time_zone or not len(text) or text.str.contains(_HAS_OFFSET, regex=True).any():
        return
    table.warnings.append(
        f"trace_clock: the times have no offset and were read as local time of {area.time_zone}; "
        "receivers often write UTC: then declare 'time_zone: UTC' in the mapping."
    )
