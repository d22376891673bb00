"""An extract becomes plain frames; what cannot be used is dropped and counted, or refused."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from data.importers.street_map.osm import (
    extract_from_arrow,
    extract_hull,
    extract_to_arrow,
    osm_tables,
    parse_osm_file,
    parse_streets,
    read_osm_file,
)
from geo.errors import InputRefusedError, NoDataError, NotFoundError
from geo.schema import WAYS, check_frame
from geo.streets.network import build_network
from geo.streets.section_labels import LABEL_KINDS, section_labels
from geo.streets.sections import street_sections
from geo.study_area import build_study_area
from tests.shared_data import shared_path

FRAMES = ("nodes", "ways", "way_nodes", "points", "areas", "rails", "waterways")
NODES = """
<node id="1" lat="51.20" lon="51.30"/>
<node id="2" lat="51.20" lon="51.31"/>
<node id="3" lat="51.21" lon="51.31"/>
<node id="4" lat="51.21" lon="51.30"/>
"""


def write(folder: Path, body: str, name: str = "town.osm") -> Path:
    path = folder / name
    path.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">{body}</osm>', encoding="utf-8")
    return path


def way(way_id: int, refs: list[int], **tags: str) -> str:
    nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    kept = "".join(f'<tag k="{key.replace("__", ":")}" v="{tags[key]}"/>' for key in tags)
    return f'<way id="{way_id}" timestamp="2025-03-04T05:06:07Z" version="1">{nds}{kept}</way>'


def refusal(path: Path) -> str:
    with pytest.raises((InputRefusedError, NotFoundError)) as caught:
        parse_osm_file(path)
    assert path.name in str(caught.value)
    return caught.value.code


def test_streets_keep_the_tags_that_walking_needs(tmp_path):
    tags = {"highway": "primary", "name": "Абай", "name__kk": "Абай көшесі", "lit": "yes"}
    path = write(tmp_path, NODES + way(7, [1, 2], **tags) + way(5, [3, 2], highway="steps"))

    extract = parse_osm_file(path)

    check_frame(extract.ways, WAYS, name="ways")
    assert extract.ways["way_id"].tolist() == [5, 7]
    assert extract.ways["name"].tolist()[1] == "Абай"
    assert extract.ways["name_kk"].tolist()[1] == "Абай көшесі"
    assert extract.ways["lit"].tolist()[1] == "yes"
    assert extract.ways["name_ru"].isna().all()
    assert extract.way_nodes.to_numpy().tolist() == [[5, 3], [5, 2], [7, 1], [7, 2]]
    assert extract.nodes.to_numpy().tolist() == [
        [1, 51.2, 51.3],
        [2, 51.2, 51.31],
        [3, 51.21, 51.31],
    ]
    assert extract.facts["osm_date"] == "2025-03-04"
    assert re.fullmatch("[0-9a-f]{64}", extract.facts["sha256"])


@pytest.mark.parametrize(
    ("tags", "sidewalk"),
    [
        ({"sidewalk": "left"}, "left"),
        ({"sidewalk__both": "yes"}, "both"),
        ({"sidewalk__both": "no"}, "no"),
        ({"sidewalk__left": "yes", "sidewalk__right": "yes"}, "both"),
        ({"sidewalk__left": "no", "sidewalk__right": "yes"}, "right"),
        ({"sidewalk__left": "no"}, "no"),
    ],
)
def test_sidewalk_tagged_by_side_reads_as_one_word(tmp_path, tags, sidewalk):
    path = write(tmp_path, NODES + way(1, [1, 2], highway="primary", **tags))

    assert parse_osm_file(path).ways["sidewalk"].tolist() == [sidewalk]


def test_schools_are_found_as_nodes_polygons_and_relations(tmp_path):
    relation = (
        '<relation id="9"><member type="way" ref="21" role="outer"/>'
        '<member type="way" ref="22" role="outer"/><tag k="type" v="multipolygon"/>'
        '<tag k="amenity" v="school"/><tag k="ref" v="7"/></relation>'
    )
    node = (
        '<node id="8" lat="51.5" lon="51.6"><tag k="amenity" v="school"/><tag k="name" v="№ 18"/>'
        "</node>"
    )
    ring = way(20, [1, 2, 3, 4, 1], amenity="school", name__ru="СОШ 3")
    halves = way(21, [1, 2, 3]) + way(22, [3, 4, 1])
    street = way(23, [1, 2], highway="residential")
    path = write(tmp_path, NODES + node + ring + halves + street + relation)

    points = parse_osm_file(path).points

    assert points["osm_id"].tolist() == ["n8", "r9", "w20"]
    assert points["kind"].tolist() == ["school"] * 3
    # The middle of the square 51.20–51.21 by 51.30–51.31, as polygon and as joined halves.
    np.testing.assert_allclose(points["lat"], [51.5, 51.205, 51.205])
    np.testing.assert_allclose(points["lon"], [51.6, 51.305, 51.305])
    assert points["name"].tolist()[0] == "№ 18"
    assert points["ref"].tolist()[1] == "7"
    assert points["name_ru"].tolist()[2] == "СОШ 3"


def test_points_areas_and_lines_of_each_kind_are_kept(tmp_path):
    lamp = '<node id="8" lat="51.5" lon="51.6"><tag k="highway" v="street_lamp"/></node>'
    place = (
        '<node id="9" lat="51.4" lon="51.6"><tag k="place" v="suburb"/><tag k="name" v="Зашаған"/>'
        "</node>"
    )
    house = way(
        20, [1, 2, 3, 4, 1], building="apartments", building__flats="40", addr__housenumber="5",
        addr__street="Абай",
    )  # fmt: skip
    lines = way(21, [1, 2], railway="rail") + way(22, [1, 3], waterway="river", name="Жайық")
    buried = way(23, [1, 2], railway="rail", tunnel="yes")
    areas = way(24, [1, 2, 3, 1], natural="water") + way(25, [1, 2, 3, 1], leisure="park")
    open_area = way(26, [1, 2, 3], leisure="park")
    street = way(27, [1, 2], highway="residential")
    body = NODES + lamp + place + house + lines + buried + areas + open_area + street

    extract = parse_osm_file(write(tmp_path, body))

    assert extract.points[["kind", "osm_id"]].to_numpy().tolist() == [
        ["address", "w20"],
        ["place", "n9"],
        ["street_lamp", "n8"],
    ]
    assert extract.points[["housenumber", "street"]].iloc[0].tolist() == ["5", "Абай"]
    assert extract.points["place"].tolist()[1] == "suburb"
    assert extract.areas[["kind", "osm_id"]].to_numpy().tolist() == [
        ["building", "w20"],
        ["green", "w25"],
        ["water", "w24"],
    ]
    assert extract.areas[["building", "flats"]].iloc[0].tolist() == ["apartments", 40.0]
    assert shapely.from_wkb(extract.areas["geometry"][0]).area == pytest.approx(1e-4)
    assert extract.rails["osm_id"].tolist() == ["w21"]
    assert extract.waterways["name"].tolist() == ["Жайық"]
    assert shapely.from_wkb(extract.waterways["geometry"][0]).geom_type == "LineString"


def test_water_relation_keeps_its_island_open(tmp_path):
    nodes = "".join(
        f'<node id="{i}" lat="{lat}" lon="{lon}"/>'
        for i, (lat, lon) in enumerate(
            [(50, 50), (50, 53), (53, 53), (53, 50), (51, 51), (51, 52), (52, 52), (52, 51)], 1
        )
    )
    relation = (
        '<relation id="9"><member type="way" ref="1" role="outer"/>'
        '<member type="way" ref="2" role="outer"/><member type="way" ref="3" role="inner"/>'
        '<member type="way" ref="99" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="natural" v="water"/></relation>'
    )
    rings = way(1, [1, 2, 3]) + way(2, [3, 4, 1]) + way(3, [5, 6, 7, 8, 5])
    path = write(tmp_path, nodes + rings + way(4, [1, 2], highway="path") + relation)

    (shape,) = shapely.from_wkb(parse_osm_file(path).areas["geometry"])

    assert shape.area == pytest.approx(3 * 3 - 1)  # square degrees; the absent way 99 is ignored


def test_dangling_references_are_dropped_and_counted(tmp_path):
    streets = way(1, [99, 1, 2, 98], highway="primary") + way(2, [1, 97], highway="primary")

    extract = parse_osm_file(write(tmp_path, NODES + streets))

    assert extract.way_nodes.to_numpy().tolist() == [[1, 1], [1, 2]]
    assert extract.ways["way_id"].tolist() == [1]
    assert extract.facts["dangling_references"] == 3
    assert extract.facts["short_ways"] == 1
    assert extract.facts["highways"] == 2


@pytest.mark.parametrize("lat", ["151", "551", "NaN", "1e400", "", "-90.1", "abc", "0x10"])
def test_impossible_coordinates_are_dropped_and_counted(tmp_path, lat):
    bad = f'<node id="8" lat="{lat}" lon="51.3"/>'

    extract = parse_osm_file(write(tmp_path, NODES + bad + way(1, [1, 8, 2], highway="primary")))

    assert extract.way_nodes["node_id"].tolist() == [1, 2]
    assert extract.facts["coord_out_of_range"] == 1
    assert extract.facts["dangling_references"] == 0


def test_point_out_of_range_is_dropped_and_counted(tmp_path):
    bad = '<node id="8" lat="151" lon="51.3"><tag k="amenity" v="school"/></node>'

    extract = parse_osm_file(write(tmp_path, NODES + bad + way(1, [1, 2], highway="primary")))

    assert extract.points.empty
    assert extract.facts["coord_out_of_range"] == 1


def test_negative_ids_of_an_unsaved_edit_are_fine(tmp_path):
    node = '<node id="-1" lat="51.25" lon="51.35"/><node id="-2" lat="151" lon="51.35"/>'

    extract = parse_osm_file(
        write(tmp_path, NODES + node + way(-5, [-1, -2, -3, 1], highway="path"))
    )

    assert extract.ways["way_id"].tolist() == [-5]
    assert extract.nodes.to_numpy().tolist() == [[-1, 51.25, 51.35], [1, 51.2, 51.3]]
    assert extract.facts["coord_out_of_range"] == 1
    assert extract.facts["dangling_references"] == 1


def test_repeated_way_counts_once(tmp_path):
    street = way(1, [1, 2], highway="primary")

    extract = parse_osm_file(write(tmp_path, NODES + street + street))

    assert len(extract.ways) == 1
    assert len(extract.way_nodes) == 2
    assert extract.facts["duplicate_ways"] == 1


def test_order_of_the_file_does_not_matter(tmp_path):
    first, second = way(1, [1, 2], highway="primary"), way(2, [2, 3], highway="steps")
    forth = parse_osm_file(write(tmp_path, NODES + first + second, "a.osm"))
    back = parse_osm_file(write(tmp_path, second + first + NODES, "b.osm.xml"))

    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(forth, name), getattr(back, name))


def test_missing_file_is_named(tmp_path):
    assert refusal(tmp_path / "no.osm.pbf") == "file_not_found"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.osm", b"", "file_empty"),
        ("empty.osm.pbf", b"", "file_empty"),
        ("town.osm.gz", b"\x1f\x8b", "format_not_accepted"),
        ("town.osm.bz2", b"BZh9", "format_not_accepted"),
        ("town.osc", b"<osmChange/>", "format_not_accepted"),
        ("change.osm", b"<osmChange></osmChange>", "format_mismatch"),
        ("track.osm", b"<?xml version='1.0'?><gpx></gpx>", "format_mismatch"),
        ("noise.osm.pbf", b"\x00\x01noise", "format_mismatch"),
        ("wide.osm", "<osm version='0.6'></osm>".encode("utf-16"), "format_mismatch"),
        ("cut.osm", b'<osm version="0.6"><node id="1" lat="5" ', "file_damaged"),
        ("text.osm", b'<osm version="0.6"><node id="abc" lat="5" lon="5"/></osm>', "file_damaged"),
    ],
)
def test_file_that_is_no_map_is_refused_by_name(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)

    assert refusal(path) == code


@pytest.mark.bad_input("B38")
@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE osm SYSTEM "osm.dtd">',
        '<?xml version="1.0"?>\n<!-- map -->\n<!DOCTYPE osm [<!ENTITY f SYSTEM "file:name">]>',
    ],
)
def test_document_type_is_refused_before_parsing(tmp_path, prolog):
    path = tmp_path / "town.osm"
    path.write_text(f'{prolog}<osm version="0.6">{NODES}</osm>', encoding="utf-8")

    assert refusal(path) == "format_mismatch"


@pytest.mark.bad_input("B39")
def test_pbf_named_as_xml_and_the_reverse_are_refused_by_name(tmp_path):
    source = write(tmp_path, NODES + way(1, [1, 2], highway="path"))
    binary, renamed = tmp_path / "town.pbf", tmp_path / "renamed.osm"
    with osmium.SimpleWriter(str(binary)) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    renamed.write_bytes(binary.read_bytes())
    reverse = tmp_path / "reverse.osm.pbf"
    reverse.write_bytes(source.read_bytes())

    assert refusal(renamed) == "format_mismatch"
    assert refusal(reverse) == "format_mismatch"
    assert parse_osm_file(binary).ways["way_id"].tolist() == [1]


def test_extract_without_street_says_so(tmp_path):
    path = write(tmp_path, NODES + way(1, [1, 2], railway="rail"))

    with pytest.raises(NoDataError, match=r"town\.osm holds no street") as caught:
        parse_osm_file(path)
    assert caught.value.code == "no_highway"


def test_arrow_keeps_every_frame_and_fact(tmp_path):
    body = NODES + way(1, [1, 2], highway="path") + way(2, [1, 2, 3, 1], natural="water")
    path = write(tmp_path, body)
    extract = parse_osm_file(path)

    tables, facts = osm_tables(path, {})
    again = extract_from_arrow(tables)

    assert facts == extract.facts == again.facts
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(extract, name))
        assert extract_to_arrow(again)[name].equals(tables[name])


def test_streets_alone_equal_those_of_the_whole(tmp_path):
    path = write(
        tmp_path, NODES + way(1, [1, 2, 77], highway="path") + way(2, [1, 2], building="yes")
    )
    whole, streets = parse_osm_file(path), parse_streets(path)

    for name in ("nodes", "ways", "way_nodes"):
        pd.testing.assert_frame_equal(getattr(streets, name), getattr(whole, name))
    assert streets.facts["dangling_references"] == 1


@pytest.mark.shared
def test_almaty_is_read_in_a_confined_child_with_its_known_counts():
    extract = read_osm_file(shared_path("almaty/almaty.osm.pbf"))

    facts = {key: extract.facts[key] for key in ("ways_read", "highways", "dangling_references")}
    assert facts == {"ways_read": 13282, "highways": 4279, "dangling_references": 652}
    assert extract.facts["osm_date"] == "2012-03-13"
    kinds = extract.points["kind"].value_counts()
    assert (kinds["school"], kinds["police"]) == (69, 40)
    assert extract.ways["name_ru"].notna().sum() == 60
    assert extract.ways["name_kk"].isna().all()
    assert (extract.ways["lit"] == "yes").sum() == 621
    assert not (extract.ways["lit"] == "no").any()
    left, bottom, right, top = extract_hull(extract).bounds
    assert 76.5 < left < right < 77.3
    assert 43.0 < bottom < top < 43.6


@pytest.mark.shared
def test_clipped_portland_is_read_with_its_negative_ids():
    extract = parse_osm_file(shared_path("portland_osm/portland-central-filtered.osm.pbf"))

    assert extract.facts["ways_read"] == 7188
    assert len(extract.ways) == 7182
    assert (extract.ways["way_id"] < 0).any()
    assert not (extract.points["kind"] == "school").any()


@pytest.mark.shared
def test_almaty_is_read_within_300_megabytes():
    path = shared_path("almaty/almaty.osm.pbf")
    code = (
        "import re, sys; from data.importers.street_map.osm import parse_osm_file\n"
        "parse_osm_file(sys.argv[1])\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])"
    )

    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert int(run.stdout) <= 300 * 1024


@pytest.mark.shared
def test_almaty_is_cut_and_labelled_without_repetition():
    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Алматы", extract_hull(extract), time_zone="Asia/Almaty")
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    sections = street_sections(network)

    labels = section_labels(sections, network, extract.points, area)

    assert sections.frame["section_id"].is_unique
    assert len(labels) == len(sections.frame) > 12_000
    assert not labels.duplicated().any()
    assert set(labels["label_kind"]) == set(LABEL_KINDS)
    named = sections.frame[["name", "name_kk", "name_ru"]].notna().any(axis=1)
    assert labels["label_kind"].isin(["between", "from", "along"]).equals(named)
    assert labels["label_name"].notna().all()
