"""An address in words becomes a place with a stated accuracy, or a fault; never a guess."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from data.importers.places.gazetteer import build_gazetteer
from data.importers.places.geocoding import geocode
from data.importers.street_map.osm import extract_hull, parse_osm_file
from geo.study_area import build_study_area
from tests.data.oral_grid import OBLAST, corner, oral_extract, oral_places
from tests.shared_data import shared_path


@pytest.fixture(scope="module")
def town():
    return oral_places().gazetteer()


def place(town, **fields):
    return geocode(town, pd.DataFrame({name: [text] for name, text in fields.items()})).iloc[0]


def off_m(row, lat, lon):
    """Return how far a placed row is from a point."""
    x, y = OBLAST.to_metric([row["lat"], lat], [row["lon"], lon])
    return float(np.hypot(x[0] - x[1], y[0] - y[1]))


@pytest.mark.parametrize(
    "text",
    [
        "ул. Абая, 9", "Абай көшесі, 9 үй", "Абая 9", "г. Орал, ул. Абая, д. 9",
        "УЛ.АБАЯ Д.9 КВ.14", "ЗКО, Орал қаласы, Абай к-сі, 9-үй", "Abay str. 9", "ул. Aбая, 9",
    ],
)  # fmt: skip
def test_a_known_house_is_found_however_it_is_written(town, text):
    row = place(town, address=text)
    assert (row["geo_method"], row["fault"]) == ("geocoded", None)
    assert row["geo_score"] >= 98
    assert row["geo_accuracy_m"] == 20
    assert off_m(row, *corner(-0.1, 1.25)) < 0.1
    assert "улица Абая, the house itself" in row["how"]


def test_street_and_house_in_columns_of_their_own(town):
    row = place(town, street="Абая", house="9")
    assert off_m(row, *corner(-0.1, 1.25)) < 0.1
    assert off_m(place(town, street="Абая", house="9 кв 3"), *corner(-0.1, 1.25)) < 0.1


def test_an_unknown_house_stands_between_its_neighbours(town):
    row = place(town, address="ул. Абая 11")
    # Half way from 9 (column 1.25) to 13 (column 1.75): 101 m apart.
    assert off_m(row, *corner(-0.1, 1.5)) < 0.1
    assert row["geo_method"] == "geocoded"
    assert row["geo_accuracy_m"] == pytest.approx(60 + 0.6 * 101.3, abs=1)
    assert "between its houses 9 and 13" in row["how"]


def test_a_house_beyond_the_known_ones_stands_by_the_last_of_them(town):
    row = place(town, address="ул. Абая 25")
    assert off_m(row, *corner(-0.1, 2.75)) < 0.1  # number 21
    assert row["geo_accuracy_m"] == 120 + 20 * 4


def test_a_street_alone_is_its_middle_with_half_its_length(town):
    row = place(town, street="ул. Сатпаева", house="14")
    assert row["geo_method"] == "street-only"
    # Nine blocks of 202.6 m; the crossing nearest to the middle is half a block off.
    assert row["geo_accuracy_m"] == pytest.approx(5 * 202.6, rel=0.01)
    assert off_m(row, *corner(5, 4.5)) < 110


def test_the_middle_of_a_street_is_that_of_its_part_in_the_study_area():
    west = box(51.0, 51.0, corner(0, 2.5)[1], 51.5)
    area = build_study_area("West", west, time_zone="Asia/Oral")
    row = place(build_gazetteer(oral_extract(), area), street="ул. Сатпаева")
    assert off_m(row, *corner(5, 1)) < 1
    assert row["geo_accuracy_m"] == pytest.approx(202.6, rel=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "уг. Абая и Шевченко", "угол ул. Абая / ул. Шевченко", "Абая - Шевченко", "Абая/Шевченко",
        "пересечение улиц Шевченко и Абая", "Абай және Шевченко көшелерінің қиылысы",
        "Абай көшесі мен Шевченко көшесінің қиылысында", "перекресток Абая, Шевченко",
    ],
)  # fmt: skip
def test_a_crossing_is_found_however_it_is_written(town, text):
    row = place(town, address=text)
    assert off_m(row, *corner(0, 0)) < 0.1
    assert (row["geo_method"], row["geo_accuracy_m"]) == ("geocoded", 20)


def test_a_crossing_in_a_column_of_its_own(town):
    for fields in (
        {"crossing": "Абая / Шевченко"},
        {"street": "Абая", "crossing": "Шевченко"},
        {"street": "Абая", "house": "9", "crossing": "Шевченко"},
    ):
        assert off_m(place(town, **fields), *corner(0, 0)) < 0.1


@pytest.mark.parametrize(
    "text",
    [
        "между Абая, Толе би, 8 Марта, Пушкина", "квадрат улиц Абая-Пушкина-8 Марта-Толе би",
        "Абая, 8 Марта, Толе би, Пушкина көшелерінің аралығында",
    ],
)  # fmt: skip
def test_four_streets_in_any_order_go_round_a_block(town, text):
    row = place(town, address=text)  # rows 0 and 8, columns 1 and 2
    assert off_m(row, *corner(4, 1.5)) < 1
    # From the middle to a corner: half of 8 blocks of 200 m and of 1 block of 203 m.
    assert row["geo_accuracy_m"] == pytest.approx(np.hypot(4 * 200.3, 0.5 * 202.6), rel=0.01)


def test_a_street_between_two_others_is_the_middle_of_that_part(town):
    row = place(town, address="ул. Абая между ул. Толе би и ул. Нурпеисовой")
    assert off_m(row, *corner(0, 2)) < 1
    assert row["geo_accuracy_m"] == pytest.approx(202.6 + 20, abs=1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ул. Несуществующая 5", "address_unknown"),
        ("рынок", "address_unknown"),
        ("", "address_unknown"),
        (None, "address_unknown"),
        ("5", "address_unknown"),
        ("уг. Абая и Сатпаева", "address_unknown"),  # they run side by side
        ("ул. Школьная 3", "address_ambiguous"),  # the town's or the village's
    ],
)
def test_what_is_not_known_gets_no_place(town, text, fault):
    row = place(town, address=text)
    assert row["fault"] == fault
    assert row["geo_method"] is None
    assert np.isnan([row["lat"], row["lon"], row["geo_accuracy_m"]]).all()


def test_the_village_named_with_the_street_tells_which_is_meant(town):
    row = place(town, address="с. Желаево, ул. Школьная 3")
    assert row["fault"] is None
    assert off_m(row, 51.05, 51.707) < 200


def test_a_street_that_the_named_village_lacks_leaves_the_village(town):
    row = place(town, address="с. Желаево, ул. Пушкина 3")
    assert row["geo_method"] == "district"
    assert row["geo_accuracy_m"] >= 1000
    assert off_m(row, 51.0563, 51.7088) < 1


def test_a_house_of_a_quarter_is_found_and_its_quarter_else(town):
    row = place(town, address="мкр. Жұлдыз, 12А үй")
    assert off_m(row, *corner(5.5, 5.5)) < 0.1
    assert place(town, address="мкр Жулдыз")["geo_method"] == "district"


def test_old_names_count_as_names(town):
    row = place(town, address="уг. Ленина и Шевченко")
    assert off_m(row, *corner(2, 0)) < 0.1


def test_rows_keep_their_index_and_each_address_is_looked_up_once(town):
    rows = pd.DataFrame({"address": ["Абая 9", None, "Абая 9", "нет такой"]}, index=[7, 3, 5, 1])
    placed = geocode(town, rows)
    assert placed.index.tolist() == [7, 3, 5, 1]
    assert placed["lat"].notna().tolist() == [True, False, True, False]
    assert placed.loc[7].equals(placed.loc[5])
    assert geocode(town, rows.iloc[:0]).empty


def test_hidden_houses_of_almaty_are_found_again_within_what_is_stated():
    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")
    almaty = build_gazetteer(extract, area)
    known = extract.points.dropna(subset=["housenumber", "street"])
    x, y = area.to_metric(known["lat"], known["lon"])
    away, stated = [], []
    for row in range(0, len(known), 5):
        near = np.hypot(almaty.addresses["x"] - x[row], almaty.addresses["y"] - y[row]) < 1
        town = replace(almaty, addresses=almaty.addresses[~near].reset_index(drop=True))
        one = place(town, street=known["street"].iloc[row], house=known["housenumber"].iloc[row])
        if one["geo_method"] == "geocoded" and "the house itself" not in one["how"]:
            at_x, at_y = area.to_metric(one["lat"], one["lon"])
            away.append(float(np.hypot(at_x - x[row], at_y - y[row])[0]))
            stated.append(one["geo_accuracy_m"])
    assert len(away) > 70
    assert np.median(away) < 80
    assert (np.array(away) <= stated).mean() > 0.85
