"""The digits of many moments of one form, read at once from the bytes of a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.values.date_forms import DateForm, find_form

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
MomentArray = npt.NDArray[np.datetime64]

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
PIVOT = 69
"""Two digits from 00 to 68 are years from 2000 on, as clocks of computers have it."""

ORDERS = ("dmy", "mdy", "ymd")
_PARTS = {"d": "day", "m": "month", "y": "year"}
_DAY_ZERO = np.datetime64("1899-12-30", "D")
_SECONDS = 86_400
_NINE = ord("9")
_CLOCK_DAY = r"^(?:1899-12-3[01]|1900-01-0[01]|3[01]\.12\.1899|0?[01]\.01\.1900)[T ]+"
_FALSE_CLOCK = r"[T ]+00:00(?::00(?:\.0+)?)?$"
_NO_CLOCK = (
    "-", "–", "—", "н/у", "не установлено", "не установлен", "неизвестно", "не известно",
    "белгісіз", "анықталмаған", "unknown",
)  # fmt: skip


@dataclass(frozen=True)
class FormRows:
    """Rows of one block whose texts have the same form.

    Attributes
    ----------
    form
        Where the texts hold what.
    rows
        Their places in the block.
    data, starts
        Bytes of the block and where each of these texts begins.
    """

    form: DateForm
    rows: IntArray
    data: npt.NDArray[np.uint8]
    starts: IntArray

    def number(self, part: str, digits: int | None = None) -> IntArray:
        """Return a part of each text as a number, zero where the form has no such part."""
        first, last = self.form.spans.get(part, (0, 0))
        value = np.zeros(len(self.rows), np.int64)
        for place in range(first, last if digits is None else min(last, first + digits)):
            value = value * 10 + (self.data[self.starts + place].astype(np.int64) - ord("0"))
        return value

    def width(self, part: str) -> int:
        """Return how many digits a part has."""
        first, last = self.form.spans.get(part, (0, 0))
        return last - first


def split_by_form(texts: pa.Array) -> Iterator[FormRows]:
    """Sort the texts of a block by form; texts of no form are left out."""
    texts = texts.cast(pa.large_string())
    ends = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :][: len(texts) + 1]
    held = texts.buffers()[2]
    data = np.frombuffer(held, np.uint8)[: ends[-1]] if held is not None else np.zeros(0, np.uint8)
    shapes = data.copy()
    shapes[(shapes >= ord("0")) & (shapes <= _NINE)] = _NINE
    shaped = pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(np.ascontiguousarray(ends)), pa.py_buffer(shapes)
    )
    coded = shaped.dictionary_encode()
    codes = coded.indices.to_numpy().astype(np.int64)
    codes[~texts.is_valid().to_numpy(zero_copy_only=False)] = -1
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(coded.dictionary) + 1))
    for code, shape in enumerate(coded.dictionary.to_pylist()):
        rows = order[bounds[code] : bounds[code + 1]]
        form = find_form(shape) if len(rows) else None
        if form is not None:
            yield FormRows(form, rows, data, ends[rows])


def feasible_orders(part: FormRows) -> npt.NDArray[np.int8]:
    """Tell for each text which orders of its three numbers make a day, as bits in their order.

    Eight is added where the two orders that leave the year at the end mean the same day.
    """
    numbers = [part.number(name) for name in ("first", "second", "year")]
    short = part.width("year") == 2
    found = np.zeros(len(part.rows), np.int8)
    for bit, order in enumerate(ORDERS):
        if order == "ymd" and not (short and part.form.dashed):
            continue
        day, month = numbers[order.index("d")], numbers[order.index("m")]
        found |= (((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)) << bit).astype(np.int8)
    found[(found == 3) & (numbers[0] == numbers[1])] |= 8
    return found


def read_days(part: FormRows, order: str, end: str = "") -> MomentArray:
    """Return the day of each text; NaT where there is no such day."""
    spans = part.form.spans
    if "serial" in spans:
        days = (_DAY_ZERO + part.number("serial").astype("m8[D]")).astype("M8[us]")
        return _within(days)
    numbers = {name: part.number(name + end) for name in ("year", "month", "day")}
    width = part.width("year" + end)
    if "first" + end in spans:
        names = [_PARTS[letter] for letter in order]
        given = ("first", "second", "year")
        numbers = {name: part.number(g + end) for name, g in zip(names, given, strict=True)}
        width = part.width(given[names.index("year")] + end)
    year = numbers["year"]
    if width == 2:
        year = year + np.where(year < PIVOT, 2000, 1900)
    month = part.form.months[bool(end)] or numbers["month"]
    return _within(_calendar(year, np.broadcast_to(month, year.shape), numbers["day"]))


def read_clock(part: FormRows, end: str = "") -> IntArray:
    """Return the seconds of the day of each text, −1 where there is no such time."""
    fraction = "serial_fraction" if "serial_fraction" in part.form.spans else "day_fraction"
    if not end and fraction in part.form.spans:
        return _fraction(part, fraction)
    hour, minute = part.number("hour" + end), part.number("minute" + end)
    second = part.number("second_" + end)
    half = part.form.halves[bool(end)]
    possible = (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
    if half:
        possible = (hour >= 1) & (hour <= 12)
        hour = hour % 12 + (12 if half == "p" else 0)
    possible &= (minute < 60) & (second < 60)
    return np.where(possible, hour * 3600 + minute * 60 + second, -1)


def read_offset(part: FormRows) -> IntArray:
    """Return the minutes by which each text is ahead of universal time."""
    minutes = part.number("zone_hour") * 60 + part.number("zone_minute")
    return minutes * (part.form.zone_sign or 1)


def join_clock(days: MomentArray, seconds: IntArray) -> MomentArray:
    """Return days with their times; NaT where one of the two cannot be."""
    at: MomentArray = days + seconds.astype("m8[s]").astype("m8[us]")
    at[seconds < 0] = np.datetime64("NaT")
    return at


def with_clock(days: pa.Array, times: pa.Array) -> pa.Array:
    """Join texts of days with those of clocks, where a day has no clock of its own."""
    unknown = pc.is_in(pc.utf8_lower(times), pa.array(_NO_CLOCK, pa.large_string()))
    times = pc.if_else(unknown, pa.scalar(None, pa.large_string()), times)
    # A spreadsheet writes a time as that of its day zero, and a day as its midnight.
    times = pc.replace_substring_regex(times, _CLOCK_DAY, "")
    bare = pc.replace_substring_regex(days, _FALSE_CLOCK, "")
    joined = pc.binary_join_element_wise(bare, times, pa.scalar(" ", pa.large_string()))
    alone = pc.or_(pc.match_substring(bare, ":"), pc.is_null(times))
    return pc.if_else(pc.fill_null(alone, True), days, joined)


# -------------------------------------------------------------------------------------------


def _calendar(year: IntArray, month: npt.NDArray[np.integer], day: IntArray) -> MomentArray:
    known = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    first = ((year - 1970) * 12 + np.where(known, month, 1) - 1).astype("M8[M]")
    days: MomentArray = first.astype("M8[D]") + (np.where(known, day, 1) - 1).astype("m8[D]")
    known &= days.astype("M8[M]") == first
    days[~known] = np.datetime64("NaT")
    return np.asarray(days, "M8[us]")


def _within(days: MomentArray) -> MomentArray:
    low, high = (np.datetime64(f"{year}-01-01") for year in (EARLIEST_YEAR, LATEST_YEAR + 1))
    days[~((days >= low) & (days < high))] = np.datetime64("NaT")
    return days


def _fraction(part: FormRows, name: str) -> IntArray:
    digits = min(part.width(name), 15)
    share = part.number(name, digits) / 10.0**digits
    # Spreadsheets keep binary fractions of a day; the second was meant.
    seconds = np.rint(share * _SECONDS).astype(np.int64)
    return np.where(part.number("zero") == 0, seconds, -1)
