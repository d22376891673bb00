"""GeoPackages, good ones and ones that try to do more than hold rows."""

import contextlib
import shutil
import sqlite3
import struct

import pytest
import shapely

from data.importers.parsing import geopackage, guarded_database
from data.importers.parsing.geopackage import read_geopackage
from data.importers.parsing.raw_columns import GEOMETRY, LINE, RAW, ROW, X, Y
from geo.errors import InputRefusedError

GPKG = 0x47504B47
ENVELOPES = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}


def blob(shape, *, envelope=0, flags=0, magic=b"GP", version=0, srs=4326):
    """Encode a geometry as the standard says, little-endian."""
    head = struct.pack("<2sBBi", magic, version, 1 | envelope << 1 | flags, srs)
    box = struct.pack(f"<{ENVELOPES.get(envelope, 0)}d", *[0.0] * ENVELOPES.get(envelope, 0))
    return head + box + (shape if isinstance(shape, bytes) else shapely.to_wkb(shape))


def package(tmp_path, tables, name="rows.gpkg", application=GPKG, more=()):
    """Write a GeoPackage with sqlite3: table → rows of (name, number, flag, geometry)."""
    path = tmp_path / name
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA application_id = {application}")
        database.executescript(
            """
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT,
                srs_id INTEGER);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,
                geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
            CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY,
                organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
            INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, ''),
                ('undefined', -1, 'NONE', -1, ''), ('UTM 39', 7, 'epsg', 32639, '');
            """
        )
        for table, rows in tables.items():
            quoted = '"' + table.replace('"', '""') + '"'
            database.execute(
                f"CREATE TABLE {quoted} (fid INTEGER PRIMARY KEY, көше TEXT, ват DOUBLE, "
                "жанады BOOLEAN, geom BLOB)"
            )
            database.execute(
                "INSERT INTO gpkg_contents VALUES (?, 'features', ?, 4326)", (table, table)
            )
            database.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', 4326, 0, 0)",
                (table,),
            )
            database.executemany(f"INSERT INTO {quoted} VALUES (NULL, ?, ?, ?, ?)", rows)
        for statement in more:
            database.executescript(statement)
        database.commit()
    return path


def read(path, **options):
    facts = {}
    rows = read_geopackage(path, {"sheet": None, **options}, facts)
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


POINT = shapely.Point(51.3865, 51.2278)
ROWS = [("Абай", 150.0, 1, blob(POINT)), ("Құрманғазы", 70.5, 0, None)]


def test_rows_come_through_as_text_with_position_and_crs(tmp_path):
    columns, facts = read(package(tmp_path, {"шамдар": ROWS}))
    assert columns["көше"] == ["Абай", "Құрманғазы"]
    assert columns["ват"] == ["150", "70.5"]
    assert columns["жанады"] == ["true", "false"]
    assert columns["fid"] == ["1", "2"]
    assert columns[X] == ["51.3865", None]
    assert columns[Y] == ["51.2278", None]
    assert columns[GEOMETRY] == ["Point", None]
    assert columns[ROW] == [1, 2]
    assert "geom" not in columns
    assert facts == {"sheets": ["шамдар"], "crs": "EPSG:4326"}


@pytest.mark.parametrize("envelope", [0, 1, 2, 3, 4])
def test_every_envelope_of_the_standard_is_passed_over(tmp_path, envelope):
    columns, _ = read(package(tmp_path, {"a": [("x", 1, 1, blob(POINT, envelope=envelope))]}))
    assert columns[X] == ["51.3865"]


def test_lines_are_text_and_other_shapes_are_no_points(tmp_path):
    shapes = {
        "LINESTRING (51.1 51.2, 51.3 51.25)": "LINESTRING (51.1 51.2, 51.3 51.25)",
        "LINESTRING Z (1 2 9, 3 4 9)": "LINESTRING (1 2, 3 4)",
        "MULTILINESTRING ((1 2, 3 4), (3 4, 5 6))": "LINESTRING (1 2, 3 4, 5 6)",
        "MULTILINESTRING ((1 2, 3 4), (7 7, 5 6))": None,
        "POLYGON ((0 0, 1 0, 1 1, 0 0))": None,
        "MULTIPOINT ((0 0), (1 1))": None,
    }
    rows = [("x", 1, 1, blob(shapely.from_wkt(text))) for text in shapes]
    columns, _ = read(package(tmp_path, {"a": rows}))
    assert columns[LINE] == list(shapes.values())
    assert set(columns[GEOMETRY]) == {"not a point"}
    assert set(columns[X]) == {None}


def test_a_point_with_a_height_and_an_empty_one(tmp_path):
    rows = [
        ("x", 1, 1, blob(shapely.Point(1, 2, 3))),
        ("y", 1, 1, blob(shapely.Point(), flags=0x10)),
        ("z", 1, 1, blob(shapely.Point(float("inf"), -1.7e308))),
    ]
    columns, _ = read(package(tmp_path, {"a": rows}))
    assert columns[X] == ["1", None, "inf"]
    assert columns[Y] == ["2", None, "-inf"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"GP",
        b"text that is no geometry",
        blob(POINT, magic=b"PG"),
        blob(POINT, version=1),
        blob(POINT, envelope=7),
        blob(POINT, flags=0x20),
        blob(POINT)[:-1],
        blob(POINT, envelope=4)[:20],
        blob(struct.pack("<BIi", 1, 2, 2**31 - 1)),  # a line of 2^31 points
        blob(struct.pack("<BIi", 1, 7, 2**31 - 1)),  # and as many shapes
        blob(struct.pack("<BI", 1, 99)),
        "text",
        7,
    ],
)
@pytest.mark.bad_input("B37")
def test_a_malformed_geometry_spoils_its_row_only(tmp_path, broken):
    rows = [("x", 1, 1, broken), ("y", 2, 1, blob(POINT))]
    columns, _ = read(package(tmp_path, {"a": rows}))
    assert columns[X] == ["not a number", "51.3865"]
    assert columns[GEOMETRY] == ["Point", "Point"]


def test_the_crs_is_named_by_its_authority(tmp_path):
    more = ["UPDATE gpkg_geometry_columns SET srs_id = 7"]
    assert read(package(tmp_path, {"a": ROWS}, "a.gpkg", more=more))[1]["crs"] == "EPSG:32639"
    more = ["UPDATE gpkg_geometry_columns SET srs_id = -1"]
    assert read(package(tmp_path, {"a": ROWS}, "b.gpkg", more=more))[1]["crs"] is None


def test_of_several_layers_one_must_be_named(tmp_path):
    path = package(tmp_path, {"шамдар": ROWS, "бағандар": ROWS[:1]})
    error = refused(path)
    assert error.code == "layer_ambiguous"
    assert "'шамдар', 'бағандар'" in str(error)
    columns, facts = read(path, sheet="бағандар")
    assert len(columns[ROW]) == 1
    assert facts["sheets"] == ["бағандар"]
    assert refused(path, sheet="жолдар").code == "sheet_unknown"


def test_a_name_with_quotes_is_a_name(tmp_path):
    name = 'a"; DROP TABLE b; --'
    assert read(package(tmp_path, {name: ROWS}))[1]["sheets"] == [name]


def test_values_of_other_kinds_and_broken_text_are_text(tmp_path):
    rows = [("x", "жүз", "maybe", None), (b"\x00\xff", 252710000012345, None, None)]
    more = ["INSERT INTO a VALUES (NULL, CAST(x'ff41' AS TEXT), 1e300, 7, NULL)"]
    columns, _ = read(package(tmp_path, {"a": rows}, more=more))
    assert columns["ват"][:2] == ["жүз", "252710000012345"]
    assert columns["көше"] == ["x", None, "\ufffdA"]
    assert columns["жанады"] == ["maybe", None, "7"]


@pytest.mark.parametrize("application", [0, 0x47503130, 0x12345678])
@pytest.mark.bad_input("B37")
def test_another_application_id_is_refused(tmp_path, application):
    path = package(tmp_path, {"a": ROWS}, application=application)
    if application == 0x47503130:  # "GP10", an older edition
        assert len(read(path)[0][ROW]) == 2
        return
    assert refused(path).code == "format_mismatch"


@pytest.mark.parametrize(
    ("at", "change"),
    [
        (16, b"\x00\x00"),  # pages of no size
        (16, b"\x03\x00"),  # of a size that is no power of two
        (28, b"\x7f\xff\xff\xff"),  # more pages than bytes
        (0, b"X"),
        (100, b"\x00" * 200),  # the first page of the schema
        (40, b"\xff" * 8),
    ],
)
@pytest.mark.bad_input("B37")
def test_a_malformed_header_is_refused(tmp_path, at, change):
    path = package(tmp_path, {"a": ROWS})
    content = bytearray(path.read_bytes())
    content[at : at + len(change)] = change
    path.write_bytes(content)
    try:
        columns, _ = read(path)
    except InputRefusedError as error:
        assert error.code == "file_damaged"  # noqa: PT017
    else:
        assert at == 40, "only the schema cookie may be anything"
        assert len(columns[ROW]) == 2


@pytest.mark.parametrize("length", [0, 50, 100, 1024, 5000])
def test_a_cut_file_is_refused(tmp_path, length):
    path = package(tmp_path, {"a": ROWS})
    path.write_bytes(path.read_bytes()[:length])
    assert refused(path).code == "file_damaged"


RECURSIVE = """CREATE VIEW a AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT x AS fid, NULL AS geom FROM c;
    INSERT INTO gpkg_contents VALUES ('a', 'features', 'a', 4326);
    INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 'POINT', 4326, 0, 0);"""


@pytest.mark.bad_input("B37")
def test_a_view_is_no_layer(tmp_path):
    assert refused(package(tmp_path, {}, more=[RECURSIVE])).code == "no_rows"
    path = package(tmp_path, {"b": ROWS}, "other.gpkg", more=[RECURSIVE])
    assert len(read(path)[0][ROW]) == 2
    assert refused(path, sheet="a").code == "sheet_unknown"


@pytest.mark.parametrize("name", ["gpkg_contents", "gpkg_geometry_columns"])
@pytest.mark.bad_input("B37")
def test_a_view_in_the_place_of_a_table_of_the_standard_is_refused(tmp_path, name):
    more = [f"ALTER TABLE {name} RENAME TO held; CREATE VIEW {name} AS SELECT * FROM held;"]
    assert refused(package(tmp_path, {"a": ROWS}, more=more)).code == "file_damaged"


@pytest.mark.bad_input("B37")
def test_triggers_never_run_and_the_file_is_never_written(tmp_path):
    more = [
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END;",
        "CREATE TRIGGER u AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM a; END;",
    ]
    path = package(tmp_path, {"a": ROWS}, more=more)
    before = path.read_bytes()
    assert len(read(path)[0][ROW]) == 2
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE 'other.db' AS o",
        "PRAGMA writable_schema = ON",
        "PRAGMA database_list",
        "SELECT load_extension('x')",
        "SELECT abs(-1)",
        "SELECT readfile('/etc/hostname')",
        "CREATE TABLE b (x)",
        "CREATE TEMP TABLE b (x)",
        "INSERT INTO a VALUES (NULL, 1, 1, 1, 1)",
        "DELETE FROM a",
        "DROP TABLE a",
        "SELECT * FROM seen",
        "SELECT * FROM pragma_database_list",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "BEGIN",
        "VACUUM INTO 'copy.db'",
    ],
)
@pytest.mark.bad_input("B37")
def test_the_connection_can_do_nothing_but_read_plain_tables(tmp_path, statement):
    path = package(tmp_path, {"a": ROWS}, more=["CREATE VIEW seen AS SELECT * FROM a;"])
    with contextlib.closing(guarded_database.GuardedDatabase(path)) as database:
        with pytest.raises(InputRefusedError) as refusal:
            database.read_all(statement)
        assert refusal.value.code in ("database_unsafe", "file_damaged")
        assert len(database.read_all("SELECT * FROM a")) == 2
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.bad_input("B37")
def test_a_computed_column_is_not_computed(tmp_path):
    more = [
        "CREATE TABLE c (fid INTEGER, geom BLOB, x TEXT AS (hex(fid)));"
        "INSERT INTO c (fid) VALUES (9);"
        "INSERT INTO gpkg_contents VALUES ('c', 'features', 'c', 4326);"
    ]
    path = package(tmp_path, {}, more=more)
    # The list of columns does not name it, so nothing is computed.
    columns, _ = read(path)
    assert columns["fid"] == ["9"]
    assert "x" not in columns


@pytest.mark.bad_input("B37")
def test_a_step_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(guarded_database, "_STEP_SECONDS", 0.05)
    monkeypatch.setattr(guarded_database, "_authorize", lambda *_: sqlite3.SQLITE_OK)
    endless = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    )
    path = package(tmp_path, {"a": ROWS})
    with (
        contextlib.closing(guarded_database.GuardedDatabase(path)) as database,
        pytest.raises(InputRefusedError) as refusal,
    ):
        database.read_all(endless)
    assert refusal.value.code == "database_unsafe"
    assert "too long" in str(refusal.value)


@pytest.mark.bad_input("B37")
def test_a_journal_beside_the_file_is_not_read_and_not_forgotten(tmp_path, monkeypatch):
    path = package(tmp_path, {"a": ROWS}, "first.gpkg")
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO a VALUES (NULL, 'from the journal', 1, 1, NULL)")
        database.commit()
        for ending in ("", "-wal"):
            shutil.copy(f"{path}{ending}", f"{tmp_path}/rows.gpkg{ending}")
    with open(tmp_path / "rows.gpkg-wal", "ab") as journal:
        journal.truncate(1 << 33)  # sparse
    error = refused(tmp_path / "rows.gpkg")
    assert error.code == "database_open"
    monkeypatch.setattr(geopackage, "_journals", lambda _: [])
    columns, _ = read(tmp_path / "rows.gpkg")
    assert columns["көше"] == ["Абай", "Құрманғазы"]


def test_a_virtual_table_is_no_layer(tmp_path):
    more = [
        "CREATE VIRTUAL TABLE v USING rtree(id, a, b);"
        "INSERT INTO gpkg_contents VALUES ('v', 'features', 'v', 4326);"
    ]
    assert len(read(package(tmp_path, {"a": ROWS}, more=more))[0][ROW]) == 2
