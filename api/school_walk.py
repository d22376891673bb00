"""The walk to one school at one moment, put together from a snapshot for one role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely.geometry

from api.answers import as_rows
from api.dependencies import OpenedSnapshot
from api.school_gates import gates_answer
from api.school_moment import Moment, moment_answer, school_moment
from data.workspace import Workspace
from geo import columns as c
from geo.disclosure import PROSECUTOR, PUBLIC
from geo.disclosure_walks import (
    WALK_LEAST_PUPILS,
    disclose_count,
    disclose_recommended,
    disclose_walked,
)
from geo.errors import NotFoundError, UsageError
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.alternatives import LIGHT_M
from geo.streets.walk_card import WalkTotals, walk_totals, walked_sections
from maps.labels import local_name, school_label, section_label
from maps.translations import LANGUAGES
from maps.walk_texts import WalkFacts, walk_sentences


def school_walk(
    workspace: Workspace,
    opened: OpenedSnapshot,
    school: str,
    *,
    at: dt.datetime | None,
    role: str,
    lang: str,
) -> dict[str, Any]:
    """Return a school's walk at a local time: its streets, their light, the calm way.

    Parameters
    ----------
    school
        Id, number or name.
    at
        Local wall time; None for the way to the first shift on the next school day.

    Raises
    ------
    NotFoundError
        ``school_unknown``.
    UsageError
        ``school_ambiguous``, ``time_invalid``.
    """
    row = find_school(opened, school)
    as_of = dt.date.fromisoformat(opened.snapshot.run_card["as_of"])
    walk = _Walk(opened, row, school_moment(workspace, row, at, as_of))
    facts = _facts(walk, role, lang)
    return {
        c.SCHOOL_ID: walk.school_id,
        "label": facts.label,
        "role": role,
        "at": walk.moment.at.isoformat(timespec="minutes"),
        "time_zone": workspace.region.time_zone,
        **moment_answer(walk.moment, lang),
        "walk": _walk_answer(walk, role),
        "gates": walk.gates(role),
        "sections": _section_features(walk, role, lang),
        "alternative": facts.alternative,
        "recommended": _recommended_lines(walk, role),
        "unreachable_homes": facts.unreachable_homes,
        "school_unreachable": facts.school_unreachable,
        "least_pupils": WALK_LEAST_PUPILS[role],
        "sentences": walk_sentences(facts, lang),
        "run_id": opened.snapshot.run_id,
        "as_of": as_of.isoformat(),
    }


def find_school(opened: OpenedSnapshot, text: str) -> pd.DataFrame:
    """Return the one school that an id, a number or a name means, as a frame of one row.

    Raises
    ------
    NotFoundError
        ``school_unknown``.
    UsageError
        ``school_ambiguous``: several schools bear the name.
    """
    schools = opened.frame("schools")
    found = schools[(schools[c.SCHOOL_ID] == text).to_numpy(bool)]
    if found.empty:
        wanted = school_label(text, "en").casefold()
        rows = as_rows(schools)
        named = [
            any(
                school_label(local_name(row, c.NAME, lang), "en").casefold() == wanted
                for lang in LANGUAGES
            )
            for row in rows
        ]
        found = schools[np.array(named, bool)]
    if found.empty:
        raise NotFoundError(
            f"There is no school {text[:64]!r} in this run; GET /schools lists them.",
            code="school_unknown",
        )
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} schools are called {text[:64]!r}; name one by its school_id.",
            code="school_ambiguous",
        )
    return found.reset_index(drop=True)


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Walk:
    """One school's walk at one moment, before anybody's grain."""

    opened: OpenedSnapshot
    school: pd.DataFrame
    moment: Moment

    @property
    def school_id(self) -> str:
        return str(self.school[c.SCHOOL_ID].iloc[0])

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The streets of the shortest ways."""
        routes, sections = self.opened.frame("routes"), self.opened.frame("sections")
        return walked_sections(routes, sections, self.school, HazardParameters())

    @cached_property
    def compared(self) -> pd.Series | None:
        """Both ways compared at this darkness, None where the run has no such comparison."""
        found = self._at_this_darkness("school_walks")
        return None if found is None or found.empty else found.iloc[0]

    @cached_property
    def recommended(self) -> pd.DataFrame:
        """The streets of the calm ways; of the shortest where the run kept no calm ones."""
        calm = self._at_this_darkness("calm_routes")
        return self.rows if calm is None else calm

    @cached_property
    def totals(self) -> WalkTotals:
        known = self.school[c.PUPILS].iloc[0] if self.compared is None else self.compared[c.PUPILS]
        return walk_totals(self.rows, None if pd.isna(known) else float(known))

    def gates(self, role: str) -> list[dict[str, Any]]:
        """Return the gates that a role may see."""
        return gates_answer(self.opened, self.school_id, self.compared, role)

    def unless_off(self, minutes: float) -> float | None:
        """Return minutes of a school day; on a day without school they are hidden, not zero."""
        return None if self.moment.school_day is False else minutes

    def _at_this_darkness(self, name: str) -> pd.DataFrame | None:
        if f"{name}.parquet" not in self.opened.snapshot.manifest["files"]:
            return None
        frame = self.opened.frame(name)
        own = (frame[c.SCHOOL_ID] == self.school_id) & (frame["dark"] == self.moment.is_dark)
        return frame[own.to_numpy(bool)]


def _facts(walk: _Walk, role: str, lang: str) -> WalkFacts:
    told = walk.opened.snapshot.run_card["streets"]["routes"]
    pupils = disclose_count(walk.totals.pupils, role)
    sun = walk.moment.sun
    return WalkFacts(
        label=school_label(local_name(as_rows(walk.school)[0], c.NAME, lang), lang),
        at=walk.moment.at,
        darkness=walk.moment.darkness,
        sunrise=None if np.isnat(sun.sunrise) else str(sun.sunrise)[11:16],
        sunset=None if np.isnat(sun.sunset) else str(sun.sunset)[11:16],
        school_day=walk.moment.school_day,
        calendar_verified=walk.moment.verified,
        pupils=pupils,
        mean_m=None if pupils is None else walk.totals.mean_m,
        alternative=None if pupils is None else _alternative(walk.compared, role),
        shifts_assumed=bool(walk.school["shift_times_assumed"].iloc[0]),
        homes_assumed=told.get("origins_basis") not in {None, "homes"},
        school_unreachable=walk.school_id in told["unreachable_schools"],
        unreachable_homes=disclose_count(told["unreachable_homes"], role),
        least_pupils=WALK_LEAST_PUPILS[role],
        gates_assumed=walk.school_id in told.get("schools_without_gate", ()),
    )


def _alternative(compared: pd.Series | None, role: str) -> dict[str, Any] | None:
    """Return both ways side by side; the change of hazard is the prosecutor's alone."""
    if compared is None or not compared[c.PUPILS] > 0:
        return None
    names = ("metres", *LIGHT_M)
    longer = float(compared["metres"] - compared["shortest_metres"])
    hazard = float(compared[f"shortest_{c.HAZARD}"]) if role == PROSECUTOR else 0.0
    return {
        "calm": {name: round(float(compared[name]), 1) for name in names},
        "shortest": {name: round(float(compared[f"shortest_{name}"]), 1) for name in names},
        "detour_m": round(longer, 1),
        "detour_share": round(longer / max(float(compared["shortest_metres"]), 1.0), 4),
        "hazard_change_share": round(float(compared[c.HAZARD]) / hazard - 1, 4) if hazard else None,
    }


def _walk_answer(walk: _Walk, role: str) -> dict[str, Any] | None:
    totals, days = walk.totals, walk.moment.month_days
    pupils = disclose_count(totals.pupils, role)
    if role == PUBLIC or (totals.pupils is not None and pupils is None):
        return None
    a_day = sum(totals.child_minutes.values())
    mean = totals.mean_m
    return {
        c.PUPILS: pupils,
        "street_m": {name: round(value, 1) for name, value in totals.street_m.items()},
        "mean_walk_m": mean and {name: round(value, 1) for name, value in mean.items()},
        "child_minutes_by_window": totals.child_minutes,
        "child_minutes_in_window": walk.unless_off(totals.child_minutes[walk.moment.window]),
        "child_minutes_a_day": a_day,
        "child_minutes_a_month": a_day * days if days > 0 else None,
    }


def _section_features(walk: _Walk, role: str, lang: str) -> dict[str, Any]:
    rows = disclose_walked(walk.rows, role)
    by_id = walk.opened.disclosed_sections(role)
    features = []
    for row in rows.to_dict("records"):
        place = {str(name): value for name, value in by_id.loc[row[c.SECTION_ID]].items()}
        minutes = {
            window: round(float(row[c.of_window(c.CHILD_MINUTES, window)]), 1) for window in WINDOWS
        }
        told = {
            c.SECTION_ID: row[c.SECTION_ID],
            "label": section_label(place, lang),
            c.PUPILS: row[c.PUPILS],
            "metres": row["metres"],
            "window": walk.moment.window,
            c.CHILD_MINUTES: walk.unless_off(minutes[walk.moment.window]),
            "child_minutes_by_window": minutes,
            "dark": walk.moment.is_dark,
            c.LIGHT: place[c.LIGHT],
            **{name: round(float(row[name]), 1) for name in LIGHT_M},
        }
        features.append(_feature(place[c.GEOMETRY], told))
    return {"type": "FeatureCollection", "features": features}


def _recommended_lines(walk: _Walk, role: str) -> dict[str, Any]:
    """Return the lines of the recommended walk, each with its section id and nothing else."""
    ids = disclose_recommended(walk.recommended, role)[c.SECTION_ID]
    sections = walk.opened.frame("sections")
    shown = sections[sections[c.SECTION_ID].isin(ids).to_numpy(bool)]
    features = [
        _feature(geometry, {c.SECTION_ID: section})
        for section, geometry in zip(shown[c.SECTION_ID], shown[c.GEOMETRY], strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(geometry: Any, properties: dict[str, Any]) -> dict[str, Any]:
    mapped = shapely.geometry.mapping(geometry)
    return {"type": "Feature", "geometry": mapped, "properties": properties}
