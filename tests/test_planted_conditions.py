"""Each effect planted in the invented towns is found again, and its test fails without its part."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.ablation import (
    HORIZON_DAYS,
    LARGE,
    SEEDS,
    assumed_effects,
    make_town,
    planted_effects,
    planted_past,
)
from benchmarks.model_card import WORTH
from geo.evaluation.ablation import ablation
from geo.evaluation.left_out import CONDITIONS
from geo.evaluation.recovery import beyond_before
from geo.parameters import HazardParameters, parameters_hash

OFF = {"light": "dark_log_irr", "patrol": "patrol_log_irr", "camera": "camera_log_irr"}


def check_found(low: float, high: float, planted: float) -> None:
    """The interval of what was found holds what was planted, and does not hold nothing."""
    assert low <= planted <= high
    assert not low <= 0 <= high


@pytest.fixture(scope="module")
def kept():
    return json.loads(WORTH.read_text(encoding="utf-8"))


def test_what_is_planted_is_what_the_model_assumes():
    assert planted_effects() == assumed_effects()


def test_kept_table_is_of_the_present_parameters(kept):
    assert kept["parameters"]["sha256"] == parameters_hash(HazardParameters())
    assert kept["large"]["seeds"] == list(SEEDS)
    assert kept["large"]["scale"] == vars(LARGE)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_kept_table_holds_each_planted_effect(kept, condition):
    row = kept["large"]["effects"][condition]

    check_found(row["low"], row["high"], planted_effects()[condition])
    assert row["planted"] == planted_effects()[condition]


@pytest.mark.full
def test_planted_effects_are_found_again_and_missed_without_their_part(tmp_path):
    parameters = HazardParameters()
    pasts = []
    for seed in SEEDS:
        (folder := tmp_path / str(seed)).mkdir()
        pasts.append(planted_past(make_town(folder, seed, LARGE), parameters))

    found = ablation(pasts, HORIZON_DAYS, parameters)

    first = replace(pasts[0], towns=pasts[0].towns[:1], before=())
    for condition in CONDITIONS:
        _, *ends = beyond_before(found.effects[condition], found.before[condition])
        ends = sorted(assumed_effects()[condition] * end for end in ends)
        check_found(*ends, planted_effects()[condition])
        off = replace(parameters, **{OFF[condition]: 0.0})
        blind = ablation([first], HORIZON_DAYS, off)
        lost = blind.effects[condition]
        with pytest.raises(AssertionError):
            check_found(lost.low, lost.high, planted_effects()[condition])
        assert np.isnan(blind.effects[condition].times)
        assert blind.worth[condition].brings == pytest.approx(0, abs=1e-12)
