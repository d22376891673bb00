"""What new lamps at given points would light and take away, as a role may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely.geometry

from api.dark_gap import dark_months
from api.dependencies import OpenedSnapshot, Published
from api.errors import RequestRefusedError
from api.kept_ways import LabelledPlaces
from api.open_streets import open_streets
from api.scenarios import check_scenarios_kept, scenario_numbers, telling_months
from api.schemas import DAY
from api.scored_sections import ScoredSections, scored_sections
from data.equipment import light_records
from geo import columns as c
from geo.coverage.dark_gap import dark_gap
from geo.coverage.lighting import lamp_reach_m
from geo.coverage.lit_windows import lit_by_window
from geo.coverage.new_lamps import LightGround, light_ground, light_with_lamps
from geo.disclosure import PROSECUTOR, PUBLIC, check_role
from geo.disclosure_light import disclose_dark_gap
from geo.disclosure_scenarios import disclose_scenario
from geo.hazard.lamp_effect import LitPlaces, lamp_effect
from geo.hazard.posterior import gamma_shape
from geo.hazard.scenario import LIGHT, ScenarioEffect, assumed_parameters
from geo.parameters import WINDOWS, HazardParameters
from maps.labels import section_label
from maps.lamp_texts import LampFacts, lamp_notes, lamp_sentence
from maps.scenario_texts import ScenarioFacts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LENGTHS = (c.LIT_M, c.UNLIT_M, c.UNKNOWN_LIGHT_M)
DARK_MINUTES = {"unlit": c.UNLIT_DARK_MINUTES, "unknown": c.UNKNOWN_DARK_MINUTES}


@dataclass(frozen=True)
class LampQuestion:
    """New lamps, and how their effect is told.

    Attributes
    ----------
    lamps
        ``lat``, ``lon`` and ``mount_height_m`` (None where not known) of each.
    window
        ``day``, or the window that the sentence, the lit shares and the child-minutes are of.
    preset
        How much light is assumed to do.
    """

    lamps: Sequence[Mapping[str, float | None]]
    window: str = DAY
    preset: str = "default"


def lamp_scenario(
    published: Published, question: LampQuestion, *, role: str, lang: str
) -> dict[str, Any]:
    """Return what new lamps would light, and the harm and the dark minutes that would go.

    Harm, months and windows are for the prosecutor; planner and dispatcher get the share of the
    day in whole per cents. Minutes are those of sections on which five pupils or more walk.

    Raises
    ------
    RequestRefusedError
        ``role_not_allowed``: the public sees no section, and only the prosecutor windows.
    NoDataError
        ``nothing_published``, ``inputs_changed``, ``scenario_not_kept``.
    UsageError
        ``lamp_outside_area``, ``lamp_stray``, ``preset_unknown``.
    """
    _check_allowed(role, question.window)
    lit = _new_light(published, question)
    opened, effects = lit.opened, _effects(lit, question.preset)
    whole, minutes = effects[0], _dark_minutes(lit, published, question.window, role)
    facts = _facts(lit, whole, question, minutes)
    told = {
        "lamps": _lamps(question),
        "preset": question.preset,
        "window": question.window,
        "assumed": True,
        **scenario_numbers(whole, opened),
    }
    return {
        **disclose_scenario(told, role),
        "sections": _features(lit, effects[1], question.window, role, lang),
        "dark_minutes": minutes,
        "sentence": lamp_sentence(facts, lang),
        "notes": lamp_notes(facts, lang),
        "run_id": opened.snapshot.run_id,
        "as_of": opened.snapshot.run_card["as_of"],
    }


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _NewLight:
    """The sections of the run that new lamps reach: their rows, and their light now and then."""

    opened: OpenedSnapshot
    rows: IntArray
    light: tuple[pd.DataFrame, pd.DataFrame]

    @property
    def scored(self) -> ScoredSections:
        return scored_sections(self.opened)

    def shares(self) -> tuple[FloatArray, FloatArray]:
        """Return the lit share now and then, sections × windows; light is never taken away."""
        now, then = (lit_by_window(frame) for frame in self.light)
        return now, np.maximum(now, then)


def _check_allowed(role: str, window: str) -> None:
    check_role(role)
    if role == PUBLIC:
        raise RequestRefusedError(
            403, "The public is not shown what lamps would do.", code="role_not_allowed"
        )
    if role != PROSECUTOR and window != DAY:
        raise RequestRefusedError(
            403, "Windows of a scenario are for the prosecutor; ask for the day.",
            code="role_not_allowed",
        )  # fmt: skip


def _new_light(published: Published, question: LampQuestion) -> _NewLight:
    """Light the streets of the run anew around the lamps; sections without a score are left out."""
    ground = published.kept_while_current("light_ground", lambda _: _ground(published))
    streets = open_streets(published)
    opened = published.get(streets.run_id)
    check_scenarios_kept(opened)
    names = ["lat", "lon", "mount_height_m"]
    found = light_with_lamps(ground, pd.DataFrame(question.lamps, columns=names).astype(float))
    ids = streets.sections.frame[c.SECTION_ID].to_numpy(object)[found.section]
    lit = _NewLight(opened, np.zeros(0, np.int64), (found.light, found.light))
    at = lit.scored.position.get_indexer(ids)
    scored = at >= 0
    before = streets.walked.light.iloc[found.section[scored]].reset_index(drop=True)
    after = found.light[scored].reset_index(drop=True)
    return replace(lit, rows=at[scored].astype(np.int64), light=(before, after))


def _ground(published: Published) -> LightGround:
    streets = open_streets(published)
    as_of, parameters = published.get(streets.run_id).as_of, HazardParameters()
    records = light_records(streets.inputs)
    return light_ground(
        streets.sections, streets.network, records, as_of, (streets.inputs.area, parameters)
    )


def _effects(lit: _NewLight, preset: str) -> tuple[ScenarioEffect, list[ScenarioEffect]]:
    card, scored = lit.opened.snapshot.run_card["model"], lit.scored
    parameters = assumed_parameters(preset, HazardParameters())
    ends = scored.interval[lit.rows]
    shape = [gamma_shape((low, high), parameters.interval) for low, high in ends.tolist()]
    places = LitPlaces(scored.harm[lit.rows], shape, *lit.shares())
    return lamp_effect(places, card["darkness_by_month"], parameters, card["seed"])


def _dark_minutes(
    lit: _NewLight, published: Published, window: str, role: str
) -> dict[str, dict[str, int]]:
    """Return child-minutes of a year in the dark, now and then, of sections that enough walk."""
    year = lit.opened.kept_with(
        "dark_months", lambda: dark_months(published.workspace, lit.opened, None)
    )
    windows = list(WINDOWS) if window == DAY else [window]
    walked = lit.scored.walked.iloc[lit.rows]
    both = pd.concat(lit.light, ignore_index=True)
    own = [str(name) for name in both]
    own = [name for name in own if name in LENGTHS or name.startswith(c.LIT_SHARE)]
    # Now and then in one frame, told apart by the column that goes with the rows.
    when = np.repeat(["now", "then"], len(walked))
    twice = pd.concat([walked, walked], ignore_index=True).assign(**{c.SECTION_ID: when})
    gap = dark_gap(twice.join(both[own]), [month.gap for month in year], windows)
    told = disclose_dark_gap(twice.join(gap), role).set_index(c.SECTION_ID)
    return {
        name: {at: int(told[column][told.index == at].sum()) for at in ("now", "then")}
        for name, column in DARK_MINUTES.items()
    }


def _facts(
    lit: _NewLight,
    whole: ScenarioEffect,
    question: LampQuestion,
    minutes: dict[str, dict[str, int]],
) -> LampFacts:
    share = whole.share[question.window]
    gained = lit.light[1][c.LIT_M].sum() - lit.light[0][c.LIT_M].sum()
    unlit = minutes["unlit"]
    effect = ScenarioFacts(
        changes=[LIGHT],
        share=(share.mean, share.low, share.high),
        window=question.window,
        preset=question.preset,
        light_unknown=bool((lit.light[0][c.LIGHT] == "unknown").any()),
        months=telling_months(whole, lit.opened) if share.mean > 0 else None,
    )
    told = (float(unlit["now"]), float(unlit["then"]))
    return LampFacts(len(lit.rows), float(gained), effect, told if told[0] != told[1] else None)


def _lamps(question: LampQuestion) -> list[dict[str, Any]]:
    lamps = pd.DataFrame(question.lamps, columns=["lat", "lon", "mount_height_m"]).astype(float)
    reach = lamp_reach_m(lamps, HazardParameters())
    return [
        {**lamp, "reach_m": round(float(one), 1)}
        for lamp, one in zip(question.lamps, reach, strict=True)
    ]


def _features(
    lit: _NewLight, effects: Sequence[ScenarioEffect], window: str, role: str, lang: str
) -> dict[str, Any]:
    """Return the sections that the lamps reach, as far as the role sees them."""
    opened = lit.opened
    shown = opened.kept_with(
        f"labelled {role}", lambda: LabelledPlaces.of(opened.disclosed_sections(role))
    )
    features = []
    for number, effect in enumerate(effects):
        place = shown.row(lit.scored.position[lit.rows[number]])
        if place is None:
            continue
        spans = {"share": effect.share, "avoided": effect.avoided}
        told = {name: {s: asdict(one) for s, one in many.items()} for name, many in spans.items()}
        properties = {
            c.SECTION_ID: place[c.SECTION_ID],
            "label": section_label(place, lang),
            **_light(lit, number, window),
            **disclose_scenario(told, role),
        }
        geometry = shapely.geometry.mapping(place[c.GEOMETRY])
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _light(lit: _NewLight, number: int, window: str) -> dict[str, dict[str, float]]:
    """Return a section's lit share, of the window where one is asked, and its lit metres."""
    now, then = lit.light
    shares = (frame[c.LIT_SHARE].to_numpy(float)[number] for frame in lit.light)
    if window != DAY:
        shares = (one[number, list(WINDOWS).index(window)] for one in lit.shares())
    before, after = (round(float(share), 4) for share in shares)
    metres = (round(float(frame[c.LIT_M].iloc[number]), 1) for frame in (now, then))
    return {
        c.LIT_SHARE: {"now": before, "then": max(before, after)},
        c.LIT_M: dict(zip(("now", "then"), metres, strict=True)),
    }
