"""Lattices of the faces of the icosahedron, each fitted to cells that H3 places itself."""

from __future__ import annotations

import math
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
from h3 import H3BaseException

from geo.icosahedron import Icosahedron, build_icosahedron, unit_vectors
from geo.lattice import FloatArray, Lattice, fit_lattice

COARSEST_LATTICE = 4
"""Below this resolution a cell spans so much of a face that asking H3 is simpler."""


def lattice_of_box(
    lat: tuple[float, float], lng: tuple[float, float], resolution: int
) -> Lattice | None:
    """Return the lattice of the face that holds a whole box, or None where none does."""
    if resolution < COARSEST_LATTICE:
        return None
    # Three edges keep every corner of every cell of the box on the face.
    margin = 3 * h3.average_hexagon_edge_length(resolution, "km") / 6371
    face = _icosahedron().face_of_box(lat, lng, margin)
    return None if face is None else _calibrated(face, resolution)


def lattice_of_points(lat: FloatArray, lng: FloatArray, resolution: int) -> Lattice | None:
    """Return the lattice of the face that holds all points, or None where none does."""
    if not len(lat):
        return None
    return lattice_of_box((lat.min(), lat.max()), (lng.min(), lng.max()), resolution)


# -------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _icosahedron() -> Icosahedron:
    corners = np.array([h3.cell_to_latlng(cell) for cell in sorted(h3.get_pentagons(0))])
    return build_icosahedron(corners[:, 0], corners[:, 1])


@lru_cache(maxsize=64)
def _calibrated(face: int, resolution: int) -> Lattice | None:
    """Fit the lattice of one face to cells spread over all of it; None if it does not fit."""
    corners = _icosahedron().corners[face]
    steps = np.linspace(0.02, 0.94, 24)
    shares = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b < 0.98])
    origin = h3.latlng_to_cell(*_degrees(corners.sum(axis=0)), resolution)
    known = []
    for direction in shares @ corners:
        cell = h3.latlng_to_cell(*_degrees(direction), resolution)
        try:
            known.append((*h3.cell_to_latlng(cell), *h3.cell_to_local_ij(origin, cell)))
        except H3BaseException:
            # H3 does not count across the pentagons at the face's corners.
            continue
    lat, lng, i, j = np.array(known).T
    lattice = fit_lattice(resolution, unit_vectors(lat, lng), i, j)
    return lattice if lattice.residual < 1e-6 else None


def _degrees(direction: FloatArray) -> tuple[float, float]:
    x, y, z = direction.tolist()
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
