"""What light, a patrol stop or a camera would take away at one place: assumed, never found here.

A scenario compares what would be with what is now, on the place itself::

    avoided = Σ_parts Σ_g H · (1 − exp(Σ_j β_j share_gj (x_scenario − x_now)))

Darkness goes by the month, so light is worth most where and when nights are long. The effects come
from studies elsewhere: each draw takes every β from its normal distribution, cut where it would
harm, and the level of the place's harm from its posterior. No number leaves without its interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from geo.coverage.patrols import daily_stop_dose
from geo.errors import UsageError
from geo.hazard.effect_draws import effect_draws, spread_evenly
from geo.hazard.scenario_place import ScenarioPlace
from geo.parameters import DAYS_PER_MONTH, GROUPS, WINDOWS, HazardParameters

FloatArray = npt.NDArray[np.float64]

DEFAULT_PRESET = "default"
LIGHT, PATROL, CAMERA = "light", "patrol", "camera"


@dataclass(frozen=True)
class Scenario:
    """What would be; None leaves a condition as it is. Nothing is ever taken away.

    Attributes
    ----------
    lit_share, camera_share
        Share that would be lit or seen, one number or one a part; light of parts × windows too.
    patrol_stop
        Window in which a patrol would stop every day, for as long as counts in full.
    """

    lit_share: float | FloatArray | None = None
    camera_share: float | FloatArray | None = None
    patrol_stop: str | None = None


@dataclass(frozen=True)
class Estimate:
    """A number with its 90 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class ScenarioEffect:
    """What a scenario takes away; the unit is that of the hazard.

    Attributes
    ----------
    changes
        Condition → its mean over the place (by harm) now and then.
    avoided, share
        ``day`` and each window → harm a month that would be avoided (mean of the year), and its
        share of what is expected there.
    by_month
        Harm avoided in each month of the calendar handed over.
    a_year
        Their sum.
    """

    changes: dict[str, tuple[float, float]]
    avoided: dict[str, Estimate]
    share: dict[str, Estimate]
    by_month: tuple[Estimate, ...]
    a_year: Estimate


def scenario_effect(
    place: ScenarioPlace,
    scenario: Scenario,
    months: Sequence[Mapping[str, Any]],
    parameters: HazardParameters,
    seed: int,
) -> ScenarioEffect:
    """Return what a scenario would take away at a place, by window and by month.

    Parameters
    ----------
    months
        Rows of `darkness_by_month`.
    seed
        Of the draws; the same seed gives the same numbers, and draws one β alike for any scenario.

    Raises
    ------
    UsageError
        ``scenario_empty``: nothing would change.

    Examples
    --------
    Ten days of sanction a month, all of robberies in full darkness; unlit, then lit. With β of
    .315 ± .12: 1 − exp(−.75 · .315) = .21, its ends 1 − exp(−.75 · (.315 ∓ 1.645 · .12)).

    >>> from geo.hazard.scenario_place import ScenarioPlace
    >>> harm = np.zeros((1, 4, 6))
    >>> harm[0, 1, 4] = 10
    >>> place = ScenarioPlace(harm, np.zeros(1), np.zeros(1), np.zeros((1, 6)))
    >>> year = [{"days": 30.4375, "darkness": dict.fromkeys(WINDOWS, 1.0)}] * 12
    >>> effect = scenario_effect(place, Scenario(lit_share=1.0), year, HazardParameters(), 1)
    >>> [round(value, 2) for value in vars(effect.share["day"]).values()]
    [0.21, 0.08, 0.32]
    """
    rises, changes = _rises(place, scenario, parameters)
    if not changes:
        raise UsageError(
            "The scenario changes nothing here: name light, a patrol stop or a camera that is "
            "not there yet.",
            code="scenario_empty",
        )
    days = np.array([month["days"] for month in months], float)
    dark = np.array([[month["darkness"][window] for window in WINDOWS] for month in months])
    betas, levels = harm_draws(place.shape, parameters, seed)
    per_month = np.stack(
        [_avoided(place, rises, dark, drawn, parameters) for drawn in betas.T]
    )  # draws × months × windows, a month of 30.4375 days each

    of_year = np.tensordot(per_month, days / days.sum(), axes=([1], [0]))
    expected = place.harm.sum(axis=(0, 1))
    spans = {"day": slice(None)} | {w: slice(n, n + 1) for n, w in enumerate(WINDOWS)}
    by_month = per_month.sum(axis=2) * (days / DAYS_PER_MONTH) * levels[:, None]
    return ScenarioEffect(
        changes=changes,
        avoided={
            span: estimate_of(of_year[:, chosen].sum(axis=1) * levels, parameters)
            for span, chosen in spans.items()
        },
        share={
            span: estimate_of(
                of_year[:, chosen].sum(axis=1) / max(expected[chosen].sum(), 1e-300), parameters
            )
            for span, chosen in spans.items()
        },
        by_month=tuple(estimate_of(column, parameters) for column in by_month.T),
        a_year=estimate_of(by_month.sum(axis=1), parameters),
    )


def assumed_parameters(preset: str, parameters: HazardParameters) -> HazardParameters:
    """Return the parameters with the effect of light that a preset names.

    A preset says by what factor full light changes the offences of full darkness; its standard
    deviation stays that of the default.

    Raises
    ------
    UsageError
        ``preset_unknown``.
    """
    if preset == DEFAULT_PRESET:
        return parameters
    if preset not in parameters.light_presets:
        known = ", ".join([DEFAULT_PRESET, *parameters.light_presets])
        raise UsageError(f"Unknown preset {preset!r}; known are {known}.", code="preset_unknown")
    effect = -math.log(parameters.light_presets[preset]) / parameters.lit_relief
    return replace(parameters, dark_log_irr=effect)


def harm_draws(
    shape: float, parameters: HazardParameters, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return β of darkness, patrol and cameras (3 × draws), and the level of the harm (draws)."""
    random = np.random.default_rng(seed)
    betas = effect_draws(random, parameters)
    if not math.isfinite(shape):
        return betas, np.ones(parameters.draws)
    levels = gammaincinv(shape, spread_evenly(random, parameters.draws)) / shape
    return betas, np.asarray(levels, np.float64)


def estimate_of(values: FloatArray, parameters: HazardParameters) -> Estimate:
    """Return mean and 90 % interval of draws."""
    low, high = np.quantile(values, parameters.interval, method="hazen")
    return Estimate(float(values.mean()), float(low), float(high))


# -------------------------------------------------------------------------------------------

Rises = tuple[FloatArray, FloatArray, FloatArray]


def _rises(
    place: ScenarioPlace, scenario: Scenario, parameters: HazardParameters
) -> tuple[Rises, dict[str, tuple[float, float]]]:
    """Return by how much lit share, patrol dose and cover rise, and their means now and then."""
    now = place.lit_share if place.lit_share.ndim == 2 else place.lit_share[:, None]
    lit, cover = np.zeros_like(now), np.zeros(len(place.harm))
    visits = np.zeros_like(place.patrol)
    by_part, by_window = place.harm.sum(axis=(1, 2)), place.harm.sum(axis=1)
    means: dict[str, tuple[float, float]] = {}
    if scenario.lit_share is not None:
        then = np.asarray(scenario.lit_share, float)
        lit = np.maximum((then[:, None] if then.ndim == 1 else then) - now, 0)
        alike = lit.shape[1] == 1
        weight = by_part[:, None] if alike else by_window
        means[LIGHT] = _now_and_then(np.broadcast_to(now, lit.shape), lit, weight)
    if scenario.patrol_stop is not None:
        # As if unrelated to the visits of now: the stop takes a share of what they leave.
        visits = (1 - place.patrol) * daily_stop_dose(scenario.patrol_stop, parameters)
        means[PATROL] = _now_and_then(place.patrol, visits, by_window)
    if scenario.camera_share is not None:
        cover = np.maximum(scenario.camera_share - place.camera_share, 0)
        means[CAMERA] = _now_and_then(place.camera_share, cover, by_part)
    return (lit, visits, cover), {name: pair for name, pair in means.items() if pair[1] > pair[0]}


def _now_and_then(now: FloatArray, rise: FloatArray, harm: FloatArray) -> tuple[float, float]:
    weight = harm if harm.sum() > 0 else np.ones_like(harm)
    one, other = (float(np.average(values, weights=weight)) for values in (now, now + rise))
    return one, other


def _avoided(
    place: ScenarioPlace,
    rises: Rises,
    dark: FloatArray,
    betas: FloatArray,
    parameters: HazardParameters,
) -> FloatArray:
    """Return the harm avoided under one draw of the effects, months × windows."""
    lit, visits, cover = rises
    share = np.array([parameters.dark_share_by_group[group] for group in GROUPS])
    alike = betas[1] * visits + betas[2] * cover[:, None]  # parts × windows
    relieved = betas[0] * parameters.lit_relief * lit  # parts × windows, or one for all of them
    felt = relieved[:, None, :] * share[:, None]  # parts × groups × the same
    logs = alike[None, :, None, :] - felt[None] * dark[:, None, None, :]
    return np.asarray((place.harm * -np.expm1(logs)).sum(axis=(1, 2)), np.float64)
