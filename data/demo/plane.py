"""A flat drawing board: metres east and north of a centre, and back to degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Plane:
    """Metres around a centre, true to scale within 0.1 % over a town.

    Attributes
    ----------
    lat, lon
        The centre in degrees, where x and y are 0.
    """

    lat: float
    lon: float

    def to_degrees(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Turn metres east and north into latitude and longitude, rounded to 1e-7 degrees."""
        lat = self.lat + np.asarray(y, float) / _METRES_PER_DEGREE
        lon = self.lon + np.asarray(x, float) / (_METRES_PER_DEGREE * self._shrink)
        return np.round(lat, 7), np.round(lon, 7)

    def to_metres(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Turn latitude and longitude into metres east and north of the centre."""
        x = (np.asarray(lon, float) - self.lon) * _METRES_PER_DEGREE * self._shrink
        y = (np.asarray(lat, float) - self.lat) * _METRES_PER_DEGREE
        return x, y

    @property
    def _shrink(self) -> float:
        return float(np.cos(np.radians(self.lat)))


def draws(seed: int, topic: int) -> np.random.Generator:
    """Return the random stream of one topic, so that a change in one leaves the others alone."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, topic])))


def smooth_line(points: npt.ArrayLike, step_m: float) -> FloatArray:
    """Draw a smooth curve through the points (Catmull-Rom), one vertex about every step."""
    fixed = np.asarray(points, float)
    if len(fixed) < 3:
        return fixed
    padded = np.vstack([2 * fixed[0] - fixed[1], fixed, 2 * fixed[-1] - fixed[-2]])
    pieces = []
    for before, start, end, after in zip(
        padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True
    ):
        count = max(int(np.hypot(*(end - start)) / step_m), 1)
        t = (np.arange(count) / count)[:, None]
        bend = 2 * before - 5 * start + 4 * end - after
        twist = -before + 3 * start - 3 * end + after
        pieces.append(0.5 * (2 * start + (end - before) * t + bend * t**2 + twist * t**3))
    return np.vstack([*pieces, fixed[-1:]])
