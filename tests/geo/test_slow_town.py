"""`town_hazard` against the slow judge on random towns: every step, every place, every window."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.town import TownHazard, town_hazard
from geo.parameters import WINDOWS
from tests.geo.hazard_towns import PARAMETERS
from tests.geo.random_towns import random_town
from tests.geo.slow_places import class_of
from tests.geo.slow_rate import GROUPS
from tests.geo.slow_town import SPANS, SlowTown

CLOSE = 1e-9
UNDRAWN = replace(PARAMETERS, draws=1)
"""The ranks under the uncertainty are drawn, and no judge's matter."""
TOWNS, QUICK = 200, 40
CHUNK = 5


def frames_of(found: TownHazard) -> dict:
    """Kind → rows by name, as plain dictionaries."""
    named = {"section": found.sections.set_index("section_id")}
    cells = {10: found.cells} | found.parents
    named |= {f"cell_{res}": frame.set_index("h3_cell") for res, frame in cells.items()}
    return {kind: dict(zip(frame.index, rows_of(frame), strict=True))
            for kind, frame in named.items()}  # fmt: skip


def rows_of(frame: pd.DataFrame) -> list[dict]:
    columns = [frame[name].tolist() for name in frame]  # many times faster than to_dict
    return [dict(zip(frame, row, strict=True)) for row in zip(*columns, strict=True)]


def column(name: str, span: str) -> str:
    return name if span == "day" else f"{name}_{span}"


def assert_close(found, wanted, what) -> None:
    """Both missing, or alike to a relative 1e-9."""
    if wanted is None:
        assert found is None or math.isnan(found), what
    else:
        assert math.isclose(found, wanted, rel_tol=CLOSE, abs_tol=1e-290), (*what, found, wanted)


def assert_place(found: dict, wanted: dict, shown, where) -> None:
    for span in shown:
        what = (*where, span)
        assert_close(found[column("hazard", span)], wanted["hazard"][span], what)
        low, high = wanted["ends"][span]
        assert_close(found[column("hazard_low", span)], low, what)
        assert_close(found[column("hazard_high", span)], high, what)
        names = (column("hazard_score", span), column("hazard_class", span))
        assert_score([found[name] for name in names], wanted["score"][span], what)
        own, day = wanted["word"][span], wanted["word"]["day"]
        from_town = span != "day" and own == "too_few"
        assert found[column("confidence", span)] == (day if from_town else own), what
        if span != "day":
            assert found[column("hour_from_town", span)] == from_town, what
    assert_close(found["expected_incidents"], wanted["expected_incidents"], where)
    counted = found["count_score"], None if wanted["size"] == 0 else class_of(found["count_score"])
    assert_score(counted, wanted["count_score"], (*where, "count"))
    for group in GROUPS:
        assert_close(found[f"share_{group}"], wanted["share"][group], (*where, group))
    for name, value in wanted["reasons"].items():
        hidden = name.endswith(tuple(WINDOWS)) and len(shown) == 1
        if hidden or value is None:
            assert math.isnan(found[name]), (*where, name)
        else:
            assert abs(found[name] - value) <= CLOSE, (*where, name, found[name], value)


def assert_score(found, wanted, what) -> None:
    """Compare a score and its class; equal intensities may come in either order."""
    score, level = found
    if wanted is None:
        assert math.isnan(score), what
        assert pd.isna(level), what
        return
    least, most = wanted[0] - CLOSE, wanted[1] + CLOSE
    assert least <= score <= most, what
    assert class_of(least) <= level <= class_of(most), what


def assert_town(seed: int) -> None:
    town = random_town(seed)
    slow, found = SlowTown(town), town_hazard(town, UNDRAWN)

    facts = found.facts
    assert facts["incidents_counted"] == len(slow.harm.incidents), seed
    assert facts["reference_basis"] == slow.basis, seed
    assert facts["hours_known"] == slow.harm.hours_known, seed
    for group in GROUPS:
        rate, known = slow.harm.rates[group], facts["groups"][group]
        assert_close(known["incidents_a_day"], rate.level, (seed, group))
        assert_close(known["kappa"], rate.kappa, (seed, group))
        assert_close(known["severity"], slow.harm.severity[group], (seed, group))
    shown = SPANS if slow.harm.hours_known else ("day",)
    frames = frames_of(found)
    for kind, places in slow.places.items():
        assert list(frames[kind]) == list(places), (seed, kind)
        for name, wanted in places.items():
            row = frames[kind][name]
            if kind == "section" and not wanted["size"]:
                assert math.isnan(row["hazard"]), (seed, name)
                assert row["confidence"] == "too_few", (seed, name)
                continue
            assert_place(row, wanted, shown, (seed, kind, name))


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.full] * (first >= QUICK))
        for first in range(0, TOWNS, CHUNK)
    ],
)
def test_hazard_of_a_random_town_equals_that_of_the_slow_judge(first):
    for seed in range(first, first + CHUNK):
        assert_town(seed)


def test_random_towns_hold_everything_that_is_judged():
    towns = [random_town(seed) for seed in range(40)]
    sizes = [len(town.incidents) for town in towns]
    groups = [town.incidents["offence_group"].nunique() for town in towns]

    assert min(sizes) <= 5
    assert max(sizes) >= 55
    assert set(groups) >= {1, 2, 3, 4}
    assert {len(town.grid.cells) for town in towns} <= set(range(30, 71))
    for field in ("section_light", "section_cameras", "patrol_now", "severity_table"):
        given = [getattr(town, field) is not None for town in towns]
        assert 5 < np.sum(given) < 36, field
    assert 5 < sum(len(town.fitted.weights) > 0 for town in towns) < 36
    unknown = [town for town in towns if town.section_light is not None
               and "unknown" in set(town.section_light.get("light", ()))]  # fmt: skip
    assert 5 < len(unknown) < 36
    assert any(len(town.sections) == 0 for town in towns)
    assert {len(town.coverage) for town in towns} == {1, 2}
