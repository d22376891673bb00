"""Towns that hold too little, or nothing that counts, and what their outcome must keep."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from geo.cells import build_cell_grid
from geo.hazard.steps import town_ground
from geo.hazard.town import Town, TownHazard
from geo.parameters import WINDOWS
from geo.study_area import build_study_area
from tests.geo.hazard_towns import (
    AS_OF,
    PARAMETERS,
    Place,
    incident_rows,
    oral,
    plain_town,
    random_incidents,
)

DAYS = ("", *(f"_{window}" for window in WINDOWS))
SMALL = 0.0085


def town_of(*rows: pd.DataFrame, **fields) -> Town:
    whole = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0]
    return plain_town(oral(SMALL), whole, **fields)


def spread_rows(n: int, **columns) -> pd.DataFrame:
    """Incidents over all cells and the three years, at changing hours."""
    grid = oral(SMALL).grid
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(np.linspace(50, 1080, n) * 1440, unit="min")
    cells = np.arange(n) * 7 % len(grid.cells)
    return incident_rows(grid, cells, **({"occurred_at": at} | columns))


def few_cells(count: int) -> Town:
    """A study area smaller than any kernel: a yard, or a street corner of some cells."""
    inside = oral().grid
    lat, lon = inside.lat[30], inside.lng[30]
    half = {1: 1e-4, 3: 1.1e-3}[count]
    area = build_study_area(
        "yard", box(lon - half, lat - 1e-4, lon + half, lat + 1e-4), time_zone="Asia/Oral"
    )
    place = Place(area, build_cell_grid(area, 10))
    assert len(place.grid.cells) == count
    sections = gpd.GeoDataFrame(
        {"section_id": ["s000000000001"], "length_m": [20.0 * count]},
        geometry=[area.boundary.exterior], crs=4326,
    )  # fmt: skip
    parts = pd.DataFrame({"section": 0, "cell": range(count), "length_m": 20.0, "weight": 1.0})
    rows = incident_rows(place.grid, np.arange(8) % count)
    return replace(plain_town(oral(SMALL), rows), area=area, grid=place.grid,
                   sections=sections, parts=parts)  # fmt: skip


def moved_out(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(lat=rows["lat"] + 0.2)


# Towns in which nothing counts, or so little that no word may be sure.
UNSURE: dict[str, Callable[[], Town]] = {
    "no incident": lambda: town_of(incident_rows(oral(SMALL).grid, [])),
    "one incident": lambda: town_of(incident_rows(oral(SMALL).grid, [12])),
    "one sensitive incident": lambda: town_of(
        incident_rows(oral(SMALL).grid, [12], offence_group="child", sensitive=True)
    ),
    "all in the future": lambda: town_of(
        spread_rows(40, occurred_at=pd.Timestamp(AS_OF) + pd.Timedelta(days=3))
    ),
    "all outside the area": lambda: town_of(moved_out(spread_rows(40))),
    "nothing covered": lambda: town_of(spread_rows(40), coverage=()),
    "covered after the forecast alone": lambda: town_of(
        spread_rows(40), coverage=((AS_OF, AS_OF + timedelta(days=90)),)
    ),
    "all in the gap": lambda: town_of(
        spread_rows(40),
        coverage=((date(2021, 1, 1), date(2021, 2, 1)), (date(2024, 12, 1), date(2024, 12, 31))),
    ),
    "twelve of one group": lambda: town_of(spread_rows(12)),
    "old incidents alone": lambda: town_of(
        spread_rows(40, occurred_at=pd.Timestamp("1934-05-05 09:00")),
        coverage=((date(1930, 1, 1), date(2024, 12, 31)),),
    ),
}

# Towns that hold something: numbers must be sound, words may be sure where incidents are.
POOR: dict[str, Callable[[], Town]] = {
    "all in one cell": lambda: town_of(incident_rows(oral(SMALL).grid, [12] * 60)),
    "exact duplicates": lambda: town_of(
        spread_rows(20), spread_rows(20), spread_rows(20, incident_id="again")
    ),
    "a history of ten days": lambda: town_of(
        spread_rows(40, occurred_at=pd.Timestamp("2024-12-25 15:00")),
        coverage=((date(2024, 12, 22), date(2024, 12, 31)),),
    ),
    "twelve beside many": lambda: town_of(
        spread_rows(12, offence_group="disorder"),
        random_incidents(oral(SMALL).grid, 200, 3).assign(
            incident_id=[f"m{number}" for number in range(200)]
        ),
    ),
    "one cell": lambda: few_cells(1),
    "three cells": lambda: few_cells(3),
}


def frames(found: TownHazard) -> list[pd.DataFrame]:
    return [found.cells, found.sections, *found.parents.values()]


def assert_sound(found: TownHazard) -> None:
    """Finite and not negative where a number must stand; nowhere infinite; scores within 0..100."""
    for frame in frames(found):
        numbers = frame.select_dtypes("number").astype(float)
        assert not np.isinf(numbers.to_numpy()).any()
        for ending in DAYS if found.facts["hours_known"] else ("",):
            low, mean, high = (frame[f"{name}{ending}"] for name in
                               ("hazard_low", "hazard", "hazard_high"))  # fmt: skip
            assert np.isfinite(mean).all()
            assert (low >= 0).all()
            assert (low <= high).all()
            assert frame[f"hazard_score{ending}"].dropna().between(0, 100).all()
        assert np.isfinite(frame["expected_incidents"]).all()
        expected = frame["hazard"] > 0
        assert frame.loc[expected, "part_own_record"].notna().all()
        assert frame.loc[~expected, "part_own_record"].isna().all()
    json.dumps(found.facts, allow_nan=False)


def counted_and_base(town: Town):
    ground = town_ground(town, PARAMETERS)
    return ground.counted, ground.base
