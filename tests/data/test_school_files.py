"""An office's files are read in every form they come in, and equal files make equal runs."""

import json
import shutil
import sqlite3

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.importers.attendance import (
    read_assignments_file,
    read_catchments_file,
    read_population_file,
)
from data.importers.tabular import ReadOptions
from data.school_files import keep_school_file, read_school_files
from data.school_lookups import with_lookups
from geo.errors import InputRefusedError
from tests.data.addressed_town import degrees, places_of
from tests.data.test_home_schools import NO_SCHOOLS

LAYERS = {
    "geojson": lambda frame, file: frame.to_file(file, driver="GeoJSON"),
    "gpkg": lambda frame, file: frame.to_file(file, driver="GPKG", layer="cells"),
    "parquet": lambda frame, file: frame.to_parquet(file),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return places_of(tmp_path_factory.mktemp("map"))


def cells(crs="EPSG:4326"):
    """Two cells of 100 m with 30 and 60 people, and one with nobody."""
    boxes = []
    for east in (0, 100, 200):
        south, north = degrees(east, -40), degrees(east + 100, 40)
        boxes.append(shapely.box(south[1], south[0], north[1], north[0]))
    frame = gpd.GeoDataFrame({"people": [30, 60, 0]}, geometry=boxes, crs="EPSG:4326")
    return frame.to_crs(crs)


def catchments(crs="EPSG:4326"):
    return cells(crs).rename(columns={"people": "school"}).assign(school=["№ 5", "№ 7", "№ 5"])


def write(frame, file):
    """Write a frame in the format of the file's suffix."""
    kind = file.suffix[1:]
    if kind == "zip":
        folder = file.with_suffix("")
        folder.mkdir()
        frame.to_file(folder / f"{file.stem}.shp", encoding="utf-8")
        shutil.make_archive(str(folder), "zip", folder)
        shutil.rmtree(folder)
    else:
        LAYERS[kind](frame, file)
    return file


@pytest.mark.parametrize("form", ["gpkg", "zip", "parquet"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32639", "EPSG:3857"])
def test_twins_in_other_formats_and_systems_are_the_same_cells(places, tmp_path, form, crs):
    write(cells(), tmp_path / "population.geojson")
    plain = read_school_files(tmp_path, places)
    (tmp_path / "population.geojson").unlink()
    write(cells(crs), tmp_path / f"population.{form}")
    twin = read_school_files(tmp_path, places)
    assert sorted(twin.population["people"]) == [0, 30, 60]
    assert twin.population.crs == "EPSG:4326"
    west = twin.population.geometry[twin.population["people"] == 30].iloc[0]
    lat, lon = degrees(50, 0)
    assert (west.centroid.y, west.centroid.x) == pytest.approx((lat, lon), abs=2e-6)
    if crs == "EPSG:4326":
        assert twin.digest == plain.digest


def test_rows_in_another_order_are_the_same_population(places, tmp_path):
    write(cells(), tmp_path / "population.gpkg")
    one = read_school_files(tmp_path, places)
    write(cells().iloc[::-1], tmp_path / "population.gpkg")
    assert read_school_files(tmp_path, places).digest == one.digest


def test_points_of_a_table_are_cells_too(places, tmp_path):
    lat, lon = degrees(50, 0)
    (tmp_path / "population.csv").write_text(f"ендік;бойлық;халық саны\n{lat};{lon};30\n", "utf-8")
    found = read_school_files(tmp_path, places).population
    assert found.geometry.iloc[0].equals_exact(shapely.Point(lon, lat), 1e-9)
    assert found["people"].tolist() == [30]


@pytest.mark.parametrize("form", ["geojson", "gpkg", "zip", "parquet"])
def test_catchments_come_as_polygons_in_each_format(places, tmp_path, form):
    write(catchments(), tmp_path / f"catchments.{form}")
    found = read_school_files(tmp_path, places)
    assert sorted(found.catchments["school"]) == ["№ 5", "№ 5", "№ 7"]
    assert set(found.catchments.geometry.geom_type) == {"Polygon"}


def test_a_geopackage_with_two_layers_is_refused_by_their_names(places, tmp_path):
    file = tmp_path / "population.gpkg"
    write(cells(), file)
    cells().to_file(file, driver="GPKG", layer="old_cells")
    with pytest.raises(InputRefusedError, match=r"population\.gpkg.*'cells', 'old_cells'"):
        read_school_files(tmp_path, places)
    named = read_population_file(file, ReadOptions(sheet="old_cells"), places)
    assert named.report.accepted == 3


def test_metres_that_claim_to_be_degrees_are_refused(places, tmp_path):
    file = tmp_path / "population.gpkg"
    write(cells("EPSG:32639"), file)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = 4326")
    with pytest.raises(InputRefusedError, match="geometry_invalid"):
        read_school_files(tmp_path, places)


def test_declared_system_is_used_where_the_file_names_none(places, tmp_path):
    file = tmp_path / "population.geojson"
    metres = json.loads(cells("EPSG:32639").to_json(drop_id=True))
    metres.pop("crs", None)
    file.write_text(json.dumps(metres), "utf-8")
    found = read_population_file(file, ReadOptions(crs="EPSG:32639"), places)
    assert found.report.accepted == 3


def test_a_ring_that_crosses_itself_is_put_right_and_a_line_is_no_cell(places, tmp_path):
    corners = [degrees(*at)[::-1] for at in ((0, 0), (100, 100), (100, 0), (0, 100), (0, 0))]
    shapes = [shapely.Polygon(corners), shapely.LineString(corners)]
    shapes += [cells().geometry.iloc[0]] * 8
    frame = gpd.GeoDataFrame({"people": 1}, index=range(10), geometry=shapes, crs="EPSG:4326")
    frame.to_file(tmp_path / "population.geojson", driver="GeoJSON")
    found = read_school_files(tmp_path, places)
    assert len(found.population) == 9
    assert found.population.geometry.is_valid.all()
    assert found.facts["population"] == {
        "rows": 9, "refused": 1,
        "first": [{"row": 2, "column": "geometry", "code": "geometry_invalid"}],
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "kz1048"])
def test_a_decree_is_read_line_by_line_in_its_encoding(places, tmp_path, encoding):
    text = (
        "№ 5 мектеп:\n"
        "Абай көшесі: 1–45 (тақ), Сарайшық көшесі толық\n"
        "\n"
        "Школа № 7: ул. Абая, дома 2-44 чётные\n"
    )
    (tmp_path / "catchments.txt").write_text(text.replace("–", "-"), encoding)
    rows = read_school_files(tmp_path, places).catchment_texts
    assert rows["school"].tolist() == ["№ 5 мектеп", "№ 5 мектеп", "Школа № 7"]
    assert rows["streets"].tolist()[1] == "Абай көшесі: 1-45 (тақ), Сарайшық көшесі толық"
    assert rows["source_row"].tolist() == [1, 2, 4]


def test_a_table_of_streets_and_houses_is_a_text_too(places, tmp_path):
    (tmp_path / "catchments.csv").write_text(
        "мектеп;көше;үйлер\n№ 5;Абай көшесі;1-45 тақ\n;Сарайшық көшесі;\n", "utf-8"
    )
    rows = read_school_files(tmp_path, places).catchment_texts
    assert rows["school"].tolist() == ["№ 5", "№ 5"]
    assert rows["streets"].tolist() == ["Абай көшесі 1-45 тақ", "Сарайшық көшесі"]


def test_polygons_and_a_text_may_lie_side_by_side_but_not_two_of_a_kind(places, tmp_path):
    write(catchments(), tmp_path / "catchments.geojson")
    (tmp_path / "catchments.txt").write_text("№ 5: Абай көшесі", "utf-8")
    found = read_school_files(tmp_path, places)
    assert (len(found.catchments), len(found.catchment_texts)) == (3, 1)
    write(catchments(), tmp_path / "catchments.gpkg")
    with pytest.raises(InputRefusedError, match=r"catchments\.gpkg: another file of this kind"):
        read_school_files(tmp_path, places)


def test_the_latest_import_counts_and_a_withdrawn_one_makes_room(places, tmp_path):
    folder, file = tmp_path / "schools", tmp_path / "cells.gpkg"
    folder.mkdir()
    write(cells(), file)
    keep_school_file(folder, 3, read_population_file(file, ReadOptions(), places))
    write(cells().iloc[:1], tmp_path / "fewer.gpkg")
    fewer = read_population_file(tmp_path / "fewer.gpkg", ReadOptions(), places)
    keep_school_file(folder, 4, fewer)
    write(cells().iloc[:2], folder / "population.geojson")

    def count(*standing):
        return len(read_school_files(folder, places, standing).population)

    assert count((3, "population"), (4, "population")) == 1
    assert count((3, "population")) == 3
    assert count() == 2  # what simply lies there
    assert count((4, "catchments")) == 2


def test_columns_about_people_make_the_whole_file_refused(places, tmp_path):
    (tmp_path / "assignments.csv").write_text(
        "home_id,school,ФИО ученика\na,№ 5,Иванов Иван Иванович\n", "utf-8"
    )
    with pytest.raises(InputRefusedError, match=r"assignments\.csv"):
        read_school_files(tmp_path, places)


def test_the_report_names_rows_of_unknown_schools_streets_and_addresses(places, tmp_path):
    text = tmp_path / "decree.txt"
    text.write_text("№ 5: Абай көшесі\n№ 99: Абай көшесі\n№ 7: Жоқ көшесі 1-9\n", "utf-8")
    found = with_lookups(read_catchments_file(text, ReadOptions(), places), places, NO_SCHOOLS)
    assert found.report.accepted == 3
    assert found.report.warnings == (
        "school_unknown: rows 2 name schools that are not known here.",
        "street_unknown: rows 3 name streets or addresses that the map has not.",
    )
    table = tmp_path / "homes.csv"
    table.write_text('address,school\n"Абай көшесі, 4",№ 5\n"Жоқ көшесі, 4",№ 5\n', "utf-8")
    found = with_lookups(read_assignments_file(table, ReadOptions(), places), places, NO_SCHOOLS)
    assert found.report.warnings == (
        "street_unknown: rows 3 name streets or addresses that the map has not.",
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("cells.csv", "lat,lon,people\n51.23,51.37,\n", "people_missing"),
        ("cells.csv", "lat,lon,people\n51.23,51.37,-4\n", "number_out_of_range"),
        ("cells.parquet", b"PAR1 and then nothing PAR1", "file_damaged"),
        ("cells.csv", b"PAR1 and then nothing PAR1", "format_mismatch"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(places, tmp_path, name, content, code):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputRefusedError) as refusal:
        read_population_file(file, ReadOptions(), places)
    assert code in {refusal.value.code, *refusal.value.facts.get("reasons", {})}


def test_geoparquet_with_columns_that_are_no_cells_is_read_past_them(places, tmp_path):
    frame = cells().assign(tags=[["a"], ["b"], []], note=pd.Categorical(["x", "y", "x"]))
    frame.to_parquet(tmp_path / "population.parquet", write_covering_bbox=True)
    assert len(read_school_files(tmp_path, places).population) == 3
