"""A dead lamp or camera has cost what it alone reached of the ways to school, and no more."""

from datetime import date

import pandas as pd
import pytest

from geo.coverage.dead_assets import COLUMNS, WalkedStreets, dead_assets
from geo.parameters import HazardParameters
from tests.geo.small_town import small_town
from tests.geo.test_cameras import cameras
from tests.geo.test_lighting import lamps

PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)
TOWN = small_town({"w": (0, 0), "m": (200, 0), "e": (400, 0), "n": (200, 300)}, "w m", "m e", "m n")
EAST = {"azimuth_deg": 90.0}


def streets(**walks):
    """Who walks where: sections by their ends → (schools, child-minutes a month)."""
    sections = TOWN.sections.frame.assign(child_minutes=0.0)
    rows = []
    for ends, (schools, minutes) in walks.items():
        at = TOWN.section(*ends)
        sections.loc[at, "child_minutes"] = minutes
        rows += [(sections["section_id"][at], school) for school in schools.split()]
    return WalkedStreets(
        sections, pd.DataFrame(rows, columns=["section_id", "school_id"]), TOWN.area
    )


WALKED = {"wm": ("s7", 1000.0), "me": ("s12 s7", 600.0)}


def found(lamp_rows=None, camera_rows=None, **walks):
    lamp_rows = lamps() if lamp_rows is None else lamp_rows
    camera_rows = cameras() if camera_rows is None else camera_rows
    return dead_assets(streets(**(walks or WALKED)), lamp_rows, camera_rows, AS_OF, PARAMETERS)


def test_a_dead_camera_names_its_metres_schools_and_minutes():
    dead = cameras((170, 0, EAST | {"broken_from": "2025-03-03", "range_m": 40.0}))
    row = found(camera_rows=dead.assign(number="41")).iloc[0]
    # 170–200 m on one section, 200–210 m on the next: 30 of 200 m and 10 of 200 m.
    assert (row["asset_id"], row["number"], row["asset"], row["view"]) == (
        "c0", "41", "camera", "sector"
    )  # fmt: skip
    assert row["down_since"] == pd.Timestamp("2025-03-03")
    assert row["metres"] == pytest.approx(40, abs=2)
    assert row["school_ids"] == "s12;s7"
    assert row["child_minutes"] == pytest.approx(1000 * 30 / 200 + 600 * 10 / 200, abs=12)


def test_metres_that_another_working_camera_sees_are_not_lost():
    dead = EAST | {"working": False}
    alone = found(camera_rows=cameras((100, 0, dead))).iloc[0]["metres"]
    held = found(camera_rows=cameras((100, 0, dead), (120, 0, EAST))).iloc[0]["metres"]
    assert (alone, held) == (pytest.approx(40, abs=2), pytest.approx(20, abs=2))
    # One of unknown state is not known to work.
    maybe = found(camera_rows=cameras((100, 0, dead), (120, 0, EAST | {"working": None})))
    assert maybe.iloc[0]["metres"] == alone
    assert len(maybe) == 1


def test_two_dead_ones_have_both_lost_what_both_saw():
    dead = EAST | {"working": False}
    rows = found(camera_rows=cameras((100, 0, dead), (100, 0, dead)))
    assert rows["metres"].tolist() == [pytest.approx(40, abs=2)] * 2


def test_a_circle_says_that_it_is_one():
    rows = found(camera_rows=cameras((100, 0, {"working": False})))
    assert rows.iloc[0]["view"] == "circle"
    assert rows.iloc[0]["metres"] == pytest.approx(80, abs=2)


def test_a_dead_lamp_has_cost_its_reach_less_what_its_neighbours_light():
    dead = lamps((100, 0), (130, 0), working=[False, True])
    row = found(dead).iloc[0]
    # 75–125 m, of which its neighbour lights 105–125 m.
    assert (row["asset"], row["asset_id"], row["view"]) == ("lamp", "l0", None)
    assert row["metres"] == pytest.approx(30, abs=2)
    assert pd.isna(row["down_since"])
    assert row["school_ids"] == "s7"


def test_what_nobody_walks_is_listed_and_costs_nothing():
    away = lamps((200, 200), working=[False])
    row = found(away).iloc[0]
    assert (row["metres"], row["child_minutes"], row["school_ids"]) == (0, 0, "")
    entrance = cameras((100, 0, {"kind": "entrance", "working": False}))
    assert found(camera_rows=entrance).iloc[0]["metres"] == 0


def test_what_costs_most_stands_first_and_what_works_is_left_out():
    lit = lamps((100, 0), (300, 0), (20, 0), working=[False, False, None],
                broken_from=["2025-08-01", "2026-01-01", None])  # fmt: skip
    rows = found(lit, cameras((100, 0, EAST), (300, 0, EAST | {"broken_from": "2025-09-02"})))
    assert rows["asset_id"].tolist() == ["l0", "l1"]
    assert rows["down_since"].isna().tolist() == [False, True]  # from a day that is yet to come
    assert rows["child_minutes"].is_monotonic_decreasing


def test_a_town_without_walks_assets_or_dead_ones_has_an_empty_table():
    whole = lamps((100, 0)), cameras((100, 0, EAST))
    assert found(*whole).columns.tolist() == list(COLUMNS)
    assert found(*whole).empty
    assert found().empty
    nobody = streets()
    rows = dead_assets(nobody, lamps((100, 0), working=[False]), cameras(), AS_OF, PARAMETERS)
    assert rows["metres"].tolist() == [0]
