"""On the real streets of Almaty what nobody knows stays unknown, and cameras are found at once."""

from datetime import date
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from geo.coverage.cameras import camera_cover
from geo.coverage.lighting import LightRecords, street_light
from geo.coverage.street_pieces import pieces_of_network
from geo.parameters import HazardParameters
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared
PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)


@pytest.fixture(scope="module")
def almaty():
    from data.importers.street_map.osm import extract_hull, parse_osm_file
    from geo.streets.network import build_network
    from geo.streets.sections import street_sections
    from geo.study_area import build_study_area

    extract = parse_osm_file(shared_path("almaty/almaty.osm.pbf"))
    area = build_study_area("Almaty", extract_hull(extract), time_zone="Asia/Almaty")
    network = build_network(extract.nodes, extract.ways, extract.way_nodes, area)
    return area, network, street_sections(network)


def lamps_at(network, node, working):
    count = len(node)
    dates = dict.fromkeys(("commissioned_at", "broken_from", "broken_to"), pd.NaT)
    return pd.DataFrame(
        {
            "lamp_id": [f"l{number}" for number in range(count)],
            "lat": network.lat[node],
            "lon": network.lon[node],
            "mount_height_m": np.nan,
            "working": pd.Series([working] * count, dtype=object),
        }
    ).assign(**dates)


def test_untagged_streets_stay_unknown(almaty):
    area, network, sections = almaty
    light = street_light(
        sections, network, LightRecords(lamps_at(network, [], True)), AS_OF, area, PARAMETERS
    )
    length, tag = sections.frame["length_m"], sections.frame["lit"]
    untagged = tag.isna()
    assert length[untagged].sum() / length.sum() == pytest.approx(0.824, abs=0.001)
    assert light["unknown_light_m"].sum() == pytest.approx(length[untagged].sum(), rel=1e-3)
    assert set(light.loc[untagged, "light"]) == {"unknown"}
    assert (light.loc[untagged, "lit_share"] == 0.5).all()
    assert (light.loc[untagged, "lit_share"] == light.loc[untagged, "lit_share_history"]).all()
    np.testing.assert_allclose(light.loc[untagged, "lit_share_sd"], np.sqrt(0.05), rtol=1e-9)


def test_lamps_of_unknown_state_leave_the_town_as_unknown_as_it_was(almaty):
    area, network, sections = almaty
    node = np.random.default_rng(1).integers(0, len(network.lat), 3000)
    nobody = np.zeros(len(sections.frame))
    found = [
        street_light(sections, network, LightRecords(lamps, survey=nobody), AS_OF, area, PARAMETERS)
        for lamps in (lamps_at(network, [], None), lamps_at(network, node, None))
    ]
    np.testing.assert_allclose(found[0]["lit_share"], found[1]["lit_share"], rtol=1e-12)


def test_a_thousand_cameras_take_a_third_of_a_second(almaty):
    area, network, sections = almaty
    rng = np.random.default_rng(2)
    node = rng.integers(0, len(network.lat), 1000)
    days = rng.integers(0, 2000, 1000)
    cameras = pd.DataFrame(
        {
            "camera_id": [f"c{number}" for number in range(1000)],
            "lat": network.lat[node],
            "lon": network.lon[node],
            "kind": "overview",
            "working": pd.Series([True] * 1000, dtype=object),
            "broken_from": pd.Timestamp("2025-01-01") - pd.to_timedelta(days, "D"),
            "broken_to": pd.Timestamp("2025-02-01"),
            "azimuth_deg": np.where(rng.random(1000) < 0.5, rng.uniform(0, 360, 1000), np.nan),
            "range_m": np.nan,
        }
    )
    pieces, length = pieces_of_network(network, sections), sections.frame["length_m"]
    taken = []
    for _ in range(3):
        begun = perf_counter()
        cover = camera_cover(length, pieces, cameras, AS_OF, area, PARAMETERS)
        taken.append(perf_counter() - begun)
    assert min(taken) < 0.6  # 0.17 s on an idle core
    assert (cover["camera_share"] > 0).sum() > 1000
