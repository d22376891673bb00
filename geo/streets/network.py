"""The walking network: nodes and edges as arrays, and the same as an OSMnx graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo import columns as c
from geo.errors import FrameError, NoDataError
from geo.schema import WAYS, Column, check_frame
from geo.study_area import StudyArea

if TYPE_CHECKING:
    import networkx as nx

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

OPEN_TO_WALKERS = (
    *("primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link"),
    *("unclassified", "residential", "living_street", "service", "road", "unsurfaced", "track"),
    *("pedestrian", "footway", "path", "steps", "crossing"),
)
OPEN_WHERE_SIGNED = (
    *("motorway", "motorway_link", "trunk", "trunk_link"),
    *("cycleway", "bridleway", "busway"),
)
FOOT_ALLOWED = ("yes", "designated", "permissive", "destination", "official")
FOOT_FORBIDDEN = ("no", "private", "use_sidepath")
WITH_SIDEWALK = ("both", "left", "right", "yes")


@dataclass(frozen=True)
class StreetNetwork:
    """Walkable streets: every pair of neighbouring nodes of a way is one two-way edge.

    Attributes
    ----------
    node_id, lat, lon, x, y
        The N nodes that an edge touches, sorted by id; degrees, and metres of the study area.
    ways
        The ways that an edge belongs to (contract ``geo.schema.WAYS``), RangeIndex.
    edge_u, edge_v
        Positions of an edge's ends in the node arrays, in way order. No two edges join the same
        nodes, and none joins a node to itself.
    edge_way
        Position of the edge's way in ``ways``.
    edge_length_m
        Straight length in the metric plane.
    component
        Number of each node's connected part, 0 for the one with most nodes.
    """

    node_id: IntArray
    lat: FloatArray
    lon: FloatArray
    x: FloatArray
    y: FloatArray
    ways: pd.DataFrame
    edge_u: IntArray
    edge_v: IntArray
    edge_way: IntArray
    edge_length_m: FloatArray
    component: IntArray


def walkable(ways: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell for each way whether people may walk along it, judged by its OSM tags.

    * ``highway`` must be a street, path or service class, steps included. Motorways, trunk roads
      (and any ``motorroad=yes``), cycleways, bridleways and busways count only where
      ``foot`` allows walking or the way has a ``sidewalk`` of its own. Every other class is out:
      construction, proposed, raceway, platform, corridor, rest area and what is not known.
    * ``foot=no|private|use_sidepath`` is out.
    * ``access=no|private`` is out unless ``foot`` allows walking.

    Columns ``foot``, ``access`` and ``motorroad`` may be absent; a missing tag forbids nothing.
    """
    foot, access = _tag(ways, "foot"), _tag(ways, "access")
    highway = ways[c.HIGHWAY]
    allowed = foot.isin(FOOT_ALLOWED)
    signed = allowed | ways[c.SIDEWALK].isin(WITH_SIDEWALK)
    needs_sign = highway.isin(OPEN_WHERE_SIGNED) | _tag(ways, "motorroad").eq("yes")
    known = highway.isin(OPEN_TO_WALKERS + OPEN_WHERE_SIGNED)
    closed = foot.isin(FOOT_FORBIDDEN) | (access.isin({"no", "private"}) & ~allowed)
    return (known & (signed | ~needs_sign) & ~closed).to_numpy(bool)


def build_network(
    nodes: pd.DataFrame, ways: pd.DataFrame, way_nodes: pd.DataFrame, area: StudyArea
) -> StreetNetwork:
    """Join the walkable ways of an extract into one network.

    An edge is kept when one of its ends lies in the study area. Nodes at the very same place
    that an edge joins are one node; where two ways join the same nodes, the named one stays.

    Parameters
    ----------
    nodes
        ``node_id, lat, lon``.
    ways
        Contract ``geo.schema.WAYS``, with ``foot``, ``access`` and ``motorroad`` where known.
    way_nodes
        ``way_id, node_id`` in way order.
    area
        The study area.

    Raises
    ------
    FrameError
        A frame does not keep its contract, or a way refers to a node that is not there.
    NoDataError
        ``no_highway``: no walkable street lies in the study area.
    """
    check_frame(ways, WAYS, name="ways")
    check_frame(nodes, NODES, name="nodes")
    nodes = nodes.sort_values("node_id", ignore_index=True)
    walked = ways[walkable(ways)].sort_values("way_id", ignore_index=True)

    u, v, way = _neighbours(nodes, walked, way_nodes)
    u, v = _join_coinciding(nodes, u, v)
    kept = _distinct_edges(u, v, way, walked[c.NAME].isna().to_numpy(bool))
    inside = area.contains(nodes[c.LAT], nodes[c.LON])
    kept = kept[inside[u[kept]] | inside[v[kept]]]
    if not len(kept):
        raise NoDataError(
            f"No walkable street of the map lies in the study area {area.name!r}; bring an extract "
            "that covers it.",
            code="no_highway",
        )

    used, ends = np.unique(np.concatenate([u[kept], v[kept]]), return_inverse=True)
    edge_u, edge_v = np.split(ends, 2)
    used_ways, edge_way = np.unique(way[kept], return_inverse=True)
    lat, lon = nodes[c.LAT].to_numpy(float)[used], nodes[c.LON].to_numpy(float)[used]
    x, y = area.to_metric(lat, lon)
    return StreetNetwork(
        node_id=nodes["node_id"].to_numpy(np.int64)[used],
        lat=lat,
        lon=lon,
        x=x,
        y=y,
        ways=walked.iloc[used_ways].reset_index(drop=True),
        edge_u=edge_u,
        edge_v=edge_v,
        edge_way=edge_way,
        edge_length_m=np.hypot(x[edge_u] - x[edge_v], y[edge_u] - y[edge_v]),
        component=_components(edge_u, edge_v, len(used)),
    )


def network_components(network: StreetNetwork) -> pd.DataFrame:
    """Count ``nodes`` and sum ``length_m`` of each connected ``component``, largest first."""
    nodes = np.bincount(network.component)
    length_m = np.bincount(
        network.component[network.edge_u], weights=network.edge_length_m, minlength=len(nodes)
    )
    return pd.DataFrame({"component": np.arange(len(nodes)), "nodes": nodes, c.LENGTH_M: length_m})


def network_to_graph(network: StreetNetwork) -> nx.MultiDiGraph:
    """Turn the network into the graph that OSMnx works on, both directions of every edge.

    Nodes are OSM ids with ``x`` (longitude) and ``y`` (latitude); edges bear ``osmid`` (of the
    way), ``length`` in metres, ``oneway``, ``reversed`` and the way's tags. Coordinates are
    degrees; ``osmnx.projection.project_graph`` gives metres, as ``nearest_nodes`` likes it.

    Example
    -------
    ``osmnx.routing.shortest_path(network_to_graph(network), 101, 205, weight="length")``
    """
    from osmnx.convert import graph_from_gdfs  # noqa: PLC0415 -- two seconds, for notebooks only

    nodes = gpd.GeoDataFrame(
        {"x": network.lon, "y": network.lat}, index=pd.Index(network.node_id, name="osmid")
    )
    tags = [c.HIGHWAY, c.NAME, c.NAME_KK, c.NAME_RU, c.LIT, c.SIDEWALK, c.SURFACE]
    forth = network.ways[["way_id", *tags]].iloc[network.edge_way].reset_index(drop=True)
    forth = forth.rename(columns={"way_id": "osmid"})
    forth["length"], forth["oneway"] = network.edge_length_m, False
    start, end = network.node_id[network.edge_u], network.node_id[network.edge_v]
    edges = pd.concat([forth.assign(reversed=False), forth.assign(reversed=True)])
    edges.index = pd.MultiIndex.from_arrays(
        [np.concatenate([start, end]), np.concatenate([end, start]), np.zeros(len(edges), int)],
        names=["u", "v", "key"],
    )
    attributes = {"crs": "epsg:4326", "simplified": False}
    return graph_from_gdfs(nodes, gpd.GeoDataFrame(edges), graph_attrs=attributes)


# -------------------------------------------------------------------------------------------

NODES = {
    "node_id": Column("int"),
    c.LAT: Column("float", low=-90, high=90),
    c.LON: Column("float", low=-180, high=180),
}


def _tag(ways: pd.DataFrame, key: str) -> pd.Series:
    return ways[key] if key in ways else pd.Series(None, index=ways.index, dtype="str")


def _neighbours(
    nodes: pd.DataFrame, ways: pd.DataFrame, way_nodes: pd.DataFrame
) -> tuple[IntArray, IntArray, IntArray]:
    """Return positions of both nodes and of the way for every pair of neighbours in a way."""
    way = pd.Index(ways["way_id"]).get_indexer(way_nodes["way_id"])
    walked = np.flatnonzero(way >= 0)
    walked = walked[np.argsort(way[walked], kind="stable")]
    way = way[walked]
    node = pd.Index(nodes["node_id"]).get_indexer(way_nodes["node_id"].iloc[walked])
    if (node < 0).any():
        raise FrameError(f"way_nodes: {(node < 0).sum()} rows refer to a node that is not there.")
    joined = way[1:] == way[:-1]
    return node[:-1][joined], node[1:][joined], way[1:][joined]


def _join_coinciding(nodes: pd.DataFrame, u: IntArray, v: IntArray) -> tuple[IntArray, IntArray]:
    """Let the first of several joined nodes at one place stand for all of them."""
    place = nodes[[c.LAT, c.LON]].to_numpy(float)
    same = np.flatnonzero((place[u] == place[v]).all(axis=1) & (u != v))
    if not len(same):
        return u, v
    links = coo_array((np.ones(len(same)), (u[same], v[same])), shape=(len(nodes),) * 2)
    group = connected_components(links, directed=False)[1]
    first = np.unique(group, return_index=True)[1]
    return first[group[u]], first[group[v]]


def _distinct_edges(
    u: IntArray, v: IntArray, way: IntArray, unnamed_way: npt.NDArray[np.bool_]
) -> IntArray:
    """Return one edge for each pair of nodes, of a named way if there is one, in way order."""
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((way, unnamed_way[way], high, low))
    order = order[low[order] != high[order]]
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    return np.sort(order[new])


def _components(u: IntArray, v: IntArray, count: int) -> IntArray:
    links = coo_array((np.ones(len(u)), (u, v)), shape=(count, count))
    label = connected_components(links, directed=False)[1]
    rank = np.empty(label.max() + 1, np.int64)
    rank[np.argsort(-np.bincount(label), kind="stable")] = np.arange(len(rank))
    return rank[label]
