"""What standing darkness, lamps, patrols and cameras are worth to the forecast of the demo town.

``python -m benchmarks.ablation [WORKSPACE]``: forecasts the last eighteen months one by one, each
on what was known on its first day, once whole and once without each condition. Prints a JSON line
a condition and a table: nats an incident that the condition brings, with the standard error (below
0 the forecast would have been better without it), and on the sections that it made safer what was
observed and what was expected with and without it, as shares of the town.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

from api.opening import opened_workspace
from benchmarks.town import demo_town
from data.inputs import data_end, read_inputs
from data.pipeline import describe_streets
from geo.evaluation.ablation import Worth, ablation
from geo.hazard.inputs import Town
from geo.hazard.town_fitting import fit_town
from geo.parameters import HazardParameters

WINDOWS, HORIZON_DAYS = 18, 30


def main() -> int:
    with demo_town() as folder:
        towns, recorded = past_towns(folder)
    found = ablation(towns, recorded, HORIZON_DAYS, HazardParameters())
    for modifier, worth in found.items():
        print(json.dumps({"benchmark": "ablation", "without": modifier, **asdict(worth)}))
    print("\n" + table(found))
    return 0


def past_towns(folder: Path) -> tuple[list[Town], Town]:
    """Return the town on the first day of each window, and on the day after its last record."""
    inputs = read_inputs(*opened_workspace(folder), as_of=None)
    parameters, end = HazardParameters(), data_end(inputs)

    def town_on(day: date) -> Town:
        return describe_streets(inputs, parameters, as_of=day, progress=lambda _: None).town

    first = end - timedelta(days=WINDOWS * HORIZON_DAYS)
    starts = [first + timedelta(days=HORIZON_DAYS * n) for n in range(WINDOWS)]
    towns = [town_on(day) for day in starts]
    fitted = fit_town(towns[0], parameters)
    return [replace(town, fitted=fitted) for town in towns], town_on(end)


def table(found: dict[str, Worth]) -> str:
    head = ("without", "incidents", "nats by cell", "nats by section", "observed : with : without")
    rows = [head]
    for modifier, worth in found.items():
        shares = worth.changed
        told = "–" if shares is None else " : ".join(f"{share:.2%}" for share in shares)
        rows.append((
            modifier,
            str(worth.incidents),
            f"{worth.by_cell:+.5f} ± {worth.by_cell_error:.5f}",
            f"{worth.by_section:+.5f} ± {worth.by_section_error:.5f}",
            told,
        ))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


if __name__ == "__main__":
    raise SystemExit(main())
