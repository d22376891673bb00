"""What of a check of the forecast may leave, for whom; the table stands in `geo.disclosure`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.disclosure import PROSECUTOR, PUBLIC, PUBLIC_LEAST_INCIDENTS, check_role

ROUNDED_TO = 5
"""The public is told a number of offences to the nearest multiple of this."""


def disclose_forecast(check: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return what a role may see of a check of the forecast.

    The public sees the verdict and the year as a whole: the number of offences to the nearest
    five, the found shares in whole per cents, so that no number can be worked back from them, and
    of the rivals the best simple map alone. Which sections do not stay among the first, and how
    single kinds of offences fared, stays with the prosecutor.

    Parameters
    ----------
    check
        JSON values as `geo.evaluation.forecast_check` makes them, with ``check_id``.

    Raises
    ------
    UsageError
        ``role_unknown``.
    """
    check_role(role)
    if role == PROSECUTOR:
        return dict(check)
    if role == PUBLIC:
        shown = {name: check[name] for name in _PUBLIC_CHECK if name in check}
        return {**shown, "pooled": _public_pooled(check["pooled"])}
    shown = {name: told for name, told in check.items() if name != "groups"}
    pooled = {name: told for name, told in check["pooled"].items() if name != "fitted"}
    pooled["protocol"] = {
        name: told for name, told in pooled["protocol"].items() if name != "groups"
    }
    return {**shown, "pooled": pooled, "stability": _folded_stability(check.get("stability"))}


# -------------------------------------------------------------------------------------------

_PUBLIC_CHECK = ("check_id", "made_at", "as_of", "period", "target")
_SECTION_IDS = ("members", "unstable")
_HITS = ("hit1", "hit5", "hit10")


def _public_pooled(pooled: Mapping[str, Any]) -> dict[str, Any]:
    verdict, protocol, models = pooled["verdict"], pooled["protocol"], pooled["models"]
    count = protocol["events_test"]
    few = count is None or count < PUBLIC_LEAST_INCIDENTS
    told = {name: protocol[name] for name in ("grid", "budget", "area_km2") if name in protocol}
    told["events_test"] = None if few else ROUNDED_TO * round(count / ROUNDED_TO)
    named = () if verdict["word"] == "too_few" else ("safe_region", verdict["best_baseline"])
    return {
        "verdict": dict(verdict),
        "protocol": told,
        "models": {
            name: {hit: _whole_percent(models[name].get(hit)) for hit in _HITS}
            for name in named
            if name in models
        },
        "standard_error": {
            hit: _whole_percent(pooled["standard_error"].get(hit)) for hit in _HITS if named
        },
    }


def _folded_stability(stability: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Leave out the names: of sections, and of variants, which name kinds of offences."""
    if stability is None:
        return None
    shown = {name: told for name, told in stability.items() if name not in _SECTION_IDS}
    variants = [
        {name: told for name, told in variant.items() if name != "name"}
        for variant in stability["variants"]
    ]
    return {**shown, "variants": variants}


def _whole_percent(share: float | None) -> float | None:
    return None if share is None else round(share, 2)
