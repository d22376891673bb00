"""Whether the ranking holds when the model's choices and the records change a little.

Each variant changes one thing: a kind of weight or the severity of a group by a fifth, the
bandwidths by a fifth, or one month of the last year whose records are left out. A section of the
first twenty that does not stay there in most variants is no sound ground for a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau

from geo import columns as c
from geo.hazard.fitted import FittedQuantities, Model
from geo.hazard.inputs import Town
from geo.hazard.parts import street_length
from geo.hazard.score import sum_by
from geo.hazard.severity import group_severity
from geo.hazard.steps import town_ground, town_steps
from geo.parameters import GROUPS, HazardParameters

FloatArray = npt.NDArray[np.float64]

STEP = 0.2
TOP = 20
STABLE_SHARE = 0.8
"""A section of the first twenty is stable when it stays there in this share of the variants."""

WEIGHTS, SEVERITY, BANDWIDTHS, MONTHS = "weights", "severity", "bandwidths", "months"


@dataclass(frozen=True)
class Variant:
    """One small change: its family, its name, and the town and numbers it gives."""

    family: str
    name: str
    town: Town
    parameters: HazardParameters


def ranking_stability(
    town: Town, parameters: HazardParameters, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Rank the sections by harm per metre in every variant, and compare with the map's ranking.

    Returns
    -------
    dict
        ``variants`` (family, name, ``kendall_tau`` over all sections, ``top20_overlap`` as a
        share), the smallest of both over the variants, ``members`` of the first twenty with the
        share of variants in which they stay, and the ids of the ``unstable`` ones. Without any
        harm there is no ranking: both numbers are None, the lists empty.
    """
    before = section_intensity(town, parameters)
    first = _first(before)
    variants: list[dict[str, Any]] = []
    stays = np.zeros(len(first))
    for variant in ranking_variants(town, parameters) if len(first) else ():
        progress(f"{variant.family}: {variant.name}")
        after = section_intensity(variant.town, variant.parameters)
        kept = np.isin(first, _first(after))
        stays += kept
        variants.append(
            {
                "family": variant.family,
                "name": variant.name,
                "kendall_tau": _tau(before, after),
                "top20_overlap": float(kept.mean()),
            }
        )
    share = stays / max(len(variants), 1)
    ids = town.sections[c.SECTION_ID].to_numpy(object)[first]
    return {
        "variants": variants,
        "kendall_tau_min": _smallest(variants, "kendall_tau"),
        "top20_overlap_min": _smallest(variants, "top20_overlap"),
        "members": [
            {c.SECTION_ID: name, "share": float(one)} for name, one in zip(ids, share, strict=True)
        ],
        "unstable": [
            name for name, one in zip(ids, share, strict=True) if one < STABLE_SHARE
        ],
    }  # fmt: skip


def section_intensity(town: Town, parameters: HazardParameters) -> FloatArray:
    """Return the harm per metre and month of each section; NaN for one outside the grid."""
    steps = town_steps(town, Model(parameters, town.fitted))
    section = steps.parts["section"].to_numpy(np.int64)
    harm = sum_by(section, steps.part_pieces.harm.sum(axis=(1, 2)), len(town.sections))
    metres = street_length(steps.parts, "section", len(town.sections))
    floor = np.where(metres > 0, np.maximum(metres, parameters.length_floor_m), np.nan)
    return harm / floor


def ranking_variants(town: Town, parameters: HazardParameters) -> Iterator[Variant]:
    """Yield every small change, in a fixed order."""
    model = Model(parameters, town.fitted)
    for sign, word in ((1 + STEP, "up"), (1 - STEP, "down")):
        for kind, chosen in _kinds_of_weight(parameters).items():
            fitted = _with_weights(model, np.where(chosen, sign, 1.0))
            changed = replace(town, fitted=fitted)
            yield Variant(WEIGHTS, f"{kind}_{word}", changed, parameters)
        for group, fitted in _severities(town, model, sign):
            changed = replace(town, fitted=fitted)
            yield Variant(SEVERITY, f"{group}_{word}", changed, parameters)
        yield Variant(BANDWIDTHS, word, town, _with_bandwidths(parameters, sign))
    for first, last in _months(town.as_of):
        changed = replace(town, coverage=_without(town.coverage, first, last))
        yield Variant(MONTHS, first.strftime("%Y-%m"), changed, parameters)


# -------------------------------------------------------------------------------------------


def _first(intensity: FloatArray) -> npt.NDArray[np.int64]:
    """Return the positions of the first twenty with any harm; ties by section id."""
    order = np.argsort(-np.nan_to_num(intensity), kind="stable")[:TOP]
    return order[np.nan_to_num(intensity)[order] > 0]


def _tau(before: FloatArray, after: FloatArray) -> float:
    known = ~np.isnan(before)
    tau = kendalltau(before[known], after[known]).statistic
    return float(tau) if np.isfinite(tau) else 1.0


def _smallest(variants: list[dict[str, Any]], name: str) -> float | None:
    return min((variant[name] for variant in variants), default=None)


def _kinds_of_weight(parameters: HazardParameters) -> dict[str, npt.NDArray[np.bool_]]:
    """Name the kinds of components and mark them among the weights (own, other, base)."""
    long = [k.half_life_days == parameters.long_half_life_days for k in parameters.own_components]
    own = len(long)
    places = np.arange(own + len(parameters.other_components) + 1)
    is_long = np.zeros(len(places), bool)
    is_long[:own] = long
    return {
        "long_memory": is_long,
        "short_memory": (places < own) & ~is_long,
        "other_groups": (places >= own) & (places < places[-1]),
        "base": places == places[-1],
    }


def _with_weights(model: Model, factor: FloatArray) -> FittedQuantities:
    weights = {group: tuple(np.array(model.weights(group)) * factor) for group in GROUPS}
    return replace(model.fitted, weights=weights)


def _severities(town: Town, model: Model, factor: float) -> Iterator[tuple[str, FittedQuantities]]:
    """Yield the fitted quantities with one group's severity changed, group by group."""
    counted = town_ground(town, model.parameters).counted
    weight = group_severity(counted, model, town.severity_table).weight
    for code, group in enumerate(GROUPS):
        if counted.count_by_group()[code]:
            days = dict(zip(GROUPS, weight.tolist(), strict=True))
            days[group] *= factor
            yield group, replace(model.fitted, severity_days=days)


def _with_bandwidths(parameters: HazardParameters, factor: float) -> HazardParameters:
    return replace(
        parameters,
        own_components=tuple(
            replace(one, bandwidth_m=one.bandwidth_m * factor) for one in parameters.own_components
        ),
        other_components=tuple(
            replace(one, bandwidth_m=one.bandwidth_m * factor)
            for one in parameters.other_components
        ),
        effect_nearby=tuple((width * factor, w) for width, w in parameters.effect_nearby),
        effect_own=tuple((width * factor, w) for width, w in parameters.effect_own),
    )


def _months(as_of: date) -> Iterator[tuple[date, date]]:
    """Yield first and last day of the twelve calendar months before the day, the last one first."""
    first = as_of.replace(day=1)
    for _ in range(12):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
        yield first, last


def _without(
    coverage: tuple[tuple[date, date], ...], first: date, last: date
) -> tuple[tuple[date, date], ...]:
    """Cut a span of days out of the covered periods."""
    day = timedelta(days=1)
    pieces = [
        piece
        for begin, end in coverage
        for piece in ((begin, min(end, first - day)), (max(begin, last + day), end))
    ]
    return tuple((begin, end) for begin, end in pieces if begin <= end)
