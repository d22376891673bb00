"""A given school goes before a catchment, a catchment before the nearest; faults are named."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.parameters import HazardParameters
from geo.schema import HOMES, check_frame
from geo.streets.assignment import assign_homes
from geo.streets.origins import homes_of_population
from geo.streets.routes import school_routes
from tests.geo.small_town import degrees, random_town, small_town
from tests.geo.test_routes import homes, schools

PARAMETERS = HazardParameters()


def catchment(school, west, south, east, north):
    lat, lon = degrees([(west, south), (east, north)])
    return (school, shapely.box(lon[0], lat[0], lon[1], lat[1]))


def catchments(*rows):
    ids, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"school_id": ids}, geometry=list(shapes), crs="EPSG:4326")


def table(**rows):
    return pd.DataFrame({"home_id": list(rows), "school_id": list(rows.values())})


def street():
    """One street of a kilometre with a school at each end."""
    return small_town({"w": (0, 0), "e": (1000, 0)}, "w e"), schools((0, 0), (1000, 0))


def test_table_goes_before_catchment_and_catchment_before_the_nearest():
    _, gates = street()
    doors = homes((100, 0), (200, 0), (300, 0))
    told = assign_homes(
        doors, gates,
        table=table(h001="s0"),
        catchments=catchments(
            catchment("s1", 150, -50, 250, 50), catchment("s1", 50, -50, 120, 50)
        ),
    )  # fmt: skip
    assert told.homes["assigned_by"].tolist() == ["catchment", "table", "nearest"]
    assert told.homes["school_id"].tolist()[:2] == ["s1", "s0"]
    assert told.facts["assigned_by"] == {"table": 1, "text": 0, "catchment": 1, "nearest": 1}


def test_pupils_walk_to_the_school_that_is_named_for_them():
    town, gates = street()
    doors = homes((100, 0), (200, 0))
    told = assign_homes(doors, gates, table=table(h000="s1"))
    routes = school_routes(town.network, town.sections, gates, told.homes, PARAMETERS)
    assert routes.homes["school"].tolist() == [1, 0]
    np.testing.assert_allclose(routes.homes["distance_m"], [900, 200], atol=0.1)
    assert routes.facts["assigned_by"] == {"table": 1, "text": 0, "catchment": 0, "nearest": 1}


def test_what_a_table_says_wrongly_is_named_and_falls_to_the_next_rule():
    _, gates = street()
    rows = pd.DataFrame(
        {
            "home_id": ["h000", "h001", "h001", "gone"],
            "school_id": ["s9", "s0", "s1", "s0"],
        }
    )
    told = assign_homes(homes((100, 0), (200, 0)), gates, table=rows)
    assert told.homes["assigned_by"].tolist() == ["nearest", "nearest"]
    assert told.facts["unknown_schools"] == ["s9"]
    assert (told.facts["unknown_homes"], told.facts["contradicted_homes"]) == (1, 1)


def test_a_home_in_the_catchments_of_two_schools_is_counted_and_goes_to_the_nearest():
    _, gates = street()
    areas = catchments(catchment("s0", 0, -50, 500, 50), catchment("s1", 90, -50, 500, 50),
                       catchment("s9", 0, -50, 500, 50))  # fmt: skip
    told = assign_homes(homes((100, 0), (50, 0)), gates, catchments=areas)
    assert told.homes["assigned_by"].tolist() == ["nearest", "catchment"]
    assert (told.facts["contested_homes"], told.facts["unknown_schools"]) == (1, ["s9"])


def test_a_home_with_a_school_of_its_own_is_never_sent_to_another():
    places = {"w": (0, 0), "e": (1000, 0), "i": (0, 5000), "j": (100, 5000)}
    town = small_town(places, "w e", "i j")
    gates = schools((0, 0), (50, 5000))  # the second school stands on an island of the network
    told = assign_homes(homes((100, 0)), gates, table=table(h000="s1"))
    routes = school_routes(town.network, town.sections, gates, told.homes, PARAMETERS)
    assert routes.homes["school"].tolist() == [-1]
    assert routes.facts["unreachable_schools"] == ["s1"]
    assert routes.facts["unreachable_by"] == {"table": 1, "text": 0, "catchment": 0, "nearest": 0}


@pytest.mark.parametrize("seed", range(6))
def test_naming_the_nearest_school_of_each_home_changes_no_flow(seed):
    town = random_town(seed, count=40)
    rng = np.random.default_rng(seed)
    gates = schools(*rng.uniform(0, 1500, (4, 2)))
    doors = homes(*rng.uniform(0, 1500, (60, 2)))
    free = school_routes(town.network, town.sections, gates, doors, PARAMETERS)
    ids = gates["school_id"].to_numpy()[np.maximum(free.homes["school"], 0)]
    named = school_routes(
        town.network, town.sections, gates, doors.assign(school_id=ids), PARAMETERS
    )
    pd.testing.assert_frame_equal(named.homes, free.homes)
    pd.testing.assert_frame_equal(named.flows, free.flows)


@pytest.mark.parametrize("seed", range(4))
def test_pupil_metres_are_kept_whoever_is_sent_where(seed):
    town = random_town(seed, count=40)
    rng = np.random.default_rng(100 + seed)
    gates = schools(*rng.uniform(0, 1500, (3, 2)))
    doors = homes(*rng.uniform(0, 1500, (50, 2)))
    ids = rng.choice(np.array(["s0", "s1", "s2", None], object), 50)
    routes = school_routes(
        town.network, town.sections, gates, doors.assign(school_id=ids), PARAMETERS
    )
    walked = (routes.flows["pupils"] * routes.flows["metres"]).sum()
    assert walked == pytest.approx(
        (routes.homes["pupils"] * routes.homes["distance_m"]).sum(), rel=1e-9
    )


def test_schools_without_a_known_gate_are_named():
    town, gates = street()
    told = gates.assign(gate_known=[True, False])
    routes = school_routes(town.network, town.sections, told, homes((100, 0)), PARAMETERS)
    assert routes.facts["schools_without_gate"] == ["s1"]


def test_a_town_without_homes_has_no_walk_and_says_so():
    town, gates = street()
    none = assign_homes(homes((0, 0)).iloc[:0], gates, table=table(h000="s1"))
    routes = school_routes(town.network, town.sections, gates, none.homes, PARAMETERS)
    assert routes.flows.empty
    assert routes.facts["schools_without_homes"] == ["s0", "s1"]


class TestPopulation:
    def cells(self, *rows):
        return gpd.GeoDataFrame(
            {"people": [row[0] for row in rows]}, geometry=[row[1] for row in rows], crs="EPSG:4326"
        )

    def test_people_of_a_polygon_live_on_its_home_streets(self):
        town = small_town({"w": (0, 0), "m": (200, 0), "e": (400, 0)}, "w m", "m e")
        _, west = catchment("", -10, -10, 200, 10)
        found, facts = homes_of_population(self.cells((60, west), (0, west)), town.sections)
        check_frame(found, HOMES, name="homes")
        # One section of 400 m, so 8 points 50 m apart; 4 of them lie in the western half.
        assert len(found) == 4
        assert found["dwellings"].tolist() == pytest.approx([5] * 4)
        assert facts == {"population_cells": 2, "people": 60, "cells_without_street": 0}

    def test_people_of_a_point_live_at_the_nearest_place_of_a_home_street(self):
        town = small_town({"w": (0, 0), "e": (400, 0)}, "w e")
        lat, lon = degrees([(130, 40), (120, 900)])
        near, far = shapely.points(lon, lat)
        found, facts = homes_of_population(self.cells((9, near), (3, far)), town.sections)
        assert found["dwellings"].tolist() == [1, 3]  # the far one's middle sorts first
        assert found["home_id"].iloc[0] == "cell-000001"
        assert facts["cells_without_street"] == 1
        assert found["lon"].iloc[1] == pytest.approx(degrees([(125, 0)])[1][0], abs=1e-6)
