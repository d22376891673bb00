"""What light, a patrol stop or a camera would take away at a section, as a role may see it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import pandas as pd

from api.dependencies import OpenedSnapshot
from api.section_lookup import get_section_row
from geo import columns as c
from geo.coverage.lit_windows import lit_by_window
from geo.disclosure_scenarios import disclose_scenario
from geo.errors import NoDataError
from geo.hazard.scenario import (
    DEFAULT_PRESET,
    LIGHT,
    Scenario,
    ScenarioEffect,
    assumed_parameters,
    scenario_effect,
)
from geo.hazard.scenario_place import kept_place
from geo.parameters import HazardParameters
from maps.labels import section_label
from maps.scenario_texts import ScenarioFacts, scenario_notes, scenario_sentence

WORTH_SAYING = 0.05
"""A section that is darker than lit by less than this has no light to gain."""


def section_scenario(
    opened: OpenedSnapshot,
    section_id: str,
    scenario: Scenario,
    *,
    preset: str,
    role: str,
    lang: str,
) -> dict[str, Any]:
    """Return what a scenario would take away at a section, in numbers and in words.

    Harm, months and windows are for the prosecutor; planner and dispatcher get the share of the
    day in whole per cents.

    Raises
    ------
    NotFoundError
        ``section_unknown``.
    NoDataError
        ``scenario_not_kept``: the run was made before parts kept what scenarios need.
    UsageError
        ``scenario_empty``, ``preset_unknown``.
    """
    row = get_section_row(opened, section_id, role)
    effect = _effect(opened, section_id, scenario, preset)
    facts = _facts(opened, row, effect, preset)
    answer = {
        c.SECTION_ID: section_id,
        "label": section_label(row, lang),
        "preset": preset,
        "assumed": True,
        **scenario_numbers(effect, opened),
    }
    return {
        **disclose_scenario(answer, role),
        "sentence": scenario_sentence(facts, lang),
        "notes": scenario_notes(facts, lang),
        "run_id": opened.snapshot.run_card["run_id"],
        "as_of": opened.snapshot.run_card["as_of"],
    }


def light_what_if(
    opened: OpenedSnapshot, section_id: str, *, role: str, lang: str, window: str
) -> list[dict[str, Any]]:
    """Return the sentence about light for a section that has light to gain; else nothing.

    A run that kept nothing for scenarios, and a reader who gets the share of the day alone and
    asks for a window, have none either.
    """
    row = get_section_row(opened, section_id, role)
    if not _keeps_scenarios(opened) or not _light_to_gain(_own_parts(opened, section_id)):
        return []
    effect = _effect(opened, section_id, Scenario(lit_share=1.0), DEFAULT_PRESET)
    share = disclose_scenario({"share": {s: asdict(e) for s, e in effect.share.items()}}, role)
    told = share["share"].get(window)
    if told is None or not told["mean"] > 0:
        return []
    ends = (told["mean"], told["low"], told["high"])
    facts = ScenarioFacts([LIGHT], ends, window, light_unknown=row.get(c.LIGHT) == "unknown")
    return [
        {
            "change": LIGHT,
            "preset": DEFAULT_PRESET,
            "share": told,
            "text": scenario_sentence(facts, lang),
            "notes": scenario_notes(facts, lang),
        }
    ]


def scenario_numbers(effect: ScenarioEffect, opened: OpenedSnapshot) -> dict[str, Any]:
    """Return the numbers of an effect with the months and the unit of its run."""
    months = opened.snapshot.run_card["model"]["darkness_by_month"]
    return {
        "changes": {name: {"now": now, "then": then}
                    for name, (now, then) in effect.changes.items()},
        "share": {span: asdict(one) for span, one in effect.share.items()},
        "avoided": {span: asdict(one) for span, one in effect.avoided.items()},
        "by_month": [
            {"month": month["month"], **asdict(one)}
            for month, one in zip(months, effect.by_month, strict=True)
        ],
        "a_year": asdict(effect.a_year),
        "unit": opened.snapshot.run_card["unit"],
    }  # fmt: skip


def telling_months(effect: ScenarioEffect, opened: OpenedSnapshot) -> tuple[dt.date, dt.date]:
    """Return the first days of the months in which most and least is avoided, by the day."""
    months = opened.snapshot.run_card["model"]["darkness_by_month"]
    a_day = [one.mean / month["days"] for one, month in zip(effect.by_month, months, strict=True)]
    most, least = (months[a_day.index(end(a_day))]["month"] for end in (max, min))
    return dt.date.fromisoformat(f"{most}-01"), dt.date.fromisoformat(f"{least}-01")


def check_scenarios_kept(opened: OpenedSnapshot) -> None:
    """Raise where the run kept nothing for scenarios, or return.

    Raises
    ------
    NoDataError
        ``scenario_not_kept``: the run was made before parts kept what scenarios need.
    """
    if not _keeps_scenarios(opened):
        raise NoDataError(
            "This run was made by an earlier version, which kept nothing for scenarios; run "
            "'safe-region build' to make it anew.",
            code="scenario_not_kept",
        )


# -------------------------------------------------------------------------------------------


def _keeps_scenarios(opened: OpenedSnapshot) -> bool:
    kept = c.LIT_SHARE in opened.frame("parts")
    return kept and "darkness_by_month" in opened.snapshot.run_card["model"]


def _own_parts(opened: OpenedSnapshot, section_id: str) -> pd.DataFrame:
    parts = opened.frame("parts")
    own: pd.DataFrame = parts[(parts[c.SECTION_ID] == section_id).to_numpy(bool)]
    return own


def _light_to_gain(parts: pd.DataFrame) -> bool:
    """Tell whether light is recorded here at all and leaves some of the section dark."""
    return bool((lit_by_window(parts) < 1 - WORTH_SAYING).any())


def _effect(
    opened: OpenedSnapshot, section_id: str, scenario: Scenario, preset: str
) -> ScenarioEffect:
    check_scenarios_kept(opened)
    sections = opened.frame("sections")
    whole: pd.Series = sections[(sections[c.SECTION_ID] == section_id).to_numpy(bool)].iloc[0]
    interval = (float(whole[c.HAZARD_LOW]), float(whole[c.HAZARD_HIGH]))
    parameters = assumed_parameters(preset, HazardParameters())
    card = opened.snapshot.run_card["model"]
    place = kept_place(_own_parts(opened, section_id), interval, parameters)
    return scenario_effect(place, scenario, card["darkness_by_month"], parameters, card["seed"])


def _facts(
    opened: OpenedSnapshot, row: dict[str, Any], effect: ScenarioEffect, preset: str
) -> ScenarioFacts:
    day = effect.share["day"]
    return ScenarioFacts(
        changes=list(effect.changes),
        share=(day.mean, day.low, day.high),
        preset=preset,
        light_unknown=row.get(c.LIGHT) == "unknown",
        months=telling_months(effect, opened) if LIGHT in effect.changes else None,
    )
