"""Lay out forecasts, bars and losses as plain text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.forecast_bars import Cases, Comparison, figure, missed_by, words

COLUMNS = (
    "hit1", "hit5", "hit10", "pai_025", "pai_072", "pei_072", "gain", "ece10", "level_oe",
    "jaccard",
)  # fmt: skip


def models_table(cases: Cases) -> str:
    """Lay out every model of every case, the mean over its seeds."""
    lines = []
    for case, targets in cases.items():
        for target, results in targets.items():
            facts = results[0]["protocol"]
            lines.append(
                f"\n{target} · {case}: {len(facts['origins'])} windows of "
                f"{facts['horizon_days']} days from {facts['test_from']} to {facts['test_to']}, "
                f"{facts['grid']}, {facts['cells']} cells, "
                f"{figure(results, 'n'):.0f} calls"
                + f" (mean of {len(results)} seeds)"
                * (len(results) > 1)
            )
            lines.append(row("", COLUMNS))
            for model in results[0]["models"]:
                values = [cell(results, measure, model) for measure in COLUMNS]
                lines.append(row(model, values))
            error = results[0]["standard_error"]
            errors = [f"±{100 * error[m]:.1f}" if m in error else "" for m in COLUMNS]
            lines.append(row("standard error", errors))
    return "\n".join(lines).lstrip("\n")


def cell(results: list[dict[str, Any]], measure: str, model: str) -> str:
    if any(one["models"][model][measure] is None for one in results):
        return "–"
    return words(measure, figure(results, measure, model))


def bars_table(bars: list[dict[str, Any]]) -> str:
    """Lay out each bar beside what was measured."""
    return "\n".join(
        f"{bar['target']:<5}{bar['case']:<19}{bar['measure']:<26}"
        f"{bar['sign']} {words(bar['measure'], bar['bound']):<13}"
        f"{words(bar['measure'], bar['measured']):<13}{missed_by(bar)}"
        for bar in bars
    )


def others_table(others: list[dict[str, Any]]) -> str:
    """Lay out what is asked besides the forecast."""
    return "\n".join(
        f"{bar['what']:<58}{bar['sign']} {bar['bound']:<8g}{bar['measured']:<12.3g}{missed_by(bar)}"
        for bar in others
    )


def losses_table(found: list[Comparison]) -> str:
    """Lay out ours beside the best other forecast."""
    return "\n".join(
        f"{one.target:<5}{one.case:<19}{one.measure:<9}ours {words(one.measure, one.ours):<9}"
        f"best other {words(one.measure, one.best):<9}{one.rival}"
        for one in found
    )


def row(head: str, cells: Iterable[str]) -> str:
    return f"{head:<15}" + "".join(f"{text:>10}" for text in cells)
