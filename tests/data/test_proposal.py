"""A mapping proposed from heads and contents: evidence in numbers, doubt left open."""

import numpy as np
import pandas as pd
import pytest
import shapely

from data.importers.mapping import SourceMapping
from data.importers.proposal import ROWS_LOOKED_AT, propose_mapping
from geo.study_area import build_study_area

ORAL = build_study_area("Oral", shapely.box(51.30, 51.18, 51.44, 51.26), time_zone="Asia/Oral")
ROWS = 40


def columns(**extra):
    random = np.random.default_rng(1)
    lat, lon = random.uniform(51.2, 51.25, ROWS), random.uniform(51.33, 51.41, ROWS)
    return lat, lon


def frame(**texts):
    return pd.DataFrame({head: pd.Series(values, dtype="str") for head, values in texts.items()})


def days(count=ROWS):
    return [f"{1 + n % 28:02}.04.2025" for n in range(count)]


def evidence_of(proposal):
    return {one.head: (one.field, one.code) for one in proposal.evidence}


def test_known_words_go_before_contents():
    proposal = propose_mapping(frame(күні=days(), бап=["188"] * ROWS), "incidents")
    assert proposal.mapping.columns == {"occurred_at": "күні", "article": "бап"}
    assert {one.code for one in proposal.evidence} == {"known_word"}
    assert proposal.mapping.noun == "incidents"


def test_declared_columns_are_kept_as_they_stand():
    declared = SourceMapping(source="kui", columns={"occurred_at": "q1"}, crs="EPSG:2913")
    proposal = propose_mapping(frame(q1=["x"] * 4, күні=days(4)), "incidents", declared)
    assert proposal.mapping.columns["occurred_at"] == "q1"
    assert (proposal.mapping.source, proposal.mapping.crs) == ("kui", "EPSG:2913")


def test_heads_without_a_meaning_are_proposed_by_what_they_hold():
    lat, lon = columns()
    proposal = propose_mapping(
        frame(
            c1=days(),
            c2=[f"{n % 24:02}:15" for n in range(ROWS)],
            c3=["ст.188 ч.3", "99-бап"] * (ROWS // 2),
            c4=[f"{value:.6f}" for value in lon],
            c5=[f"{value:.6f}" for value in lat],
        ),
        "incidents",
        area=ORAL,
    )
    assert proposal.mapping.columns == {
        "occurred_at": "c1", "occurred_time": "c2", "article": "c3", "lon": "c4", "lat": "c5",
    }  # fmt: skip
    assert evidence_of(proposal)["c5"] == ("lat", "degrees_inside")


def test_order_of_degrees_stays_open_where_both_fit_or_no_area_is_known():
    both = build_study_area("wide", shapely.box(50, 50, 53, 53), time_zone="Asia/Oral")
    lat, lon = columns()
    texts = frame(a=[f"{value:.6f}" for value in lat], b=[f"{value:.6f}" for value in lon])
    for area in (both, None):
        proposal = propose_mapping(texts, "lighting", area=area)
        assert proposal.mapping.columns == {}
        assert evidence_of(proposal) == {"a": (None, "degrees"), "b": (None, "degrees")}


@pytest.mark.parametrize("crs", ["EPSG:32639", "EPSG:32642", "EPSG:3857"])
def test_metres_are_known_by_the_crs_that_puts_them_in_the_area(crs):
    from pyproj import Transformer

    lat, lon = columns()
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    texts = frame(p=[f"{value:.1f}" + "0" for value in x], q=[f"{value:.0f}" for value in y])
    proposal = propose_mapping(texts, "cameras", area=ORAL)
    assert proposal.mapping.columns == {"x": "p", "y": "q"}
    assert proposal.mapping.crs == crs


def test_two_columns_of_days_are_both_named_and_none_is_chosen():
    proposal = propose_mapping(frame(c1=days(), c2=days()), "incidents")
    assert proposal.mapping.columns == {}
    assert evidence_of(proposal) == {"c1": (None, "dates"), "c2": (None, "dates")}


def test_numbers_of_houses_and_ids_are_proposed_for_nothing():
    proposal = propose_mapping(
        frame(h=[str(n) for n in range(ROWS)], u=[f"25271{n:010}" for n in range(ROWS)]),
        "incidents",
        area=ORAL,
    )
    assert proposal.evidence == ()


def test_yes_and_no_are_proposed_for_the_state_of_a_lamp():
    proposal = propose_mapping(frame(q=["горит", "не горит"] * 20), "lighting")
    assert proposal.mapping.columns == {"working": "q"}


def test_no_more_than_the_first_rows_are_looked_at():
    texts = frame(q=days(ROWS_LOOKED_AT) + ["x"] * 5000)
    (evidence,) = propose_mapping(texts, "incidents").evidence
    assert (evidence.share, evidence.rows) == (1.0, ROWS_LOOKED_AT)


@pytest.mark.parametrize("texts", [{}, {"a": []}, {"a": [None, None]}, {"@row": ["1"]}])
def test_file_without_values_gives_an_empty_proposal(texts):
    proposal = propose_mapping(frame(**texts), "incidents", area=ORAL)
    assert proposal.mapping.columns == {}
    assert proposal.evidence == ()


def test_evidence_has_words_in_every_language():
    from data.importers.proposal import FIELD_OF_KIND
    from maps.import_labels import EVIDENCE

    codes = {*FIELD_OF_KIND, "known_word", "declared"}
    codes |= {"degrees", "metres", "degrees_inside", "metres_inside"}
    assert codes == set(EVIDENCE)
