"""Follow one number from its row in a file to the property of a decoded tile.

The town is one H3 cell with two streets that meet at a corner: A, 40 m, and B, 130 m. One theft
was recorded in the middle of A, without an hour and so counted at noon, 59.5 days before the
map's day; the file covers 600 days.

    cell     one cell, so every kernel component and the base are 1 there and the rate is the level
    level    λ = 2^(−59.5/60) / E,  E = (1 − 2^(−600/60)) · 60 / ln 2 = 86.47717 days
             λ = 0.5028965 / 86.47717 = 0.00581537 incidents a day
    hazard   no article is known, so one incident counts 1:  H = 30.4375 · λ = 0.1770052 a month
    sections along the street A's middle is 0 m and B's middle 20 + 65 = 85 m from the incident:
             k_A = 40 · 1 = 40,  k_B = 130 · exp(−85² / (2 · 200²)) = 118.7739
             W_A = 0.9 · 40 / (40 + 118.7739) + 0.1 · 40 / 170 = 0.2502669
             H_A = 0.1770052 · 0.2502669 = 0.0442985,  H_B = 0.1327067
    score    per metre A: 0.00110746, B: 0.00102082, so B's 130 of 170 m are less
             hazardous than A:  100 · 130 / 170 = 76.47 → class 2
"""

import json
import sqlite3

import h3
import mapbox_vector_tile
import mercantile
import pytest

from geo.study_area import build_study_area
from tests.demo_town import run_inside

AS_OF = "2026-10-01"
LAMBDA = 0.00581537
HAZARD = 0.1770052
WEIGHT_A = 0.2502669
SCORE_A = 76.47


def corner_town():
    """Return the corner's coordinates (lat, lon): end of A, corner, end of B, middle of A."""
    cell = h3.latlng_to_cell(51.23, 51.37, 10)
    lat, lon = h3.cell_to_latlng(cell)
    import shapely

    area = build_study_area("corner", shapely.Point(lon, lat).buffer(0.01), time_zone="Asia/Oral")
    (x,), (y,) = area.to_metric(lat, lon)
    x, y = x - 55, y - 10
    xs, ys = [x, x, x + 130, x], [y + 40, y, y, y + 20]
    lats, lons = area.to_degrees(xs, ys)
    return cell, list(zip(lats, lons, strict=True))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corner")
    _, (end_a, corner, end_b, middle) = corner_town()
    nodes = "".join(
        f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}"/>'
        for number, (lat, lon) in enumerate((end_a, corner, end_b), start=1)
    )
    ways = "".join(
        f'<way id="{way}"><nd ref="{one}"/><nd ref="{two}"/>'
        f'<tag k="highway" v="residential"/><tag k="name" v="{name}"/></way>'
        for way, one, two, name in ((10, 1, 2, "Абай көшесі"), (11, 2, 3, "Достық даңғылы"))
    )
    (folder / "corner.osm").write_text(
        f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8"
    )
    (folder / "one.csv").write_text(
        f"id,occurred_at,offence_group,place_type,discovery,lat,lon\n"
        f"7,2026-08-02,theft_robbery,street,reported,{middle[0]:.7f},{middle[1]:.7f}\n",
        encoding="utf-8",
    )
    town = folder / "town"
    ring = [[round(lon, 7), round(lat, 7)] for lat, lon in (end_a, corner, end_b, end_a)]
    (folder / "corner.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    run_inside("init", "--name", "Corner", "--boundary", folder / "corner.geojson", directory=town)
    run_inside("import", "osm", folder / "corner.osm", directory=town)
    report = run_inside(
        "import", "incidents", folder / "one.csv", "--covers", "2025-02-08", "2026-09-30",
        "--json", directory=town,
    )  # fmt: skip
    build = run_inside("build", "--as-of", AS_OF, "--json", directory=town)
    return town, json.loads(report.stdout), json.loads(build.stdout)


def frame(built, name):
    import geopandas
    import pandas

    town, _, build = built
    path = town / "snapshots" / build["run_id"] / f"{name}.parquet"
    return geopandas.read_parquet(path) if name == "sections" else pandas.read_parquet(path)


def sections_by_name(built):
    return frame(built, "sections").set_index("name")


def test_row_is_accepted_and_counted(built):
    _, report, _ = built
    assert (report["rows_read"], report["accepted"], report["quarantined"]) == (1, 1, 0)


def test_stored_row_bears_its_cell_and_number(built):
    town, _, _ = built
    with sqlite3.connect(town / "safe_region.db") as connection:
        rows = connection.execute("SELECT source_row, h3_cell, offence_group FROM incidents")
        assert rows.fetchall() == [(2, int(corner_town()[0], 16), "theft_robbery")]


def test_cell_has_the_rate_of_the_level(built):
    cells = frame(built, "cells")
    assert cells["h3_cell"].tolist() == [int(corner_town()[0], 16)]
    assert cells["expected_incidents"].item() / 30.4375 == pytest.approx(LAMBDA, rel=1e-5)
    assert cells["hazard"].item() == pytest.approx(HAZARD, rel=1e-5)


def test_sections_share_the_hazard_of_their_cell(built):
    sections = sections_by_name(built)
    assert sections["length_m"].round(1).to_dict() == {"Абай көшесі": 40, "Достық даңғылы": 130}
    hazard = sections["hazard"]
    assert hazard["Абай көшесі"] == pytest.approx(HAZARD * WEIGHT_A, rel=1e-4)
    assert hazard.sum() == pytest.approx(HAZARD, rel=1e-5)


def test_score_counts_the_streets_that_are_less_hazardous(built):
    sections = sections_by_name(built)
    assert sections["hazard_score"]["Абай көшесі"] == pytest.approx(SCORE_A, abs=0.01)
    assert sections["hazard_class"].to_dict() == {"Абай көшесі": 2, "Достық даңғылы": 1}


def test_decoded_tile_bears_the_same_numbers(built):
    from data.snapshots import open_snapshot

    town, _, build = built
    section = sections_by_name(built).loc["Абай көшесі"]
    archive = open_snapshot(town / "snapshots", build["run_id"]).tile_archive("prosecutor")
    _, (_, corner, _, _) = corner_town()
    tile = mercantile.tile(corner[1], corner[0], 15)
    body, _ = archive.get("sections", tile.z, tile.x, tile.y)
    import gzip

    decoded = mapbox_vector_tile.decode(gzip.decompress(body))
    found = {f["properties"]["id"]: f["properties"] for f in decoded["sections"]["features"]}
    assert found[section["section_id"]]["hazard_score"] == 76.5
    assert found[section["section_id"]]["hazard_class"] == 2


def test_explanation_sums_to_the_same_hazard(built):
    import math

    town, _, _ = built
    section = sections_by_name(built).loc["Абай көшесі"]
    told = json.loads(run_inside("explain", section["section_id"], "--json", directory=town).stdout)
    total = told["ln_area_mean"] + sum(part["log"] for part in told["parts"])
    assert math.exp(total) == pytest.approx(HAZARD * WEIGHT_A, rel=1e-4)
    assert told["hazard"]["value"] == pytest.approx(math.exp(total), rel=1e-9)


@pytest.mark.parametrize("document", ["README.md", "geo/hazard/score.py"])
def test_readme_and_docstring_tell_the_same_example(document):
    from pathlib import Path

    text = (Path(__file__).resolve().parents[2] / document).read_text(encoding="utf-8")
    for number in ("0.00581537", "0.1770052", "0.2502669", "76.5"):
        assert number in text
