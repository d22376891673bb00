"""A month's map against sums worked out by hand and by a plain loop over the parts."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo.errors import NotFoundError, UsageError
from geo.hazard.month_places import month_frames
from geo.hazard.month_variants import MonthVariant, parse_variant, year_of_run
from geo.hazard.town import town_hazard
from geo.hazard.town_fitting import fit_town
from geo.parameters import GROUPS, SCHOOL_WINDOWS, WINDOWS
from geo.streets.school_calendar import TERM, CalendarSpan, SchoolCalendar
from tests.geo.hazard_towns import PARAMETERS, rich_town

JANUARY, JULY = MonthVariant(1, school_day=True), MonthVariant(7, school_day=False)
RATIOS = {
    "school": dict(zip(WINDOWS, (1.3, 1.1, 1.2, 0.9, 0.95, 1.0), strict=True)),
    "off": dict(zip(WINDOWS, (0.4, 0.8, 0.6, 1.2, 1.1, 1.0), strict=True)),
}
SPANS = ("", *(f"_{window}" for window in WINDOWS))


@pytest.fixture(scope="module")
def town():
    return rich_town()


@pytest.fixture(scope="module")
def hazard(town):
    return town_hazard(town, PARAMETERS)


@pytest.fixture(scope="module")
def card(hazard):
    known = {str(month): 0 if month in (6, 7, 8) else 20 for month in range(1, 13)}
    return {
        "model": hazard.facts | {"school_days_ahead": known},
        "fitted": {"school_day_ratios": RATIOS},
    }


@pytest.fixture(scope="module")
def frames(town, hazard):
    minutes = town.child_minutes
    walked = (
        {}
        if minutes is None
        else {f"child_minutes_{window}": minutes[window].to_numpy() for window in WINDOWS}
    )
    return {
        "parts": hazard.parts,
        "reference": hazard.reference,
        "cells": hazard.cells,
        **{f"cells_r{resolution}": frame for resolution, frame in hazard.parents.items()},
        "sections": hazard.sections.assign(**walked),
    }


def in_month(frames, card, variant):
    return month_frames(frames, year_of_run(card), variant, PARAMETERS)


def test_harm_of_a_section_is_that_of_a_plain_loop(frames, card):
    year = year_of_run(card)
    made = in_month(frames, card, JANUARY)["sections"].set_index("section_id")
    parts = frames["parts"]
    for section in made.index[::7]:
        expected = dict.fromkeys(WINDOWS, 0.0)
        for _, part in parts[parts["section_id"] == section].iterrows():
            lit = part["lit_share"]
            for number, window in enumerate(WINDOWS):
                darker = year.darkness[0, number] - year.mean_darkness[number]
                for group in GROUPS:
                    # β of darkness: .315 for theft and robbery, half of it for the others.
                    beta = 0.315 * (1.0 if group == "theft_robbery" else 0.5)
                    harm = part[f"hazard_{window}"] * part[f"share_{group}_{window}"]
                    moved = math.exp(beta * darker * (1 - 0.75 * lit))
                    expected[window] += harm * moved * RATIOS["school"][window]
        for window in WINDOWS:
            assert made.loc[section, f"hazard_{window}"] == pytest.approx(expected[window])
        assert made.loc[section, "hazard"] == pytest.approx(sum(expected.values()))


def test_what_sections_and_bare_ground_hold_the_cells_hold(frames, card):
    made = in_month(frames, card, JANUARY)
    whole = made["cells"]["hazard"].sum()

    for name in ("cells_r9", "cells_r8", "cells_r7"):
        assert made[name]["hazard"].sum() == pytest.approx(whole, rel=1e-12)
    for name in ("sections", "cells"):
        windows = made[name][[f"hazard_{window}" for window in WINDOWS]].sum(axis=1)
        known = made[name]["hazard"].notna()
        np.testing.assert_allclose(windows[known], made[name]["hazard"][known], rtol=1e-12)


def test_part_of_the_month_is_what_ln_hazard_differs_by(frames, card):
    made = in_month(frames, card, JANUARY)["sections"]
    for span in SPANS:
        logs = np.log(made[f"hazard{span}"]) - np.log(frames["sections"][f"hazard{span}"])
        np.testing.assert_allclose(made[f"part_month{span}"], logs, atol=1e-12)


def test_on_other_days_school_windows_are_hidden_and_not_zero(frames, card):
    made = in_month(frames, card, JULY)["sections"]
    for window in SCHOOL_WINDOWS:
        for column in ("hazard", "hazard_low", "hazard_score", "hazard_class", "confidence"):
            assert made[f"{column}_{window}"].isna().all()
    assert made[["route_burden", "burden_score"]].isna().all(axis=None)
    assert made[["hazard_night", "hazard"]].notna().any().all()


def test_ranks_of_the_year_are_not_carried_into_a_month(frames, card):
    made = in_month(frames, card, JANUARY)["sections"]

    assert not {"p_top", "rank_low", "rank_high", "burden_rank_low"} & set(made)


def test_in_a_mean_month_of_school_days_scores_and_classes_are_the_years(frames, card):
    mean = year_of_run(card).mean_darkness
    flat = [
        month | {"darkness": dict(zip(WINDOWS, mean.tolist(), strict=True))}
        for month in card["model"]["darkness_by_month"]
    ]
    usual = card | {"model": card["model"] | {"darkness_by_month": flat}}
    made = in_month(frames, usual, JANUARY)

    for name in ("sections", "cells"):
        for window in WINDOWS:
            for column in ("hazard_score", "hazard_class"):
                pd.testing.assert_series_equal(
                    made[name][f"{column}_{window}"],
                    frames[name][f"{column}_{window}"],
                    check_dtype=False,
                )


def test_darker_month_never_lowers_and_lit_streets_move_least(frames, card):
    even = card | {"fitted": {}}
    made = in_month(frames, even, JANUARY)["sections"]
    more = made["part_month_school_am"].dropna()
    lit = frames["parts"].groupby("section_id")["lit_share"].mean().reindex(made["section_id"])
    lit = lit.to_numpy()[made["part_month_school_am"].notna()]

    assert (more > 0).all()
    assert more[lit > 0.9].max() < more[lit < 0.1].min()


def test_interval_keeps_its_arms_and_the_doubt_about_darkness_widens_them(frames, card):
    year, made = frames["sections"], in_month(frames, card, JANUARY)["sections"]
    for span in ("_school_am", "_midday"):
        arms = [
            np.log(frame[f"hazard{end}{span}"] / frame[f"hazard{span}"])
            for frame in (year, made)
            for end in ("_low", "_high")
        ]
        assert (arms[2] <= arms[0] + 1e-9).all()
        assert (arms[3] >= arms[1] - 1e-9).all()
        if span == "_midday":  # the sun is up at noon in every month: nothing more is unsure
            np.testing.assert_allclose(arms[2], arms[0], atol=1e-9)


def test_school_days_of_a_month_without_school_are_refused(frames, card):
    with pytest.raises(UsageError) as refused:
        in_month(frames, card, MonthVariant(7, school_day=True))
    assert refused.value.code == "month_without_school"


def test_run_of_an_earlier_version_has_no_months(hazard):
    model = {k: v for k, v in hazard.facts.items() if k != "school_days_ahead"}
    with pytest.raises(NotFoundError) as missing:
        year_of_run({"model": model, "fitted": {}})
    assert missing.value.code == "months_not_kept"


@pytest.mark.parametrize("name", ["1-school", "13-off", "00-off", "01", "01-School", "01-school "])
def test_names_that_are_no_month(name):
    with pytest.raises(UsageError):
        parse_variant(name)


def test_names_go_both_ways():
    for month in range(1, 13):
        for school_day in (True, False):
            variant = MonthVariant(month, school_day)
            assert parse_variant(variant.name) == variant


def test_months_of_the_card_start_with_january_whatever_the_runs_month(hazard, card):
    year = year_of_run(card)
    january, june = year.darkness[0], year.darkness[5]

    assert hazard.facts["darkness_by_month"][0]["month"] == "2025-01"
    assert january[list(WINDOWS).index("school_am")] > 0.8
    assert june[list(WINDOWS).index("school_am")] < 0.1


def test_calendar_of_the_town_gives_ratios_and_days(town):
    term = CalendarSpan("2024-2025", TERM, date(2024, 9, 2), date(2025, 5, 23))
    known = replace(town, calendar=SchoolCalendar((term,)))
    fitted = fit_town(known, PARAMETERS)

    assert set(fitted.school_day_ratios) == {"school", "off"}
    assert pd.Series(fitted.school_day_ratios["school"]).between(0.2, 3).all()
    assert fit_town(town, PARAMETERS).school_day_ratios == {}
