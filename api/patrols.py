"""Patrols of the current run: what was delivered of the plans, and where hazard is left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from api.answers import Row, as_rows
from api.dependencies import OpenedSnapshot, Published
from api.errors import RequestRefusedError
from geo import columns as c
from geo.cells import format_cell
from geo.columns import of_window
from geo.coverage.patrol_plans import delivered_by_shift
from geo.disclosure import check_role
from geo.disclosure_patrols import (
    PATROL_ROLES,
    disclose_patrol_cells,
    disclose_patrol_plans,
)
from geo.errors import NoDataError
from maps.labels import class_word, section_label
from maps.patrol_texts import (
    delivered_note,
    dose_text,
    gap_note,
    gap_sentence,
    last_visit_text,
    plan_name,
    plan_sentence,
    weekdays_text,
    window_head,
)

DAY = "day"


def patrol_gap_list(
    published: Published, *, role: str, lang: str, window: str, limit: int
) -> dict[str, Any]:
    """Return the cells with the greatest patrol gap in a window, each with its sentence.

    Cells are ranked by the class of the gap, within a class by the harm per hour that patrols
    leave; numbers of harm are for the prosecutor.

    Raises
    ------
    RequestRefusedError
        ``role_not_allowed``: patrols are for prosecutor and dispatcher only.
    NoDataError
        ``no_patrol_records``: no visit is recorded before the run, so there is no gap to show;
        ``no_hours``: no incident's hour is known, so windows have none;
        ``patrols_not_kept``: the run was made by an earlier version.
    """
    opened = _opened(published, role)
    card, days = opened.snapshot.run_card, _days(opened)
    if not days["visits"]:
        raise NoDataError(
            f"No patrol visit is recorded before {card['as_of']}: run 'safe-region import patrols "
            "FILE' with visits or traces, then 'safe-region build'.",
            code="no_patrol_records",
        )
    cells = opened.frame("patrol_cells")
    gap, left = (_named(name, window) for name in (c.GAP, c.GAP_HARM))
    known = cells[cells[gap].notna()]
    if known.empty and window != DAY:
        raise NoDataError(
            "No incident's hour is known, so there is no patrol gap by window; ask for the day.",
            code="no_hours",
        )
    ranked = known.sort_values([gap, left, c.H3_CELL], ascending=[False, False, True]).head(limit)
    sections = opened.disclosed_sections(role)
    told = as_rows(disclose_patrol_cells(ranked, role))
    visited = [dt.date.fromisoformat(days[name]) for name in ("first_visit", "last_visit")]
    return {
        "window": window,
        "window_text": window_head(window, lang),
        "cells": [
            {"rank": rank, **_gap_row(row, window, _label(sections, row, lang), lang)}
            for rank, row in enumerate(told, start=1)
        ],
        "number_returned": len(told),
        "reading_note": gap_note(days["visits"], visited, lang),
        **_of_run(card, days),
    }


def patrols_delivered(published: Published, *, role: str, lang: str) -> dict[str, Any]:
    """Return what was planned and delivered over the last 28 days, by plan and by shift.

    Raises
    ------
    RequestRefusedError
        ``role_not_allowed``.
    NoDataError
        ``no_patrol_plans``: no route sheet is imported; ``patrols_not_kept``.
    """
    opened = _opened(published, role)
    card, days = opened.snapshot.run_card, _days(opened)
    plans = disclose_patrol_plans(opened.frame("patrol_plans"), role)
    if plans.empty:
        raise NoDataError(
            "No route sheet is imported: run 'safe-region import patrols FILE' with one, then "
            "'safe-region build'.",
            code="no_patrol_plans",
        )
    sections = opened.disclosed_sections(role)
    ordered = plans.sort_values(["shift", "number", "plan_id"], na_position="last", key=_natural)
    compared = [dt.date.fromisoformat(days[name]) for name in ("first_day", "last_day")]
    return {
        "plans": [
            _plan_row(row, _label(sections, row, lang), lang) for row in _plain_rows(ordered)
        ],
        "shifts": _plain_rows(delivered_by_shift(plans)),
        "number_returned": len(plans),
        "reading_note": delivered_note(compared, lang, recorded=days["visits"] > 0),
        **_of_run(card, days),
    }


# -------------------------------------------------------------------------------------------


def _opened(published: Published, role: str) -> OpenedSnapshot:
    check_role(role)
    if role not in PATROL_ROLES:
        raise RequestRefusedError(
            403, "Patrols are shown to prosecutor and dispatcher only.", code="role_not_allowed"
        )
    return published.current()


def _days(opened: OpenedSnapshot) -> dict[str, Any]:
    days: dict[str, Any] | None = opened.snapshot.run_card["streets"].get("patrols")
    if days is None:
        raise NoDataError(
            "This run was made by an earlier version, which kept no patrols with it; run "
            "'safe-region build' to make it anew.",
            code="patrols_not_kept",
        )
    return days


def _of_run(card: dict[str, Any], days: dict[str, Any]) -> dict[str, Any]:
    return {
        "patrol_period": [days["first_day"], days["last_day"]],
        "visits": days["visits"],
        "run_id": card["run_id"],
        "as_of": card["as_of"],
        "period": card["period"],
    }


def _gap_row(row: Row, window: str, label: str, lang: str) -> dict[str, Any]:
    names = (c.GAP, c.DOSE, c.GAP_HARM, c.PATROL_DOSE)
    values = {name: row[_named(name, window)] for name in names if _named(name, window) in row}
    days = row[c.LAST_VISIT_DAYS]
    visit = {c.LAST_VISIT_DAYS: None if pd.isna(days) else int(days)}
    told = {**{name: _plain(value) for name, value in values.items()}, **visit}
    cell = format_cell(row[c.H3_CELL])
    return {
        c.H3_CELL: cell,
        c.SECTION_ID: row[c.SECTION_ID],
        "label": label,
        **told,
        c.LAST_VISIT: None if visit[c.LAST_VISIT_DAYS] is None else str(row[c.LAST_VISIT]),
        "gap_word": class_word(told[c.GAP], lang),
        "dose_word": dose_text(told[c.DOSE], lang),
        "last_visit_word": last_visit_text(visit[c.LAST_VISIT_DAYS], lang),
        "sentence": gap_sentence(told, label or cell, lang),
    }


def _plan_row(row: Row, label: str, lang: str) -> dict[str, Any]:
    return {
        **row,
        "name": plan_name(row, lang),
        "weekdays_word": weekdays_text(row["weekdays"], lang),
        "label": label,
        "sentence": plan_sentence(row, label, lang),
    }


def _label(sections: pd.DataFrame, row: Row, lang: str) -> str:
    """Name the section of a row, empty where it lies on none that is scored."""
    section = row[c.SECTION_ID]
    if section not in sections.index:
        return ""
    place = {str(name): value for name, value in sections.loc[section].items()}
    return section_label(place, lang)


def _named(column: str, window: str) -> str:
    return column if window == DAY else of_window(column, window)


def _natural(column: pd.Series) -> pd.Series:
    """Order numbers of routes as numbers, where they are."""
    padded = column.astype("str").str.replace(r"(\d+)", lambda found: found[1].zfill(8), regex=True)
    return padded.where(column.notna())


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in as_rows(frame)]


def _plain(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
