"""The drawn plan of the town, in metres east and north of its centre.

Main streets are drawn by hand and smoothed; they cut the ground into faces, and each face is
filled with streets of its own manner (`data.demo.fabric`).
"""

from __future__ import annotations

from dataclasses import dataclass

Points = tuple[tuple[float, float], ...]

CENTRE = (51.23, 51.37)  # lat, lon
REGION_CODE = "192799"
TIME_ZONE = "Asia/Oral"
RIVER: Points = (
    (-1700, 2750), (-1620, 2300), (-1850, 1500), (-1500, 700), (-1650, -100), (-1300, -900),
    (-1450, -1700), (-1880, -2350), (-1960, -2750),
)  # fmt: skip
RIVER_HALF_WIDTH_M = 44.0
RAILWAY: Points = (
    (-2900, -1400), (-1400, -1440), (0, -1490), (1250, -1500), (2460, -1500), (3000, -1440),
)  # fmt: skip
SECOND_TRACK: Points = ((-500, -1472), (-350, -1462), (900, -1482), (1050, -1499))
FACTORY_SIDING: Points = ((1250, -1500), (1480, -1440), (1560, -1180), (1570, -720))


@dataclass(frozen=True)
class Drawn:
    """A street drawn by hand.

    Attributes
    ----------
    key
        How the plan refers to it.
    word, kind
        Its name (`data.demo.names.street_name`); no name where ``word`` is empty.
    highway
        Its class in OSM.
    points
        Vertices; three or more are joined by a smooth curve.
    """

    key: str
    word: str
    kind: str
    highway: str
    points: Points


DRAWN = (
    Drawn("peace", "Бейбітшілік", "avenue", "primary",
          ((-2780, 400), (-2300, 330), (-1590, 215), (-900, 165), (-560, 150), (100, 120),
           (1360, 90), (2560, 60))),
    Drawn("friendship", "Достық", "street", "secondary",
          ((180, 2200), (150, 1500), (120, 1000), (100, 120), (60, -600), (30, -1270),
           (20, -1500), (0, -1640), (-20, -2350))),
    Drawn("independence", "Тәуелсіздік", "avenue", "primary",
          ((1440, 2180), (1400, 1500), (1380, 1000), (1360, 90), (1320, -600), (1290, -1280))),
    Drawn("youth", "Жастар", "street", "secondary",
          ((-2650, 1130), (-1660, 1040), (-1430, 1020), (-560, 1000), (120, 1000), (1380, 1000),
           (2540, 960))),
    Drawn("station", "Вокзал", "street", "tertiary",
          ((-1130, -1230), (-580, -1240), (30, -1270), (1290, -1280), (2480, -1230))),
    Drawn("ring", "Айналма", "road", "secondary",
          ((2600, 2150), (2560, 1500), (2540, 960), (2560, 60), (2520, -600), (2480, -1230),
           (2460, -1500), (2380, -1700))),
    Drawn("abai", "Бәйтерек", "street", "secondary",
          ((-560, 2120), (-560, 1000), (-560, 150), (-570, -600), (-580, -1240))),
    Drawn("bank", "Жағалау", "street", "tertiary",
          ((-1500, 2050), (-1660, 1500), (-1340, 750), (-1470, -80), (-1140, -850),
           (-1130, -1230))),
    Drawn("north", "Солтүстік", "street", "tertiary",
          ((-1500, 2050), (-560, 2120), (180, 2200), (900, 2190))),
    Drawn("ravine_side", "Сай", "street", "residential", ((930, 1000), (905, 1790), (900, 2190))),
    Drawn("steppe", "Дала", "street", "residential", ((1440, 2180), (2600, 2150))),
    Drawn("micro_north", "Мәртебе", "street", "tertiary", ((1400, 1500), (2560, 1500))),
    Drawn("micro_middle", "Наурыз", "street", "tertiary",
          ((1955, 75), (1970, 980), (1975, 1500))),
    Drawn("factory", "Зауыт", "street", "tertiary", ((1325, -520), (2525, -560))),
    Drawn("works", "Өндіріс", "street", "residential", ((1720, -533), (1750, -900), (1715, -1262))),
    Drawn("far_bank", "Арғыжағалау", "street", "residential",
          ((-1800, 1055), (-1680, 680), (-1830, -80), (-1640, -500))),
    Drawn("west_edge", "Батыс", "street", "residential",
          ((-2650, 1130), (-2780, 400), (-2560, -480))),
    Drawn("west_south", "Шабындық", "street", "residential", ((-2560, -480), (-1640, -500))),
    Drawn("halt", "Бекет", "street", "residential",
          ((-900, -1620), (0, -1640), (1250, -1660), (2380, -1700))),
    Drawn("south_edge", "Оңтүстік", "street", "residential",
          ((-900, -2330), (-20, -2350), (1250, -2340))),
    Drawn("south_west", "Шағала", "street", "residential", ((-900, -1620), (-900, -2330))),
    Drawn("south_east", "Тоғай", "street", "residential", ((1250, -1660), (1250, -2340))),
    Drawn("park_north", "Бақ", "street", "residential", ((-1656, 1484), (-560, 1450))),
    Drawn("lit_street", "Сәуле", "street", "residential",
          ((-900, -1990), (-10, -2000), (1250, -2010))),
    Drawn("arcade", "Мерекелі", "street", "pedestrian", ((-566, -395), (70, -405))),
    Drawn("ravine_path", "", "", "path", ((905, 1790), (1150, 1815), (1426, 1800))),
    Drawn("ravine_branch", "", "", "path", ((1150, 1815), (1190, 1400), (1165, 1000))),
    Drawn("garages_west", "", "", "service",
          ((560, -1275), (572, -1372), (850, -1385))),
    Drawn("garages_east", "", "", "service",
          ((850, -1385), (1130, -1390), (1150, -1279))),
    Drawn("garages_gate", "", "", "service", ((850, -1385), (852, -1276))),
    Drawn("embankment", "", "", "footway",
          ((-1525, 205), (-1560, -100), (-1400, -480), (-1215, -850), (-1130, -1228))),
    Drawn("embankment_steps", "", "", "footway", ((-1400, -480), (-1290, -430))),
    Drawn("embankment_ramp", "", "", "footway", ((-1560, -100), (-1455, -110))),
    Drawn("station_square", "", "", "pedestrian", ((240, -1273), (245, -1372), (330, -1376))),
    Drawn("station_drive", "", "", "service", ((330, -1376), (445, -1378), (450, -1273))),
    Drawn("rail_footbridge", "", "", "footway", ((330, -1376), (338, -1646))),
    Drawn("factory_gate_west", "", "", "service", ((1745, -900), (1620, -900))),
    Drawn("factory_gate_east", "", "", "service", ((1745, -900), (2500, -930))),
    Drawn("alley_main", "", "", "footway", ((-560, 1225), (-1080, 1240), (-1552, 1250))),
    Drawn("alley_east", "", "", "footway", ((-770, 1453), (-790, 1230), (-760, 1002))),
    Drawn("alley_west", "", "", "footway", ((-1200, 1462), (-1105, 1241), (-1200, 1011))),
    Drawn("square_walk", "", "", "footway", ((104, 140), (230, 230), (345, 320))),
    Drawn("stadium_walk", "", "", "footway",
          ((540, 995), (545, 840), (660, 750), (790, 840), (785, 998))),
    Drawn("market_ring", "", "", "pedestrian",
          ((190, -1010), (430, -1010), (430, -820), (190, -820), (190, -1010))),
)  # fmt: skip
"""Main streets first; unnamed paths after them."""

SHARP = frozenset({"market_ring", "station_square", "station_drive"})
"""Drawn with corners, not with curves."""

MARKET: Points = ((190, -1010), (430, -1010), (430, -820), (190, -820))
MARKET_AISLES_X = (270.0, 350.0)
PARK_AT = (-950.0, 1330.0)
INDUSTRY: Points = ((1345, -1230), (2460, -1190), (2500, -590), (1350, -560))
RAVINE: Points = (
    (950, 1040), (1360, 1040), (1385, 1500), (1395, 1780), (1420, 2140), (930, 2150), (935, 1800),
)  # fmt: skip
GARAGES: Points = ((600, -1445), (1120, -1455), (1120, -1410), (600, -1400))
STATION_BUILDING: Points = ((290, -1425), (390, -1427), (390, -1405), (290, -1403))
STADIUM: Points = ((560, 905), (760, 905), (760, 770), (560, 770))
SQUARE: Points = ((130, 160), (330, 158), (330, 300), (132, 302))


@dataclass(frozen=True)
class Fabric:
    """How the face around a point is filled with streets.

    Attributes
    ----------
    at
        A point inside the face.
    manner
        ``lanes`` (crooked), ``grid`` or ``yards`` (blocks of flats).
    angle_deg
        Direction of the long streets, counted from east to north.
    long_gap_m, cross_gap_m
        Distance between neighbouring long streets, and between cross streets.
    district
        Its name.
    flats_share
        Share of the blocks that hold flats instead of houses.
    """

    at: tuple[float, float]
    manner: str
    angle_deg: float
    long_gap_m: float
    cross_gap_m: float
    district: str
    flats_share: float = 0.0


FABRICS = (
    Fabric((-900, 800), "lanes", 78, 88, 150, "old"),
    Fabric((-900, -400), "lanes", 108, 92, 150, "old"),
    Fabric((-250, 700), "grid", 90, 108, 165, "centre", 0.45),
    Fabric((700, 700), "grid", 0, 112, 190, "centre", 0.40),
    Fabric((-250, -900), "grid", 90, 112, 180, "centre", 0.25),
    Fabric((700, -500), "grid", 0, 112, 190, "centre", 0.20),
    Fabric((-250, 1500), "grid", 87, 106, 230, "north"),
    Fabric((500, 1500), "grid", 92, 106, 230, "north"),
    Fabric((-1000, 1800), "grid", 5, 104, 210, "north"),
    Fabric((2000, 1850), "grid", 0, 106, 230, "east"),
    Fabric((1900, -250), "grid", 0, 106, 230, "east"),
    Fabric((-2250, 700), "lanes", 82, 104, 210, "far"),
    Fabric((-2250, 0), "lanes", 98, 104, 210, "far"),
    Fabric((-450, -1800), "grid", 0, 100, 230, "railway"),
    Fabric((600, -1800), "grid", 0, 100, 230, "railway"),
    Fabric((-450, -2150), "grid", 0, 100, 230, "railway"),
    Fabric((600, -2150), "grid", 0, 100, 230, "railway"),
    Fabric((1650, 500), "yards", 0, 0, 0, "micro_1"),
    Fabric((2250, 500), "yards", 0, 0, 0, "micro_2"),
    Fabric((1650, 1250), "yards", 0, 0, 0, "micro_3"),
    Fabric((2250, 1250), "yards", 0, 0, 0, "micro_4"),
)

DISTRICTS: dict[str, tuple[str, str, tuple[float, float]]] = {
    "old": ("Ескі қала", "Старый город", (-930, 250)),
    "centre": ("Орталық", "Центр", (250, 400)),
    "north": ("Солтүстік", "Северный", (-100, 1600)),
    "east": ("Шығыс", "Восточный", (2000, 1830)),
    "far": ("Арғы бет", "Заречный", (-2250, 350)),
    "railway": ("Теміржолшы", "Железнодорожный", (200, -1900)),
    "micro_1": ("1-шағын аудан", "1-й микрорайон", (1650, 500)),
    "micro_2": ("2-шағын аудан", "2-й микрорайон", (2250, 500)),
    "micro_3": ("3-шағын аудан", "3-й микрорайон", (1680, 1240)),
    "micro_4": ("4-шағын аудан", "4-й микрорайон", (2260, 1240)),
    "works": ("Өнеркәсіп аймағы", "Промзона", (2050, -900)),
}
"""District → Kazakh name, Russian name, where its label stands."""

SCHOOL_SITES: Points = (
    (-930, 720), (-900, -420), (-270, 610), (690, 540), (-260, -790), (820, -420), (-250, 1700),
    (330, 1150), (-1080, 1790), (1490, 1830), (1900, -240), (-2200, 700), (-430, -1800),
    (640, -2150),
)  # fmt: skip
"""Schools outside the micro-districts, which hold one each; the tenth ends the ravine path."""

CORRIDOR_SCHOOL = 10
"""Number of the school that the ravine path leads to."""
