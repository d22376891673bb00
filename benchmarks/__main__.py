"""Run every comparison in a process of its own, one after the other; keep and sum up the lines.

``python -m benchmarks``: prints each JSON line as it comes, keeps them in
``benchmarks/results/<date>.jsonl`` and ends with a table. It fails if a comparison could not run
or its results differ, never for a figure.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.town import make_demo_town

TOPICS = (
    "binning", "osm_reading", "tile_encoding", "school_routes", "what_if", "import_files",
    "import_load", "hazard_rate", "portland_forecast", "ablation",
)  # fmt: skip
TOWN_TOPICS = ("tile_serving", "page_size", "cold_start")
"""Those that look at the demo town, built once for all of them."""

RESULTS = Path(__file__).parent / "results"
LIMIT_S = 1200
Line = dict[str, Any]


def main() -> int:
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{dt.date.today().isoformat()}.jsonl"
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder, kept.open("a", encoding="utf-8") as stream:
        for topic in (*TOPICS, *TOWN_TOPICS):
            arguments = []
            if topic in TOWN_TOPICS:
                town = Path(folder) / "town"
                arguments = [str(town if town.exists() else make_demo_town(Path(folder)))]
            for line in run(topic, arguments):
                text = json.dumps(line, ensure_ascii=False)
                print(text, flush=True)
                print(text, file=stream, flush=True)
                lines.append(line)
    print(f"\n{table(lines)}\n\nkept in {kept}")
    return int(any("failed" in line or line.get("equal") is False for line in lines))


def run(topic: str, arguments: list[str]) -> list[Line]:
    """Return a comparison's lines, or one that says why there is none."""
    command = [sys.executable, "-m", f"benchmarks.{topic}", *arguments]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return [{"benchmark": topic, "failed": f"not done after {LIMIT_S} s"}]
    found = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        found.append({"benchmark": topic, "failed": reason})
    return found


def table(lines: list[Line]) -> str:
    rows = [("benchmark", "ratio", "goal", "reached")]
    rows += [(name(line), ratio(line), goal(line), verdict(line)) for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def name(line: Line) -> str:
    parts = [line["benchmark"]]
    if "points" in line:
        parts.append(f"{line['points']:,} points r{line['resolution']}".replace(",", " "))
    if "asked_for" in line:
        parts.append(f"{line['asked_for']} tiles")
    return " · ".join(parts)


def ratio(line: Line) -> str:
    return "–" if line.get("ratio") is None else f"{line['ratio']} ×"


def goal(line: Line) -> str:
    asked = [f"≥ {line['goal']:g} ×"] if "goal" in line else []
    asked += [
        f"{key} {bound} ({'–' if line.get(key) is None else line[key]})"
        for key, bound in line.get("bounds", {}).items()
    ]
    return "; ".join(asked) or "–"


def verdict(line: Line) -> str:
    """Judge a line: its ratio against the goal, every bounded figure against its bound."""
    if "failed" in line:
        return f"failed: {line['failed']}"
    if line.get("equal") is False:
        return "no: the results differ"
    held = [kept(line.get(key), bound) for key, bound in line.get("bounds", {}).items()]
    if "goal" in line:
        held.append(kept(line.get("ratio"), f"≥ {line['goal']}"))
    missing = [text for key, text in line.items() if key.endswith("_missing")]
    if False in held:
        return "; ".join(["no", *missing])
    return "; ".join(["yes" if None not in held else "so far", *missing])


def kept(figure: float | None, bound: str) -> bool | None:
    """Tell whether a figure keeps a bound such as ``≤ 5``; None where there is no figure."""
    if figure is None:
        return None
    sign, limit = bound.split()
    return figure <= float(limit) if sign == "≤" else figure >= float(limit)


if __name__ == "__main__":
    sys.exit(main())
