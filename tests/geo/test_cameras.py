"""A camera covers what it sees, as surely as that is known, and never more."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.coverage.cameras import camera_cover, odd_cameras
from geo.coverage.street_pieces import pieces_of_lines, pieces_of_network
from geo.errors import FrameError
from geo.parameters import HazardParameters
from tests.geo.small_town import degrees, random_town, small_town

PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)
TODAY = pd.Timestamp("2025-09-02")
HALF_LIFE = pd.Timedelta(days=1095)
DEFAULTS = {"kind": "overview", "working": True, "broken_from": None, "broken_to": None,
            "azimuth_deg": None, "angle_deg": None, "range_m": None, "connected": True}  # fmt: skip


def cameras(*rows):
    """One row a camera: metres east and north, then what differs from `DEFAULTS`."""
    lat, lon = degrees([row[:2] for row in rows] or np.empty((0, 2)))
    told = [DEFAULTS | (row[2] if len(row) > 2 else {}) for row in rows]
    frame = pd.DataFrame(told, columns=list(DEFAULTS), dtype=object)
    for name in ("azimuth_deg", "angle_deg", "range_m"):
        frame[name] = frame[name].astype(float)
    for name in ("broken_from", "broken_to"):
        frame[name] = pd.to_datetime(frame[name])
    frame.insert(0, "camera_id", [f"c{number}" for number in range(len(rows))])
    return frame.assign(lat=lat, lon=lon)


def street():
    """One street of 100 m from west to east."""
    return small_town({"w": (0, 0), "e": (100, 0)}, "w e")


def cover_of(town, frame, as_of=AS_OF):
    length = town.sections.frame["length_m"]
    pieces = pieces_of_network(town.network, town.sections)
    return camera_cover(length, pieces, frame, as_of, town.area, PARAMETERS)


def on_street(*rows):
    return cover_of(street(), cameras(*rows)).iloc[0]


class TestView:
    @pytest.mark.parametrize(
        ("camera", "metres"),
        [
            # At the western end, looking east: 40 m (default range), 30 m, and 80 m cut to 40 m.
            ((0, 0, {"azimuth_deg": 90.0}), 40),
            ((0, 0, {"azimuth_deg": 90.0, "range_m": 30.0}), 30),
            ((0, 0, {"azimuth_deg": 90.0, "range_m": 80.0}), 40),
            # In the middle it sees one side only; looking west at the western end: nothing.
            ((50, 0, {"azimuth_deg": 90.0}), 40),
            ((0, 0, {"azimuth_deg": 270.0}), 0),
            # 30 m south of the middle, looking north, 60°: ±30·tan 30° = ±17.32 m.
            ((50, -30, {"azimuth_deg": 0.0, "angle_deg": 60.0}), 34.64),
            # 90° where the angle is not given: ±30 m would do, but 40 m of range end at ±26.46 m.
            ((50, -30, {"azimuth_deg": 0.0}), 52.92),
            # Azimuth 360 is north, and a sector across north holds.
            ((50, -30, {"azimuth_deg": 360.0, "angle_deg": 60.0}), 34.64),
            ((50, -30, {"azimuth_deg": 355.0, "angle_deg": 70.0}), 30 * (0.8391 + 0.5774)),
        ],
    )
    def test_a_sector_covers_its_metres_in_full(self, camera, metres):
        row = on_street(camera)
        assert row["camera_share"] == pytest.approx(metres / 100, abs=0.021)
        assert row["camera_confidence"] == ("sector" if metres else None)

    @pytest.mark.parametrize(
        "told",
        [{}, {"kind": None}, {"kind": "ptz", "azimuth_deg": 90.0}, {"angle_deg": 60.0}],
        ids=["no azimuth", "no kind", "turning", "angle without azimuth"],
    )
    def test_a_circle_counts_a_quarter_and_says_so(self, told):
        row = on_street((50, 0, told))
        # 80 of 100 m at a quarter.
        assert row["camera_share"] == pytest.approx(0.25 * 0.8, abs=0.01)
        assert row["camera_confidence"] == "circle"

    def test_a_metre_seen_by_two_circles_counts_what_the_first_misses(self):
        # 1 − 0.75² = 0.4375 on 80 m; twenty circles still leave something open.
        assert on_street((50, 0), (50, 0))["camera_share"] == pytest.approx(0.35, abs=0.01)
        assert on_street(*[(50, 0)] * 20)["camera_share"] < 0.8

    def test_a_sector_over_a_circle_is_full_cover_where_they_meet(self):
        row = on_street((0, 0, {"azimuth_deg": 90.0}), (50, 0))
        # 0–40 m in full, 40–90 m at a quarter: 52.5 m. Most is seen by a circle alone.
        assert row["camera_share"] == pytest.approx(0.525, abs=0.02)
        assert row["camera_confidence"] == "circle"

    def test_an_entrance_camera_does_not_see_the_street(self):
        row = on_street((50, 0, {"kind": "entrance", "azimuth_deg": 90.0}))
        assert (row["camera_share"], row["camera_confidence"]) == (0, None)

    def test_a_camera_off_the_street_covers_nothing_and_is_named(self):
        town = street()
        frame = cameras((50, 200), (50, 0), (50, 0, {"kind": "entrance"}), (10, 0, {"range_m": 0}))
        pieces = pieces_of_network(town.network, town.sections)
        odd = odd_cameras(frame, pieces, town.area, PARAMETERS)
        assert odd == {"see_no_street": ["c0"], "range_zero": ["c3"]}
        # A range of nothing is no range: the default of 40 m stands, from 0 to 50 m here.
        alone = cover_of(town, frame.iloc[[3]]).iloc[0]["camera_share"]
        assert alone == pytest.approx(0.25 * 0.5, abs=0.01)

    def test_lines_alone_give_the_same_cover_as_the_network(self):
        town = random_town(5)
        rng = np.random.default_rng(5)
        rows = [(x, y, {"azimuth_deg": float(a)} if a < 250 else {})
                for x, y, a in rng.uniform([0, 0, 0], [1500, 1500, 360], (40, 3))]  # fmt: skip
        frame = cameras(*rows)
        pieces = pieces_of_lines(town.sections.frame, town.area)
        length = town.sections.frame["length_m"]
        drawn = camera_cover(length, pieces, frame, AS_OF, town.area, PARAMETERS)
        known = cover_of(town, frame)
        assert (known["camera_share"] > 0).sum() > 10
        np.testing.assert_allclose(drawn["camera_share"], known["camera_share"], atol=0.02)


class TestState:
    @pytest.mark.parametrize(
        ("told", "weight"),
        [
            ({}, 1.0),
            ({"connected": False}, 0.5),
            ({"connected": None}, 0.5),
            ({"working": None}, 0.5),
            ({"working": None, "connected": False}, 0.25),
            ({"working": False}, 0.0),
            ({"broken_from": "2025-08-01"}, 0.0),
            ({"broken_from": "2025-08-01", "broken_to": "2025-08-20"}, 1.0),
            ({"broken_from": "2025-09-02"}, 1.0),
            ({"broken_from": "2025-08-20", "broken_to": "2025-08-01"}, 1.0),
        ],
    )
    def test_state_and_connection_weigh_what_is_seen(self, told, weight):
        row = on_street((0, 0, {"azimuth_deg": 90.0} | told))
        assert row["camera_share"] == pytest.approx(0.4 * weight, abs=0.011)

    def test_what_is_not_dated_is_exactly_as_it_was(self):
        told = [{}, {"connected": False}, {"working": None}, {"working": False}]
        rows = [(20.0 * n, 3.0, one) for n, one in enumerate(told)]
        cover = cover_of(street(), cameras(*rows))
        np.testing.assert_array_equal(cover["camera_share"], cover["camera_share_history"])

    def test_a_camera_that_died_a_half_life_ago_saw_for_half_of_the_memory(self):
        died = {"azimuth_deg": 90.0, "broken_from": TODAY - HALF_LIFE}
        row = on_street((0, 0, died))
        assert row["camera_share"] == 0
        assert row["camera_share_history"] == pytest.approx(0.4 / 2, abs=0.01)

    def test_times_of_two_cameras_on_one_metre_are_joined(self):
        # Both see 0–40 m. One died a half-life ago, one was out from two to one half-lives ago:
        # the first alone from 2 to 1 (0.25 of the memory), both before (0.25), the second since.
        one = {"azimuth_deg": 90.0, "broken_from": TODAY - HALF_LIFE}
        two = {"azimuth_deg": 90.0, "broken_from": TODAY - 2 * HALF_LIFE,
               "broken_to": TODAY - HALF_LIFE, "connected": False}  # fmt: skip
        row = on_street((0, 0, one), (0, 0, two))
        # Live before, live between, passive (half) since: 0.25 + 0.25 + 0.5 · 0.5.
        assert row["camera_share_history"] == pytest.approx(0.4 * 0.75, abs=0.02)
        assert row["camera_share"] == pytest.approx(0.4 * 0.5, abs=0.011)

    def test_an_outage_reverses_exactly(self):
        town, rows = random_town(6), np.random.default_rng(6).uniform(0, 1500, (30, 2))
        frame = cameras(*rows)
        before = cover_of(town, frame)
        out = frame.assign(broken_from=pd.Timestamp("2025-08-01"))
        assert (cover_of(town, out)["camera_share"] == 0).all()
        pd.testing.assert_frame_equal(cover_of(town, frame), before, check_exact=True)


def test_more_cameras_never_cover_less():
    town, rng = random_town(7), np.random.default_rng(7)
    rows = [(x, y, {"connected": bool(n % 2), "working": [True, None][n % 3 == 0]})
            for n, (x, y) in enumerate(rng.uniform(0, 1500, (60, 2)))]  # fmt: skip
    few, many = (cover_of(town, cameras(*rows[:count]))["camera_share"] for count in (40, 60))
    assert (many >= few - 1e-12).all()
    assert (many > few + 1e-6).any()
    assert many.between(0, 1).all()


def test_no_camera_covers_nothing_and_knows_of_none():
    cover = cover_of(street(), cameras())
    assert cover["camera_share"].tolist() == [0]
    assert cover["camera_share_history"].tolist() == [0]
    assert cover["camera_confidence"].tolist() == [None]


def test_order_of_cameras_does_not_matter():
    town, rows = random_town(8), np.random.default_rng(8).uniform(0, 1500, (40, 2))
    dates = [None, "2024-01-01", "2023-05-05"]
    frame = cameras(*((x, y, {"broken_from": dates[n % 3]}) for n, (x, y) in enumerate(rows)))
    turned = frame.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(cover_of(town, frame), cover_of(town, turned), rtol=1e-9)


def test_an_azimuth_that_cannot_be_is_refused_by_row():
    with pytest.raises(FrameError, match="rows 1 of 'azimuth_deg' are above 360"):
        on_street((0, 0), (0, 0, {"azimuth_deg": 720.0}))
