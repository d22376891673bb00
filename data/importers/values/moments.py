"""Dates and times as written → naive local time, with the precision that was given.

Every row is read by its own form (`data.importers.values.date_forms`); which of two numbers is the
day is decided once for the whole file, never by row. A million rows are read in blocks, so that
memory does not hold their parts all at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from data.importers.tabular import SourceTable
from data.importers.values.date_order import date_order
from data.importers.values.date_rows import (
    PIVOT,
    BoolArray,
    FormRows,
    MomentArray,
    join_clock,
    read_clock,
    read_days,
    read_offset,
    split_by_form,
    with_clock,
)
from data.importers.values.text_blocks import BLOCK, blocks_of
from geo.study_area import StudyArea

SPIKE_SHARE = 0.3
"""More than this share of the times at 00:00, or at 12:00, stands for "not known"."""
SPIKE_ROWS = 5
TOLD_SHARE = 0.1
PRECISIONS = np.array([None, "day", "hour", "minute", "interval"], object)
DAY, HOUR, MINUTE, INTERVAL = 1, 2, 3, 4
_MOST_FORMS = 12


@dataclass(frozen=True)
class Moments:
    """Times of a column.

    Attributes
    ----------
    at
        Naive local time; NaT where missing or faulty. A day alone stands at 00:00.
    precision_code
        Place in `PRECISIONS`, 0 where ``at`` is missing.
    until
        End of an interval that one cell names; None where the column holds none.
    """

    at: pd.Series
    precision_code: npt.NDArray[np.int8]
    until: pd.Series | None = None

    @property
    def precision(self) -> npt.NDArray[np.object_]:
        """``minute``, ``hour``, ``day`` or ``interval``; None where ``at`` is missing."""
        return np.asarray(PRECISIONS[self.precision_code])


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
    found = _Found(np.full(len(table.rows), np.datetime64("NaT"), "M8[us]"))
    for rows, block in _joined_blocks(table, name, clock):
        found.missing[rows] = block.is_null().to_numpy(zero_copy_only=False)
        for part in split_by_form(block):
            order = date_order(table, name) if part.form.has_order else ""
            _read_part(found, rows.start, part, order)
    at = _to_local(found, area)
    _note_zone(table, name, at, found, area)

    invalid = at.isna().to_numpy(bool) & ~found.missing
    table.faults.add(invalid, table.head(name), "time_invalid")
    if required:
        table.faults.add(found.missing, table.head(name), "time_missing")
    _note_forms(table, name, found)
    found.precision[at.isna().to_numpy(bool)] = 0
    ended = found.precision == INTERVAL
    until = pd.Series(np.where(ended, found.until, np.datetime64("NaT"))) if ended.any() else None
    return Moments(pd.Series(table.columns.keep(at.to_numpy()), copy=False), found.precision, until)


def hide_false_midnight(table: SourceTable, moments: Moments, name: str) -> Moments:
    """Keep only the day where 00:00 or 12:00 stands for "not known": in over 30 % of the times.

    Noon is an hour like others, so that a handful of rows there is no sign of anything.
    """
    timed = np.isin(moments.precision_code, [MINUTE, HOUR])
    since = moments.at - moments.at.dt.normalize()
    precision = moments.precision_code.copy()
    for hour, fewest in ((0, 0), (12, SPIKE_ROWS)):
        there = timed & (since == timedelta(hours=hour)).to_numpy(bool)
        if there.sum() > max(fewest, SPIKE_SHARE * timed.sum()):
            precision[there] = DAY
            table.warnings.append(
                f"time_unknown: {int(there.sum())} of {int(timed.sum())} times in "
                f"{table.head(name)!r} are {hour:02}:00; their hour counts as not known."
            )
    return replace(moments, precision_code=precision)


def clock_spikes(moments: Moments) -> list[dict[str, Any]]:
    """List the clocks that over a tenth of the times show: ``clock``, ``rows``, ``share``."""
    timed = np.isin(moments.precision_code, [MINUTE, INTERVAL])
    times = moments.at
    at = times[timed]
    minutes = (at.dt.hour * 60 + at.dt.minute).to_numpy(np.int64)
    counts = np.bincount(minutes, minlength=1)
    found = np.flatnonzero((counts > TOLD_SHARE * len(at)) & (counts > SPIKE_ROWS))
    return [
        {
            "clock": f"{minute // 60:02}:{minute % 60:02}",
            "rows": int(counts[minute]),
            "share": round(float(counts[minute] / len(at)), 4),
        }
        for minute in sorted(found, key=lambda minute: -counts[minute])
    ]


def mark_future(
    table: SourceTable, moments: Moments, name: str, received_at: datetime | None
) -> None:
    """Mark rows more than a day later than the import."""
    if received_at is not None:
        late = moments.at > pd.Timestamp(received_at) + timedelta(hours=24)
        table.faults.add(late, table.head(name), "time_in_future")


# -------------------------------------------------------------------------------------------


@dataclass
class _Found:
    """What was read so far, by row of the file."""

    moment: MomentArray
    until: MomentArray = field(init=False)
    precision: npt.NDArray[np.int8] = field(init=False)
    offset: npt.NDArray[np.int16] = field(init=False)
    zoned: BoolArray = field(init=False)
    missing: BoolArray = field(init=False)
    notes: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        count = len(self.moment)
        self.until = self.moment.copy()
        self.precision, self.offset = np.zeros(count, np.int8), np.zeros(count, np.int16)
        self.zoned, self.missing = np.zeros(count, bool), np.zeros(count, bool)


def _joined_blocks(
    table: SourceTable, name: str, clock: str | None
) -> Iterator[tuple[slice, pa.Array]]:
    texts = table.text(name)
    if clock is None or clock not in table.texts:
        yield from blocks_of(texts)
        return
    pairs = zip(blocks_of(texts), blocks_of(table.text(clock)), strict=True)
    for (rows, days), (_, times) in pairs:
        yield rows, with_clock(days, times)


def _read_part(found: _Found, start: int, part: FormRows, order: str) -> None:
    form, rows = part.form, part.rows + start
    days = read_days(part, order)
    timed = not {"hour", "serial_fraction", "day_fraction"}.isdisjoint(form.spans)
    seconds = read_clock(part)
    at = join_clock(days, seconds) if timed else days
    exact = "minute" in form.spans or "hour" not in form.spans
    precision = DAY if not timed else MINUTE if exact and not form.about else HOUR
    found.precision[rows] = precision
    if form.is_interval:
        until = _read_until(part, order, days, at)
        at[np.isnat(until)] = np.datetime64("NaT")
        longer = until > at
        found.until[rows] = until
        found.precision[rows[longer]] = INTERVAL
        found.notes["intervals"] += int(longer.sum())
    found.moment[rows] = at
    if form.zone_sign is not None:
        found.zoned[rows], found.offset[rows] = True, read_offset(part)

    known = ~np.isnat(at)
    found.forms[form.name] += int(known.sum())
    found.notes["24_00"] += int((known & (seconds == 86_400) & ("hour" in form.spans)).sum())
    found.notes["excel_serials"] += int(known.sum()) if "serial" in form.spans else 0
    found.notes["two_digit_years"] += int(known.sum()) if part.width("year") == 2 else 0
    found.notes["about"] += int(known.sum()) if form.about else 0


def _read_until(part: FormRows, order: str, days: MomentArray, at: MomentArray) -> MomentArray:
    other_day = "year_to" in part.form.spans
    last = read_days(part, order, "_to") if other_day else days
    timed = "hour_to" in part.form.spans
    # A last day without a clock ends at midnight after it.
    seconds = read_clock(part, "_to") if timed else np.full(len(days), 86_400)
    until = join_clock(last, seconds)
    early = until < at
    if other_day:
        until[early] = np.datetime64("NaT")
    else:
        until[early] += np.timedelta64(1, "D")
    return until


def _note_forms(table: SourceTable, name: str, found: _Found) -> None:
    told = {
        "24_00": "read as 00:00 of the next day",
        "excel_serials": "hold the day number of a spreadsheet, read to the second",
        "two_digit_years": f"have a year of two digits: 00–{PIVOT - 1} read as 2000–{1999 + PIVOT}",
        "intervals": "name a time from and a time to; one that ends before it begins ends next day",
        "about": 'say "about"; only their hour is kept',
    }
    for note, words in told.items():
        if found.notes[note]:
            table.inferred[f"{name}_{note}"] = f"{found.notes[note]} rows {words}"
    forms = [(form, count) for form, count in found.forms.most_common() if count]
    if len(forms) > 1:
        table.inferred[f"{name}_forms"] = dict(forms[:_MOST_FORMS])


def _to_local(found: _Found, area: StudyArea) -> pd.Series:
    at = pd.Series(found.moment)
    zoned = found.zoned & ~np.isnat(found.moment)
    if zoned.any():
        found.moment[zoned] = _moved(found.moment[zoned], found.offset[zoned], area)
        late = zoned & (found.precision == INTERVAL)
        found.until[late] = _moved(found.until[late], found.offset[late], area)
        at = pd.Series(found.moment)
    return at


def _moved(at: MomentArray, offset: npt.NDArray[np.int16], area: StudyArea) -> MomentArray:
    universal = pd.Series(at - offset.astype("m8[m]")).dt.tz_localize("UTC")
    local = universal.dt.tz_convert(area.time_zone).dt.tz_localize(None)
    return local.to_numpy("M8[us]")


def _note_zone(
    table: SourceTable, name: str, at: pd.Series, found: _Found, area: StudyArea
) -> None:
    present = at.notna().to_numpy(bool)
    zoned = found.zoned[present]
    if zoned.any() and not zoned.all():
        table.warnings.append(
            f"mixed_offsets: {int(zoned.sum())} times in {table.head(name)!r} have an offset, the "
            f"others were read as local time of {area.time_zone}."
        )
    skipped = sum(_left_out(at.iloc[i : i + BLOCK], area) for i in range(0, len(at), BLOCK))
    if skipped:
        table.warnings.append(
            f"time_skipped: {skipped} times in {table.head(name)!r} lie in an hour that the clocks "
            f"of {area.time_zone} left out."
        )


def _left_out(at: pd.Series, area: StudyArea) -> int:
    known = at.dropna()
    local = known.dt.tz_localize(
        area.time_zone, nonexistent="NaT", ambiguous=np.ones(len(known), bool)
    )
    return int((local.isna() & (known != known.dt.normalize())).sum())
