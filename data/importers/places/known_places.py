"""What the workspace knows of the town, for readers that judge where a row lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

from data.importers.places.gazetteer import Gazetteer, build_gazetteer
from data.importers.places.street_index import read_renames
from data.importers.street_map.osm_extract import OsmExtract
from geo.study_area import StudyArea

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

SAMPLE_M = 20.0
"""Streets are known by points so far apart: a distance of 100 m is out by half a metre at most."""
SQUARE_M = 250.0
SETTLED_M = 4_000.0
"""Metres of street in the 5 × 5 squares round a point (1.25 km wide) from which it is settled: a
village has them, a lone road or two that cross have not."""
BLOCK_ROWS = 100_000


@dataclass(frozen=True)
class KnownPlaces:
    """The study area and, once a map is imported, the streets in it.

    Attributes
    ----------
    area
        Rows outside it are counted as ``outside_region``.
    extract
        The newest street map; None before one is imported.
    renames
        The office's own list of renamed streets; it need not exist.
    """

    area: StudyArea
    extract: OsmExtract | None = None
    renames: Path | None = None

    def gazetteer(self) -> Gazetteer | None:
        """Return the map's streets, addresses and crossings, built once; None without a map."""
        return self._gazetteer

    def near_street(self, lat: FloatArray, lon: FloatArray, reach_m: float = 100) -> BoolArray:
        """Tell which points lie within reach of any street; none do without a map.

        A point without coordinates (NaN) does not.
        """
        near = np.zeros(len(lat), bool)
        tree = self._street_tree
        usable = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon) & (tree is not None))
        for rows in np.array_split(usable, len(usable) // BLOCK_ROWS + 1):
            if tree is not None and len(rows):
                points = np.column_stack(self._metric(lat[rows], lon[rows]))
                away, _ = tree.query(points, distance_upper_bound=reach_m + 1)
                near[rows] = away <= reach_m
        return near

    def settled(self, lat: FloatArray, lon: FloatArray) -> BoolArray:
        """Tell which points lie in a settlement: where streets are dense; none do without a map."""
        found = np.zeros(len(lat), bool)
        if self._street_squares is None:
            return found
        west, south, metres = self._street_squares
        usable = np.isfinite(lat) & np.isfinite(lon)
        x, y = self._metric(lat[usable], lon[usable])
        column, row = ((x - west) // SQUARE_M).astype(int), ((y - south) // SQUARE_M).astype(int)
        height, width = metres.shape
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        settled = np.zeros(len(x), bool)
        settled[inside] = metres[row[inside], column[inside]] >= SETTLED_M
        found[usable] = settled
        return found

    def _metric(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Project points; those that the plane cannot hold lie out of every reach."""
        x, y = self.area.to_metric(np.clip(lat, -89, 89), np.clip(lon, -180, 180))
        far = ~(np.isfinite(x) & np.isfinite(y)) | (np.abs(lat) > 89)
        return np.where(far, 1e9, x), np.where(far, 1e9, y)

    @cached_property
    def _gazetteer(self) -> Gazetteer | None:
        if self.extract is None:
            return None
        return build_gazetteer(self.extract, self.area, read_renames(self.renames))

    @cached_property
    def _street_samples(self) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Points along every street, in metres, and the straight piece that each lies on."""
        if self.extract is None:
            return np.empty((0, 2)), np.empty(0, np.int64)
        nodes = self.extract.nodes
        x, y = self.area.to_metric(nodes["lat"], nodes["lon"])
        way = self.extract.way_nodes["way_id"].to_numpy()
        at = nodes["node_id"].searchsorted(self.extract.way_nodes["node_id"])
        corners = np.column_stack([x, y])[at]
        first = np.flatnonzero(way[:-1] == way[1:])
        pieces = np.stack([corners[first], corners[first + 1]], axis=1)
        lines = shapely.segmentize(shapely.linestrings(pieces), SAMPLE_M)
        samples, piece = shapely.get_coordinates(lines, return_index=True)
        return samples, piece

    @cached_property
    def _street_tree(self) -> cKDTree | None:
        samples, _ = self._street_samples
        return cKDTree(samples) if len(samples) else None

    @cached_property
    def _street_squares(self) -> tuple[float, float, FloatArray] | None:
        """Corner of the grid of squares, and the metres of street round each."""
        samples, piece = self._street_samples
        first = np.flatnonzero(piece[:-1] == piece[1:])
        if not len(first):
            return None
        step_m = np.hypot(*(samples[first + 1] - samples[first]).T)
        west, south = samples.min(axis=0) - 3 * SQUARE_M
        column, row = ((samples[first] - [west, south]) // SQUARE_M).astype(int).T
        metres = np.zeros((row.max() + 4, column.max() + 4))
        np.add.at(metres, (row, column), step_m)
        around = uniform_filter(metres, size=5, mode="constant") * 25
        return float(west), float(south), around
