"""The two numbers of each row, out of the columns and in the form in which the file has them.

Plain numbers are the rule. Another form is read where the mapping declares it, or where at least
nine tenths of the cells are of it; single cells of another form stay faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.importers.parsing.raw_columns import X, Y
from data.importers.report import BoolArray
from data.importers.tabular import SourceTable
from data.importers.values.coordinate_forms import (
    MICRO,
    Spot,
    is_micro,
    parse_angle,
    parse_link,
    parse_pair,
)
from data.importers.values.words import with_points
from geo.study_area import FloatArray, StudyArea

FORM_SHARE = 0.9
LOCATION = "location"

_NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_NOT_FINITE = r"(?i)^[+-]?(?:nan|inf|infinity)$"
_SAMPLE = 2_000
_PAIR_ORDERS = ("lat,lon", "lon,lat")


@dataclass(frozen=True)
class Written:
    """Coordinates of the rows as numbers.

    Attributes
    ----------
    northing, easting
        In the units of the file; NaN where missing or faulty.
    faulty
        Rows with a cell that is no coordinate; they are marked already.
    step
        Step of the last digit, by row; None for plain numbers.
    decimals
        Digits after the point of plain numbers; None for other forms.
    head
        Column that faults of the place are told of.
    """

    northing: FloatArray
    easting: FloatArray
    faulty: BoolArray
    step: FloatArray | None
    decimals: npt.NDArray[np.int8] | None
    head: str


def read_written(table: SourceTable, area: StudyArea, *, geographic: bool) -> Written | None:
    """Read the coordinates of each row; None where the file has no column of them."""
    axes = _axes(table, geographic=geographic)
    form = table.mapping.coordinates
    if LOCATION in table.texts and (axes is None or form in (*_PAIR_ORDERS, "link")):
        return _read_cells(table, form)
    if axes is None:
        return None
    if geographic and (form == "dms" or (form is None and _all_angles(table, axes))):
        return _read_angles(table, axes)
    written = _read_numbers(table, axes)
    if geographic and (
        form == "micro" or (form is None and _all_micro(table, axes, written, area))
    ):
        return _scaled(written)
    return written


# -------------------------------------------------------------------------------------------


def _axes(table: SourceTable, *, geographic: bool) -> tuple[str, str] | None:
    pairs = [("lat", "lon"), ("y", "x")]
    if not geographic:
        pairs.reverse()
    mapped = table.mapping.columns
    pairs.sort(key=lambda pair: not (pair[0] in mapped and pair[1] in mapped))
    if X in table.texts and not any(name in mapped for pair in pairs for name in pair):
        pairs.insert(0, (Y, X))
    return next((pair for pair in pairs if pair[0] in table.texts and pair[1] in table.texts), None)


def _head(table: SourceTable, name: str) -> str:
    return "geometry" if name in (X, Y) else table.head(name)


def _read_numbers(table: SourceTable, axes: tuple[str, str]) -> Written:
    values, faulty = [], np.zeros(len(table.rows), bool)
    decimals = np.zeros(len(table.rows), np.int8)
    for name in axes:
        text = _arrow(with_points(table, name))
        number = _mask(pc.match_substring_regex(text, _NUMBER))
        found = np.full(len(text), np.nan)
        found[number] = pc.cast(text.filter(pa.array(number)), pa.float64()).to_numpy()
        endless = _mask(pc.match_substring_regex(text, _NOT_FINITE)) | np.isinf(found)
        strange = _mask(pc.is_valid(text)) & ~number & ~endless
        table.faults.add(endless, _head(table, name), "coord_not_finite")
        table.faults.add(strange, _head(table, name), "coord_not_number")
        found[endless] = np.nan
        values.append(found)
        faulty |= endless | strange
        decimals = np.maximum(decimals, _decimals(text))
    return Written(values[0], values[1], faulty, None, decimals, table.head(axes[0]))


def _decimals(text: pa.ChunkedArray) -> npt.NDArray[np.int8]:
    point = pc.find_substring(text, ".")
    after = pc.subtract(pc.subtract(pc.utf8_length(text), point), 1)
    digits = pc.if_else(pc.greater_equal(point, 0), after, 0)
    written = pc.if_else(pc.match_substring_regex(text, "[eE]"), 0, digits)
    return np.asarray(np.clip(pc.fill_null(written, 0).to_numpy(), 0, 15), np.int8)


def _read_angles(table: SourceTable, axes: tuple[str, str]) -> Written:
    count = len(table.rows)
    values, steps = np.full((2, count), np.nan), np.zeros(count)
    faulty = np.zeros(count, bool)
    for place, name in enumerate(axes):
        strange = np.zeros(count, bool)
        for row, text in _present(table, name):
            found = parse_angle(text)
            if found is None:
                strange[row] = True
            else:
                values[place, row] = found[0]
                steps[row] = max(steps[row], found[1])
        table.faults.add(strange, _head(table, name), "coord_not_number")
        faulty |= strange
    return Written(values[0], values[1], faulty, steps, None, table.head(axes[0]))


def _read_cells(table: SourceTable, form: str | None) -> Written | None:
    read = _cell_reader(table, form)
    if read is None:
        return None
    count = len(table.rows)
    values, steps = np.full((2, count), np.nan), np.zeros(count)
    strange = np.zeros(count, bool)
    for row, text in _present(table, LOCATION):
        spot = read(text)
        if spot is None:
            strange[row] = True
        else:
            values[:, row], steps[row] = (spot.lat, spot.lon), spot.step
    table.faults.add(strange, table.head(LOCATION), "coord_not_number")
    return Written(values[0], values[1], strange, steps, None, table.head(LOCATION))


def _cell_reader(table: SourceTable, form: str | None) -> Callable[[str], Spot | None] | None:
    readers: dict[str, Callable[[str], Spot | None]] = {
        "lat,lon": parse_pair,
        "lon,lat": partial(parse_pair, order="lon,lat"),
        "link": parse_link,
    }
    if form in readers:
        return readers[form]
    for name in ("lat,lon", "link"):
        share = _share(table, LOCATION, partial(_is_read, readers[name]))
        if share >= FORM_SHARE:
            table.inferred["coordinates"] = (
                f"{name}: {share:.1%} of the cells of {table.head(LOCATION)!r} are of this form"
            )
            return readers[name]
    return None


def _is_read(read: Callable[[str], object], text: str) -> bool:
    return read(text) is not None


def _all_angles(table: SourceTable, axes: tuple[str, str]) -> bool:
    shares = [_share(table, name, partial(_is_read, parse_angle)) for name in axes]
    if min(shares) < FORM_SHARE:
        return False
    table.inferred["coordinates"] = (
        f"dms: {min(shares):.1%} of the cells are degrees, minutes and seconds"
    )
    return True


def _all_micro(
    table: SourceTable, axes: tuple[str, str], written: Written, area: StudyArea
) -> bool:
    if min(_share(table, name, is_micro) for name in axes) < FORM_SHARE:
        return False
    lat, lon = written.northing / MICRO, written.easting / MICRO
    usable = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    inside = float(area.contains(lat[usable], lon[usable]).sum()) / max(1, len(lat))
    # Metres are large whole numbers too; only the place that the numbers mean tells them apart.
    if inside <= 0.5:
        return False
    table.inferred["coordinates"] = (
        f"micro: whole numbers, {inside:.1%} inside the study area as millionths of a degree"
    )
    return True


def _scaled(written: Written) -> Written:
    return Written(
        northing=written.northing / MICRO,
        easting=written.easting / MICRO,
        faulty=written.faulty,
        step=np.full(len(written.northing), 1 / MICRO),
        decimals=None,
        head=written.head,
    )


def _share(table: SourceTable, name: str, is_form: Callable[[str], bool]) -> float:
    """Return the share of cells of a form; a first look at some of them spares the rest."""
    texts = table.text(name).dropna()
    if not len(texts):
        return 0.0
    step = max(1, len(texts) // _SAMPLE)
    some = [is_form(text) for text in texts.iloc[::step]]
    if step == 1 or sum(some) < FORM_SHARE / 2 * len(some):
        return sum(some) / len(some)
    return sum(is_form(text) for text in texts) / len(texts)


def _present(table: SourceTable, name: str) -> list[tuple[int, str]]:
    texts = table.text(name)
    rows = np.flatnonzero(texts.notna().to_numpy(bool))
    return list(zip(rows.tolist(), texts.iloc[rows], strict=True))


def _arrow(texts: pd.Series) -> pa.ChunkedArray:
    found = pa.array(texts, pa.large_string(), from_pandas=True)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _mask(found: pa.ChunkedArray) -> BoolArray:
    return np.asarray(pc.fill_null(found, False).to_numpy(), bool)
