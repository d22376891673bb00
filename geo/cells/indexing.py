"""Points become H3 cells, and cells become text and back.

Where the points lie on one face of the icosahedron (the whole of Kazakhstan does) the arithmetic
is that of `geo.lattice`, calibrated from H3 and checked against it. Across a face edge, near a
pentagon and below resolution 4 the same functions ask H3 point by point.
"""

from __future__ import annotations

import re

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

from geo.cells.calibration import lattice_of_points
from geo.cells.ids import ask_h3, lattice_ids, sample_rows
from geo.errors import InputRefusedError, UsageError
from geo.lattice import FloatArray, IntArray, number_places


def parse_cell(text: str, *, resolution: int | None = None) -> int:
    """Read a cell from its canonical text: 15 lower-case hexadecimal characters.

    Every other spelling that H3 would take (upper case, ``0x``, leading zeros) is refused, so
    that one cell has one address; so are pentagons and, where ``resolution`` is given, cells of
    another resolution.

    >>> format_cell(parse_cell("8a118c3b6b07fff"))
    '8a118c3b6b07fff'
    """
    if isinstance(text, str) and re.fullmatch("[0-9a-f]{15}", text):
        cell = int(text, 16)
        if h3.is_valid_cell(cell) and not h3.is_pentagon(cell):
            if resolution is None or h3.get_resolution(cell) == resolution:
                return cell
            raise UsageError(
                f"Cell {text} has resolution {h3.get_resolution(cell)}, not {resolution}.",
                code="cell_invalid",
            )
    raise UsageError(
        f"{str(text)[:64]!r} is no H3 cell; give its 15 characters 0–9, a–f.", code="cell_invalid"
    )


def format_cell(cell: int) -> str:
    """Write a cell as its 15 lower-case hexadecimal characters."""
    return f"{int(cell):015x}"


def format_cells(cells: npt.ArrayLike) -> list[str]:
    """Write cells as text, in their order."""
    return [f"{cell:015x}" for cell in np.asarray(cells, np.int64).tolist()]


def latlng_to_cells(lat: npt.ArrayLike, lng: npt.ArrayLike, resolution: int) -> IntArray:
    """Find the H3 cell of each point.

    Parameters
    ----------
    lat, lng
        Degrees, one value per point.
    resolution
        0–15.

    Raises
    ------
    InputRefusedError
        ``coord_not_finite`` or ``coord_out_of_range``, before H3 is asked: it answers a latitude
        of 91 with a cell on the other side of the pole.
    """
    place, ids = _place_points(lat, lng, resolution)
    return ids[place]


def cell_counts(
    lat: npt.ArrayLike, lng: npt.ArrayLike, resolution: int
) -> tuple[IntArray, IntArray]:
    """Return the cells that hold points, sorted, and how many points each holds."""
    place, ids = _place_points(lat, lng, resolution)
    order = np.argsort(ids)
    return ids[order], np.bincount(place, minlength=len(ids))[order]


def checked_points(lat: npt.ArrayLike, lng: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the points as two arrays of degrees, or raise where H3 would answer nonsense."""
    lat, lng = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lng, float))
    if lat.shape != lng.shape or lat.ndim != 1:
        raise UsageError(f"{lat.shape} latitudes and {lng.shape} longitudes do not pair up.")
    for name, values, limit in (("latitude", lat, 90), ("longitude", lng, 180)):
        # One comparison of the extremes covers every point: a NaN makes both NaN.
        if len(values) and not (values.min() >= -limit and values.max() <= limit):
            finite = np.isfinite(values)
            wrong = ~finite if not finite.all() else np.abs(values) > limit
            rows = ", ".join(str(row) for row in np.flatnonzero(wrong)[:5])
            raise InputRefusedError(
                f"The {name} of {wrong.sum()} points (rows {rows}…) "
                + (f"lies outside ±{limit} degrees." if finite.all() else "is not a number."),
                code="coord_out_of_range" if finite.all() else "coord_not_finite",
            )
    return lat, lng


def check_resolution(resolution: int) -> None:
    """Raise unless the resolution is a whole number of H3's range: it would truncate 10.5."""
    whole = isinstance(resolution, (int, np.integer)) and not isinstance(resolution, bool)
    if not whole or not 0 <= resolution <= 15:
        raise UsageError(
            f"H3 has no resolution {resolution}; give 0–15.", code="resolution_invalid"
        )


# -------------------------------------------------------------------------------------------


def _place_points(
    lat: npt.ArrayLike, lng: npt.ArrayLike, resolution: int
) -> tuple[IntArray, IntArray]:
    """Return for each point the number of its cell, and the ids of the numbered cells."""
    check_resolution(resolution)
    lat, lng = checked_points(lat, lng)
    lattice = lattice_of_points(lat, lng, resolution)
    if lattice is not None:
        place, i, j = number_places(*lattice.locate(lat, lng))
        cells = lattice_ids(lattice, i, j)
        sample = sample_rows(len(lat))
        if np.array_equal(cells[place[sample]], ask_h3(lat[sample], lng[sample], resolution)):
            return place, cells
    cells, place = np.unique(ask_h3(lat, lng, resolution), return_inverse=True)
    return place, cells
