"""What ``benchmarks.ablation`` measured, as tables of the model card."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Kept = dict[str, Any]

TOWNS = {"large": "large towns", "demo": "demo town"}
NAMES = {
    "light": "light",
    "patrol": "patrols",
    "camera": "cameras",
    "standing_light": "light, what stands",
    "standing_patrol": "patrols, what stands",
    "standing_camera": "cameras, what stands",
    "light_since": "light, what has changed",
    "patrol_since": "patrols, what has changed",
    "camera_since": "cameras, what has changed",
}
MEANT = {
    "light": "ln of thefts in full darkness",
    "patrol": "ln at full presence",
    "camera": "ln in a watched view",
}


def worth_table(kept: Kept) -> str:
    """Lay out what the forecast loses without each condition, in all towns."""
    heads = ["without", "town", "gain", "hit rate 5 %", "brings, thousandths of a nat", "touched",
             "brings there"]  # fmt: skip
    rows = []
    for town, name in TOWNS.items():
        found = kept[town]
        rows.append(["nothing", name, *_skill(found["whole"]), "", _spaced(found["incidents"]), ""])
        for variant, row in found["without"].items():
            there = None if not row["touched"] else (row["brings_there"], row["error_there"])
            rows.append(
                [
                    NAMES[variant],
                    name,
                    *_skill(row["without"]),
                    _with_error(row["brings"], row["error"]),
                    _spaced(row["touched"]),
                    "–" if there is None else _with_error(*there),
                ]
            )
    return _markdown(heads, rows)


def effect_table(kept: Kept) -> str:
    """Lay out the planted effects and what was found of them."""
    heads = ["effect", "town", "planted", "found", "90 % interval", "after", "before",
             "safer: came, without, with", "worse: came, without, with"]  # fmt: skip
    rows = [
        [
            f"{NAMES[condition]}: {MEANT[condition]}",
            name,
            _signed(row["planted"], 3),
            _signed(row["found"], 3),
            f"{_signed(row['low'], 3)} to {_signed(row['high'], 3)}",
            *(_signed(row[time]["found"], 3) for time in ("after", "before")),
            *(_counts(row[side]) for side in ("safer", "worse")),
        ]
        for town, name in TOWNS.items()
        for condition, row in kept[town]["effects"].items()
    ]
    return _markdown(heads, rows)


def planted_town(kept: Kept) -> dict[str, str]:
    """Return what the text of the card says of the towns."""
    large, demo = kept["large"], kept["demo"]
    scale = large["scale"]
    left_out = [
        " and ".join(NAMES[n] for n in names) or "none" for names in large["standing_left_out"]
    ]
    return {
        "planted_towns": str(len(large["seeds"])),
        "planted_records": f"{scale['records']:g}",
        "planted_lamps": f"{100 * scale['lamps']:g} %",
        "planted_cameras": str(scale["cameras"]),
        "planted_stops": str(scale["stops"]),
        "planted_day": kept["changed"],
        "planted_windows": str(kept["windows"]),
        "planted_days": str(kept["horizon_days"]),
        "planted_left_out": "; ".join(left_out),
        "demo_incidents": _spaced(demo["incidents"]),
    }


# -------------------------------------------------------------------------------------------


def _skill(row: Kept) -> tuple[str, str]:
    return f"{row['gain']:.4f}", f"{100 * row['hit5']:.2f} %"


def _counts(row: Kept) -> str:
    if not row["streets"]:
        return "–"
    return ", ".join(_spaced(row[name]) for name in ("observed", "unnoticed", "noticed"))


def _with_error(value: float, error: float) -> str:
    return f"{_signed(1000 * value, 2)} ± {1000 * error:.2f}"


def _signed(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


def _markdown(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
