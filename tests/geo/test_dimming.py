"""Light by the hour: lamps that are dimmed or go out for part of the night."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage.dimming import brightest_share, light_left
from geo.coverage.lighting import LightRecords, street_light
from geo.coverage.lit_windows import lit_by_group, lit_by_window
from geo.errors import FrameError
from geo.hazard.modifiers import Conditions, change_since, prior_contrast
from geo.hazard.scenario import Scenario
from geo.parameters import GROUPS, WINDOWS, HazardParameters
from tests.geo.hazard_towns import DARKNESS, oral
from tests.geo.small_town import random_town, small_town
from tests.geo.test_lighting import lamps
from tests.geo.test_lit_streets import WHOLE, listed
from tests.geo.test_scenario import SURE, effect, place

PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)
HALF_LIFE_AGO = pd.Timestamp("2025-09-02") - pd.Timedelta(days=1095)
NIGHT = list(WINDOWS).index("night")
DIMMING = ["dimmed_from", "dimmed_to", "dimmed_share"]


def dimmed(frame, *rules):
    """Give each row its hours and share; None for a row that is not dimmed."""
    told = [(None, None, np.nan) if rule is None else rule for rule in rules]
    return frame.assign(**dict(zip(DIMMING, map(list, zip(*told, strict=True)), strict=True)))


def left_of(*rule):
    return dict(zip(WINDOWS, light_left(dimmed(pd.DataFrame(index=[0]), rule), PARAMETERS)[0],
                    strict=True))  # fmt: skip


def straight(**tags):
    """One street of 200 m."""
    return small_town({"w": (0, 0), "e": (200, 0)}, "w e", **tags)


def light_of(town, known=None, **records):
    found = LightRecords(lamps() if known is None else known, **records)
    return street_light(town.sections, town.network, found, AS_OF, town.area, PARAMETERS)


class TestHours:
    @pytest.mark.parametrize(
        ("rule", "windows"),
        [
            # Night has 8 hours, school_am 2, evening 2.5, other 7.5 (06–07, 09–12:30, 14:30–17:30).
            (("01:00", "05:00", 0.5), {"night": 0.75}),
            (("23:00", "05:00", 0.0), {"night": 0.25}),
            (("21:00", "22:30", 0.2), {"evening": 1 - 0.8 / 2.5, "night": 1 - 0.8 * 0.5 / 8}),
            (("00:00", "24:00", 0.3), dict.fromkeys(WINDOWS, 0.3)),
            # From 01:00 on nothing more is known: dark until noon, half the light where unsaid.
            (("01:00", None, 0.0), {"night": 3 / 8, "school_am": 0.0, "other": 1 - 4 / 7.5}),
            (("01:00", "05:00", np.nan), {"night": 0.75}),
            (("01:00", "05:00", 1.0), {}),
            (("05:00", "05:00", 0.0), {}),
            ((None, "05:00", 0.0), {}),
        ],
    )
    def test_a_window_keeps_the_mean_of_its_hours(self, rule, windows):
        wanted = dict.fromkeys(WINDOWS, 1.0) | windows
        assert left_of(*rule) == pytest.approx(wanted)
        untouched = [window for window in WINDOWS if window not in windows]
        assert all(left_of(*rule)[window] == 1.0 for window in untouched)

    def test_without_columns_or_rows_nothing_is_dimmed(self):
        assert (light_left(pd.DataFrame(index=range(3)), PARAMETERS) == 1).all()
        assert light_left(dimmed(pd.DataFrame(index=[0]), None), PARAMETERS).tolist() == [[1.0] * 6]

    clocks = st.integers(0, 24 * 60 - 1).map(lambda m: f"{m // 60:02}:{m % 60:02}")

    @settings(max_examples=60, deadline=None)
    @given(clocks, clocks, st.floats(0, 1))
    def test_shares_agree_with_counting_minutes(self, start, end, share):
        minute = np.arange(24 * 60)
        first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (start, end))
        inside = (minute >= first) & (minute < last)
        if first > last:
            inside = (minute >= first) | (minute < last)
        light = np.where(inside, share, 1.0)
        for window, spans in WINDOWS.items():
            hours = np.any([(minute >= 60 * a) & (minute < 60 * b) for a, b in spans], axis=0)
            assert left_of(start, end, share)[window] == pytest.approx(light[hours].mean())

    def test_hours_that_cannot_be_are_refused(self):
        with pytest.raises(FrameError, match="rows 0 of 'dimmed_from' are written otherwise"):
            light_of(straight(), dimmed(lamps((0, 0)), ("25:00", "05:00", 0.5)))
        with pytest.raises(FrameError, match="dimmed_share' are above 1"):
            light_of(straight(), dimmed(lamps((0, 0)), ("01:00", "05:00", 1.5)))


class TestStreets:
    def test_a_dimmed_lamp_gives_less_in_its_window_and_nowhere_else(self):
        plain = light_of(straight(), lamps((100, 0)))
        light = light_of(straight(), dimmed(lamps((100, 0)), ("01:00", "05:00", 0.5)))
        row = light.iloc[0]
        # 50 of 200 m; 0.75 of it in the night.
        assert row["lit_share"] == pytest.approx(0.25, abs=0.025)
        assert row["lit_share_night"] == pytest.approx(0.75 * row["lit_share"])
        assert row["lit_share_history_night"] == pytest.approx(row["lit_share_night"])
        new = ["lit_share_night", "lit_share_history_night"]
        pd.testing.assert_frame_equal(light.drop(columns=new), plain, check_exact=True)

    def test_a_list_says_it_of_a_whole_street(self):
        rows = dimmed(listed((WHOLE, "yes")), ("01:00", "05:00", 0.5))
        row = light_of(straight(), lit_streets=rows).iloc[0]
        # Believed with 0.9; the rest is as any unknown street.
        assert row["lit_share_night"] == pytest.approx(0.9 * 0.75 + 0.1 * 0.5)
        assert row["lit_share_history_night"] == pytest.approx(row["lit_share_night"])
        assert row["lit_share"] == pytest.approx(0.95)

    def test_of_two_rows_of_a_list_the_one_that_leaves_most_counts_in_any_order(self):
        rows = dimmed(
            listed((WHOLE, "yes"), (WHOLE, "yes")), ("01:00", "05:00", 0.0), ("01:00", "05:00", 0.5)
        )
        for order in ([0, 1], [1, 0]):
            found = light_of(straight(), lit_streets=rows.iloc[order].reset_index(drop=True))
            assert found["lit_share_night"].iloc[0] == pytest.approx(0.9 * 0.75 + 0.05)

    def test_a_lamp_that_goes_out_is_believed_before_the_tag(self):
        known = dimmed(lamps(*((20.0 * n, 0) for n in range(11))), *[("00:00", "24:00", 0.0)] * 11)
        row = light_of(straight(lit=["yes"]), known).iloc[0]
        assert (row["lit_share"], row["lit_share_night"]) == (1.0, 0.0)
        tag = straight(lit=["limited"])  # a tag says no hours: it stays as it is
        assert "lit_share_night" not in light_of(tag)

    def test_of_several_lamps_the_brightest_counts(self):
        rules = (("01:00", "05:00", 0.0), None)
        both = light_of(straight(), dimmed(lamps((100, 0), (100, 0)), *rules)).iloc[0]
        assert both["lit_share_night"] == both["lit_share"]
        # Last seen long ago, the undimmed one is believed by half: more than half the light.
        seen = [pd.NaT, pd.Timestamp("2025-09-02") - pd.Timedelta(days=365 + 1825)]
        known = dimmed(lamps((100, 0), (100, 0)), ("00:00", "24:00", 0.3), None)
        old = light_of(straight(), known.assign(inspected_at=seen)).iloc[0]
        assert old["lit_share_night"] == pytest.approx(0.5 * old["lit_share"])
        assert old["lit_share_history_night"] == pytest.approx(old["lit_share_night"])

    def test_a_lamp_newly_undimmed_by_another_was_dimmed_before(self):
        # The first burns dimmed at all times, the second in full since a half-life: 0.5·0.3 + 0.5.
        known = lamps((100, 0), (100, 0), commissioned_at=[None, HALF_LIFE_AGO])
        row = light_of(straight(), dimmed(known, ("00:00", "24:00", 0.3), None)).iloc[0]
        assert row["lit_share_night"] == row["lit_share"]
        assert row["lit_share_history"] == pytest.approx(row["lit_share"])
        assert row["lit_share_history_night"] == pytest.approx(0.65 * row["lit_share"])

    def test_time_of_the_brightest_by_hand(self):
        # Lamp 0 burns 0–1 with 0.2, lamp 1 from 0.25 to 0.75 with 0.8 of a belief of 0.9.
        spans = pd.DataFrame({"lamp": [0, 1], "start": [0.0, 0.25], "end": [1.0, 0.75]})
        whole, weaker = np.array([1.0, 0.9]), np.array([0.2, 0.72])
        place, kept = brightest_share(np.zeros(2, int), np.arange(2), (whole, weaker), spans)
        assert place.tolist() == [0]
        assert kept.tolist() == pytest.approx([0.5 * 0.2 + 0.5 * 0.72])

    def test_an_outage_takes_what_dimming_left(self):
        known = dimmed(lamps((100, 0), working=[False]), ("01:00", "05:00", 0.5))
        row = light_of(straight(), known).iloc[0]
        assert (row["lit_share"], row["lit_share_night"]) == (0, 0)


RULES = (None, ("01:00", "05:00", 0.5), ("23:00", None, 0.0), ("00:00", "06:00", np.nan))


def mixed_town(seed, rules=RULES):
    """A town with dimmed and plain lamps and lists, some of them old, broken or new."""
    rng = np.random.default_rng(seed)
    town, count = random_town(seed), 60
    days = pd.to_timedelta(rng.integers(0, 5000, count), unit="D")
    known = lamps(
        *rng.uniform(0, 1500, (count, 2)),
        working=np.array([True, True, False, None], object)[rng.integers(0, 4, count)],
        commissioned_at=[d if n % 3 else None for n, d in enumerate(pd.Timestamp(AS_OF) - days)],
    ).assign(inspected_at=pd.Timestamp(AS_OF) - days)
    lines = town.sections.frame.geometry[: len(town.sections.frame) // 3]
    rows = listed(*((line, "yes", 2010 + n % 3) for n, line in enumerate(lines)))
    told = [[rules[k] for k in rng.integers(0, len(rules), len(f))] for f in (known, rows)]
    return town, dimmed(known, *told[0]), dimmed(rows, *told[1])


@pytest.mark.parametrize("seed", range(4))
class TestTowns:
    def test_no_window_is_lighter_than_the_street_and_every_share_is_one(self, seed):
        town, known, rows = mixed_town(seed)
        light = light_of(town, known, lit_streets=rows)
        for column in ("lit_share", "lit_share_history"):
            shares = lit_by_window(light, column)
            assert (shares <= light[column].to_numpy()[:, None] + 1e-12).all()
            assert (shares >= 0).all()
            assert (shares[:, NIGHT] < light[column] - 0.01).any()
        assert "lit_share_midday" not in light

    def test_dimming_undone_leaves_no_trace(self, seed):
        town, known, rows = mixed_town(seed)
        plain = light_of(town, known.drop(columns=DIMMING), lit_streets=rows.drop(columns=DIMMING))
        none = mixed_town(seed, (None,))
        undone = light_of(town, none[1], lit_streets=none[2])
        pd.testing.assert_frame_equal(undone, plain, check_exact=True)
        dim = light_of(town, known, lit_streets=rows)[plain.columns]
        pd.testing.assert_frame_equal(dim, plain, check_exact=True)
        full = mixed_town(seed, (None, ("01:00", "05:00", 1.0)))
        assert list(light_of(town, full[1], lit_streets=full[2])) == list(plain)

    def test_more_light_left_never_makes_any_window_darker(self, seed):
        town, known, rows = mixed_town(seed)
        brighter = known.assign(dimmed_share=known["dimmed_share"].fillna(0.5) * 0.5 + 0.5)
        less, more = (
            lit_by_window(light_of(town, frame, lit_streets=rows)) for frame in (known, brighter)
        )
        assert (more >= less - 1e-12).all()

    def test_one_more_lamp_makes_no_window_darker(self, seed):
        town, known, rows = mixed_town(seed)
        held = np.zeros(len(town.sections.frame))
        rng = np.random.default_rng(100 + seed)
        new = lamps(*rng.uniform(0, 1500, (10, 2))).assign(lamp_id=[f"n{n}" for n in range(10)])
        more = pd.concat([known.astype({"working": object}), new], ignore_index=True)
        before, after = (
            lit_by_window(light_of(town, frame, lit_streets=rows, survey=held))
            for frame in (known, more)
        )
        assert (after >= before - 1e-12).all()

    def test_streets_beyond_a_dimmed_lamp_keep_every_bit(self, seed):
        town, known, rows = mixed_town(seed, (None,))
        spot = town.sections.frame.geometry[0].interpolate(0.5, normalized=True)
        lamp = lamps((0, 0)).assign(lamp_id="d", lat=spot.y, lon=spot.x)
        more = pd.concat([known.astype({"working": object}), lamp], ignore_index=True)
        more.loc[len(known), DIMMING] = ["01:00", "05:00", 0.5]
        light = light_of(town, more, lit_streets=rows, survey=np.zeros(len(town.sections.frame)))
        for column in ("lit_share", "lit_share_history"):
            moved = light[column] != light[f"{column}_night"]
            near = (
                shapely.distance(town.sections.frame.geometry.values, spot) < 30 / 69_000
            )  # degrees of longitude here
            assert not (moved & ~near).any()
        assert light["lit_share_night"][0] < light["lit_share"][0]

    def test_order_of_rows_does_not_matter(self, seed):
        town, known, rows = mixed_town(seed)
        light = light_of(town, known, lit_streets=rows)
        turned = light_of(town, known.iloc[::-1].reset_index(drop=True),
                          lit_streets=rows.iloc[::-1].reset_index(drop=True))  # fmt: skip
        pd.testing.assert_frame_equal(light, turned, rtol=1e-12)


class TestHazard:
    PARTS = pd.DataFrame({"section": [0, -1], "cell": [0, 1], "length_m": [50.0, 0.0]})

    def test_dimming_that_is_not_dated_is_no_change(self):
        light = light_of(straight(), dimmed(lamps((100, 0)), ("01:00", "05:00", 0.0)))
        change = change_since(self.PARTS, Conditions(DARKNESS, light), PARAMETERS)
        np.testing.assert_allclose(change.light, 1, rtol=1e-12)

    def test_a_new_dimmed_lamp_lowers_its_night_by_what_it_gives_then(self):
        # Unlit before, lit now, 0.4 of the light in the night: exp(−.315 · .75 · dark · share).
        light = pd.DataFrame({
            "lit_share": [1.0], "lit_share_history": [0.0],
            "lit_share_night": [0.4], "lit_share_history_night": [0.0],
        })  # fmt: skip
        change = change_since(self.PARTS, Conditions(DARKNESS, light), PARAMETERS)
        theft = change.light[0, GROUPS.index("theft_robbery")]
        for window, share in (("night", 0.4), ("evening", 1.0)):
            wanted = np.exp(-0.315 * 0.75 * DARKNESS[window] * share)
            assert theft[list(WINDOWS).index(window)] == pytest.approx(wanted)

    def test_the_standing_contrast_weighs_each_window_by_its_dark_hours(self):
        light = pd.DataFrame({"lit_share_history": [1.0, 1.0],
                              "lit_share_history_night": [0.2, 1.0]})  # fmt: skip
        weight = np.zeros((2, len(WINDOWS)))
        weight[0, NIGHT], weight[1, list(WINDOWS).index("evening")] = 0.3, 0.1
        met = lit_by_group(light, "lit_share_history", weight)
        assert met.tolist() == [[pytest.approx(0.2), 1.0], [1.0, 1.0]]
        grid = oral().grid
        parts = pd.DataFrame({"section": [0, 1], "cell": [0, 1], "length_m": [100.0, 100.0]})
        by_group = met[[0, 0, 1, 1]]
        dark = np.full(len(GROUPS), 0.4)
        factor = prior_contrast(grid, parts, by_group, dark, PARAMETERS)
        assert (factor[:2, 0] > 1).all()
        np.testing.assert_allclose(factor[2:], 1, rtol=1e-12)
        one = prior_contrast(grid, parts, met[0], dark, PARAMETERS)
        np.testing.assert_array_equal(one[:2], factor[:2])

    def test_full_light_gains_most_where_the_night_is_dimmed(self):
        # theft: lit in the evening already; violence: night dark .95, lit .4 → 1 relieves .6·.75.
        share = np.ones((1, len(WINDOWS)))
        share[0, NIGHT] = 0.4
        here = place(theft_evening=10, violence_night=20)
        here = type(here)(here.harm, share, here.camera_share, here.patrol)
        found = effect(here, Scenario(lit_share=1.0), SURE)
        wanted = 20 * -np.expm1(-0.1575 * 0.75 * 0.6 * DARKNESS["night"])
        assert found.avoided["night"].mean == pytest.approx(wanted)
        assert found.avoided["evening"].mean == 0
        # By harm: (10 · 1 + 20 · 0.4) / 30.
        assert found.changes["light"] == pytest.approx((0.6, 1.0))

    def test_one_share_for_all_windows_is_the_same_to_the_last_bit(self):
        here = place(lit=0.3, theft_evening=10, violence_night=20, shape=3.0)
        spread = np.full((1, len(WINDOWS)), 0.3)
        wide = type(here)(here.harm, spread, here.camera_share, here.patrol, here.shape)
        one, other = (effect(where, Scenario(lit_share=0.8)) for where in (here, wide))
        assert (one.avoided, one.by_month, one.share) == (
            other.avoided,
            other.by_month,
            other.share,
        )
