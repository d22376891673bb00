"""Grounds and public places of the invented town: schools, market, station, works, shops."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.demo import plan
from data.demo.buildings import (
    Box,
    Shape,
    distance_to_streets,
    ring_of,
    stand_apart,
    town_homes,
)
from data.demo.fabric import drawn_lines, face_at, river_shape, school_yard
from data.demo.names import PARK, RIVER, TOWN_EN, TOWN_KK, TOWN_RU, Name, in_russian, school_name
from data.demo.plane import FloatArray, draws, smooth_line
from data.demo.street_map import StreetMap, points_along
from data.demo.streets import Town

_SCHOOL_WALLS = (
    (-34.0, -20.0), (34.0, -20.0), (34.0, 24.0), (18.0, 24.0), (18.0, -4.0), (-18.0, -4.0),
    (-18.0, 24.0), (-34.0, 24.0),
)  # fmt: skip
_BUSY = {"primary": 5.0, "secondary": 4.0, "tertiary": 2.0, "residential": 0.5, "pedestrian": 3.0}
_VENUES = {
    "shop": (110, {"shop": "convenience"}),
    "bar": (26, {"amenity": "cafe"}),
    "stop": (60, {"highway": "bus_stop"}),
}
_POLICE = ((-590.0, 190.0), (760.0, -1250.0), (1960.0, 940.0))


@dataclass(frozen=True)
class Spot:
    """A point of the map and its tags."""

    x: float
    y: float
    tags: dict[str, str]


@dataclass(frozen=True)
class Places:
    """All that stands in the town besides its streets.

    Attributes
    ----------
    shapes, spots
        Areas and points of the map.
    homes
        ``x, y, dwellings, persons, street_kk, street_ru, number``; one row a dwelling house.
    venues
        ``x, y, kind`` (shop, bar, stop, market, station): where people gather.
    """

    shapes: list[Shape]
    spots: list[Spot]
    homes: pd.DataFrame
    venues: pd.DataFrame = field(repr=False)

    def population(self) -> int:
        """Return how many people live in the town."""
        return round(float(self.homes["persons"].sum()))


def town_places(town: Town, seed: int) -> Places:
    """Build the town's houses and places on the ground between its streets."""
    rng = draws(seed, 2)
    homes, houses = town_homes(town, rng)
    public = _schools(town) + _trade_and_works(town.streets, rng)
    venues, spots = _venues(town.streets, homes, rng)
    return Places([*_grounds(town), *houses, *public], spots + _place_nodes(homes), homes, venues)


# -------------------------------------------------------------------------------------------


def _named(name: Name) -> dict[str, str]:
    return {"name": name.kk, "name:kk": name.kk, "name:ru": name.ru}


def _schools(town: Town) -> list[Shape]:
    shapes = []
    for number, site in enumerate(town.sites, start=1):
        tags = {"amenity": "school", "ref": str(number), **_named(school_name(number))}
        shapes.append(Shape(_corners(school_yard(site)), tags))
        shapes.append(Shape(np.array(_SCHOOL_WALLS) + np.array(site), {"building": "school"}))
    return shapes


def _trade_and_works(streets: StreetMap, rng: np.random.Generator) -> list[Shape]:
    """Build the market's stalls, garages, the station and factory halls."""
    stalls = [
        Shape(_corners(shapely.box(west + 18, low, west + 62, low + 36)), {"building": "retail"})
        for west in (190.0, *plan.MARKET_AISLES_X)
        for low in (-1000.0, -955.0, -910.0, -865.0)
    ]
    garages = [
        Shape(_corners(shapely.box(west, -1440, west + 23, -1412)), {"building": "garages"})
        for west in np.arange(605.0, 1110.0, 26.0).tolist()
    ]
    station = {"building": "train_station", **_named(Name("Вокзал", "Вокзал"))}
    return [
        *stalls,
        *garages,
        Shape(np.array(plan.STATION_BUILDING, float), station),
        *_factories(streets, rng),
    ]


def _factories(streets: StreetMap, rng: np.random.Generator) -> list[Shape]:
    siding = LineString(smooth_line(plan.FACTORY_SIDING, 60)).buffer(25)
    ground = Polygon(plan.INDUSTRY).difference(siding)
    low, high = [1345, -1230, 45, 25], [2500, -560, 110, 50]
    tried = rng.uniform(low, high, size=(160, 4))
    far = distance_to_streets(streets, tried[:, 0], tried[:, 1]) > 70
    taken: list[Box] = []
    for x, y, length, width in tried[far].tolist():
        box = Box(x, y, length, width, 0.02, 1)
        if ground.contains(Polygon(ring_of(box))) and stand_apart(box, taken, 105):
            taken.append(box)
    return [Shape(ring_of(box), {"building": "industrial"}) for box in taken]


def _corners(shape: BaseGeometry) -> FloatArray:
    return shapely.get_coordinates(shapely.get_exterior_ring(shape))[:-1]


def _grounds(town: Town) -> list[Shape]:
    """Draw water, green, the market's ground and the playgrounds of the yards."""
    park = face_at(plan.PARK_AT, drawn_lines()).buffer(-14)
    course = LineString(smooth_line(plan.RIVER, 60))
    woods = [course.offset_curve(side * 68).buffer(16, cap_style="flat") for side in (-1, 1)]
    river_name = _named(Name(RIVER, in_russian(RIVER)))
    park_name = _named(Name(f"{PARK} саябағы", f"парк {in_russian(PARK)}"))
    market_name = _named(Name("Орталық базар", "Центральный рынок"))
    tagged = [
        (river_shape(), {"natural": "water", "water": "river", **river_name}),
        (park, {"leisure": "park", **park_name}),
        (Polygon(plan.RAVINE), {"natural": "grassland"}),
        (Polygon(plan.STADIUM), {"leisure": "pitch"}),
        (Polygon(plan.SQUARE), {"leisure": "garden"}),
        (Polygon(plan.MARKET), {"amenity": "marketplace", **market_name}),
        (Polygon(plan.INDUSTRY), {"landuse": "industrial"}),
        *((wood, {"natural": "wood"}) for wood in woods),
        *((yard, {"leisure": "playground"}) for yard in _playgrounds(town)),
    ]
    return [Shape(_corners(shape), tags) for shape, tags in tagged]


def _playgrounds(town: Town) -> list[Polygon]:
    grounds = []
    for face in (face for face in town.faces if face.fabric.manner == "yards"):
        left, bottom, right, top = face.ground.bounds
        width, height = (right - left) / 4, (top - bottom) / 4
        for column in range(4):
            x, y = left + (column + 0.5) * width, bottom + 3.14 * height
            grounds.append(shapely.box(x - 18, y - 10, x + 18, y + 10))
    return grounds


def _venues(
    streets: StreetMap, homes: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Spot]]:
    """Scatter shops, cafés and stops along the busier streets."""
    points = points_along(streets, 30.0)
    busy = streets.ways["highway"].map(_BUSY).fillna(0.0).to_numpy()[points["way"]]
    _, people = cKDTree(homes[["x", "y"]]).query(points[["x", "y"]], k=12)
    crowd = homes["persons"].to_numpy()[people].sum(axis=1)
    weight = busy * np.sqrt(crowd)
    xy = points[["x", "y"]].to_numpy() + 9 * points[["left_x", "left_y"]].to_numpy()
    rows: list[tuple[float, float, str]] = []
    spots: list[Spot] = []
    for kind, (count, tags) in _VENUES.items():
        chosen = rng.choice(len(points), size=count, replace=False, p=weight / weight.sum())
        for x, y in xy[np.sort(chosen)].tolist():
            rows.append((x, y, kind))
            spots.append(Spot(x, y, tags))
    for x, y in _POLICE:
        spots.append(Spot(x, y, {"amenity": "police", **_named(Name("Полиция", "Полиция"))}))
    rows += [(310.0, -915.0, "market"), (340.0, -1390.0, "station")]
    return pd.DataFrame(rows, columns=["x", "y", "kind"]), spots


def _place_nodes(homes: pd.DataFrame) -> list[Spot]:
    town = {
        "place": "town",
        **_named(Name(TOWN_KK, TOWN_RU)),
        "name:en": TOWN_EN,
        "population": str(round(float(homes["persons"].sum()))),
    }
    districts = [
        Spot(*at, {"place": "suburb", **_named(Name(kk, ru))})
        for kk, ru, at in plan.DISTRICTS.values()
    ]
    return [Spot(60.0, 150.0, town), *districts]
