"""The dark gap of the current run: which sections children walk in the dark without light."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
import shapely.geometry

from api.answers import as_rows
from api.dependencies import OpenedSnapshot, Published
from api.errors import RequestRefusedError
from api.schemas import DAY
from api.walking_schools import school_names
from data.codes.calendar_table import school_calendar
from data.workspace import CODES_FOLDER, Workspace
from geo import columns as c
from geo.coverage.dark_gap import DARK_PARTS, DarkMonth, cumulative_share, dark_gap, town_dark_gap
from geo.disclosure import PUBLIC, check_role
from geo.disclosure_light import GAP_MINUTES, disclose_dark_gap
from geo.disclosure_walks import WALK_LEAST_PUPILS
from geo.errors import NoDataError
from geo.parameters import WINDOWS, HazardParameters
from geo.streets.school_calendar import ASSUMED, SchoolMonth, school_month
from maps.dark_gap_texts import (
    DarkGapFacts,
    dark_gap_notes,
    dark_gap_sentence,
    dark_gap_when,
    dark_section_texts,
)
from maps.labels import section_label

LENGTHS = (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)


def section_dark_gap(
    published: Published, *, month: int | None, window: str, role: str, lang: str, limit: int
) -> dict[str, Any]:
    """Return the sections with the most child-minutes in the dark without light, and the sums.

    Parameters
    ----------
    month
        1–12, that of the twelve months from the run's day on; None adds all twelve up.
    window
        A window of the day, or ``day`` for all of them.

    Raises
    ------
    RequestRefusedError
        ``role_not_allowed``: the public is not told which streets that children walk are dark.
    NoDataError
        ``darkness_not_kept``: the run was made before darkness was kept by month.
    """
    check_role(role)
    if role == PUBLIC:
        raise RequestRefusedError(
            403,
            "The dark gap is shown to prosecutor, planner and dispatcher only.",
            code="role_not_allowed",
        )
    opened = published.current()
    gap = _gap(opened, dark_months(published.workspace, opened, month), window)
    rows = disclose_dark_gap(gap.ranked(), role)
    unlit = gap.of_town[c.UNLIT_DARK_MINUTES]
    rows["cumulative_share"] = cumulative_share(rows[c.UNLIT_DARK_MINUTES], unlit).clip(upper=1.0)
    listed = rows.head(limit)
    facts = _facts(opened, gap, listed, role)
    return {
        "month": None if month is None else gap.months[0].month,
        "window": window,
        "months": [told.answer() for told in gap.months],
        "dark_factor": gap.dark_factor(),
        "town": {
            **_whole(gap.of_town),
            "by_month": _sums(gap.by_month_and_window, "month"),
            "by_window": _sums(gap.by_month_and_window, c.WINDOW),
        },
        "sections": _features(opened, listed, role, lang),
        "number_returned": len(listed),
        "number_dark": int((rows[c.UNLIT_DARK_MINUTES] > 0).sum()),
        "when": dark_gap_when(facts, lang),
        "sentence": dark_gap_sentence(facts, lang),
        "notes": dark_gap_notes(facts, lang),
        "run_id": opened.snapshot.run_id,
        "as_of": opened.snapshot.run_card["as_of"],
        "period": opened.snapshot.run_card["period"],
    }


@dataclass(frozen=True)
class MonthOfRun:
    """One month of the run's year with its darkness and its school days."""

    month: str
    darkness: dict[str, float]
    school: SchoolMonth
    mean_days: float

    @property
    def gap(self) -> DarkMonth:
        """The month as the gap is worked out for it."""
        return DarkMonth(self.month, self.darkness, self.school.days / self.mean_days)

    def answer(self) -> dict[str, Any]:
        """Return what is told of the month."""
        return {
            "month": self.month,
            "school_days": round(self.school.days, 2),
            "school_days_basis": self.school.basis,
            "darkness": {window: round(dark, 4) for window, dark in self.darkness.items()},
        }


def dark_months(
    workspace: Workspace, opened: OpenedSnapshot, number: int | None
) -> list[MonthOfRun]:
    """Return the twelve months from the run's day on, or the one of that number.

    Raises
    ------
    NoDataError
        ``darkness_not_kept``.
    """
    card = opened.snapshot.run_card
    kept = card["model"].get("darkness_by_month")
    if not kept:
        raise NoDataError(
            "This run was made by an earlier version, which kept no darkness by month; run "
            "'safe-region build' to make it anew.",
            code="darkness_not_kept",
        )
    calendar = school_calendar(workspace.path / CODES_FOLDER).calendar
    mean = float(card["streets"]["routes"]["school_month"]["days"])
    return [
        MonthOfRun(
            one["month"],
            one["darkness"],
            school_month(calendar, _first_day(one["month"]), HazardParameters()),
            mean,
        )
        for one in kept
        if number is None or int(one["month"][-2:]) == number
    ]


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Gap:
    """The dark gap of months and windows before anybody's grain."""

    months: list[MonthOfRun]
    windows: list[str]
    sections: pd.DataFrame
    by_section: pd.DataFrame
    by_month_and_window: pd.DataFrame

    @property
    def of_town(self) -> pd.Series:
        return self.by_section.sum(min_count=1)

    def ranked(self) -> pd.DataFrame:
        """Return the sections on which anything is walked in the dark, the darkest first."""
        known = self.sections[[c.SECTION_ID, c.PUPILS, "school_ids"]].join(self.by_section)
        walked = known[(known[list(DARK_PARTS)] > 0).any(axis=1)]
        order = [c.UNLIT_DARK_MINUTES, c.UNKNOWN_DARK_MINUTES, c.SECTION_ID]
        return walked.sort_values(order, ascending=[False, False, True])

    def dark_factor(self) -> dict[str, float]:
        """Return by window what turns minutes of a mean month, dark throughout, into these."""
        return {
            window: round(sum(m.gap.walks * m.darkness[window] for m in self.months), 4)
            for window in self.windows
        }


def _gap(opened: OpenedSnapshot, months: list[MonthOfRun], window: str) -> _Gap:
    sections = opened.frame("sections")
    windows = list(WINDOWS) if window == DAY else [window]
    each = [month.gap for month in months]
    return _Gap(
        months,
        windows,
        sections,
        dark_gap(sections, each, windows),
        town_dark_gap(sections, each, windows),
    )


def _facts(opened: OpenedSnapshot, gap: _Gap, listed: pd.DataFrame, role: str) -> DarkGapFacts:
    lit, unlit, unknown = (_known(gap.of_town[name]) for name in DARK_PARTS)
    return DarkGapFacts(
        months=tuple(_first_day(month.month) for month in gap.months),
        window=gap.windows[0] if len(gap.windows) == 1 else DAY,
        lit=lit,
        unlit=unlit,
        unknown=unknown,
        listed=float(listed["cumulative_share"].max()) if len(listed) and unlit else None,
        as_of=opened.as_of,
        school_days_assumed=any(month.school.basis == ASSUMED for month in gap.months),
        least_pupils=WALK_LEAST_PUPILS[role],
    )


def _features(opened: OpenedSnapshot, rows: pd.DataFrame, role: str, lang: str) -> dict[str, Any]:
    places = opened.disclosed_sections(role)
    named = school_names(opened, role, lang)
    features = []
    for rank, row in enumerate(as_rows(rows), start=1):
        place: dict[str, Any] = {str(k): v for k, v in places.loc[row[c.SECTION_ID]].items()}
        schools = [one for one in str(row["school_ids"] or "").split(";") if one in named]
        told = {
            "rank": rank,
            c.SECTION_ID: row[c.SECTION_ID],
            "label": section_label(place, lang),
            c.LIGHT: place[c.LIGHT],
            **{name: round(float(place[name]), 1) for name in LENGTHS},
            c.PUPILS: int(row[c.PUPILS]),
            "schools": [named[one] for one in schools],
            **{name: int(row[name]) for name in GAP_MINUTES},
            "cumulative_share": _rounded(row["cumulative_share"]),
        }
        geometry = shapely.geometry.mapping(place[c.GEOMETRY])
        told |= dark_section_texts(told, lang)
        features.append({"type": "Feature", "geometry": geometry, "properties": told})
    return {"type": "FeatureCollection", "features": features}


def _sums(rows: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Return the town's whole minutes, a row a month or a window; None where no school is held."""
    sums = rows.groupby(by, sort=False)[list(GAP_MINUTES)].sum(min_count=1)
    return [{by: str(name), **_whole(row)} for name, row in sums.iterrows()]


def _whole(minutes: pd.Series) -> dict[str, int | None]:
    known = {name: _known(minutes[name]) for name in GAP_MINUTES}
    return {name: None if value is None else round(value) for name, value in known.items()}


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _rounded(share: float) -> float | None:
    return None if pd.isna(share) else round(float(share), 4)


def _first_day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")
