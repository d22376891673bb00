"""The dark gap: minutes in the dark fall to lit, unlit and unknown street, and none is lost."""

import numpy as np
import pandas as pd
import pytest

from geo.coverage.dark_gap import (
    DARK_PARTS,
    DarkMonth,
    cumulative_share,
    dark_gap,
    full_dark_minutes,
    light_shares,
    town_dark_gap,
)
from geo.parameters import WINDOWS

DECEMBER = DarkMonth("2026-12", {"school_am": 0.9, "school_pm": 0.8}, walks=1.25)
MARCH = DarkMonth("2027-03", {"school_am": 0.2, "school_pm": 0.0}, walks=0.5)
JULY = DarkMonth("2027-07", {"school_am": 0.0, "school_pm": 0.0}, walks=0.0)
HOURS = ("school_am", "school_pm")


def street(lit=0.0, unlit=0.0, unknown=0.0, am=1000.0, pm=400.0, **more):
    lengths = {"lit_m": lit, "unlit_m": unlit, "unknown_light_m": unknown}
    return lengths | {"child_minutes_school_am": am, "child_minutes_school_pm": pm} | more


def streets(*rows):
    return pd.DataFrame(list(rows))


def random_streets(seed, count=40):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, 4, (count, 3)) * rng.uniform(1, 90, (count, 3))
    frame = pd.DataFrame(lengths, columns=["lit_m", "unlit_m", "unknown_light_m"])
    for window in WINDOWS:
        frame[f"child_minutes_{window}"] = rng.exponential(500, count) * rng.integers(0, 2, count)
    frame["lit_share"] = rng.uniform(0, 1, count)
    frame["lit_share_night"] = frame["lit_share"] * rng.uniform(0, 1, count)
    return frame


def random_months(seed):
    rng = np.random.default_rng(seed)
    dark = rng.uniform(0, 1, (12, len(WINDOWS)))
    return [
        DarkMonth(f"2026-{n + 1:02d}", dict(zip(WINDOWS, row, strict=True)), walks)
        for n, (row, walks) in enumerate(zip(dark, rng.uniform(0.2, 1.5, 12), strict=True))
    ]


def test_minutes_of_a_month_by_hand():
    gap = dark_gap(streets(street(lit=50, unlit=30, unknown=20)), [DECEMBER], HOURS).iloc[0]
    # 1.25 · (1000 + 400) minutes; in the dark 1.25 · (1000 · 0.9 + 400 · 0.8) = 1525.
    assert gap["child_minutes"] == pytest.approx(1750)
    assert gap["lit_dark_minutes"] == pytest.approx(1525 * 0.5)
    assert gap["unlit_dark_minutes"] == pytest.approx(1525 * 0.3)
    assert gap["unknown_dark_minutes"] == pytest.approx(1525 * 0.2)


def test_months_add_up_and_one_without_school_adds_nothing():
    frame = streets(street(unlit=80, lit=20))
    year = dark_gap(frame, [DECEMBER, MARCH, JULY], HOURS).iloc[0]
    # December 1525, March 0.5 · 1000 · 0.2 = 100; of 1625 four fifths are unlit.
    assert year["unlit_dark_minutes"] == pytest.approx(1625 * 0.8)
    assert year["child_minutes"] == pytest.approx(1400 * (1.25 + 0.5))


def test_a_month_without_school_is_not_known_rather_than_nothing():
    assert dark_gap(streets(street(unlit=80)), [JULY], HOURS).isna().all(axis=None)
    town = town_dark_gap(streets(street(unlit=80)), [DECEMBER, JULY], HOURS)
    assert town.set_index("month").loc["2027-07", list(DARK_PARTS)].isna().all(axis=None)


def test_light_that_nobody_knows_is_never_dark():
    gap = dark_gap(streets(street(unknown=100), street()), [DECEMBER], HOURS)
    assert gap["unlit_dark_minutes"].tolist() == [0, 0]
    assert gap["unknown_dark_minutes"].tolist() == [pytest.approx(1525)] * 2
    assert (full_dark_minutes(streets(street(unknown=100)), HOURS) == 0).all(axis=None)


def test_lamps_that_are_dimmed_count_for_what_is_left_of_them():
    # Lit over 80 of 100 m; in the morning the expected share falls from 0.8 to 0.5.
    dimmed = street(lit=80, unlit=10, unknown=10, lit_share=0.85, lit_share_school_am=0.55)
    shares = light_shares(streets(dimmed), HOURS)[0]
    assert shares[:, 0] == pytest.approx([0.5, 0.4, 0.1])
    assert shares[:, 1] == pytest.approx([0.8, 0.1, 0.1])
    assert full_dark_minutes(streets(dimmed), HOURS).iloc[0].tolist() == pytest.approx([400, 40])


def test_dimming_takes_no_more_than_there_is_and_adds_nothing():
    rows = streets(
        street(lit=10, unlit=90, lit_share=0.6, lit_share_school_am=0.2),
        street(lit=50, unlit=50, lit_share=0.5, lit_share_school_am=0.9),
        street(lit=50, unlit=50, lit_share=np.nan, lit_share_school_am=np.nan),
    )
    assert light_shares(rows, ("school_am",))[:, :, 0].tolist() == [
        [0, pytest.approx(1), 0], [0.5, 0.5, 0], [0.5, 0.5, 0]
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_between_lit_unlit_and_unknown(seed):
    sections, months = random_streets(seed), random_months(seed)
    gap, town = dark_gap(sections, months), town_dark_gap(sections, months)
    spent = np.zeros(len(sections))
    for month in months:
        for window in WINDOWS:
            walked = month.walks * sections[f"child_minutes_{window}"]
            spent += walked * month.darkness[window]
    assert np.allclose(gap[list(DARK_PARTS)].sum(axis=1), spent, rtol=1e-9, atol=1e-9)
    by_town = town["child_minutes"] * town["darkness"]
    assert np.allclose(town[list(DARK_PARTS)].sum(axis=1), by_town, rtol=1e-9)
    for name in ("child_minutes", *DARK_PARTS):
        assert town[name].sum() == pytest.approx(gap[name].sum(), rel=1e-9)
    assert len(town) == 12 * len(WINDOWS)


def test_full_darkness_times_the_darkness_of_a_month_is_its_unlit_minutes():
    sections, months = random_streets(9), random_months(9)[:1]
    full = full_dark_minutes(sections)
    dark = [months[0].darkness[window] * months[0].walks for window in WINDOWS]
    unlit = dark_gap(sections, months)["unlit_dark_minutes"]
    assert np.allclose(full.to_numpy() @ np.array(dark), unlit, rtol=1e-9)


def test_more_light_never_leaves_more_dark():
    sections, months = random_streets(4), random_months(4)
    lighter = sections.assign(
        lit_m=sections["lit_m"] + sections["unlit_m"] / 2, unlit_m=sections["unlit_m"] / 2
    )
    before, after = (dark_gap(frame, months)["unlit_dark_minutes"] for frame in (sections, lighter))
    assert (after <= before + 1e-9).all()


def test_order_and_index_of_the_sections_stay_and_the_frame_is_not_changed():
    sections = random_streets(2).set_index(np.arange(100, 140))
    kept = sections.copy()
    gap = dark_gap(sections, random_months(2))
    turned = dark_gap(sections.iloc[::-1], random_months(2))
    assert gap.index.equals(sections.index)
    pd.testing.assert_frame_equal(gap, turned.iloc[::-1])
    pd.testing.assert_frame_equal(sections, kept)


def test_a_town_without_sections_or_darkness_has_no_gap():
    assert dark_gap(random_streets(1).iloc[:0], random_months(1)).empty
    assert cumulative_share(pd.Series([0.0, 0.0]), 0.0).isna().all()
    assert cumulative_share(pd.Series([30.0, 10.0]), 80.0).tolist() == [0.375, 0.5]
