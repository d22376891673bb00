"""Files that nobody should bring: each ends as a coded refusal, or as the rows it really holds."""

import http.server
import threading

import pytest

from geo.errors import InputRefusedError
from tests.hostile.rows import HEAD, file_with, geojson, line, read, refused

VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.bad_input("B35")
def test_content_that_points_elsewhere_opens_nothing(tmp_path):
    hits = []

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hits.append(self.path)

    secret = tmp_path / "secret.csv"
    secret.write_text("canary-content,lat\n")
    with http.server.HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/x.geojson"
        contents = [
            VRT.format(source=secret),
            VRT.format(source=f"/vsicurl/{address}"),
            f"GeoJSON:{address}",
            f"CSV:{secret}",
            f"<OGRWFSDataSource><URL>{address}</URL></OGRWFSDataSource>",
        ]
        for content in contents:
            error = refused(geojson(tmp_path, content))
            assert error.code == "format_mismatch"
            assert "canary-content" not in str(error)
        server.shutdown()
        thread.join()
    assert hits == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("rows.xlsx", b"PK\x03\x04 and more", "archive_unsafe"),
        ("rows.csv", b"PK\x03\x04 and more", "format_mismatch"),
        ("rows.gpkg", b"SQLite format 3\x00", "file_damaged"),
        ("rows.xls", b"<html><table><tr><td>lat", "format_not_accepted"),
        ("rows.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "format_not_accepted"),
        ("rows.rar", b"Rar!\x1a\x07", "format_not_accepted"),
        ("map.osm", b"<?xml version='1.0'?><osm version='0.6'/>", "format_not_accepted"),
        ("rows.kml", b"<?xml version='1.0'?><kml/>", "format_not_accepted"),
        ("rows.pdf", b"%PDF-1.7", "format_not_accepted"),
        ("rows.csv.gz", b"\x1f\x8b\x08", "format_not_accepted"),
        ("rows.bin", b"a,b\x00c\n1,2,3\n", "format_not_accepted"),
        ("rows.json", b'{"a": 1}', "format_not_accepted"),
        ("rows.json", b'{"features": [{"attributes": {"A": 1}}]}', "format_not_accepted"),
        ("rows.csv", b'{"type": "FeatureCollection", "features": []}', "format_mismatch"),
        ("rows.geojson", b"id,lat\n1,2\n", "format_mismatch"),
        ("rows.geojson", b'{"type": "FeatureCollection", "features": [', "json_invalid"),
        ("rows.geojson", b'{"type": "FeatureCollection", "features": []}', "no_rows"),
        ("rows.geojson", b"[" * 200_000, "too_deep"),
    ],
)
@pytest.mark.bad_input("B40")
def test_other_formats_are_refused_by_content_and_the_accepted_ones_named(
    tmp_path, name, content, code
):
    path = tmp_path / name
    path.write_bytes(content)
    error = refused(path)
    assert error.code == code
    if code == "format_not_accepted":
        assert "accepted here: CSV" in str(error)
        assert "GeoJSON" in str(error)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n\x1a", "file_empty"),
        (HEAD.encode(), "no_rows"),
        ("күні,бап,lat,lon\n".encode("kz1048") + b"2025-04-01,188,51,51\n", "encoding_unknown"),
        (HEAD.encode() + b'a,"2025-04-01,188,51.2,51.3,\n', "csv_invalid"),
        (HEAD.encode() + b'a,"' + b"x" * (2 << 20) + b'",188,51.2,51.3,\n', "csv_invalid"),
        (",".join(f"c{n}" for n in range(5000)).encode() + b"\n1\n", "too_many_columns"),
        (b"lat,lon,lat\n1,2,3\n", "header_duplicate"),
        (b"just a line of text\nand one more\n", "csv_invalid"),
    ],
)
@pytest.mark.bad_input("B41")
def test_a_broken_csv_is_a_named_refusal(tmp_path, content, code):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    assert refused(path).code == code


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (lambda text: b"\xef\xbb\xbf" + text.encode(), {}),
        (lambda text: text.encode("utf-16"), {}),
        (lambda text: text.encode("cp1251"), {"encoding": "cp1251"}),
        (lambda text: text.replace(",", ";").encode(), {}),
        (lambda text: text.replace(",", "\t").encode(), {}),
        (lambda text: text.replace("\n", "\r\n").encode(), {}),
        (lambda text: text.replace("\n", "\r").encode(), {}),
        (lambda text: (text + "\x1a").encode(), {}),
        (lambda text: text.replace("two lines", '"two\nlines"').encode(), {}),
        (lambda text: "\n".join(line + "," for line in text.splitlines()).encode(), {}),
    ],
)
@pytest.mark.bad_input("B41")
def test_every_usual_spelling_of_a_csv_is_the_same_records(tmp_path, change, options):
    text = HEAD + line(1, note="двор") + line(2, note="two lines")
    plain = tmp_path / "plain.csv"
    plain.write_text(text, encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_bytes(change(text))
    assert read(other, **options).frame.equals(read(plain).frame)


@pytest.mark.bad_input("B41")
def test_a_row_of_another_length_is_put_aside(tmp_path):
    imported = read(file_with(tmp_path, "a20,2025-04-01\n", line(21, note="a,b")))
    codes = imported.refused[imported.refused["code"] == "row_shape"]
    assert codes["row"].tolist() == [21, 22]


@pytest.mark.bad_input("B43")
def test_the_same_rows_in_another_order_with_more_columns_are_the_same_records(tmp_path):
    text = "occurred_at,article,lat,lon\n" + "".join(
        f"2025-04-01 20:30,188,51.22{n},51.36{n}\n" for n in (1, 2, 2, 3)
    )
    one = tmp_path / "one.csv"
    one.write_text(text)
    head, *rows = text.splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join([f"{head},note", *(f"{row},x" for row in reversed(rows))]))
    first, second = (read(path).frame["identity"] for path in (one, other))
    assert first.equals(second)
    assert len(first) == 4


@pytest.mark.bad_input("B44")
def test_rows_of_one_id_that_differ_are_all_put_aside(tmp_path):
    imported = read(file_with(tmp_path, line(3, lat="51.2299")))
    assert imported.report.reasons == {"conflicting_duplicate": 2}
    assert imported.report.accepted == 18


@pytest.mark.parametrize(("bad", "taken"), [(5, True), (6, False)])
@pytest.mark.bad_input("B45")
def test_more_than_a_fifth_of_bad_rows_refuses_the_file(tmp_path, bad, taken):
    # 5 of 25 rows are 20 %; 6 of 26 are 23 %
    path = file_with(tmp_path, *(line(50 + n, lat="") for n in range(bad)), good=20)
    if taken:
        assert read(path).report.accepted == 20
        return
    error = refused(path)
    assert error.code == "too_many_bad_rows"
    assert "row 22, column lat, coord_missing" in str(error)
    assert error.facts["quarantined"] == 6
    assert read(path, allowed_bad_share=0.3).report.accepted == 20


@pytest.mark.bad_input("B45")
def test_a_file_without_one_usable_row_is_refused(tmp_path):
    far = [line(n, lat=f"60.{n}11") for n in range(5)]
    error = refused(file_with(tmp_path, *far, good=0))
    assert error.code == "no_valid_rows"
    assert error.facts["outside_region"] == 5


def test_a_refused_file_is_an_input_refusal(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"")
    assert isinstance(refused(path), InputRefusedError)
    assert refused(path).exit_code == 3
