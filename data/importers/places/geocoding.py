"""From an address in words to a place, with how sure the names and how exact the place are.

What the words may mean is listed by `data.importers.places.address_text`; the gazetteer tells which
of it the town has. Nothing is guessed: a name that no street bears well enough is
``address_unknown``, one that fits several far apart is ``address_ambiguous``, and such rows get no
place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.importers.places.address_places import Found, Places
from data.importers.places.address_text import HOUSE, Reading, read_address, read_crossing
from data.importers.places.gazetteer import Gazetteer
from data.importers.places.house_numbers import parse_house
from data.importers.values.look_alikes import fold

FIELDS = ("street", "house", "crossing", "address")
COLUMNS = ["lat", "lon", "geo_method", "geo_accuracy_m", "geo_score", "how", "fault"]


def geocode(gazetteer: Gazetteer, requests: pd.DataFrame) -> pd.DataFrame:
    """Place addresses; each distinct one is looked up once.

    Parameters
    ----------
    gazetteer
        The town's names.
    requests
        ``street``, ``house``, ``crossing``, ``address`` (any of them may lack): texts as written.
        A crossing goes before a house, named fields before the free address.

    Returns
    -------
    placed
        On the index of the requests: ``lat``, ``lon`` (NaN where not placed); ``geo_method``:
        ``geocoded`` (the house, a place between its neighbours, a crossing), ``street-only`` (the
        middle of the street within the study area) or ``district`` (a quarter's middle), None where
        not placed; ``geo_accuracy_m`` (the place lies so near in about nine of ten cases);
        ``geo_score``, 0 to 100; ``how`` for a person; ``fault``: None, ``address_unknown`` or
        ``address_ambiguous``.
    """
    texts = pd.DataFrame(
        {name: requests[name].astype(object) if name in requests else None for name in FIELDS},
        index=requests.index,
    )
    texts = texts.where(texts.notna(), None)
    keys = list(texts.itertuples(index=False, name=None))
    places = Places(gazetteer)
    placed = {key: _placed(places, *key) for key in dict.fromkeys(keys)}
    rows = [placed[key] for key in keys]
    points = np.array([(row.x, row.y) for row in rows], float).reshape(-1, 2)
    lat, lon = gazetteer.area.to_degrees(points[:, 0], points[:, 1])
    known = np.isfinite(points[:, 0])
    frame = pd.DataFrame(
        {
            "lat": np.where(known, lat, np.nan),
            "lon": np.where(known, lon, np.nan),
            "geo_method": pd.array([row.method for row in rows], dtype=object),
            "geo_accuracy_m": np.array([row.accuracy_m for row in rows], float),
            "geo_score": np.array([row.score for row in rows], float),
            "how": [row.how for row in rows],
            "fault": pd.array([row.fault for row in rows], dtype=object),
        },
        index=requests.index,
    )
    return frame[COLUMNS]


# -------------------------------------------------------------------------------------------


def _placed(
    places: Places, street: str | None, house: str | None, crossing: str | None, address: str | None
) -> Found:
    return places.best(_readings(street, house, crossing, address))


def _readings(
    street: str | None, house: str | None, crossing: str | None, address: str | None
) -> list[Reading]:
    readings: list[Reading] = []
    if crossing:
        readings += read_crossing(street, crossing)
    if street and not readings:
        number = parse_house(house)
        if number is not None:
            readings.append(Reading(HOUSE, (fold(street),), number))
        readings += read_address(f"{street}, {house}" if house else street)
    if address and not readings:
        readings += read_address(address)
    return readings
