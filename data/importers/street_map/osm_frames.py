"""From collected OSM elements to frames: references resolved, shapes built, losses counted."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely

from data.importers.street_map.osm_elements import (
    Chains,
    Elements,
    Relation,
    Row,
    Source,
    resolve_references,
)
from data.importers.street_map.osm_extract import WAY_COLUMNS, OsmExtract

NAMES = ["name", "name_kk", "name_ru"]
POINT_COLUMNS = ["kind", "osm_id", *NAMES, "place", "ref", "housenumber", "street"]
AREA_COLUMNS = ["kind", "osm_id", *NAMES, "building", "flats", "levels"]
IntArray = npt.NDArray[np.int64]


class Located(NamedTuple):
    """Distinct node ids, ascending, with their places as `resolve_references` gives them."""

    ids: IntArray
    lat: npt.NDArray[np.float64]
    lon: npt.NDArray[np.float64]


class Streets(NamedTuple):
    """The street frames of `OsmExtract`, and what was counted on the way."""

    nodes: pd.DataFrame
    ways: pd.DataFrame
    way_nodes: pd.DataFrame
    facts: dict[str, Any]


def build_extract(
    elements: Elements, places: osmium.index.LocationTable, source: Source
) -> OsmExtract:
    """Build every frame of the extract; ``sha256`` is left to the reader of the file."""
    chains = (elements.highways, elements.lines, elements.outlines)
    refs = np.concatenate([np.frombuffer(chain.refs, np.int64) for chain in chains])
    located = Located(*resolve_references(refs, places, source))
    nodes, ways, way_nodes, facts = _streets(elements.highways, located)
    lines = _lines(elements.lines, located)
    points, areas = _points_and_areas(elements, located)
    newest = elements.newest
    facts["ways_read"] = elements.ways_read
    facts["coord_out_of_range"] += elements.bad_points
    facts["osm_date"] = newest.date().isoformat() if newest and newest.year > 1970 else None
    return OsmExtract(
        nodes=nodes,
        ways=ways,
        way_nodes=way_nodes,
        points=points,
        areas=areas,
        rails=_of_layer(lines, "rails"),
        waterways=_of_layer(lines, "waterways"),
        facts=facts,
    )


def build_streets(highways: Chains, places: osmium.index.LocationTable, source: Source) -> Streets:
    """Build the street frames alone."""
    refs = np.frombuffer(highways.refs, np.int64)
    return _streets(highways, Located(*resolve_references(refs, places, source)))


# -------------------------------------------------------------------------------------------


def _streets(chains: Chains, located: Located) -> Streets:
    """Build ways, way nodes and nodes without the references that lead nowhere.

    A way id that comes twice is kept once (its first appearance); a way left with fewer than two
    nodes is dropped. Both are counted in the facts.
    """
    ways = _text_frame([row[1:] for row in chains.rows], list(WAY_COLUMNS))
    ways.insert(0, "way_id", np.array([row[0] for row in chains.rows], np.int64))
    counts = np.frombuffer(chains.counts, np.int64)
    refs = np.frombuffer(chains.refs, np.int64)
    row = np.repeat(np.arange(len(ways)), counts)
    position = np.searchsorted(located.ids, refs)
    repeated = ways["way_id"].duplicated().to_numpy(bool)
    lat = located.lat[position]

    usable = np.isfinite(lat) & ~repeated[row]
    short = (np.bincount(row[usable], minlength=len(ways)) < 2) & ~repeated
    usable &= ~short[row]

    used = np.unique(position[usable])
    nodes = pd.DataFrame(
        {"node_id": located.ids[used], "lat": located.lat[used], "lon": located.lon[used]}
    )
    way_nodes = pd.DataFrame(
        {"way_id": ways["way_id"].to_numpy()[row[usable]], "node_id": refs[usable]}
    ).sort_values("way_id", kind="stable", ignore_index=True)
    facts = {
        "highways": int((~repeated).sum()),
        "nodes_read": len(nodes),
        "dangling_references": int(np.isnan(lat).sum()),
        "coord_out_of_range": len(np.unique(refs[np.isinf(lat)])),
        "short_ways": int(short.sum()),
        "duplicate_ways": int(repeated.sum()),
    }
    kept = ways[~repeated & ~short].sort_values("way_id", ignore_index=True)
    return Streets(nodes, kept, way_nodes, facts)


def _chain_lines(chains: Chains, located: Located) -> tuple[np.ndarray, IntArray]:
    """Return the line of each way that keeps two known nodes, and which ways those are."""
    counts = np.frombuffer(chains.counts, np.int64)
    position = np.searchsorted(located.ids, np.frombuffer(chains.refs, np.int64))
    row = np.repeat(np.arange(len(counts)), counts)
    usable = np.isfinite(located.lat[position])
    usable &= (np.bincount(row[usable], minlength=len(counts)) >= 2)[row]
    kept, index = np.unique(row[usable], return_inverse=True)
    corners = np.column_stack([located.lon[position[usable]], located.lat[position[usable]]])
    return np.asarray(shapely.linestrings(corners, indices=index), object), kept


def _lines(chains: Chains, located: Located) -> pd.DataFrame:
    lines, kept = _chain_lines(chains, located)
    frame = _text_frame(chains.rows, ["layer", "kind", "osm_id", *NAMES]).iloc[kept]
    return frame.assign(geometry=np.asarray(shapely.to_wkb(lines), object))


def _of_layer(lines: pd.DataFrame, layer: str) -> pd.DataFrame:
    return _by_id(lines[lines["layer"] == layer].drop(columns="layer"))


def _points_and_areas(elements: Elements, located: Located) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every point its place and every area its polygon; unclosed areas are left out."""
    lines, kept = _chain_lines(elements.outlines, located)
    shapes = _closed_to_polygons(lines)
    rows = [elements.outlines.rows[position][1:] for position in kept]
    ids = [elements.outlines.rows[position][0] for position in kept]
    by_way = dict(zip(ids, lines, strict=True))
    for relation in elements.relations:
        rows.append((relation.point, relation.area))
        shapes = np.append(shapes, _multipolygon(relation, by_way))

    filled = ~shapely.is_empty(shapes)
    middles = shapely.centroid(shapes)
    has_point = np.array([point is not None for point, _ in rows], bool) & filled
    has_area = np.array([area is not None for _, area in rows], bool) & filled
    has_area &= shapely.get_dimensions(shapes) == 2

    points = _text_frame(
        [row[:-2] for row in elements.points] + [rows[i][0] for i in np.flatnonzero(has_point)],
        POINT_COLUMNS,
    )
    middle = middles[has_point]
    points["lat"] = [row[-2] for row in elements.points] + shapely.get_y(middle).tolist()
    points["lon"] = [row[-1] for row in elements.points] + shapely.get_x(middle).tolist()

    areas = _text_frame([rows[i][1] for i in np.flatnonzero(has_area)], AREA_COLUMNS)
    for column in ("flats", "levels"):
        areas[column] = pd.to_numeric(areas[column], errors="coerce").astype(float)
    areas["lat"] = shapely.get_y(middles[has_area])
    areas["lon"] = shapely.get_x(middles[has_area])
    areas["geometry"] = np.asarray(shapely.to_wkb(shapes[has_area]), object)
    return _by_id(points.astype({"lat": float, "lon": float})), _by_id(areas)


def _closed_to_polygons(lines: np.ndarray) -> np.ndarray:
    """Turn closed lines that make a valid polygon into it and leave the others lines."""
    closed = np.flatnonzero(shapely.is_closed(lines) & (shapely.get_num_coordinates(lines) >= 4))
    corners, ring = shapely.get_coordinates(lines[closed], return_index=True)
    polygons = np.asarray(shapely.polygons(shapely.linearrings(corners, indices=ring)), object)
    valid = shapely.is_valid(polygons)
    shapes = lines.copy()
    shapes[closed[valid]] = polygons[valid]
    return shapes


def _multipolygon(relation: Relation, by_way: dict[int, Any]) -> Any:
    """Join the member ways that are known into rings, the inner ones cut out."""

    def filled(ways: list[int]) -> Any:
        lines = [by_way[way] for way in ways if way in by_way]
        return shapely.union_all(shapely.get_parts(shapely.polygonize(lines)))

    return shapely.difference(filled(relation.outer), filled(relation.inner))


def _text_frame(rows: list[Row], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame.from_records(rows, columns=columns).astype("str")


def _by_id(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["kind", "osm_id"], ignore_index=True)
