"""Check the forecast of a workspace: read what is stored, have it judged, keep the answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from api.run_identity import code_version
from data.database import Database
from data.inputs import Inputs, data_end, read_inputs
from data.pipeline import describe_streets
from data.snapshots import find_current_run, open_snapshot
from data.store.forecast_checks import ForecastCheck, find_forecast_check, save_forecast_check
from data.workspace import Workspace
from geo.evaluation.forecast_check import forecast_check
from geo.evaluation.forecasts import TownPast
from geo.evaluation.origins import Protocol
from geo.evaluation.stability import ranking_stability
from geo.hazard.fitted import FittedQuantities
from geo.hazard.inputs import Town
from geo.hazard.parts import complete_parts, street_length
from geo.hazard.steps import town_ground
from geo.hazard.town_fitting import fit_town
from geo.parameters import HazardParameters, parameters_hash

Progress = Callable[[float | None, str], None]
"""Receives the share done (None: not known) and the name of the stage."""

CHECK_ID_LENGTH = 16
FORECAST_SHARE = 0.6
"""Part of the work that is done once the quarters have been forecast; the rest is the ranking."""

RANKINGS = 40
"""About so many times the streets are ranked."""


def check_forecast(
    workspace: Workspace, database: Database, *, as_of: date | None, progress: Progress
) -> dict[str, Any]:
    """Compare the last quarters with what the map would have forecast; keep and return the result.

    Equal inputs are not checked twice: what was found then is returned and is the latest again.

    Parameters
    ----------
    as_of
        The day that is looked back from; None takes the day after the data ends.

    Returns
    -------
    dict
        JSON values of `geo.evaluation.forecast_check`, with ``check_id``, ``made_at``,
        ``run_id`` and the hashes of what it was made from.

    Raises
    ------
    NoDataError
        ``no_map``, ``no_incidents``, ``history_short`` or ``no_events``.
    """
    parameters = HazardParameters()
    progress(None, "reading what is stored")
    inputs = read_inputs(workspace, database, as_of=as_of)
    day = as_of or data_end(inputs)
    held = _fitted_then(workspace, database, day)
    check_id = _check_id(inputs, day, parameters, held)
    with database.reading() as connection:
        known = find_forecast_check(connection, check_id)
    check = known or ForecastCheck(
        check_id=check_id,
        made_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        as_of=day,
        result=_judged(inputs, day, (parameters, held), progress),
    )
    if known is None:
        current = find_current_run(database)
        facts = {
            "made_at": check.made_at.isoformat(),
            "incidents_sha256": inputs.hashes["incidents"],
            "run_id": current.run_id if current else None,
            "parameters": {"version": parameters.version, "sha256": parameters_hash(parameters)},
            "code": code_version(),
        }
        check = replace(check, result=_plain({**facts, **check.result}))
    with database.writing() as connection:
        save_forecast_check(connection, check)
    return {"check_id": check_id, **check.result}


def forecast_by_streets(
    workspace: Workspace, database: Database, *, as_of: date | None, progress: Progress
) -> dict[str, Any]:
    """Do as `check_forecast`, flagging shares of the street length; nothing is kept.

    The page tells of shares of the area, as simple maps do; patrols and lamps follow streets.
    """
    parameters = HazardParameters()
    progress(None, "reading what is stored")
    inputs = read_inputs(workspace, database, as_of=as_of)
    day = as_of or data_end(inputs)
    town = describe_streets(
        inputs, parameters, as_of=day, progress=lambda name: progress(None, name)
    ).town
    past = _past_of(town, parameters)
    length = street_length(complete_parts(town.parts, town.grid), "cell", len(town.grid.cells))
    quarters = _steps(progress, "quarters gone by", 0.0, 1.0, 5)
    found: dict[str, Any] = _plain(
        forecast_check(replace(past, street_length_m=length), Protocol(), quarters)
    )
    return {"check_id": None, **found}


# -------------------------------------------------------------------------------------------


def _fitted_then(workspace: Workspace, database: Database, day: date) -> dict[str, Any] | None:
    """Return the fitted quantities of the current map, if it stands on the day."""
    run = find_current_run(database)
    if run is None or run.as_of != day:
        return None
    card = open_snapshot(workspace.snapshots, run.run_id).run_card
    fitted: dict[str, Any] | None = card.get("fitted")
    return fitted


def _past_of(town: Town, parameters: HazardParameters) -> TownPast:
    """Return the town as a forecast of earlier days may see it: today's light is left out."""
    ground = town_ground(town, parameters)
    return TownPast(ground.counted, town.grid, ground.base, parameters)


def _check_id(
    inputs: Inputs, day: date, parameters: HazardParameters, held: dict[str, Any] | None
) -> str:
    made_from = [inputs.hashes, day.isoformat(), parameters_hash(parameters), code_version(), held]
    text = json.dumps(made_from, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:CHECK_ID_LENGTH]


def _judged(
    inputs: Inputs,
    day: date,
    numbers: tuple[HazardParameters, dict[str, Any] | None],
    progress: Progress,
) -> dict[str, Any]:
    def stage(name: str) -> None:
        progress(None, name)

    parameters, held = numbers
    town = describe_streets(inputs, parameters, as_of=day, progress=stage).town
    quarters = _steps(progress, "quarters gone by", 0.0, FORECAST_SHARE, 5)
    found = forecast_check(_past_of(town, parameters), Protocol(), quarters)

    # The ranking that is shaken is that of the map: by what was fitted for it, once a quarter.
    fitted = fit_town(town, parameters, None if held is None else FittedQuantities.from_json(held))
    weights = _steps(progress, "other weights", FORECAST_SHARE, 1.0, RANKINGS)
    stability = ranking_stability(replace(town, fitted=fitted), parameters, weights)
    return {**found, "stability": stability}


def _steps(
    progress: Progress, stage: str, first: float, last: float, count: int
) -> Callable[[str], None]:
    """Return a listener that tells a step further each time it is told anything."""
    done = 0

    def step(_: str) -> None:
        nonlocal done
        progress(first + (last - first) * min(done / count, 1.0), stage)
        done += 1

    return step


def _plain(value: Any) -> Any:
    """Return JSON values, None for a number that JSON has no word for."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value
