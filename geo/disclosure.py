"""What may leave, for whom, at which grain: everything outside passes here first.

Nothing leaves by default: each role has a list of the columns it may see, and a column that is
on no list is dropped, whatever it is called. Counts below the role's least number are missing,
and so are zeros, so that the two cannot be told apart. Hazards, scores, shares and parts of the
explanation, from which counts could be worked back, stay with the prosecutor; the other roles
see classes, words and shares in quarters. Around one place: `geo.disclosure_near`; of the check of
the forecast: `geo.disclosure_forecast`; of light and the dark gap: `geo.disclosure_light`.

======================  =========  =============  =============  ===========
what                    public     planner        dispatcher     prosecutor
======================  =========  =============  =============  ===========
cells                   class, r8  class          classes by     all
                        from 10                   window
                        incidents
counts of cells         none       r9, from 5     none           all
sections                none       class, burden  classes by     all
                                   rank, light    window, light
counts of sections      none       none           from 3         all
schools                 yes        yes            yes            yes
lamps, cameras, routes  none       yes            yes            yes
light of streets,       none       minutes from   minutes from   minutes from
dark gap                           5 pupils       5 pupils       5 pupils
patrol visits           none       none           yes            yes
patrol gap, plans       none       none           classes, dose  all
                                                  in quarters,
                                                  last day
hotspot badge           none       yes, r10       yes, r10       yes
counts by quarter and   none       from 5         from 3         from 3
ring around a place
most influential        none       none           none           day, group, article,
incidents of a place                                             ring
points of incidents,    none       none           none           none
homes
check of the forecast   verdict,   all but kinds  all but kinds  all
                        whole      of offences    of offences
                        per cents  and sections   and sections
======================  =========  =============  =============  ===========

A role gets counts at one grain only: a coarser total less its finer parts would give away the
parts that are hidden.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo import columns as c
from geo.errors import UsageError
from geo.parameters import GROUPS, WINDOWS

PUBLIC, PLANNER, DISPATCHER, PROSECUTOR = "public", "planner", "dispatcher", "prosecutor"
ROLES = (PUBLIC, PLANNER, DISPATCHER, PROSECUTOR)

AGAINST_PERSONS = "against_persons"
"""The groups that hold sensitive offences, seen as one by all but the prosecutor."""

FOLDED_GROUPS = ("child", "violence")

PUBLIC_RESOLUTION = 8
PUBLIC_LEAST_INCIDENTS = 10
PLANNER_COUNT_RESOLUTION = 9
PLANNER_LEAST_INCIDENTS = 5
DISPATCHER_LEAST_INCIDENTS = 3


def disclose_cells(cells: pd.DataFrame, role: str, *, resolution: int) -> pd.DataFrame:
    """Return what a role may see of the cells of one resolution.

    The public sees resolution 8 alone and there the class of cells with ten or more incidents
    in the year; a cell with fewer looks like a cell with none. The planner sees classes, and
    counts of five and more at resolution 9. The dispatcher sees classes of the day and of each
    window, and no count.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> cells = pd.DataFrame({"h3_cell": [1, 2], "hazard_class": [4, 2],
    ...                       "hazard": [9.1, 2.2], "incidents_observed": [10, 9]})
    >>> disclose_cells(cells, "public", resolution=8).astype(object).values.tolist()
    [[1, 4], [2, <NA>]]
    """
    check_role(role)
    if role == PROSECUTOR:
        return cells.reset_index(drop=True)
    if role == PUBLIC:
        return _public_cells(cells, resolution)
    with_shares = _with_folded_shares(cells)
    if role == DISPATCHER:
        known = (*_class_columns(windows=True), *_share_columns(), c.HOTSPOT)
        return _only(with_shares, (c.H3_CELL, *known))
    known = (*_class_columns(windows=False), *_share_columns(), c.HOTSPOT)
    shown = _only(with_shares, (c.H3_CELL, *known))
    if resolution == PLANNER_COUNT_RESOLUTION and c.INCIDENTS_OBSERVED in cells:
        counts = suppressed_counts(cells[c.INCIDENTS_OBSERVED], PLANNER_LEAST_INCIDENTS)
        shown[c.INCIDENTS_OBSERVED] = counts.to_numpy()
    return shown


def disclose_sections(sections: pd.DataFrame, role: str) -> pd.DataFrame:
    """Return what a role may see of the street sections.

    The planner sees class, rank range of the route burden, light, children and labels; the
    dispatcher classes of the day and of each window, light, and counts of three and more. The
    public sees no section: a list of dark streets that children walk is a list of targets.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    if role == PROSECUTOR:
        return sections.reset_index(drop=True)
    if role == PUBLIC:
        return sections.iloc[:0][[c.SECTION_ID]].reset_index(drop=True)
    labels = tuple(name for name in sections.columns if name.startswith("label_"))
    with_shares = _with_folded_shares(sections)
    common = (c.SECTION_ID, c.GEOMETRY, c.LENGTH_M, *_STREET, *labels, *_LIGHT)
    if role == PLANNER:
        ranks = (c.BURDEN_RANK_LOW, c.BURDEN_RANK_HIGH, c.PUPILS)
        return _only(
            with_shares, (*common, *_class_columns(windows=False), *_share_columns(), *ranks)
        )
    shown = _only(with_shares, (*common, *_class_columns(windows=True), *_share_columns()))
    if c.INCIDENTS_OBSERVED in sections:
        counts = suppressed_counts(sections[c.INCIDENTS_OBSERVED], DISPATCHER_LEAST_INCIDENTS)
        shown[c.INCIDENTS_OBSERVED] = counts.to_numpy()
    return shown


def disclose_points(frame: pd.DataFrame, noun: str, role: str) -> pd.DataFrame:
    """Return what a role may see of points and lines other than sections.

    Parameters
    ----------
    noun
        ``schools``, ``lamps``, ``cameras``, ``camera_views``, ``down_assets``, ``routes``,
        ``patrol_visits``, ``incidents`` or ``homes``. The last two leave for nobody: incidents are
        shown in sums only.

    Returns
    -------
    The allowed columns; no rows where the role may not see the noun.

    Raises
    ------
    UsageError
        ``role_unknown`` or ``noun_unknown``.
    """
    check_role(role)
    if noun not in _POINTS:
        known = ", ".join(_POINTS)
        raise UsageError(f"Unknown noun {noun!r}; known are {known}.", code="noun_unknown")
    roles, columns = _POINTS[noun]
    shown = _only(frame, columns)
    return shown if role in roles else shown.iloc[:0]


def check_role(role: str) -> None:
    """Raise a `UsageError` (``role_unknown``) unless the role is one of `ROLES`."""
    if role not in ROLES:
        raise UsageError(
            f"Unknown role {role!r}; known are {', '.join(ROLES)}.", code="role_unknown"
        )


def suppressed_counts(counts: pd.Series, least: int) -> pd.Series:
    """Return counts with those below the least number missing, zeros too."""
    known = counts.astype("Int64")
    return known.mask((known < least).fillna(True).to_numpy(bool))


# -------------------------------------------------------------------------------------------

_STREET = (c.HIGHWAY, c.NAME, c.NAME_KK, c.NAME_RU, c.SIDEWALK, c.SURFACE)
_LIGHT = (c.LIGHT, "light_source", c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
_NAMES = (c.NAME, c.NAME_KK, c.NAME_RU)
_SPOT = (c.LAT, c.LON, c.GEOMETRY)
_STATE = ("working", "state", "broken_from", "down_since")
_STAFF = (PLANNER, DISPATCHER, PROSECUTOR)

_POINTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "schools": (ROLES, (c.SCHOOL_ID, *_NAMES, *_SPOT, "shift_times", "shift_times_assumed")),
    "lamps": (_STAFF, ("lamp_id", "number", *_SPOT, *_STATE, "broken_to")),
    "cameras": (_STAFF, ("camera_id", "number", *_SPOT, "kind", *_STATE, "connected")),
    "camera_views": (_STAFF, ("camera_id", "view", c.GEOMETRY)),
    "down_assets": (
        _STAFF,
        (
            "asset_id",
            "number",
            "asset",
            *_SPOT,
            "down_since",
            "school_ids",
            "metres",
            c.CHILD_MINUTES,
            "view",
        ),
    ),
    "routes": (_STAFF, (c.SECTION_ID, c.SCHOOL_ID, c.PUPILS, "metres")),
    "patrol_visits": ((DISPATCHER, PROSECUTOR), ("visit_id", *_SPOT, "arrived_at", "minutes")),
    "incidents": ((), ()),
    "homes": ((), ()),
}
"""Noun → the roles that may see it, and the columns they see."""


def _only(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    kept = [column for column in dict.fromkeys(columns) if column in frame]
    return frame[kept].reset_index(drop=True)


def _public_cells(cells: pd.DataFrame, resolution: int) -> pd.DataFrame:
    shown = _only(cells, (c.H3_CELL, c.HAZARD_CLASS))
    if resolution != PUBLIC_RESOLUTION:
        return shown.iloc[:0]
    few = (cells[c.INCIDENTS_OBSERVED] < PUBLIC_LEAST_INCIDENTS).to_numpy(bool)
    shown[c.HAZARD_CLASS] = shown[c.HAZARD_CLASS].astype("Int64").mask(few)
    return shown


def _class_columns(*, windows: bool) -> tuple[str, ...]:
    day = (c.HAZARD_CLASS, c.CONFIDENCE)
    if not windows:
        return day
    return day + tuple(
        c.of_window(column, window)
        for window in WINDOWS
        for column in (c.HAZARD_CLASS, c.CONFIDENCE, c.HOUR_FROM_TOWN)
    )


def _share_columns() -> tuple[str, ...]:
    return tuple(
        c.share_column(group)
        for group in (AGAINST_PERSONS, *(g for g in GROUPS if g not in FOLDED_GROUPS))
    )


def _with_folded_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Fold the sensitive groups and round every share to a quarter."""
    shares = {c.share_column(group): c.share_column(group) in frame for group in GROUPS}
    if not all(shares.values()):
        return frame
    folded = frame.copy(deep=False)  # columns are put in whole, none is written into
    folded[c.share_column(AGAINST_PERSONS)] = frame[
        [c.share_column(group) for group in FOLDED_GROUPS]
    ].sum(axis=1, min_count=1)
    for column in _share_columns():
        folded[column] = np.round(folded[column].to_numpy(float) * 4) / 4
    return folded
