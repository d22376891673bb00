"""Memphis: robberies with their hour, on squares; the file's own histogram is the truth."""

import json
from collections import Counter
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from shapely import MultiPoint

from geo import columns as c
from geo.cells import build_square_grid, latlng_to_cells
from geo.evaluation.backtest import judge, result
from geo.evaluation.baselines import BASELINES
from geo.evaluation.forecasts import TownPast
from geo.evaluation.origins import Origin, Protocol
from geo.hazard.counted import count_incidents, group_mass
from geo.hazard.evidence import base_share
from geo.hazard.hours import HOURS_SHARE, cell_windows, town_windows
from geo.parameters import WINDOWS, HazardParameters
from geo.study_area import build_study_area
from tests.shared_data import shared_path

pytestmark = pytest.mark.shared
ROBBERY = ("robbery",)
YEAR = ((date(2019, 1, 1), date(2019, 12, 31)),)
AS_OF = date(2020, 1, 1)
PARAMETERS = HazardParameters()


@lru_cache
def features() -> list[dict]:
    text = shared_path("memphis/memphis_robberies.geojson").read_text(encoding="utf-8")
    return json.loads(text)["features"]


@lru_cache
def squares():
    points = MultiPoint([feature["geometry"]["coordinates"] for feature in features()])
    area = build_study_area(
        "Memphis", points.convex_hull.buffer(0.002), time_zone="America/Chicago"
    )
    return build_square_grid(area, 500.0)


@lru_cache
def robberies():
    lon, lat = np.array([feature["geometry"]["coordinates"] for feature in features()]).T
    times = pd.to_datetime([feature["properties"]["date"] for feature in features()])
    frame = pd.DataFrame(
        {
            c.INCIDENT_ID: [str(feature["properties"]["uid"]) for feature in features()],
            c.LAT: lat,
            c.LON: lon,
            c.H3_CELL: latlng_to_cells(lat, lon, 10),
            c.OFFENCE_GROUP: "robbery",
            c.SEVERITY_DAYS: 1.0,
            c.OCCURRED_AT: times,
            c.OCCURRED_TO: pd.Series(pd.NaT, range(len(lat)), dtype="datetime64[us]"),
            c.OCCURRED_PRECISION: "minute",
            c.PLACE_TYPE: "street",
            c.DISCOVERY: "reported",
            c.SENSITIVE: False,
            c.ADDRESS_KEY: [f"{x:.3f}:{y:.3f}" for x, y in zip(lon, lat, strict=True)],
            c.GEO_ACCURACY_M: 56.0,
        }
    )
    return count_incidents(frame, squares(), YEAR, AS_OF, PARAMETERS, groups=ROBBERY)


def counts_by_clock() -> dict[str, int]:
    """Robberies in each window, read off the texts of the file: hour · 60 + minute."""
    minutes = [
        int(feature["properties"]["date"][11:13]) * 60 + int(feature["properties"]["date"][14:16])
        for feature in features()
    ]
    spans = {
        "school_am": [(420, 540)],
        "midday": [(750, 870)],
        "school_pm": [(1050, 1170)],
        "evening": [(1170, 1320)],
        "night": [(1320, 1440), (0, 360)],
        "other": [(360, 420), (540, 750), (870, 1050)],
    }
    return {
        window: sum(any(start <= minute < end for start, end in parts) for minute in minutes)
        for window, parts in spans.items()
    }


def test_every_robbery_is_counted_in_a_square():
    assert sum(robberies().left_out.values()) == 0
    assert len(robberies().cell) == len(features()) == 2245


def test_shares_of_the_windows_are_those_of_the_file():
    counted, by_clock = robberies(), counts_by_clock()
    town = town_windows(counted.windows, counted.group, 1, PARAMETERS.hour_town_prior_incidents)[0]

    # Two prior incidents among 2 245 move no share by more than 2/2 247.
    wanted = np.array([by_clock[window] for window in WINDOWS]) / len(features())
    assert np.abs(town - wanted).max() < 0.001


def test_robberies_peak_in_the_evening():
    counted = robberies()
    town = town_windows(counted.windows, counted.group, 1, PARAMETERS.hour_town_prior_incidents)[0]
    per_hour = dict(zip(WINDOWS, town / HOURS_SHARE, strict=True))
    hours = Counter(feature["properties"]["date"][11:13] for feature in features())

    # The busiest hours of the file are 20 and 21 o'clock, both in the evening (19:30–22:00):
    # 424 robberies in 2.5 hours against 2 245 in 24, 1.81 times the day's mean.
    assert {hour for hour, _ in hours.most_common(2)} == {"20", "21"}
    assert max(per_hour, key=per_hour.get) == "evening"
    assert per_hour["evening"] == pytest.approx(424 / 2.5 / (2245 / 24), rel=0.002)


def test_hours_of_each_square_follow_the_robberies_around_it_and_add_up_to_the_town():
    counted, grid = robberies(), squares()
    town = town_windows(counted.windows, counted.group, 1, PARAMETERS.hour_town_prior_incidents)
    mass = group_mass(counted, grid, counted.windows.T, PARAMETERS).transpose(1, 0, 2)
    shares = cell_windows(grid, mass, town, PARAMETERS)[0]

    assert shares.sum(axis=0) == pytest.approx(np.ones(len(grid.cells)))
    weighted = (shares * mass[0].sum(axis=0)).sum(axis=1) / mass.sum()
    assert np.abs(weighted - town[0]).max() < 0.01


def test_last_quarter_is_forecast_on_squares_by_the_defaults():
    counted, grid = robberies(), squares()
    base = base_share(np.zeros(len(grid.cells)), grid.area_m2, PARAMETERS)
    protocol = Protocol(targets=ROBBERY, grid="square:500m", horizon_days=31)
    # 3 · 31 days before the new year: from 30 September on.
    windows = tuple(Origin(31 * number, 31) for number in (3, 2, 1))
    past = TownPast(counted, grid, base, PARAMETERS)
    told = result(judge(past, windows, {"robbery": (0,)}, protocol), "robbery", protocol)

    days = [feature["properties"]["date"][:10] for feature in features()]
    models = told["models"]
    assert told["protocol"]["origins"] == ["2019-09-30", "2019-10-31", "2019-12-01"]
    assert models["safe_region"]["n"] == sum(day >= "2019-09-30" for day in days)
    assert told["protocol"]["fitted_windows"] == 0  # 272 days are too few for a past window
    # Nothing else is known but robberies: the rate is its own one-group form.
    assert models["safe_region"]["gain"] == pytest.approx(models["steb"]["gain"], abs=1e-12)
    assert models["safe_region"]["hit10"] > 0.4  # four times as many as by chance
    assert models["safe_region"]["gain"] > max(models[rival]["gain"] for rival in BASELINES)
    assert told["verdict"] == {"word": "use", "best_baseline": "kde_400_365", "reasons": []}


def test_squares_measure_500_m_and_tile_the_study_area():
    grid = squares()
    assert grid.area_m2.max() == pytest.approx(500.0**2)
    assert np.unique(grid.x % 500).round(6).tolist() == [250]
    assert grid.area_m2.sum() == pytest.approx(grid.area.area_m2, rel=1e-4)
