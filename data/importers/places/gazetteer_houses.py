"""Which street or quarter each house of the map belongs to, and quarters that are no street."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.importers.places.house_numbers import parse_house
from data.importers.places.street_index import StreetIndex
from data.importers.places.street_names import QUARTER, fold_street
from geo.study_area import StudyArea

HOUSE_REACH_M = 300.0
"""A house at most so far from a street of its address's name belongs to it."""
QUARTER_GAP_M = 1_000.0
"""Houses of one quarter lie at most so far from the next."""
QUARTERS = {
    "suburb": 1_000.0, "quarter": 500.0, "neighbourhood": 500.0, "city_block": 250.0,
    "village": 1_500.0, "hamlet": 1_000.0, "allotments": 1_000.0, "isolated_dwelling": 300.0,
}  # fmt: skip
"""Kinds of named places that an address may name in a street's stead, with their usual reach."""
COLUMNS = ["street", "number", "letter", "part", "block", "x", "y"]
_SEVERAL = re.compile(r"\s*[;,]\s*")

IntArray = npt.NDArray[np.int64]


class Group(NamedTuple):
    """A street, or a quarter without a line of its own: the points of its houses, or its point."""

    name: str
    where: str
    line: Any
    reach_m: float


def linked_groups(count: int, pairs: list[npt.NDArray[Any]]) -> IntArray:
    """Give each item the number of its group, linked by pairs; groups in order of first items."""
    joined = np.concatenate([np.empty((2, 0), np.int64), *pairs], axis=1).astype(np.int64)
    links = coo_array((np.ones(joined.shape[1], bool), tuple(joined)), shape=(count, count))
    label = connected_components(links, directed=False)[1]
    return pd.factorize(label)[0].astype(np.int64)


def point_array(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the points of the columns x and y."""
    return np.asarray(shapely.points(frame[["x", "y"]].to_numpy(float)), object)


def house_table(
    points: pd.DataFrame, area: StudyArea, groups: list[Group], index: StreetIndex
) -> tuple[pd.DataFrame, list[Group]]:
    """List the houses by street and number.

    A house goes to the nearest street within reach that its address may mean; houses left over
    that share a name and lie together make a quarter, whose name the index learns.

    Returns
    -------
    houses
        `Gazetteer.addresses`.
    quarters
        Groups to be added after the given ones.
    """
    rows = _house_rows(points, area)
    rows["street"] = _nearest_streets(rows, groups, index)
    quarters: list[Group] = []
    left = rows[rows["street"] < 0]
    for key, named in left.groupby(left["text"].map(lambda text: fold_street(text).key)):
        if len(key) < 2 and not key.isdigit():
            continue
        spots = point_array(named)
        near = shapely.STRtree(spots).query(spots, "dwithin", QUARTER_GAP_M)
        for _, part in named.groupby(linked_groups(len(named), [near])):
            street = len(groups) + len(quarters)
            cloud = shapely.multipoints(part[["x", "y"]].to_numpy())
            reach = max(float(shapely.minimum_bounding_radius(cloud)), 100.0)
            text = str(part["text"].mode()[0])
            quarters.append(Group(text, fold_street(text).where, cloud, reach))
            index.add(street, part["text"].unique())
            rows.loc[part.index, "street"] = street
    rows = rows[rows["street"] >= 0]
    order = [*COLUMNS[:5], "x", "y"]
    return rows[COLUMNS].sort_values(order, ignore_index=True), quarters


def point_quarters(
    points: pd.DataFrame, area: StudyArea, groups: list[Group], index: StreetIndex
) -> list[Group]:
    """Return the named quarters and villages that the map shows as points."""
    named = points[(points["kind"] == "place") & points["place"].isin(list(QUARTERS))]
    x, y = area.to_metric(named["lat"], named["lon"])
    quarters: list[Group] = []
    texts = named[["name", "name_kk", "name_ru", "place"]].astype(object).to_numpy()
    for row, east, north in zip(texts, x, y, strict=True):
        names = [str(text) for text in row[:3] if isinstance(text, str)]
        index.add(len(groups) + len(quarters), names)
        reach = QUARTERS[row[3]]
        quarters.append(Group(names[0], QUARTER, shapely.Point(east, north), reach))
    return quarters


# -------------------------------------------------------------------------------------------


def _house_rows(points: pd.DataFrame, area: StudyArea) -> pd.DataFrame:
    known = points[points["housenumber"].notna() & points["street"].notna()]
    x, y = area.to_metric(known["lat"], known["lon"])
    rows = [
        (text, house.number, house.letter, house.part, house.block, east, north)
        for text, numbers, east, north in zip(
            known["street"].astype(str), known["housenumber"].astype(str), x, y, strict=True
        )
        for house in map(parse_house, _SEVERAL.split(numbers))
        if house is not None
    ]
    return pd.DataFrame(rows, columns=["text", *COLUMNS[1:]])


def _nearest_streets(rows: pd.DataFrame, groups: list[Group], index: StreetIndex) -> IntArray:
    """Give each house the best named, then nearest street within reach; −1 where there is none."""
    street = np.full(len(rows), -1)
    spots = point_array(rows)
    for text in rows["text"].unique():
        members = np.flatnonzero(rows["text"] == text)
        by_score: dict[float, list[int]] = {}
        for candidate, score in index.find(str(text)):
            by_score.setdefault(score, []).append(candidate)
        for _, candidates in sorted(by_score.items(), reverse=True):
            open_rows = members[street[members] < 0]
            if not len(open_rows):
                break
            lines = [groups[candidate].line for candidate in candidates]
            away = np.array([shapely.distance(spots[open_rows], line) for line in lines])
            nearest = away.argmin(axis=0)
            within = away.min(axis=0) <= HOUSE_REACH_M
            street[open_rows[within]] = np.array(candidates)[nearest[within]]
    return street
