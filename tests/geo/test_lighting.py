"""Light has three values, and what nobody knows must never become darkness."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.coverage.lamp_times import lamp_times, share_of_time
from geo.coverage.lighting import LightRecords, lamp_reach_m, stray_lamps, street_light
from geo.errors import FrameError
from geo.parameters import HazardParameters
from tests.geo.small_town import degrees, random_town, small_town

PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)
HALF_LIFE = 1095


def lamps(*rows, **columns):
    """One row a lamp: metres east and north; further columns by name, one value a lamp."""
    lat, lon = degrees([row[:2] for row in rows] or np.empty((0, 2)))
    count = len(rows)
    times = {
        name: pd.to_datetime(pd.Series(columns.get(name, [None] * count), dtype=object))
        for name in ("commissioned_at", "broken_from", "broken_to")
    }
    return pd.DataFrame(
        {
            "lamp_id": [f"l{number}" for number in range(count)],
            "lat": lat,
            "lon": lon,
            "mount_height_m": pd.Series(columns.get("height", [None] * count), dtype=float),
            "working": pd.Series(columns.get("working", [True] * count), dtype=object),
            **times,
        }
    )


def straight(**tags):
    """One street of 200 m."""
    return small_town({"w": (0, 0), "e": (200, 0)}, "w e", **tags)


def light_of(town, frame, as_of=AS_OF):
    records = LightRecords(frame)
    return street_light(town.sections, town.network, records, as_of, town.area, PARAMETERS)


class TestLamps:
    def test_a_working_lamp_lights_what_it_reaches_and_the_rest_is_unlit(self):
        light = light_of(straight(), lamps((100, 0))).iloc[0]
        # Reach 25 m to both sides: 50 of 200 m.
        assert light["lit_m"] == pytest.approx(50, abs=5)
        assert light["unlit_m"] == pytest.approx(150, abs=5)
        assert light["unknown_light_m"] == 0
        assert light["lit_share"] == pytest.approx(0.25, abs=0.025)
        assert light["lit_share_sd"] == 0
        assert (light["light"], light["light_source"]) == ("unlit", "lamps")

    def test_the_mounting_height_sets_the_reach(self):
        frame = lamps((0, 0), (0, 0), (0, 0), height=[None, 10, 0])
        # 3.5 · 10 m; a height of nothing is no height.
        assert lamp_reach_m(frame, PARAMETERS).tolist() == [25, 35, 25]

    def test_lamps_that_overlap_are_not_counted_twice(self):
        one = light_of(straight(), lamps((100, 0)))
        two = light_of(straight(), lamps((100, 0), (100, 1)))
        assert two["lit_m"].iloc[0] == pytest.approx(one["lit_m"].iloc[0], abs=5)

    def test_lit_unlit_and_unknown_metres_add_up_to_the_length(self):
        town = random_town(1)
        metres = np.random.default_rng(1).uniform(0, 1500, (80, 2))
        states = np.array([True, False, None], object)[np.arange(80) % 3]
        light = light_of(town, lamps(*metres, working=states))
        total = light[["lit_m", "unlit_m", "unknown_light_m"]].sum(axis=1)
        np.testing.assert_allclose(total, town.sections.frame["length_m"], rtol=1e-12)
        assert (light[["lit_m", "unlit_m", "unknown_light_m"]].sum() > 0).all()

    def test_a_broken_lamp_is_evidence_of_darkness(self):
        light = light_of(straight(lit=["yes"]), lamps((100, 0), working=[False])).iloc[0]
        assert (light["light"], light["light_source"]) == ("unlit", "lamps")
        assert light["lit_share"] == 0

    def test_a_lamp_of_unknown_state_leaves_its_reach_unknown(self):
        light = light_of(straight(), lamps((100, 0), working=[None])).iloc[0]
        assert light["unknown_light_m"] == pytest.approx(50, abs=5)
        assert light["lit_m"] == 0
        # Half of what is unknown is expected lit, with the spread of a Beta(2, 2): √0.05.
        assert light["lit_share"] == pytest.approx(light["unknown_light_m"] / 400)
        assert light["lit_share_sd"] == pytest.approx(
            light["unknown_light_m"] / 200 * np.sqrt(0.05)
        )

    def test_a_working_lamp_beside_one_of_unknown_state_decides(self):
        light = light_of(straight(), lamps((100, 0), (100, 0), working=[None, True])).iloc[0]
        assert light["unknown_light_m"] == 0
        assert light["lit_m"] == pytest.approx(50, abs=5)

    @pytest.mark.parametrize(
        ("broken_from", "broken_to", "lit"),
        [
            ("2025-08-01", None, False),
            ("2025-08-01", "2025-08-20", True),
            ("2025-08-01", "2025-09-01", True),
            ("2025-08-01", "2025-09-02", False),
            ("2025-09-02", None, True),
            ("2025-09-01", None, False),
            (None, "2025-10-01", False),
        ],
    )
    def test_an_outage_removes_the_lamp_for_its_time(self, broken_from, broken_to, lit):
        frame = lamps((100, 0), broken_from=[broken_from], broken_to=[broken_to])
        assert (light_of(straight(), frame)["lit_m"].iloc[0] > 0) == lit

    @pytest.mark.parametrize(
        ("commissioned", "source"),
        [("2025-09-02", "none"), ("2025-09-01", "lamps"), (None, "lamps")],
    )
    def test_a_lamp_that_does_not_stand_yet_tells_nothing(self, commissioned, source):
        light = light_of(straight(), lamps((100, 0), commissioned_at=[commissioned])).iloc[0]
        assert light["light_source"] == source
        assert (light["lit_m"] > 0) == (source == "lamps")

    def test_more_working_lamps_never_light_less(self):
        town = random_town(2)
        metres = np.random.default_rng(2).uniform(0, 1500, (60, 2))
        few = light_of(town, lamps(*metres[:30]))["lit_m"]
        many = light_of(town, lamps(*metres))["lit_m"]
        assert (many >= few).all()

    def test_a_lamp_out_in_the_fields_is_reported_and_the_rest_goes_on(self):
        town = straight()
        frame = lamps((100, 0), (100, 86), (100, 84), (100, 90), height=[None, None, None, 10])
        # Reach 25 + 60 m, the last 35 + 60 m.
        assert stray_lamps(frame, town.network, PARAMETERS) == ["l1"]
        assert light_of(town, frame)["lit_m"].iloc[0] > 0

    def test_order_of_lamps_does_not_matter(self):
        town = random_town(3)
        metres = np.random.default_rng(3).uniform(0, 1500, (50, 2))
        broken = ["2024-01-01", None] * 25
        frame = lamps(*metres, broken_from=broken)
        turned = frame.iloc[::-1].reset_index(drop=True)
        pd.testing.assert_frame_equal(light_of(town, frame), light_of(town, turned))


class TestTags:
    @pytest.mark.parametrize(
        ("tag", "light", "share"),
        [
            # A tag holds with 0.8; else the street is as any unknown one: 0.8 + 0.2 · 0.5.
            ("yes", "lit", 0.9),
            ("24/7", "lit", 0.9),
            ("automatic", "lit", 0.9),
            ("sunset-sunrise", "lit", 0.9),
            ("interval", "lit", 0.9),
            ("limited", "lit", 0.9),
            ("no", "unlit", 0.1),
            ("disused", "unlit", 0.1),
            ("maybe", "unknown", 0.5),
            (None, "unknown", 0.5),
        ],
    )
    def test_each_tag_has_its_light(self, tag, light, share):
        row = light_of(straight(lit=[tag]), lamps()).iloc[0]
        assert row["light"] == light
        assert row["light_source"] == ("none" if light == "unknown" else "tag")
        assert row["lit_share"] == pytest.approx(share)
        assert row["lit_share_history"] == pytest.approx(share)
        metres = {"lit": "lit_m", "unlit": "unlit_m", "unknown": "unknown_light_m"}[light]
        assert row[metres] == pytest.approx(200, abs=1e-6)

    def test_an_unknown_street_has_the_spread_of_its_prior(self):
        # Beta(2, 2): 4 / (16 · 5) = 0.05. Tag: 0.8 · 1 + 0.2 · (0.25 + 0.05) − 0.9² = 0.05.
        unknown = light_of(straight(), lamps())["lit_share_sd"].iloc[0]
        tagged = light_of(straight(lit=["yes"]), lamps())["lit_share_sd"].iloc[0]
        assert unknown == pytest.approx(np.sqrt(0.05))
        assert tagged == pytest.approx(np.sqrt(0.05))

    def test_lamps_speak_only_for_the_sections_they_reach(self):
        places = {"w": (0, 0), "m": (200, 0), "e": (400, 0)}
        town = small_town(places, "w m", "m e", name=["One", "Two"], lit=["no", "yes"])
        light = light_of(town, lamps((50, 0)))
        assert light["light_source"].iloc[town.section("w", "m")] == "lamps"
        assert light["light_source"].iloc[town.section("m", "e")] == "tag"
        assert light["light"].iloc[town.section("m", "e")] == "lit"


class TestHistory:
    def test_a_lamp_without_dates_was_always_as_it_is(self):
        frame = lamps((100, 0), (40, 0), working=[True, False])
        light = light_of(straight(), frame).iloc[0]
        assert light["lit_share_history"] == pytest.approx(light["lit_share"])

    def test_a_lamp_commissioned_a_half_life_ago_lit_half_of_the_remembered_time(self):
        begun = pd.Timestamp("2025-09-02") - pd.Timedelta(days=HALF_LIFE)
        light = light_of(straight(), lamps((100, 0), commissioned_at=[begun])).iloc[0]
        assert light["lit_share_history"] == pytest.approx(light["lit_share"] / 2)

    def test_an_outage_takes_its_weight_out_of_the_history(self):
        # From two half-lives ago to one: (2^−1 − 2^−2) = 0.25 of the weight.
        end = pd.Timestamp("2025-09-02") - pd.Timedelta(days=HALF_LIFE)
        start = end - pd.Timedelta(days=HALF_LIFE)
        frame = lamps((100, 0), broken_from=[start], broken_to=[end])
        light = light_of(straight(), frame).iloc[0]
        assert light["lit_share_history"] == pytest.approx(0.75 * light["lit_share"])

    def test_a_lamp_that_broke_a_half_life_ago_was_lit_before(self):
        start = pd.Timestamp("2025-09-02") - pd.Timedelta(days=HALF_LIFE)
        frame = lamps((100, 0), (40, 0), working=[False, True], broken_from=[start, None])
        light = light_of(straight(), frame).iloc[0]
        # The first lit 50 m for half of the weight, the second 50 m always; now 50 of 200 m.
        assert light["lit_share"] == pytest.approx(0.25, abs=0.025)
        assert light["lit_share_history"] == pytest.approx(0.375, abs=0.04)

    def test_spans_of_lamps_at_one_place_are_joined(self):
        def days_ago(days):
            return pd.Timestamp("2025-09-02") - pd.Timedelta(days=days)

        frame = lamps(
            (0, 0), (0, 0), (0, 0),
            commissioned_at=[None, days_ago(2 * HALF_LIFE), days_ago(HALF_LIFE)],
            broken_from=[days_ago(3 * HALF_LIFE), days_ago(HALF_LIFE), None],
        )  # fmt: skip
        times = lamp_times(frame, AS_OF, HALF_LIFE)
        # Lit: before 3 half-lives 0.125; from 2 to 1: 0.25; from 1 to now: 0.5.
        share = share_of_time(times.spans, np.zeros(3, int), np.arange(3), 2)
        np.testing.assert_allclose(share, [0.875, 0.0])

    def test_shares_of_time_agree_with_counting_days(self):
        rng = np.random.default_rng(4)
        today = pd.Timestamp("2025-09-02")
        ago = np.sort(rng.integers(1, 3000, (12, 3)), axis=1)[:, ::-1]
        commissioned, start, end = (today - pd.to_timedelta(ago[:, i], unit="D") for i in range(3))
        frame = lamps(
            *np.zeros((12, 2)), commissioned_at=commissioned, broken_from=start, broken_to=end
        )
        times = lamp_times(frame, AS_OF, HALF_LIFE)
        place = np.arange(12) % 4
        share = share_of_time(times.spans, place, np.arange(12), 4)

        day = np.arange(30_000)
        weight = 2.0 ** (-day / HALF_LIFE) - 2.0 ** (-(day + 1) / HALF_LIFE)
        burned = (day < ago[:, [0]]) & ~((day < ago[:, [1]]) & (day >= ago[:, [2]]))
        slow = [(weight * burned[place == at].any(axis=0)).sum() for at in range(4)]
        np.testing.assert_allclose(share, slow, atol=1e-7)


def test_lamps_without_their_columns_are_refused():
    with pytest.raises(FrameError, match="mount_height_m"):
        light_of(straight(), lamps((0, 0)).drop(columns="mount_height_m"))


def test_the_light_of_sections_is_the_same_whatever_the_lamps_frame_index_is():
    town = straight()
    frame = lamps((100, 0), (40, 0))
    moved = frame.set_index(pd.Index([7, 3]))
    pd.testing.assert_frame_equal(light_of(town, frame), light_of(town, moved))
