"""Fetch a place by its name through OSMnx: boundary from Nominatim, map from Overpass.

What Overpass answers is written to a file of the common format and read like any other extract,
so a download is checked and confined no less than a file from outside.
"""

from __future__ import annotations

import json
import math
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import osmium
import osmnx
from osmium.osm import mutable
from osmnx._errors import InsufficientResponseError
from shapely.geometry import MultiPolygon, Polygon

from geo.errors import NotFoundError, SafeRegionError

WANTED_TAGS: dict[str, bool | str | list[str]] = {
    "highway": True,
    "building": True,
    "place": True,
    "railway": True,
    "waterway": True,
    "natural": True,
    "landuse": True,
    "leisure": True,
    "addr:housenumber": True,
    "amenity": ["school", "police"],
}


@dataclass(frozen=True)
class PlaceServices:
    """Where the two services answer (OSMnx's own addresses unless named) and how long to wait.

    ``find_seconds`` holds for the search of the name, ``map_seconds`` for the map itself.
    """

    nominatim_url: str | None = None
    overpass_url: str | None = None
    find_seconds: float = 15
    map_seconds: float = 180


@dataclass(frozen=True)
class Place:
    """A place with its full name and its boundary (longitude, latitude)."""

    name: str
    boundary: Polygon | MultiPolygon


def find_place(text: str, services: PlaceServices | None = None) -> Place:
    """Ask Nominatim for a place that has a boundary.

    Raises
    ------
    NotFoundError
        ``place_unknown``: no such place, or it is known as a point only.
    SafeRegionError
        ``place_unreachable``: no internet, or the service does not answer properly.
    """
    services = services or PlaceServices()
    with tempfile.TemporaryDirectory() as cache, _settings(services, Path(cache)):
        osmnx.settings.requests_timeout = services.find_seconds
        try:
            found = osmnx.geocode_to_gdf(text)
        except (TypeError, InsufficientResponseError) as error:
            raise NotFoundError(
                f"No place {text!r} with a boundary is known; name it with its country, or give "
                "a boundary file.",
                code="place_unknown",
            ) from error
        except (OSError, ValueError, KeyError) as error:
            raise _unreachable(text) from error
    return Place(str(found["display_name"].iloc[0]), found.geometry.iloc[0])


def download_place(place: Place, path: Path, services: PlaceServices | None = None) -> None:
    """Ask Overpass for the map inside a place's boundary and save it as one ``.osm.pbf`` file.

    A boundary of several parts is asked for by its convex hull. The file appears whole or not
    at all.

    Raises
    ------
    SafeRegionError
        ``place_unreachable``: no internet, or the answer is not whole.
    """
    services = services or PlaceServices()
    area = place.boundary
    if isinstance(area, MultiPolygon):
        area = cast("Polygon", area.convex_hull)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        cache = Path(folder) / "cache"
        try:
            with _settings(services, cache):
                osmnx.settings.requests_timeout = services.map_seconds
                osmnx.features_from_polygon(area, WANTED_TAGS)
        except InterruptedError:
            answers = sorted(cache.glob("*.json"))
        except (OSError, ValueError) as error:
            raise _unreachable(place.name) from error
        if len(answers) != 1:  # OSMnx keeps no answer that the service called incomplete
            raise _unreachable(place.name)
        written = Path(folder) / "place.osm.pbf"
        try:
            _write_extract(json.loads(answers[0].read_text(encoding="utf-8")), written)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise _unreachable(place.name) from error
        written.replace(path)


# -------------------------------------------------------------------------------------------


@contextmanager
def _settings(services: PlaceServices, cache: Path) -> Iterator[None]:
    """Point OSMnx to the services for a while; it and the resolver that it bends are restored.

    Raw answers are had by OSMnx's own way of filling its cache without building a graph. One
    query for the whole place, so that one answer is the whole of it.
    """
    chosen: dict[str, Any] = {
        "cache_folder": cache,
        "cache_only_mode": True,
        "use_cache": True,
        "max_query_area_size": math.inf,
        "doh_url_template": None,  # without internet it would wait minutes for a public resolver
        "requests_timeout": osmnx.settings.requests_timeout,
        "nominatim_url": services.nominatim_url or osmnx.settings.nominatim_url,
        "overpass_url": services.overpass_url or osmnx.settings.overpass_url,
    }
    before = {name: getattr(osmnx.settings, name) for name in chosen}
    resolver = socket.getaddrinfo
    try:
        for name, value in chosen.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        socket.getaddrinfo = resolver
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _unreachable(place: str) -> SafeRegionError:
    return SafeRegionError(
        f"The map services did not answer for {place!r}; without internet bring an extract as a "
        "file (.osm.pbf or .osm) in place of the name.",
        code="place_unreachable",
    )


def _write_extract(answer: dict[str, Any], path: Path) -> None:
    """Write Overpass elements in the order that readers of the format expect."""
    header = osmium.io.Header()
    stamp = answer.get("osm3s", {}).get("timestamp_osm_base")
    if stamp:
        header.set("osmosis_replication_timestamp", str(stamp))
    elements = {(item["type"], int(item["id"])): item for item in answer["elements"]}
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for kind in ("node", "way", "relation"):
            for key in sorted(key for key in elements if key[0] == kind):
                _add(writer, elements[key])


def _add(writer: osmium.SimpleWriter, item: dict[str, Any]) -> None:
    number = int(item["id"])
    tags = {str(key): str(value) for key, value in item.get("tags", {}).items()}
    if item["type"] == "node":
        place = (float(item["lon"]), float(item["lat"]))
        writer.add_node(mutable.Node(id=number, tags=tags, location=place))
    elif item["type"] == "way":
        refs = [int(ref) for ref in item["nodes"]]
        writer.add_way(mutable.Way(id=number, tags=tags, nodes=refs))
    else:
        members = [
            (str(member["type"])[0], int(member["ref"]), str(member.get("role", "")))
            for member in item.get("members", [])
        ]
        writer.add_relation(mutable.Relation(id=number, tags=tags, members=members))
