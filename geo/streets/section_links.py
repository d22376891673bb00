"""Ids that outlive a new map: a section keeps its id where most of its geometry stays.

The map of a town is drawn anew every few months: streets are renamed, moved by a few metres,
cut by a new crossing, joined again. A flag or a list from last year must still find its street.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import columns as c
from geo.errors import FrameError
from geo.streets.line_overlap import nearest_metres, shared_metres, stretches_beside
from geo.streets.sections import Sections
from geo.study_area import StudyArea

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Lines = npt.NDArray[np.object_]

KEPT_SHARE = 0.6
"""Share of both the earlier and the new line that must lie beside the other to keep the id."""

REACH_M = 5.0
"""How far a street may be moved and still be the same, in metres."""

LEAST_LINK = 0.05
"""Smaller shares of an earlier section are corners of other streets, not links."""

_ROUNDING = 1e-6
_NO_EARLIER = pd.DataFrame({c.SECTION_ID: [], c.GEOMETRY: []}, dtype=object)


@dataclass(frozen=True)
class SectionIds:
    """Names for the sections of a new map.

    Attributes
    ----------
    ids
        One id for each section, in the order of the sections' frame; no two are equal.
    links
        old_id, new_id, share (of the earlier section's length, more than 0 and at most 1):
        where the earlier sections went that gave their id to none. Several rows where one was
        split, several rows with one ``new_id`` where some were merged, no row where one is
        gone. Sorted by old_id and new_id.
    """

    ids: npt.NDArray[np.object_]
    links: pd.DataFrame


@dataclass(frozen=True)
class EarlierMap:
    """The map of the run before, whose ids go on.

    Attributes
    ----------
    sections
        ``section_id`` and ``geometry`` (longitude, latitude).
    links
        ``old_id, new_id, share`` of the ids before that; None where the run kept none.
    """

    sections: pd.DataFrame
    links: pd.DataFrame | None


def lasting_sections(
    sections: Sections, earlier: EarlierMap | None, area: StudyArea
) -> tuple[Sections, pd.DataFrame]:
    """Return the sections under the ids of the map before, and the links of all earlier ids.

    Everything that is made of sections (parts, labels, routes, classes) must be made after
    this, so that one id means one section in all frames of a run.

    Parameters
    ----------
    sections
        The sections of the new map, named by their place.
    earlier
        None for the first run: the sections stay as they are.
    """
    before = _NO_EARLIER if earlier is None else earlier.sections
    now = carry_ids(sections, before, area)
    links = now.links.iloc[:0] if earlier is None or earlier.links is None else earlier.links
    return with_ids(sections, now.ids), chain_links(links, now)


def carry_ids(sections: Sections, earlier: pd.DataFrame, area: StudyArea) -> SectionIds:
    """Keep the ids of the map before wherever at least 60 % of a section's geometry stays.

    A section takes an earlier id when 60 % of its metres lie within 5 m of the earlier section
    and run the same way, and 60 % of the earlier one's metres likewise beside it. Each id is
    given once, to the best match: most metres shared, nearest. Names do not matter. A section
    without an earlier id is named by its own place; never by an id that stood for another
    section before.

    Parameters
    ----------
    sections
        The sections of the new map, named by their place.
    earlier
        ``section_id`` and ``geometry`` (longitude, latitude) of the run before; the order of
        rows does not matter. May be empty.
    area
        The study area; metres are those of its plane.
    """
    earlier = earlier[[c.SECTION_ID, c.GEOMETRY]].sort_values(c.SECTION_ID, ignore_index=True)
    old_ids = earlier[c.SECTION_ID].to_numpy(object)
    new_lines = _in_metres(sections.frame[c.GEOMETRY].to_numpy(), area)
    old_lines = _in_metres(earlier[c.GEOMETRY].to_numpy(), area)

    source = _unchanged(new_lines, old_lines)
    new = np.flatnonzero(source < 0)
    old = np.setdiff1d(np.arange(len(old_lines)), source)
    source[new] = np.append(old, -1)[_best_matches(new_lines[new], old_lines[old])]
    ids = _names(sections.frame[c.SECTION_ID].to_numpy(object), source, old_ids)

    left = np.setdiff1d(old, source)
    row, target, share = _whereabouts(old_lines[left], new_lines)
    links = pd.DataFrame({"old_id": old_ids[left[row]], "new_id": ids[target], "share": share})
    return SectionIds(ids, _sorted(links))


def with_ids(sections: Sections, ids: npt.NDArray[np.object_]) -> Sections:
    """Rename the sections and sort them by their new ids, with every edge's place on them.

    Parameters
    ----------
    ids
        One id for each row of the sections' frame.

    Raises
    ------
    FrameError
        Two ids are equal, or there are more or fewer of them than sections.
    """
    count = len(sections.frame)
    if len(ids) != count or len(set(ids)) != count:
        raise FrameError(f"sections: {len(set(ids))} different ids for {count} sections.")
    order = np.argsort(np.asarray(ids, str), kind="stable")
    position = np.empty(count, np.int64)
    position[order] = np.arange(count)
    texts = pd.Series(ids, dtype=sections.frame[c.SECTION_ID].dtype)
    renamed = sections.frame.assign(**{c.SECTION_ID: texts})
    return replace(
        sections,
        frame=renamed.iloc[order].reset_index(drop=True),
        edge_section=position[sections.edge_section],
    )


def chain_links(before: pd.DataFrame, now: SectionIds) -> pd.DataFrame:
    """Carry the links of earlier maps on to the newest, so that an id of any year is found.

    Shares multiply along the way; what falls under 5 % is dropped. An id that is in use again
    has no link.

    Parameters
    ----------
    before
        ``old_id, new_id, share`` of the run before.
    now
        Ids and links of the newest map.

    Returns
    -------
    DataFrame
        ``old_id, new_id, share`` of all earlier ids, those of ``now`` included.
    """
    alive = np.unique(np.asarray(now.ids, str)).tolist()
    stays = before[before["new_id"].astype(object).isin(alive)]
    onward = now.links.rename(columns={"old_id": "via_id", "new_id": "last_id", "share": "part"})
    moved = before.merge(onward, left_on="new_id", right_on="via_id")
    moved = moved.assign(new_id=moved["last_id"], share=moved["share"] * moved["part"])
    columns = ["old_id", "new_id", "share"]
    joined = pd.concat([stays[columns], moved[columns], now.links[columns]])
    joined = joined[~joined["old_id"].astype(object).isin(alive)].sort_values(columns)
    total = joined.groupby(["old_id", "new_id"], as_index=False)["share"].sum()
    return _sorted(total[total["share"] >= LEAST_LINK])


# -------------------------------------------------------------------------------------------


def _in_metres(lines: npt.ArrayLike, area: StudyArea) -> Lines:
    def project(corners: FloatArray) -> FloatArray:
        return np.column_stack(area.to_metric(corners[:, 1], corners[:, 0]))

    return np.asarray(shapely.transform(np.asarray(lines, object), project), object)


def _unchanged(new: Lines, old: Lines) -> IntArray:
    """Return the position of the earlier line with the very same corners, −1 where none has.

    Lines drawn twice at one place are paired in the order of their ids.
    """
    tables = []
    for lines in (new, old):
        table = pd.DataFrame({"shape": shapely.to_wkb(lines), "at": np.arange(len(lines))})
        tables.append(table.assign(twin=table.groupby("shape").cumcount()))
    both = tables[0].merge(tables[1], on=["shape", "twin"], suffixes=("_new", "_old"))
    source = np.full(len(new), -1)
    source[both["at_new"]] = both["at_old"]
    return source


def _best_matches(new: Lines, old: Lines) -> IntArray:
    """Return for each new line the earlier line whose id it keeps, −1 where there is none."""
    source = np.full(len(new), -1)
    if not len(new) or not len(old):
        return source
    forth = shared_metres(stretches_beside(new, old, REACH_M))
    back = shared_metres(stretches_beside(old, new, REACH_M))
    back = back.rename(columns={"line": "other", "other": "line"})
    pairs = forth.merge(back, on=["line", "other"], suffixes=("", "_back"))
    pairs["share"] = np.minimum(
        pairs["metres"] / shapely.length(new)[pairs["line"]],
        pairs["metres_back"] / shapely.length(old)[pairs["other"]],
    )
    pairs = pairs[pairs["share"] >= KEPT_SHARE - _ROUNDING]
    # A footway drawn four metres beside a street must not take the street's id.
    away = (pairs["distance_m"] + pairs["distance_m_back"]) / (2 * REACH_M)
    pairs = pairs.assign(merit=(pairs["share"] * (1 - away)).round(6))
    pairs = pairs.sort_values(["merit", "other", "line"], ascending=[False, True, True])
    given: set[int] = set()
    # A loop over the candidates, best first: each match decides what is left for the next.
    for line, other in zip(pairs["line"].tolist(), pairs["other"].tolist(), strict=True):
        if source[line] < 0 and other not in given:
            source[line] = other
            given.add(other)
    return source


def _names(
    own: npt.NDArray[np.object_], source: IntArray, old_ids: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return the earlier id, or the section's own where it stood for nothing else before."""
    ids = own.copy()
    ids[source >= 0] = old_ids[source[source >= 0]]
    taken = set(old_ids)
    for row in np.flatnonzero(source < 0):
        number = 0
        while ids[row] in taken:
            number += 1
            text = f"{own[row]}-{number}"
            ids[row] = "s" + hashlib.sha256(text.encode()).hexdigest()[:12]
        taken.add(ids[row])
    return ids


def _whereabouts(old: Lines, new: Lines) -> tuple[IntArray, IntArray, FloatArray]:
    """Return which new lines each earlier line went into, with the share of its length."""
    if not len(old) or not len(new):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    metres = nearest_metres(stretches_beside(old, new, REACH_M))
    row = metres["line"].to_numpy(np.int64)
    share = metres["metres"].to_numpy() / shapely.length(old)[row]
    linked = share >= LEAST_LINK
    target = metres["other"].to_numpy(np.int64)
    return row[linked], target[linked], np.minimum(share[linked], 1.0)


def _sorted(links: pd.DataFrame) -> pd.DataFrame:
    ordered = links.sort_values(["old_id", "new_id"], ignore_index=True)
    return ordered.astype({"old_id": "str", "new_id": "str", "share": float})
