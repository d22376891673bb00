"""What closed or newly lit streets would do to the walks of one school, for one role."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely.geometry

from api.answers import as_rows
from api.dependencies import OpenedSnapshot, Published
from api.kept_ways import KeptWays, LabelledPlaces, kept_ways
from api.school_moment import school_moment
from api.school_walk import find_school
from api.section_lookup import get_section_row
from geo import columns as c
from geo.disclosure import PROSECUTOR
from geo.disclosure_walks import (
    WALK_LEAST_PUPILS,
    disclose_change,
    disclose_changed_sections,
    disclose_count,
)
from geo.errors import NotFoundError, UsageError
from geo.streets.alternatives import LIGHT_M, CalmChoice
from geo.streets.walk_changes import DARK_M, WalkChange, walk_change
from maps.labels import local_name, school_label, section_label
from maps.what_if_texts import WhatIfFacts, what_if_notes, what_if_sentence

IntArray = npt.NDArray[np.int64]

LISTED_SECTIONS = 200
_TOLD_M = ("metres", *LIGHT_M, DARK_M)


@dataclass(frozen=True)
class StreetChange:
    """What would be other than now, by section ids.

    Attributes
    ----------
    close
        Nobody can walk there.
    light
        Lit over the whole length.
    """

    close: Sequence[str] = ()
    light: Sequence[str] = ()


def walk_what_if(
    published: Published,
    school: str,
    change: StreetChange,
    *,
    at: dt.datetime | None,
    role: str,
    lang: str,
) -> dict[str, Any]:
    """Return the walks of a school before and after streets are closed or lit.

    Parameters
    ----------
    school
        Id, number or name.
    at
        Local wall time, which decides whether it is dark; None for the next way to school.

    Raises
    ------
    NotFoundError
        ``school_unknown``, ``section_unknown``, ``section_moved``.
    NoDataError
        ``nothing_published``, ``inputs_changed``.
    UsageError
        ``what_if_empty``, ``school_ambiguous``, ``time_invalid``.
    """
    if not change.close and not change.light:
        raise UsageError("Name at least one section to close or to light.", code="what_if_empty")
    kept = kept_ways(published)
    opened = published.get(kept.streets.run_id)
    row = find_school(opened, school)
    closed, lit = (_positions(opened, kept, ids, role) for ids in (change.close, change.light))
    moment = school_moment(published.workspace, row, at, opened.as_of)
    ids = kept.streets.inputs.schools[c.SCHOOL_ID]
    position = int(np.flatnonzero((ids == row[c.SCHOOL_ID].iloc[0]).to_numpy(bool))[0])
    changed = walk_change(kept.of(position, dark=moment.is_dark), closed, lit, CalmChoice())
    told = _told(changed, role)
    facts = WhatIfFacts(
        label=school_label(local_name(as_rows(row)[0], c.NAME, lang), lang),
        closed=len(closed),
        lit=len(lit),
        dark=moment.is_dark,
        pupils=told[c.PUPILS],
        affected=told["affected_pupils"],
        unreachable=told["unreachable_pupils"],
        before=told["before"],
        after=told["after"],
        least_pupils=WALK_LEAST_PUPILS[role],
    )
    return {
        c.SCHOOL_ID: row[c.SCHOOL_ID].iloc[0],
        "label": facts.label,
        "role": role,
        "at": moment.at.isoformat(timespec="minutes"),
        "time_zone": published.workspace.region.time_zone,
        "dark": moment.is_dark,
        "closed_sections": facts.closed,
        "lit_sections": facts.lit,
        **told,
        "sections": _Shown(kept, kept.places(opened, role), role, lang).collection(
            changed.sections, closed, lit
        ),
        "least_pupils": facts.least_pupils,
        "sentence": what_if_sentence(facts, lang),
        "notes": what_if_notes(facts, lang),
        "run_id": opened.snapshot.run_id,
        "as_of": opened.as_of.isoformat(),
    }


# -------------------------------------------------------------------------------------------


def _positions(opened: OpenedSnapshot, kept: KeptWays, ids: Sequence[str], role: str) -> IntArray:
    """Return the positions of sections by their ids, each once.

    Raises
    ------
    NotFoundError
        ``section_unknown``, ``section_moved``.
    """
    wanted = pd.Index(list(dict.fromkeys(ids)), dtype=object)
    unknown = wanted[~wanted.isin(opened.disclosed_sections(role).index)]
    if len(unknown) == 1:
        get_section_row(opened, str(unknown[0]), role)
    if len(unknown):
        first = ", ".join(map(repr, unknown[:10]))
        raise NotFoundError(
            f"{len(unknown)} of the {len(wanted)} sections are not in this run: {first}.",
            code="section_unknown",
        )
    return np.asarray(kept.positions.get_indexer(wanted), np.int64)


def _told(change: WalkChange, role: str) -> dict[str, Any]:
    """Return numbers and means as a role may see them; none of a change for too few."""
    affected = disclose_change(change.affected_pupils, role)
    before = after = hazard = None
    if affected is not None and not math.isnan(change.before["calm"]["metres"]):
        before, after = _means(change.before), _means(change.after)
        was = change.before["calm"][c.HAZARD]
        if role == PROSECUTOR and was > 0:
            hazard = round(change.after["calm"][c.HAZARD] / was - 1, 4)
    return {
        c.PUPILS: disclose_count(change.pupils, role),
        "affected_pupils": affected,
        "unreachable_pupils": disclose_change(change.unreachable_pupils, role),
        "before": before,
        "after": after,
        "hazard_change_share": hazard,
    }


def _means(ways: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {way: {name: round(one[name]) for name in _TOLD_M} for way, one in ways.items()}


@dataclass(frozen=True)
class _Shown:
    """Sections as a role may see them in a language."""

    kept: KeptWays
    places: LabelledPlaces
    role: str
    lang: str

    def collection(self, rows: pd.DataFrame, closed: IntArray, lit: IntArray) -> dict[str, Any]:
        """Return what is closed or lit, then the sections that pupils leave or take to."""
        told = disclose_changed_sections(rows, self.role)
        moved = {
            section: (_whole(before), _whole(after))
            for section, before, after in told.itertuples(index=False)
        }
        state = {**dict.fromkeys(lit.tolist(), "lit"), **dict.fromkeys(closed.tolist(), "closed")}
        order = list(dict.fromkeys([*closed.tolist(), *lit.tolist(), *moved]))
        features = [
            self._feature(one, state.get(one), moved.get(one, (None, None)))
            for one in order[:LISTED_SECTIONS]
        ]
        return {
            "type": "FeatureCollection",
            "features": [feature for feature in features if feature is not None],
            "number_matched": len(order),
        }

    def _feature(
        self, position: int, state: str | None, moved: tuple[int | None, int | None]
    ) -> dict[str, Any] | None:
        """Return a section; None for one that the role does not see."""
        place = self.places.row(str(self.kept.positions[position]))
        if place is None:
            return None
        told = {
            c.SECTION_ID: place[c.SECTION_ID],
            "label": section_label(place, self.lang),
            "change": state,
            "pupils_before": moved[0],
            "pupils_after": moved[1],
        }
        mapped = shapely.geometry.mapping(place[c.GEOMETRY])
        return {"type": "Feature", "geometry": mapped, "properties": told}


def _whole(value: Any) -> int | None:
    return None if value is pd.NA else int(value)
