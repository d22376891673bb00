import json
from dataclasses import replace

import numpy as np
import pytest

from geo.hazard.counted import count_incidents
from geo.hazard.evidence import base_share, rate_evidence
from geo.hazard.fitted import Dispersion, FittedQuantities, Model
from geo.hazard.rate import town_rate
from geo.parameters import GROUPS
from tests.geo.hazard_towns import AS_OF, COVERAGE, PARAMETERS, incident_rows, oral


def test_fitted_quantities_survive_the_way_through_a_file():
    fitted = FittedQuantities(
        weights={"child": (0.1, 0.9)},
        effect_shape={"child": 1 / 3},
        effect_other_groups={"child": 0.2},
        dispersion={"child": Dispersion((0.001, 0.01), (1.0, 1.5, 2.5))},
        season={"child": tuple(np.linspace(0.5, 1.5, 12))},
        severity_days={"child": 456.0},
        windows=20,
    )

    assert FittedQuantities.from_json(json.loads(json.dumps(fitted.as_json()))) == fitted


def test_dispersion_goes_by_the_share_of_the_town_that_is_expected_in_a_cell():
    dispersion = Dispersion((0.1, 0.5), (0.5, 2.0, 3.0))

    found = dispersion.of(np.array([1.0, 30.0, 69.0]))

    # shares .01, .3 and .69; never below 1
    assert found.tolist() == [1.0, 2.0, 3.0]


def test_month_moves_the_level_and_no_place():
    grid = oral().grid
    counted = count_incidents(
        incident_rows(grid, [4, 4, 9], occurred_at=np.datetime64("2024-12-20", "ns")),
        grid, COVERAGE, AS_OF, PARAMETERS,
    )  # fmt: skip
    base = base_share(np.ones(len(grid.cells)), grid.area_m2, PARAMETERS)
    evidence = rate_evidence(counted, grid, base, PARAMETERS)
    ones = np.ones((len(GROUPS), len(grid.cells)))
    # All that the level remembers lies in one month; the days ahead lie in January.
    evidence = replace(evidence, months_past=np.eye(12)[11])
    cold = FittedQuantities(season={"theft_robbery": (0.5, *(1.0,) * 10, 1.5)})

    plain = town_rate(evidence, ones, Model(PARAMETERS))
    seasonal = town_rate(evidence, ones, Model(PARAMETERS, cold))

    assert evidence.months_ahead[0] == 1
    assert seasonal.level[1] == pytest.approx(plain.level[1] * 0.5 / 1.5)
    assert seasonal.level_of_year[1] == pytest.approx(plain.level[1] / 1.5)
    assert seasonal.expected[1].sum() == pytest.approx(seasonal.level[1])
