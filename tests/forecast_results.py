"""A check of the forecast with made-up numbers, as the science returns it."""

from copy import deepcopy
from typing import Any

BASELINES = ("count_365", "count_all", "kde_200_365", "kde_400_365", "kde_200_all", "kde_400_all",
             "kde_800_all", "promap")  # fmt: skip
QUARTERS = (
    ("2025Q4", "2025-10-01", "2025-12-31", 300),
    ("2026Q1", "2026-01-01", "2026-03-31", 260),
    ("2026Q2", "2026-04-01", "2026-06-30", 340),
    ("2026Q3", "2026-07-01", "2026-09-30", 312),
)
MEMBERS = [f"s{number:012x}" for number in range(20)]


def measures(hit1: float, hit5: float, hit10: float, gain: float, n: int = 1212) -> dict[str, Any]:
    return {
        "n": n, "hit1": hit1, "hit5": hit5, "hit10": hit10, "pai_025": 10 * hit1 + 5,
        "pai_072": 8.25, "pei_072": 0.4, "hits_072": 200, "gain": gain, "ece10": 0.089,
        "top_oe": 1.04, "jaccard": 0.88, "seconds": 1.5,
    }  # fmt: skip


def models(n: int = 1212) -> dict[str, Any]:
    """Ours beats each of the simple ones; the best of those is kde_400_all."""
    simple = {name: measures(0.1, 0.21, 0.33, 0.5, n) for name in BASELINES}
    return {
        "safe_region": measures(0.1275, 0.2973, 0.4440, 0.872, n),
        **simple,
        "kde_400_all": measures(0.1144, 0.2756, 0.4021, 0.738, n),
        "steb": measures(0.12, 0.29, 0.43, 0.851, n),
    }


def forecast_check(word: str = "use") -> dict[str, Any]:
    """Return a check with the verdict ``use``, ``do_not_use`` or ``too_few``."""
    check = deepcopy(_CHECK)
    pooled = check["pooled"]
    if word == "do_not_use":
        pooled["models"]["safe_region"] |= {"gain": 0.6, "hit5": 0.2}
        pooled["verdict"] |= {"word": word, "reasons": ["gain_lower", "hit5_lower"]}
    if word == "too_few":
        pooled["protocol"]["events_test"] = 12
        pooled["verdict"] |= {"word": word, "reasons": ["few_events"]}
    return check


_CHECK: dict[str, Any] = {
    "check_id": "0123456789abcdef",
    "made_at": "2026-10-01T03:04:05",
    "as_of": "2026-10-01",
    "incidents_sha256": "ab" * 32,
    "run_id": "fedcba9876543210",
    "parameters": {"version": "2", "sha256": "cd" * 32},
    "code": "0.1.0+12345678",
    "target": "all",
    "period": ["2025-10-01", "2026-09-30"],
    "quarters": [
        {"quarter": name, "from": first, "to": last, "n": n, "models": models(n)}
        for name, first, last, n in QUARTERS
    ],
    "pooled": {
        "protocol": {
            "category": None, "groups": ["child", "theft_robbery", "violence", "disorder"],
            "grid": "h3:10", "horizon_days": 92, "origins": [q[1] for q in QUARTERS],
            "test_from": "2025-10-01", "test_to": "2026-09-30", "history_from": "2022-10-01",
            "budget": "area", "cells": 2561, "area_km2": 38.25, "area_sq_mi": 14.77,
            "events_test": 1212, "thin": None, "seed": 0, "fitted_windows": 20,
        },
        "fitted": {"weights": {}, "effect_shape": {}, "season_used": []},
        "models": models(),
        "standard_error": {"hit1": 0.0096, "hit5": 0.0131, "hit10": 0.0143},
        "verdict": {"word": "use", "best_baseline": "kde_400_all", "reasons": []},
        "calibration": [
            {"expected": 121.2, "observed": 121.2 + (-1) ** part * 3 * part} for part in range(10)
        ],
    },
    "groups": {
        "against_persons": {"n": 402, "hit5": 0.31, "gain": 0.9, "verdict": "use"},
        "theft_robbery": {"n": 700, "hit5": 0.28, "gain": 0.7, "verdict": "do_not_use"},
        "disorder": {"n": 22, "hit5": 0.2, "gain": 0.1, "verdict": "too_few"},
    },
    "stability": {
        "variants": [
            {"family": "weights", "name": "base_up", "kendall_tau": 0.97, "top20_overlap": 0.95},
            {"family": "months", "name": "2026-04", "kendall_tau": 0.93, "top20_overlap": 0.9},
        ],
        "kendall_tau_min": 0.93,
        "top20_overlap_min": 0.9,
        "members": [{"section_id": name, "share": 1.0} for name in MEMBERS],
        "unstable": MEMBERS[18:],
    },
}  # fmt: skip
