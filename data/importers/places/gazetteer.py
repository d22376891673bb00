"""Streets, addresses and crossings of the town's map, to find a place that is told in words.

Built once per import. A street is a set of ways that share a name and lie together: two villages
may each have a «Садовая», which are two streets. Names in Kazakh, Russian and English, old and
other names all lead to the street. Houses count along their street, or within their quarter where
the town numbers by quarters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from data.importers.places.gazetteer_houses import (
    Group,
    house_table,
    linked_groups,
    point_array,
    point_quarters,
)
from data.importers.places.street_index import OTHER_NAME, Rename, StreetIndex
from data.importers.places.street_names import fold_street, name_variants
from data.importers.street_map.osm_extract import OTHER_NAMES, OsmExtract
from geo.study_area import StudyArea

JOINED_M = 500.0
"""Ways of one name at most so far apart are one street."""
SAME_CROSSING_M = 100.0
"""Meetings of the same two streets within this are one crossing (two carriageways make four)."""
_NAMES = ("name", "name_kk", "name_ru")

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Lines = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Gazetteer:
    """What the map knows by name; metres are those of the study area's plane.

    Attributes
    ----------
    area
        The study area.
    streets
        Index: street id. ``name`` (as the map shows it), ``where`` (class of its kind),
        ``length_m`` (0 for a quarter known by its houses or its point alone), ``reach_m`` (how far
        its middle may be from any place in it).
    lines
        By street id, a MultiLineString in metres; points for a quarter without a line.
    index
        Finds street ids by a written name.
    addresses
        ``street``, ``number``, ``letter``, ``part``, ``block``, ``x``, ``y``; sorted.
    crossings
        ``street``, ``other``, ``x``, ``y``, ``spread_m``: every place where two named streets
        meet, listed for both; sorted.
    edges
        ``street``, ``x1``, ``y1``, ``x2``, ``y2``: the straight pieces of every street.
    """

    area: StudyArea
    streets: pd.DataFrame
    lines: Lines
    index: StreetIndex
    addresses: pd.DataFrame
    crossings: pd.DataFrame
    edges: pd.DataFrame

    def houses(self, street: int) -> pd.DataFrame:
        """Return the known addresses of a street."""
        return _rows_of(self.addresses, street)

    def meetings(self, street: int, other: int) -> pd.DataFrame:
        """Return the places where two streets meet; none where the map knows none."""
        rows = _rows_of(self.crossings, street)
        return rows[rows["other"] == other]

    def pieces(self, street: int) -> pd.DataFrame:
        """Return the straight pieces of a street."""
        return _rows_of(self.edges, street)


def build_gazetteer(
    extract: OsmExtract, area: StudyArea, renames: Iterable[Rename] = ()
) -> Gazetteer:
    """Gather streets, addresses and crossings from a map."""
    ways, lines, chain = _named_ways(extract, area)
    street_of_way = _group_ways(ways, lines)
    index = StreetIndex()
    groups = _street_groups(ways, lines, street_of_way)
    _learn_names(index, ways, street_of_way)
    houses, more = house_table(extract.points, area, groups, index)
    groups += more
    groups += point_quarters(extract.points, area, groups, index)
    index.rename(renames)

    edges = _edges(chain, street_of_way)
    return Gazetteer(
        area=area,
        streets=pd.DataFrame(
            {
                "name": [group.name for group in groups],
                "where": [group.where for group in groups],
                "length_m": [shapely.length(group.line) for group in groups],
                "reach_m": [group.reach_m for group in groups],
            },
        ),
        lines=np.array([group.line for group in groups], object),
        index=index,
        addresses=houses,
        crossings=_crossings(chain, street_of_way),
        edges=edges,
    )


# -------------------------------------------------------------------------------------------


def _rows_of(frame: pd.DataFrame, street: int) -> pd.DataFrame:
    first, last = np.searchsorted(frame["street"].to_numpy(), [street, street + 1])
    return frame.iloc[first:last]


def _named_ways(extract: OsmExtract, area: StudyArea) -> tuple[pd.DataFrame, Lines, pd.DataFrame]:
    """Return the ways with a name, their lines, and their nodes in way order, all in metres."""
    columns = [name for name in (*_NAMES, *OTHER_NAMES) if name in extract.ways]
    ways = extract.ways[["way_id", *columns]]
    ways = ways[ways[[*_NAMES]].notna().any(axis=1)].reset_index(drop=True)
    plain = ways["name"].fillna(ways["name_kk"]).fillna(ways["name_ru"])
    ways = ways.assign(plain=plain)
    position = pd.Series(np.arange(len(ways)), index=ways["way_id"])
    way = extract.way_nodes["way_id"].map(position)
    chain = pd.DataFrame(
        {
            "way": way[way.notna()].astype(int).to_numpy(),
            "node": extract.way_nodes.loc[way.notna(), "node_id"].to_numpy(),
        }
    ).sort_values("way", kind="stable", ignore_index=True)
    nodes = extract.nodes.set_index("node_id").reindex(chain["node"])
    chain["x"], chain["y"] = area.to_metric(nodes["lat"], nodes["lon"])
    corners = chain[["x", "y"]].to_numpy()
    lines = np.asarray(shapely.linestrings(corners, indices=chain["way"].to_numpy()), object)
    return ways, lines, chain


def _group_ways(ways: pd.DataFrame, lines: Lines) -> IntArray:
    """Give each way its street: ways that share a key and a class of kind and lie together."""
    shared: dict[tuple[str, str], set[int]] = {}
    for column in ("plain", "name_kk", "name_ru"):
        for way, text in ways[column].dropna().items():
            # What stands in brackets is an old or second name, which may be another street's too.
            for name in name_variants(text)[:1]:
                folded = fold_street(name)
                shared.setdefault((folded.key, folded.where), set()).add(int(way))  # type: ignore[call-overload]
    pairs = []
    for members in shared.values():
        group = np.array(sorted(members))
        tree = shapely.STRtree(lines[group])
        pairs.append(group[tree.query(lines[group], "dwithin", JOINED_M)])
    return linked_groups(len(ways), pairs)


def _street_groups(ways: pd.DataFrame, lines: Lines, street: IntArray) -> list[Group]:
    groups = []
    for _, rows in pd.Series(np.arange(len(ways))).groupby(street):
        length = pd.Series(shapely.length(lines[rows]), index=rows)
        longest = length.groupby(ways["plain"][rows].to_numpy()).sum().idxmax()
        name = next(iter(name_variants(str(longest))), str(longest))
        line = shapely.multilinestrings(lines[rows])
        reach = float(shapely.minimum_bounding_radius(line))
        groups.append(Group(name, fold_street(name).where, line, reach))
    return groups


def _learn_names(index: StreetIndex, ways: pd.DataFrame, street: IntArray) -> None:
    """Let each street bear the names of its ways; old and further names at their cost."""
    for columns, cost in ((_NAMES, 0.0), (tuple(OTHER_NAMES), OTHER_NAME)):
        borne = {
            (int(number), text)
            for column in columns
            if column in ways
            for number, text in zip(street, ways[column].tolist(), strict=True)
            if isinstance(text, str)
        }
        for number, text in sorted(borne):
            index.add(number, [text], cost)


def _edges(chain: pd.DataFrame, street_of_way: IntArray) -> pd.DataFrame:
    way = chain["way"].to_numpy()
    first = np.flatnonzero(way[:-1] == way[1:])
    x, y = chain["x"].to_numpy(), chain["y"].to_numpy()
    edges = pd.DataFrame(
        {
            "street": street_of_way[way[first]],
            "x1": x[first],
            "y1": y[first],
            "x2": x[first + 1],
            "y2": y[first + 1],
        }
    )
    return edges.sort_values("street", kind="stable", ignore_index=True)


def _crossings(chain: pd.DataFrame, street_of_way: IntArray) -> pd.DataFrame:
    """List the nodes that two streets share, those close together as one."""
    at = chain.assign(street=street_of_way[chain["way"]]).drop_duplicates(["node", "street"])
    at = at[at["node"].duplicated(keep=False)][["node", "street", "x", "y"]]
    pairs = at.merge(at[["node", "street"]].rename(columns={"street": "other"}), on="node")
    pairs = pairs[pairs["street"] != pairs["other"]].reset_index(drop=True)
    points = point_array(pairs)
    one, two = shapely.STRtree(points).query(points, "dwithin", SAME_CROSSING_M)
    street, other = pairs["street"].to_numpy(), pairs["other"].to_numpy()
    same = (street[one] == street[two]) & (other[one] == other[two])
    place = linked_groups(len(pairs), [np.array([one[same], two[same]])])

    frame = pairs.assign(place=place)
    met = frame.groupby(["street", "other", "place"], as_index=False)[["x", "y"]].mean()
    frame = frame.merge(met, on=["street", "other", "place"], suffixes=("", "_mid"))
    frame["spread_m"] = np.hypot(frame["x"] - frame["x_mid"], frame["y"] - frame["y_mid"])
    spread = frame.groupby(["street", "other", "place"], as_index=False)["spread_m"].max()
    return met.merge(spread, on=["street", "other", "place"]).drop(columns="place")
