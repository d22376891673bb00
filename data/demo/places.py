"""Buildings and grounds of the invented town: houses, flats, schools, market, station, works."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon

from data.demo import plan
from data.demo.fabric import Face, drawn_lines, face_at, river_shape, school_yard
from data.demo.names import PARK, RIVER, TOWN_EN, TOWN_KK, TOWN_RU, Name, in_russian, school_name
from data.demo.plane import FloatArray, draws, smooth_line
from data.demo.streets import StreetMap, Town, points_along

PERSONS_OF_A_HOUSE = 3.0
PERSONS_OF_A_FLAT = 2.25

_HOUSE_FRONT_M = 27.0
_HOUSE_SETBACK_M = (13.0, 17.0)
_FLAT_FRONT_M = 72.0
_CLEAR_OF_STREETS_M = 9.0
_NO_HOUSES_ALONG = frozenset({"works", "ring"})


@dataclass(frozen=True)
class Shape:
    """An area of the map: a closed ring in metres (first vertex not repeated) and its tags."""

    ring: FloatArray
    tags: dict[str, str]


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
    flats = _flats_of_yards(town.faces, rng) + _flats_of_blocks(town, rng)
    houses = _houses(town, flats, rng)
    homes = _homes_table(town.streets, flats, houses)
    public = _public_shapes(town, rng)
    venues, spots = _venues(town.streets, homes, rng)
    shapes = [*_grounds(town), *_home_shapes(homes, flats, houses), *public]
    return Places(shapes, spots + _place_nodes(homes), homes, venues)


# -------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float, float, int]  # x, y, length, width, angle, storeys


def _ring(box: Box) -> FloatArray:
    x, y, length, width, angle, _ = box
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [length / 2, width / 2]
    cos, sin = np.cos(angle), np.sin(angle)
    return corners @ np.array([[cos, sin], [-sin, cos]]) + [x, y]


def _flats_of_yards(faces: list[Face], rng: np.random.Generator) -> list[Box]:
    boxes: list[Box] = []
    for face in (face for face in faces if face.fabric.manner == "yards"):
        left, bottom, right, top = face.ground.bounds
        width, height = (right - left) / 4, (top - bottom) / 4
        school = school_yard(((left + right) / 2, (bottom + top) / 2)).buffer(16)
        for column in range(4):
            for row in range(4):
                x, y = left + (column + 0.5) * width, bottom + row * height
                for share, long in ((0.36, 0.5), (0.76, 0.6)):
                    storeys = 5 if rng.random() < 0.3 else 3
                    box = (x, y + share * height, long * width, 13.0, 0.0, storeys)
                    if not school.intersects(Polygon(_ring(box))):
                        boxes.append(box)
    return boxes


def _flats_of_blocks(town: Town, rng: np.random.Generator) -> list[Box]:
    """Put low blocks of flats along the streets of some blocks of the centre."""
    blocks = _blocks(town.streets)
    middle = shapely.centroid(blocks)
    free: dict[int, Polygon] = {}
    for face in (face for face in town.faces if face.fabric.flats_share):
        inside = shapely.contains_xy(face.ground, shapely.get_x(middle), shapely.get_y(middle))
        for block in np.flatnonzero(inside & (rng.random(len(blocks)) < face.fabric.flats_share)):
            free[int(block)] = blocks[block].buffer(-_CLEAR_OF_STREETS_M).intersection(face.ground)
    front = points_along(town.streets, _FLAT_FRONT_M)
    front = pd.concat([front, front.assign(left_x=-front["left_x"], left_y=-front["left_y"])])
    x = (front["x"] + 18 * front["left_x"]).to_numpy()
    y = (front["y"] + 18 * front["left_y"]).to_numpy()
    angle = np.arctan2(-front["left_x"], front["left_y"]).to_numpy()
    which, block = shapely.STRtree(blocks).query(shapely.points(x, y), predicate="within")
    boxes: list[Box] = []
    for point, at in zip(which.tolist(), block.tolist(), strict=True):
        box = (float(x[point]), float(y[point]), 54.0, 12.0, float(angle[point]), 2)
        if at in free and free[at].contains(Polygon(_ring(box))) and _apart(box, boxes, 62.0):
            boxes.append(box)
    return boxes


def _apart(box: Box, others: list[Box], distance_m: float) -> bool:
    return all(np.hypot(box[0] - x, box[1] - y) > distance_m for x, y, *_ in others)


def _blocks(streets: StreetMap) -> np.ndarray:
    u, v, way = streets.edges()
    road = ~streets.ways["highway"].isin({"footway", "path", "service"}).to_numpy()[way]
    ends = np.stack([np.column_stack([streets.x, streets.y])[i[road]] for i in (u, v)], axis=1)
    return shapely.get_parts(shapely.polygonize(shapely.linestrings(ends)))


def _houses(town: Town, flats: list[Box], rng: np.random.Generator) -> list[Box]:
    """Line the residential streets with houses on both sides."""
    streets = town.streets
    ways = streets.ways
    lined = ways["highway"].isin({"residential", "tertiary", "secondary"})
    lined &= ~ways["key"].isin(_NO_HOUSES_ALONG)
    front = points_along(streets, _HOUSE_FRONT_M)
    front = front[lined.to_numpy()[front["way"]]]
    front = pd.concat([front, front.assign(left_x=-front["left_x"], left_y=-front["left_y"])])
    setback = rng.uniform(*_HOUSE_SETBACK_M, size=len(front))
    x = (front["x"] + setback * front["left_x"]).to_numpy()
    y = (front["y"] + setback * front["left_y"]).to_numpy()
    kept = rng.random(len(front)) < 0.92
    grounds = [face.ground.buffer(-7) for face in town.faces if face.fabric.manner != "yards"]
    kept &= shapely.contains_xy(shapely.union_all(grounds), x, y)
    kept &= _distance_to_streets(streets, x, y) > _CLEAR_OF_STREETS_M + 2
    if flats:
        tall = shapely.union_all([Polygon(_ring(box)).buffer(12) for box in flats])
        kept &= ~shapely.contains_xy(tall, x, y)
    kept &= ~_crowded(x, y, kept, 24.0)
    angle = np.arctan2(-front["left_x"], front["left_y"]).to_numpy()
    long, deep = rng.uniform(10, 14, len(x)), rng.uniform(8, 11, len(x))
    return [
        (float(x[i]), float(y[i]), float(long[i]), float(deep[i]), float(angle[i]), 1)
        for i in np.flatnonzero(kept)
    ]


def _distance_to_streets(streets: StreetMap, x: FloatArray, y: FloatArray) -> FloatArray:
    u, v, _ = streets.edges()
    xy = np.column_stack([streets.x, streets.y])
    segments = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    _, distance = shapely.STRtree(segments).query_nearest(
        shapely.points(x, y), all_matches=False, return_distance=True
    )
    return np.asarray(distance, float)


def _crowded(x: FloatArray, y: FloatArray, kept: np.ndarray, distance_m: float) -> np.ndarray:
    """Tell which points come too near to an earlier point that stays."""
    crowded = np.zeros(len(x), bool)
    rows = np.flatnonzero(kept)
    pairs = cKDTree(np.column_stack([x[rows], y[rows]])).query_pairs(
        distance_m, output_type="ndarray"
    )
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]:
        if not crowded[rows[first]]:
            crowded[rows[second]] = True
    return crowded


def _homes_table(streets: StreetMap, flats: list[Box], houses: list[Box]) -> pd.DataFrame:
    boxes = np.array([box for box in flats + houses], float)
    many = np.arange(len(boxes)) < len(flats)
    per_storey = np.maximum(boxes[:, 2] // 18, 1) * 3
    dwellings = np.where(many, per_storey * boxes[:, 5], 1.0)
    persons = dwellings * np.where(many, PERSONS_OF_A_FLAT, PERSONS_OF_A_HOUSE)
    homes = pd.DataFrame(
        {"x": boxes[:, 0], "y": boxes[:, 1], "dwellings": dwellings, "persons": persons}
    )
    named = np.flatnonzero(streets.ways["name_kk"].to_numpy() != "")
    points = points_along(streets, 12.0)
    points = points[np.isin(points["way"], named)].reset_index(drop=True)
    _, nearest = cKDTree(points[["x", "y"]]).query(homes[["x", "y"]])
    way = points["way"].to_numpy()[nearest]
    homes["street_kk"] = streets.ways["name_kk"].to_numpy()[way]
    homes["street_ru"] = streets.ways["name_ru"].to_numpy()[way]
    homes["number"] = homes.groupby("street_kk").cumcount() + 1
    return homes


def _home_shapes(homes: pd.DataFrame, flats: list[Box], houses: list[Box]) -> list[Shape]:
    shapes = []
    for box, home in zip(flats + houses, homes.itertuples(), strict=True):
        tags = {"addr:housenumber": str(home.number), "addr:street": home.street_kk}
        if home.dwellings > 1:
            tags |= {"building": "apartments", "building:flats": str(int(home.dwellings)),
                     "building:levels": str(box[5])}  # fmt: skip
        else:
            tags["building"] = "house"
        shapes.append(Shape(_ring(box), tags))
    return shapes


def _named(name: Name) -> dict[str, str]:
    return {"name": name.kk, "name:kk": name.kk, "name:ru": name.ru}


def _public_shapes(town: Town, rng: np.random.Generator) -> list[Shape]:
    shapes = []
    for number, site in enumerate(town.sites, start=1):
        x, y = site
        tags = {"amenity": "school", "ref": str(number), **_named(school_name(number))}
        shapes.append(Shape(np.asarray(school_yard(site).exterior.coords)[:-1], tags))
        wings = [
            (-34, -20),
            (34, -20),
            (34, 24),
            (18, 24),
            (18, -4),
            (-18, -4),
            (-18, 24),
            (-34, 24),
        ]
        shapes.append(Shape(np.array(wings, float) + [x, y], {"building": "school"}))
    for west in (190.0, *plan.MARKET_AISLES_X):
        for low in (-1000.0, -955.0, -910.0, -865.0):
            ring = np.asarray(shapely.box(west + 12, low, west + 48, low + 36).exterior.coords)[:-1]
            shapes.append(Shape(ring, {"building": "retail"}))
    for west in np.arange(605.0, 1110.0, 26.0):
        ring = np.asarray(shapely.box(west, -1440, west + 23, -1412).exterior.coords)[:-1]
        shapes.append(Shape(ring, {"building": "garages"}))
    station = {"building": "train_station", **_named(Name("Вокзал", "Вокзал"))}
    shapes.append(Shape(np.array(plan.STATION_BUILDING, float), station))
    return shapes + _factories(town.streets, rng)


def _factories(streets: StreetMap, rng: np.random.Generator) -> list[Shape]:
    ground = Polygon(plan.INDUSTRY).difference(
        LineString(smooth_line(plan.FACTORY_SIDING, 60)).buffer(25)
    )
    low, high = [1345, -1230, 45, 25], [2500, -560, 110, 50]
    tried = rng.uniform(low, high, size=(160, 4))
    far = _distance_to_streets(streets, tried[:, 0], tried[:, 1]) > 70
    taken: list[Box] = []
    for x, y, length, width in tried[far].tolist():
        box = (x, y, length, width, 0.02, 1)
        if ground.contains(Polygon(_ring(box))) and _apart(box, taken, 105):
            taken.append(box)
    return [Shape(_ring(box), {"building": "industrial"}) for box in taken]


def _grounds(town: Town) -> list[Shape]:
    """Water, green and the market's ground."""
    park = face_at(plan.PARK_AT, drawn_lines()).buffer(-14).simplify(2)
    course = LineString(smooth_line(plan.RIVER, 60))
    woods = [course.offset_curve(side * 68).buffer(16, cap_style="flat") for side in (-1, 1)]
    tagged = [
        (river_shape(), {"natural": "water", "water": "river", **_named(Name(RIVER, in_russian(RIVER)))}),
        (park, {"leisure": "park", **_named(Name(f"{PARK} саябағы", f"парк {in_russian(PARK)}"))}),
        (Polygon(plan.RAVINE), {"natural": "grassland"}),
        (Polygon(plan.STADIUM), {"leisure": "pitch"}),
        (Polygon(plan.SQUARE), {"leisure": "garden"}),
        (Polygon(plan.MARKET), {"amenity": "marketplace",
                                **_named(Name("Орталық базар", "Центральный рынок"))}),
        (Polygon(plan.INDUSTRY), {"landuse": "industrial"}),
        *((wood.simplify(2), {"natural": "wood"}) for wood in woods),
    ]  # fmt: skip
    for face in (face for face in town.faces if face.fabric.manner == "yards"):
        left, bottom, right, top = face.ground.bounds
        width, height = (right - left) / 4, (top - bottom) / 4
        for column in range(4):
            x, y = left + (column + 0.5) * width, bottom + 3.14 * height
            tagged.append((shapely.box(x - 18, y - 10, x + 18, y + 10), {"leisure": "playground"}))
    return [Shape(np.asarray(shape.exterior.coords)[:-1], tags) for shape, tags in tagged]


def _venues(
    streets: StreetMap, homes: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Spot]]:
    """Scatter shops, cafés and stops along the busier streets."""
    points = points_along(streets, 30.0)
    highway = streets.ways["highway"].to_numpy()[points["way"]]
    busy = pd.Series(highway).map({"primary": 5.0, "secondary": 4.0, "tertiary": 2.0,
                                   "residential": 0.5, "pedestrian": 3.0}).fillna(0.0)  # fmt: skip
    _, people = cKDTree(homes[["x", "y"]]).query(points[["x", "y"]], k=12)
    crowd = homes["persons"].to_numpy()[np.minimum(people, len(homes) - 1)].sum(axis=1)
    weight = (busy * np.sqrt(crowd)).to_numpy()
    rows, spots = [], []
    for kind, count, tags in (
        ("shop", 110, {"shop": "convenience"}),
        ("bar", 26, {"amenity": "cafe"}),
        ("stop", 60, {"highway": "bus_stop"}),
    ):
        chosen = rng.choice(len(points), size=count, replace=False, p=weight / weight.sum())
        for row in points.iloc[np.sort(chosen)].itertuples():
            x, y = row.x + 9 * row.left_x, row.y + 9 * row.left_y
            rows.append((x, y, kind))
            spots.append(Spot(x, y, tags))
    for x, y in ((-590.0, 190.0), (760.0, -1250.0), (1960.0, 940.0)):
        spots.append(Spot(x, y, {"amenity": "police", **_named(Name("Полиция", "Полиция"))}))
    rows += [(310.0, -915.0, "market"), (340.0, -1390.0, "station")]
    return pd.DataFrame(rows, columns=["x", "y", "kind"]), spots


def _place_nodes(homes: pd.DataFrame) -> list[Spot]:
    persons = str(round(float(homes["persons"].sum())))
    town = {"place": "town", **_named(Name(TOWN_KK, TOWN_RU)), "name:en": TOWN_EN,
            "population": persons}  # fmt: skip
    districts = [
        Spot(*at, {"place": "suburb", **_named(Name(kk, ru))})
        for kk, ru, at in plan.DISTRICTS.values()
    ]
    return [Spot(60.0, 150.0, town), *districts]
