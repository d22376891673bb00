"""Contracts of the frames that pass between rooms, checked once at a room's door."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.errors import FrameError


@dataclass(frozen=True)
class Column:
    """What one column must keep.

    Attributes
    ----------
    kind
        ``text``, ``int``, ``float``, ``bool``, ``time`` or ``geometry``.
    required
        Whether a value may be missing (None, NaN, NaT).
    one_of
        The closed list of values, where there is one.
    low, high
        Bounds of a number, both allowed.
    form
        Pattern that a text keeps whole, where there is one.
    may_lack
        Whether a frame may do without the column.
    """

    kind: str
    required: bool = True
    one_of: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    form: str = ""
    may_lack: bool = False


Contract = dict[str, Column]

_PLACE: Contract = {
    c.LAT: Column("float", low=-90, high=90),
    c.LON: Column("float", low=-180, high=180),
}

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"

_DIMMING: Contract = {
    "dimmed_from": Column("text", required=False, form=_CLOCK, may_lack=True),
    "dimmed_to": Column("text", required=False, form=_CLOCK, may_lack=True),
    "dimmed_share": Column("float", required=False, low=0, high=1, may_lack=True),  # light left
}

INCIDENTS: Contract = {
    c.INCIDENT_ID: Column("text"),
    **_PLACE,
    c.H3_CELL: Column("int"),
    c.OFFENCE_GROUP: Column(
        "text", one_of=("child", "theft_robbery", "violence", "disorder", "drugs")
    ),
    c.SEVERITY_DAYS: Column("float", required=False, low=0),
    c.OCCURRED_AT: Column("time"),
    c.OCCURRED_TO: Column("time", required=False),
    c.OCCURRED_PRECISION: Column("text", one_of=("minute", "hour", "day", "interval")),
    c.PLACE_TYPE: Column("text"),
    c.DISCOVERY: Column("text", one_of=("reported", "discovered")),
    c.SENSITIVE: Column("bool"),
    c.ADDRESS_KEY: Column("text"),
    c.GEO_ACCURACY_M: Column("float", required=False, low=0),
}

SCHOOLS: Contract = {
    c.SCHOOL_ID: Column("text"),
    c.NAME: Column("text", required=False),
    **_PLACE,
    "shift_times": Column("text"),  # "08:00-13:00;14:00-19:00", one item a shift
    "shift_times_assumed": Column("bool"),
    c.PUPILS: Column("float", required=False, low=0),
}

HOMES: Contract = {
    "home_id": Column("text"),
    **_PLACE,
    "dwellings": Column("float", low=0),
}

LAMPS: Contract = {
    "lamp_id": Column("text"),
    **_PLACE,
    "mount_height_m": Column("float", required=False, low=0, high=60),
    "working": Column("bool", required=False),
    "commissioned_at": Column("time", required=False),
    "broken_from": Column("time", required=False),
    "broken_to": Column("time", required=False),
    **_DIMMING,
}

VISITS: Contract = {
    "visit_id": Column("text"),
    **_PLACE,
    "arrived_at": Column("time"),
    "minutes": Column("float", low=0, high=24 * 60),
}

CAMERAS: Contract = {
    "camera_id": Column("text"),
    **_PLACE,
    "kind": Column("text", required=False),
    "working": Column("bool", required=False),
    "broken_from": Column("time", required=False),
    "azimuth_deg": Column("float", required=False, low=0, high=360),
    "range_m": Column("float", required=False, low=0, high=500),
}

LIT_STREETS: Contract = {
    "lit_street_id": Column("text"),
    **_PLACE,  # the middle of the line
    "street": Column("text"),
    "house_from": Column("text", required=False),
    "house_to": Column("text", required=False),
    c.LIT: Column("text", one_of=("yes", "no", "partly")),
    c.LENGTH_M: Column("float", required=False, low=0),
    "match_score": Column("float", required=False, low=0, high=100),
    **_DIMMING,
}

OUTAGES: Contract = {
    "outage_id": Column("text"),
    "asset": Column("text", one_of=("lamp", "camera")),
    "number": Column("text", required=False),
    "feeder": Column("text", required=False),
    "street": Column("text", required=False),
    "broken_from": Column("time"),
    "broken_to": Column("time", required=False),  # missing: it lasts still
}

WEEKDAY_SETS = tuple(
    "".join(digits) for count in range(1, 8) for digits in combinations("1234567", count)
)
"""Every set of weekdays as ISO digits in order, such as ``12345`` for Monday to Friday."""

PATROL_PLANS: Contract = {
    "plan_id": Column("text"),
    **_PLACE,
    "number": Column("text", required=False),
    "kind": Column("text", required=False),
    "shift": Column("text", required=False),
    "starts_at": Column("text", required=False),  # HH:MM
    "ends_at": Column("text", required=False),
    "weekdays": Column("text", required=False, one_of=WEEKDAY_SETS),  # missing: every day
    "description": Column("text", required=False),
    "staff": Column("float", required=False, low=0),
    "match_score": Column("float", required=False, low=0, high=100),
}

MEASURES: Contract = {
    "measure_id": Column("text"),
    **_PLACE,
    "number": Column("text", required=False),
    "kind": Column(
        "text",
        one_of=("lamp", "camera", "clear", "fence", "pavement", "patrol", "guard", "help-point"),
    ),
    "decided_at": Column("time", required=False),
    "funded_kzt": Column("float", required=False, low=0),
    "started_at": Column("time", required=False),
    "commissioned_at": Column("time", required=False),
    "broken_from": Column("time", required=False),
    "broken_to": Column("time", required=False),
}

WAYS: Contract = {
    "way_id": Column("int"),
    c.HIGHWAY: Column("text"),
    c.NAME: Column("text", required=False),
    c.NAME_KK: Column("text", required=False),
    c.NAME_RU: Column("text", required=False),
    c.LIT: Column("text", required=False),
    c.SIDEWALK: Column("text", required=False),
    c.SURFACE: Column("text", required=False),
}


def check_frame(frame: pd.DataFrame, contract: Contract, *, name: str) -> None:
    """Raise one `FrameError` that lists every fault of the frame, or return.

    Parameters
    ----------
    frame
        The frame at the room's door; it is not changed.
    contract
        Columns and what they must keep; further columns are allowed.
    name
        What the frame holds, for the message ("incidents").
    """
    faults = [
        f"column {column!r} is missing"
        for column, rule in contract.items()
        if column not in frame and not rule.may_lack
    ]
    for column, rule in contract.items():
        if column in frame and len(frame):
            faults += _column_faults(frame[column], rule)
    if faults:
        raise FrameError(f"{name}: " + "; ".join(faults) + ".")


# -------------------------------------------------------------------------------------------


def _is_kind(series: pd.Series, kind: str) -> bool:
    if kind == "geometry":
        return str(series.dtype) == "geometry"
    if kind in {"text", "bool"} and series.dtype == object:
        found = pd.api.types.infer_dtype(series, skipna=True)
        return found in {"empty", "string" if kind == "text" else "boolean"}
    by_dtype = {
        "text": pd.api.types.is_string_dtype,
        "int": pd.api.types.is_integer_dtype,
        "float": pd.api.types.is_numeric_dtype,
        "bool": pd.api.types.is_bool_dtype,
        "time": pd.api.types.is_datetime64_dtype,
    }
    return bool(by_dtype[kind](series))


def _column_faults(series: pd.Series, rule: Column) -> list[str]:
    if not _is_kind(series, rule.kind):
        return [f"column {series.name!r} holds {series.dtype}, not {rule.kind}"]
    missing = series.isna()
    present = series[~missing]
    broken: dict[str, pd.Series] = {}
    if rule.required:
        broken["hold nothing"] = missing
        if rule.kind == "float":
            broken["are not finite"] = pd.Series(
                ~np.isfinite(present.to_numpy(float)), present.index
            )
    if rule.one_of:
        broken["are not a known word"] = ~present.isin(rule.one_of)
    if rule.form:
        broken["are written otherwise"] = ~present.astype(str).str.fullmatch(rule.form)
    if rule.low is not None:
        broken[f"are below {rule.low:g}"] = present < rule.low
    if rule.high is not None:
        broken[f"are above {rule.high:g}"] = present > rule.high
    return [
        f"{_rows(mask)} of {series.name!r} {fault}" for fault, mask in broken.items() if mask.any()
    ]


def _rows(mask: pd.Series) -> str:
    rows = mask.index[mask.to_numpy()]
    shown = ", ".join(str(row) for row in rows[:5])
    return f"rows {shown}" + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
