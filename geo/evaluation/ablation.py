"""What each condition of the model is worth to a forecast, judged by what followed.

Windows are forecast with all conditions and with each left out. The difference of the log score is
small where little has changed or an effect is weak, and negative where the forecast would have been
better without it. It is told as it is, with its error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import columns as c
from geo.errors import NoDataError
from geo.evaluation.left_out import CONDITIONS, VARIANTS, without
from geo.evaluation.metrics import UNIFORM_SHARE, Yardstick, score_window, yardstick
from geo.evaluation.recovery import MOVED, Noticed, Recovered, recovered_effect
from geo.hazard.counted import count_incidents
from geo.hazard.fitted import Model
from geo.hazard.inputs import Town
from geo.hazard.score import sum_by
from geo.hazard.steps import town_steps
from geo.parameters import HazardParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Skill:
    """How well forecasts did on streets: nats an incident over an even one, hit rate at 5 %."""

    gain: float
    hit5: float


@dataclass(frozen=True)
class Worth:
    """What a forecast loses without one condition.

    Attributes
    ----------
    without
        How well it does without.
    brings, error
        Nats an incident that the condition brings in the whole town, and the standard error of
        the paired difference.
    touched
        Incidents on streets whose forecast the condition moves by 2 % or more.
    brings_there, error_there
        Nats an incident on those streets, as far as many come there at all included.
    """

    without: Skill
    brings: float
    error: float
    touched: int
    brings_there: float
    error_there: float


@dataclass(frozen=True)
class Ablation:
    """The forecast with everything, without each variant, and each effect found again.

    Attributes
    ----------
    incidents
        How many known to a street were judged, over all windows.
    whole
        With all conditions.
    worth
        Of each of `VARIANTS`.
    effects
        Of each of `CONDITIONS`, from the change since the memory.
    before
        The same of the windows before the change, of whose effect nothing can be seen there.
    """

    incidents: int
    whole: Skill
    worth: dict[str, Worth]
    effects: dict[str, Recovered]
    before: dict[str, Recovered]


@dataclass(frozen=True)
class Past:
    """A town's past that is forecast.

    Attributes
    ----------
    towns
        The town as it was known at the start of each window, with quantities fitted before the
        first of them.
    recorded
        The town with all incidents, of a later day than the last window's.
    judged
        Sections on which effects are looked for; None for all. Where other things have changed
        too, they would be taken for what is looked for.
    before
        The town at the start of windows in which what the first of `towns` has noticed had not
        happened yet.
    """

    towns: Sequence[Town]
    recorded: Town
    judged: BoolArray | None = None
    before: Sequence[Town] = ()


def ablation(pasts: Sequence[Past], horizon_days: int, parameters: HazardParameters) -> Ablation:
    """Forecast windows with all conditions and with each left out; compare what followed.

    Several towns are taken together, window by window.

    Raises
    ------
    NoDataError
        ``no_events``: in no window an incident is known to a street.
    """
    windows: list[_Window] = []
    earlier: list[dict[str, Noticed]] = []
    for past in pasts:
        found = _forecast_windows(past, horizon_days, parameters)
        windows += found
        earlier += _windows_before(past, found[0], horizon_days, parameters)
    if not sum(window.incidents for window in windows):
        raise NoDataError("No incident follows in any window: nothing to judge.", code="no_events")
    return Ablation(
        incidents=sum(window.incidents for window in windows),
        whole=_skill([(window, window.whole) for window in windows]),
        worth={name: _worth(windows, name) for name in VARIANTS},
        effects={
            name: recovered_effect([window.noticed(f"{name}_since") for window in windows])
            for name in CONDITIONS
        },
        before={
            name: recovered_effect([window[name] for window in earlier]) for name in CONDITIONS
        },
    )


def expected_by_section(town: Town, parameters: HazardParameters) -> FloatArray:
    """Return the incidents expected a month on each section, all groups."""
    steps = town_steps(town, Model(parameters, town.fitted))
    weight = steps.severity.weight
    each = np.divide(1, weight, out=np.zeros_like(weight), where=weight > 0)
    by_part = (steps.part_pieces.harm.sum(axis=2) * each).sum(axis=1)
    section = steps.parts["section"].to_numpy(np.int64)
    return sum_by(section, by_part, len(town.sections))


# -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Window:
    """What followed on the sections of a town, and what was expected with and without."""

    observed: IntArray
    whole: FloatArray
    bare: dict[str, FloatArray]
    stick: Yardstick
    judged: BoolArray

    @property
    def incidents(self) -> int:
        return int(self.observed.sum())

    def noticed(self, variant: str) -> Noticed:
        here = self.judged
        return Noticed(self.observed[here], self.whole[here], self.bare[variant][here])


def _forecast_windows(past: Past, horizon_days: int, parameters: HazardParameters) -> list[_Window]:
    recorded = past.recorded
    length = recorded.sections[c.LENGTH_M].to_numpy(float)
    judged = np.ones(len(length), bool) if past.judged is None else past.judged
    stick = yardstick(length, length)
    return [
        _Window(
            observed,
            expected_by_section(town, parameters),
            {name: expected_by_section(without(town, name), parameters) for name in VARIANTS},
            stick,
            judged,
        )
        for town, observed in zip(
            past.towns, _followed(recorded, past.towns, horizon_days, parameters), strict=True
        )
    ]


def _windows_before(
    past: Past, first: _Window, horizon_days: int, parameters: HazardParameters
) -> list[dict[str, Noticed]]:
    """Return windows before a change, as if what moves the first one after it moved them too."""
    here = first.judged
    found = []
    followed = _followed(past.recorded, past.before, horizon_days, parameters)
    for town, observed in zip(past.before, followed, strict=True):
        expected = expected_by_section(town, parameters)[here]
        logs = {name: first.noticed(f"{name}_since").logs() for name in CONDITIONS}
        found.append(
            {
                name: Noticed(observed[here], expected * np.exp(log), expected)
                for name, log in logs.items()
            }
        )
    return found


def _followed(
    recorded: Town, towns: Sequence[Town], horizon_days: int, parameters: HazardParameters
) -> list[IntArray]:
    """Return how many incidents of each town's window are known to each section."""
    counted = count_incidents(
        recorded.incidents, recorded.grid, recorded.coverage, recorded.as_of, parameters
    )
    ids = recorded.sections[c.SECTION_ID]
    if c.SECTION_ID not in counted.frame:
        return [np.zeros(len(ids), np.int64) for _ in towns]
    found: list[IntArray] = []
    for town in towns:
        before = (counted.as_of - town.as_of).days
        inside = (counted.age_days <= before) & (counted.age_days > before - horizon_days)
        names = counted.frame[c.SECTION_ID][inside & ~counted.sensitive].value_counts()
        found.append(np.asarray(names.reindex(ids, fill_value=0), np.int64))
    return found


def _skill(forecasts: Sequence[tuple[_Window, FloatArray]]) -> Skill:
    scores = [
        score_window(expected, window.observed, window.stick) for window, expected in forecasts
    ]
    incidents = sum(score.incidents for score in scores)
    gain = sum(score.log_gain for score in scores)
    return Skill(gain / incidents, sum(score.hits["5"] for score in scores) / incidents)


def _worth(windows: Sequence[_Window], variant: str) -> Worth:
    logs, there, touched, brought = [], [], 0, 0.0
    for window in windows:
        seen, whole, bare = window.observed, window.whole, window.bare[variant]
        shares = [_mixed(one, window.stick) for one in (whole, bare)]
        known = shares[1] > 0
        log = np.log(np.divide(shares[0], shares[1], out=np.ones(len(known)), where=known))
        moved = abs(Noticed(seen, whole, bare).logs()) >= MOVED
        logs.append(np.repeat(log, seen))
        there.append(np.repeat(log[moved], seen[moved]))
        touched += int(seen[moved].sum())
        brought -= float(seen.sum() * (shares[0] - shares[1])[moved].sum())
    everywhere, own = np.concatenate(logs), np.concatenate(there)
    return Worth(
        without=_skill([(window, window.bare[variant]) for window in windows]),
        brings=float(everywhere.mean()),
        error=float(everywhere.std() / np.sqrt(len(everywhere))),
        touched=touched,
        brings_there=float((own.sum() + brought) / touched) if touched else float("nan"),
        error_there=float(np.sqrt((own**2).sum()) / touched) if touched else float("nan"),
    )


def _mixed(expected: FloatArray, stick: Yardstick) -> FloatArray:
    """Return the forecast's shares with a little of the even one, as the gain takes them."""
    even = stick.area_m2 / stick.area_m2.sum()
    return np.asarray((1 - UNIFORM_SHARE) * expected / expected.sum() + UNIFORM_SHARE * even)
