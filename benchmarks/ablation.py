"""What light, patrols and cameras are worth to the forecast of towns where their effect is planted.

``python -m benchmarks.ablation``: in invented towns lamps were lit and went out, patrols began and
cameras were repaired and failed, all on one day; each prevents what the planted truth says. The
year after that day is forecast in quarters, each on what was known on its first day: once whole,
once without each condition, once without what of it stands and once without what has changed. An
effect is what came against the forecast that has not noticed the change, less what the same streets
showed in the year before it.

The demo town itself has too few records to tell effects of a few percent; it is judged all the
same, and beside it three towns on the same plan with twenty times the records and more that
changed. Prints tables, a JSON line a row, and keeps all in ``benchmarks/results/ablation.json``.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import shape

from api.demo import import_demo, new_workspace
from api.opening import opened_workspace
from data.demo import prevention
from data.demo.equipment import CHANGED, Scale
from data.demo.town import generate_town
from data.inputs import Inputs, data_end, read_inputs
from data.pipeline import describe_streets
from geo.evaluation.ablation import Ablation, Past, ablation
from geo.evaluation.left_out import CONDITIONS
from geo.evaluation.recovery import Recovered, beyond_before
from geo.hazard.inputs import Town
from geo.hazard.town_fitting import fit_town
from geo.parameters import HazardParameters, parameters_hash

WINDOWS, HORIZON_DAYS = 4, 90
SEEDS = (1, 2, 3)
LARGE = Scale(records=20, lamps=0.25, cameras=400, stops=40)
APART_M = 250.0
KEPT = Path(__file__).with_name("results") / "ablation.json"
Kept = dict[str, Any]


def main() -> int:
    kept = kept_result(
        run([(1, Scale())], HazardParameters()),
        run([(seed, LARGE) for seed in SEEDS], HazardParameters()),
    )
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for town in ("demo", "large"):
        for name, row in kept[town]["without"].items():
            print(json.dumps({"benchmark": "ablation", "town": town, "without": name, **row}))
        for name, row in kept[town]["effects"].items():
            print(json.dumps({"benchmark": "ablation", "town": town, "effect": name, **row}))
    for town in ("demo", "large"):
        print(f"\n{town}\n{worth_table(kept[town])}\n\n{effect_table(kept[town])}")
    return 0


def run(
    towns: Sequence[tuple[int, Scale]], parameters: HazardParameters
) -> tuple[Ablation, list[list[str]]]:
    """Make towns of these seeds and sizes and judge them together.

    Returns
    -------
    What was found, and of each town the standing conditions that its fit left out.
    """
    pasts = []
    for seed, scale in towns:
        with tempfile.TemporaryDirectory() as folder:
            pasts.append(planted_past(make_town(Path(folder), seed, scale), parameters))
    left_out = [list(past.towns[0].fitted.standing_left_out) for past in pasts]
    return ablation(pasts, HORIZON_DAYS, parameters), left_out


def make_town(folder: Path, seed: int, scale: Scale) -> Path:
    """Invent a town and import it; no map is built."""
    directory = folder / "town"
    (directory / "demo").mkdir(parents=True)
    files = generate_town(directory / "demo", seed, scale)
    import_demo(new_workspace(directory, files), files)
    return directory


def planted_past(directory: Path, parameters: HazardParameters) -> Past:
    """Return a town on the first day of each window, and on the day after its last record.

    The windows before the change share the quantities fitted at its first window after it.
    Effects are looked for apart from what else is planted: a street that was halved by other
    means would be taken for theirs.
    """
    inputs = read_inputs(*opened_workspace(directory), as_of=None)
    end = data_end(inputs)

    def town_on(day: date) -> Town:
        known = known_on(inputs, day)
        return describe_streets(known, parameters, as_of=day, progress=lambda _: None).town

    back = [timedelta(days=HORIZON_DAYS * number) for number in range(WINDOWS, 0, -1)]
    starts = [end - days for days in back]
    assert starts[0] >= CHANGED + timedelta(days=28), "patrols are those of the last 28 days"
    towns = [town_on(day) for day in starts]
    fitted = fit_town(towns[0], parameters)
    truth = json.loads((directory / "demo" / "truth.json").read_text(encoding="utf-8"))
    return Past(
        [replace(town, fitted=fitted) for town in towns],
        town_on(end),
        judged=_apart(towns[0], truth),
        before=[replace(town_on(CHANGED - days), fitted=fitted) for days in back],
    )


def known_on(inputs: Inputs, day: date) -> Inputs:
    """Return what was known on a day: no later incident, no lamp or camera that failed later."""

    def then(assets: pd.DataFrame) -> pd.DataFrame:
        later = (assets["broken_from"] >= pd.Timestamp(day)).to_numpy(bool)
        known = assets.copy()
        known.loc[later, "working"] = True
        known.loc[later, ["broken_from", "broken_to"]] = pd.NaT
        return known

    incidents = inputs.incidents[inputs.incidents["occurred_at"] < pd.Timestamp(day)]
    return replace(
        inputs,
        incidents=incidents.reset_index(drop=True),
        lamps=then(inputs.lamps),
        cameras=then(inputs.cameras),
    )


def planted_effects() -> dict[str, float]:
    """Return ln of the planted factor of full darkness, full patrol presence, a watched view."""
    planted = (prevention.DARK_LOG_IRR, prevention.PATROL_LOG_IRR, prevention.CAMERA_LOG_IRR)
    return dict(zip(CONDITIONS, planted, strict=True))


def assumed_effects() -> dict[str, float]:
    """Return the same as the model assumes them."""
    chosen = HazardParameters()
    assumed = (chosen.dark_log_irr, chosen.patrol_log_irr, chosen.camera_log_irr)
    return dict(zip(CONDITIONS, assumed, strict=True))


def kept_result(
    demo: tuple[Ablation, list[list[str]]], large: tuple[Ablation, list[list[str]]]
) -> Kept:
    parameters = HazardParameters()
    return {
        "parameters": {"version": parameters.version, "sha256": parameters_hash(parameters)},
        "windows": WINDOWS,
        "horizon_days": HORIZON_DAYS,
        "changed": CHANGED.isoformat(),
        "large": {"scale": asdict(LARGE), "seeds": list(SEEDS), **_plain(*large)},
        "demo": {"scale": asdict(Scale()), "seeds": [1], **_plain(*demo)},
    }


def worth_table(found: Kept) -> str:
    rows = [("without", "gain", "hit 5 %", "brings, millinats", "touched", "brings there")]
    rows.append(("nothing", f"{found['whole']['gain']:.4f}", f"{found['whole']['hit5']:.2%}",
                 "", str(found["incidents"]), ""))  # fmt: skip
    for name, row in found["without"].items():
        there = "–" if row["brings_there"] is None else _error(row["brings_there"],
                                                               row["error_there"])  # fmt: skip
        rows.append((
            name,
            f"{row['without']['gain']:.4f}",
            f"{row['without']['hit5']:.2%}",
            _error(row["brings"], row["error"]),
            str(row["touched"]),
            there,
        ))  # fmt: skip
    return _laid_out(rows)


def effect_table(found: Kept) -> str:
    rows = [("effect", "planted", "found", "90 %", "after", "before", "safer: came, without, with",
             "worse: came, without, with")]  # fmt: skip
    for name, row in found["effects"].items():
        counts = [
            f"{row[side]['observed']}, {row[side]['unnoticed']:.0f}, {row[side]['noticed']:.0f}"
            for side in ("safer", "worse")
        ]
        ends = "–" if row["low"] is None else f"{row['low']:+.3f} … {row['high']:+.3f}"
        told = [_three(one["found"]) for one in (row, row["after"], row["before"])]
        rows.append((name, f"{row['planted']:+.3f}", told[0], ends, *told[1:], *counts))
    return _laid_out(rows)


# -------------------------------------------------------------------------------------------


def _apart(town: Town, truth: Kept) -> np.ndarray:
    """Mark the sections that lie 250 m and more from whatever else is planted."""
    planted = [one["geometry"] for one in truth["hot_sections"]]
    planted += [truth[key]["geometry"]
                for key in ("dark_corridor", "lamp_measure", "market", "raided")]  # fmt: skip
    frame = gpd.GeoDataFrame(geometry=[shape(one) for one in planted], crs=4326)
    metric = frame.estimate_utm_crs()
    near = frame.to_crs(metric).union_all().buffer(APART_M)
    sections = gpd.GeoDataFrame(town.sections, geometry="geometry", crs=4326).to_crs(metric)
    return ~sections.intersects(near).to_numpy()


def _plain(found: Ablation, left_out: list[list[str]]) -> Kept:
    return {
        "incidents": found.incidents,
        "standing_left_out": left_out,
        "whole": asdict(found.whole),
        "without": {name: _numbers(asdict(worth)) for name, worth in found.worth.items()},
        "effects": {
            name: _effect(name, effect, found.before[name])
            for name, effect in found.effects.items()
        },
    }


def _effect(name: str, after: Recovered, before: Recovered) -> Kept:
    """Turn times of the assumed effect into the effect itself, beside the planted one."""

    def told(times: float, low: float, high: float) -> Kept:
        assumed = assumed_effects()[name]
        low, high = sorted((assumed * low, assumed * high))
        return {"found": assumed * times, "low": low, "high": high}

    return _numbers(
        {
            "planted": planted_effects()[name],
            **told(*beyond_before(after, before)),
            "after": told(after.times, after.low, after.high),
            "before": told(before.times, before.low, before.high),
            "safer": asdict(after.safer),
            "worse": asdict(after.worse),
        }
    )


def _numbers(row: Kept) -> Kept:
    return {
        name: _numbers(value) if isinstance(value, dict)
        else None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in row.items()
    }  # fmt: skip


def _three(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"


def _error(value: float, error: float) -> str:
    return f"{1000 * value:+.2f} ± {1000 * error:.2f}"


def _laid_out(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


if __name__ == "__main__":
    raise SystemExit(main())
