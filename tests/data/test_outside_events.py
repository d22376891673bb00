"""Files of events from anywhere: columns by name, areas of any form, nothing stored."""

import io
import zipfile
from datetime import date, datetime

import geopandas as gpd
import numpy as np
import openpyxl
import pyproj
import pytest
import shapefile
import shapely

from data.outside_areas import hull_of_events, outside_area, read_area_file
from data.outside_events import HULL, read_outside_events
from data.outside_files import OutsideFile
from geo import columns as c
from geo.errors import InputRefusedError, NotFoundError, UsageError
from geo.schema import INCIDENTS, Column, check_frame
from tests.outside_calls import HEAD, calls, write_area, write_calls, write_geojson
from tests.shared_data import shared_path

TODAY = datetime(2026, 1, 1)
OREGON_FEET = "EPSG:2913"


@pytest.fixture
def area(tmp_path):
    return write_area(tmp_path / "town.geojson")


def read(path, area, *, today=TODAY, **named):
    chosen = {"date": "day", "x": "lon", "y": "lat"} | named
    return read_outside_events(OutsideFile(path, **chosen), area, today=today)


def csv(tmp_path, *lines, head=HEAD):
    path = tmp_path / "calls.csv"
    path.write_text(head + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_rows_come_as_incidents_with_the_words_of_the_file(tmp_path, area):
    path = write_calls(tmp_path / "calls.csv", calls(200))
    events = read(path, area, category=("kind", "fight"))
    words = Column("text", one_of=events.groups)
    check_frame(events.frame, INCIDENTS | {c.OFFENCE_GROUP: words}, name="events")
    assert events.groups == ("fight", "theft")
    assert events.frame[c.OFFENCE_GROUP].value_counts().to_dict() == {"theft": 150, "fight": 50}
    first = calls(200)[0]
    row = events.frame.iloc[0]
    assert (row[c.LON], row[c.LAT]) == first[2:]
    assert row[c.OCCURRED_AT].date().isoformat() == first[0]
    assert set(events.frame[c.OCCURRED_PRECISION]) == {"day"}
    assert not events.hours_known
    days = sorted(date.fromisoformat(row[0]) for row in calls(200))
    assert events.covered == (days[0], days[-1])
    assert (events.told["rows_read"], events.told["used"], events.told["refused"]) == (200, 200, 0)


def test_points_of_features_need_no_columns_and_hours_are_kept(tmp_path, area):
    path = write_geojson(tmp_path / "calls.geojson", calls(60))
    source = OutsideFile(path, "when")
    events = read_outside_events(source, area, today=TODAY)
    assert events.hours_known
    assert set(events.frame[c.OCCURRED_PRECISION]) == {"minute"}
    assert events.frame[c.OCCURRED_AT].dt.hour.unique().tolist() == [20]
    assert events.groups == ("all",)


@pytest.mark.parametrize("form", ["xlsx", "gpkg", "zip"])
def test_other_forms_give_the_same_events(tmp_path, area, form):
    rows = calls(40)
    expected = read(write_calls(tmp_path / "calls.csv", rows), area).frame
    path, named = write_as(form, tmp_path, rows)
    found = read(path, area, **named).frame
    for column in (c.LAT, c.LON):
        np.testing.assert_allclose(found[column], expected[column], atol=1e-9)
    assert found[c.OCCURRED_AT].tolist() == expected[c.OCCURRED_AT].tolist()


def write_as(form, folder, rows):
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in [("day", "kind", "lon", "lat"), *rows]:
            book.active.append(row)
        book.save(folder / "calls.xlsx")
        return folder / "calls.xlsx", {}
    frame = gpd.GeoDataFrame(
        {"day": [row[0] for row in rows]},
        geometry=gpd.points_from_xy([row[2] for row in rows], [row[3] for row in rows]),
        crs="EPSG:4326",
    )
    points = {"x": None, "y": None}
    if form == "gpkg":
        frame.to_file(folder / "calls.gpkg")
        return folder / "calls.gpkg", points
    path = folder / "calls.zip"
    frame.to_file(folder / "calls.shp")
    with zipfile.ZipFile(path, "w") as archive:
        for part in ("shp", "shx", "dbf", "prj", "cpg"):
            archive.write(folder / f"calls.{part}", f"calls.{part}")
    return path, points


def test_feet_become_degrees_and_squares_lie_as_in_the_file(tmp_path):
    plane = pyproj.Transformer.from_crs("EPSG:4326", OREGON_FEET, always_xy=True)
    x, y = plane.transform([-122.65, -122.66, -122.64], [45.52, 45.53, 45.51])
    lines = [f"2016-01-0{n + 1},a,{x[n]:.0f},{y[n]:.0f}" for n in range(3)]
    events = read(csv(tmp_path, *lines), HULL, crs=OREGON_FEET)
    np.testing.assert_allclose(events.frame[c.LAT], [45.52, 45.53, 45.51], atol=3e-6)
    # The plane of measuring is the file's own, in metres: 0.3048 of each foot.
    metric_x, metric_y = events.area.to_metric(events.frame[c.LAT], events.frame[c.LON])
    np.testing.assert_allclose(metric_x, np.round(x) * 0.3048, atol=1e-3)
    np.testing.assert_allclose(metric_y, np.round(y) * 0.3048, atol=1e-3)
    assert events.told["crs"] == OREGON_FEET


# Bad rows ---------------------------------------------------------------------------------


def test_bad_rows_are_counted_and_named_and_the_rest_is_used(tmp_path, area):
    good = [",".join(map(str, row)) for row in calls(20)]
    path = csv(
        tmp_path,
        *good,
        "2023-02-31,theft,51.38,51.21",
        "2023-03-01,theft,x,51.21",
        "2023-03-01,theft,,",
        "2031-03-01,theft,51.38,51.21",
        "2023-03-01,theft,40.0,51.21",
    )
    events = read(path, area)
    told = events.told
    assert (told["rows_read"], told["used"], told["refused"]) == (25, 20, 4)
    assert told["reasons"] == {
        "coord_missing": 1, "coord_not_number": 1, "outside_region": 1, "time_in_future": 1,
        "time_invalid": 1,
    }  # fmt: skip
    assert told["refused_rows"] == [
        {"row": 22, "column": "day", "code": "time_invalid"},
        {"row": 23, "column": "lon", "code": "coord_not_number"},
        {"row": 24, "column": "lat", "code": "coord_missing"},
        {"row": 25, "column": "day", "code": "time_in_future"},
    ]


def test_places_known_to_a_quarter_of_a_kilometre_only_are_not_used(tmp_path, area):
    good = [",".join(map(str, row)) for row in calls(20)]
    path = csv(tmp_path, *good, "2023-03-01,theft,51.38,51.21", *["2023-03-02,a,51.39,51.2"] * 4)
    told = read(path, area).told
    assert told["reasons"] == {"place_coarse": 5}
    assert (told["used"], told["refused"]) == (20, 0)


def test_midnight_for_every_row_is_no_hour(tmp_path, area):
    lines = [f"{day}T00:00:00,{kind},{lon},{lat}" for day, kind, lon, lat in calls(30)]
    assert not read(csv(tmp_path, *lines), area).hours_known


@pytest.mark.parametrize(
    ("named", "kind", "code", "message"),
    [
        ({"date": "when"}, InputRefusedError, "column_missing", "'day', 'kind', 'lon', 'lat'"),
        ({"x": "east"}, InputRefusedError, "column_missing", "no column 'east'"),
        ({"y": None}, UsageError, "columns_missing", "together"),
        ({"x": None, "y": None}, UsageError, "columns_missing", "--x and --y"),
        ({"category": ("kind", "arson")}, UsageError, "category_unknown", "'theft', 'fight'"),
        ({"category": ("sort", "theft")}, InputRefusedError, "column_missing", "'sort'"),
        ({"crs": "EPSG:99999"}, UsageError, "crs_unknown", "EPSG:99999"),
        ({"crs": OREGON_FEET}, InputRefusedError, "crs_mismatch", "degrees"),
        ({"date": "kind"}, InputRefusedError, "no_valid_rows", "none of 40 rows can be read"),
        ({"date_order": "d"}, UsageError, "date_order_invalid", "dmy"),
        ({"x": "lat", "y": "lon"}, InputRefusedError, "likely_swapped", "swapped"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(tmp_path, area, named, kind, code, message):
    path = write_calls(tmp_path / "calls.csv", calls(40))
    with pytest.raises(kind, match=message) as refused:
        read(path, area, **named)
    assert refused.value.code == code


def test_file_with_too_many_bad_rows_is_refused_with_row_and_column(tmp_path, area):
    lines = [",".join(map(str, row)) for row in calls(6)] + ["?,theft,51.38,51.21"] * 4
    with pytest.raises(InputRefusedError, match=r"4 of 10 .* row 8, column day") as refused:
        read(csv(tmp_path, *lines), area)
    assert refused.value.code == "too_many_bad_rows"
    assert refused.value.facts["reasons"] == {"time_invalid": 4}


def test_day_and_month_that_could_stand_either_way_ask_for_their_order(tmp_path, area):
    lines = ["03/04/2023,theft,51.381234,51.211234", "05/06/2023,theft,51.382345,51.212345"]
    path = csv(tmp_path, *lines)
    with pytest.raises(InputRefusedError, match="--date-order"):
        read(path, area)
    events = read(path, area, date_order="mdy")
    assert [day.month for day in events.frame[c.OCCURRED_AT]] == [3, 5]


def test_columns_about_people_are_neither_read_nor_a_reason_to_refuse(tmp_path, area):
    rows = [f"{day},{lon},{lat},Иванов Иван,900101300000" for day, _, lon, lat in calls(20)]
    path = csv(tmp_path, *rows, head="day,lon,lat,ФИО,ИИН\n")
    events = read(path, area)
    assert events.told["used"] == 20
    assert "Иванов" not in str(events.told) + events.frame.to_csv()
    with pytest.raises(InputRefusedError) as refused:
        read(path, area, category=("ФИО", "Иванов Иван"))
    assert refused.value.code == "personal_data"


# Areas ------------------------------------------------------------------------------------

DISTRICTS = [shapely.box(51.36, 51.20, 51.38, 51.22), shapely.box(51.38, 51.20, 51.40, 51.22)]


def zipped(folder, shapes, *, prj=True, kind=shapefile.POLYGON):
    parts = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=kind) as writer:
        writer.field("name", "C")
        for number, shape in enumerate(shapes):
            if kind == shapefile.POLYGON:
                writer.shape(shapely.geometry.mapping(shape))
            else:
                writer.point(*shape)
            writer.record(str(number))
    path = folder / "districts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(f"districts.{name}", content.getvalue())
        if prj:
            archive.writestr("districts.prj", pyproj.CRS("EPSG:4326").to_wkt("WKT1_ESRI"))
    return path


@pytest.mark.parametrize("prj", [True, False])
def test_districts_of_a_shapefile_are_one_area(tmp_path, prj):
    boundary, own = read_area_file(zipped(tmp_path, DISTRICTS, prj=prj), None)
    assert boundary.equals(shapely.box(51.36, 51.20, 51.40, 51.22))
    assert (own is not None) == prj


def test_polygons_of_a_geopackage_in_metres_are_turned_to_degrees(tmp_path):
    frame = gpd.GeoDataFrame(geometry=DISTRICTS, crs="EPSG:4326").to_crs("EPSG:32639")
    frame.to_file(tmp_path / "districts.gpkg")
    boundary, own = read_area_file(tmp_path / "districts.gpkg", None)
    assert own.to_epsg() == 32639
    np.testing.assert_allclose(boundary.bounds, (51.36, 51.20, 51.40, 51.22), atol=1e-6)


def test_bow_tie_is_repaired_and_a_file_of_points_is_no_area(tmp_path):
    tie = shapely.Polygon([(51.3, 51.2), (51.4, 51.3), (51.4, 51.2), (51.3, 51.3)])
    boundary, _ = read_area_file(zipped(tmp_path, [tie]), None)
    assert boundary.is_valid
    assert boundary.area == pytest.approx(2 * 0.1 * 0.05 / 2)
    with pytest.raises(InputRefusedError, match="no polygon"):
        read_area_file(zipped(tmp_path, [(51.3, 51.2)], kind=shapefile.POINT), None)


def test_table_is_no_area_and_an_absent_file_is_named(tmp_path):
    with pytest.raises(InputRefusedError, match="GeoJSON, GeoPackage"):
        read_area_file(csv(tmp_path, "2023-01-01,a,51.3,51.2"), None)
    with pytest.raises(NotFoundError, match=r"absent\.zip"):
        read_area_file(tmp_path / "absent.zip", None)


def test_hull_reaches_half_a_kilometre_beyond_the_events(tmp_path):
    events = read(write_calls(tmp_path / "calls.csv", calls(200)), HULL)
    x, y = events.area.to_metric(events.frame[c.LAT], events.frame[c.LON])
    west, south, east, north = shapely.bounds(shapely.MultiPoint(np.column_stack([x, y])))
    turned = shapely.transform(
        events.area.boundary,
        lambda xy: np.column_stack(events.area.to_metric(xy[:, 1], xy[:, 0])),
    )
    expected = (west - 500, south - 500, east + 500, north + 500)
    np.testing.assert_allclose(turned.bounds, expected, atol=6)
    assert events.told["study_area"] == "convex hull of the events and 500 m round it"


def test_hull_of_one_place_is_a_disc_and_of_none_is_refused():
    assert hull_of_events([51.2], [51.3]).bounds[0] == pytest.approx(51.3 - 0.00716, abs=1e-4)
    with pytest.raises(InputRefusedError, match="place"):
        hull_of_events([], [])


def test_plane_that_gets_areas_wrong_is_not_used_for_measuring():
    boundary = shapely.box(51.36, 51.20, 51.40, 51.22)
    web = pyproj.CRS("EPSG:3857")
    assert outside_area("town", boundary, (web,)).metric_crs == "EPSG:32639"
    neighbour = pyproj.CRS("EPSG:32638")
    assert outside_area("town", boundary, (web, neighbour)).metric_crs == "EPSG:32638"


@pytest.mark.shared
def test_portland_lies_in_the_union_of_its_districts():
    source = OutsideFile(
        shared_path("portland/events_2012-03-01_2017-02-28.csv"),
        "date", "x_ft", "y_ft", OREGON_FEET, ("cat", "TOA"),
    )  # fmt: skip
    zipped_districts = shared_path("portland/portland-police-districts.zip")
    events = read_outside_events(source, zipped_districts, today=TODAY)
    assert len(events.frame) == 14_133
    assert events.groups == ("TOA", "BURG")
    assert events.covered == (date(2012, 3, 1), date(2017, 2, 28))
    assert events.area.area_m2 / 1609.344**2 == pytest.approx(147.70, abs=0.01)


@pytest.mark.shared
def test_memphis_needs_neither_columns_nor_an_area():
    source = OutsideFile(shared_path("memphis/memphis_robberies.geojson"), "date")
    events = read_outside_events(source, HULL, today=TODAY)
    assert len(events.frame) == 2245
    assert events.hours_known
    assert events.frame[c.GEO_ACCURACY_M].round(2).unique().tolist() == [55.66]
