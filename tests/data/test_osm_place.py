"""A place is fetched by name through OSMnx; both services are stood in for on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import osmium
import osmnx
import pandas as pd
import pytest
import shapely

from data.importers.street_map import osm_place
from data.importers.street_map.osm import parse_osm_file
from data.importers.street_map.osm_place import Place, PlaceServices, download_place, find_place
from geo.errors import NotFoundError, SafeRegionError
from tests.shared_data import shared_path

SQUARE = shapely.box(51.3, 51.2, 51.4, 51.3)
TOWN = [
    {"type": "way", "id": 7, "nodes": [2, 1], "tags": {"highway": "primary", "name": "Абай"}},
    {"type": "node", "id": 2, "lat": 51.21, "lon": 51.31},
    {"type": "node", "id": 1, "lat": 51.20, "lon": 51.30, "tags": {"amenity": "school"}},
    {"type": "node", "id": 1, "lat": 51.20, "lon": 51.30, "tags": {"amenity": "school"}},
]
STATUS = "Connected as: 1\nCurrent time: now\nAnnounced endpoint: none\nRate limit: 2\n2 slots\n"


@dataclass
class Stub:
    """Both services: what they answer, and what they were asked."""

    geometry: Any = SQUARE
    answer: Any = field(default_factory=lambda: overpass(TOWN))
    status: int = 200
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def services(self) -> PlaceServices:
        return PlaceServices(self.url, f"{self.url}/api", find_seconds=5, map_seconds=5)

    def search(self) -> list[dict]:
        if self.geometry is None:
            return []
        west, south, east, north = self.geometry.bounds
        return [
            {
                "place_id": 1,
                "importance": 0.5,
                "display_name": "Алматы, Қазақстан",
                "boundingbox": [str(south), str(north), str(west), str(east)],
                "geojson": shapely.geometry.mapping(self.geometry),
                "lat": str(south),
                "lon": str(west),
            }
        ]


def overpass(elements: list[dict], **more: Any) -> dict:
    base = {"osm3s": {"timestamp_osm_base": "2025-06-07T08:09:10Z"}, "elements": elements}
    return base | more


@pytest.fixture
def stub(monkeypatch) -> Iterator[Stub]:
    # OSMnx pauses a second before each request, which a machine's own stub does not need.
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    stand_in = Stub()

    class Handler(BaseHTTPRequestHandler):
        def reply(self, body: Any) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(stand_in.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            stand_in.asked.append(self.path)
            is_status = urlsplit(self.path).path == "/api/status"
            self.reply(STATUS if is_status else stand_in.search())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            stand_in.asked.append(parse_qs(body)["data"][0])
            self.reply(stand_in.answer)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield stand_in
    server.shutdown()
    server.server_close()


def elements_of(path: Path) -> list[dict]:
    """Turn an extract into what Overpass would answer; absent nodes stay absent."""
    found: list[dict] = []
    for item in osmium.FileProcessor(str(path)):
        element = {"id": item.id, "tags": dict(item.tags)}
        if item.is_node():
            place = {"lat": item.location.lat, "lon": item.location.lon}
            found.append({"type": "node", **element, **place})
        elif item.is_way():
            found.append({"type": "way", **element, "nodes": [node.ref for node in item.nodes]})
        elif item.is_relation():
            kinds = {"n": "node", "w": "way", "r": "relation"}
            members = [
                {"type": kinds[member.type], "ref": member.ref, "role": member.role}
                for member in item.members
            ]
            found.append({"type": "relation", **element, "members": members})
    return found


def test_place_is_found_with_its_name_and_boundary(stub):
    place = find_place("Алматы", stub.services)

    assert place.name == "Алматы, Қазақстан"
    assert place.boundary.equals(SQUARE)
    assert parse_qs(urlsplit(stub.asked[0]).query)["q"] == ["Алматы"]


def test_map_of_a_place_is_saved_and_read_like_any_extract(stub, tmp_path):
    path = tmp_path / "oral.osm.pbf"

    download_place(Place("Oral", SQUARE), path, stub.services)

    extract = parse_osm_file(path)
    assert extract.ways["name"].tolist() == ["Абай"]
    assert extract.way_nodes["node_id"].tolist() == [2, 1]
    assert extract.points["osm_id"].tolist() == ["n1"]
    assert extract.facts["osm_date"] == "2025-06-07"
    assert [entry.name for entry in tmp_path.iterdir()] == ["oral.osm.pbf"]
    query = stub.asked[-1]
    assert "51.200000 51.400000" in query  # latitude before longitude
    assert "'highway'" in query


def test_boundary_of_several_parts_is_asked_for_at_once(stub, tmp_path):
    islands = shapely.MultiPolygon([SQUARE, shapely.box(51.6, 51.2, 51.7, 51.3)])

    download_place(Place("Oral", islands), tmp_path / "a.osm.pbf", stub.services)

    assert len([query for query in stub.asked if "out:json" in query]) == 1


def test_settings_and_resolver_of_osmnx_are_restored(stub, tmp_path):
    names = [name for name in dir(osmnx.settings) if not name.startswith("_")]
    before = {name: getattr(osmnx.settings, name) for name in names}
    resolver = socket.getaddrinfo

    find_place("Алматы", stub.services)
    download_place(Place("Oral", SQUARE), tmp_path / "a.osm.pbf", stub.services)
    stub.geometry = None
    with pytest.raises(SafeRegionError):
        find_place("Алматы 2", stub.services)

    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolver


@pytest.mark.parametrize("geometry", [None, shapely.Point(51.3, 51.2)])
def test_place_without_boundary_is_not_known(stub, geometry):
    stub.geometry = geometry

    with pytest.raises(NotFoundError, match="'Жоққала'") as caught:
        find_place("Жоққала", stub.services)
    assert caught.value.code == "place_unknown"


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_without_internet_a_file_is_asked_for(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    with pytest.raises(SafeRegionError, match="bring an extract as a file") as caught:
        find_place("Алматы", PlaceServices(closed_port(), find_seconds=2))
    assert caught.value.code == "place_unreachable"
    assert caught.value.exit_code == 1


def test_unreachable_map_service_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    services = PlaceServices(overpass_url=closed_port(), map_seconds=2)

    with pytest.raises(SafeRegionError) as caught:
        download_place(Place("Oral", SQUARE), tmp_path / "a.osm.pbf", services)
    assert caught.value.code == "place_unreachable"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "answer",
    [
        "<html>busy</html>",
        overpass(TOWN, remark="runtime error: Query timed out"),
        {"message": "no elements"},
        overpass([{"type": "node", "id": 1, "lat": "north", "lon": 51.3}]),
        overpass([{"type": "way", "id": 1}]),
        [],
    ],
    ids=["html", "incomplete", "no elements", "bad coordinate", "way without nodes", "list"],
)
def test_answer_that_is_not_whole_is_refused_and_an_older_file_kept(stub, tmp_path, answer):
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(b"older")
    stub.answer = answer

    with pytest.raises(SafeRegionError) as caught:
        download_place(Place("Oral", SQUARE), path, stub.services)
    assert caught.value.code == "place_unreachable"
    assert path.read_bytes() == b"older"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.shared
def test_middle_of_almaty_by_name_has_the_streets_of_its_file(stub, tmp_path):
    source, path = shared_path("almaty/almaty.osm.pbf"), tmp_path / "almaty.osm.pbf"
    stub.geometry = shapely.box(76.94, 43.24, 76.96, 43.26)
    nodes, ways = set(), []
    every = elements_of(source)
    for item in every:
        if item["type"] == "node" and shapely.contains_xy(stub.geometry, item["lon"], item["lat"]):
            nodes.add(item["id"])
        elif item["type"] == "way" and nodes.intersection(item["nodes"]):
            ways.append(item)
    met = nodes.union(*(item["nodes"] for item in ways))
    near = [item for item in every if item["type"] == "node" and item["id"] in met]
    stub.answer = overpass(near + ways)

    download_place(find_place("Алматы", stub.services), path, stub.services)

    expected, found = parse_osm_file(source), parse_osm_file(path)
    inside = expected.ways["way_id"].isin([item["id"] for item in ways])
    pd.testing.assert_frame_equal(found.ways, expected.ways[inside].reset_index(drop=True))
    assert len(found.ways) > 80


@pytest.mark.full
@pytest.mark.shared
def test_almaty_by_name_equals_almaty_from_its_file(stub, tmp_path):
    source, path = shared_path("almaty/almaty.osm.pbf"), tmp_path / "almaty.osm.pbf"
    stub.answer = overpass(elements_of(source))
    stub.geometry = shapely.box(76.575, 43.057, 77.223, 43.549)

    download_place(find_place("Алматы", stub.services), path, stub.services)

    expected, found = parse_osm_file(source), parse_osm_file(path)
    for name in ("nodes", "ways", "way_nodes", "points", "areas", "rails", "waterways"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))
    assert found.facts["dangling_references"] == 652


def test_every_kind_of_object_that_the_reader_keeps_is_asked_for():
    asked = set(osm_place.WANTED_TAGS)

    assert {"highway", "building", "place", "railway", "amenity", "addr:housenumber"} <= asked
    assert {"natural", "waterway", "landuse", "leisure"} <= asked
