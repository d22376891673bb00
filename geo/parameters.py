"""The numbers of the hazard model: one frozen, versioned set, its hash stored with each run.

Changing a number means a new ``version``, a line in the changelog, a decision record and a table
of the ranking before and after. Sources: docs/model.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

DAYS_PER_MONTH = 30.4375

SCORED_RESOLUTION = 10
"""H3 resolution at which cells are scored; the coarser ones are sums of it."""

GROUPS = ("child", "theft_robbery", "violence", "disorder")
"""Offence groups that enter the rate; drugs are a layer only."""

DRUGS = "drugs"

WINDOWS: dict[str, tuple[tuple[float, float], ...]] = {
    "school_am": ((7.0, 9.0),),
    "midday": ((12.5, 14.5),),
    "school_pm": ((17.5, 19.5),),
    "evening": ((19.5, 22.0),),
    "night": ((22.0, 24.0), (0.0, 6.0)),
    "other": ((6.0, 7.0), (9.0, 12.5), (14.5, 17.5)),
}
"""Local hours [from, to) of each window; together they partition the day."""

SCHOOL_WINDOWS = ("school_am", "midday", "school_pm")

PARTS = (
    "area",
    "people_and_places",
    "recent_nearby",
    "standing_conditions",
    "own_record",
    "level",
    "hour",
    "change_since",
)
"""Names of the parts of ln(hazard), in the order of the chain A1 … A8."""


def window_hours(window: str) -> float:
    """Return how many hours of a day a window covers."""
    return sum(end - start for start, end in WINDOWS[window])


def window_of_hour(hour: float) -> str:
    """Return the window that a local hour of the day (0 ≤ hour < 24) falls in."""
    for window, spans in WINDOWS.items():
        if any(start <= hour < end for start, end in spans):
            return window
    raise ValueError(f"hour {hour} is outside 0–24")


@dataclass(frozen=True)
class KernelComponent:
    """One event kernel of the rate: its bandwidth, its memory and its default weight.

    ``half_life_days`` is the time after which an incident counts half.
    """

    bandwidth_m: float
    half_life_days: float
    weight: float


@dataclass(frozen=True)
class HazardParameters:
    """Every number of the model that is a choice.

    Attributes are grouped as the chain runs: rate, time of day, modifiers, sections, score.
    """

    version: str = "3"

    own_components: tuple[KernelComponent, ...] = (
        KernelComponent(100, 1095, 0.12),
        KernelComponent(200, 1095, 0.05),
        KernelComponent(400, 1095, 0.13),
        KernelComponent(800, 1095, 0.25),
        KernelComponent(200, 365, 0.04),
        KernelComponent(800, 60, 0.05),
        KernelComponent(200, 30, 0.01),
    )
    other_components: tuple[KernelComponent, ...] = (
        KernelComponent(100, 3650, 0.07),
        KernelComponent(200, 3650, 0.08),
        KernelComponent(400, 3650, 0.16),
    )
    base_weight: float = 0.04
    base_street_share: float = 0.9
    level_half_life_days: float = 60
    long_half_life_days: float = 1095
    effect_half_life_days: float = 3650
    effect_shape: float = 2.0
    effect_other_groups: float = 0.3
    effect_nearby: tuple[tuple[float, float], ...] = ((200, 0.45), (400, 0.25), (800, 0.10))
    effect_own: tuple[tuple[float, float], ...] = ((200, 0.15),)
    effect_base: float = 0.05
    background_error: float = 2.5
    kernel_cut_bandwidths: float = 3.0
    kernel_cut_floor_m: float = 120.0
    kernel_cut_cells: float = 1.02

    accuracy_classes_m: tuple[float, ...] = (100, 200, 400, 800)
    accuracy_exact_m: float = 65
    sensitive_resolution: int = 8

    hour_bandwidth_m: float = 800
    hour_prior_incidents: float = 50
    hour_town_prior_incidents: float = 1

    dark_log_irr: float = 0.315
    dark_sd: float = 0.12
    dark_share_by_group: dict[str, float] = field(
        default_factory=lambda: {
            "child": 0.5, "theft_robbery": 1.0, "violence": 0.5, "disorder": 0.5,
        }
    )  # fmt: skip
    lit_relief: float = 0.75
    light_presets: dict[str, float] = field(
        default_factory=lambda: {"conservative": 0.86, "rct": 0.64}
    )
    neighbourhood_bandwidth_m: float = 400
    patrol_log_irr: float = -0.174
    patrol_sd: float = 0.05
    patrol_full_minutes: float = 15
    patrol_residual_minutes: float = 120
    patrol_neighbour_share: float = 0.5
    camera_log_irr: float = -0.139
    camera_sd: float = 0.06
    lamp_reach_m: float = 25
    lamp_reach_per_mount_height: float = 3.5
    lamp_stray_m: float = 60
    lit_tag_confidence: float = 0.8
    lit_list_confidence: float = 0.9
    lit_line_reach_m: float = 25
    light_record_fresh_days: float = 365
    light_record_half_life_days: float = 1825
    light_prior: tuple[float, float] = (2.0, 2.0)
    camera_reach_m: float = 40
    camera_angle_deg: float = 90
    camera_circle_weight: float = 0.25
    camera_passive_share: float = 0.5
    camera_unknown_state_share: float = 0.5

    crosswalk_kernel_share: float = 0.9
    crosswalk_bandwidth_m: float = 200
    crosswalk_reach_m: float = 600
    incident_snap_m: float = 100
    length_floor_m: float = 30
    walking_speed_m_s: float = 1.2
    route_limit_m: float = 3000
    route_snap_m: float = 300
    pupils_per_dwelling: float = 0.35
    school_days_per_year: float = 191
    walk_lead_minutes: float = 15

    severity_days_by_gravity: tuple[float, ...] = (30, 456, 1004, 3103, 5840)
    severity_minimum_incidents: int = 20
    severity_years: int = 3
    observed_days: int = 365

    breaks: tuple[float, ...] = (75, 90, 95, 99)
    class_change_probability: float = 0.8
    interval: tuple[float, float] = (0.05, 0.95)
    strong_ratio: float = 4
    tentative_ratio: float = 10
    top_share: float = 0.05
    listed_sections: int = 20
    draws: int = 400
    area_basis_below: float = 0.9
    exposure_floor_quantile: float = 0.1

    hotspot_false_share: float = 0.05
    hotspot_least_incidents: int = 5
    hotspot_least_days: int = 365


def parameters_hash(parameters: HazardParameters) -> str:
    """Return the SHA-256 of the set as canonical JSON."""
    text = json.dumps(asdict(parameters), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
