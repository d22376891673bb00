"""Homes go to the school that a table, a text or a polygon names; what is not found is told."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from data.home_schools import assign_by_files
from data.importers.identity import identity_of_id
from data.importers.places.house_lists import ListedStreet
from data.importers.places.known_places import KnownPlaces
from data.known_schools import known_schools
from data.school_files import SchoolFiles
from data.school_names import SchoolNames
from tests.data.addressed_town import AREA, degrees, homes, places_of

NO_SCHOOLS = pd.DataFrame(
    columns=["school_id", "name", "name_kk", "name_ru", "lat", "lon", "shift_times",
             "shift_times_assumed", "pupils", "number", "gates"]
)  # fmt: skip
FIVE, SEVEN = "n300", "n301"


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return places_of(tmp_path_factory.mktemp("map"))


def texts(*rows):
    lines, schools, streets = zip(*((n, *row) for n, row in enumerate(rows, start=1)), strict=True)
    return pd.DataFrame({"source_row": lines, "school": schools, "streets": streets}, dtype=object)


def table(*rows):
    return pd.DataFrame(
        [(home, address, school, row) for row, (home, address, school) in enumerate(rows, 2)],
        columns=["home", "address", "school", "source_row"],
        dtype=object,
    )


def assigned(places, **files):
    schools = known_schools(places.extract, NO_SCHOOLS, AREA)
    found = assign_by_files(homes(), schools, SchoolFiles(**files), places)
    rows = found.homes.set_index("home_id")
    return rows["school_id"], rows["assigned_by"], found.facts


def of(school, by_home):
    return sorted(by_home.index[(by_home == school).to_numpy()])


def test_odd_houses_go_to_one_school_and_even_houses_to_the_other(places):
    by_home, rule, facts = assigned(
        places,
        catchment_texts=texts(
            ("№ 5 мектеп", "Абай көшесі 1–11 (тақ), Сарайшық көшесі толық"),
            ("Школа № 7", "ул. Абая, дома 2-20 чётные"),
        ),
    )
    assert of(FIVE, by_home) == ["h01", "h03", "h05", "h07", "h09", "h11", "s1", "s2"]
    assert of(SEVEN, by_home) == [f"h{number:02}" for number in range(2, 21, 2)]
    assert rule[["h13", "h15", "h17", "h19"]].tolist() == ["nearest"] * 4
    assert facts["assigned_by"] == {"table": 0, "text": 18, "catchment": 0, "nearest": 4}
    text = facts["catchment_text"]
    assert (text["lines"], text["streets"], text["matched"], text["homes"]) == (2, 3, 3, 18)
    assert text["unmatched"] == {"count": 0, "first": []}


def test_a_table_goes_before_a_text_and_a_text_before_a_polygon(places):
    west, east = degrees(-50, -50), degrees(130, 50)
    box = shapely.box(west[1], west[0], east[1], east[0])  # h01 … h04
    polygons = gpd.GeoDataFrame({"school": ["7"]}, geometry=[box], crs="EPSG:4326")
    by_home, rule, facts = assigned(
        places,
        assignments=table((None, "Абай көшесі, 1", "№ 7"), ("h02", None, "n301")),
        catchment_texts=texts(("№ 5", "Абай көшесі 1-3")),
        catchments=polygons,
    )
    told = list(zip(by_home[:5], rule[:5], strict=True))
    assert told == [
        (SEVEN, "table"), (SEVEN, "table"), (FIVE, "text"), (SEVEN, "catchment"), (None, "nearest"),
    ]  # fmt: skip
    assert facts["assigned_by"] == {"table": 2, "text": 1, "catchment": 1, "nearest": 18}


def test_what_a_text_says_wrongly_is_named_with_its_line_and_the_rest_goes_on(places):
    by_home, _, facts = assigned(
        places,
        catchment_texts=texts(
            ("№ 99 мектеп", "Абай көшесі 1-3"),  # there is no such school
            ("№ 5", "Жоқ көшесі толық, Абай көшесі 5, ***"),
            ("№ 7", "Абай көшесі 5, Абай көшесі 41-49"),  # 5 is listed twice; nobody lives at 41
        ),
    )
    assert facts["unknown_schools"] == ["№ 99 мектеп"]
    text = facts["catchment_text"]
    assert text["unmatched"]["count"] == 2
    assert {(one["line"], one["text"]) for one in text["unmatched"]["first"]} == {
        (2, "Жоқ көшесі толық"), (2, "***"),
    }  # fmt: skip
    assert [one["line"] for one in text["without_homes"]["first"]] == [3]
    assert facts["doubtful_homes"] == 1
    assert by_home.notna().sum() == 0


def test_rows_of_a_table_that_lead_to_no_home_are_named(places):
    _, _, facts = assigned(
        places,
        assignments=table(
            (None, "Абай көшесі, 4", "5"), (None, "Жоқ көшесі, 4", "5"), ("gone", None, "5")
        ),
    )
    assert facts["unknown_addresses"] == {"count": 1, "first": [3]}
    assert facts["unknown_homes"] == 1
    assert facts["assigned_by"]["table"] == 1


def test_homes_without_a_number_belong_to_a_part_of_the_street_by_where_they_lie(places):
    from data.importers.places.home_addresses import home_addresses
    from data.importers.places.house_lists import read_house_list

    far = homes().assign(home_id=lambda frame: "x" + frame["home_id"])
    # 45 m off the street: no house is within 40 m, but the street is within 60 m.
    spots = [degrees(east, 58) for east in (60, 240, 460)]
    far = far.iloc[:3].assign(lat=[lat for lat, _ in spots], lon=[lon for _, lon in spots])
    gazetteer = places.gazetteer()
    addresses = home_addresses(far, gazetteer)
    street = int(addresses.on_street["street"].iloc[0])
    assert len(addresses.numbered) == 0

    def found(text):
        (item,) = read_house_list(text, lambda name: True and "-" not in name).streets
        assert isinstance(item, ListedStreet)
        return addresses.listed(street, item).tolist()

    # Houses 1 to 10 stand from 50 m to 250 m east.
    assert found("Абай көшесі 1-10") == [0, 1]
    assert found("Абай көшесі 1-9 тақ") == []  # which side a home is on, nobody knows
    assert found("Абай көшесі толық") == [0, 1, 2]


def test_without_a_map_a_text_finds_nothing_and_says_so(places):
    schools = known_schools(places.extract, NO_SCHOOLS, AREA)
    files = SchoolFiles(catchment_texts=texts(("№ 5", "Абай көшесі толық")))
    found = assign_by_files(homes(), schools, files, KnownPlaces(AREA))
    assert found.facts["catchment_text"]["unmatched"]["count"] == 1
    assert found.facts["assigned_by"]["nearest"] == 22


def test_a_school_is_meant_by_its_id_its_number_or_its_name():
    schools = pd.DataFrame(
        {
            "school_id": ["5", "b", "c", "d"],
            "name": ["№ 18 мектеп", "Гимназия", "Гимназия", "СШ 21"],
            "number": [None, None, "7", None],
        }
    )
    names = SchoolNames.of(schools)
    asked = ["5", "№ 18", "школа-гимназия № 18", "Гимназия", "7", "Школа №21", "s21", "№ 6"]
    assert [names.find(text) for text in asked] == ["5", "5", "5", None, "c", "d", None, None]


def test_a_school_is_meant_by_the_id_of_its_own_register():
    own = identity_of_id("education", "S18")[:16]
    schools = pd.DataFrame({"school_id": [own], "name": ["Гимназия"]})
    assert SchoolNames.of(schools, ("education",)).find("S18") == own
    assert SchoolNames.of(schools, ("another",)).find("S18") is None


def test_a_school_of_the_map_beside_a_gate_of_a_registered_one_is_that_school(places):
    lat, lon = degrees(300, 100)
    row = {"school_id": "a", "name": "№ 5 мектеп", "lat": lat, "lon": lon, "shift_times": "",
           "shift_times_assumed": False, "pupils": 100.0}  # fmt: skip
    register = pd.DataFrame([row]).reindex(columns=NO_SCHOOLS.columns).astype({"gates": object})
    assert known_schools(places.extract, register, AREA)["school_id"].tolist() == ["a", FIVE, SEVEN]
    at = [degrees(100, 0), degrees(500, 0)]
    register["gates"] = ";".join(f"{y},{x}" for y, x in at)
    assert known_schools(places.extract, register, AREA)["school_id"].tolist() == ["a"]
