"""What of a scenario may leave, for whom: harm to the prosecutor, whole per cents to the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.disclosure import PROSECUTOR, PUBLIC, check_role

_ALONE = ("changes", "avoided", "by_month", "a_year")


def disclose_scenario(scenario: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return what a role may see of a scenario's numbers.

    Harm and what is said by window could be worked back to the mixture of offences at a place, and
    what is changed to the visits of patrols: planner and dispatcher get the share of the day alone,
    in whole per cents. The public, which sees no section, gets none.

    Parameters
    ----------
    scenario
        ``share`` (span → mean, low, high) and whatever else the answer holds.

    Raises
    ------
    UsageError
        ``role_unknown``.

    Examples
    --------
    >>> told = {"share": {"day": {"mean": 0.1834, "low": 0.061, "high": 0.288}, "night": {}}}
    >>> disclose_scenario(told | {"a_year": {"mean": 9.1}}, "planner")
    {'share': {'day': {'mean': 0.18, 'low': 0.06, 'high': 0.29}}}
    """
    check_role(role)
    if role == PROSECUTOR:
        return dict(scenario)
    kept = {name: value for name, value in scenario.items() if name not in _ALONE}
    shares = {} if role == PUBLIC else {"day": scenario["share"]["day"]}
    return kept | {
        "share": {
            span: {name: round(value, 2) for name, value in one.items()}
            for span, one in shares.items()
        }
    }
