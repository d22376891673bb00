"""Forms of coordinates: what is read, on what evidence, and what stays a fault."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from data.importers.places.coordinates import locate_rows
from data.importers.values.coordinate_forms import parse_angle, parse_link, parse_pair
from geo.errors import InputRefusedError
from tests.data.tables_by_hand import ORAL, PLACES, faults_of, table_of_texts

LAT, LON = 51.2278, 51.3865
SECOND = 1 / 3600


def locate(**columns):
    table = table_of_texts(**columns)
    return table, locate_rows(table, PLACES)


@pytest.mark.parametrize(
    ("text", "degrees", "step"),
    [
        ("51°13′40″N", 51 + 13 / 60 + 40 / 3600, SECOND),
        ("N 51° 13' 40\"", 51 + 13 / 60 + 40 / 3600, SECOND),
        ("51 13 40", 51 + 13 / 60 + 40 / 3600, SECOND),
        ("51°13′40,5″ с.ш.", 51 + 13 / 60 + 40.5 / 3600, SECOND / 10),
        ("51°13.67'", 51 + 13.67 / 60, 0.01 / 60),
        ("51°13'40'' ш.б.", 51 + 13 / 60 + 40 / 3600, SECOND),
        ("51.2278°", 51.2278, 0.0001),
        ("51°13′", 51 + 13 / 60, 1 / 60),
        ("-51°30′", -51.5, 1 / 60),
        ("51°30′S", -51.5, 1 / 60),
        ("51 град 13 мин 40 сек", 51 + 13 / 60 + 40 / 3600, SECOND),
    ],
)
def test_angles_of_every_spelling(text, degrees, step):
    found = parse_angle(text)
    assert found == pytest.approx((degrees, step))


@pytest.mark.parametrize(
    "text",
    ["51", "51.2278", "51,2278", "51°61′00″", "51°13′60″", "51.5°13′", "N51°13′40″E", "", "x"],
)
def test_what_is_no_angle(text):
    assert parse_angle(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "51.2278, 51.3865", "51.2278 51.3865", "51.2278;51.3865", "(51.2278, 51.3865)",
        "51,2278; 51,3865", "51,2278 51,3865", "51.2278/51.3865", "POINT (51.3865 51.2278)",
        "POINT Z(51.3865 51.2278 30)", "srid=4326;point(51.3865 51.2278)",
    ],
)  # fmt: skip
def test_pairs_of_every_spelling(text):
    spot = parse_pair(text)
    assert (spot.lat, spot.lon, spot.step) == (LAT, LON, 0.0001)


def test_pairs_of_angles_and_of_the_other_order():
    spot = parse_pair("51°13′40″N 51°23′11″E")
    assert (spot.lat, spot.lon) == pytest.approx((51.227778, 51.386389), abs=1e-6)
    assert parse_pair("51°23′11″E, 51°13′40″N") == spot
    assert parse_pair("51.3865, 51.2278", "lon,lat").lat == LAT
    for text in (
        "51,2278",
        "51.2278",
        "51, 52",
        "ул. Жукова 5",
        "51.2278, 51.3865, 3",
        "1.1.1 2.2",
    ):
        assert parse_pair(text) is None


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/maps/@51.2278,51.3865,17z",
        "https://maps.google.com/?q=51.2278,51.3865",
        "https://www.google.kz/maps/place/A/@51.2,51.3,17z/data=!4m5!3m4!8m2!3d51.2278!4d51.3865",
        "https://www.google.com/maps/search/?api=1&query=51.2278%2C51.3865",
        "https://2gis.kz/uralsk/geo/7000/51.3865,51.2278",
        "https://2gis.kz/uralsk?m=51.3865%2C51.2278%2F17",
        "https://yandex.kz/maps/?ll=51.30,51.20&pt=51.3865,51.2278&z=17",
        "https://yandex.ru/maps/10/oral/?ll=51.3865%2C51.2278&z=17",
        "yandex.kz/maps/?whatshere[point]=51.3865,51.2278",
        "https://www.openstreetmap.org/?mlat=51.2278&mlon=51.3865#map=17/51.20/51.30",
        "https://www.openstreetmap.org/#map=17/51.2278/51.3865",
        "geo:51.2278,51.3865",
    ],
)
def test_links_of_maps_in_their_own_order(link):
    spot = parse_link(link)
    assert (spot.lat, spot.lon) == (LAT, LON)


@pytest.mark.parametrize(
    "link",
    [
        "https://maps.app.goo.gl/AbCd", "https://example.com/?q=51.2278,51.3865",
        "https://google.com.example.com.invalid/x", "https://[", "51.2278, 51.3865", "javascript:1",
        "https://yandex.kz/maps/",
    ],
)  # fmt: skip
def test_other_links_name_no_place(link):
    assert parse_link(link) is None


@pytest.mark.bad_input("B08")
def test_nine_tenths_of_angles_make_a_column_of_angles():
    lats = [f"51°13′{n}″N" for n in range(40, 59)] + ["north"]
    lons = [f"51°23′{n}″E" for n in range(11, 31)]
    table, located = locate(lat=lats, lon=lons)
    assert located.lat[:2] == pytest.approx([51.227778, 51.228056], abs=1e-6)
    assert faults_of(table) == [(21, "lat", "coord_not_number")]
    assert table.inferred["coordinates"].startswith("dms: 95.0% of the cells")
    assert located.accuracy_m[0] == pytest.approx(15.46, abs=0.01)  # half a second of arc


@pytest.mark.bad_input("B08")
def test_single_angles_among_numbers_stay_faults():
    table, _ = locate(lat=["51.2278"] * 8 + ["51°13′40″N"] * 2, lon=["51.3865"] * 10)
    assert [code for _, _, code in faults_of(table)] == ["coord_not_number"] * 2


@pytest.mark.bad_input("B08")
def test_a_declared_form_needs_no_share():
    columns = {"lat": ["51°13′40″N", "51.2278"], "lon": ["51°23′11″E", "51.3865"]}
    table, located = locate(**columns, mapping={"coordinates": "dms"})
    assert faults_of(table) == [(3, "lat", "coord_not_number"), (3, "lon", "coord_not_number")]
    assert np.isfinite(located.lat).tolist() == [True, False]


@pytest.mark.parametrize("delimiter", [";", "\t", None])
@pytest.mark.bad_input("B08")
def test_a_comma_that_parts_no_cells_is_a_decimal_comma(delimiter):
    told = {"format": "csv", "delimiter": delimiter} if delimiter else {"format": "xlsx"}
    table, located = locate(lat=["51,2278", "51.2279"] * 1, lon=["51,3865"] * 2, inferred=told)
    assert faults_of(table) == [(2, "lat", "coord_not_number")]  # half of the column is not enough
    table, located = locate(lat=["51,2278"] * 19 + ["51.2279"], lon=["51,3865"] * 20, inferred=told)
    assert faults_of(table) == []
    assert located.lat[[0, 19]].tolist() == [51.2278, 51.2279]
    assert table.inferred["lat_decimal"] == "comma: 19 of 20 numbers with a decimal sign have it"


@pytest.mark.bad_input("B08")
def test_a_comma_in_a_file_of_commas_needs_a_word():
    told = {"format": "csv", "delimiter": ","}
    table, _ = locate(lat=["51,2278"] * 5, lon=["51,3865"] * 5, inferred=dict(told))
    assert len(faults_of(table)) == 10
    declared = {"decimal": ","}
    table, _ = locate(lat=["51,2278"] * 5, lon=["51,3865"] * 5, inferred=told, mapping=declared)
    assert faults_of(table) == []


@pytest.mark.parametrize("text", ["0x33", "5_1", "٥١", "51.2.3", "1e", "--51", "51 2278", "51°"])
@pytest.mark.bad_input("B08")
def test_strange_digits_are_no_numbers(text):
    table, located = locate(lat=["51.2278"] * 19 + [text], lon=["51.3865"] * 20)
    assert faults_of(table) == [(21, "lat", "coord_not_number")]
    assert np.isnan(located.lat[19])


def test_a_column_of_pairs_links_or_points_is_read():
    pairs = ["51.2278, 51.3865"] * 3
    table, located = locate(location=pairs)
    assert (located.lat[0], located.lon[0]) == (LAT, LON)
    assert table.inferred["coordinates"].startswith("lat,lon: 100.0% of the cells of 'location'")
    table, located = locate(location=["https://yandex.kz/maps/?pt=51.3865,51.2278"] * 9 + ["?"])
    assert located.lat[0] == LAT
    assert faults_of(table) == [(11, "location", "coord_not_number")]
    assert table.inferred["coordinates"].startswith("link: 90.0%")
    table, located = locate(location=["POINT (51.3865 51.2278)", None])
    assert located.missing.tolist() == [False, True]
    _, located = locate(location=["51.3865, 51.2278"], mapping={"coordinates": "lon,lat"})
    assert located.lat[0] == LAT


def test_a_column_of_addresses_is_no_column_of_coordinates():
    with pytest.raises(InputRefusedError) as refusal:
        locate(location=["ул. Жукова 5", "51.2278, 51.3865"])
    assert refusal.value.code == "column_missing"


@pytest.mark.bad_input("B02", "B08")
def test_millionths_of_a_degree_are_told_by_the_place_that_they_mean():
    table, located = locate(lat=["51227800"] * 9 + ["512278000"], lon=["51386500"] * 10)
    assert located.lat[0] == LAT
    assert faults_of(table) == [(11, "lat", "coord_out_of_range")]
    assert table.inferred["coordinates"].startswith("micro: whole numbers, 90.0% inside")
    assert located.accuracy_m[0] == pytest.approx(0.056, abs=0.001)


@pytest.mark.bad_input("B09")
def test_web_metres_called_degrees_are_refused():
    with pytest.raises(InputRefusedError) as refusal:
        locate(lat=["6665000"] * 3, lon=["5717000"] * 3)
    assert refusal.value.code == "crs_mismatch"
    _, located = locate(y=["6665000"] * 3, x=["5717000"] * 3, crs="EPSG:3857")
    assert located.lat[0] == pytest.approx(51.2, abs=0.1)


@pytest.mark.bad_input("B09")
def test_negative_eastings_of_the_country_s_one_zone_are_legal():
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32642", always_xy=True).transform(LON, LAT)
    assert x < 0
    _, located = locate(y=[f"{y:.2f}"], x=[f"{x:.2f}"], crs="EPSG:32642")
    assert (located.lat[0], located.lon[0]) == pytest.approx((LAT, LON), abs=1e-6)


@pytest.mark.bad_input("B09")
def test_pulkovo_zones_are_read_when_declared_in_either_order_of_axes():
    northing, easting = Transformer.from_crs("EPSG:4326", "EPSG:28409").transform(LAT, LON)
    rows = {"x": [f"{northing:.1f}"] * 3, "y": [f"{easting:.1f}"] * 3}
    table, located = locate(**rows, crs="EPSG:28409")
    assert (located.lat[0], located.lon[0]) == pytest.approx((LAT, LON), abs=1e-5)
    assert table.inferred["axes"].startswith("x points north: 100.0% inside")
    table, located = locate(x=rows["y"], y=rows["x"], crs="EPSG:28409")
    assert (located.lat[0], located.lon[0]) == pytest.approx((LAT, LON), abs=1e-5)
    assert "axes" not in table.inferred
    with pytest.raises(InputRefusedError):
        locate(**rows)


@pytest.mark.bad_input("B07")
def test_digits_tell_the_accuracy():
    lats = ["51.22781", "51.2278", "51.227", "51.22", "51.2"]
    _, located = locate(lat=lats, lon=["51.3", "51.38", "51.386", "51.38", "51.3"])
    assert located.accuracy_m[:3] == pytest.approx([0.5566, 5.566, 55.66])


@given(st.floats(51.11, 51.39), st.floats(51.21, 51.59))
def test_any_place_reads_back_from_every_form(lat, lon):
    def angle(value, side):
        seconds = round(value * 3_600_000)
        degrees, rest = divmod(seconds, 3_600_000)
        minutes, rest = divmod(rest, 60_000)
        return f"{degrees}°{minutes:02}′{rest / 1000:06.3f}″{side}"

    want = pytest.approx((lat, lon), abs=2e-6)
    pairs = [f"{lat:.7f}, {lon:.7f}", f"POINT({lon:.7f} {lat:.7f})"]
    pairs.append(f"{angle(lat, 'N')}, {angle(lon, 'E')}")
    for text in pairs:
        spot = parse_pair(text)
        assert (spot.lat, spot.lon) == want
    links = [f"https://yandex.kz/maps/?pt={lon:.7f},{lat:.7f}", f"geo:{lat:.7f},{lon:.7f}"]
    for link in links:
        spot = parse_link(link)
        assert (spot.lat, spot.lon) == want


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_none(text):
    for parse in (parse_angle, parse_pair, parse_link):
        parse(text)


def test_the_area_of_these_tests_holds_the_place():
    assert ORAL.contains(np.array([LAT]), np.array([LON])).all()
