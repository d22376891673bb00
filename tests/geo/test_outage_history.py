"""What was out and burns again lowers the light of the memory, each hour of darkness once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.coverage.lamp_times import lamp_times, share_of_time
from geo.coverage.outage_spans import covered_share, past_outages, spans_outside
from tests.geo.small_town import random_town
from tests.geo.test_lighting import AS_OF, HALF_LIFE, lamps
from tests.geo.test_lit_streets import WHOLE, light_of, line, listed, outage, straight

TODAY = pd.Timestamp("2025-09-02")
STREET = [(20.0 * n, 0) for n in range(11)]
"""Lamps that light all of the street of 200 m."""


def ago(half_lives):
    return TODAY - pd.Timedelta(days=half_lives * HALF_LIFE)


def outages(*rows):
    """One row an outage: id of the lamp, half-lives ago of its beginning and end."""
    ids, since, until = zip(*rows, strict=True)
    return pd.DataFrame({
        "lamp_id": list(ids),
        "broken_from": pd.to_datetime([ago(n) for n in since]),
        "broken_to": pd.to_datetime([ago(n) for n in until]),
    })  # fmt: skip


def history(known, **records):
    return light_of(straight(), known, **records)["lit_share_history"].iloc[0]


class TestLamps:
    @pytest.mark.parametrize(
        ("rows", "dark"),
        [
            # Weight before n half-lives ago: 2^−n.
            ([("l0", 2, 1)], 0.25),
            ([("l0", 2, 1), ("l0", 4, 3)], 0.25 + 0.0625),
            ([("l0", 2, 1), ("l0", 2, 1)], 0.25),
            ([("l0", 3, 1), ("l0", 2, 0.5)], 2**-0.5 - 2**-3),
            ([("l0", 3, 0.5), ("l0", 2, 1)], 2**-0.5 - 2**-3),
            ([("l0", 1, 2)], 0.0),
            ([("another", 2, 1)], 0.0),
        ],
    )
    def test_outages_that_are_over_add_up_and_overlaps_count_once(self, rows, dark):
        known = lamps((100, 0))
        light = light_of(straight(), known, lamp_outages=outages(*rows)).iloc[0]
        plain = light_of(straight(), known).iloc[0]
        assert light["lit_share"] == plain["lit_share"]
        assert light["lit_share_history"] == pytest.approx((1 - dark) * plain["lit_share"])

    def test_time_before_the_lamp_stood_is_lost_no_second_time(self):
        # It stands since a half-life; an outage from two to a half: only 0.5 … 2^−.5 was burning.
        known = lamps(*STREET, commissioned_at=[ago(1)] * 11)
        out = outages(*((f"l{n}", 2, 0.5) for n in range(11)))
        assert history(known, lamp_outages=out) == pytest.approx(1 - 2**-0.5)

    def test_what_the_register_and_the_log_say_is_joined(self):
        known = lamps(*STREET, broken_from=[ago(2)] * 11, broken_to=[ago(1)] * 11)
        out = outages(*((f"l{n}", 3, 1.5) for n in range(11)))
        assert history(known, lamp_outages=out) == pytest.approx(1 - (0.5 - 0.125))

    def test_where_another_lamp_burned_nothing_was_dark(self):
        known = lamps((100, 0), (100, 0))
        assert history(known, lamp_outages=outages(("l0", 2, 1))) == history(known)

    def test_a_lamp_of_unknown_state_was_dark_while_it_was_out(self):
        known = lamps(*STREET, working=[None] * 11)
        out = outages(*((f"l{n}", 2, 1) for n in range(11)))
        # Unknown, 0.5, for three quarters of the memory.
        assert history(known, lamp_outages=out) == pytest.approx(0.5 * 0.75)

    def test_spans_agree_with_counting_days(self):
        rng = np.random.default_rng(5)
        ends = np.sort(rng.integers(1, 2000, (40, 2)), axis=1)[:, ::-1]
        lamp = rng.integers(0, 6, 40)
        out = pd.DataFrame({
            "lamp": lamp,
            "broken_from": TODAY - pd.to_timedelta(ends[:, 0], unit="D"),
            "broken_to": TODAY - pd.to_timedelta(ends[:, 1], unit="D"),
        })  # fmt: skip
        times = lamp_times(lamps(*np.zeros((6, 2))), AS_OF, HALF_LIFE, out)
        share = share_of_time(times.spans, np.arange(6), np.arange(6), 6)

        day = np.arange(40_000)
        weight = 2.0 ** (-day / HALF_LIFE) - 2.0 ** (-(day + 1) / HALF_LIFE)
        dark = (day < ends[:, [0]]) & (day >= ends[:, [1]])
        slow = [(weight * ~dark[lamp == n].any(axis=0)).sum() for n in range(6)]
        np.testing.assert_allclose(share, slow, atol=1e-7)


class TestStreets:
    def test_an_outage_that_is_over_leaves_the_street_lit_and_its_memory_darker(self):
        rows = listed((WHOLE, "yes"))
        out = pd.concat([outage(WHOLE, ago(2), ago(1)), outage(WHOLE, ago(4), ago(3))])
        out = out.reset_index(drop=True)
        light = light_of(straight(), lit_streets=rows, street_outages=out).iloc[0]
        assert (light["lit_share"], light["light_source"]) == (pytest.approx(0.95), "list")
        assert light["lit_share_history"] == pytest.approx(0.95 * (1 - 0.25 - 0.0625))

    def test_one_that_is_over_and_one_that_lasts_add_up(self):
        rows = listed((WHOLE, "yes"))
        out = pd.concat([outage(WHOLE, ago(3), ago(2)), outage(WHOLE, ago(1))], ignore_index=True)
        light = light_of(straight(), lit_streets=rows, street_outages=out).iloc[0]
        assert light["light"] == "unlit"
        assert light["lit_share_history"] == pytest.approx(0.95 * (1 - 0.125 - 0.5))

    def test_both_hit_the_lamps_of_the_street(self):
        out = pd.concat([outage(WHOLE, ago(3), ago(2)), outage(WHOLE, ago(1))], ignore_index=True)
        assert history(lamps(*STREET), street_outages=out) == pytest.approx(1 - 0.125 - 0.5)

    def test_it_hits_the_lamps_of_the_street_too(self):
        out = outage(WHOLE, ago(2), ago(1))
        assert history(lamps(*STREET), street_outages=out) == pytest.approx(0.75)
        elsewhere = outage(line((0, 500), (200, 500)), ago(2), ago(1))
        assert history(lamps(*STREET), street_outages=elsewhere) == 1.0

    def test_an_outage_that_lasts_hides_no_earlier_one_of_the_register(self):
        # Broken from three half-lives ago to two, and out with the street since one.
        known = lamps(*STREET, broken_from=[ago(3)] * 11, broken_to=[ago(2)] * 11)
        out = outage(WHOLE, ago(1))
        assert history(known, street_outages=out) == pytest.approx(1 - 0.125 - 0.5)


def test_past_outages_are_those_over_by_the_day():
    register = lamps((0, 0), (1, 0), broken_from=[None, ago(5)], broken_to=[None, ago(4)])
    hits = pd.DataFrame({
        "asset_row": [0, 0, 1, 0],
        "broken_from": [ago(2), ago(0.5), ago(1), ago(1)],
        "broken_to": [ago(1), pd.NaT, pd.NaT, ago(2)],
    })  # fmt: skip
    found = past_outages(register, hits, AS_OF, "lamp_id")
    # The second lamp's lasting outage hides its own earlier one; the last row ends too early.
    assert found["lamp_id"].tolist() == ["l0", "l1"]
    assert found["broken_from"].tolist() == [ago(2), ago(5)]
    assert found["broken_to"].tolist() == [ago(1), ago(4)]


spans = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 50)), max_size=12)


@settings(max_examples=80, deadline=None)
@given(spans, spans)
def test_spans_and_outages_agree_with_counting_fiftieths(rows, out):
    def frame(pairs):
        kept = [(n, min(a, b) / 50, max(a, b) / 50) for n, a, b in pairs if a != b]
        return pd.DataFrame(kept, columns=["lamp", "start", "end"]).astype(
            {"lamp": np.int64, "start": float, "end": float}
        )

    def counted(table, at):
        middle = (np.arange(50) + 0.5) / 50
        own = table[table["lamp"] == at]
        start, end = (own[[name]].to_numpy() for name in ("start", "end"))
        return ((start < middle) & (middle < end)).any(axis=0)

    burned, dark = frame(rows), frame(out)
    left = spans_outside(burned, dark, "lamp")
    for at in range(4):
        there, gone = counted(burned, at), counted(dark, at)
        assert (counted(left, at) == (there & ~gone)).all()
        assert covered_share(dark, "lamp", 4)[at] == pytest.approx(gone.mean())


@pytest.mark.parametrize("seed", range(3))
def test_an_outage_that_is_over_lowers_only_the_memory(seed):
    rng = np.random.default_rng(seed)
    town, known = random_town(seed), lamps(*rng.uniform(0, 1500, (60, 2)))
    hit = rng.integers(0, 60, 30)
    out = outages(*((f"l{n}", since, since / 2) for n, since in zip(hit, rng.uniform(0.5, 4, 30),
                                                                   strict=True)))  # fmt: skip
    plain, after = light_of(town, known), light_of(town, known, lamp_outages=out)
    rest = [column for column in plain if column != "lit_share_history"]
    pd.testing.assert_frame_equal(plain[rest], after[rest], check_exact=True)
    assert (after["lit_share_history"] <= plain["lit_share_history"] + 1e-12).all()
    assert (after["lit_share_history"] < plain["lit_share_history"] - 0.01).any()
    undone = light_of(town, known, lamp_outages=out.iloc[:0])
    pd.testing.assert_frame_equal(plain, undone, check_exact=True)
