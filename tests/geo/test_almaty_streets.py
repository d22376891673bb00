"""On the real streets of Almaty every metre, pupil and share must still be accounted for."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.parameters import WINDOWS, HazardParameters
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared
PARAMETERS = HazardParameters()


@pytest.fixture(scope="module")
def almaty():
    from data.importers.street_map.osm import extract_hull, parse_osm_file
    from geo.cells import build_cell_grid
    from geo.streets.network import build_network
    from geo.streets.sections import street_sections
    from geo.study_area import build_study_area

    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    return extract, area, network, street_sections(network), build_cell_grid(area, 9)


def test_parts_hold_every_metre_and_weights_every_cell(almaty):
    from geo.streets.crosswalk import crosswalk_weights, section_parts

    _, _, network, sections, grid = almaty
    parts = section_parts(sections, network, grid)
    inside = parts.groupby("section")["length_m"].sum()
    length = sections.frame["length_m"].loc[inside.index]
    np.testing.assert_array_less(inside, length + 1e-6)
    assert (np.abs(inside - length) < 1e-9 * length).mean() > 0.99

    rng = np.random.default_rng(0)
    node = rng.integers(0, len(network.lat), 1000)
    incidents = pd.DataFrame(
        {
            "lat": network.lat[node] + rng.normal(0, 3e-4, 1000),
            "lon": network.lon[node] + rng.normal(0, 3e-4, 1000),
        }
    )
    weights = crosswalk_weights(parts, sections, network, incidents, PARAMETERS)
    np.testing.assert_allclose(pd.Series(weights).groupby(parts["cell"]).sum(), 1, rtol=1e-9)


def test_pupils_of_all_schools_arrive_and_their_minutes_are_conserved(almaty):
    from data.known_schools import school_grounds
    from geo.streets.exposure import child_minutes
    from geo.streets.origins import STREETS, walk_origins
    from geo.streets.routes import school_routes

    extract, area, network, sections, _ = almaty
    found = extract.points[extract.points["kind"] == "school"].reset_index(drop=True)
    schools = pd.DataFrame(
        {
            "school_id": found["osm_id"],
            "name": found["name"],
            "lat": found["lat"],
            "lon": found["lon"],
            "shift_times": "08:00-13:00;14:00-19:00",
            "shift_times_assumed": True,
            "pupils": np.nan,
            "gates": None,
            "gate_known": False,
        }
    )
    schools["outline"] = school_grounds(schools, extract, area)
    assert schools["outline"].notna().sum() == 35  # drawn as areas; the others are points
    buildings = extract.areas[extract.areas["kind"] == "building"]
    homes, basis = walk_origins(buildings, sections)
    routes = school_routes(network, sections, schools, homes, PARAMETERS)
    minutes = child_minutes(routes, schools, sections, PARAMETERS)

    assert len(schools) == 69
    assert routes.facts["unreachable_schools"] == []
    assert len(routes.facts["schools_without_gate"]) == 69
    # From the middles of the grounds it was 60.3 %; the rest lives over 3 km away.
    assert (routes.homes["school"] >= 0).mean() == pytest.approx(0.601, abs=0.005)
    assert basis == STREETS
    assert routes.facts["pupils_assumed"] is True
    walked = (routes.homes["pupils"] * routes.homes["distance_m"]).sum()
    on_sections = (routes.flows["pupils"] * routes.flows["metres"]).sum()
    assert on_sections == pytest.approx(walked, rel=1e-9)
    monthly = 2 * walked / 1.2 / 60 * 191 / 12
    assert minutes[list(WINDOWS)].to_numpy().sum() == pytest.approx(monthly, rel=1e-9)


def test_untagged_streets_are_unknown_and_never_dark(almaty):
    from geo.coverage.lighting import LightRecords, street_light

    _, area, network, sections, _ = almaty
    columns = ["lamp_id", "lat", "lon", "mount_height_m", "working"]
    dates = ["commissioned_at", "broken_from", "broken_to"]
    no_lamps = pd.DataFrame({name: [] for name in columns} | {name: [] for name in dates})
    no_lamps = no_lamps.astype(dict.fromkeys(dates, "datetime64[s]"))
    light = street_light(
        sections, network, LightRecords(no_lamps), date(2025, 9, 1), area, PARAMETERS
    )
    tags = sections.frame["lit"]
    assert set(light.loc[tags.isna(), "light"]) == {"unknown"}
    assert set(light.loc[tags == "yes", "light"]) == {"lit"}
    assert "unlit" not in set(light["light"])
