"""The route sheet of a demo: posts and routes in words, as an office would write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from data.demo.assets import patrol_stops
from data.demo.plane import Plane, draws
from data.demo.street_map import StreetMap

_POSTS = (
    ("пост", "1", "07:30", "09:00", "пн-пт"),
    ("пост", "1", "12:00", "15:00", "дс-жм"),
    ("пост", "2", "18:00", "23:00", "ежедневно"),
)
_ROUTES = (
    ("пеший", "1", "08:00", "16:00", "будни"),
    ("пеший", "2", "16:00", "00:00", "ежедневно"),
    ("вело", "1", "09:00", "17:00", "выходные"),
    ("пеший", "2", "18:00", "02:00", "ежедневно, кроме вс"),
    ("авто", "3", "20:00", "02:00", "пт, сб"),
    ("авто", "3", "22:00", "06:00", ""),
)
_HEADS = ("№ маршрута", "вид", "смена", "время с", "время до", "дни недели", "описание маршрута",
          "состав", "lat", "lon", "source")  # fmt: skip
_LENGTH_M = (300.0, 1000.0)
_DETOUR = 1.15


def write_route_sheet(path: Path, streets: StreetMap, plane: Plane, seed: int) -> None:
    """Write posts at some stops of the patrols, and routes along the streets of others.

    Every row bears the coordinates of its stop, so that it is taken on any map; the words give a
    route its line where the map knows the streets. Fewer rows where few stops lie between two
    named crossings.
    """
    stops = patrol_stops(streets, draws(seed, 7)).tolist()
    rows = [(*post, "", 1, node) for post, node in zip(_POSTS, stops, strict=False)]
    routes = _routes(streets, stops[len(_POSTS) :])
    rows += [(*duty, words, 2, node) for duty, (words, node) in zip(_ROUTES, routes, strict=False)]
    node = np.array([row[-1] for row in rows], np.int64)
    lat, lon = plane.to_degrees(streets.x[node], streets.y[node])
    sheet = pd.DataFrame(
        [(number, *row[:-1]) for number, row in enumerate(rows, start=1)], columns=_HEADS[:8]
    ).assign(lat=lat, lon=lon, source="synthetic")
    sheet.to_csv(path, index=False, lineterminator="\n")


# -------------------------------------------------------------------------------------------


def _routes(streets: StreetMap, stops: list[int]) -> Iterator[tuple[str, int]]:
    """Find stops on a named street between two others, each street once, with the way in words."""
    names = streets.ways["name_ru"].to_numpy(object)[streets.way]
    named = pd.DataFrame({"node": streets.refs, "name": names})
    named = named[named["name"] != ""].drop_duplicates()
    named["crossed"] = named.groupby("node")["name"].transform("size") > 1
    used: set[str] = set()
    for stop in stops:
        for street in sorted(named.loc[named["node"] == stop, "name"]):
            ends = None if street in used else _ends(streets, named, street, stop)
            if ends is not None:
                used.add(street)
                yield f"от {ends[0]} по {street} до {ends[1]}", stop
                break


def _ends(
    streets: StreetMap, named: pd.DataFrame, street: str, stop: int
) -> tuple[str, str] | None:
    """Return the streets at both ends of the longest fitting part of a street around a stop."""
    on = named.loc[(named["name"] == street) & named["crossed"], "node"]
    others = named[named["node"].isin(on) & (named["name"] != street)].sort_values(["node", "name"])
    others = others.drop_duplicates("node")
    spots = np.column_stack([streets.x[others["node"]], streets.y[others["node"]]])
    away = np.hypot(*(spots - [streets.x[stop], streets.y[stop]]).T)
    apart = np.hypot(*(spots[:, None] - spots[None, :]).transpose(2, 0, 1))
    low, high = _LENGTH_M
    fits = (apart >= low) & (apart <= high) & (away[:, None] + away[None, :] <= _DETOUR * apart)
    fits &= others["name"].to_numpy()[:, None] != others["name"].to_numpy()[None, :]
    if not fits.any():
        return None
    one, other = np.unravel_index(np.where(fits, apart, -1.0).argmax(), fits.shape)
    return str(others["name"].iloc[one]), str(others["name"].iloc[other])
