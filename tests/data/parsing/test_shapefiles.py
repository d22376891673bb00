"""Zipped shapefiles: texts as written, places as they are, deleted records passed over."""

import io
import struct
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
import shapefile

from data.importers.parsing.raw_columns import GEOMETRY, LINE, RAW, ROW, X, Y
from data.importers.parsing.shapefiles import read_shapefile
from geo.errors import InputRefusedError
from tests.shared_data import shared_path

WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
UTM39 = (
    'PROJCS["WGS_1984_UTM_Zone_39N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",'
    'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",51.0],PARAMETER["Scale_Factor",0.9996],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
LOCAL = UTM39.replace("WGS_1984_UTM_Zone_39N", "MSK_Oral").replace("51.0]", "51.7]")
ROWS = [("Абай", 7, 12.5, date(2025, 4, 3), True), ("Жұбан", None, None, None, None)]


def parts(rows=ROWS, places=((51.3865, 51.2278), (51.4, 51.3)), *, encoding="utf-8", kind=None):
    """Write the parts of a shapefile with pyshp."""
    files = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, shapeType=kind or shapefile.POINT, encoding=encoding) as out:
        out.field("STREET", "C", 40)
        out.field("LAMPS", "N", 18, 0)
        out.field("LENGTH", "N", 19, 11)
        out.field("CHECKED", "D")
        out.field("LIT", "L")
        for row, place in zip(rows, places, strict=True):
            if place is None:
                out.null()
            elif kind == shapefile.POLYLINE:
                out.line(place)
            elif kind == shapefile.POLYGON:
                out.poly(place)
            else:
                out.point(*place)
            out.record(*row)
    return {ending: file.getvalue() for ending, file in files.items()}


def zipped(tmp_path, files, name="streets.zip", trunk="data/көшелер", more=None):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ending, content in files.items():
            archive.writestr(f"{trunk}.{ending}", content)
        for member, content in (more or {}).items():
            archive.writestr(member, content)
    return path


def read(path, **options):
    facts = {}
    rows = read_shapefile(path, {"sheet": None, "encoding": None, **options}, facts)
    columns = {head: [] for head in (*rows.heads, ROW, RAW, X, Y, GEOMETRY, LINE)}
    for block in rows.blocks:
        for head, texts in columns.items():
            texts.extend(block[head])
    return columns, facts


def refused(path, **options):
    with pytest.raises(InputRefusedError) as refusal:
        read(path, **options)
    assert path.name in str(refusal.value)
    return refusal.value


def test_rows_come_through_as_they_are_written(tmp_path):
    columns, facts = read(zipped(tmp_path, {**parts(), "prj": WGS84, "cpg": "UTF-8"}))
    assert columns["STREET"] == ["Абай", "Жұбан"]
    assert columns["LAMPS"] == ["7", None]
    assert columns["LENGTH"] == ["12.50000000000", None]
    assert columns["CHECKED"] == ["2025-04-03", None]
    assert columns["LIT"] == ["true", None]
    assert columns[X] == ["51.3865", "51.4"]
    assert columns[Y] == ["51.2278", "51.3"]
    assert columns[GEOMETRY] == ["Point", "Point"]
    assert columns[ROW] == [1, 2]
    assert facts["sheets"] == ["көшелер"]
    assert facts["crs"] == "EPSG:4326"
    assert facts["encoding"].lower() == "utf-8"


def test_numbers_lose_nothing(tmp_path):
    # pyshp would make 1 of the first, a rounded number of the second, nothing of the third
    files = parts([("x", 1, 1.5, None, None)] * 5, [(1, 1)] * 5)
    content = bytearray(files["dbf"])
    start = content.find(b"\r") + 1
    size = (len(content) - start) // 5
    for n, text in enumerate(("1.5", "252710000012345678", "188-1", "2.5E+02", "******")):
        at = start + n * size + 41
        content[at : at + 18] = text.rjust(18).encode()
    columns, _ = read(zipped(tmp_path, {**files, "dbf": bytes(content)}))
    assert columns["LAMPS"] == ["1.5", "252710000012345678", "188-1", "250", None]


@pytest.mark.parametrize(
    ("system", "crs"), [(WGS84, "EPSG:4326"), (UTM39, "EPSG:32639"), ("nonsense", None)]
)
def test_the_crs_is_named_where_it_is_known(tmp_path, system, crs):
    assert read(zipped(tmp_path, {**parts(), "prj": system}))[1]["crs"] == crs


def test_a_crs_of_its_own_stays_as_written_and_a_missing_one_is_none(tmp_path):
    assert read(zipped(tmp_path, {**parts(), "prj": LOCAL}, "a.zip"))[1]["crs"] == LOCAL
    assert read(zipped(tmp_path, parts(), "b.zip"))[1]["crs"] is None


@pytest.mark.parametrize(
    ("encoding", "page"),
    [("utf-8", "UTF-8"), ("utf-8", "65001"), ("cp1251", "ANSI 1251"), ("cp1251", "1251")],
)
def test_the_code_page_beside_the_table_is_followed(tmp_path, encoding, page):
    rows = [("Улица Победы", 1, 1, None, None)] * 2
    files = {**parts(rows, encoding=encoding), "cpg": page}
    columns, _ = read(zipped(tmp_path, files))
    assert columns["STREET"] == ["Улица Победы"] * 2


def test_without_a_code_page_the_texts_tell_the_encoding(tmp_path):
    rows = [(f"улица Победы, возле дома номер {n}", 1, 1, None, None) for n in range(40)]
    files = parts(rows, [(51, 51)] * 40, encoding="cp1251")
    columns, facts = read(zipped(tmp_path, files))
    assert columns["STREET"][0] == "улица Победы, возле дома номер 0"
    assert facts["encoding"] == "cp1251"
    assert "letters" in facts["encoding_evidence"]


def test_a_declared_encoding_goes_first_and_a_wrong_one_is_refused(tmp_path):
    rows = [("Улица Победы", 1, 1, None, None)] * 2
    path = zipped(tmp_path, {**parts(rows, encoding="cp1251"), "cpg": "UTF-8"})
    assert read(path, encoding="cp1251")[0]["STREET"] == ["Улица Победы"] * 2
    assert refused(path).code == "encoding_unknown"
    with pytest.raises(InputRefusedError, match="There is no encoding"):
        read(path, encoding="no-such")


@pytest.mark.parametrize("page", ["", "no-such", "zlib_codec", "\0\xff"])
def test_a_code_page_that_is_none_leaves_it_to_the_texts(tmp_path, page):
    columns, facts = read(zipped(tmp_path, {**parts(), "cpg": page}))
    assert columns["STREET"] == ["Абай", "Жұбан"]
    assert facts["encoding"] == "utf-8"


def test_deleted_records_are_passed_over_and_the_others_keep_their_places(tmp_path):
    files = parts([(f"s{n}", n, n, None, None) for n in range(4)], [(n, n) for n in range(4)])
    content = bytearray(files["dbf"])
    start = content.find(b"\r") + 1
    content[start + (len(content) - start) // 4] = ord("*")
    columns, facts = read(zipped(tmp_path, {**files, "dbf": bytes(content)}))
    assert columns["STREET"] == ["s0", "s2", "s3"]
    assert columns[X] == ["0", "2", "3"]
    assert columns[ROW] == [1, 3, 4]
    assert facts["deleted_rows"] == 1


def test_a_place_beyond_every_map_spoils_its_row_only(tmp_path):
    files = parts(ROWS * 2, [(51, 51)] * 4)
    content = bytearray(files["shp"])
    # 100 bytes of head; a record is 8 of its own head, 4 of kind, 16 of place
    for n, place in enumerate([(-1.797e308, 1.797e308), (float("nan"), 51), (51, float("inf"))]):
        at = 100 + n * 28 + 12
        content[at : at + 16] = struct.pack("<2d", *place)
    columns, _ = read(zipped(tmp_path, {**files, "shp": bytes(content)}))
    assert columns[X] == ["-inf", "nan", "51", "51"]
    assert columns[Y] == ["inf", "51", "inf", "51"]


def test_lines_are_text_and_areas_are_no_points(tmp_path):
    lines = [
        [[(1, 2), (3, 4.5)]],
        None,
        [[(1, 2), (3, 4)], [(3, 4), (5, 6)]],
        [[(1, 2), (3, 4)], [(7, 7), (8, 8)]],
    ]
    rows = [("x", 1, 1, None, None)] * 4
    columns, _ = read(zipped(tmp_path, parts(rows, lines, kind=shapefile.POLYLINE), "a.zip"))
    assert columns[LINE] == ["LINESTRING (1 2, 3 4.5)", None, "LINESTRING (1 2, 3 4, 5 6)", None]
    assert columns[GEOMETRY] == ["not a point", None, "not a point", "not a point"]
    assert columns[X] == [None] * 4
    area = [[[(0, 0), (0, 1), (1, 1), (0, 0)]]]
    columns, _ = read(zipped(tmp_path, parts(rows[:1], area, kind=shapefile.POLYGON), "b.zip"))
    assert columns[GEOMETRY] == ["not a point"]
    assert columns[LINE] == [None]


def test_of_several_shapefiles_one_must_be_named(tmp_path):
    more = {f"other.{ending}": content for ending, content in parts(ROWS[:1], [(5, 5)]).items()}
    path = zipped(tmp_path, parts(), more=more)
    error = refused(path)
    assert error.code == "layer_ambiguous"
    assert "'көшелер', 'other'" in str(error)
    assert read(path, sheet="other")[0][X] == ["5"]
    assert refused(path, sheet="third").code == "sheet_unknown"


def test_the_parts_are_found_whatever_their_case_and_without_an_index(tmp_path):
    files = parts()
    upper = {"SHP": files["shp"], "Dbf": files["dbf"], "PRJ": WGS84}
    columns, facts = read(zipped(tmp_path, upper))
    assert columns[X] == ["51.3865", "51.4"]
    assert facts["crs"] == "EPSG:4326"


@pytest.mark.parametrize("missing", ["dbf", "shp"])
def test_a_missing_part_is_a_named_refusal(tmp_path, missing):
    files = {ending: content for ending, content in parts().items() if ending != missing}
    codes = {"dbf": "file_damaged", "shp": "format_not_accepted"}
    assert refused(zipped(tmp_path, files)).code == codes[missing]


@pytest.mark.parametrize(
    ("ending", "at", "change"),
    [
        ("shp", 104, struct.pack(">i", -4)),  # a shape of no length: pyshp would never end
        ("shp", 104, struct.pack(">i", 2**31 - 1)),
        ("shp", 104, b"\0\0\0\0"),
        ("dbf", 4, struct.pack("<L", 2**32 - 1)),
        ("dbf", 8, b"\0\0"),
        ("dbf", 10, b"\0\0"),
        ("dbf", 48, b"\xff"),  # a field longer than the record
    ],
)
def test_a_broken_part_is_a_named_refusal(tmp_path, ending, at, change):
    files = parts()
    content = bytearray(files[ending])
    content[at : at + len(change)] = change
    assert refused(zipped(tmp_path, {**files, ending: bytes(content)})).code == "file_damaged"


@pytest.mark.parametrize("ending", ["shp", "dbf"])
def test_a_part_of_another_length_is_a_named_refusal(tmp_path, ending):
    files = parts()
    shorter = {**files, ending: files[ending][:-20]}
    assert refused(zipped(tmp_path, shorter)).code == "file_damaged"
    other = parts(ROWS[:1], [(1, 1)])
    assert refused(zipped(tmp_path, {**files, "shp": other["shp"]}, "b.zip")).code == "file_damaged"


def test_a_shape_of_two_thousand_million_points_spoils_its_row_only(tmp_path):
    lines = [[[(1, 2), (3, 4)]], [[(1, 2), (3, 4)]]]
    files = parts(ROWS, lines, kind=shapefile.POLYLINE)
    content = bytearray(files["shp"])
    content[100 + 8 + 36 : 100 + 8 + 44] = struct.pack("<2i", 2**31 - 1, 2**31 - 1)
    columns, _ = read(zipped(tmp_path, {**files, "shp": bytes(content)}))
    assert columns[X] == ["not a number", None]
    assert columns[LINE] == [None, "LINESTRING (1 2, 3 4)"]


@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:9/x.shp", "/etc/hostname", "/vsicurl/http://x/"]
)
@pytest.mark.bad_input("B35")
def test_content_that_points_elsewhere_opens_nothing(tmp_path, link, monkeypatch):
    opened = []
    monkeypatch.setattr(shapefile, "urlopen", lambda *_, **__: opened.append(1))
    content = f"<OGRVRTDataSource><SrcDataSource>{link}</SrcDataSource></OGRVRTDataSource>"
    for ending in ("shp", "dbf"):
        path = zipped(tmp_path, {**parts(), ending: content})
        assert refused(path).code == "file_damaged"
    columns, facts = read(zipped(tmp_path, {**parts(), "prj": link, "shx": content}))
    assert len(columns[ROW]) == 2
    assert facts["crs"] is None
    assert opened == []


@pytest.mark.shared
def test_the_real_file_comes_through_whole():
    path = shared_path("nij_calls_2016_08/080116_083116_Data.zip")
    start = time.process_time()
    columns, facts = read(Path(path))
    assert time.process_time() - start < 10
    assert len(columns[ROW]) == 19_376
    assert facts["crs"] == "EPSG:2913"
    assert facts["sheets"] == ["NIJ2016_AUG01_AUG31"]
    assert set(columns[GEOMETRY]) == {"Point"}
    assert sum(x == "-inf" for x in columns[X]) == 1  # written as ±1.8e308
    assert columns[X][0] == "7660085"
    assert columns["occ_date"][0] == "2016-08-10"
