"""Draw the incidents: where people and places are, when the kind happens, what is planted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from data.demo import truth
from data.demo.equipment import Equipment
from data.demo.offences import (
    CORRIDOR_MIX,
    HOT_MIX,
    MEASURE_MIX,
    REPEATED,
    THEMES,
    day_shares,
    hour_shares,
)
from data.demo.plane import FloatArray, draws
from data.demo.prevention import Clock, happening
from data.demo.street_map import StreetMap, points_along
from data.demo.truth import Planted

_DAYS = (truth.LAST_DAY - truth.FIRST_DAY).days + 1
_FIRST = np.datetime64(truth.FIRST_DAY)
_YEAR_DAYS = 365.25
_VENUE_REACH_M = 110.0
_PATCH_M = 240.0
_PATCH_SPREAD = 0.55
_REPEAT_SHARE = 0.08
_PULL = {
    "theft": {"shop": 5.0, "stop": 2.0, "station": 8.0, "market": 6.0},
    "robbery": {"bar": 4.0, "stop": 2.0, "station": 4.0},
    "violence": {"bar": 8.0, "station": 4.0},
    "disorder": {"bar": 5.0, "shop": 2.0, "stop": 2.0, "station": 3.0},
    "drugs": {"bar": 4.0, "station": 6.0},
    "weapons": {"station": 6.0, "bar": 2.0},
}
_PLACE_OF_VENUE = {"shop": "Магазин", "bar": "Кафе", "stop": "Остановка", "market": "Рынок",
                   "station": "Вокзал"}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What the draws look at.

    Attributes
    ----------
    streets
        The street map.
    homes
        ``x, y, persons, dwellings, street_ru, number``.
    venues
        ``x, y, kind``.
    gates
        School gates, n × 2.
    planted
        What is planted.
    """

    streets: StreetMap
    homes: pd.DataFrame
    venues: pd.DataFrame
    gates: FloatArray
    planted: Planted


def draw_incidents(
    scene: Scene, seed: int, prevented_by: tuple[Equipment, Clock], times: float = 1.0
) -> pd.DataFrame:
    """Draw three years of incidents, less those that equipment prevented.

    Parameters
    ----------
    prevented_by
        Equipment and clock; what is planted and what happens at home is as it is without.
    times
        Times as many incidents as usual.

    Returns
    -------
    Sorted by time: ``theme, x, y, at`` (datetime64, minutes), ``place`` (text of the record),
    ``street_ru``, ``number`` (house, 0 where none).
    """
    rng = draws(seed, 3)
    points = points_along(scene.streets, 20.0)
    weights = _weights(scene, points, rng)
    frames = []
    for name, theme in THEMES.items():
        if theme.a_year and name != "at_home":
            count = rng.poisson(times * theme.a_year * _DAYS / _YEAR_DAYS)
            frames.append(_along_points(name, points, weights[name], count, rng))
    at_home = _at_home(scene.homes, rng, times)
    frames += _repeats(frames, points, scene, rng)
    here = happening(pd.concat(frames, ignore_index=True), *prevented_by, draws(seed, 14))
    planted = _planted(scene.planted, rng, times)
    drawn = pd.concat([here, at_home, *planted], ignore_index=True)
    within = drawn["at"] < np.datetime64(truth.LAST_DAY) + np.timedelta64(1, "D")
    drawn = _described(drawn[within].reset_index(drop=True), scene)
    return drawn.sort_values(["at", "x", "y"], ignore_index=True)


# -------------------------------------------------------------------------------------------


def _weights(scene: Scene, points: pd.DataFrame, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Return for each kind how strongly each point of the streets draws it."""
    people = _people_near(scene.homes, points)
    open_way = ~np.isin(points["way"], scene.planted.measure_ways)
    near = {
        kind: _taper(venues, points)
        for kind, venues in scene.venues.groupby("kind", sort=True)[["x", "y"]]
    }
    gate = _taper(pd.DataFrame(scene.gates, columns=["x", "y"]), points)
    weights = {}
    for name, theme in THEMES.items():
        if not theme.a_year:
            continue
        pull = 0.25 + people / max(people.mean(), 1e-9)
        for kind, strength in _PULL.get(name, {}).items():
            pull = pull + strength * near.get(kind, 0.0)
        if name == "child":
            pull = pull + 4.0 * gate
        patch = _patches(points, rng)
        weight = points["metres"].to_numpy() * pull * patch
        weights[name] = weight * open_way
    return weights


def _people_near(homes: pd.DataFrame, points: pd.DataFrame) -> FloatArray:
    """Return persons in the point's square of 100 m and the eight around it."""
    low_x, low_y = points["x"].min() - 200, points["y"].min() - 200
    shape = (
        int((points["x"].max() - low_x) // 100) + 4,
        int((points["y"].max() - low_y) // 100) + 4,
    )
    squares = np.zeros(shape)
    column = np.clip(((homes["x"] - low_x) // 100).astype(int), 0, shape[0] - 1)
    row = np.clip(((homes["y"] - low_y) // 100).astype(int), 0, shape[1] - 1)
    np.add.at(squares, (column, row), homes["persons"].to_numpy())
    padded = np.pad(squares, 1)
    around = sum(padded[i : i + shape[0], j : j + shape[1]] for i in range(3) for j in range(3))
    at = ((points["x"] - low_x) // 100).astype(int), ((points["y"] - low_y) // 100).astype(int)
    return np.asarray(np.asarray(around, float)[at])


def _taper(places: pd.DataFrame, points: pd.DataFrame) -> FloatArray:
    """Return 1 at a place, falling evenly to 0 at 110 m."""
    if not len(places):
        return np.zeros(len(points))
    distance, _ = cKDTree(places).query(points[["x", "y"]], distance_upper_bound=_VENUE_REACH_M)
    return np.clip(1 - distance / _VENUE_REACH_M, 0, None)


def _patches(points: pd.DataFrame, rng: np.random.Generator) -> FloatArray:
    """Return a factor for each square patch of the ground: better and worse corners."""
    column = ((points["x"] - points["x"].min()) // _PATCH_M).astype(int)
    row = ((points["y"] - points["y"].min()) // _PATCH_M).astype(int)
    factors = rng.lognormal(0, _PATCH_SPREAD, size=(column.max() + 1, row.max() + 1))
    return np.asarray(factors[column, row], float)


def _along_points(
    name: str, points: pd.DataFrame, weight: FloatArray, count: int, rng: np.random.Generator
) -> pd.DataFrame:
    chosen = rng.choice(len(points), size=count, p=weight / weight.sum())
    at = points.iloc[chosen]
    along, across = rng.uniform(-9, 9, count), rng.uniform(-6, 6, count)
    left_x, left_y = at["left_x"].to_numpy(), at["left_y"].to_numpy()
    return pd.DataFrame(
        {
            "theme": name,
            "x": at["x"].to_numpy() + along * left_y + across * left_x,
            "y": at["y"].to_numpy() - along * left_x + across * left_y,
            "at": _times(name, count, rng),
        }
    )


def _times(
    name: str, count: int, rng: np.random.Generator, span: tuple[int, int] = (0, _DAYS)
) -> np.ndarray:
    """Draw times by the kind's days and hours; most minutes are written as multiples of five."""
    theme = THEMES[name]
    shares = day_shares(theme, _FIRST, _DAYS)[span[0] : span[1]]
    day = span[0] + rng.choice(len(shares), size=count, p=shares / shares.sum())
    hour = rng.choice(24, size=count, p=hour_shares(theme))
    minute = rng.integers(0, 60, size=count)
    minute = np.where(rng.random(count) < 0.6, minute // 5 * 5, minute)
    return (_FIRST + day).astype("datetime64[m]") + hour * 60 + minute


def _at_home(homes: pd.DataFrame, rng: np.random.Generator, times: float) -> pd.DataFrame:
    theme = THEMES["at_home"]
    count = rng.poisson(times * theme.a_year * _DAYS / _YEAR_DAYS)
    persons = homes["persons"].to_numpy()
    at = homes.iloc[rng.choice(len(homes), size=count, p=persons / persons.sum())]
    return pd.DataFrame(
        {
            "theme": "at_home",
            "x": at["x"].to_numpy(),
            "y": at["y"].to_numpy(),
            "at": _times("at_home", count, rng),
        }
    )


def _repeats(
    frames: list[pd.DataFrame], points: pd.DataFrame, scene: Scene, rng: np.random.Generator
) -> list[pd.DataFrame]:
    """Let some offences be followed by another near by within eleven days."""
    first = pd.concat(frames, ignore_index=True)
    first = first[first["theme"].isin(REPEATED)]
    first = first[rng.random(len(first)) < _REPEAT_SHARE].reset_index(drop=True)
    usable = points[~np.isin(points["way"], scene.planted.measure_ways)]
    around = cKDTree(usable[["x", "y"]]).query_ball_point(
        first[["x", "y"]], 130.0, return_sorted=True
    )
    chosen = [int(rng.choice(near)) if near else -1 for near in around]
    found = np.array(chosen, int) >= 0
    at = usable.iloc[np.array(chosen, int)[found]]
    later = rng.integers(1 * 24 * 60, 11 * 24 * 60, size=len(first))[found]
    return [
        pd.DataFrame(
            {
                "theme": first["theme"].to_numpy()[found],
                "x": at["x"].to_numpy() + rng.uniform(-6, 6, len(at)),
                "y": at["y"].to_numpy() + rng.uniform(-6, 6, len(at)),
                "at": first["at"].to_numpy().astype("datetime64[m]")[found] + later,
            }
        )
    ]


def _planted(planted: Planted, rng: np.random.Generator, times: float) -> list[pd.DataFrame]:
    """Lay the planted incidents; only those of the measure vary by chance in their number."""
    years = times * _DAYS / _YEAR_DAYS
    frames = []
    for _, line in planted.hot:
        frames += _on_lines(_mixed(HOT_MIX, truth.hot_a_year(line) * years), [line], rng)
    total = truth.corridor_a_year(planted.corridor) * years
    frames += _on_lines(_mixed(CORRIDOR_MIX, total), planted.corridor, rng)
    frames += _on_lines({"market": round(truth.MARKET_A_YEAR * years)}, planted.market, rng)

    switched = (truth.LIT_ON - truth.FIRST_DAY).days
    daily = times * truth.MEASURE_A_YEAR / _YEAR_DAYS
    for span, factor in (((0, switched), 1.0), ((switched, _DAYS), truth.LIT_FACTOR)):
        expected = daily * (span[1] - span[0]) * factor
        counts = {name: int(rng.poisson(expected * part)) for name, part in MEASURE_MIX.items()}
        frames += _on_lines(counts, planted.measure, rng, span)
    found = round(truth.RAIDS_A_YEAR * years)
    return frames + _on_lines({"weapons_found": found}, [planted.raided], rng)


def _mixed(mix: dict[str, float], total: float) -> dict[str, int]:
    """Return how many of each kind make up a total."""
    return {name: round(total * share) for name, share in mix.items()}


def _on_lines(
    counts: dict[str, int],
    lines: list[FloatArray],
    rng: np.random.Generator,
    span: tuple[int, int] = (0, _DAYS),
) -> list[pd.DataFrame]:
    """Draw incidents evenly along lines, of several kinds."""
    starts = np.concatenate([line[:-1] for line in lines])
    ends = np.concatenate([line[1:] for line in lines])
    length = np.hypot(*(ends - starts).T)
    frames = []
    for name, count in counts.items():
        segment = rng.choice(len(length), size=count, p=length / length.sum())
        part = rng.random((count, 1))
        xy = starts[segment] + part * (ends - starts)[segment] + rng.uniform(-3, 3, (count, 2))
        times = _times(name, count, rng, span)
        frames.append(pd.DataFrame({"theme": name, "x": xy[:, 0], "y": xy[:, 1], "at": times}))
    return frames


def _described(drawn: pd.DataFrame, scene: Scene) -> pd.DataFrame:
    """Add the place text and the address that a clerk would write."""
    _, home = cKDTree(scene.homes[["x", "y"]]).query(drawn[["x", "y"]])
    homes = scene.homes.iloc[home]
    far, venue = cKDTree(scene.venues[["x", "y"]]).query(drawn[["x", "y"]])
    fixed = drawn["theme"].map({name: theme.place for name, theme in THEMES.items()})
    venue_place = scene.venues["kind"].map(_PLACE_OF_VENUE).to_numpy()[venue]
    yard = homes["dwellings"].to_numpy() > 1
    dwelling = np.where(yard, "Квартира", "Дом")
    open_place = np.select([far < 35, np.arange(len(drawn)) % 11 == 0, yard],
                           [venue_place, "Иные", "Двор"], "Улица")  # fmt: skip
    at_home = (drawn["theme"] == "at_home").to_numpy()
    place = np.where(at_home, dwelling, np.where(fixed != "", fixed, open_place))
    return drawn.assign(
        place=place,
        street_ru=homes["street_ru"].to_numpy(),
        number=homes["number"].to_numpy(),
    )
