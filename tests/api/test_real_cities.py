"""Two real cities from file to map: Almaty's streets under synthetic layers, Portland's calls."""

import json
import math
from datetime import date

import geopandas
import pandas
import pytest

from api.build import build_run
from data.boundaries import BoundarySource, read_boundary
from data.database import open_database
from data.importers.tabular import ReadOptions
from data.intake import take_extract, take_files
from data.schema_version import upgrade_database
from data.settings import StoreSettings
from data.workspace import create_workspace, propose_region, replace_keys
from geo.columns import of_window
from geo.parameters import WINDOWS
from tests.demo_town import run_inside
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared
ALMATY = "almaty/almaty.osm.pbf"
PORTLAND = "portland_osm/portland-central-filtered.osm.pbf"
EVENTS = "portland/events_2012-03-01_2017-02-28.csv"
MAPPING = """
source: portland-police
crs: EPSG:2913
columns: {occurred_at: date, x: x_ft, y: y_ft, offence: cat}
offence_groups: {BURG: theft_robbery, TOA: theft_robbery}
constants: {discovery: reported, place_type: street}
"""
LABEL_KINDS = {"between", "from", "along", "branch", "near_school", "district"}


@pytest.fixture(scope="module")
def portland(tmp_path_factory):
    """Return the workspace's folder, the map's facts, the report of the calls, and the build."""
    events, extract = shared_path(EVENTS), shared_path(PORTLAND)
    folder = tmp_path_factory.mktemp("portland")
    boundary = read_boundary(BoundarySource(file=extract))
    region = propose_region("Portland", boundary)
    region = replace_keys(region, {"time_zone": "America/Los_Angeles"})
    workspace = create_workspace(folder / "town", region, boundary)
    database = open_database(workspace.database_url(StoreSettings()))
    upgrade_database(database)
    facts = take_extract(extract, workspace=workspace, database=database)
    mapping = folder / "portland.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    report = take_files(
        "incidents", [events], ReadOptions(mapping=mapping), workspace=workspace, database=database
    )
    result = build_run(workspace, database, as_of=None, force=False, progress=lambda stage: None)
    database.close()
    return workspace.path, facts, report, result


def frames(town, run_id):
    folder = town / "snapshots" / run_id
    sections = geopandas.read_parquet(folder / "sections.parquet")
    return sections, pandas.read_parquet(folder / "cells.parquet")


def test_every_portland_call_is_counted_once(portland):
    _, facts, report, result = portland
    assert facts["ways_read"] == 7188
    assert report.rows_read == 14_133
    assert report.accepted + report.quarantined + report.duplicate == 14_133
    # The extract is the centre: 27 % of the calls lie in it, with its hull some more.
    assert report.reasons == {"outside_region": report.outside_region}
    assert 0.25 < report.accepted / 14_133 < 0.32
    assert report.duplicate == 0
    assert result["counts"]["incidents"] == report.accepted
    assert result["as_of"] == "2017-03-01"
    assert "no hour is known: there are no scores by window" in result["notes"]
    assert "no school is known: there is no children's walk" in result["notes"]
    assert (report.covers_from, report.covers_to) == (date(2012, 3, 1), date(2017, 2, 28))


def test_calls_without_an_hour_give_no_score_of_a_window(portland):
    town, _, _, result = portland
    for frame in frames(town, result["run_id"]):
        assert frame["hazard_score"].notna().all()
        for window in WINDOWS:
            for column in ("hazard", "hazard_score", "hazard_class", "confidence"):
                assert frame[of_window(column, window)].isna().all(), (column, window)


def test_portland_has_no_schools_and_so_no_burden(portland):
    town, _, _, result = portland
    sections, cells = frames(town, result["run_id"])
    assert result["counts"]["schools"] == 0
    assert sections["burden_score"].isna().all()
    assert len(sections) == result["counts"]["sections"] > 10_000
    card = json.loads((town / "snapshots" / result["run_id"] / "run_card.json").read_text())
    kinds = card["streets"]["label_kinds"]
    assert set(kinds) == LABEL_KINDS - {"near_school"}
    # 4 145 calls in 60 months are 69 a month; the last years, which weigh more, had more.
    monthly = cells["expected_incidents"].sum()
    assert 69 < monthly < 2 * 69
    on_streets = sections["expected_incidents"].sum()
    assert on_streets + card["model"]["off_street"] == pytest.approx(monthly, rel=1e-9)


def test_worst_section_of_portland_is_explained(portland):
    town, _, _, result = portland
    sections, _ = frames(town, result["run_id"])
    worst = sections.sort_values("hazard", ascending=False).iloc[0]
    told = json.loads(run_inside("explain", worst["section_id"], "--json", directory=town).stdout)
    total = told["ln_area_mean"] + sum(part["log"] for part in told["parts"])
    assert math.exp(total) == pytest.approx(worst["hazard"], rel=1e-9)
    assert told["label"]
    night = run_inside(
        "explain", worst["section_id"], "--window", "night", "--json", directory=town
    )
    assert json.loads(night.stdout)["hazard"] is None


@pytest.mark.full
def test_almaty_map_is_read_whole_and_quickly(tmp_path):
    extract, town = shared_path(ALMATY), tmp_path / "town"
    said = run_inside("init", "--name", "Алматы", "--boundary", extract, "--json", directory=town)
    assert json.loads(said.stdout)["time_zone"] == "Asia/Almaty"
    facts = json.loads(run_inside("import", "osm", extract, "--json", directory=town).stdout)
    assert facts["ways_read"] == 13_282
    assert facts["highways"] == 4_279
    assert facts["dangling_references"] == 652
    assert facts["schools"] == 69
    ended = run_inside("build", "--as-of", "2026-01-01", "--json", directory=town, check=False)
    assert ended.returncode == 4
    assert json.loads(ended.stdout)["error"]["code"] == "no_incidents"


@pytest.mark.full
def test_almaty_under_synthetic_layers_is_a_whole_map(tmp_path):
    town = tmp_path / "town"
    made = run_inside("demo", "--osm", shared_path(ALMATY), "--no-serve", "--json", directory=town)
    result = json.loads(made.stdout)
    assert result["counts"]["schools"] == 69
    assert result["peak_memory_mb"] < 2000

    sections, _ = frames(town, result["run_id"])
    card = json.loads((town / "snapshots" / result["run_id"] / "run_card.json").read_text())
    kinds = card["streets"]["label_kinds"]
    assert set(kinds) == LABEL_KINDS
    assert kinds == {
        **sections["label_kind"].value_counts().to_dict(),
        "district": kinds["district"],
    }
    assert sum(kinds.values()) >= len(sections) > 10_000
    unnamed = sections[["name", "name_kk", "name_ru"]].isna().all(axis=1)
    assert set(sections.loc[unnamed, "label_kind"]) <= {"branch", "near_school", "district"}
    assert set(sections.loc[~unnamed, "label_kind"]) <= {"between", "from", "along"}
    assert sections["name_ru"].notna().sum() > 100  # 60 ways bear name:ru
    assert sections["name_kk"].isna().all()
    assert sections["light"].value_counts()["unknown"] > 0
    routes = card["streets"]["routes"]
    assert routes["schools"] == 69
    assert routes["pupils_assigned"] > 10_000

    assert (town / "snapshots" / result["run_id"] / "run_card.json").stat().st_size < 20_000
    listed = run_inside("explain", sections["section_id"].iloc[0], "--lang", "kk", directory=town)
    assert "run " + result["run_id"] in listed.stdout
