"""Whether coordinates can be true is told by streets, by stacks and by digits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from data.importers.mapping import SourceMapping
from data.importers.places.known_places import KnownPlaces
from data.importers.places.placement_checks import METHODS, Spots, judge_placement
from data.importers.report import OUTSIDE_REGION, RowFaults
from data.importers.tabular import SourceTable
from geo.errors import InputRefusedError
from geo.study_area import build_study_area
from tests.data.oral_grid import (
    LAT,
    LON,
    OBLAST,
    corner,
    oral_extract,
    oral_places,
    town_points,
)

ROWS = 1000


def table_of(count, noun="incidents", **texts):
    return SourceTable(
        file_name="rows.csv",
        source="test",
        noun=noun,
        rows=np.arange(2, count + 2),
        texts={name: pd.Series(values, dtype="str") for name, values in texts.items()},
        heads={},
        mapping=SourceMapping(),
        crs=None,
        date_order=None,
        faults=RowFaults(np.arange(2, count + 2)),
    )


def judge(lat, lon, *, places=None, accuracy_m=1.0, **texts):
    lat, lon = np.asarray(lat, float), np.asarray(lon, float)
    table = table_of(len(lat), **texts)
    spots = Spots(lat, lon, np.full(len(lat), accuracy_m), "lat")
    return table, judge_placement(table, places or oral_places(), spots)


def swapped_batch(share, seed=1):
    lat, lon = town_points(ROWS, seed)
    turned = np.zeros(ROWS, bool)
    turned[np.random.default_rng(seed).permutation(ROWS)[: round(share * ROWS)]] = True
    return np.where(turned, lon, lat), np.where(turned, lat, lon), turned


@pytest.mark.bad_input("B05")
def test_swapped_rows_in_oral_still_lie_in_the_oblast():
    lat, lon, _ = swapped_batch(1.0)
    assert OBLAST.contains(lat, lon).all()  # so a box cannot find them


@pytest.mark.bad_input("B05")
def test_two_in_a_hundred_swapped_rows_are_flagged_each():
    lat, lon, turned = swapped_batch(0.02)
    table, placement = judge(lat, lon)
    assert table.faults.has("likely_swapped").tolist() == turned.tolist()
    swap = placement.findings["swap"]
    assert (swap["verdict"], swap["rows"], swap["by"]) == ("rows_flagged", 20, "streets")
    assert swap["near_street"] == pytest.approx(0.98, abs=0.005)
    assert "of a street as given" in table.inferred["coordinate_order"]


@pytest.mark.bad_input("B05")
def test_one_swapped_row_is_flagged():
    lat, lon = town_points(30, 2)
    lat[7], lon[7] = lon[7], lat[7]
    table, _ = judge(lat, lon)
    assert np.flatnonzero(table.faults.has("likely_swapped")).tolist() == [7]


@pytest.mark.bad_input("B05")
@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_quarter_swapped_refuses_the_batch(share):
    lat, lon, _ = swapped_batch(share)
    with pytest.raises(InputRefusedError) as caught:
        judge(lat, lon)
    assert caught.value.code == "likely_swapped"
    assert caught.value.facts["swap"]["share"] == pytest.approx(share)
    assert "swap the columns" in str(caught.value)


@pytest.mark.parametrize(("share", "refused"), [(0.2, False), (0.201, True)])
def test_the_limit_is_a_fifth(share, refused):
    lat, lon, turned = swapped_batch(share)
    if refused:
        with pytest.raises(InputRefusedError):
            judge(lat, lon)
    else:
        table, _ = judge(lat, lon)
        assert table.faults.has("likely_swapped").sum() == turned.sum()


def clean_batches():
    random = np.random.default_rng(9)
    lat, lon = town_points(ROWS, 3)
    yield "town", lat, lon
    rural_lat, rural_lon = random.uniform(50.6, 51.9, 100), random.uniform(50.6, 52.4, 100)
    yield "with rows in the steppe", np.append(lat, rural_lat), np.append(lon, rural_lon)
    diagonal = random.uniform(51.22, 51.40, 200)
    yield "along the diagonal", np.append(lat, diagonal), np.append(lon, diagonal + 1e-4)
    road = random.uniform(0, 11, 300)
    yield "on the lone road", 51.30 + 0.01 * road, 51.222 + 0.001 * road
    yield "yards off the streets", *town_points(ROWS, 4, spread_m=90)
    yield "three decimals", np.round(lat, 3), np.round(lon, 3)


@pytest.mark.bad_input("B05")
@pytest.mark.parametrize(
    ("lat", "lon"), [pytest.param(a, b, id=name) for name, a, b in clean_batches()]
)
def test_a_clean_batch_raises_no_alarm(lat, lon):
    table, placement = judge(lat, lon)
    assert not table.faults.has("likely_swapped").any()
    assert placement.findings["swap"]["verdict"] == "as_given"


def test_a_yard_of_a_town_on_the_diagonal_is_not_swapped():
    extract = oral_extract()
    moved = replace(extract, nodes=extract.nodes.assign(lat=extract.nodes["lat"] + 0.155))
    places = KnownPlaces(OBLAST, moved)
    # The middles of blocks lie just over 100 m from every street; swapped, most lie by one.
    rows, columns = np.meshgrid(np.arange(9) + 0.5, np.arange(9) + 0.5)
    lat, lon = corner(rows.ravel(), columns.ravel())
    lat = lat + 0.155
    assert not places.near_street(lat, lon).any()
    assert places.near_street(lon, lat).sum() > 10
    table, _ = judge(lat, lon, places=places)
    assert not table.faults.has("likely_swapped").any()


def test_rows_by_a_lone_road_count_only_among_many_that_are_clear():
    # The middle of the town, swapped, falls beside the road through the steppe.
    on_road_lat, on_road_lon = np.full(3, 51.3761), np.full(3, 51.2296)
    town_lat, town_lon = town_points(97, 5)
    alone, _ = judge(np.append(town_lat, on_road_lat), np.append(town_lon, on_road_lon))
    assert not alone.faults.has("likely_swapped").any()
    lat, lon, turned = swapped_batch(0.1)
    among, _ = judge(np.append(lat, on_road_lat), np.append(lon, on_road_lon))
    assert among.faults.has("likely_swapped").sum() == turned.sum() + 3


def test_without_a_map_the_study_area_decides():
    town = build_study_area("Oral", box(51.36, 51.20, 51.41, 51.24), time_zone="Asia/Oral")
    places = KnownPlaces(town)
    lat, lon, _ = swapped_batch(1.0)
    with pytest.raises(InputRefusedError) as caught:
        judge(lat, lon, places=places)
    assert caught.value.code == "likely_swapped"
    lat, lon, turned = swapped_batch(0.1)
    table, placement = judge(lat, lon, places=places)
    assert table.faults.has(OUTSIDE_REGION).sum() == turned.sum()
    assert placement.findings["swap"]["by"] == "study_area"


def test_a_file_without_coordinates_has_nothing_to_judge():
    nowhere = np.full(4, np.nan)
    table, placement = judge(nowhere, nowhere)
    assert placement.findings["swap"]["verdict"] == "no_coordinates"
    assert METHODS[placement.method_code].tolist() == [None] * 4
    assert table.warnings == []


@pytest.mark.bad_input("B06")
def test_a_point_that_holds_a_tenth_of_the_rows_is_a_geocoders_default():
    lat, lon = town_points(200, 6)
    lat[:20], lon[:20] = corner(3.3, 3.3)
    table, placement = judge(lat, lon)
    assert METHODS[placement.method_code].tolist() == ["district"] * 20 + ["given"] * 180
    assert placement.accuracy_m.tolist() == [1000.0] * 20 + [1.0] * 180
    assert not table.faults.bad.any()  # they are kept, and counted in totals
    assert table.warnings[0].startswith("geocode_default: 20 rows lie at 1 points")
    listed = placement.findings["stacked"]
    assert [(one["rows"], one["share"], one["taken_as"]) for one in listed] == [
        (20, 0.1, "default")
    ]


@pytest.mark.bad_input("B06")
@pytest.mark.parametrize(
    ("rows", "stacked", "flagged"),
    [(180, 9, False), (180, 10, True), (200, 10, False), (200, 11, True), (20, 5, False)],
)
def test_a_stack_is_ten_rows_and_more_than_a_twentieth(rows, stacked, flagged):
    lat, lon = town_points(rows, 7)
    lat[:stacked], lon[:stacked] = corner(3.3, 3.3)
    _, placement = judge(lat, lon)
    assert (METHODS[placement.method_code] == "district").any() == flagged


@pytest.mark.bad_input("B06")
@pytest.mark.parametrize(
    ("texts", "flagged"),
    [
        ({"address": ["рынок, ул. Абая 5"] * 30}, False),
        ({"address": [f"ул. Абая {n}" for n in range(30)]}, True),
        ({"address": ["г. Орал"] * 30}, True),
        ({"street": ["Абая"] * 30, "house": ["5"] * 30}, False),
        ({"place_type": ["базар"] * 30}, False),
        ({"place_type": ["улица"] * 30}, True),
        ({"place_type": [f"вид {n}" for n in range(30)]}, True),
    ],
)
def test_a_market_that_its_rows_name_is_no_default(texts, flagged):
    lat, lon = town_points(300, 8)
    lat[:30], lon[:30] = corner(3.3, 3.3)
    others = {name: [f"{name} {n}" for n in range(270)] for name in texts}
    whole = {name: values + others[name] for name, values in texts.items()}
    table, placement = judge(lat, lon, **whole)
    assert (METHODS[placement.method_code] == "district").any() == flagged
    assert placement.findings["stacked"][0]["taken_as"] == ("default" if flagged else "place")
    assert bool(table.warnings) == flagged


@pytest.mark.bad_input("B06")
def test_the_maps_own_point_of_a_settlement_is_no_place_of_an_offence():
    lat, lon = town_points(300, 9)
    lat[0], lon[0] = corner(4.5, 4.5)  # where the map shows the town's name
    _, placement = judge(lat, lon)
    assert METHODS[placement.method_code][0] == "district"
    assert (METHODS[placement.method_code][1:] == "given").all()


def test_patrols_that_come_to_one_stop_are_no_stack():
    lat, lon = town_points(200, 10)
    lat[:50], lon[:50] = corner(3.3, 3.3)
    table, placement = judge(lat, lon, noun="patrols")
    assert (METHODS[placement.method_code] == "given").all()
    assert table.warnings == []


@pytest.mark.bad_input("B07")
@pytest.mark.parametrize(
    ("decimals", "words"),
    [(3, "no coordinate is written more finely than ±56 m"), (2, "100 rows stand for 550 m")],
)
def test_few_decimals_are_flagged_and_two_enter_no_cell(decimals, words):
    lat, lon = town_points(100, 11)
    table, placement = judge(lat, lon, accuracy_m=0.5 * 10.0**-decimals * 111_320)
    assert any(note.startswith("coordinates_coarse:") and words in note for note in table.warnings)
    assert (METHODS[placement.method_code] == "given").all()


def test_single_rows_with_few_decimals_are_counted():
    lat, lon = town_points(10, 12)
    table = table_of(10)
    accuracy = np.where(np.arange(10) < 3, 55.66, 0.06)
    judge_placement(table, oral_places(), Spots(lat, lon, accuracy, "lat"))
    assert any("3 rows are not" in note for note in table.warnings)


@pytest.mark.bad_input("B09")
def test_the_crs_verdict_says_whether_the_rows_lie_where_they_should():
    lat, lon = town_points(50, 13)
    _, placement = judge(lat, lon)
    assert placement.findings["crs"] == {
        "used": "EPSG:4326",
        "from": "default",
        "inside": 1.0,
        "near_street": 1.0,
        "verdict": "fits",
    }
    _, elsewhere = judge(lat - 20, lon)
    assert elsewhere.findings["crs"]["verdict"] == "doubtful"


def test_near_street_and_settled_tell_town_from_road_and_steppe():
    places = oral_places()
    lat, lon = np.array([LAT, LAT, 51.30, 51.8, np.nan]), np.array([LON, LON, 51.222, 50.6, 51.0])
    lat[1] += 99 / 111_250
    assert places.near_street(lat, lon).tolist() == [True, True, True, False, False]
    assert places.near_street(lat + 5 / 111_250, lon).tolist() == [True, False, True, False, False]
    assert places.settled(*map(np.atleast_1d, corner(4, 4))).tolist() == [True]
    assert not places.settled(lat[2:], lon[2:]).any()
    assert not KnownPlaces(OBLAST).near_street(lat, lon).any()
