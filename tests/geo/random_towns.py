"""Random small towns that hold everything a town may: for the slow judge and the invariants."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import MultiPolygon, Polygon
from shapely.affinity import affine_transform
from shapely.geometry import box

from geo.cells import build_cell_grid
from geo.hazard.fitted import Dispersion, FittedQuantities
from geo.hazard.town import Town
from geo.parameters import GROUPS, WINDOWS
from geo.study_area import build_study_area
from tests.geo.hazard_towns import AS_OF, Place, incident_rows, streets

MINUTES = 24 * 60

# Latitude, longitude of the south-western corner, and outlines in units of .004 degrees.
CORNERS = {"Oral": (51.23, 51.37), "Almaty": (43.24, 76.93), "Portland": (45.52, -122.66)}
OUTLINES = {
    "Oral": box(0, 0, 3.3, 2.8),
    "Almaty": Polygon([(0, 0), (2.6, 0), (2.6, 1), (1, 1), (1, 2), (0, 2)]),
    "Portland": MultiPolygon([box(0, 0, 1.5, 1.2), box(1.8, 0.4, 3.2, 1.6)]),
}
COVERAGES = (
    ((date(2022, 1, 1), date(2024, 12, 31)),),
    ((date(2022, 1, 1), date(2023, 2, 28)), (date(2023, 9, 1), date(2024, 12, 31))),
    ((date(2022, 3, 5), date(2024, 11, 20)),),
    ((date(2024, 12, 10), date(2024, 12, 31)),),
    ((date(2022, 1, 1), date(2024, 6, 30)), (date(2024, 5, 1), date(2025, 2, 1))),
)


@lru_cache
def place_of(name: str) -> Place:
    lat, lon = CORNERS[name]
    boundary = _moved(OUTLINES[name], lat, lon)
    area = build_study_area(name, boundary, time_zone="Asia/Oral")
    return Place(area, build_cell_grid(area, 10))


def random_town(seed: int) -> Town:
    """A town of 30 to 70 cells and at most 60 incidents, with any of the things a town may have."""
    rng = np.random.default_rng(seed)
    place = place_of(list(CORNERS)[seed % len(CORNERS)])
    sections, parts = random_streets(place, rng)
    town = Town(
        area=place.area,
        grid=place.grid,
        sections=sections,
        parts=parts,
        incidents=random_records(place, rng),
        coverage=COVERAGES[rng.integers(len(COVERAGES))],
        as_of=AS_OF,
        darkness=dict(zip(WINDOWS, rng.random(6).tolist(), strict=True)),
    )
    return replace(
        town,
        section_light=random_light(len(sections), rng) if rng.random() < 0.7 else None,
        section_cameras=random_cameras(len(sections), rng) if rng.random() < 0.6 else None,
        severity_table={"violence": 700.0, "child": 1500.0} if rng.random() < 0.4 else None,
        fitted=random_fit(rng) if rng.random() < 0.6 else FittedQuantities(),
        **(random_patrols(len(place.grid.cells), rng) if rng.random() < 0.6 else {}),
    )


def random_streets(place: Place, rng) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Streets, in one town of six none, in one of six a section that lies outside the grid."""
    sections, parts = streets(place, int(rng.integers(1000)))
    kind = rng.integers(6)
    if kind == 0:
        return gpd.GeoDataFrame(sections.iloc[:0]), parts.iloc[:0]
    if kind == 1:
        parts = parts[parts["section"] != 3].reset_index(drop=True)
        parts["weight"] /= parts.groupby("cell")["weight"].transform("sum")
    return sections, parts


def random_records(place: Place, rng) -> pd.DataFrame:
    """Up to 60 incidents of one to four groups; some may not enter, some are vague."""
    grid, n = place.grid, int(rng.integers(0, 61))
    cells = rng.integers(0, len(grid.cells), n) // int(rng.integers(1, 4))
    groups = rng.choice(GROUPS, int(rng.integers(1, 5)), replace=False)
    group = np.where(rng.random(n) < 0.05, "drugs", rng.choice(groups, n))
    at = pd.Timestamp(AS_OF) - pd.to_timedelta(rng.integers(-9 * MINUTES, 1100 * MINUTES, n), "min")
    # Midnights lie on the edges of days, of coverage and of the forecast.
    at = at.where(rng.random(n) < 0.8, at.normalize())
    precision = rng.choice(["minute", "hour", "day", "interval"], n, p=[0.4, 0.2, 0.2, 0.2])
    span = pd.to_timedelta(rng.choice([45, 600, 1439, 1441, 5000], n), unit="min")
    ended = (at + span).where((precision == "interval") & (rng.random(n) < 0.9))
    if rng.random() < 0.15:
        precision = np.full(n, "day")
    severity = rng.choice([30.0, 456.0, 1004.0, np.nan], n)
    rows = incident_rows(
        grid,
        cells,
        incident_id=[f"i{number:03d}" for number in rng.permutation(n)],
        offence_group=group,
        severity_days=severity if rng.random() < 0.85 else np.nan,
        occurred_at=at,
        occurred_to=ended,
        occurred_precision=precision,
        place_type=np.where(rng.random(n) < 0.06, "dwelling", "street"),
        discovery=np.where(rng.random(n) < 0.06, "discovered", "reported"),
        sensitive=(group == "child") | (rng.random(n) < 0.08),
        address_key=[f"a{number}" for number in rng.integers(0, 1 + n // 2, n)],
        geo_accuracy_m=rng.choice([np.nan, 0.0, 65.0, 66.0, 140.0, 320.0, 2000.0], n),
    )
    lat, lon = rng.uniform(-3e-4, 3e-4, (2, n))
    far = rng.random(n) < 0.04
    return rows.assign(lat=rows["lat"] + lat + 0.1 * far, lon=rows["lon"] + lon)


def random_light(sections: int, rng) -> pd.DataFrame:
    """Lit shares now and before; a third of the sections have not changed, some are unknown."""
    light = pd.DataFrame(rng.random((sections, 2)), columns=["lit_share", "lit_share_history"])
    same = rng.random(sections) < 1 / 3
    light = light.assign(lit_share=light["lit_share"].mask(same, light["lit_share_history"]))
    if rng.random() < 0.3:
        return light
    return light.assign(
        light=rng.choice(["lit", "unlit", "unknown"], sections),
        lit_share_sd=rng.uniform(0, 0.4, sections),
    )


def random_cameras(sections: int, rng) -> pd.DataFrame:
    """Camera cover now and before; a third of the sections never had any."""
    cover = rng.random((sections, 2)) * (rng.random((sections, 1)) > 1 / 3)
    return pd.DataFrame(cover, columns=["camera_share", "camera_share_history"])


def random_patrols(cells: int, rng) -> dict[str, pd.DataFrame]:
    return {
        name: pd.DataFrame(rng.random((cells, 6)) * (rng.random((cells, 1)) < 0.5),
                           columns=list(WINDOWS))
        for name in ("patrol_now", "patrol_history")
    }  # fmt: skip


def random_fit(rng) -> FittedQuantities:
    """Fitted quantities of some groups; weights may be 0, a record may count nothing."""

    def some(draw) -> dict:
        return {group: draw() for group in GROUPS if rng.random() < 0.6}

    return FittedQuantities(
        weights=some(lambda: _weights(rng)),
        effect_shape=some(lambda: float(rng.uniform(0.25, 16))),
        effect_other_groups=some(lambda: float(rng.choice([0, 0.1, 0.5, 1]))),
        dispersion=some(lambda: Dispersion(
            tuple(np.sort(rng.uniform(0, 0.05, 4)).tolist()),
            tuple(rng.uniform(0.8, 3, 5).tolist()))),
        season=some(lambda: tuple(rng.uniform(0.5, 1.5, 12).tolist())),
        severity_days=some(lambda: float(rng.uniform(30, 3000))) if rng.random() < 0.5 else {},
    )  # fmt: skip


# -------------------------------------------------------------------------------------------


def _weights(rng) -> tuple[float, ...]:
    """Eleven weights, a third of them 0; in one set of five nothing but the shortest memories."""
    if rng.random() < 0.2:
        return (0.0,) * 5 + (0.3, 0.7) + (0.0,) * 4
    return tuple((rng.random(11) * (rng.random(11) < 0.7) + 0.001).tolist())


def _moved(outline: Polygon | MultiPolygon, lat: float, lon: float) -> Polygon | MultiPolygon:
    return affine_transform(outline, [0.004, 0, 0, 0.003, lon, lat])
