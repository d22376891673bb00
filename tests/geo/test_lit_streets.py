"""Each piece of evidence of light has its rank, its age and its place on the street."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from geo.coverage.lighting import LightRecords, street_light, survey_belief
from geo.coverage.lit_streets import unplaced_streets
from geo.coverage.street_pieces import pieces_of_network
from geo.parameters import HazardParameters
from tests.geo.small_town import degrees, random_town, small_town
from tests.geo.test_lighting import lamps

PARAMETERS = HazardParameters()
AS_OF = date(2025, 9, 1)
TODAY = pd.Timestamp("2025-09-02")


def line(*corners):
    """A line through corners in metres east and north."""
    lat, lon = degrees(corners)
    return LineString(np.column_stack([lon, lat]))


def listed(*rows):
    """One row a stretch: line, lit, year."""
    return pd.DataFrame(
        {
            "lit_street_id": [f"r{number}" for number in range(len(rows))],
            "lat": 51.23,
            "lon": 51.37,
            "street": "Абай",
            "house_from": None,
            "house_to": None,
            "lit": [row[1] for row in rows],
            "length_m": np.nan,
            "match_score": 100.0,
            "line": pd.Series([row[0] for row in rows], dtype=object),
            "year": pd.Series([row[2] if len(row) > 2 else np.nan for row in rows], dtype=float),
        }
    )


def outage(drawn, since, until=None):
    return pd.DataFrame(
        {
            "line": [drawn],
            "broken_from": pd.to_datetime([since]),
            "broken_to": pd.to_datetime([until]),
        }
    )


def straight(**tags):
    """One street of 200 m from west to east."""
    return small_town({"w": (0, 0), "e": (200, 0)}, "w e", **tags)


def light_of(town, known=None, **records):
    found = LightRecords(lamps() if known is None else known, **records)
    return street_light(town.sections, town.network, found, AS_OF, town.area, PARAMETERS)


WHOLE = line((0, 0), (200, 0))


class TestLists:
    @pytest.mark.parametrize(
        ("word", "light", "share"),
        # Believed with 0.9; the rest is as any unknown street: 0.9 + 0.1 · 0.5.
        [("yes", "lit", 0.95), ("no", "unlit", 0.05), ("partly", "unknown", 0.5)],
    )
    def test_each_word_has_its_light(self, word, light, share):
        row = light_of(straight(), lit_streets=listed((WHOLE, word))).iloc[0]
        assert (row["light"], row["light_source"]) == (light, "list")
        assert row["lit_share"] == pytest.approx(share)
        assert row["lit_share_history"] == pytest.approx(share)

    def test_in_part_is_known_no_better_than_nothing(self):
        row = light_of(straight(), lit_streets=listed((WHOLE, "partly"))).iloc[0]
        assert row["unknown_light_m"] == pytest.approx(200)
        assert row["lit_share_sd"] == pytest.approx(np.sqrt(0.05))

    def test_a_list_says_more_than_a_tag(self):
        row = light_of(straight(lit=["no"]), lit_streets=listed((WHOLE, "yes"))).iloc[0]
        # 0.9 + 0.1 · 0.1, what the tag leaves.
        assert (row["light"], row["light_source"]) == ("lit", "list")
        assert row["lit_share"] == pytest.approx(0.91)

    def test_only_the_stretch_between_its_ends_is_meant(self):
        part = line((0, 0), (60, 0))
        row = light_of(straight(), lit_streets=listed((part, "yes"))).iloc[0]
        assert row["lit_m"] == pytest.approx(60, abs=5)
        assert row["unknown_light_m"] == pytest.approx(140, abs=5)
        assert row["light"] == "unknown"
        assert row["light_source"] == "none"

    def test_a_street_that_crosses_the_listed_one_is_not_meant(self):
        places = {"w": (0, 0), "m": (100, 0), "e": (200, 0), "n": (100, 90), "s": (100, -90)}
        town = small_town(places, "w m", "m e", "n m", "m s")
        light = light_of(town, lit_streets=listed((WHOLE, "no")))
        for ends in ("wm", "me"):
            assert light["light"].iloc[town.section(*ends)] == "unlit"
        for ends in ("nm", "ms"):
            assert light["lit_share"].iloc[town.section(*ends)] == pytest.approx(0.5)

    def test_the_latest_year_counts_and_equals_that_contradict_leave_it_in_part(self):
        newer = listed((WHOLE, "no", 2023), (WHOLE, "yes", 2024), (WHOLE, "no"))
        assert light_of(straight(), lit_streets=newer)["light"].iloc[0] == "lit"
        both = listed((WHOLE, "no", 2024), (WHOLE, "yes", 2024))
        row = light_of(straight(), lit_streets=both).iloc[0]
        assert (row["light"], row["lit_share"]) == ("unknown", 0.5)

    def test_a_row_without_a_line_or_beside_no_street_says_nothing_and_is_named(self):
        town = straight()
        rows = listed((WHOLE, "yes"), (line((0, 300), (200, 300)), "no"), (None, "no"))
        light = light_of(town, lit_streets=rows).iloc[0]
        assert light["lit_share"] == pytest.approx(0.95)
        pieces = pieces_of_network(town.network, town.sections)
        assert unplaced_streets(rows, pieces, town.area, PARAMETERS) == ["r1", "r2"]


class TestOrderOfEvidence:
    def test_a_working_lamp_says_more_than_a_list_that_says_no(self):
        known, no = lamps((100, 0)), listed((WHOLE, "no"))
        row = light_of(straight(), known, lit_streets=no).iloc[0]
        assert row["lit_m"] == pytest.approx(50, abs=5)
        # 25 % by the lamp; beyond it the list's 0.9 says unlit, and lamps say so of the rest.
        assert row["lit_share"] == pytest.approx(0.25, abs=0.02)

    def test_a_list_says_more_than_the_gap_between_lamps(self):
        row = light_of(straight(), lamps((100, 0)), lit_streets=listed((WHOLE, "yes"))).iloc[0]
        assert row["light"] == "lit"
        # 50 m in full, 150 m at 0.9 (what is left belongs to the gap: unlit).
        assert row["lit_share"] == pytest.approx(0.25 + 0.75 * 0.9, abs=0.01)

    def test_a_broken_lamp_darkens_its_reach_of_a_listed_street(self):
        known = lamps((100, 0), working=[False])
        row = light_of(straight(), known, lit_streets=listed((WHOLE, "yes"))).iloc[0]
        assert row["unlit_m"] == pytest.approx(50, abs=5)
        assert row["lit_m"] == pytest.approx(150, abs=5)

    def test_a_lamp_of_unknown_state_leaves_the_word_to_list_and_tag(self):
        known = lamps((100, 0), working=[None])
        row = light_of(straight(), known, lit_streets=listed((WHOLE, "yes"))).iloc[0]
        assert row["light"] == "lit"
        held = np.zeros(1)
        tagged = light_of(straight(lit=["yes"]), known, survey=held)
        pd.testing.assert_frame_equal(tagged, light_of(straight(lit=["yes"])))

    def test_an_outage_of_the_street_takes_away_what_list_and_tag_say(self):
        for records in ({"lit_streets": listed((WHOLE, "yes"))}, {}):
            town = straight(lit=["yes"])
            row = light_of(town, street_outages=outage(WHOLE, "2025-08-01"), **records).iloc[0]
            assert (row["light"], row["light_source"]) == ("unlit", "outage")
            assert row["lit_share"] == 0
            assert row["lit_share_sd"] == 0


class TestOutages:
    def test_lamps_of_the_street_go_out_and_those_of_the_next_burn_on(self):
        places = {"w": (0, 0), "m": (100, 0), "e": (200, 0), "n": (100, 90)}
        town = small_town(places, "w m", "m e", "m n")
        known = lamps((20, 5), (180, -5), (105, 60))
        light = light_of(town, known, street_outages=outage(WHOLE, "2025-08-01"))
        assert light["lit_m"].iloc[town.section("w", "m")] == 0
        assert light["lit_m"].iloc[town.section("m", "e")] == 0
        assert light["lit_m"].iloc[town.section("m", "n")] == pytest.approx(50, abs=5)

    def test_an_outage_is_undone_without_a_trace(self):
        town = random_town(9)
        rng = np.random.default_rng(9)
        known = lamps(*rng.uniform(0, 1500, (80, 2)))
        rows = listed(*((one, "yes") for one in town.sections.frame.geometry[:10]))
        drawn = town.sections.frame.geometry[3]
        before = light_of(town, known, lit_streets=rows)
        out = light_of(town, known, lit_streets=rows, street_outages=outage(drawn, "2025-08-01"))
        assert (out["lit_share"] <= before["lit_share"]).all()
        assert out["lit_share"].iloc[3] < before["lit_share"].iloc[3] - 0.2
        after = light_of(town, known, lit_streets=rows, street_outages=outage(drawn, None).iloc[:0])
        pd.testing.assert_frame_equal(before, after, check_exact=True)
        one_lamp = known.assign(broken_from=pd.NaT).astype({"broken_from": "datetime64[us]"})
        one_lamp.loc[5, "broken_from"] = pd.Timestamp("2025-08-01")
        assert (light_of(town, one_lamp)["lit_share"] <= light_of(town, known)["lit_share"]).all()

    def test_before_the_outage_the_street_was_as_listed(self):
        since = TODAY - pd.Timedelta(days=1095)
        rows = listed((WHOLE, "yes"))
        row = light_of(straight(), lit_streets=rows, street_outages=outage(WHOLE, since)).iloc[0]
        # Dark for the last half-life: half of the memory.
        assert row["lit_share_history"] == pytest.approx(0.95 / 2)
        known = lamps(*((20.0 * n, 0) for n in range(11)))
        row = light_of(straight(), known, street_outages=outage(WHOLE, since)).iloc[0]
        assert row["lit_share"] == 0
        assert row["lit_share_history"] == pytest.approx(0.5)

    def test_an_outage_that_ends_before_it_begins_puts_nothing_out(self):
        early = lamps((100, 0), broken_from=["2025-08-20"], broken_to=["2025-08-01"])
        for row in (light_of(straight(), early), light_of(straight(), lamps((100, 0)))):
            assert row["lit_share"].iloc[0] == pytest.approx(0.25, abs=0.02)
            assert row["lit_share_history"].iloc[0] == row["lit_share"].iloc[0]


class TestAge:
    @pytest.mark.parametrize(
        ("days", "belief"), [(0, 1.0), (365, 1.0), (365 + 1825, 0.5), (365 + 3650, 0.25)]
    )
    def test_a_lamp_last_seen_long_ago_falls_back_to_the_prior(self, days, belief):
        seen = TODAY - pd.Timedelta(days=days)
        known = lamps(*((20.0 * n, 0) for n in range(11))).assign(inspected_at=seen)
        row = light_of(straight(), known).iloc[0]
        # Believed: lit. Not believed: any unknown street, 0.5 with a mean square of 0.3.
        share = belief + (1 - belief) * 0.5
        assert row["lit_share"] == pytest.approx(share)
        variance = belief + (1 - belief) * 0.3 - share**2
        assert row["lit_share_sd"] == pytest.approx(np.sqrt(variance), abs=1e-7)
        assert row["lit_share_history"] == pytest.approx(share)
        assert row["light"] == ("lit" if belief >= 0.5 else "unknown")

    def test_age_moves_no_estimate_beyond_the_prior_and_never_narrows_it(self):
        for working, word in ((True, "yes"), (False, "no")):
            town, known = straight(), lamps((100, 0), working=[working])
            rows = [(WHOLE, word, year) for year in (2025, 2015, 2000, 1950)]
            shares, spreads = [], []
            for row in rows:
                found = light_of(town, lit_streets=listed(row)).iloc[0]
                shares.append(found["lit_share"])
                spreads.append(found["lit_share_sd"])
            steps = np.diff(np.abs(np.array(shares) - 0.5))
            assert (steps < 0).all()
            assert ((np.array(shares) > 0.5) == working).all()
            assert min(spreads) == spreads[0]
            old = known.assign(inspected_at=pd.Timestamp("1960-01-01"))
            reach = light_of(town, old, survey=np.zeros(1)).iloc[0]
            assert abs(reach["lit_share"] - 0.5) < 0.01

    def test_an_old_lamp_that_works_never_lowers_a_lit_street(self):
        town = straight(lit=["yes"])
        old = lamps((100, 0)).assign(inspected_at=pd.Timestamp("1990-01-01"))
        held = np.zeros(1)
        assert light_of(town, old, survey=held)["lit_share"].iloc[0] >= 0.9


class TestOneMoreLamp:
    @pytest.mark.parametrize("seed", range(6))
    def test_a_working_lamp_never_lowers_the_light_of_any_section(self, seed):
        rng = np.random.default_rng(seed)
        town = random_town(seed)
        count = len(town.sections.frame)
        spots = rng.uniform(0, 1500, (60, 2))
        states = np.array([True, False, None], object)[rng.integers(0, 3, 60)]
        known = lamps(*spots, working=states).assign(
            inspected_at=TODAY - pd.to_timedelta(rng.integers(0, 6000, 60), unit="D")
        )
        words = np.array(["yes", "no", "partly"])[rng.integers(0, 3, count // 3)]
        rows = listed(
            *((town.sections.frame.geometry[n], word, 2010 + n) for n, word in enumerate(words))
        )
        out = outage(town.sections.frame.geometry[count - 1], "2025-05-01")
        held = survey_belief(town.sections, town.network, known, AS_OF, town.area, PARAMETERS)
        told = {"lit_streets": rows, "street_outages": out, "survey": held}
        before = light_of(town, known, **told)
        new = lamps(*rng.uniform(0, 1500, (20, 2))).assign(
            inspected_at=pd.NaT, lamp_id=[f"n{n}" for n in range(20)]
        )
        more = pd.concat([known, new], ignore_index=True)
        more["working"] = more["working"].astype(object)
        after = light_of(town, more, **told)
        assert (after["lit_share"] >= before["lit_share"] - 1e-12).all()
        assert (after["lit_m"] >= before["lit_m"] - 1e-9).all()
        assert (after["lit_share"] > before["lit_share"] + 1e-3).any()
        total = after[["lit_m", "unlit_m", "unknown_light_m"]].sum(axis=1)
        np.testing.assert_allclose(total, town.sections.frame["length_m"], rtol=1e-9)

    def test_a_first_lamp_leaves_the_rest_of_the_street_unknown_where_the_survey_is_held(self):
        row = light_of(straight(), lamps((100, 0)), survey=np.zeros(1)).iloc[0]
        assert row["unknown_light_m"] == pytest.approx(150, abs=5)
        # 50 m in full, 150 m at 0.5.
        assert row["lit_share"] == pytest.approx(0.625, abs=0.02)

    def test_nothing_beyond_its_reach_moves(self):
        town = random_town(4)
        far = lamps((-25.5, -25.5))
        held = np.zeros(len(town.sections.frame))
        pd.testing.assert_frame_equal(light_of(town, far, survey=held), light_of(town))
