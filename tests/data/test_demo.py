"""The synthetic town keeps its promises: bytes, people, schools, official fields, planted truth."""

import ast
import csv
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

import data.demo
from data.demo.buildings import PERSONS_OF_A_FLAT, PERSONS_OF_A_HOUSE
from data.demo.names import STREET_WORDS, in_russian
from data.demo.plan import DRAWN
from data.demo.town import DemoFiles, generate_on_extract, generate_town
from data.importers.cameras import read_cameras_file
from data.importers.homes import read_homes_file
from data.importers.kpssu import read_kpssu_file
from data.importers.lighting import read_lighting_file
from data.importers.patrols import read_patrols_file
from data.importers.places.known_places import KnownPlaces
from data.importers.schools import read_schools_file
from data.importers.street_map.osm import parse_osm_file
from data.importers.tabular import ReadOptions
from geo.study_area import build_study_area
from tests.shared_data import shared_path

METRES = 111_195.0
SHRINK = float(np.cos(np.radians(51.23)))
THEFTS = {"1870", "1880"}
READERS = {
    "kpssu": read_kpssu_file,
    "lighting": read_lighting_file,
    "cameras": read_cameras_file,
    "patrols": read_patrols_file,
    "schools": read_schools_file,
    "homes": read_homes_file,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> DemoFiles:
    return generate_town(tmp_path_factory.mktemp("town"), 1)


@pytest.fixture(scope="module")
def truth(files):
    return json.loads(files.truth.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def features(files):
    pages = [json.loads(path.read_text(encoding="utf-8")) for path in files.incidents]
    return [feature for page in pages for feature in page["features"]]


@pytest.fixture(scope="module")
def streets(files):
    """Ways of the map: tags and the (lon, lat) of their nodes."""
    places, ways = {}, []
    for item in osmium.FileProcessor(str(files.osm)):
        if item.is_node():
            places[item.id] = (item.location.lon, item.location.lat)
        elif item.is_way():
            ways.append((dict(item.tags), [places[node.ref] for node in item.nodes]))
    return ways


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def flat(coordinates) -> np.ndarray:
    """Degrees to metres around the town, worked out apart from the generator."""
    return (np.asarray(coordinates, float) - [51.37, 51.23]) * [METRES * SHRINK, METRES]


def line_of(geometry):
    parts = geometry["coordinates"]
    parts = parts if geometry["type"] == "MultiLineString" else [parts]
    return shapely.MultiLineString([flat(part) for part in parts])


def points_of(features):
    return shapely.points(flat([[f["geometry"]["x"], f["geometry"]["y"]] for f in features]))


def on_line(features, geometry, reach_m=8.0):
    near = shapely.distance(points_of(features), line_of(geometry)) <= reach_m
    return [feature["attributes"] for feature, here in zip(features, near, strict=True) if here]


def wall_time(attributes) -> datetime:
    """Epoch milliseconds of local wall time, read as they stand."""
    return datetime.fromtimestamp(attributes["DAT_SOVER"] / 1000, UTC).replace(tzinfo=None)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_same_seed_gives_the_same_bytes_and_another_seed_others(files, tmp_path):
    again, other = tmp_path / "again", tmp_path / "other"
    again.mkdir()
    other.mkdir()
    generate_town(again, 1)
    generate_town(other, 2)
    first = digests(files.truth.parent)
    assert digests(again) == first
    differing = {name for name, digest in digests(other).items() if first.get(name) != digest}
    assert differing >= {
        "town.osm.pbf", "incidents-0001.json", "lamps.csv", "patrols.csv", "truth.json",
    }  # fmt: skip


def test_about_forty_thousand_people_live_there(streets, files):
    houses = sum(tags.get("building") == "house" for tags, _ in streets)
    flats = sum(int(tags.get("building:flats", 0)) for tags, _ in streets)
    people = houses * PERSONS_OF_A_HOUSE + flats * PERSONS_OF_A_FLAT
    assert 36_000 <= people <= 44_000
    towns = [
        dict(item.tags)
        for item in osmium.FileProcessor(str(files.osm), osmium.osm.NODE)
        if item.tags.get("place") == "town"
    ]
    assert [int(town["population"]) for town in towns] == [round(people)]
    assert towns[0]["name:kk"] != towns[0]["name:ru"] != towns[0]["name:en"]


def test_eighteen_schools_work_in_two_shifts(files, streets):
    schools = rows_of(files.schools)
    assert len(schools) == 18
    assert all(school["shift_times"].count(";") == 1 for school in schools)
    assert all(300 <= int(school["pupils"]) <= 720 for school in schools)
    mapped = [flat(xy) for tags, xy in streets if tags.get("amenity") == "school"]
    assert len(mapped) == 18
    gates = shapely.points(flat([[float(s["lon"]), float(s["lat"])] for s in schools]))
    yards = shapely.MultiLineString(mapped)
    assert shapely.distance(gates, yards).max() < 0.1


def test_a_third_to_a_half_of_the_streets_have_names_in_both_languages(streets):
    walked = [tags for tags, _ in streets if "highway" in tags]
    named = [tags for tags in walked if "name" in tags]
    assert 1 / 3 <= len(named) / len(walked) <= 1 / 2
    assert all(tags["name:kk"] == tags["name"] != tags["name:ru"] for tags in named)
    assert {tags["highway"] for tags in walked} >= {
        "primary", "secondary", "tertiary", "residential", "service", "footway", "path",
    }  # fmt: skip
    lit = {tags.get("lit") for tags in walked}
    assert lit == {"yes", "no", None}
    assert sum(tags.get("bridge") == "yes" for tags in walked) >= 4


def test_street_words_are_not_used_twice():
    assert len(set(STREET_WORDS)) == len(STREET_WORDS)
    assert not {line.word for line in DRAWN} & set(STREET_WORDS) - {""}
    assert in_russian("Мөлдірсу") == "Молдирсу"


def test_every_file_says_that_it_is_synthetic(files, streets, truth):
    registers = (files.lamps, files.cameras, files.patrols, files.route_sheet, files.schools)
    for path in registers:
        assert {row["source"] for row in rows_of(path)} == {"synthetic"}
    for path in files.incidents:
        assert json.loads(path.read_text(encoding="utf-8"))["source"] == "synthetic"
    assert truth["source"] == "synthetic"
    assert all(tags["note"] == "synthetic" for tags, _ in streets)
    assert files.region.synthetic


def test_records_have_the_fields_of_the_official_layer(features):
    sample = json.loads(shared_path("kpssu/sample_record_masked.json").read_text(encoding="utf-8"))
    wanted = set(sample["attributes"]) | {"discontinued", "globalid"}
    assert all(set(feature["attributes"]) == wanted for feature in features)
    rows = [feature["attributes"] for feature in features]
    assert all(len(row["UD"]) == 15 and row["UD"].isdigit() for row in rows)
    assert len({row["UD"] for row in rows}) == len({row["globalid"] for row in rows}) == len(rows)
    assert all(len(row["TZ1ID"]) == 25 and row["TZ1ID"].isdigit() for row in rows)
    assert {row["REG_CODE"] for row in rows} == {"192799"}


def test_pages_are_those_of_the_service_and_in_degrees(files):
    pages = [json.loads(path.read_text(encoding="utf-8")) for path in files.incidents]
    assert [len(page["features"]) for page in pages[:-1]] == [2000] * (len(pages) - 1)
    more = [page["exceededTransferLimit"] for page in pages]
    assert more == [True] * (len(pages) - 1) + [False]
    assert all(page["spatialReference"]["wkid"] == 4326 for page in pages)


def test_times_are_wall_time_and_some_rows_know_only_the_day(features):
    rows = [feature["attributes"] for feature in features]
    day_only = [row for row in rows if len(row["DAT_SOVER_STR"]) == 10]
    for row in rows:
        form = "%d.%m.%Y" if len(row["DAT_SOVER_STR"]) == 10 else "%d.%m.%Y %H:%M"
        assert wall_time(row).strftime(form) == row["DAT_SOVER_STR"]
        assert row["DAT_VOZB"] > row["DAT_SOVER"]
    assert 0.015 < len(day_only) / len(rows) < 0.05
    assert 0.015 < sum(row["discontinued"] for row in rows) / len(rows) < 0.05
    assert all(row["TIME_PERIOD"] is None for row in day_only)
    days = {wall_time(row).date().isoformat() for row in rows}
    assert min(days) == "2023-10-01"
    assert max(days) == "2026-09-30"


def test_there_are_some_1200_to_2000_records_a_year_of_every_kind(features):
    assert 3 * 1200 <= len(features) <= 3 * 2000
    codes = {feature["attributes"]["CRIME_CODE"] for feature in features}
    assert codes >= {"0990", "1870", "1880", "1910", "2930", "2960", "1240"}
    places = [feature["attributes"]["FE1R32P1"] for feature in features]
    assert 0.05 < sum(place in {"Дом", "Квартира"} for place in places) / len(places) < 0.15


def test_truth_lies_on_streets_of_the_map(truth, streets):
    edges = set()
    for tags, xy in streets:
        if "highway" in tags:
            edges |= {frozenset(pair) for pair in pairwise(xy)}
    geometries = [hot["geometry"] for hot in truth["hot_sections"]]
    geometries += [truth[key]["geometry"] for key in ("dark_corridor", "lamp_measure", "market")]
    assert len(truth["hot_sections"]) == 6
    for geometry in geometries:
        parts = geometry["coordinates"]
        for part in parts if geometry["type"] == "MultiLineString" else [parts]:
            nodes = [tuple(place) for place in part]
            assert {frozenset(pair) for pair in pairwise(nodes)} <= edges


def test_hot_stretches_hold_many_times_the_towns_mean(truth, features, streets):
    town_m = sum(shapely.LineString(flat(xy)).length for tags, xy in streets if "highway" in tags)
    mean = len(features) / town_m
    for hot in [*truth["hot_sections"], truth["dark_corridor"]]:
        found = on_line(features, hot["geometry"])
        assert len(found) >= 0.95 * 3 * hot["incidents_a_year"]
        assert len(found) / line_of(hot["geometry"]).length > 8 * mean


def test_corridor_is_dark_and_dangerous_at_school_hours(truth, features, files):
    corridor = truth["dark_corridor"]
    rows = on_line(features, corridor["geometry"])
    hours = np.array([wall_time(row).hour for row in rows if " " in row["DAT_SOVER_STR"]])
    assert np.isin(hours, (7, 8, 18, 19)).mean() > 0.6
    months = {wall_time(row).month for row in rows}
    assert not months & {7}
    assert sum(row["CRIME_CODE"] in {"1060", "1070", "1080", "1910"} for row in rows) > 20

    lamps = rows_of(files.lamps)
    places = shapely.points(flat([[float(lamp["lon"]), float(lamp["lat"])] for lamp in lamps]))
    inner = line_of(corridor["geometry"]).buffer(9, cap_style="flat")
    states = [lamp["working"] for lamp, p in zip(lamps, places, strict=True) if inner.contains(p)]
    assert states.count("no") >= 0.6 * len(states) > 0
    gate = next(s for s in rows_of(files.schools) if s["school_id"] == corridor["school_id"])
    spot = shapely.Point(flat([[float(gate["lon"]), float(gate["lat"])]])[0])
    assert spot.distance(line_of(corridor["geometry"])) < 120


def test_lamp_measure_halves_the_counts_within_the_sampling_error(truth, features, files):
    measure = truth["lamp_measure"]
    lit_on = datetime.fromisoformat(measure["commissioned_at"])
    times = [wall_time(row) for row in on_line(features, measure["geometry"])]
    before = sum(time < lit_on for time in times)
    after = len(times) - before
    # 517 days before, 579 after: equal rates would give 1.12 times as many afterwards.
    days_before = (lit_on - datetime(2023, 10, 1)).days
    assert (days_before, 1096 - days_before) == (517, 579)
    ratio = (after / 579) / (before / 517)
    error = np.sqrt(1 / before + 1 / after)
    assert abs(np.log(ratio / measure["rate_ratio"])) < 2.5 * error
    assert np.log(ratio) < -2 * error

    lamps = rows_of(files.lamps)
    line = line_of(measure["geometry"])
    near = [
        lamp
        for lamp in lamps
        if line.distance(shapely.Point(flat([[float(lamp["lon"]), float(lamp["lat"])]])[0])) < 5.6
    ]
    assert sum(lamp["commissioned_at"] == measure["commissioned_at"] for lamp in near) > 40


def test_market_has_the_most_thefts(truth, features):
    thefts = [f for f in features if f["attributes"]["CRIME_CODE"] in THEFTS]
    xy = flat([[f["geometry"]["x"], f["geometry"]["y"]] for f in thefts])
    squares, counts = np.unique(np.floor(xy / 250), axis=0, return_counts=True)
    middle = line_of(truth["market"]["geometry"]).centroid
    inside = line_of(truth["market"]["geometry"]).envelope.buffer(5)
    at_market = int(inside.contains(shapely.points(xy)).sum())
    assert at_market > 2 * max(
        count
        for square, count in zip(squares, counts, strict=True)
        if np.hypot(*(square * 250 + 125 - [middle.x, middle.y])) > 400
    )


def test_patrols_and_cameras_are_plausible(files):
    visits = rows_of(files.patrols)
    # Two a day for 1 096 days somewhere, and six a day for 395 days at each of three stops.
    assert len(visits) == 2 * 1096 + 6 * 395 * 3
    assert {visit["arrived_at"][:7] for visit in visits} >= {"2023-10", "2025-09", "2026-09"}
    assert all(5 <= int(visit["minutes"]) <= 19 for visit in visits)
    states = [camera["working"] for camera in rows_of(files.cameras)]
    assert len(states) == 64 + 2 * 8
    assert 8 < states.count("no") < 28


def test_what_changed_on_one_day_is_in_the_registers_and_apart_from_all_else(files, truth):
    changes, day = truth["dated_changes"], "2025-09-01"
    assert changes["from"] == day
    lamps, cameras, visits = (rows_of(path) for path in (files.lamps, files.cameras, files.patrols))
    lit = [lamp for lamp in lamps if lamp["commissioned_at"] == day]
    dark = [lamp for lamp in lamps if lamp["broken_from"] == day]
    assert {lamp["working"] for lamp in lit} == {"yes"}
    assert {lamp["working"] for lamp in dark} == {"no"}
    for kind, found in (("lit", lit), ("gone_dark", dark)):
        ways = line_of(changes["light"][kind])
        spots = shapely.points(flat([[float(one["lon"]), float(one["lat"])] for one in found]))
        assert shapely.distance(spots, ways).max() < 6
        assert len(found) > ways.length / 40
        assert 0.03 * 163_000 - 1500 <= ways.length <= 0.03 * 163_000 + 1500

    watched = [camera for camera in cameras if camera["connected"] == "yes"]
    assert [camera["working"] for camera in watched] == ["yes"] * 8 + ["no"] * 8
    assert {c["broken_to"] if c["working"] == "yes" else c["broken_from"] for c in watched} == {day}

    stops = flat(changes["patrol"]["stops"]["coordinates"])
    places = flat([[float(visit["lon"]), float(visit["lat"])] for visit in visits])
    assert len(stops) == 3
    for stop in stops:
        near = np.hypot(*(places - stop).T) < 22
        days = [visit["arrived_at"][:10] for visit, here in zip(visits, near, strict=True) if here]
        assert min(days) == day
        assert len(days) == 6 * 395

    planted = [truth[key] for key in ("dark_corridor", "lamp_measure", "market", "raided")]
    for one in (*truth["hot_sections"], *planted):
        for stop in stops:
            assert line_of(one["geometry"]).distance(shapely.Point(stop)) >= 250


def test_route_sheet_is_found_on_the_map_with_its_lines_and_weekdays(files):
    area = build_study_area("town", files.region.boundary, time_zone=files.region.time_zone)
    places = KnownPlaces(area, parse_osm_file(files.osm))
    imported = read_patrols_file(files.route_sheet, ReadOptions(), places)
    frame = imported.frame.sort_values("source_row")
    assert imported.report.rows_read == imported.report.accepted == len(frame) == 9
    assert not imported.report.warnings
    assert [kind == "post" for kind in frame["kind"]] == [line is None for line in frame["line"]]
    assert set(frame["weekdays"]) == {"12345", "67", "56", "123456", "1234567", None}
    assert (frame["ends_at"] < frame["starts_at"]).sum() >= 3  # past midnight
    for stop, line in zip(
        flat(frame[["lon", "lat"]]), (line for line in frame["line"]), strict=True
    ):
        if line is not None:
            route = shapely.LineString(flat(shapely.get_coordinates(line)))
            assert 300 <= route.length <= 1500
            assert route.distance(shapely.Point(stop)) <= 60


def test_importers_take_every_row(files):
    area = build_study_area("town", files.region.boundary, time_zone=files.region.time_zone)
    options = ReadOptions(id_key=b"0" * 32)
    for noun, paths in files.by_noun().items():
        for path in paths:
            report = READERS[noun](path, options, KnownPlaces(area)).report
            assert report.accepted == report.rows_read > 0, (path.name, report.reasons)
    extract = parse_osm_file(files.osm)
    assert extract.facts["dangling_references"] == extract.facts["short_ways"] == 0
    hull = shapely.convex_hull(shapely.MultiPoint(extract.nodes[["lon", "lat"]].to_numpy()))
    assert hull.area / files.region.boundary.area > 0.95


@pytest.mark.shared
def test_layers_on_a_real_extract_are_repeatable_and_on_its_streets(tmp_path):
    path = shared_path("portland_osm/portland-central-filtered.osm.pbf")
    extract = parse_osm_file(path)
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    made = [generate_on_extract(folder, 3, extract) for folder in folders]
    assert digests(folders[0]) == digests(folders[1])
    files = made[0]
    assert files.osm is None
    assert files.region.time_zone is None
    assert len(rows_of(files.schools)) == 12
    assert len(rows_of(files.homes)) > 1000

    nodes = shapely.MultiPoint(extract.nodes[["lon", "lat"]].to_numpy())
    truth = json.loads(files.truth.read_text(encoding="utf-8"))
    for hot in truth["hot_sections"]:
        corners = shapely.MultiPoint(hot["geometry"]["coordinates"])
        assert corners.hausdorff_distance(shapely.intersection(nodes, corners.buffer(1e-6))) < 1e-6
    area = build_study_area("town", files.region.boundary, time_zone="America/Los_Angeles")
    options = ReadOptions(id_key=b"0" * 32)
    for noun in ("kpssu", "schools", "homes"):
        report = READERS[noun](files.by_noun()[noun][0], options, KnownPlaces(area)).report
        assert report.accepted == report.rows_read > 0, (noun, report.reasons)


@pytest.mark.full
@pytest.mark.shared
def test_schools_of_an_extract_are_registered_under_their_own_id(tmp_path):
    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    files = generate_on_extract(tmp_path, 1, extract)
    known = set(extract.points.loc[extract.points["kind"] == "school", "osm_id"])
    assert {school["school_id"] for school in rows_of(files.schools)} == known
    assert files.region.name == "Алматы"


def test_generator_imports_nothing_of_the_model():
    folder = Path(data.demo.__file__).parent
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "geo"], path.name
    loaded = "import sys, data.demo.town; print([m for m in sys.modules if m.startswith('geo.')])"
    result = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
