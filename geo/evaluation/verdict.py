"""One word on a forecast: use it, do not use it, or too few incidents to tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.evaluation.baselines import BASELINES
from geo.evaluation.metrics import binomial_error

USE, DO_NOT_USE, TOO_FEW = "use", "do_not_use", "too_few"

LEAST_INCIDENTS = 30
"""Below this many incidents in all windows together nothing is said for or against."""

OURS = "safe_region"
Measures = Mapping[str, float | None]


def verdict(models: Mapping[str, Measures]) -> dict[str, Any]:
    """Judge the project's forecast by the best of the simple ones.

    It is not to be used where the gain is no higher than theirs, or where less is found in the
    flagged 5 % than the best of them finds, by more than one standard error.

    Returns
    -------
    ``word``, the ``best_baseline`` by gain (None without any) and the ``reasons``, codes.
    """
    ours = models[OURS]
    naive = {name: models[name] for name in BASELINES if name in models}
    gains = {name: known for name, one in naive.items() if (known := one["gain"]) is not None}
    best = max(gains, key=lambda name: gains[name]) if gains else None
    if (ours["n"] or 0) < LEAST_INCIDENTS:
        return {"word": TOO_FEW, "best_baseline": best, "reasons": ["few_events"]}
    reasons = []
    gain, hit5 = ours["gain"] or 0.0, ours["hit5"] or 0.0
    if best is not None and gain <= gains[best]:
        reasons.append("gain_lower")
    slack = binomial_error(hit5, int(ours["n"] or 0)) or 0.0
    if naive and hit5 < max(one["hit5"] or 0.0 for one in naive.values()) - slack:
        reasons.append("hit5_lower")
    return {"word": DO_NOT_USE if reasons else USE, "best_baseline": best, "reasons": reasons}
