"""One incident more never lowers the rate or the hazard of the place it lies in.

Held are the weights, a, ρ, φ, the severity of the groups, the days recorded and the standing
conditions. "Held" needs a word for the weights: a component without any incident hands its
weight to the base, so a town's first incident of a group (or the first with an address) moves
weights, and may lower a cell that had much of the base. Here every component has an incident.

The place of an exact incident is its cell. A sensitive one lies in its coarse cell as a whole;
in a group that has exact incidents too it dilutes where these lie, so that even the coarse cell
may lose some hundredths. A vague incident lies in no cell: it adds to the town.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.hazard.counted import count_incidents
from geo.hazard.evidence import rate_evidence
from geo.hazard.fitted import Model
from geo.hazard.rate import TownRate, town_rate
from geo.hazard.steps import town_ground
from geo.hazard.town import Town, town_hazard
from geo.parameters import GROUPS, WINDOWS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows
from tests.geo.random_towns import random_town

SEVERITIES = np.array([[1, 1, 1, 1], [900, 456, 1004, 30], [30, 30, 30, 5840]])


def settled_town(seed: int) -> Town:
    """A random town with an incident of each group at its own address, that of `child` hidden."""
    town = random_town(seed)
    cells = np.random.default_rng(8000 + seed).integers(0, len(town.grid.cells), len(GROUPS))
    rows = incident_rows(
        town.grid,
        cells,
        incident_id=[f"settled {group}" for group in GROUPS],
        offence_group=GROUPS,
        occurred_at=pd.Timestamp("2024-12-15 12:00"),
        sensitive=[group == "child" for group in GROUPS],
        address_key=[f"settled {group}" for group in GROUPS],
    )
    everyone = pd.concat([town.incidents, rows], ignore_index=True)
    return replace(town, incidents=everyone, coverage=COVERAGE)


def one_more(town: Town, seed: int, group: str, **columns) -> tuple[int, Town]:
    """The cell of a new incident of any age and precision of time, and the town that has it."""
    rng = np.random.default_rng([seed, GROUPS.index(group)])
    cell = int(rng.integers(len(town.grid.cells)))
    at = pd.Timestamp(AS_OF) - pd.Timedelta(minutes=int(rng.integers(1, 1090 * 1440)))
    new = {
        "incident_id": ["new"],
        "offence_group": group,
        "occurred_at": at,
        "occurred_to": at + pd.Timedelta(hours=3),
        "occurred_precision": str(rng.choice(["minute", "hour", "day", "interval"])),
        "address_key": str(rng.choice(["new", "a0", "a1"])),
    }
    row = incident_rows(town.grid, [cell], **(new | columns))
    return cell, replace(town, incidents=pd.concat([town.incidents, row], ignore_index=True))


def rates_of(town: Town, more: Town) -> list[TownRate]:
    """The rate of both, under the standing conditions of the first."""
    ground = town_ground(town, PARAMETERS)
    rates = []
    for one in (town, more):
        counted = count_incidents(one.incidents, one.grid, one.coverage, one.as_of, PARAMETERS)
        evidence = rate_evidence(counted, one.grid, ground.base, PARAMETERS)
        rates.append(town_rate(evidence, ground.contrast, Model(PARAMETERS, town.fitted)))
    return rates


@pytest.mark.parametrize("group", GROUPS)
def test_exact_incident_raises_the_rate_of_its_cell_and_lowers_no_sum_of_groups(group):
    for seed in range(12):
        town = settled_town(seed)
        cell, more = one_more(town, seed, group, sensitive=False)

        before, after = (rate.expected[:, cell] for rate in rates_of(town, more))

        code = GROUPS.index(group)
        assert after[code] > before[code], seed
        assert (SEVERITIES @ after >= SEVERITIES @ before).all(), seed


@pytest.mark.parametrize(("group", "kept"), [("child", 1.0), ("violence", 0.97)])
def test_sensitive_incident_never_lowers_the_coarse_cell_it_lies_in(group, kept):
    for seed in range(12):
        town = settled_town(seed)
        cell, more = one_more(town, seed, group, sensitive=True)
        coarse = town.grid.coarser(PARAMETERS.sensitive_resolution)
        inside = coarse == coarse[cell]

        before, after = (rate.expected[:, inside].sum(axis=1) for rate in rates_of(town, more))

        code = GROUPS.index(group)
        assert after[code] >= kept * before[code], seed
        assert (SEVERITIES @ after >= kept * (SEVERITIES @ before)).all(), seed


@pytest.mark.parametrize("accuracy_m", [100.0, 200.0, 400.0, 800.0])
def test_vague_incident_never_lowers_what_the_town_expects(accuracy_m):
    for seed in range(6):
        town = settled_town(seed)
        _, more = one_more(town, seed, "violence", geo_accuracy_m=accuracy_m)

        before, after = (rate.expected.sum(axis=1) for rate in rates_of(town, more))

        np.testing.assert_array_less(before * (1 - 1e-12), after)


@pytest.mark.parametrize("seed", range(12))
def test_exact_incident_never_lowers_the_hazard_of_its_cell(seed):
    # dark alike at all hours: the hour of the incident then moves no standing condition
    severity = {"child": 900.0, "theft_robbery": 456.0, "violence": 1004.0, "disorder": 30.0}
    town = settled_town(seed)
    town = replace(
        town,
        darkness=dict.fromkeys(WINDOWS, 0.5),
        fitted=replace(town.fitted, severity_days=severity),
    )
    cell, more = one_more(town, seed, GROUPS[seed % 4], sensitive=False)

    before, after = (town_hazard(t, PARAMETERS).cells["hazard"][cell] for t in (town, more))

    assert after >= before
