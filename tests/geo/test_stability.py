from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import kendalltau

from geo.evaluation.stability import ranking_stability, ranking_variants, section_intensity
from geo.hazard.town import town_hazard
from tests.geo.hazard_towns import AS_OF, PARAMETERS, incident_rows, oral, plain_town, rich_town


def silent(_: str) -> None:
    """Say nothing."""


def test_the_ranking_compared_is_that_of_the_map():
    town = rich_town()

    intensity = section_intensity(town, PARAMETERS)

    sections = town_hazard(town, PARAMETERS).sections
    shown = sections["hazard"] / np.maximum(sections["length_m"], PARAMETERS.length_floor_m)
    inside = sections["hazard"].notna() & np.isclose(
        sections["length_m"], town.sections["length_m"]
    )
    assert inside.sum() > 20
    np.testing.assert_allclose(intensity[inside], shown[inside], rtol=1e-9)


def test_each_variant_changes_one_thing():
    town = rich_town()

    variants = {f"{v.family} {v.name}": v for v in ranking_variants(town, PARAMETERS)}

    # 2 × (4 kinds of weight, 3 groups with incidents, bandwidths) and 12 months
    assert len(variants) == 2 * (4 + 3 + 1) + 12
    heavier = variants["weights long_memory_up"].town.fitted.weights["violence"]
    np.testing.assert_allclose(heavier[:4], np.array([0.12, 0.05, 0.13, 0.25]) * 1.2)
    np.testing.assert_allclose(heavier[4:], [0.04, 0.05, 0.01, 0.07, 0.08, 0.16, 0.04])
    narrower = variants["bandwidths down"].parameters
    assert [k.bandwidth_m for k in narrower.own_components] == pytest.approx(
        [80, 160, 320, 640, 160, 640, 160]
    )
    assert variants["months 2024-11"].town.coverage == (
        (date(2022, 1, 1), date(2024, 10, 31)),
        (date(2024, 12, 1), date(2024, 12, 31)),
    )
    lighter = variants["severity violence_down"].town.fitted.severity_days
    before = variants["severity child_up"].town.fitted.severity_days
    assert lighter["violence"] == pytest.approx(0.8 * before["violence"])
    assert variants["severity child_up"].town.as_of == AS_OF


def test_leaving_out_the_month_that_made_a_section_hot_moves_the_first_twenty():
    # Twenty-one old places with four offences each, and one place with thirty in one month
    place = oral(0.03)
    cells = np.r_[np.repeat(np.arange(21) * 9, 4), np.full(30, 200)]
    when = np.array(["2023-06-15"] * 84 + ["2024-11-15"] * 30, dtype="datetime64[ns]")
    town = plain_town(place, incident_rows(place.grid, cells, occurred_at=when))

    found = ranking_stability(town, PARAMETERS, silent)

    month = next(v for v in found["variants"] if v["name"] == "2024-11")
    assert month["top20_overlap"] < 1
    assert found["top20_overlap_min"] == min(v["top20_overlap"] for v in found["variants"])
    assert len(found["members"]) == 20
    kept = {member["section_id"]: member["share"] for member in found["members"]}
    assert found["unstable"] == [name for name, share in kept.items() if share < 0.8]
    variant = next(v for v in ranking_variants(town, PARAMETERS) if v.name == "2024-11")
    before = section_intensity(town, PARAMETERS)
    after = section_intensity(variant.town, PARAMETERS)
    assert month["kendall_tau"] == pytest.approx(kendalltau(before, after).statistic)


def test_a_town_without_harm_has_no_ranking():
    town = rich_town()

    found = ranking_stability(replace(town, incidents=town.incidents[:0]), PARAMETERS, silent)

    assert found["variants"] == found["members"] == found["unstable"] == []
    assert found["kendall_tau_min"] is None
