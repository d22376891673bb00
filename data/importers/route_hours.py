"""When a patrol of a route sheet is on duty: its hours, its weekdays, and shifts that overlap."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.importers.asset_rows import texts_or_none
from data.importers.tabular import SourceTable
from data.importers.values.look_alikes import fold_texts
from data.importers.values.weekdays import (
    EVERY_DAY,
    names_holidays,
    parse_weekdays,
    split_weekdays,
)

LONGEST_NIGHT_H = 15
"""An end before the start lies past midnight, unless the shift would then last longer; a shift of
24 hours is written with one time twice."""

_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.\-]([0-5][0-9]))?")
_HOURS = re.compile(
    r"(?:с|от)?\s*([0-2]?[0-9](?:[:.][0-5][0-9])?)\s*(?:до|по|[-–—])\s*([0-2]?[0-9](?:[:.][0-5][0-9])?)"
)
_DAY = 24 * 60


def parse_clock(text: str) -> str | None:
    """Return a time of day as HH:MM, or None where it is none.

    Examples
    --------
    >>> parse_clock("8.30"), parse_clock("24:00"), parse_clock("7")
    ('08:30', '00:00', '07:00')
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None or (found[1] == "24" and found[2] not in (None, "00")):
        return None
    return f"{int(found[1]) % 24:02}:{found[2] or '00'}"


def read_hours(table: SourceTable) -> tuple[pd.Series, pd.Series]:
    """Read from and to as HH:MM, each in its own column or both in one («с 20.00 до 02.00»).

    Words for weekdays beside the hours are left to `read_plan_weekdays`. An end before the start
    that can hardly lie past midnight is a fault.
    """
    both = _hours_alone(table.text("hours"))
    split = both.str.strip().str.casefold().str.extract(rf"^{_HOURS.pattern}$")
    strange = (both.notna() & split[0].isna()).to_numpy(bool)
    table.faults.add(strange, table.head("hours"), "time_invalid")
    clocks = []
    for name, other in (("starts_at", split[0]), ("ends_at", split[1])):
        text = table.text(name)
        known = text.map({word: parse_clock(word) for word in text.dropna().unique()})
        wrong = (text.notna() & known.isna()).to_numpy(bool)
        table.faults.add(wrong, table.head(name), "time_invalid")
        spare = other.map({word: parse_clock(word) for word in other.dropna().unique()})
        clocks.append(texts_or_none(known.astype(object).where(text.notna(), spare)))
    starts, ends = clocks
    span = _spans(starts, ends)
    turned = (_minutes(ends) < _minutes(starts)) & (span > LONGEST_NIGHT_H * 60)
    head = "ends_at" if table.text("ends_at").notna().any() else "hours"
    table.faults.add(turned, table.head(head), "ends_before_start")
    return starts, ends


def read_plan_weekdays(table: SourceTable) -> pd.Series:
    """Read the weekdays as ISO digits, from their column or beside the hours; None: every day."""
    text = table.text("weekdays")
    known = text.map({word: parse_weekdays(word) for word in text.dropna().unique()})
    wrong = (text.notna() & known.isna()).to_numpy(bool)
    table.faults.add(wrong, table.head("weekdays"), "weekdays_unknown")
    beside = table.text("hours")
    parted = {word: split_weekdays(word) for word in beside.dropna().unique()}
    spare = beside.map({word: found[0] for word, found in parted.items() if found})
    days = known.astype(object).where(text.notna(), spare)
    told = text.where(text.notna(), beside)
    with_holidays = sum(names_holidays(word) for word in told.dropna())
    if with_holidays:
        table.warnings.append(
            f"holidays_left_out: {with_holidays} plans name public holidays too; only their "
            "weekdays are kept."
        )
    return texts_or_none(days)


def tell_overlaps(table: SourceTable, plans: pd.DataFrame) -> None:
    """Warn of rows of one route whose shifts overlap on a weekday; they are kept.

    Parameters
    ----------
    plans
        Rows of the file: ``number``, ``kind``, ``starts_at``, ``ends_at``, ``weekdays``.
    """
    usable = ~table.faults.bad & ~np.isnan(_spans(plans["starts_at"], plans["ends_at"]))
    usable &= plans["number"].notna().to_numpy(bool)
    chosen = (
        plans[usable]
        .assign(row=table.rows[usable])
        .drop_duplicates(["number", "kind", "shift", "starts_at", "ends_at", "weekdays"])
    )  # a row written twice is a duplicate and overlaps nothing
    routes = chosen.groupby([fold_texts(chosen["number"]), chosen["kind"].fillna("")], sort=True)
    rows = sorted(row for _, route in routes for row in _overlapping(route))
    if rows:
        table.warnings.append(
            f"plans_overlap: {len(rows)} plans overlap with another of their route in "
            f"'{table.head('shift')}' (rows {', '.join(map(str, rows[:10]))}); they were kept, "
            "and each is counted."
        )


# -------------------------------------------------------------------------------------------


def _hours_alone(both: pd.Series) -> pd.Series:
    parted = {word: split_weekdays(word) for word in both.dropna().unique()}
    plain = both.map({word: found[1] for word, found in parted.items() if found})
    return plain.astype(object).where(plain.notna(), both.astype(object)).astype("str")


def _minutes(clocks: pd.Series) -> npt.NDArray[np.float64]:
    return np.array(
        [int(text[:2]) * 60 + int(text[3:]) if isinstance(text, str) else np.nan for text in clocks]
    )


def _spans(starts: pd.Series, ends: pd.Series) -> npt.NDArray[np.float64]:
    """Return how many minutes the shifts last; one time twice is a whole day."""
    between = (_minutes(ends) - _minutes(starts)) % _DAY
    return np.where(between == 0, _DAY, between)


def _overlapping(route: pd.DataFrame) -> list[int]:
    """Return the rows of a route whose hours of the week overlap with those of another row."""
    if len(route) < 2:
        return []
    felt = np.zeros((len(route), 7 * _DAY), bool)
    starts, spans = _minutes(route["starts_at"]), _spans(route["starts_at"], route["ends_at"])
    for place, days in enumerate(route["weekdays"]):
        for day in days if isinstance(days, str) else EVERY_DAY:
            begin = (int(day) - 1) * _DAY + int(starts[place])
            felt[place, np.arange(begin, begin + int(spans[place])) % (7 * _DAY)] = True
    shared = felt & (felt.sum(axis=0) > 1)
    return [int(row) for row in route["row"].to_numpy()[shared.any(axis=1)]]
