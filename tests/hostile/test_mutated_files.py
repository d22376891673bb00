"""Whatever happens to a file on its way, it ends as a table or as a coded refusal.

Good files of every accepted format are cut off, have bytes flipped and parts of themselves put
elsewhere; those that are archives also within, below the checksums. The mutations come from a
seed, so that a failure can be made again from the name of the test.
"""

import contextlib
import io
import json
import random
import re
import sqlite3
import struct
import zipfile

import openpyxl
import osmium
import pytest
import shapefile
import shapely

from data.importers.parsing.isolation import Limits, run_isolated
from data.importers.parsing.table_parsers import parse_table
from data.importers.street_map.osm import osm_tables
from geo.errors import InputRefusedError, NoDataError

ROWS = [("күні", "бап", "көше", "lat", "lon")] + [
    (f"{n % 28 + 1:02}.04.2025", "188", "Сырым Датұлы көшесі", f"51.22{n:02}", f"51.36{n:02}")
    for n in range(30)
]
ACCEPTED = ["csv", "xlsx", "geojson", "gpkg", "shapefile", "gpx", "arcgis"]
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
# A file of some kilobytes that needs more is stuck; the true limits would let it run on.
LIMITS = Limits(cpu_seconds=5, wall_seconds=30)


def as_csv(encoding, delimiter=";"):
    """Write the rows as CSV."""
    return "".join(f"{delimiter.join(row)}\r\n" for row in ROWS).encode(encoding)


def as_json(kind):
    """Write the rows as GeoJSON, or as a page of an ArcGIS layer."""
    heads, *rows = ROWS
    features = []
    for row in rows:
        record, x, y = dict(zip(heads, row, strict=True)), float(row[4]), float(row[3])
        if kind == "geojson":
            place = {"type": "Point", "coordinates": [x, y]}
            features.append({"type": "Feature", "properties": record, "geometry": place})
        else:
            features.append({"attributes": record, "geometry": {"x": x, "y": y}})
    more = {"type": "FeatureCollection"} if kind == "geojson" else {"exceededTransferLimit": True}
    return json.dumps({**more, "features": features}, ensure_ascii=False).encode()


def as_workbook():
    """Write the rows as two sheets of a workbook."""
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Мамыр")):
        for row in ROWS:
            sheet.append(row)
        sheet.merge_cells("A5:A6")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_package(tmp_path):
    """Write the rows as a GeoPackage."""
    path = tmp_path / "made.gpkg"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(
            f"""
            PRAGMA application_id = {0x47504B47};
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT,
                srs_id INTEGER);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,
                geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
            CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY,
                organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
            INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, '');
            INSERT INTO gpkg_contents VALUES ('t', 'features', 't', 4326);
            INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom', 'POINT', 4326, 0, 0);
            CREATE TABLE t (fid INTEGER PRIMARY KEY, көше TEXT, geom BLOB);
            """
        )
        head = struct.pack("<2sBBi", b"GP", 0, 1, 4326)
        database.executemany(
            "INSERT INTO t VALUES (NULL, ?, ?)",
            [(row[2], head + shapely.to_wkb(shapely.Point(51.3, 51.2))) for row in ROWS],
        )
        database.commit()
    return path.read_bytes()


def as_shapefile():
    """Write the rows as a zipped shapefile."""
    parts = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POINT, encoding="utf-8") as out:
        out.field("STREET", "C", 60)
        out.field("LAMPS", "N", 10, 0)
        for n, row in enumerate(ROWS):
            out.point(51.3 + n / 1000, 51.2)
            out.record(row[2], n)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for ending, part in parts.items():
            packed.writestr(f"lamps.{ending}", part.getvalue())
    return archive.getvalue()


def as_trace():
    """Write a patrol's trace as GPX."""
    points = "".join(
        f'<trkpt lat="51.2{n:02}" lon="51.3{n:02}"><time>2025-04-01T20:{n:02}:00Z</time></trkpt>'
        for n in range(30)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" '
        'xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Маршрут</name><trkseg>'
        f"{points}</trkseg></trk></gpx>"
    ).encode()


def as_extract(tmp_path, ending):
    """Write a few streets as an OSM extract."""
    path = tmp_path / f"made{ending}"
    with osmium.SimpleWriter(str(path)) as out:
        for n in range(1, 20):
            out.add_node(osmium.osm.mutable.Node(id=n, location=(51.3 + n / 1000, 51.2), version=1))
        for n in range(1, 18):
            tags = {"highway": "residential", "name": "Абай көшесі"}
            out.add_way(osmium.osm.mutable.Way(id=n, nodes=[n, n + 1, n + 2], tags=tags, version=1))
    return path.read_bytes()


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Return name → content of a good file of each format."""
    folder = tmp_path_factory.mktemp("samples")
    return {
        "utf8.csv": as_csv("utf-8-sig"),
        "plain.csv": as_csv("utf-8", ","),
        "kazakh.csv": as_csv("kz1048"),
        "wide.csv": as_csv("utf-16", "\t"),
        "rows.geojson": as_json("geojson"),
        "page.json": as_json("arcgis"),
        "book.xlsx": as_workbook(),
        "rows.gpkg": as_package(folder),
        "lamps.zip": as_shapefile(),
        "trace.gpx": as_trace(),
        "town.osm.pbf": as_extract(folder, ".osm.pbf"),
        "town.osm": as_extract(folder, ".osm"),
    }


def mutated(content, rng):
    """Cut off, flip bytes of, or splice a content."""
    data = bytearray(content)
    way = rng.randrange(3)
    if way == 0:
        return bytes(data[: rng.randrange(len(data))])
    if way == 1:
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            data[rng.randrange(len(data))] = rng.choice((0, 0xFF, 0x22, 0x2C, rng.randrange(256)))
        return bytes(data)
    start, to = rng.randrange(len(data)), rng.randrange(len(data))
    piece = data[start : start + rng.randrange(1, 400)]
    if rng.random() < 0.5:
        piece *= rng.choice((1, 2, 50))
    data[to : to + rng.choice((0, len(piece)))] = piece
    return bytes(data)


def mutated_within(content, rng):
    """Mutate one member of an archive and pack it anew, so that its checksum is right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = rng.choice(names)
        for name in names:
            member = old.read(name)
            new.writestr(name, mutated(member, rng) if name == chosen and member else member)
    return out.getvalue()


def check(samples, tmp_path, seed):
    """Read one mutated file and say how it ended."""
    rng = random.Random(seed)
    name = rng.choice(sorted(samples))
    content = samples[name]
    archive = name.endswith((".xlsx", ".zip"))
    change = mutated_within if archive and rng.random() < 0.7 else mutated
    path = tmp_path / name
    path.write_bytes(change(content, rng))
    parser = osm_tables if ".osm" in name else parse_table
    try:
        tables, facts, _ = run_isolated(parser, path, {"accepted": ACCEPTED}, LIMITS)
    except (InputRefusedError, NoDataError) as error:  # an extract may be left without a street
        refused = error
    else:
        assert tables, seed
        json.dumps(facts)
        return "taken"
    assert CODE.fullmatch(refused.code), (seed, refused.code)
    assert "\n" not in str(refused), (seed, str(refused))
    return refused.code


def test_every_sample_is_taken_as_it_is(samples, tmp_path):
    for name, content in samples.items():
        path = tmp_path / name
        path.write_bytes(content)
        parser = osm_tables if ".osm" in name else parse_table
        tables, *_ = run_isolated(parser, path, {"accepted": ACCEPTED}, LIMITS)
        assert sum(len(table) for table in tables.values()) >= len(ROWS) - 1, name


@pytest.mark.bad_input("D10")
def test_mutated_files_end_as_tables_or_coded_refusals(samples, tmp_path):
    ends = [check(samples, tmp_path, seed) for seed in range(240)]
    assert 0 < ends.count("taken") < len(ends)


@pytest.mark.full
@pytest.mark.bad_input("D10")
@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_mutated_files(samples, tmp_path, block):
    ends = [check(samples, tmp_path, 10_000 + block * 1000 + n) for n in range(1000)]
    assert 0 < ends.count("taken") < len(ends)
