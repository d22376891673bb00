"""Traces of patrols in GPX."""

import pytest

from data.importers.parsing.gpx import read_gpx
from data.importers.parsing.raw_columns import GEOMETRY, RAW, ROW, X, Y
from geo.errors import InputRefusedError

START = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" {space}>'
SPACE = 'xmlns="http://www.topografix.com/GPX/1/1"'
TRACE = """<trk><name>Маршрут 7</name><trkseg>
<trkpt lat="51.2278" lon="51.3865"><ele>21.5</ele><time>2025-04-03T15:30:00Z</time></trkpt>
<trkpt lon="51.3866" lat="51.2279"><time>2025-04-03T15:30:10Z</time>
<extensions><g:speed xmlns:g="http://x">1.4</g:speed></extensions></trkpt>
</trkseg></trk>"""


def gpx(tmp_path, body, start=None, end="</gpx>"):
    path = tmp_path / "trace.gpx"
    start = START.format(space=SPACE) if start is None else start
    path.write_text(start + body + end, encoding="utf-8")
    return path


def read(path):
    facts = {}
    rows = read_gpx(path, {}, facts)
    columns = {head: [] for head in (*rows.heads, ROW, RAW, X, Y, GEOMETRY)}
    for block in rows.blocks:
        for head, texts in columns.items():
            texts.extend(block[head])
    return columns, facts


def refused(path):
    with pytest.raises(InputRefusedError) as refusal:
        read(path)
    assert path.name in str(refusal.value)
    return refusal.value


def test_points_of_tracks_are_rows(tmp_path):
    waypoint = '<wpt lat="1" lon="2"><name>Пост</name></wpt><rte><rtept lat="1" lon="2"/></rte>'
    second = '<trk><trkseg><trkpt lat="51.3" lon="51.4"/></trkseg></trk>'
    columns, facts = read(gpx(tmp_path, waypoint + TRACE + second))
    assert columns["trace"] == ["Маршрут 7", "Маршрут 7", "2"]
    assert columns["time"] == ["2025-04-03T15:30:00Z", "2025-04-03T15:30:10Z", None]
    assert columns["ele"] == ["21.5", None, None]
    assert columns["speed"] == [None, "1.4", None]
    assert columns[X] == ["51.3865", "51.3866", "51.4"]
    assert columns[Y] == ["51.2278", "51.2279", "51.3"]
    assert columns[GEOMETRY] == ["Point"] * 3
    assert columns[ROW] == [1, 2, 3]
    assert facts == {"crs": "EPSG:4326", "tracks": 2, "points": 3}


def test_an_older_edition_and_a_prefix_are_read_alike(tmp_path):
    prefixed = TRACE.replace("</", "</p:").replace("<t", "<p:t").replace("<e", "<p:e")
    prefixed = prefixed.replace("<n", "<p:n").replace("<g:", "<p:").replace("</p:g:", "</p:")
    start = START.replace("<gpx", "<p:gpx").format(space='xmlns:p="http://x"')
    columns, _ = read(gpx(tmp_path, prefixed, start, "</p:gpx>"))
    plain, _ = read(gpx(tmp_path, TRACE, START.format(space="")))
    assert columns == plain


def test_a_point_without_a_place_keeps_its_row(tmp_path):
    body = '<trk><trkseg><trkpt lat="" lon="x"/><trkpt/></trkseg></trk>'
    columns, _ = read(gpx(tmp_path, body))
    assert columns[X] == ["x", None]
    assert columns[Y] == [None, None]


def test_many_points_come_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("data.importers.parsing.gpx.BLOCK_ROWS", 7)
    points = "".join(f'<trkpt lat="51" lon="{n}"/>' for n in range(50))
    path = gpx(tmp_path, f"<trk><trkseg>{points}</trkseg></trk>")
    rows = read_gpx(path, {}, facts := {})
    sizes = [len(block[ROW]) for block in rows.blocks]
    assert sizes == [7] * 7 + [1]
    assert facts["points"] == 50
    assert read(path)[0][ROW] == list(range(1, 51))


@pytest.mark.bad_input("B38")
def test_a_document_type_is_refused(tmp_path):
    laughs = '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    start = START.format(space=SPACE).replace("<gpx", laughs + "<gpx")
    error = refused(gpx(tmp_path, TRACE.replace("Маршрут 7", "&b;"), start))
    assert error.code == "format_mismatch"
    assert "document type" in str(error)


@pytest.mark.parametrize(
    ("body", "start", "end", "code"),
    [
        ("", "<kml>", "</kml>", "format_mismatch"),
        (TRACE, START.format(space=SPACE), "", "file_damaged"),
        ("<trk></trkseg>", START.format(space=SPACE), "</gpx>", "file_damaged"),
        ("&other;", START.format(space=SPACE), "</gpx>", "file_damaged"),
        (TRACE, START.replace("UTF-8", "WTF-8").format(space=SPACE), "</gpx>", "file_damaged"),
        (TRACE, START.replace("UTF-8", "cp932").format(space=SPACE), "</gpx>", "file_damaged"),
        ("<x>" * 100_000, START.format(space=SPACE), "", "too_deep"),
    ],
)
def test_what_is_no_gpx_is_a_named_refusal(tmp_path, body, start, end, code):
    assert refused(gpx(tmp_path, body, start, end)).code == code


def test_a_file_without_tracks_has_no_rows(tmp_path):
    columns, facts = read(gpx(tmp_path, '<wpt lat="1" lon="2"/>'))
    assert columns[ROW] == []
    assert facts["tracks"] == 0
