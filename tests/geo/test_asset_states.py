"""One word for each lamp and camera, and the outline of what a camera may see."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.coverage.asset_states import asset_states
from geo.coverage.camera_outlines import camera_outlines
from geo.coverage.cameras import camera_times
from geo.coverage.lamp_times import lamp_times
from tests.geo.small_town import AREA, ORIGIN
from tests.geo.test_cameras import AS_OF, PARAMETERS, cameras
from tests.geo.test_lighting import lamps

EAST = {"azimuth_deg": 90.0}


def states_of_lamps(**told):
    count = len(next(iter(told.values())))
    rows = lamps(*[(100, 0)] * count, **told)
    times = lamp_times(rows, AS_OF, PARAMETERS.long_half_life_days)
    return asset_states(rows, times, AS_OF)


def test_states_of_lamps_on_the_day():
    told = states_of_lamps(
        working=[True, False, None, True, True, False, None],
        broken_from=[None, None, None, "2025-08-30", "2025-09-05", "2025-09-05", "2025-08-01"],
        broken_to=[None, None, None, None, None, None, None],
        commissioned_at=[None, None, None, None, None, None, None],
    )
    assert told["state"].tolist() == [
        "working", "broken", "unknown", "broken", "working", "broken", "broken"
    ]  # fmt: skip
    since = told["down_since"].dt.strftime("%Y-%m-%d").tolist()
    # A day that is yet to come is not the day since when.
    assert since == [np.nan, np.nan, np.nan, "2025-08-30", np.nan, np.nan, "2025-08-01"]


def test_a_lamp_that_is_yet_to_be_lit_is_planned_and_a_mended_one_works():
    told = states_of_lamps(
        working=[True, True],
        commissioned_at=["2025-09-02", None],
        broken_from=[None, "2025-01-01"],
        broken_to=[None, "2025-02-01"],
    )
    assert told["state"].tolist() == ["planned", "working"]
    assert told["down_since"].isna().all()


def test_a_camera_is_read_like_a_lamp():
    rows = cameras((0, 0), (0, 0, {"working": None}), (0, 0, {"broken_from": "2025-03-03"}))
    told = asset_states(rows, camera_times(rows, AS_OF, PARAMETERS), AS_OF)
    assert told["state"].tolist() == ["working", "unknown", "broken"]
    assert told["down_since"].tolist()[2] == pd.Timestamp("2025-03-03")


def outline_of(camera):
    """The outline in metres from the camera's spot."""
    row = camera_outlines(cameras((0, 0, camera)), AREA, PARAMETERS).iloc[0]
    metres = shapely.transform(
        row.geometry, lambda xy: np.column_stack(AREA.to_metric(xy[:, 1], xy[:, 0])) - ORIGIN
    )
    return row["view"], metres


def test_a_sector_looks_its_way_and_ends_at_the_camera():
    view, shape = outline_of(EAST | {"range_m": 30.0, "angle_deg": 60.0})
    # Sixty degrees to the east: 30·cos 30° = 25.98 m at its edges, ±15 m across.
    assert view == "sector"
    assert shape.bounds == pytest.approx((0, -15, 30, 15), abs=0.05)
    assert shape.area == pytest.approx(np.pi * 30**2 / 6, rel=0.002)
    assert shape.contains(shapely.Point(20, 0))
    assert not shape.contains(shapely.Point(-1, 0))


@pytest.mark.parametrize(
    ("camera", "radius"),
    [
        ({}, 40),
        ({"kind": "ptz", "azimuth_deg": 90.0, "range_m": 25.0}, 25),
        ({"range_m": 80.0}, 40),
    ],
)
def test_a_camera_that_turns_or_whose_way_is_not_known_has_a_circle(camera, radius):
    view, shape = outline_of(camera)
    assert view == "circle"
    assert shape.area == pytest.approx(np.pi * radius**2, rel=0.02)
    assert shape.centroid.distance(shapely.Point(0, 0)) < 0.01


def test_a_view_all_round_is_whole_and_one_of_the_entrance_none():
    view, shape = outline_of(EAST | {"angle_deg": 360.0})
    assert (view, round(shape.area / (np.pi * 1600), 1)) == ("sector", 1.0)
    rows = cameras((0, 0, {"kind": "entrance"}), (50, 0, EAST | {"working": False}))
    found = camera_outlines(rows, AREA, PARAMETERS)
    assert found["camera_id"].tolist() == ["c1"]
    assert found.geometry.is_valid.all()
    assert len(camera_outlines(rows.iloc[:0], AREA, PARAMETERS)) == 0
