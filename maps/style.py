"""The tile layers described for other programs: TileJSON and a MapLibre style, as QGIS reads them.

Colours, classes and zooms are those of the page, so that a layer opened in QGIS looks the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo import columns as c
from geo.columns import of_window
from geo.parameters import WINDOWS
from maps.asset_layers import CAMERA_ZOOMS, LIGHT_ZOOMS
from maps.layers import LAYERS, ROLE_LAYERS, SECTIONS_FROM_ZOOM
from maps.palette import DAY, PAINTED_CLASSES, Palette
from maps.patrol_layers import DOSES, GAPS, PAINTED_GAP, PATROL_ZOOMS

ATTRIBUTION = "© OpenStreetMap contributors"

LAYER_ZOOMS = {
    "cells": (7, 15),
    "sections": (13, 15),
    "routes": (12, 15),
    "lighting": LIGHT_ZOOMS,
    "cameras": CAMERA_ZOOMS,
    "patrols": PATROL_ZOOMS,
    "schools": (11, 15),
    "basemap": (8, 15),
}
"""First and last zoom with tiles."""

_NAMES = {c.NAME: "String", c.NAME_KK: "String", c.NAME_RU: "String"}
_PLACE_FIELDS = {
    "id": "String",
    **dict.fromkeys((c.HAZARD_SCORE, c.COUNT_SCORE, c.BURDEN_SCORE, c.HAZARD_CLASS), "Number"),
    c.CONFIDENCE: "String",
    **{of_window(c.HAZARD_SCORE, window): "Number" for window in WINDOWS},
    **{of_window(c.HAZARD_CLASS, window): "Number" for window in WINDOWS},
    **{of_window(c.CONFIDENCE, window): "String" for window in WINDOWS},
}

_ASSET_FIELDS = dict.fromkeys(("id", "asset", "state", "number", "since"), "String")

VECTOR_FIELDS: dict[str, dict[str, dict[str, str]]] = {
    "cells": {"cells": _PLACE_FIELDS},
    "sections": {"sections": _PLACE_FIELDS},
    "routes": {"routes": {"id": "String", c.PUPILS: "Number", "schools": "String"}},
    "lighting": {
        "lighting": {
            **_ASSET_FIELDS,
            c.LIGHT: "String",
            **{of_window(c.DARK_MINUTES, window): "Number" for window in WINDOWS},
        }
    },
    "cameras": {"cameras": {**_ASSET_FIELDS, "connected": "Boolean", "view": "String"}},
    "patrols": {
        "patrols": {"id": "String", **dict.fromkeys((*GAPS, *DOSES, c.LAST_VISIT_DAYS), "Number")}
    },
    "schools": {"schools": {"id": "String", **_NAMES}},
    "basemap": {
        "water": _NAMES,
        "waterways": {"kind": "String", **_NAMES},
        "green": _NAMES,
        "buildings": {},
        "rails": {"kind": "String", **_NAMES},
        "roads": {"kind": "String", **_NAMES},
        "places": {"kind": "String", **_NAMES},
    },
}
"""Fields by the layer's name inside the tile, for every address."""


def tile_document(layer: str, url: str, *, bounds: Sequence[float], run_id: str) -> dict[str, Any]:
    """Describe one tile layer as TileJSON 3.0.0.

    Parameters
    ----------
    layer
        A name of `LAYER_ZOOMS`; one without tiles of its own is described as empty.
    url
        Absolute address pattern with ``{z}``, ``{x}`` and ``{y}``.
    bounds
        West, south, east, north in degrees.
    run_id
        The run whose tiles these are.
    """
    first, last = LAYER_ZOOMS.get(layer, (7, 15))
    return {
        "tilejson": "3.0.0",
        "name": f"Safe Region · {layer}",
        "version": "1.0.0",
        "description": f"Run {run_id}",
        "attribution": ATTRIBUTION,
        "scheme": "xyz",
        "tiles": [url],
        "minzoom": first,
        "maxzoom": last,
        "bounds": list(bounds),
        "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, 13],
        "vector_layers": [
            {"id": name, "fields": fields, "minzoom": first, "maxzoom": last}
            for name, fields in VECTOR_FIELDS.get(layer, {}).items()
        ],
    }


def style_document(
    base_url: str, *, role: str, card: Mapping[str, Any], palette: Palette = DAY
) -> dict[str, Any]:
    """Describe how a role's layers are drawn, as a MapLibre style of version 8.

    Parameters
    ----------
    base_url
        Absolute address of the service without a slash at its end.
    role
        Whose layers are named and whose tiles are asked for.
    card
        The run's ``run_id`` and ``bounds`` (west, south, east, north).
    palette
        Colours of the day or of the night.
    """
    bounds = list(card["bounds"])
    offered = [name for name in LAYERS if name in ROLE_LAYERS[role] or name == "basemap"]
    sources = {name: _source(name, base_url, role, card) for name in offered}
    hazard = [*_hazard(palette), *_patrols(palette), *_assets(palette)]
    drawn = [*_ground(palette), *_roads(palette), *hazard, *_points(palette)]
    return {
        "version": 8,
        "name": "Safe Region",
        "center": [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2],
        "zoom": 13,
        "sources": sources,
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": palette.ground}},
            *(layer for layer in drawn if layer["source"] in sources),
        ],
    }


# -------------------------------------------------------------------------------------------


def _source(name: str, base_url: str, role: str, card: Mapping[str, Any]) -> dict[str, Any]:
    first, last = LAYER_ZOOMS[name]
    path = f"tiles/{card['run_id']}/{name}/{{z}}/{{x}}/{{y}}.mvt"
    return {
        "type": "vector",
        "tiles": [f"{base_url}/{path}?role={role}"],
        "minzoom": first,
        "maxzoom": last,
        "bounds": list(card["bounds"]),
        "attribution": ATTRIBUTION,
    }


def _layer(name: str, kind: str, paint: dict[str, Any]) -> dict[str, Any]:
    """Draw the layer ``name`` of the tiles, or ``name`` inside the street map's tiles."""
    source = name if name in LAYER_ZOOMS else "basemap"
    return {"id": name, "type": kind, "source": source, "source-layer": name, "paint": paint}


def _by_class(palette: Palette) -> list[Any]:
    steps: list[Any] = ["match", ["get", c.HAZARD_CLASS]]
    for hazard_class, colour in zip(PAINTED_CLASSES, palette.classes, strict=True):
        steps += [hazard_class, colour]
    return [*steps, palette.ground]


def _hazard(palette: Palette) -> list[dict[str, Any]]:
    colour = _by_class(palette)
    painted = {"filter": [">=", ["get", c.HAZARD_CLASS], PAINTED_CLASSES[0]]}
    width = ["interpolate", ["linear"], ["get", c.HAZARD_CLASS], 2, 2.5, 5, 6]
    fill = _layer("cells", "fill", {"fill-color": colour, "fill-opacity": 0.7})
    outline = _layer("cells", "line", {"line-color": colour, "line-opacity": 0.5})
    sections = _layer("sections", "line", {"line-color": colour, "line-width": width})
    near = {"minzoom": SECTIONS_FROM_ZOOM}
    return [
        fill | painted | {"maxzoom": SECTIONS_FROM_ZOOM},
        outline | painted | near | {"id": "cell outlines"},
        _layer("routes", "line", {"line-color": palette.route, "line-width": 2}),
        sections | painted | near,
    ]


def _ground(palette: Palette) -> list[dict[str, Any]]:
    fills = (("green", palette.green), ("water", palette.water), ("buildings", palette.building))
    river = {"line-color": palette.water, "line-width": 2}
    return [
        *(_layer(name, "fill", {"fill-color": colour}) for name, colour in fills),
        _layer("waterways", "line", river),
    ]


def _roads(palette: Palette) -> list[dict[str, Any]]:
    width = ["match", ["get", "kind"], "motorway", 4, "major", 3, "minor", 1.6, 0.8]
    return [
        _layer("rails", "line", {"line-color": palette.rail, "line-width": 1}),
        _layer("roads", "line", {"line-color": palette.road_casing, "line-width": width}),
    ]


def _assets(palette: Palette) -> list[dict[str, Any]]:
    """Draw the light of streets and what cameras may see, below the points that they belong to."""
    colour = ["match", ["get", c.LIGHT], "lit", palette.street_lit, "unlit", palette.street_unlit,
              "partly", palette.street_unlit, palette.lamp_unknown]  # fmt: skip
    width = ["match", ["get", c.LIGHT], "unlit", 3, "partly", 2, 1]
    streets = _layer("lighting", "line", {"line-color": colour, "line-width": width})
    view = {
        "fill-color": palette.camera,
        "fill-opacity": ["match", ["get", "view"], "sector", 0.3, 0.1],
    }
    views = _layer("cameras", "fill", view)
    return [
        streets | {"id": "street light", "filter": ["==", ["get", "asset"], "street"]},
        views | {"id": "camera views", "filter": ["==", ["get", "asset"], "view"]},
    ]


def _patrols(palette: Palette) -> list[dict[str, Any]]:
    """Draw the patrol gap of the day as outlines, so that the hazard shows through."""
    gap = ["get", c.GAP]
    width = ["interpolate", ["linear"], gap, PAINTED_GAP, 0.8, 5, 2.6]
    line = _layer("patrols", "line", {"line-color": palette.patrol, "line-width": width})
    return [line | {"filter": [">=", gap, PAINTED_GAP]}]


def _points(palette: Palette) -> list[dict[str, Any]]:
    colours = {
        "lighting": palette.lamp_working, "cameras": palette.camera, "schools": palette.school,
    }  # fmt: skip
    only_points = {"filter": ["==", ["geometry-type"], "Point"]}
    return [
        _layer(name, "circle", {"circle-color": colour, "circle-radius": 4}) | only_points
        for name, colour in colours.items()
    ]
