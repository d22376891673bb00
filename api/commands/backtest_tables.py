"""What ``backtest`` found, as lines for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.evaluation.verdict import OURS

Row = Mapping[str, Any]

VERDICTS = {
    "use": "USE: its gain is higher than that of every simple map",
    "do_not_use": "DO NOT USE this forecast",
    "too_few": "TOO FEW events to tell",
}
REASONS = {
    "gain_lower": "the gain of {best} is as high or higher",
    "hit5_lower": "a simple map found more in the first 5 %, by more than a standard error",
    "few_events": "fewer than 30 events were tested",
}
BUDGETS = {"area": "area", "street_length": "street length"}
COLUMNS = (
    ("hit1", "1 %"), ("hit5", "5 %"), ("hit10", "10 %"), ("pai_025", "PAI .25"),
    ("pai_072", "PAI .72"), ("pei_072", "PEI .72"), ("gain", "gain"), ("ece10", "ece10"),
    ("jaccard", "jaccard"), ("seconds", "s"),
)  # fmt: skip
_SHARES = {"hit1", "hit5", "hit10"}
_WIDE = 13


def backtest_lines(found: Row) -> list[str]:
    """Return the lines for a file of events."""
    told, protocol = found["input"], found["protocol"]
    target = protocol["category"] or "all events"
    lines = [
        f"{told['file']}: {told['rows_read']} rows, {told['used']} used, {told['refused']} refused",
        *_refused_lines(told),
        f"study area: {told['study_area']}, {protocol['area_km2']:.1f} km² "
        f"({protocol['area_sq_mi']:.2f} sq mi), {protocol['cells']} cells of {protocol['grid']}",
        f"{target}: {protocol['events_test']} events in {len(protocol['origins'])} windows of "
        f"{protocol['horizon_days']} days, {protocol['test_from']} to {protocol['test_to']}; "
        f"known from {protocol['history_from']}",
        _fit_line(protocol["fitted_windows"]),
        *(f"  note: {warning}" for warning in told["warnings"]),
        "",
        *_models_table(found),
        "",
        *_verdict_lines(found["verdict"]),
    ]
    return lines + _hour_lines(found)


def _fit_line(windows: int) -> str:
    if not windows:
        return "default weights: the records are too short to fit any"
    return f"weights fitted on {windows} windows before the test"


def check_lines(found: Row) -> list[str]:
    """Return the lines for a workspace's own check."""
    pooled = found["pooled"]
    best = pooled["verdict"]["best_baseline"]
    lines = [
        f"check {found['check_id'] or '(not kept)'} as of {found['as_of']}: "
        f"{pooled['protocol']['events_test']} offences, {found['period'][0]} to "
        f"{found['period'][1]}, shares of the {BUDGETS[pooled['protocol']['budget']]}",
        "",
        "found in the first …".ljust(_WIDE * 2) + "1 %".rjust(8) + "5 %".rjust(8) + "10 %".rjust(8),
    ]
    for quarter in found["quarters"]:
        lines.append(f"{quarter['quarter']} · {quarter['n']} offences")
        lines += [_hits_line(name, quarter["models"]) for name in (OURS, best) if name]
    lines += ["", "all quarters together", *_models_table(pooled), ""]
    lines += [
        f"{group}: {told['n']} offences, {_cell(told, 'hit5')} in the first 5 %, "
        f"{told['verdict'].replace('_', ' ')}"
        for group, told in found["groups"].items()
    ]
    stability = found.get("stability") or {}
    if stability.get("kendall_tau_min") is not None:
        lines.append(
            f"ranking: Kendall's tau at least {stability['kendall_tau_min']:.2f}, overlap of the "
            f"first 20 at least {stability['top20_overlap_min']:.0%}, "
            f"{len(stability['unstable'])} of them unstable"
        )
    return [*lines, *_verdict_lines(pooled["verdict"])]


# -------------------------------------------------------------------------------------------


def _refused_lines(told: Row) -> list[str]:
    lines = [f"  {code}: {count} rows" for code, count in told["reasons"].items()]
    lines += [
        f"  row {one['row']}, column {one['column']!r}: {one['code']}"
        for one in told["refused_rows"][:5]
    ]
    return lines


def _models_table(found: Row) -> list[str]:
    head = " " * _WIDE + "".join(word.rjust(9) for _, word in COLUMNS)
    rows = [
        name.ljust(_WIDE) + "".join(_cell(one, column).rjust(9) for column, _ in COLUMNS)
        for name, one in found["models"].items()
    ]
    errors = found.get("standard_error") or {}
    points = [
        "" if errors.get(column) is None else f"±{100 * errors[column]:.1f}"
        for column, _ in COLUMNS
    ]
    return [head, *rows, ("± s.e.".ljust(_WIDE) + "".join(p.rjust(9) for p in points)).rstrip()]


def _hits_line(name: str, models: Row) -> str:
    cells = "".join(_cell(models[name], hit).rjust(8) for hit in ("hit1", "hit5", "hit10"))
    return f"  {name}".ljust(_WIDE * 2) + cells


def _cell(measures: Row, name: str) -> str:
    value = measures.get(name)
    if value is None:
        return "–"
    if name in _SHARES:
        return f"{100 * value:.1f}"
    return f"{value:.3f}" if name in {"gain", "ece10"} else f"{value:.2f}"


def _verdict_lines(verdict: Row) -> list[str]:
    reasons = "; ".join(
        REASONS[code].format(best=verdict["best_baseline"]) for code in verdict["reasons"]
    )
    return [
        VERDICTS[verdict["word"]] + (f" ({reasons})" if reasons else ""),
        f"best simple map by gain: {verdict['best_baseline']}",
    ]


def _hour_lines(found: Row) -> list[str]:
    if "hours" not in found:
        return []
    shares = ", ".join(f"{window} {share:.0%}" for window, share in found["hours"].items())
    return [
        f"hours of {found['hours_known']} events: {shares}; most an hour: {found['peak_window']}"
    ]
