"""Carry a cell's hazard to its street sections, and incidents to the street they stand on.

A part is a section inside a cell. A cell's hazard is shared over its parts mostly by where
incidents lie along the network (`kernel_mass`), the rest by length, so that nothing is lost or
made up on the way from cells to sections.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import columns as c
from geo.cells import CellGrid
from geo.parameters import HazardParameters
from geo.streets.network import StreetNetwork
from geo.streets.network_kernel import kernel_mass
from geo.streets.sections import Sections
from geo.streets.snapping import EdgePlaces, snap_to_edges

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_SAMPLE_M = 2.0
_HALVINGS = 11  # 2 m / 2**11: borders are found to a millimetre


def section_parts(sections: Sections, network: StreetNetwork, grid: CellGrid) -> pd.DataFrame:
    """Cut every section at the borders of the cells.

    Streets are sampled every two metres at most and each border between two samples is found to
    a millimetre; a corner that a street cuts for less than two metres may be counted to the
    cell beside it. Street outside the grid has no part. A section that leaves a cell and comes
    back has one part there.

    Returns
    -------
    DataFrame
        section, cell (positions), length_m, offset_m (metres from the section's start to the
        part's middle), sorted by cell and section. Lengths of a section's parts add up to its
        length inside the grid.
    """
    pieces = _pieces(network, grid)
    edge, cell = pieces["edge"].to_numpy(), pieces["cell"].to_numpy()
    length = (pieces["to"] - pieces["from"]).to_numpy() * network.edge_length_m[edge]
    middle = edge_offset(sections, network, edge, (pieces["to"] + pieces["from"]).to_numpy() / 2)

    count = max(len(sections.frame), 1)
    key, part = np.unique(cell * count + sections.edge_section[edge], return_inverse=True)
    total = np.bincount(part, length, len(key)).astype(float)
    return pd.DataFrame(
        {
            "section": key % count,
            "cell": key // count,
            c.LENGTH_M: total,
            "offset_m": np.bincount(part, length * middle, len(key)) / total,
        }
    )


def snap_to_sections(
    lat: npt.ArrayLike,
    lon: npt.ArrayLike,
    sections: Sections,
    network: StreetNetwork,
    reach_m: float,
) -> pd.DataFrame:
    """Find the section nearest to each point within ``reach_m`` metres.

    Returns
    -------
    DataFrame
        One row a point: section (position, −1 where none is in reach), offset_m (metres from
        the section's start, NaN where none), distance_m (metres to the section, NaN where none).
    """
    places = snap_to_edges(lat, lon, network, reach_m)
    return pd.DataFrame(
        {
            "section": np.where(places.edge < 0, -1, sections.edge_section[places.edge]),
            "offset_m": place_offset(sections, network, places),
            "distance_m": places.distance_m,
        }
    )


def crosswalk_weights(
    parts: pd.DataFrame,
    sections: Sections,
    network: StreetNetwork,
    incidents: pd.DataFrame,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the share of its cell's hazard that each part carries; a cell's shares sum to 1.

    W = 0.9 · k / Σk + 0.1 · l / Σl, with k the incidents' mass on the part along the network
    and l its length. Where no incident is near a cell by street, length alone decides.

    Parameters
    ----------
    parts
        As `section_parts` returns them.
    incidents
        Columns lat and lon; only those whose exact place may be used (none that is sensitive).
        Their order does not matter. Those farther than 100 m from any street are left out.
    """
    spots = snap_to_sections(
        incidents[c.LAT], incidents[c.LON], sections, network, parameters.incident_snap_m
    )
    mass = kernel_mass(parts, sections, spots[spots["section"] >= 0], parameters)
    cell = parts["cell"].to_numpy()
    by_length = _share_in_cell(cell, parts[c.LENGTH_M].to_numpy())
    by_mass = _share_in_cell(cell, mass)

    weight = parameters.crosswalk_kernel_share
    mixed = weight * by_mass + (1 - weight) * by_length
    return np.where(np.isnan(by_mass), by_length, mixed)


def edge_offset(
    sections: Sections, network: StreetNetwork, edge: IntArray, share: FloatArray
) -> FloatArray:
    """Return metres from the section's start to a place ``share`` along an edge."""
    along = np.where(sections.edge_reversed[edge], 1 - share, share)
    return sections.edge_start_m[edge] + along * network.edge_length_m[edge]


def place_offset(sections: Sections, network: StreetNetwork, places: EdgePlaces) -> FloatArray:
    """Return metres from the section's start to each snapped point; NaN where it has no edge."""
    offset = np.full(len(places.edge), np.nan)
    found = places.edge >= 0
    offset[found] = edge_offset(sections, network, places.edge[found], places.share[found])
    return offset


# -------------------------------------------------------------------------------------------


def _pieces(network: StreetNetwork, grid: CellGrid) -> pd.DataFrame:
    """Return the stretches of edges (from, to as shares of the edge) and the cell of each."""
    steps = np.maximum(np.ceil(network.edge_length_m / _SAMPLE_M).astype(np.int64), 1)
    steps[network.edge_length_m <= 0] = 0
    edge = np.repeat(np.arange(len(steps)), steps)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    start, end = number / steps[edge], (number + 1) / steps[edge]

    cell_start = _cells_at(network, grid, edge, start)
    cell_end = np.append(cell_start[1:], -1)
    last = np.flatnonzero(number == steps[edge] - 1)
    cell_end[last] = _cells_at(network, grid, edge[last], end[last])

    crossed = np.flatnonzero(cell_start != cell_end)
    spans = np.column_stack([start[crossed], end[crossed]])
    border = _borders(network, grid, edge[crossed], spans, cell_start[crossed])
    inner_end = end.copy()
    inner_end[crossed] = border
    pieces = pd.DataFrame(
        {
            "edge": np.concatenate([edge, edge[crossed]]),
            "from": np.concatenate([start, border]),
            "to": np.concatenate([inner_end, end[crossed]]),
            "cell": np.concatenate([cell_start, cell_end[crossed]]),
        }
    )
    return pieces[(pieces["cell"] >= 0) & (pieces["to"] > pieces["from"])]


def _cells_at(
    network: StreetNetwork, grid: CellGrid, edge: IntArray, share: FloatArray
) -> IntArray:
    u, v = network.edge_u[edge], network.edge_v[edge]
    lat = network.lat[u] + share * (network.lat[v] - network.lat[u])
    lon = network.lon[u] + share * (network.lon[v] - network.lon[u])
    return np.asarray(grid.locate(lat, lon), np.int64)


def _borders(
    network: StreetNetwork, grid: CellGrid, edge: IntArray, spans: FloatArray, cell: IntArray
) -> FloatArray:
    """Halve each span of an edge until the point is known where the street leaves ``cell``."""
    low, high = spans.T
    for _ in range(_HALVINGS if len(edge) else 0):
        middle = (low + high) / 2
        inside = _cells_at(network, grid, edge, middle) == cell
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return (low + high) / 2


def _share_in_cell(cell: IntArray, amount: FloatArray) -> FloatArray:
    """Return each amount's share of its cell's sum; NaN where that sum is 0."""
    if not len(cell):
        return np.zeros(0)
    total = np.bincount(cell, amount)[cell]
    return np.divide(amount, total, out=np.full(len(amount), np.nan), where=total > 0)
