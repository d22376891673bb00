"""The map's streets, addresses and crossings, by every name that they bear."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from data.importers.places.gazetteer import build_gazetteer
from data.importers.places.known_places import KnownPlaces
from data.importers.places.street_index import Rename, best_streets, read_renames
from data.importers.places.street_parts import StreetEnd, street_part
from data.importers.street_map.osm import extract_hull, parse_osm_file
from geo.errors import UsageError
from geo.study_area import build_study_area
from tests.data.oral_grid import ACROSS, DOWN, OBLAST, corner, oral_extract, oral_places
from tests.shared_data import shared_path


@pytest.fixture(scope="module")
def town():
    return oral_places().gazetteer()


def names_of(gazetteer, text):
    return [gazetteer.streets["name"].iloc[street] for street, _ in gazetteer.index.find(text)]


def test_every_named_street_is_there_once(town):
    streets = town.streets[town.streets["length_m"] > 0]["name"].tolist()
    assert set(ACROSS) | set(DOWN) <= set(streets)
    # The village has a Школьная of its own: two streets of one name, far apart.
    assert streets.count("улица Школьная") == 2
    # 10 + 10 in the town, 6 in the village, the road.
    assert len(streets) == 27


def test_crossings_are_listed_for_both_streets(town):
    one = town.index.find("Шевченко")[0][0]
    other = town.index.find("Абая")[0][0]
    met, back = town.meetings(one, other), town.meetings(other, one)
    x, y = OBLAST.to_metric(*corner(0, 0))
    np.testing.assert_allclose(met[["x", "y"]].to_numpy(), [[x[0], y[0]]], atol=0.01)
    np.testing.assert_allclose(back[["x", "y"]], met[["x", "y"]])
    # 100 in the town and 6 × 0 in the village, whose other streets bear no name.
    assert len(town.crossings) == 200


def test_houses_belong_to_the_street_that_they_name_and_to_quarters_else(town):
    street = town.index.find("ул. Абая")[0][0]
    assert town.houses(street)["number"].tolist() == [1, 5, 9, 10, 13, 17, 21]
    quarter = town.index.find("мкр Жулдыз")[0][0]
    assert town.streets["length_m"].iloc[quarter] == 0
    assert town.houses(quarter)[["number", "letter"]].to_numpy().tolist() == [[12, "а"]]


@pytest.mark.parametrize(
    "text", ["улица Чагано", "Шаған көшесі", "ул. Чаганская"]
)  # name, name:kk, name:ru
def test_all_languages_of_the_map_lead_to_the_street(town, text):
    assert names_of(town, text)[0] == "улица Чагано"


def test_an_old_name_of_the_map_leads_to_the_street(town):
    assert names_of(town, "ул. Ленина") == ["проспект Достық"]


def test_the_street_that_bears_a_name_now_goes_before_one_that_did(town):
    found = town.index.find("ул. Пушкина")
    assert names_of(town, "ул. Пушкина") == ["улица Пушкина", "пр. Назарбаева"]
    assert len(best_streets(found)) == 1


def test_an_offices_list_of_renamed_streets_is_understood_both_ways():
    renames = (Rename("Дзержинского", "Гагарина"), Rename("ул. Мира", "Бейбітшілік көшесі"))
    town = build_gazetteer(oral_extract(), OBLAST, renames)
    assert names_of(town, "ул. Дзержинского") == ["ул. Гагарина"]  # the map has the new name
    assert names_of(town, "Бейбітшілік к-сі") == ["улица Мира"]  # the map has the old one
    assert names_of(oral_places().gazetteer(), "ул. Дзержинского") == []


def test_the_list_of_renamed_streets_is_a_csv_beside_the_data(tmp_path):
    path = tmp_path / "street_names.csv"
    path.write_text("old,new,valid_from\nМира,Бейбітшілік,2024-05-01\nа,б,\n", encoding="utf-8")
    assert read_renames(path) == (
        Rename("Мира", "Бейбітшілік", date(2024, 5, 1)),
        Rename("а", "б", None),
    )
    assert read_renames(tmp_path / "none.csv") == read_renames(None) == ()
    places = KnownPlaces(OBLAST, oral_extract(), path)
    assert names_of(places.gazetteer(), "Бейбітшілік көшесі") == ["улица Мира"]


@pytest.mark.parametrize(
    "content",
    [b"old;new\n\xd0\xb0;\xd0\xb1\n", b"old,new\n\xff,b\n", b"old,new,valid_from\na,b,x\n"],
)
def test_a_list_that_cannot_be_read_is_refused_by_name(tmp_path, content):
    path = tmp_path / "street_names.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"street_names\.csv") as caught:
        read_renames(path)
    assert caught.value.code == "renames_invalid"


def test_the_gazetteer_is_built_once_and_not_without_a_map():
    places = oral_places()
    assert places.gazetteer() is places.gazetteer()
    assert KnownPlaces(OBLAST).gazetteer() is None


def test_an_extract_kept_before_old_names_were_read_still_serves():
    extract = oral_extract()
    older = replace(extract, ways=extract.ways.drop(columns=["old_name", "alt_name"]))
    town = build_gazetteer(older, OBLAST)
    assert names_of(town, "Абая") == ["улица Абая"]
    assert names_of(town, "Ленина") == []


def test_a_map_without_names_gives_an_empty_gazetteer():
    extract = oral_extract()
    nameless = extract.ways.assign(name=None, name_kk=None, name_ru=None)
    empty = replace(extract, ways=nameless, points=extract.points.iloc[:0])
    town = build_gazetteer(empty, OBLAST)
    assert (len(town.streets), len(town.addresses), len(town.crossings)) == (0, 0, 0)
    assert town.index.find("Абая") == []


def test_part_of_a_street_runs_from_crossing_to_crossing(town):
    part = street_part(
        town, "ул. Абая", StreetEnd(crossing="Толе би"), StreetEnd(crossing="Пушкина")
    )
    x, y = OBLAST.to_metric(*np.array([corner(0, 1), corner(0, 2)]).T)
    assert part.fault is None
    assert part.length_m == pytest.approx(np.hypot(*np.diff([x, y]).ravel()), abs=0.1)
    np.testing.assert_allclose(part.line.coords[0], corner(0, 1)[::-1], atol=1e-6)
    np.testing.assert_allclose(part.line.coords[-1], corner(0, 2)[::-1], atol=1e-6)


def test_part_of_a_street_runs_between_houses_and_to_its_end(town):
    between = street_part(town, "ул. Абая", StreetEnd(house="1"), StreetEnd(house="9"))
    assert between.length_m == pytest.approx(203, abs=20)  # one block, house to house
    onward = street_part(town, "ул. Абая", StreetEnd(crossing="ул. Мира"))
    assert onward.length_m == pytest.approx(8 * 202.6, rel=0.01)  # westward is the longer way
    assert street_part(town, "ул. Абая").length_m == pytest.approx(9 * 202.6, rel=0.01)


@pytest.mark.parametrize(
    ("street", "start", "fault"),
    [
        ("нет такой", None, "address_unknown"),
        ("ул. Абая", StreetEnd(crossing="нет такой"), "address_unknown"),
        ("ул. Абая", StreetEnd(crossing="ул. Сатпаева"), "address_unknown"),  # runs beside it
        ("ул. Абая", StreetEnd(house="999"), "address_unknown"),
        ("улица Школьная", None, "address_ambiguous"),
    ],
)
def test_a_part_that_cannot_be_told_is_a_fault(town, street, start, fault):
    part = street_part(town, street, start)
    assert (part.line, part.fault) == (None, fault)


def test_the_map_of_almaty_gives_its_streets_houses_and_crossings():
    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")
    almaty = build_gazetteer(extract, area)
    lined = almaty.streets[almaty.streets["length_m"] > 0]
    assert len(lined) > 400
    assert len(almaty.addresses) > 640
    assert len(almaty.crossings) // 2 > 1300
    # Spellings in the map itself: ул. Толе би, Толе Би, Толе Би (Tole Bi), улица Толе Би.
    assert names_of(almaty, "Төле би көшесі")[0] == "Толе Би"
