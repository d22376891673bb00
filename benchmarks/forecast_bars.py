"""What the forecast of Portland's last year must reach, and what it is known to lose.

The bars are those the model was accepted with. A bar on a margin compares with the best rival of
the same case, seed by seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

Cases = dict[str, dict[str, list[dict[str, Any]]]]
"""Case → kind of call → results of a backtest, one a seed."""

Models = dict[str, dict[str, Any]]

OURS, ONE_GROUP = "safe_region", "steb"
NEAR_DENSITIES = ("kde_200_365", "kde_400_365", "kde_200_all")
DENSITIES = (*NEAR_DENSITIES, "kde_400_all", "kde_800_all")
RIVALS = ("count_365", "count_all", *DENSITIES, "promap")


@dataclass(frozen=True)
class Bar:
    """One figure that is asked for.

    Attributes
    ----------
    case, target
        Where it is measured.
    measure
        A measure of the forecast, or a margin named in `MARGINS`.
    sign, bound
        ``≥`` or ``≤``, and the figure.
    """

    case: str
    target: str
    measure: str
    sign: str
    bound: float


@dataclass(frozen=True)
class JudgedBar(Bar):
    """A bar with what was measured, and whether that keeps it."""

    measured: float
    reached: bool


def _margin(measure: str, rivals: tuple[str, ...]) -> Callable[[Models], float]:
    def margin(models: Models) -> float:
        return models[OURS][measure] - max(models[rival][measure] for rival in rivals)

    return margin


MARGINS: dict[str, Callable[[Models], float]] = {
    "gain over steb": _margin("gain", (ONE_GROUP,)),
    "gain over near densities": _margin("gain", NEAR_DENSITIES),
    "gain over densities": _margin("gain", DENSITIES),
    "hit5 over rivals": _margin("hit5", RIVALS),
}
"""Name → how far the forecast lies above the best of some rivals."""

_RELATIVE = tuple(
    Bar(case, target, measure, "≥", bound)
    for case in ("fortnight", "month", "quarter")
    for target, gain in (("TOA", 0.08), ("BURG", 0.02))
    for measure, bound in (("gain over near densities", gain), ("hit5 over rivals", 0.005))
)

BARS = (
    Bar("month", "TOA", "hit5", "≥", 0.29),
    Bar("month", "TOA", "hit10", "≥", 0.435),
    Bar("month", "TOA", "gain", "≥", 0.86),
    Bar("month", "TOA", "gain over steb", "≥", 0.012),
    Bar("month", "TOA", "ece10", "≤", 0.12),
    Bar("month", "TOA", "jaccard", "≥", 0.80),
    Bar("month", "BURG", "hit5", "≥", 0.26),
    Bar("month", "BURG", "hit10", "≥", 0.41),
    Bar("month", "BURG", "gain", "≥", 0.71),
    Bar("month", "BURG", "gain over steb", "≥", 0.03),
    Bar("fortnight_squares", "TOA", "pai_025", "≥", 32),
    Bar("fortnight_squares", "TOA", "hit1", "≥", 0.14),
    Bar("fortnight_squares", "TOA", "gain", "≥", 0.94),
    *_RELATIVE,
    Bar("thinned", "TOA", "gain over near densities", "≥", 0.20),
    Bar("thinned", "TOA", "gain over densities", "≥", 0.0),
)

COMPARED = ("hit1", "hit5", "hit10", "pai_025", "pai_072", "gain", "ece10")
LESS_IS_BETTER = ("ece10",)

EXPECTED_LOSSES = (
    ("month", "TOA", "pai_025"),
    ("week_squares", "BURG", "pai_025"),
    ("week_squares", "BURG", "hit1"),
    ("week_squares", "BURG", "gain"),
    ("month_coarse", "TOA", "hit5"),
    ("month_coarse", "TOA", "gain"),
    ("month_coarse", "BURG", "hit5"),
    ("month_coarse", "BURG", "gain"),
    ("thinned", "BURG", "hit5"),
    ("thinned", "BURG", "gain"),
)
"""Where the trial before this model lost or tied: case, kind of call, measure."""


@dataclass(frozen=True)
class Comparison:
    """The forecast beside the best other one, in one measure of one case."""

    case: str
    target: str
    measure: str
    ours: float
    rival: str
    best: float


def judged_bars(bars: Iterable[Bar], cases: Cases) -> list[JudgedBar]:
    """Measure the bars whose case was run."""
    judged = []
    for bar in bars:
        if bar.case in cases:
            measured = figure(cases[bar.case][bar.target], bar.measure)
            reached = measured >= bar.bound if bar.sign == "≥" else measured <= bar.bound
            judged.append(JudgedBar(**asdict(bar), measured=measured, reached=reached))
    return judged


def comparison(cases: Cases, case: str, target: str, measure: str) -> Comparison:
    """Return ours beside the best rival, the one-group form among them."""
    results = cases[case][target]
    other = {rival: figure(results, measure, rival) for rival in (ONE_GROUP, *RIVALS)}
    choose = min if measure in LESS_IS_BETTER else max
    rival = choose(other, key=lambda name: other[name])
    return Comparison(case, target, measure, figure(results, measure), rival, other[rival])


def behind(cases: Cases) -> list[Comparison]:
    """Return every case and measure in which a rival or the one-group form does better."""
    every = [
        comparison(cases, case, target, measure)
        for case, targets in cases.items()
        for target in targets
        for measure in COMPARED
    ]
    return [
        one
        for one in every
        if (one.best < one.ours if one.measure in LESS_IS_BETTER else one.best > one.ours)
    ]


def expected_losses(cases: Cases) -> list[Comparison]:
    """Return what came of the cases that were expected to be lost."""
    return [comparison(cases, *one) for one in EXPECTED_LOSSES if one[0] in cases]


def figure(results: list[dict[str, Any]], measure: str, model: str = OURS) -> float:
    """Return a measure or margin, the mean over the seeds of a case."""
    margin = MARGINS.get(measure)
    values = [margin(one["models"]) if margin else one["models"][model][measure] for one in results]
    return sum(values) / len(values)


def words(measure: str, value: float) -> str:
    """Write a figure as readers expect it: shares as per cent, the others with three digits.

    >>> words("hit5", 0.2981), words("hit5 over rivals", 0.0312), words("gain", 0.871)
    ('29.8 %', '3.1 points', '0.871')
    """
    if value < 0:
        return f"−{words(measure, -value)}"
    if measure.startswith("hit5 over"):
        return f"{100 * value:.1f} points"
    if measure in {"hit1", "hit5", "hit10"}:
        return f"{100 * value:.1f} %"
    return f"{value:.1f}" if measure.startswith("pai") else f"{value:.3f}"


def missed_by(bar: dict[str, Any]) -> str:
    """Say ``reached``, or by how much a bar is missed."""
    if bar["reached"]:
        return "reached"
    distance = abs(bar["measured"] - bar["bound"])
    return f"missed by {words(bar['measure'], distance) if 'measure' in bar else f'{distance:.3g}'}"
