"""Dates and times as written → naive local time, with the precision that was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.tabular import SourceTable
from geo.errors import InputRefusedError
from geo.study_area import StudyArea

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
MIDNIGHT_SHARE = 0.3

_TIME = (
    r"(?:[T ]+(?P<hour>[0-9]{1,2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR_FIRST = r"^(?P<a>[0-9]{4})[-./](?P<b>[0-9]{1,2})[-./](?P<c>[0-9]{1,2})" + _TIME + "$"
_YEAR_LAST = r"^(?P<a>[0-9]{1,2})[-./](?P<b>[0-9]{1,2})[-./](?P<c>[0-9]{4})" + _TIME + "$"


@dataclass(frozen=True)
class Moments:
    """Times of a column.

    Attributes
    ----------
    at
        Naive local time; NaT where missing or faulty. A day alone stands at 00:00.
    precision
        ``minute``, ``hour`` or ``day``; None where ``at`` is missing.
    """

    at: pd.Series
    precision: npt.NDArray[np.object_]


def read_moments(
    table: SourceTable, name: str, area: StudyArea, *, required: bool, clock: str | None = None
) -> Moments:
    """Read a field of times; mark rows whose time is missing (if required) or cannot be.

    Parameters
    ----------
    table, name
        The file and its field.
    area
        Its time zone turns a time with an offset into local time.
    required
        Whether a row without it is faulty.
    clock
        Field with the time of day, where the first one holds days only.

    Raises
    ------
    InputRefusedError
        ``date_order_ambiguous``: day and month could stand either way.
    """
    text = _with_clock(table, name, clock)
    parts = _split(table, text, name)
    at, midnight = _assemble(parts)
    at = _to_local(at, parts["zone"], area)
    _note_zone(table, name, at, parts["zone"], area)

    missing = text.isna().to_numpy(bool)
    invalid = at.isna().to_numpy(bool) & ~missing
    table.faults.add(invalid, table.head(name), "time_invalid")
    if required:
        table.faults.add(missing, table.head(name), "time_missing")
    if midnight.any():
        table.inferred[f"{name}_24_00"] = (
            f"{int(midnight.sum())} rows read as 00:00 of the next day"
        )
    precision = np.where(parts["minute"].notna(), "minute", "hour").astype(object)
    precision[parts["hour"].isna()] = "day"
    precision[at.isna()] = None
    return Moments(at, precision)


def hide_false_midnight(table: SourceTable, moments: Moments, name: str) -> Moments:
    """Keep only the day where 00:00 stands for "not known": in more than 30 % of the times."""
    timed = np.isin(moments.precision, ["minute", "hour"])
    at_midnight = timed & (moments.at == moments.at.dt.normalize()).to_numpy(bool)
    if not timed.any() or at_midnight.sum() <= MIDNIGHT_SHARE * timed.sum():
        return moments
    table.warnings.append(
        f"time_unknown: {int(at_midnight.sum())} of {int(timed.sum())} times in "
        f"{table.head(name)!r} are 00:00; their hour counts as not known."
    )
    precision = moments.precision.copy()
    precision[at_midnight] = "day"
    return Moments(moments.at, precision)


def mark_future(
    table: SourceTable, moments: Moments, name: str, received_at: datetime | None
) -> None:
    """Mark rows more than a day later than the import."""
    if received_at is not None:
        late = moments.at > pd.Timestamp(received_at) + timedelta(hours=24)
        table.faults.add(late, table.head(name), "time_in_future")


# -------------------------------------------------------------------------------------------


def _with_clock(table: SourceTable, name: str, clock: str | None) -> pd.Series:
    text = table.text(name)
    if clock is None or clock not in table.texts:
        return text
    time = table.text(clock)
    day_only = ~text.str.contains(":", regex=False).fillna(False).to_numpy(bool)
    joined = text + " " + time
    return text.where(~day_only | time.isna(), joined)


def _split(table: SourceTable, text: pd.Series, name: str) -> pd.DataFrame:
    parts = text.str.extract(_YEAR_FIRST)
    parts = parts.rename(columns={"a": "year", "b": "month", "c": "day"})
    last = text.str.extract(_YEAR_LAST)
    rows = last["c"].notna().to_numpy(bool)
    if not rows.any():
        return parts
    order = table.date_order
    if order not in ("dmy", "mdy"):
        order = _judge_date_order(table, last[rows], name)
    names = {"a": "day", "b": "month"} if order == "dmy" else {"a": "month", "b": "day"}
    last = last.rename(columns={**names, "c": "year"})
    return pd.concat([parts[~rows], last.loc[rows, parts.columns]]).sort_index()


def _judge_date_order(table: SourceTable, last: pd.DataFrame, name: str) -> str:
    first, second = last["a"].astype(int), last["b"].astype(int)
    dmy, mdy = bool((first > 12).any()), bool((second > 12).any())
    if dmy == mdy and bool((first != second).any()):
        what = "both orders occur" if dmy else "both orders are possible"
        raise InputRefusedError(
            f"{table.file_name}, column {table.head(name)!r}: day and month could stand either way "
            f"({what}); declare --date-order dmy or --date-order mdy.",
            code="date_order_ambiguous",
        )
    order = "mdy" if mdy else "dmy"
    witnesses = int(((second if mdy else first) > 12).sum())
    table.inferred["date_order"] = f"{order}: {witnesses} rows allow no other"
    return order


def _assemble(parts: pd.DataFrame) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    number = {name: pd.to_numeric(parts[name]) for name in parts.columns if name != "zone"}
    calendar = pd.DataFrame({name: number[name] for name in ("year", "month", "day")})
    known = calendar["year"].between(EARLIEST_YEAR, LATEST_YEAR)
    day = pd.to_datetime(calendar.where(known), errors="coerce").astype("datetime64[us]")
    hour, minute, second = (number[name].fillna(0) for name in ("hour", "minute", "second"))
    clock_known = (hour < 24) & (minute < 60) & (second < 60)
    midnight = (hour == 24) & (minute == 0) & (second == 0)
    seconds = hour * 3600 + minute * 60 + second
    at = day + pd.to_timedelta(seconds, unit="s").astype("timedelta64[us]")
    return at.where(clock_known | midnight), (midnight & day.notna()).to_numpy(bool)


def _to_local(at: pd.Series, zone: pd.Series, area: StudyArea) -> pd.Series:
    zoned = (zone.notna() & at.notna()).to_numpy(bool)
    if not zoned.any():
        return at
    text = zone[zoned].replace({"Z": "+00:00"}).str.replace(":", "", regex=False)
    sign = text.str[0].map({"+": 1, "-": -1})
    minutes = sign * (text.str[1:3].astype(int) * 60 + text.str[3:5].astype(int))
    universal = at[zoned] - pd.to_timedelta(minutes, unit="min")
    local = universal.dt.tz_localize("UTC").dt.tz_convert(area.time_zone).dt.tz_localize(None)
    at = at.copy()
    at[zoned] = local.astype("datetime64[us]")
    return at


def _note_zone(
    table: SourceTable, name: str, at: pd.Series, zone: pd.Series, area: StudyArea
) -> None:
    zoned = zone[at.notna()].notna()
    if zoned.any() and not zoned.all():
        table.warnings.append(
            f"mixed_offsets: {int(zoned.sum())} times in {table.head(name)!r} have an offset, the "
            f"others were read as local time of {area.time_zone}."
        )
    known = at.dropna()
    local = known.dt.tz_localize(
        area.time_zone, nonexistent="NaT", ambiguous=np.ones(len(known), bool)
    )
    skipped = int((local.isna() & (known != known.dt.normalize())).sum())
    if skipped:
        table.warnings.append(
            f"time_skipped: {skipped} times in {table.head(name)!r} lie in an hour that the clocks "
            f"of {area.time_zone} left out."
        )
