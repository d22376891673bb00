"""What is kept of an OpenStreetMap extract, and its form on the way and at rest."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry import Polygon

TEXT_TAGS = {
    "highway": "highway",
    "name": "name",
    "name_kk": "name:kk",
    "name_ru": "name:ru",
    "lit": "lit",
    "sidewalk": "sidewalk",
    "surface": "surface",
    "foot": "foot",
    "access": "access",
    "service": "service",
    "bridge": "bridge",
    "tunnel": "tunnel",
    "layer": "layer",
    "motorroad": "motorroad",
}
"""Columns of the ways, each with the OSM key that it holds as written."""
OTHER_NAMES = {
    "old_name": ("old_name", "old_name:kk", "old_name:ru"),
    "alt_name": ("alt_name", "alt_name:kk", "alt_name:ru", "official_name", "name:en", "int_name"),
}
"""Columns of the ways with further names, each with the OSM keys whose values it joins by ``;``."""
WAY_COLUMNS = (*TEXT_TAGS, *OTHER_NAMES)


@dataclass(frozen=True)
class OsmExtract:
    """The parts of an extract that the town needs, as plain frames sorted by their id.

    Coordinates are WGS84 degrees, geometries WKB in (longitude, latitude) order, and a tag that
    an object does not bear is missing (never an empty text).

    Attributes
    ----------
    nodes
        ``node_id, lat, lon`` of the nodes that the ways refer to.
    ways
        Every ``highway=*`` way: ``way_id`` and `WAY_COLUMNS`; extracts kept before the columns of
        `OTHER_NAMES` were read lack those.
    way_nodes
        ``way_id, node_id``: the nodes of each way in way order; neighbours are joined.
    points
        ``kind`` (school, street_lamp, police, place, address), ``osm_id`` ("n1", "w1", "r1"),
        names, ``place`` (its type), ``ref``, ``housenumber``, ``street`` (or the quarter, where
        houses are numbered by quarter), ``lat, lon``; ways and relations stand at their centroid.
    areas
        ``kind`` (water, green, building, school: its grounds; extracts kept before these were
        read lack them), ``osm_id``, names, ``building`` (the tag's value),
        ``flats``, ``levels`` (missing where untagged), ``lat, lon`` (centroid), ``geometry``.
    rails, waterways
        ``kind`` (the tag's value), ``osm_id``, names, ``geometry`` (lines).
    facts
        ``ways_read, highways, nodes_read`` (nodes of highways found), ``dangling_references``,
        ``coord_out_of_range``, ``short_ways``, ``duplicate_ways`` (dropped and counted),
        ``osm_date`` (ISO date or None) and ``sha256`` of the file.
    """

    nodes: pd.DataFrame
    ways: pd.DataFrame
    way_nodes: pd.DataFrame
    points: pd.DataFrame
    areas: pd.DataFrame
    rails: pd.DataFrame
    waterways: pd.DataFrame
    facts: dict[str, Any]


def extract_to_arrow(extract: OsmExtract) -> dict[str, pa.Table]:
    """Turn an extract into Arrow tables by frame name; the facts travel as one JSON text."""
    tables = {
        field.name: pa.Table.from_pandas(getattr(extract, field.name), preserve_index=False)
        for field in fields(extract)
        if field.name != "facts"
    }
    facts = json.dumps(extract.facts, sort_keys=True)
    return {**tables, "facts": pa.table({"json": [facts]})}


def extract_from_arrow(tables: dict[str, pa.Table]) -> OsmExtract:
    """Rebuild the extract that `extract_to_arrow` took apart."""
    frames = {name: table.to_pandas() for name, table in tables.items() if name != "facts"}
    return OsmExtract(**frames, facts=json.loads(tables["facts"].column("json")[0].as_py()))


def extract_hull(extract: OsmExtract) -> Polygon:
    """Return the convex hull of the streets' nodes, in (longitude, latitude)."""
    return shapely.convex_hull(shapely.MultiPoint(extract.nodes[["lon", "lat"]].to_numpy(float)))  # type: ignore[return-value]
