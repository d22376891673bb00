"""Influence of single incidents: against a rate that is really made without each of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.counted import count_incidents
from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.held import HeldRate
from geo.hazard.influence import influences, most_influential, place_harm_of
from geo.hazard.rate import town_rate
from geo.hazard.steps import town_steps
from geo.hazard.town import town_hazard
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    PARAMETERS,
    incident_rows,
    oral,
    plain_town,
    random_incidents,
    rich_town,
)

# Weights that are far from the defaults, so that no component is hidden by another.
FITTED = FittedQuantities(
    weights={"violence": (0.1, 0.1, 0.05, 0.05, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.1)},
    effect_shape={"violence": 0.7, "theft_robbery": 5.0},
    effect_other_groups={"theft_robbery": 0.8},
)


def town_of(incidents, width=0.012, **fields):
    return plain_town(oral(width), incidents, fitted=FITTED, **fields)


def vague(incidents, seed):
    """Some places known to ± 90 or ± 300 m only, and addresses that several incidents share."""
    rng = np.random.default_rng(seed)
    incidents = incidents.assign(
        geo_accuracy_m=rng.choice([np.nan, 20.0, 90.0, 300.0], len(incidents)),
        address_key=rng.choice([f"a{n}" for n in range(20)], len(incidents)),
    )
    return incidents.astype({"geo_accuracy_m": float})


def held_of(found, town):
    return HeldRate(found.incidents, found.cell_kernels, found.facts["held"], town.as_of,
                    PARAMETERS)  # fmt: skip


def harm_without(town, steps, incident_id):
    """Harm of each part and group, with one incident really gone and the rest held."""
    model = Model(PARAMETERS, town.fitted)
    kept = town.incidents[town.incidents["incident_id"] != incident_id]
    counted = count_incidents(kept, town.grid, town.coverage, town.as_of, PARAMETERS)
    evidence = rate_evidence(counted, town.grid, steps.rate.base, PARAMETERS)
    evidence = replace(evidence, level=steps.rate.level_of_year)
    rate = town_rate(evidence, steps.rate.contrast, model)
    before, after = (one.background * one.effect for one in (steps.rate, rate))
    ratio = np.divide(after, before, out=np.ones_like(before), where=before > 0)
    return steps.part_pieces.harm.sum(axis=2) * ratio.T[steps.parts["cell"].to_numpy()]


def by_age(town):
    """Incident ids in the order of ``held.incidents``."""
    counted = count_incidents(town.incidents, town.grid, town.coverage, town.as_of, PARAMETERS)
    return counted.frame["incident_id"].to_numpy()[np.argsort(-counted.age_days, kind="stable")]


def check_against_removal(town, part_rows, rows, rtol):
    found, steps = town_hazard(town, PARAMETERS), town_steps(town, Model(PARAMETERS, town.fitted))
    held, ids = held_of(found, town), by_age(town)
    for chosen in part_rows(found):
        share = influences(held, place_harm_of(found.parts[chosen], held))
        before = steps.part_pieces.harm[chosen].sum()
        for row in rows(share):
            after = harm_without(town, steps, ids[row])[chosen].sum()
            assert share[row] == pytest.approx(1 - after / before, rel=rtol, abs=rtol / 10)


def test_influence_equals_the_hazard_without_the_incident_in_small_towns():
    incidents = vague(random_incidents(oral().grid, 60, seed=5, hours=False), 1)
    town = replace(rich_town(5), incidents=incidents, fitted=FITTED)
    sections = [3, 20]

    def part_rows(found):
        ids = town.sections["section_id"].to_numpy()[sections]
        cells = found.parts["h3_cell"].to_numpy()[[0, 40]]
        return [(found.parts["section_id"] == one).to_numpy() for one in ids] + [
            (found.parts["h3_cell"] == one).to_numpy() for one in cells
        ]

    check_against_removal(town, part_rows, lambda share: share.index[::2], rtol=1e-8)


def test_influence_equals_it_where_kernels_are_convolutions():
    grid = oral(0.04).grid
    assert len(grid.cells) > 500
    town = town_of(random_incidents(grid, 300, seed=2, hours=False), width=0.04)

    def part_rows(found):
        busy = found.incidents["h3_cell"][~found.incidents["sensitive"]].iloc[-1]
        return [(found.parts["h3_cell"] == busy).to_numpy()]

    def rows(share):
        return share.abs().sort_values().index[-8:]

    check_against_removal(town, part_rows, rows, rtol=1e-6)


@pytest.mark.parametrize("count", [2, 3])
def test_influence_is_exact_where_one_incident_is_nearly_all_there_is(count):
    # A month-long memory of incidents a thousand days apart holds the youngest alone.
    days = pd.to_datetime(["2022-01-20", "2024-12-20", "2024-12-30"])[:count]
    incidents = incident_rows(oral().grid, [3, 4, 30][:count], occurred_at=days,
                              occurred_precision="day", offence_group="violence")  # fmt: skip
    others = incident_rows(oral().grid, [3, 20], incident_id=["x", "y"],
                           offence_group=["disorder", "theft_robbery"])  # fmt: skip
    incidents = pd.concat([incidents, others.assign(occurred_precision="day")], ignore_index=True)
    town = town_of(incidents)

    check_against_removal(
        town,
        lambda found: [(found.parts["h3_cell"] == oral().grid.cells[4]).to_numpy()],
        lambda share: [row for row in share.index if share[row] < 0.999],
        rtol=1e-8,
    )


def test_next_incident_at_an_address_takes_the_place_of_its_first():
    # Two thefts at one address speak for violence with one voice: without the first, the second
    # speaks. Two addresses in the same cell speak with two, so either weighs more.
    grid = oral().grid
    others = incident_rows(grid, [40] * 3, offence_group="violence", occurred_precision="day",
                           incident_id=["v1", "v2", "v3"])  # fmt: skip

    def influence_of_first(keys):
        days = pd.to_datetime(["2023-01-01", "2024-01-01"])
        thefts = incident_rows(grid, [12, 12], address_key=keys, occurred_at=days,
                               occurred_precision="day")  # fmt: skip
        town = plain_town(oral(), pd.concat([others, thefts], ignore_index=True))
        found = town_hazard(town, PARAMETERS)
        held = held_of(found, town)
        parts = found.parts[found.parts["h3_cell"] == grid.cells[12]]
        violence = place_harm_of(parts, held)
        violence.harm[:, [0, 1, 3]] = 0
        return influences(held, violence)[0]

    assert influence_of_first(["a", "b"]) > influence_of_first(["a", "a"]) > -0.05


def test_five_are_named_greatest_first_and_never_a_sensitive_one():
    # Two sensitive offences raise the hazard there and are not named.
    grid = oral().grid
    sensitive = incident_rows(
        grid, [12, 13], offence_group="child", sensitive=True, severity_days=90_000.0
    )
    thefts = incident_rows(grid, [12, 13, 14, 2, 40, 3, 30], occurred_precision="day")
    thefts["incident_id"] = [f"t{n}" for n in range(len(thefts))]
    town = plain_town(oral(), pd.concat([sensitive, thefts], ignore_index=True))
    found = town_hazard(town, PARAMETERS)
    held = held_of(found, town)
    place = place_harm_of(found.parts[found.parts["h3_cell"] == grid.cells[12]], held)

    named = most_influential(held, place)

    everyone = influences(held, place)
    hidden = held.incidents["sensitive"].to_numpy()[everyone.index]
    assert (everyone[hidden] > 0).all()
    assert (everyone > 0).sum() < 5  # so that they would be named too
    expected = everyone[~hidden & (everyone > 0)].sort_values(ascending=False)
    assert len(expected) > 0
    np.testing.assert_array_equal(named["influence"], expected)


def test_no_more_than_five_are_named():
    town = town_of(random_incidents(oral().grid, 80, seed=9, hours=False))
    found = town_hazard(town, PARAMETERS)
    held = held_of(found, town)
    place = place_harm_of(found.parts[found.parts["section_id"] == "s000000000005"], held)

    named = most_influential(held, place)

    assert len(named) == 5
    assert named["influence"].is_monotonic_decreasing
    assert named["influence"].gt(0).all()


def test_without_harm_there_is_nothing_to_name():
    town = plain_town(oral(), random_incidents(oral().grid, 0, 3))
    found = town_hazard(town, PARAMETERS)
    held = held_of(found, town)

    assert len(most_influential(held, place_harm_of(found.parts.iloc[:2], held))) == 0


def test_kept_rows_hold_no_id_no_hour_no_point_and_no_address():
    incidents = random_incidents(oral().grid, 50, seed=4).assign(article="188")
    town = plain_town(oral(), incidents)
    kept = town_hazard(town, PARAMETERS).incidents

    assert list(kept.columns) == [
        "number", "h3_cell", "offence_group", "article", "occurred_on", "sensitive",
        "address_number", "geo_accuracy_m",
    ]  # fmt: skip
    assert (kept["occurred_on"].dt.normalize() == kept["occurred_on"]).all()
    assert kept["occurred_on"].is_monotonic_increasing
    parents = set(oral().grid.coarser(8).tolist())
    sensitive = kept[kept["sensitive"]]
    assert len(sensitive) == (incidents["offence_group"] == "child").sum()
    assert set(sensitive["h3_cell"]) <= parents
    assert (sensitive["address_number"] == -1).all()
    assert set(kept.loc[~kept["sensitive"], "h3_cell"]) <= set(oral().grid.cells.tolist())
    assert COVERAGE[0][0] < AS_OF
