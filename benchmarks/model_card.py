"""Write docs/model-card.md from what two benchmarks measured.

``python -m benchmarks.model_card``, after ``benchmarks.portland_forecast`` and
``benchmarks.ablation``. Every number of the card comes from the kept results or from
the constants of the code; a test writes the card anew and compares.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from benchmarks.ablation_tables import effect_table, planted_town, worth_table
from benchmarks.forecast_bars import ONE_GROUP, OURS, RIVALS, figure, missed_by, words
from benchmarks.other_bars import COVERED
from benchmarks.portland_forecast import KEPT
from geo.evaluation.metrics import UNIFORM_SHARE
from geo.evaluation.verdict import LEAST_INCIDENTS

TEMPLATE = Path(__file__).with_name("model_card_template.md")
WORTH = KEPT.with_name("ablation.json")
CARD = Path(__file__).resolve().parents[1] / "docs" / "model-card.md"
Kept = dict[str, Any]

KINDS = {"TOA": "theft of a vehicle", "BURG": "burglary"}
CASES = {
    "month": "1 month, H3 resolution 10",
    "fortnight": "2 weeks, H3 resolution 10",
    "quarter": "3 months, H3 resolution 10",
    "fortnight_squares": "2 weeks, squares of 250 ft",
    "week_squares": "1 week, squares of 250 ft",
    "month_coarse": "1 month, H3 resolution 9",
    "thinned": "1 month, resolution 10, one call in ten",
}
MEASURES = {
    "hit1": "hit rate 1 %",
    "hit5": "hit rate 5 %",
    "hit10": "hit rate 10 %",
    "pai_025": "PAI 0.25 sq mi",
    "pai_072": "PAI 0.72 sq mi",
    "pei_072": "PEI 0.72 sq mi",
    "gain": "gain",
    "ece10": "calibration error",
    "level_oe": "level",
    "jaccard": "Jaccard 1 %",
    "gain over steb": "gain over the one-group form",
    "gain over near densities": "gain over the best of three densities",
    "gain over densities": "gain over the best of all densities",
    "hit5 over rivals": "hit rate 5 % over the best rival",
}
SHARES = ("hit1", "hit5", "hit10")
TABLE = (
    "hit1", "hit5", "hit10", "pai_025", "pai_072", "pei_072", "gain", "ece10", "level_oe",
    "jaccard",
)  # fmt: skip
TABLED = (
    ("month", "TOA"), ("month", "BURG"), ("fortnight_squares", "TOA"), ("thinned", "TOA"),
    ("thinned", "BURG"),
)  # fmt: skip
NAMES = {OURS: "**hazard rate**", ONE_GROUP: "its one-group form"}


def main() -> None:
    kept, worth = (json.loads(path.read_text(encoding="utf-8")) for path in (KEPT, WORTH))
    CARD.write_text(render_card(kept, worth), encoding="utf-8")
    print(f"written: {CARD.relative_to(CARD.parents[1])}")


def render_card(kept: Kept, worth: Kept) -> str:
    """Return the card as Markdown, from what Portland and the planted towns measured."""
    month = {target: only(kept, "month", target) for target in KINDS}
    facts = month["TOA"]["protocol"]
    calls = [f"{spaced(figure([month[target]], 'n'))} calls of {KINDS[target]}" for target in KINDS]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=version(kept),
        least_incidents=LEAST_INCIDENTS,
        area=f"{facts['area_sq_mi']:.2f}",
        cells=spaced(facts["cells"]),
        test_to=facts["test_to"],
        test_from=facts["test_from"],
        months=len(facts["origins"]),
        calls=" and ".join(calls),
        uniform=f"{100 * UNIFORM_SHARE:.0f} %",
        seeds=len(kept["cases"]["thinned"]["TOA"]),
        results="\n\n".join(results_table(kept, case, target) for case, target in TABLED),
        losses=comparison_table(kept["behind"]),
        expected_losses=comparison_table(kept["expected_losses"]),
        calibration=calibration(month),
        towns=kept["coverage"][0]["towns"],
        intervals=intervals(kept["coverage"]),
        stability=stability(kept),
        bars=bars(kept),
        cost=cost(kept["cost"]),
        worth=worth_table(worth),
        effects=effect_table(worth),
        **planted_town(worth),
    )


def version(kept: Kept) -> str:
    known, data = kept["version"], kept["data"]
    return markdown(
        ["", ""],
        [
            ["parameters", f"version {known['parameters']}, `{known['parameters_sha256'][:16]}`"],
            ["code", f"`{known['code']}`"],
            ["judged on", f"Portland, Oregon, {data['from']} to {data['to']}"],
            ["forms whose figures on the last year were looked at", str(kept["variants_tried"])],
        ],
    )


def results_table(kept: Kept, case: str, target: str) -> str:
    found = kept["cases"][case][target]
    rows = [
        [NAMES.get(model, f"`{model}`")] + [measured(found, measure, model) for measure in TABLE]
        for model in (OURS, ONE_GROUP, *RIVALS)
    ]
    calls = spaced(figure(found, "n"))
    title = f"**{KINDS[target].capitalize()}, {CASES[case]}** ({calls} calls)"
    return f"{title}\n\n{markdown(['', *(MEASURES[measure] for measure in TABLE)], rows)}"


def comparison_table(found: list[Kept]) -> str:
    rows = [
        [
            KINDS[one["target"]],
            CASES[one["case"]],
            MEASURES[one["measure"]],
            words(one["measure"], one["ours"]),
            words(one["measure"], one["best"]),
            NAMES.get(one["rival"], f"`{one['rival']}`"),
        ]
        for one in sorted(found, key=place)
    ]
    return markdown(["", "case", "measure", "rate", "best other", "which"], rows)


def place(one: Kept) -> tuple[int, int]:
    """Tell where a line stands: by kind of call, then by case."""
    return list(KINDS).index(one["target"]), list(CASES).index(one["case"])


def calibration(month: dict[str, Kept]) -> str:
    sides = [(target, side) for target in KINDS for side in ("expected", "observed")]
    groups = zip(*(month[target]["calibration"] for target in KINDS), strict=True)
    rows = [
        [str(number)] + [f"{one[side]:.0f}" for one in group for side in ("expected", "observed")]
        for number, group in enumerate(groups, start=1)
    ]
    return markdown(["group", *(f"{KINDS[target]}, {side}" for target, side in sides)], rows)


def intervals(known: list[Kept]) -> str:
    rows = [
        [one["plan"], one["of"], *(f"{100 * one[key]:.1f} %" for key in COVERED)] for one in known
    ]
    heads = ["towns", "interval of", "all cells", "predicted hottest 5 %", "truly hottest 5 %"]
    return markdown(heads, rows)


def stability(kept: Kept) -> str:
    return "\n".join(
        f"- {KINDS[target]}, {CASES[case]}: "
        f"{measured(kept['cases'][case][target], 'jaccard', OURS)}"
        for case, target in (("month", "TOA"), ("month", "BURG"), ("quarter", "TOA"))
    )


def bars(kept: Kept) -> str:
    rows = [
        [
            KINDS[bar["target"]],
            CASES[bar["case"]],
            MEASURES[bar["measure"]],
            f"{bar['sign']} {words(bar['measure'], bar['bound'])}",
            words(bar["measure"], bar["measured"]),
            missed_by(bar),
        ]
        for bar in kept["bars"]
    ]
    others = [
        [
            one["what"], f"{one['sign']} {one['bound']:g}", f"{one['measured']:.3g}",
            missed_by(one),
        ]
        for one in kept["others"]
    ]  # fmt: skip
    return "\n\n".join(
        [
            markdown(["", "case", "measure", "asked", "measured", ""], rows),
            "Besides the forecast:",
            markdown(["", "asked", "measured", ""], others),
        ]
    )


def cost(known: Kept | None) -> str:
    if known is None:
        return "Not measured for this version."
    return (
        f"Fit and forecast of {spaced(known['events'])} calls on {spaced(known['cells'])} cells, "
        f"one core: {known['seconds']:.1f} s, {known['peak_mb']} MB."
    )


# -------------------------------------------------------------------------------------------


def spaced(number: float) -> str:
    """Write a whole number in groups of three digits."""
    return f"{number:,.0f}".replace(",", " ")


def only(kept: Kept, case: str, target: str) -> Kept:
    """Return the single result of a case that has no seeds."""
    (found,) = kept["cases"][case][target]
    return found


def measured(found: list[Kept], measure: str, model: str = OURS) -> str:
    value = figure(found, measure, model)
    text = words(measure, value)
    if measure not in SHARES:
        return text
    error = math.sqrt(value * (1 - value) / figure(found, "n", model))
    return f"{text.removesuffix(' %')} ± {100 * error:.1f} %"


def markdown(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
