"""Workbooks, GeoPackages, shapefiles and traces that nobody should bring, through the child."""

import bz2
import gzip
import http.server
import random
import resource
import sqlite3
import struct
import threading
import zipfile
import zlib

import openpyxl
import pytest

from data.importers.parsing.isolation import run_isolated
from data.importers.parsing.table_parsers import parse_table
from geo.errors import InputRefusedError
from tests.data.parsing.test_geopackage import POINT, blob, package
from tests.data.parsing.test_gpx import TRACE, gpx
from tests.data.parsing.test_shapefiles import parts, zipped

ACCEPTED = ["csv", "xlsx", "geojson", "gpkg", "shapefile"]
MIB = 1 << 20
VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""
TEXTS = ["Абай", "Жұбан", "Победы", "Сарайшық"]


def parse(path, accepted=ACCEPTED):
    options = {"accepted": list(accepted), "encoding": None, "sheet": None}
    return run_isolated(parse_table, path, options)


def refused(path, accepted=ACCEPTED):
    with pytest.raises(InputRefusedError) as refusal:
        parse(path, accepted)
    assert path.name in str(refusal.value)
    assert "\n" not in str(refusal.value)
    return refusal.value


def workbook(tmp_path, name="rows.xlsx"):
    book = openpyxl.Workbook()
    for row in (["көше", "үй", "lat", "lon"], *([text, 7, 51.2, 51.3] for text in TEXTS)):
        book.active.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def shapefile_zip(tmp_path, name="rows.zip", **more):
    rows = [(text, 7, 1.5, None, True) for text in TEXTS]
    return zipped(tmp_path, parts(rows, [(51.3, 51.2)] * 4), name, **more)


def geopackage(tmp_path, name="rows.gpkg", **more):
    rows = [(text, 7, 1, blob(POINT)) for text in TEXTS]
    return package(tmp_path, {"a": rows}, name, **more)


def trace(tmp_path):
    return gpx(tmp_path, TRACE)


@pytest.mark.parametrize("make", [workbook, shapefile_zip, geopackage, trace])
def test_good_files_of_each_format_come_through_the_child(tmp_path, make):
    table = parse(make(tmp_path), [*ACCEPTED, "gpx"]).tables["rows"]
    assert table.num_rows == (2 if make is trace else 4)


# ------------------------------------------------------------------------------- archives


def _plain(members):
    def make(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)

    return make


def _lying(path):
    content = b"a" * 1000 + bytes(64 * MIB)
    _plain({"rows.shp": content})(path)
    changed = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x01\x02", 16), (b"PK\x03\x04", 14)):
        start = changed.find(sign) + at
        changed[start : start + 4] = struct.pack("<L", zlib.crc32(content[:1000]))
        changed[start + 8 : start + 12] = struct.pack("<L", 1000)
    path.write_bytes(changed)


def _encrypted(path):
    _plain({"rows.shp": b"x", "rows.dbf": b"y"})(path)
    changed = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        changed[changed.find(sign) + at] |= 1
    path.write_bytes(changed)


def _link(path):
    link = zipfile.ZipInfo("rows.shp")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")


def _zip64(path):
    field = zipfile.ZipInfo("rows.shp")
    field.extra = struct.pack("<HHQQ", 1, 16, 3, 3)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(field, b"abc")


def _nested(path):
    _plain({"rows.shp": b"x", "more.zip": b"PK\x03\x04..."})(path)


UNSAFE = {
    "a ratio of 1000:1": _plain({"rows.shp": bytes(150 * MIB)}),
    "a lying size": _lying,
    "20 000 entries": _plain({f"{n}.shp": b"" for n in range(20_000)}),
    "a nested archive": _nested,
    "a link": _link,
    "a name outside": _plain({"../../rows.shp": b"x"}),
    "an absolute name": _plain({"/tmp/rows.shp": b"x"}),
    "a password": _encrypted,
    "zip64": _zip64,
    "21 files": _plain({f"{n}.shp": b"x" for n in range(21)}),
}


@pytest.mark.parametrize("make", UNSAFE.values(), ids=UNSAFE)
@pytest.mark.bad_input("B33")
def test_an_unsafe_archive_is_refused_as_such(tmp_path, make):
    path = tmp_path / "rows.zip"
    make(path)
    assert refused(path).code == "archive_unsafe"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.bad_input("B33")
def test_a_workbook_that_inflates_without_end_is_refused(tmp_path):
    path = tmp_path / "rows.xlsx"
    _plain({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(150 * MIB)})(path)
    assert refused(path).code == "archive_unsafe"


@pytest.fixture(scope="module")
def bombs():
    made = {
        "gz": gzip.compress(gzip.compress(bytes(64 * MIB))),
        "bz2": bz2.compress(bytes(300 * MIB)),
    }
    assert len(made["bz2"]) < 1000
    return made


@pytest.mark.parametrize("name", ["rows.csv", "rows.geojson", "rows.xlsx", "rows.zip", "rows.gpkg"])
@pytest.mark.bad_input("B34", "B40")
def test_gzip_and_bzip2_are_never_unpacked(tmp_path, name, bombs):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for ending, content in bombs.items():
        for path in (tmp_path / name, tmp_path / f"{name}.{ending}"):
            path.write_bytes(content)
            assert refused(path).code in ("format_not_accepted", "format_mismatch")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.parametrize(
    ("name", "members", "what"),
    [
        ("rows.xlsb", {"xl/workbook.bin": b"x"}, "XLSB"),
        ("rows.ods", {"mimetype": b"x", "content.xml": b"<x/>"}, "ODS"),
        ("rows.docx", {"word/document.xml": b"<x/>"}, "DOCX"),
        ("rows.kmz", {"doc.kml": b"<kml/>"}, "KML"),
        ("rows.xls", None, "old Office document"),
    ],
)
@pytest.mark.bad_input("B40")
def test_other_office_formats_are_refused_by_name_and_the_accepted_ones_listed(
    tmp_path, name, members, what
):
    path = tmp_path / name
    if members:
        _plain(members)(path)
    else:
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    error = refused(path)
    assert error.code == "format_not_accepted"
    assert what in str(error)
    assert "CSV or XLSX or GeoJSON or GeoPackage or zipped Shapefile" in str(error)


@pytest.mark.bad_input("B40")
def test_a_format_that_this_noun_does_not_take_is_refused(tmp_path):
    assert refused(trace(tmp_path)).code == "format_not_accepted"
    assert refused(workbook(tmp_path), ["csv"]).code == "format_not_accepted"


@pytest.mark.parametrize("name", ["rows.csv", "rows.geojson", "rows.gpkg", "rows.gpx"])
@pytest.mark.bad_input("B40")
def test_a_workbook_under_another_name_is_refused(tmp_path, name):
    assert refused(workbook(tmp_path, name)).code == "format_mismatch"


# ------------------------------------------------------------------------- pointing elsewhere


@pytest.mark.bad_input("B35")
def test_content_that_points_elsewhere_reads_no_file_and_opens_no_socket(tmp_path):
    hits = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)

    secret = tmp_path / "secret.csv"
    secret.write_text("canary-content,lat\n1,2\n")
    with http.server.HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/x.shp"
        for source in (str(secret), f"/vsicurl/{address}", address):
            content = VRT.format(source=source)
            for name in ("rows.geojson", "rows.gpkg", "rows.shp", "rows.kml", "rows.gpx"):
                path = tmp_path / name
                path.write_text(content)
                error = refused(path, [*ACCEPTED, "gpx"])
                assert error.code in ("format_mismatch", "format_not_accepted")
                assert "canary-content" not in str(error)
                path.unlink()
            for ending in ("shp", "dbf"):
                path = zipped(tmp_path, {**parts(), ending: content})
                assert refused(path).code == "file_damaged"
            found = parse(zipped(tmp_path, {**parts(), "prj": source, "shx": content}))
            assert found.tables["rows"].num_rows == 2
            assert found.facts["crs"] is None
        server.shutdown()
        thread.join()
    assert hits == []


# ------------------------------------------------------------------------------ GeoPackages


@pytest.mark.bad_input("B37")
def test_a_recursive_view_in_the_place_of_a_layer_costs_no_time(tmp_path):
    view = """CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
        SELECT x AS fid FROM c;
        INSERT INTO gpkg_contents VALUES ('v', 'features', 'v', 4326);"""
    path = package(tmp_path, {}, more=[view])
    assert refused(path).code == "no_rows"


@pytest.mark.bad_input("B37")
def test_a_schema_edited_by_hand_attaches_and_runs_nothing(tmp_path):
    path = geopackage(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "UPDATE sqlite_master SET sql = 'CREATE TABLE a AS ATTACH ''x.db'' AS x' "
            "WHERE name = 'a'"
        )
    database.close()
    assert refused(path).code == "file_damaged"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.bad_input("B37")
def test_another_application_and_a_broken_header_are_refused(tmp_path):
    assert refused(geopackage(tmp_path, application=7)).code == "format_mismatch"
    path = tmp_path / "short.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + bytes(84))
    assert refused(path).code == "file_damaged"


@pytest.mark.bad_input("B37")
def test_a_geometry_of_two_thousand_million_points_spoils_its_row_only(tmp_path):
    huge = blob(struct.pack("<BIi", 1, 2, 2**31 - 1))
    path = package(tmp_path, {"a": [("x", 1, 1, huge), ("y", 1, 1, blob(POINT))]})
    assert parse(path).tables["rows"]["@x"].to_pylist() == ["not a number", "51.3865"]


# ------------------------------------------------------------------------------------ XML


@pytest.mark.bad_input("B38")
def test_entities_of_a_trace_are_never_expanded(tmp_path):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    start = f'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY e0 "ha">{entities}]><gpx>'
    for path in (
        gpx(tmp_path, TRACE.replace("Маршрут 7", "&e8;"), start),
        gpx(tmp_path, TRACE, start.replace("<!DOCTYPE", f"<!--{' ' * 5000}--><!DOCTYPE")),
    ):
        assert refused(path, ["gpx"]).code in ("format_mismatch", "format_not_accepted")


# ------------------------------------------------------------------------- any broken file


@pytest.mark.parametrize("make", [workbook, shapefile_zip, geopackage, trace])
def test_a_mutated_file_is_read_or_refused_with_a_code(tmp_path, make):
    path = make(tmp_path)
    content = path.read_bytes()
    dice = random.Random(3)
    for _ in range(25):
        changed = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            length = dice.randint(1, 40)
            match dice.randrange(3):
                case 0:
                    changed[at] ^= 1 << dice.randrange(8)
                case 1:
                    del changed[at : at + length]
                case 2:
                    changed[at : at + length] = dice.randbytes(length)
        path.write_bytes(changed)
        try:
            parse(path, [*ACCEPTED, "gpx"])
        except InputRefusedError as error:
            assert error.code != "parser_crashed", error  # noqa: PT017
