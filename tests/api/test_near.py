"""What is told of the incidents around a place, and sentences that follow the numbers."""

import json
import re

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString

from api.answers import cell_explanation, section_explanation
from api.near import cell_incidents, section_incidents
from geo.cells import format_cell
from geo.errors import NoDataError, NotFoundError
from geo.hazard.town import Town
from tests.api.near_town import A, B, opened_town, two_cells
from tests.geo.hazard_towns import (
    AS_OF,
    COVERAGE,
    DARKNESS,
    incident_rows,
    oral,
    plain_town,
    random_incidents,
)

LOWER = ("planner", "dispatcher")


def mirrored_town(in_first: bool):
    """Two cells, a street in each; four robberies in one of them, one theft in the other."""
    place = two_cells()
    grid = place.grid
    cells = grid.locate([A[1], B[1]], [A[0], B[0]]).tolist()
    middle = ((A[0] + B[0]) / 2, (A[1] + B[1]) / 2)
    sections = gpd.GeoDataFrame(
        {"section_id": ["s00000000000a", "s00000000000b"], "length_m": 68.95},
        geometry=[LineString([A, middle]), LineString([middle, B])],
        crs="EPSG:4326",
    )
    parts = pd.DataFrame({"section": [0, 1], "cell": cells, "length_m": 68.95, "weight": 1.0})
    hot, cold = cells if in_first else cells[::-1]
    ids = [sections["section_id"][int(place_cell == cells[1])] for place_cell in (hot, cold)]
    incidents = incident_rows(
        grid, [hot] * 4 + [cold], severity_days=1004.0,
        section_id=[ids[0]] * 4 + [ids[1]],
        occurred_at=pd.to_datetime(["2024-11-02", "2024-06-01", "2024-02-01", "2023-03-01",
                                    "2024-07-01"]),
    )  # fmt: skip
    return Town(area=place.area, grid=grid, sections=sections, parts=parts, incidents=incidents,
                coverage=COVERAGE, as_of=AS_OF, darkness=DARKNESS)  # fmt: skip


def sentences(in_first: bool, lang: str, kind: str):
    town = mirrored_town(in_first)
    opened = opened_town(town)
    asked = {"role": "prosecutor", "lang": lang, "window": "day"}
    if kind == "sections":
        told = [section_explanation(opened, one, **asked) for one in town.sections["section_id"]]
    else:
        cells = town.grid.cells[town.parts["cell"]].tolist()
        told = [cell_explanation(opened, cell, **asked) for cell in cells]
    return [(one["sentence"], one["facts"]) for one in told]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", ["sections", "cells"])
def test_sentences_change_places_with_the_incidents(kind, lang):
    first, second = sentences(True, lang, kind)

    told, other = (re.findall(r"\d[\d.,\s]*", one[0].split("90 %")[0]) for one in (first, second))
    rest, other_rest = (
        re.findall(r"\d[\d.,\s]*", one[0].split("90 %")[1]) for one in (first, second)
    )
    assert len(told) == len(other) == 1  # the hazard
    assert len(rest) >= 3  # its interval, and the comparison with the usual level
    assert all(a != b for a, b in zip(told + rest[:3], other + other_rest[:3], strict=True))
    assert sentences(False, lang, kind) == [second, first]


@pytest.fixture(scope="module")
def town():
    incidents = random_incidents(oral().grid, 400, seed=8)
    return plain_town(oral(), incidents.assign(article="188", address_key="secret-canary"))


@pytest.fixture(scope="module")
def opened(town):
    return opened_town(town)


@pytest.fixture(scope="module")
def section(town):
    return town.sections["section_id"][2]


def told_of(opened, section, town, role, kind):
    if kind == "sections":
        return section_incidents(opened, section, role=role, lang="en")
    return cell_incidents(opened, int(town.grid.cells[4]), role=role, lang="en")


@pytest.mark.parametrize("kind", ["sections", "cells"])
def test_prosecutor_is_told_five_incidents_greatest_first(opened, section, town, kind):
    told = told_of(opened, section, town, "prosecutor", kind)

    assert len(told["incidents"]) == 5
    influence = [one["influence"] for one in told["incidents"]]
    assert influence == sorted(influence, reverse=True)
    for one in told["incidents"]:
        assert set(one) == {
            "occurred_on", "offence_group", "article", "ring", "influence", "day_text",
            "kind_text", "ring_text", "factor",
        }  # fmt: skip
        assert one["offence_group"] in {"theft_robbery", "violence"}
        assert one["kind_text"].endswith("article 188")
        assert one["factor"].startswith("×1")
        assert len(one["occurred_on"]) == 10
    assert "never listed" in told["note"]
    assert told["run_id"]


def test_neither_id_nor_cell_nor_address_of_an_incident_is_told(opened, section, town):
    told = json.dumps([told_of(opened, section, town, "prosecutor", "sections"),
                       told_of(opened, section, town, "prosecutor", "cells")])  # fmt: skip

    assert "canary" not in told
    assert "i00" not in told  # incident ids
    for cell in set(town.grid.cells.tolist()) - {int(town.grid.cells[4])}:
        assert str(cell) not in told
        assert format_cell(cell) not in told


@pytest.mark.parametrize("role", LOWER)
@pytest.mark.parametrize("kind", ["sections", "cells"])
def test_others_are_told_counts_alone(opened, section, town, role, kind):
    told = told_of(opened, section, town, role, kind)
    least = {"planner": 5, "dispatcher": 3}[role]

    assert told["incidents"] == []
    assert told["note"] is None
    rings = [ring for quarter in told["quarters"] for ring in quarter["rings"]]
    assert len(rings) == 8 * 3
    counts = [ring["incidents"] for ring in rings if ring["incidents"] is not None]
    assert counts
    assert min(counts) >= least
    assert {ring["text"] for ring in rings if ring["incidents"] is None} == {f"<{least}"}


@pytest.mark.parametrize("kind", ["sections", "cells"])
def test_public_is_told_nothing(opened, section, town, kind):
    with pytest.raises(NotFoundError):
        told_of(opened, section, town, "public", kind)


def test_before_they_are_asked_for_the_prosecutor_sees_counts_alone(opened, section):
    told = section_explanation(opened, section, role="prosecutor", lang="en", window="day")

    assert "incidents" not in told
    counts = [r["incidents"] for quarter in told["quarters"] for r in quarter["rings"]]
    assert min(count for count in counts if count is not None) >= 3
    assert told["quarters"][0]["quarter"] == "2024Q4"


def test_counts_leave_sensitive_incidents_out(town):
    sensitive = town.incidents.assign(sensitive=True)
    opened = opened_town(plain_town(oral(), sensitive))
    cell = int(oral().grid.cells[4])

    told = cell_incidents(opened, cell, role="prosecutor", lang="en")

    assert told["incidents"] == []
    assert {r["incidents"] for quarter in told["quarters"] for r in quarter["rings"]} == {None}


def test_badge_is_told_in_words_to_those_who_may_see_it():
    grid = oral().grid
    town = plain_town(oral(), incident_rows(grid, [30] * 12 + [2, 50]))
    opened = opened_town(town)
    asked = {"lang": "ru", "window": "day"}

    for role in ("prosecutor", "planner", "dispatcher"):
        hot, cold = (
            cell_explanation(opened, int(grid.cells[cell]), role=role, **asked) for cell in (30, 2)
        )
        assert [badge["word"] for badge in hot["badges"]] == ["Очаг"]
        assert cold["badges"] == []


def test_run_of_an_earlier_version_says_that_it_kept_none(town, section):
    opened = opened_town(town)
    del opened.snapshot.run_card["model"]["held"]
    del opened.snapshot.manifest["files"]["incidents.parquet"]

    with pytest.raises(NoDataError) as refused:
        section_incidents(opened, section, role="prosecutor", lang="en")
    assert refused.value.code == "incidents_not_kept"
    told = section_explanation(opened, section, role="prosecutor", lang="en", window="day")
    assert told["quarters"] == []
    assert section_incidents(opened, section, role="planner", lang="en")["quarters"] == []
