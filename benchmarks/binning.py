"""Count points in H3 cells: ours against h3-py and h3ronpy on the same points.

The ratio is that of the faster peer's time to ours; counts must be equal cell by cell. The list
comprehension over h3-py is timed on the first million points and its time scaled up.

Run with ``python -m benchmarks.binning``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa
from h3ronpy.vector import coordinates_to_cells

from geo.cells import cell_counts

GOAL = 7
Counts = tuple[np.ndarray, np.ndarray]


def counted_by_h3(lat: np.ndarray, lng: np.ndarray, resolution: int) -> Counts:
    points = zip(lat.tolist(), lng.tolist(), strict=True)
    cells = np.array([h3.latlng_to_cell(*point, resolution) for point in points])
    return np.unique(cells, return_counts=True)


def counted_by_h3ronpy(lat: np.ndarray, lng: np.ndarray, resolution: int) -> Counts:
    cells = pa.array(coordinates_to_cells(lat, lng, resolution)).to_numpy()
    found, counts = np.unique(cells, return_counts=True)
    return found.astype(np.int64), counts


def timed(work: Callable[..., Counts], *arguments: object, rounds: int) -> tuple[float, Counts]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        counts = work(*arguments)
        times.append(time.perf_counter() - start)
    return min(times), counts


def compare(points: int, resolution: int) -> dict[str, object]:
    rng = np.random.default_rng(points + resolution)
    lat, lng = 51.23 + rng.uniform(-0.2, 0.2, points), 51.37 + rng.uniform(-0.2, 0.2, points)
    ours_s, ours = timed(cell_counts, lat, lng, resolution, rounds=3)
    peer_s, peer = timed(counted_by_h3ronpy, lat, lng, resolution, rounds=2)
    some = slice(0, 1_000_000)
    slow_s, slow = timed(counted_by_h3, lat[some], lng[some], resolution, rounds=1)
    ours_of_some = cell_counts(lat[some], lng[some], resolution)
    same = [
        np.array_equal(a, b) for a, b in zip((*ours, *ours_of_some), (*peer, *slow), strict=True)
    ]
    slow_s *= points / len(lat[some])
    return {
        "benchmark": "binning",
        "points": points,
        "resolution": resolution,
        "cells": len(ours[0]),
        "ours_s": round(ours_s, 4),
        "ours_ns_per_point": round(ours_s / points * 1e9, 1),
        "peer": "h3ronpy",
        "peer_s": round(peer_s, 4),
        "ratio": round(peer_s / ours_s, 1),
        "h3_py_s": round(slow_s, 4),
        "h3_py_ratio": round(slow_s / ours_s, 1),
        "equal": all(same),
        "goal": GOAL,
    }


def main() -> None:
    cell_counts([51.2, 51.3], [51.3, 51.4], 9)
    for points in (1_000_000, 10_000_000):
        for resolution in (9, 10, 11):
            print(json.dumps(compare(points, resolution)), flush=True)


if __name__ == "__main__":
    main()
