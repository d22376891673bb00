"""The plane lattice that H3 cells of one resolution form on one face of the icosahedron.

On one face a cell is the nearest point of a triangular lattice in the gnomonic plane. A 3 × 3
matrix B maps the direction p of a point to (w, i·w, j·w): after division by w, i and j are the
cell's place on two axes 120° apart, in H3's own local IJ counting. B has no scale, and neither
needs p: every formula here works with directions of any length, so a point costs two tangents
and no sine, cosine or root.

B is found from cells whose directions and i, j are known (`fit_lattice`); the cells come from
`geo.cells`, the only module that knows H3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

BLOCK = 8192
"""Points worked on at a time: all intermediate rows then stay in the processor's cache."""

NEIGHBOUR_OFFSETS = np.array([(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)], dtype=np.int64)
"""Steps (i, j) from a cell to its six neighbours, counter-clockwise."""

CORNER_THIRDS = NEIGHBOUR_OFFSETS + np.roll(NEIGHBOUR_OFFSETS, -1, axis=0)
"""Steps (i, j) from a cell's centre to its corners, in thirds, counter-clockwise."""


@dataclass(frozen=True)
class Lattice:
    """Cells of one resolution on one face, addressed by two whole numbers.

    Attributes
    ----------
    resolution
        H3 resolution, 0–15.
    matrix
        B, 3 × 3: direction → (w, i·w, j·w).
    residual
        Largest distance, in cells, between a calibration cell's known and computed i or j.
    """

    resolution: int
    matrix: FloatArray
    residual: float

    @cached_property
    def _inverse(self) -> FloatArray:
        return np.asarray(np.linalg.inv(self.matrix), np.float64)

    def locate(self, lat: npt.ArrayLike, lng: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """Find the cell (i, j) of each point.

        Points must lie on the lattice's face, finite and in degrees; elsewhere the answer means
        nothing, so callers check the extent first (`geo.icosahedron`).
        """
        lat, lng = np.atleast_1d(np.asarray(lat, float)), np.atleast_1d(np.asarray(lng, float))
        i, j = np.empty(len(lat), np.int64), np.empty(len(lat), np.int64)
        # Rows w, (2i − j)·w, (i + j)·w: with these two sums and their difference the six sides of
        # a cell are reached at whole numbers, which turns hexagonal rounding into three floors.
        b0, b1, b2 = self.matrix
        rows = np.stack([b0, 2 * b1 - b2, b1 + b2])
        for start in range(0, len(lat), BLOCK):
            part = slice(start, start + BLOCK)
            w, first, second = rows @ _directions(lat[part], lng[part])
            first /= w
            second /= w
            third = np.floor(second - first)
            np.floor(first, out=first)
            np.floor(second, out=second)
            third += second
            second += first
            i[part] = _floored_third(second)
            j[part] = _floored_third(third)
        return i, j

    def centres(self, i: npt.ArrayLike, j: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return latitude and longitude in degrees of the cells' centres."""
        return self._degrees(np.asarray(i, float), np.asarray(j, float))

    def corners(self, i: npt.ArrayLike, j: npt.ArrayLike) -> FloatArray:
        """Return the corners as an array (n, 6, 2) of longitude, latitude, counter-clockwise.

        A corner that two cells share is the same pair of numbers, bit for bit, in both.
        """
        i, j = np.atleast_1d(np.asarray(i)), np.atleast_1d(np.asarray(j))
        thirds_i = 3 * i[:, None] + CORNER_THIRDS[:, 0]
        thirds_j = 3 * j[:, None] + CORNER_THIRDS[:, 1]
        lat, lng = self._degrees(thirds_i / 3, thirds_j / 3)
        return np.stack([lng, lat], axis=-1)

    def places_of_box(
        self, lat: tuple[float, float], lng: tuple[float, float]
    ) -> tuple[IntArray, IntArray]:
        """Return i and j of every cell that may touch a box of latitude and longitude.

        Some cells just outside come with them; none that touches the box is missing.
        """
        lats, lngs = np.linspace(*lat, 65), np.linspace(*lng, 65)
        i, j = self.locate(
            np.concatenate([lats, lats, np.full(65, lat[0]), np.full(65, lat[1])]),
            np.concatenate([np.full(65, lng[0]), np.full(65, lng[1]), lngs, lngs]),
        )
        # Between two samples a parallel bends by less than a 30 000th of the box.
        slack = 2 + max(np.ptp(i), np.ptp(j)) // 2000
        i, j = np.meshgrid(
            np.arange(i.min() - slack, i.max() + slack + 1),
            np.arange(j.min() - slack, j.max() + slack + 1),
            indexing="ij",
        )
        i, j = i.ravel(), j.ravel()
        centre_lat, centre_lng = self.centres(i, j)
        reach_lat, reach_lng = self._reach(np.repeat(lat, 2), np.tile(lng, 2))
        near = (centre_lat > lat[0] - reach_lat) & (centre_lat < lat[1] + reach_lat)
        near &= (centre_lng > lng[0] - reach_lng) & (centre_lng < lng[1] + reach_lng)
        return i[near], j[near]

    def _reach(self, lat: FloatArray, lng: FloatArray) -> tuple[float, float]:
        """Return more degrees than any corner lies away from its centre near the points."""
        i, j = self.locate(lat, lng)
        centre_lat, centre_lng = self.centres(i, j)
        away = self.corners(i, j) - np.stack([centre_lng, centre_lat], axis=-1)[:, None]
        lng_reach, lat_reach = 1.5 * np.abs(away).max(axis=(0, 1))
        return float(lat_reach), float(lng_reach)

    def _degrees(self, i: FloatArray, j: FloatArray) -> tuple[FloatArray, FloatArray]:
        inverse = self._inverse
        x, y, z = (row[0] + row[1] * i + row[2] * j for row in inverse)
        # B is known up to its sign only; the fit fixes it so that w is positive on the face.
        return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def fit_lattice(resolution: int, vectors: FloatArray, i: IntArray, j: IntArray) -> Lattice:
    """Find the lattice that puts the cells with these centres at their known i and j.

    Parameters
    ----------
    resolution
        H3 resolution of the cells.
    vectors
        Unit vectors of the centres, (n, 3), n ≥ 4 and spread over the area of use.
    i, j
        The cells' local coordinates from one origin.

    Notes
    -----
    Each cell gives b₁·p − i·b₀·p = 0 and b₂·p − j·b₀·p = 0, linear in the nine numbers of B;
    the null vector is the last right singular vector. The directions are first turned so that
    their middle is the first axis, and i, j scaled to about 1, else the equations differ by
    seven orders of magnitude at fine resolutions.
    """
    middle = vectors.sum(axis=0)
    turn = np.linalg.qr(np.column_stack([middle, np.eye(3)[:, np.argsort(np.abs(middle))[:2]]]))[0]
    turn[:, 0] *= np.sign(turn[:, 0] @ middle)
    p = vectors @ turn
    known = np.column_stack([i, j]).astype(float)
    shift = known.mean(axis=0)
    scale = np.abs(known - shift).max()
    n = (known - shift) / scale

    zero = np.zeros_like(p)
    equations = np.block([[-n[:, :1] * p, p, zero], [-n[:, 1:] * p, zero, p]])
    b = np.linalg.svd(equations, full_matrices=False)[2][-1].reshape(3, 3)
    b *= np.sign(b[0] @ p.mean(axis=0))

    whole = np.array([[1, 0, 0], [shift[0], scale, 0], [shift[1], 0, scale]]) @ b @ turn.T
    mapped = vectors @ whole.T
    residual = float(np.abs(mapped[:, 1:] / mapped[:, :1] - known).max())
    return Lattice(resolution=resolution, matrix=whole, residual=residual)


def number_places(i: IntArray, j: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Give the distinct cells of many points a number each.

    Returns
    -------
    tuple of array
        For each point the number of its cell, then i and j of the numbered cells.
    """
    if not len(i):
        return i, i, j
    first_i, first_j = i.min(), j.min()
    width = int(j.max() - first_j) + 1
    size = (int(i.max() - first_i) + 1) * width
    key = (i - first_i) * width
    key += j - first_j
    if size > 4 * len(key) + (1 << 22):
        keys, place = np.unique(key, return_inverse=True)
    else:
        # A table over the whole window is several times faster than sorting the points.
        held = np.zeros(size, np.bool_)
        held[key] = True
        keys = np.flatnonzero(held)
        number = np.empty(size, np.int64)
        number[keys] = np.arange(len(keys))
        place = number[key]
    return place, keys // width + first_i, keys % width + first_j


# -------------------------------------------------------------------------------------------


def _directions(lat: FloatArray, lng: FloatArray) -> FloatArray:
    """Return directions (3, n) of positive, varying length: only their ratios are used.

    With u and t the tangents of half the latitude and longitude, the unit vector times
    (1 + u²)(1 + t²) is ((1 − u²)(1 − t²), 2t(1 − u²), 2u(1 + t²)).
    """
    half_degree = np.pi / 360
    u, t = np.tan(lat * half_degree), np.tan(lng * half_degree)
    directions = np.empty((3, len(lat)))
    level = 1 - u * u
    square = t * t
    np.multiply(level, 1 - square, out=directions[0])
    level *= t
    np.add(level, level, out=directions[1])
    square += 1
    square *= u
    np.add(square, square, out=directions[2])
    return directions


def _floored_third(total: FloatArray) -> FloatArray:
    # + 2: each of the two floors stands for floor(x + 1). The quotient of a multiple of three is
    # exact, so the outer floor never slips.
    total += 2
    total /= 3
    return np.floor(total, out=total)
