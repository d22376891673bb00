"""Say in data where each section lies, so that a person finds it: the words come later.

Two thirds of a town's streets may bear no name; such a section is told by the named street it
leaves, by a school near it, or at last by the district.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from geo import columns as c
from geo.streets.crossing_names import StreetsAtNodes, named_crossings, section_streets
from geo.streets.network import FloatArray, IntArray, StreetNetwork
from geo.streets.sections import Sections, street_keys
from geo.study_area import StudyArea

LABEL_KINDS = ("between", "from", "along", "branch", "near_school", "district")
COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
SCHOOL_REACH_M = 300.0
SETTLEMENTS = (
    *("city", "borough", "suburb", "quarter", "neighbourhood", "city_block", "town", "village"),
    *("hamlet", "allotments", "isolated_dwelling", "farm", "locality"),
)


def section_labels(
    sections: Sections, network: StreetNetwork, points: pd.DataFrame, area: StudyArea
) -> pd.DataFrame:
    """Describe every section by what is named on it and near it; no two get the same label.

    Parameters
    ----------
    sections, network
        The sections and the network that they were cut from.
    points
        ``kind`` (``school`` and ``place`` are used), ``name, name_kk, name_ru, ref, place, lat,
        lon``.
    area
        The study area; its name and middle serve where the map names no place.

    Returns
    -------
    labels
        On the sections' index: ``label_kind``; ``label_name``, ``label_from``, ``label_to``, each
        also with ``_kk`` and ``_ru`` (missing where the map has none: take the plain one);
        ``label_bearing`` (`COMPASS`); ``label_distance_m`` (in tens of metres, hundreds from one
        kilometre on); ``label_ordinal``, from 1, west to east among sections that would read
        alike in any of the languages. Kinds, with what they fill:

        * ``between``: a named street (name) and the nearest named streets that cross it on both
          sides (from, to, in order of the alphabet);
        * ``from``: as before, with one crossing (from);
        * ``along``: a named street that no named street crosses (name);
        * ``branch``: unnamed, leaves a named street (name) in a direction (bearing);
        * ``near_school``: unnamed, at most 300 m from a named school (name, distance);
        * ``district``: else; the nearest named place, or the town (name, bearing, distance).
    """
    names, schools, places = _names(network, points, area)
    lines = _metric_lines(sections, area)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    street = section_streets(sections, network)
    nearby = StreetsAtNodes.of(network)

    named = _label_named(street, *named_crossings(sections, street, nearby))
    branches = _label_branches(sections, network, nearby, street, middle)
    rest = np.setdiff1d(np.arange(len(street)), np.concatenate([named.index, branches.index]))
    near = _label_schools(lines, schools, rest)
    rest = np.setdiff1d(rest, near.index)
    labels = pd.concat([named, branches, near, _label_district(middle, places, rest)])
    labels = labels.sort_index()
    return _with_names(labels.assign(ordinal=_ordinals(labels, names, middle)), names)


# -------------------------------------------------------------------------------------------


_NO_NAMES = {c.NAME_KK: None, c.NAME_RU: None}


@dataclass(frozen=True)
class _Sights:
    """Named points to tell a place by: metres, and rows of the table of names."""

    x: FloatArray
    y: FloatArray
    row: IntArray


def _names(
    network: StreetNetwork, points: pd.DataFrame, area: StudyArea
) -> tuple[pd.DataFrame, _Sights, _Sights]:
    """Gather every name once: streets (rows = street numbers), then schools, then places."""
    streets = network.ways[[c.NAME, c.NAME_KK, c.NAME_RU]]
    streets = streets.groupby(street_keys(network.ways)).first().drop(-1, errors="ignore")
    schools = points[points["kind"] == "school"]
    schools = schools.assign(name=_plain(schools).fillna(schools["ref"])).dropna(subset=c.NAME)
    places = points[(points["kind"] == "place") & points["place"].isin(SETTLEMENTS)]
    places = places.assign(name=_plain(places)).dropna(subset=c.NAME)
    if places.empty:
        centre = area.boundary.centroid
        places = pd.DataFrame(
            {
                c.NAME: [area.name],
                c.NAME_KK: None,
                c.NAME_RU: None,
                c.LAT: centre.y,
                c.LON: centre.x,
            }
        )
    names = pd.concat(
        [part[[c.NAME, c.NAME_KK, c.NAME_RU]].astype("str") for part in (streets, schools, places)],
        ignore_index=True,
    )
    names[c.NAME] = _plain(names)

    sights = []
    for part, start in ((schools, len(streets)), (places, len(streets) + len(schools))):
        x, y = area.to_metric(part[c.LAT], part[c.LON])
        sights.append(_Sights(x, y, start + np.arange(len(part))))
    return names, sights[0], sights[1]


def _plain(frame: pd.DataFrame) -> pd.Series:
    return frame[c.NAME].fillna(frame[c.NAME_KK]).fillna(frame[c.NAME_RU])


def _metric_lines(sections: Sections, area: StudyArea) -> npt.NDArray[np.object_]:
    def project(corners: FloatArray) -> FloatArray:
        return np.column_stack(area.to_metric(corners[:, 1], corners[:, 0]))

    return np.asarray(shapely.transform(sections.frame.geometry.to_numpy(), project), object)


def _label_named(street: IntArray, low: IntArray, high: IntArray) -> pd.DataFrame:
    """Tell a named street by the named streets that cross it."""
    named = np.flatnonzero(street >= 0)
    low, high = low[named], high[named]
    kind = np.select([low >= 0, high >= 0], ["between", "from"], "along")
    ends = {"from": np.where(low >= 0, low, high), "to": np.where(low >= 0, high, -1)}
    return _labels(named, kind, {"name": street[named], **ends})


def _label_branches(
    sections: Sections,
    network: StreetNetwork,
    nearby: StreetsAtNodes,
    street: IntArray,
    middle: FloatArray,
) -> pd.DataFrame:
    """Let an unnamed section leave the longer of the named streets at its ends."""
    unnamed = np.flatnonzero(street < 0)
    u, v = (sections.frame[end].to_numpy(np.int64)[unnamed] for end in ("node_u", "node_v"))
    length_m = np.append(nearby.street_length_m, -1.0)
    from_u = length_m[nearby.first[u]] >= length_m[nearby.first[v]]
    node = np.where(from_u, u, v)
    leaves = nearby.first[node] >= 0
    unnamed, node = unnamed[leaves], node[leaves]
    away = middle[unnamed] - np.column_stack([network.x[node], network.y[node]])
    filled = {"name": nearby.first[node], "bearing": _bearing(away)}
    return _labels(unnamed, "branch", filled)


def _label_schools(
    lines: npt.NDArray[np.object_], schools: _Sights, rest: IntArray
) -> pd.DataFrame:
    """Name the nearest school of every section that has one within reach."""
    tree = shapely.STRtree(np.asarray(shapely.points(schools.x, schools.y), object).ravel())
    (found, school), distance = tree.query_nearest(
        lines[rest], max_distance=SCHOOL_REACH_M, return_distance=True
    )
    order = np.lexsort((school, distance, found))
    order = order[np.flatnonzero(np.diff(found[order], prepend=-1))]
    filled = {"name": schools.row[school[order]], "distance": _rounded(distance[order])}
    return _labels(rest[found[order]], "near_school", filled)


def _label_district(middle: FloatArray, places: _Sights, rest: IntArray) -> pd.DataFrame:
    """Name the nearest settlement, with the way and distance from its middle."""
    centres = np.column_stack([places.x, places.y])
    distance, place = KDTree(centres).query(middle[rest])
    filled = {
        "name": places.row[place],
        "bearing": _bearing(middle[rest] - centres[place]),
        "distance": _rounded(np.asarray(distance)),
    }
    return _labels(rest, "district", filled)


def _labels(
    index: IntArray, kind: str | npt.NDArray[np.str_], filled: dict[str, IntArray]
) -> pd.DataFrame:
    """Hold labels as rows of the table of names and other whole numbers; −1 is not filled."""
    blank = {"name": -1, "from": -1, "to": -1, "bearing": -1, "distance": -1}
    return pd.DataFrame({"kind": kind, **blank, **filled}, index=index)


def _bearing(away: FloatArray) -> IntArray:
    turns = np.arctan2(away[:, 0], away[:, 1]) / (2 * np.pi)
    return np.round(8 * turns).astype(np.int64) % 8


def _rounded(distance_m: FloatArray) -> IntArray:
    """Round to tens, from one kilometre on to hundreds; never to nothing."""
    step = np.where(distance_m < 1000, 10, 100)
    return np.maximum(np.round(distance_m / step) * step, 10).astype(np.int64)


def _ordinals(labels: pd.DataFrame, names: pd.DataFrame, middle: FloatArray) -> IntArray:
    """Count west to east among the labels that read alike in any language."""
    alike = np.append(_alike_names(names), -1)
    look = labels.assign(**{part: alike[labels[part]] for part in ("name", "from", "to")})
    group = look.groupby([*look.columns]).ngroup().to_numpy()
    order = np.lexsort((middle[:, 1], middle[:, 0], group))
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    ordinal = np.empty(len(labels), np.int64)
    run = np.arange(len(labels))
    ordinal[order] = run - start[np.searchsorted(start, run, side="right") - 1] + 1
    return ordinal


def _alike_names(names: pd.DataFrame) -> IntArray:
    """Give names one number where any language may show them alike."""
    shown = [names[column].fillna(names[c.NAME]) for column in names]
    text, _ = pd.factorize(pd.concat(shown, ignore_index=True))
    row = np.tile(np.arange(len(names)), 3)
    size = len(names) + text.max() + 1
    links = coo_array((np.ones(len(row)), (row, len(names) + text)), shape=(size, size))
    return connected_components(links, directed=False)[1][: len(names)].astype(np.int64)


def _with_names(labels: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Put texts in the place of numbers."""
    frame = pd.DataFrame({c.LABEL_KIND: labels["kind"]})
    for part in ("name", "from", "to"):
        for ending in ("", "_kk", "_ru"):
            frame[f"label_{part}{ending}"] = _texts([*names[c.NAME + ending], None], labels[part])
    frame["label_bearing"] = _texts([*COMPASS, None], labels["bearing"])
    frame["label_distance_m"] = labels["distance"].where(labels["distance"] >= 0).astype("Int64")
    frame["label_ordinal"] = labels["ordinal"]
    return frame


def _texts(texts: list[str | None], rows: pd.Series) -> pd.Series:
    return pd.Series(texts, dtype="str").iloc[rows.to_numpy()].set_axis(rows.index)
